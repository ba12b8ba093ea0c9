"""What the box asks of a speech recognizer, whatever stands behind it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.facts.speech import Provenance, Segment

Progress = Callable[[float], None]  # called with the share of the work done, 0 to 1


class Recognizer(Protocol):
    """Turns sound into segments; one object per worker process, not shared between threads."""

    @property
    def provenance(self) -> Provenance:
        """Engine, model, checksum and options that go on every transcript it makes."""
        ...

    def fit_hotwords(self, terms: Sequence[str]) -> int:
        """How many of the first terms it has room for; 0 where it cannot be told any."""
        ...

    def recognize(
        self,
        channels: NDArray[np.int16],
        *,
        language: str,
        hotwords: str | None = None,
        progress: Progress | None = None,
    ) -> list[Segment]:
        """Recognize ``channels`` (int16, shape (channels, samples), 16 kHz).

        ``hotwords`` are those that fit, joined by ``models.hotwords.join_hotwords``.
        ``language`` is a code of the model's card, or "auto". Segments come in order of start,
        ``index`` counts them, ``speaker`` is "unknown"; where nobody speaks the list is empty.
        Raises Misconfigured for a language the model does not have.
        """
        ...
