"""Phone systems as the pages and commands know them: kinds, settings, rules, tests, alarms."""

from datetime import datetime
from typing import Any

from appliance.facts import Fact


class FieldFacts(Fact, frozen=True, kw_only=True):
    """One setting as a person enters it; see ``connectors.kinds.Field``."""

    name: str
    label: str
    help: str = ""
    type: str = "text"
    required: bool = False
    secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    advanced: bool = False


class KindFacts(Fact, frozen=True, kw_only=True):
    """One kind of phone system, or one way to reach files, and how far it was proven.

    ``level`` is real, emulated or documents; ``proof`` says it in words. ``stereo`` tells how to
    have both sides recorded apart, "" where there is no way.
    """

    name: str
    title: str
    level: str
    proof: str
    fields: tuple[FieldFacts, ...]
    stereo: str = ""
    notes: str = ""
    listens: bool = False


class Address(Fact, frozen=True, kw_only=True):
    """A host named in the settings, where it leads, and whether a person has allowed that.

    ``address`` is "" where the name leads nowhere; ``refused`` says why it may never be allowed.
    """

    host: str
    address: str = ""
    allowed: bool = False
    refused: str = ""


class Rule(Fact, frozen=True, kw_only=True):
    """Which calls the box leaves alone.

    ``effect``: not_taken (neither sound nor facts are kept, only counted) or not_analyzed (the
    sound is kept). A call is meant when it fits every list that is not empty, and, where
    ``start`` and ``end`` ("12:00", "13:00") are given, when any of it lies between them on one of
    ``days`` (0 Monday … 6 Sunday; none: every day) in the clinic's time; ``end`` at or before
    ``start`` reaches into the next day.
    """

    effect: str
    lines: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    start: str = ""
    end: str = ""


class ProbedRecording(Fact, frozen=True, kw_only=True):
    """A recording as a test saw it; 0 where length or channels are not known.

    ``sides`` says who is heard on which channel, {} where the sides are mixed.
    """

    size: int
    length_ms: int = 0
    channels: int = 0
    sides: dict[str, str] = {}
    problem: str = ""


class ProbedCall(Fact, frozen=True, kw_only=True):
    """One of the newest calls a test found: who would be the caller, who the staff."""

    started_at: datetime
    direction: str
    answer_state: str
    caller_number: str = ""
    caller_name: str = ""
    dialed: str = ""
    staff_extension: str = ""
    staff_name: str = ""
    duration_ms: int = 0
    recordings: tuple[ProbedRecording, ...] = ()
    rule: str = ""
    hints: tuple[str, ...] = ()


class Probed(Fact, frozen=True, kw_only=True):
    """What a test of a phone system showed, in words for people.

    ``names`` are the newest recordings' paths, on which a pattern for file names can be tried.
    """

    problems: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    clock_skew_s: float | None = None
    zone: str = ""
    quota_used: float | None = None
    calls: tuple[ProbedCall, ...] = ()
    names: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def works(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.problems


class TriedName(Fact, frozen=True, kw_only=True):
    """What a pattern reads in one file name: ``fields`` by their names, or ``why`` it does not."""

    name: str
    fields: dict[str, str] = {}
    why: str = ""


class TriedPattern(Fact, frozen=True, kw_only=True):
    """A pattern for file names and what it reads; ``problem`` where it is none.

    ``suggestions`` are patterns that fit these names, the best first.
    """

    pattern: str
    names: tuple[TriedName, ...] = ()
    problem: str = ""
    suggestions: tuple[str, ...] = ()


class Backfill(Fact, frozen=True, kw_only=True):
    """Calls of an earlier time being fetched, newest first.

    ``state``: looking (how many are there?), estimated, running, done, stopped or failed; ``start``
    is what to do once the look is over. ``work_ms`` is how long this box would need for the
    recordings, None while its speed was not measured yet.
    """

    since: str
    state: str = "looking"
    start: bool = False
    calls: int = 0
    known: int = 0
    audio_ms: int = 0
    work_ms: int | None = None
    done: int = 0
    problem: str = ""
    asked_at: datetime | None = None


class Alarm(Fact, frozen=True, kw_only=True):
    """Something about a phone system that a person should see: a sentence and what to do."""

    code: str
    sentence: str
    advice: str
    since: datetime


class Recovery(Fact, frozen=True, kw_only=True):
    """How a missed call was made good: called_back, or called_again and then answered."""

    how: str
    ref: str
    after_ms: int


class Attempt(Fact, frozen=True, kw_only=True):
    """Another call of the same number near a call."""

    ref: str
    started_at: datetime
    direction: str
    answer_state: str


class FollowUp(Fact, frozen=True, kw_only=True):
    """Missed calls of some days and what became of them.

    ``callers`` counts numbers, ``withheld`` the missed calls without one, which nobody can link.
    ``median_ms`` is from missed call to recovery, None while there is none.
    """

    missed: int
    callers: int
    withheld: int
    recovered: int
    median_ms: int | None = None


Settings = dict[str, Any]
