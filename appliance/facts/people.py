"""How people do on the phone: what holds of their calls, rates with intervals, notes, examples."""

from datetime import date, datetime
from typing import Final

from appliance.facts import Fact
from appliance.facts.codes import INTENT_GROUPS, RUBRIC_ITEMS

# The bit an item has in ``standing``: its place here. Only ever append.
HANDLING: Final = "turnaway"
STANDING_ITEMS: Final = (HANDLING, *RUBRIC_ITEMS)
BIT: Final = {item: 1 << place for place, item in enumerate(STANDING_ITEMS)}
# Grief has a rubric of its own, and these calls are left out of everything about people.
PEOPLE_ITEMS: Final = tuple(item for item in STANDING_ITEMS if item != "grief_manner")
CALL_TYPES: Final = tuple(INTENT_GROUPS)
BANDS: Final = (7, 10, 14, 17, 24)  # hours at which parts of the day end
FEWEST: Final = 20  # judged calls below which nobody is compared
TELLING: Final = 10  # judged calls of one week below which its share says nothing


class Standing(Fact, frozen=True, kw_only=True):
    """What holds of one answered call for the person who took it.

    ``met``, ``missed`` and ``waiting`` are sets of items as bits: done, found wanting by a person,
    and found wanting by software while nobody has listened. ``hour`` is on the clinic's clock.
    """

    who: str
    started_ms: int
    call_type: str
    hour: int
    talk_ms: int
    met: int = 0
    missed: int = 0
    waiting: int = 0


class Rate(Fact, frozen=True, kw_only=True):
    """How often an item was done: ``met`` of the judged, with the 95 % interval.

    ``missed`` counts only what a person confirmed; ``waiting`` stands beside and is left out.
    """

    met: int
    missed: int
    waiting: int
    low: float
    high: float

    @property
    def judged(self) -> int:
        """How many calls the rate rests on."""
        return self.met + self.missed

    @property
    def least(self) -> float:
        """The share if everything that waits were confirmed."""
        return self.met / (self.judged + self.waiting) if self.judged + self.waiting else 0.0

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where nothing was judged."""
        return self.met / self.judged if self.judged else 0.0

    @property
    def tells(self) -> bool:
        """Whether a single week has calls enough to show a share."""
        return self.judged >= TELLING

    @property
    def enough(self) -> bool:
        """Whether it may stand beside the rates of others."""
        return self.judged >= FEWEST


class Comparison(Fact, frozen=True, kw_only=True):
    """A rate against what others get with the same mix of calls.

    ``verdict``: above · usual · below · open (waiting reviews could change it) · few (not enough
    calls of this mix, own or others'). ``low`` and ``high`` bound the difference to ``usual``,
    which rests on ``calls`` of the person.
    """

    verdict: str
    usual: float = 0.0
    low: float = 0.0
    high: float = 0.0
    calls: int = 0


class ItemRow(Fact, frozen=True, kw_only=True):
    """One item of one person: the rate, what it is compared with, and the weeks, oldest first."""

    item: str
    rate: Rate
    comparison: Comparison
    weeks: tuple[Rate, ...]


class PersonRow(Fact, frozen=True, kw_only=True):
    """One person in the list: ``who`` is a name or an extension, ``key`` what addresses use.

    ``handling`` is how callers who wanted a visit were kept, ``chosen`` the item looked at.
    """

    who: str
    key: str
    calls: int
    talk_ms: int
    chosen: ItemRow
    handling: Rate


class CoachingNote(Fact, frozen=True, kw_only=True):
    """A note on a person, or a goal (``kind``), with its author; ``until`` and ``done`` of goals."""

    id: int
    who: str
    kind: str
    text: str
    by: str
    by_id: int | None
    at: datetime
    edited_at: datetime | None = None
    until: date | None = None
    done_at: datetime | None = None
    done_by: str = ""


class Example(Fact, frozen=True, kw_only=True):
    """A place in a call worth hearing: ``quote`` holds what everybody may read of it.

    ``shared`` examples stand in the library; a leader read the quote before it was shared.
    """

    id: int
    call_ref: str
    staff_extension: str
    started_at: datetime
    who: str
    item: str
    first_segment: int
    last_segment: int
    quote: str
    note: str
    shared: bool
    by: str
    at: datetime
