"""A calibration session as pages show it, and which answers there are."""

from datetime import datetime
from typing import Final

from appliance.errors import Refused
from appliance.facts import Fact
from appliance.facts.codes import CANNOT_TELL, INTENTS, KIND_OF_REASON, OUTCOMES, RUBRIC_STATES
from appliance.facts.reviews import NOT_TURNED_AWAY

LABELS: Final = ("turnaway", "intent", "outcome")
_CHOICES: Final = {
    "turnaway": (NOT_TURNED_AWAY, CANNOT_TELL, *KIND_OF_REASON),
    "intent": INTENTS,
    "outcome": OUTCOMES,
}


class Reader(Fact, frozen=True, kw_only=True):
    """Somebody who labels; ``done`` are the places of which everything is answered."""

    name: str
    done: frozenset[int]
    finished: bool


class Session(Fact, frozen=True, kw_only=True):
    """Calls drawn by lot (``places``), the labels asked of each, and who labels them."""

    number: int
    items: tuple[str, ...]
    labels: tuple[str, ...]
    by: str
    at: datetime
    places: tuple[int, ...]
    readers: tuple[Reader, ...]

    def reader(self, name: str) -> Reader | None:
        """The reader of that name, if they are one."""
        return next((reader for reader in self.readers if reader.name == name), None)

    def next_for(self, name: str, after: int = 0) -> int | None:
        """The next place a reader has not done, past ``after`` first; None when all are done."""
        reader = self.reader(name)
        left = [place for place in self.places if not reader or place not in reader.done]
        return next((place for place in left if place > after), left[0] if left else None)


def check_label(label: str, said: str) -> None:
    """Raises Refused for an answer that is none."""
    if said not in _CHOICES.get(label, RUBRIC_STATES):
        raise Refused("choose one of the answers of the list")
