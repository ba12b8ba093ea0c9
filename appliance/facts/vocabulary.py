"""The clinic's own words: names and products to listen for, and what is meant for what is heard."""

from datetime import datetime
from typing import Final

from appliance.facts import Fact

# In the order in which they are listened for: a clinic has few doctors, and thousands of pets.
GROUPS: Final = ("doctors", "staff", "drugs", "other", "pets")
GROUP_TITLES: Final = {
    "doctors": "Doctors",
    "staff": "Staff",
    "drugs": "Drugs and products",
    "other": "Places and others",
    "pets": "Pets",
}


class Term(Fact, frozen=True, kw_only=True):
    """A word, or a few, that callers say; ``heard`` counts lines of the last 90 days with it."""

    id: int = 0
    group: str
    text: str
    note: str = ""
    pinned: bool = False
    heard: int = 0
    added_by: str = ""
    added_at: datetime | None = None


class Pair(Fact, frozen=True, kw_only=True):
    """What the recognizer writes down, and what is meant."""

    id: int = 0
    heard: str
    meant: str
    added_by: str = ""
    added_at: datetime | None = None


class Line(Fact, frozen=True, kw_only=True):
    """One line of a list to take in: a term, or why there is none; ``number`` counts from 1."""

    number: int
    term: Term | None = None
    problem: str = ""
