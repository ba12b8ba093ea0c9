"""A call as vectors: what its turns mean by their nearness to others, whatever words they use.

An encoder of sentences (``models.sense``) is handed in; without one nothing here is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.facts.codes import INTENTS, OUTCOMES
from appliance.reading.features import FADE, opening_turns
from appliance.reading.scene import Scene

Floats = NDArray[np.floating[Any]]
WIDTH: Final = 384
_LATEST: Final = 0.75  # each turn before the last counts that much less than the next
_LATE: Final = 5  # turns at the end
# How large a part of a vector is beside the others, which decides how much it is trusted.
_OPENING_SIZE, _WHOLE_SIZE, _ACT_SIZE, _CODE_SIZE = 1.2, 0.7, 0.35, 0.5


class Sense(Protocol):
    """Turns sentences into vectors of length 1; ``checksum`` says which encoder it is."""

    @property
    def checksum(self) -> str:
        """The sha256 of its weights."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row for each text."""


@dataclass(frozen=True)
class Heard:
    """A scene with one row for each of its turns; ``checksum`` says by which encoder."""

    scene: Scene
    rows: Floats
    checksum: str

    def opening(self) -> tuple[tuple[int, float], ...]:
        """The turns in which the reason is said, with what they count."""
        turns = opening_turns(self.scene)
        return tuple((turn.index, share) for turn, share in zip(turns, FADE, strict=False))

    def places(self, side: str) -> list[int]:
        """The indexes of the turns of staff or caller, those of unknown speakers included."""
        return [turn.index for turn in self.scene.by(side)]

    def mean(self, places: Sequence[int], shares: Sequence[float] = ()) -> Floats:
        """The direction of some turns together, nothing where there are none."""
        if not places:
            return np.zeros(WIDTH)
        weights = np.array(shares or [1.0] * len(places))
        total = weights @ self.rows[list(places)]
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9))

    def end(self, side: str) -> Floats:
        """The direction of what a side said, the last most."""
        places = self.places(side)
        return self.mean(places, [_LATEST**n for n in range(len(places))][::-1])


def hear(scene: Scene, sense: Sense) -> Heard:
    """The turns of a scene as vectors."""
    return Heard(scene, sense.embed([turn.text.strip() for turn in scene.turns]), sense.checksum)


def about(heard: Heard) -> Floats:
    """What the call is about: its opening, and all that caller and staff say."""
    places, shares = zip(*heard.opening(), strict=True) if heard.opening() else ((), ())
    return np.concatenate([
        _OPENING_SIZE * heard.mean(places, shares),
        heard.mean(heard.places("caller")),
        heard.mean(heard.places("staff")),
    ])  # fmt: skip


def act_names(scene: Scene) -> tuple[str, ...]:
    """The names of all acts that a scene tells, in the order of ``handled``."""
    return (*(f"D!{act}" for act in scene.desk_acts), *(f"C!{act}" for act in scene.caller_acts))


def handled(heard: Heard, intent: str, outcome: str | None = None) -> Floats:
    """How the call went and ended: its last turns, all turns, acts, and what is known of it."""
    parts = [heard.end("staff"), heard.end("caller")]
    parts += [_WHOLE_SIZE * heard.mean(heard.places(side)) for side in ("staff", "caller")]
    parts += [_ACT_SIZE * acts for acts in _acts(heard.scene)]
    parts.append(_CODE_SIZE * np.array([float(code == intent) for code in INTENTS]))
    if outcome is not None:
        parts.append(_CODE_SIZE * np.array([float(code == outcome) for code in OUTCOMES]))
    return np.concatenate(parts)


def _acts(scene: Scene) -> tuple[Floats, Floats]:
    """Which acts were performed at all, and which near the end."""
    found = (*scene.desk_acts.values(), *scene.caller_acts.values())
    late = len(scene.turns) - _LATE
    anywhere = np.array([float(bool(turns)) for turns in found])
    near_end = np.array([float(bool(turns) and max(turns) >= late) for turns in found])
    return anywhere, near_end
