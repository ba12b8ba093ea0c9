"""Figures people look at: counts with what they are compared with, and the pages made of them."""

from datetime import date, datetime

from appliance.facts import Fact
from appliance.facts.calls import Call, CallRow
from appliance.facts.phones import FollowUp
from appliance.facts.work import WorkItem


class Period(Fact, frozen=True, kw_only=True):
    """Whole days on the clinic's wall clock, both ends included."""

    first: date
    last: date


class Count(Fact, frozen=True, kw_only=True):
    """How often something was seen, how often in the period before, how often people confirmed it."""

    code: str
    n: int
    before: int = 0
    confirmed: int = 0


class Totals(Fact, frozen=True, kw_only=True):
    """The main figures of a period. ``calls`` came in; ``lost`` wanted care and left without it.

    ``wanted``, ``offered`` and ``booked`` are steps of the funnel after ``answered``; ``confirmed``
    are those of the lost that a person confirmed.
    """

    calls: int = 0
    answered: int = 0
    wanted: int = 0
    offered: int = 0
    booked: int = 0
    lost: int = 0
    confirmed: int = 0
    follow_up: FollowUp = FollowUp(missed=0, callers=0, withheld=0, recovered=0)

    @property
    def missed(self) -> int:
        """Incoming calls nobody answered."""
        return self.calls - self.answered


class Column(Fact, frozen=True, kw_only=True):
    """Incoming calls of a day, or of a week where a period is long."""

    first: date
    last: date
    answered: int = 0
    missed: int = 0


class HourCell(Fact, frozen=True, kw_only=True):
    """Incoming calls of one hour of one weekday (0 Monday), over all weeks of a period.

    ``states`` are those that were missed, by how they ended.
    """

    weekday: int
    hour: int
    calls: int = 0
    states: dict[str, int] = {}

    @property
    def missed(self) -> int:
        """Calls of this cell nobody answered."""
        return sum(self.states.values())


class Bucket(Fact, frozen=True, kw_only=True):
    """Calls that took so many seconds: from ``low`` to below ``high``."""

    low: int
    high: int
    n: int


class Times(Fact, frozen=True, kw_only=True):
    """How long something took in ``n`` calls; seconds, None while there is nothing to tell."""

    n: int = 0
    median_s: int | None = None
    p90_s: int | None = None
    buckets: tuple[Bucket, ...] = ()


class Mood(Fact, frozen=True, kw_only=True):
    """Calls whose caller's words were so at the start and so at the end."""

    start: str
    end: str
    n: int


class Notice(Fact, frozen=True, kw_only=True):
    """How many answered calls of a line or of some days carried the recording notice."""

    line: str = ""
    first: date | None = None
    last: date | None = None
    yes: int = 0
    no: int = 0
    cannot_tell: int = 0


class Trends(Fact, frozen=True, kw_only=True):
    """A period beside the one before it.

    ``known_from`` is the day of the first call ever; ``comparable`` whether the box knew calls
    through all of the period before, so that it says anything to compare with it.
    """

    period: Period
    previous: Period
    totals: Totals
    before: Totals
    known_from: date | None = None
    comparable: bool = False
    columns: tuple[Column, ...] = ()
    hours: tuple[HourCell, ...] = ()
    reasons: tuple[Count, ...] = ()
    ring: Times = Times()
    waited: Times = Times()
    held: Times = Times()
    moods: tuple[Mood, ...] = ()
    species: tuple[Count, ...] = ()
    services: tuple[Count, ...] = ()
    lines: tuple[Notice, ...] = ()
    notices: tuple[Notice, ...] = ()


class LostCall(Fact, frozen=True, kw_only=True):
    """A caller who wanted care and left without it, with the words that show it.

    ``again`` counts further such calls of the same number, which are not told one by one.
    ``reached`` is when the caller was spoken to since, ``tried`` when somebody last tried in vain.
    ``item`` is where the worklist has the caller: who calls back, and by when.
    """

    row: CallRow
    quote: str = ""
    first_segment: int | None = None
    last_segment: int | None = None
    again: int = 0
    reached: datetime | None = None
    tried: datetime | None = None
    confirmed: bool = False
    item: WorkItem | None = None


class Danger(Fact, frozen=True, kw_only=True):
    """Something said that may have put an animal or a person's data at risk."""

    name: str
    call: Call
    staff_name: str
    quote: str = ""
    first_segment: int | None = None
    last_segment: int | None = None
    confirmed: bool = False


class Working(Fact, frozen=True, kw_only=True):
    """Whether the box does its work: ``problems`` are sentences."""

    last_read: datetime | None = None
    waiting: int = 0
    problems: tuple[str, ...] = ()


class Today(Fact, frozen=True, kw_only=True):
    """What a manager, or one person at the front desk, must know now.

    ``since`` is the first day told of lost callers: the last day with calls before this one.
    ``usual`` holds the same weekday of earlier weeks, up to this time of day.
    """

    day: date
    since: date
    totals: Totals
    usual: tuple[Totals, ...] = ()
    lost: tuple[LostCall, ...] = ()
    lost_calls: int = 0
    dangers: tuple[Danger, ...] = ()
    danger_calls: int = 0
    waiting: tuple[CallRow, ...] = ()
    waiting_calls: int = 0
    working: Working = Working()


class WeekReport(Fact, frozen=True, kw_only=True):
    """A week of the clinic, for people who were not there.

    Numbers of callers are masked and names left out, unless ``full``.
    """

    clinic_name: str
    monday: date
    trends: Trends
    lost: tuple[LostCall, ...] = ()
    dangers: tuple[Count, ...] = ()
    complete: bool = True
    full: bool = False
