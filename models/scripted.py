"""A recognizer that recognizes nothing: it says what it was told to, for tests and rehearsals."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from appliance.facts.speech import Provenance, Segment
from models.engine import Progress


class ScriptedRecognizer:
    """Returns the given segments in order of start, whatever it hears; counts its calls."""

    def __init__(self, segments: Sequence[Segment], model: str = "scripted") -> None:
        self._segments = tuple(segments)
        self._model = model
        self.calls = 0

    @property
    def provenance(self) -> Provenance:
        """Says plainly that no model was at work."""
        return Provenance(engine="scripted", model=self._model)

    def fit_hotwords(self, terms: Sequence[str]) -> int:
        """All of them: it listens to nothing anyway."""
        return len(terms)

    def recognize(
        self,
        channels: NDArray[np.int16],
        *,
        language: str,
        hotwords: str | None = None,
        progress: Progress | None = None,
    ) -> list[Segment]:
        """See ``models.engine.Recognizer``; segments of absent channels are left out."""
        self.calls += 1
        if progress:
            progress(1.0)
        heard = [s for s in self._segments if s.channel < channels.shape[0]]
        heard.sort(key=lambda s: (s.start_ms, s.channel))
        return [_numbered(segment, index) for index, segment in enumerate(heard)]


def _numbered(segment: Segment, index: int) -> Segment:
    return msgspec.structs.replace(segment, index=index)
