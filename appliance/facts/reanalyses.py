"""Reading many calls again: what was chosen, how far it is, and what changes by it."""

from datetime import datetime, timedelta

from appliance.facts import Fact

PREVIEW = "preview"
APPLY = "apply"
FROM_WORDS = "analyze"
FROM_SOUND = "transcribe"
RUNNING = "running"
PAUSED = "paused"
DONE = "done"
STOPPED = "stopped"
OPEN = (RUNNING, PAUSED)


class Choice(Fact, frozen=True, kw_only=True):
    """Which calls, and from where on: their words, or their sound.

    ``since`` and ``until`` are days of the clinic (2026-01-31), both included, "" for no limit.
    ``other``: only calls read by other rules or scored by another version than today's. ``line``
    is the number of the clinic that was called.
    """

    since: str = ""
    until: str = ""
    other: bool = False
    line: str = ""
    intent: str = ""
    start: str = FROM_WORDS


class Change(Fact, frozen=True, kw_only=True):
    """One field of a call that is read in another way.

    ``was`` and ``becomes`` are codes, so that they can be counted and shown to anybody; the texts
    are what they stand for where the codes do not say it (a name of staff, a score). ``kept``: a
    person judged this, so what the person said holds on.
    """

    field: str
    was: str
    becomes: str
    was_text: str = ""
    becomes_text: str = ""
    kept: bool = False


class Run(Fact, frozen=True, kw_only=True):
    """A look at, or a change of, many calls.

    ``place`` is where it goes on; ``total`` is None until the calls were counted; ``whole`` are all calls that were meant where only
    ``total`` of them, drawn by lot, are looked at. ``changed`` calls say something else now;
    ``kept`` are calls of which a person's word holds on; ``gone`` were erased or taken by somebody
    else meanwhile; ``failed`` could not be read and stay as they were. ``counts`` tells
    (changed, kept) by "field|was|becomes".
    """

    id: int
    kind: str
    state: str
    choice: Choice
    rules: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None = None
    place: str = ""
    total: int | None = None
    whole: int = 0
    done: int = 0
    changed: int = 0
    kept: int = 0
    gone: int = 0
    failed: int = 0
    work_ms: int | None = None
    counts: dict[str, tuple[int, int]] = {}
    stretch_at: datetime | None = None
    stretch_done: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it goes on or may."""
        return self.state in OPEN

    @property
    def is_sample(self) -> bool:
        """Whether not all calls that are meant are looked at."""
        return self.total is not None and self.whole > self.total

    @property
    def chore(self) -> str:
        """The work that does it."""
        listens = self.kind == APPLY and self.choice.start == FROM_SOUND
        return "relisten" if listens else "reanalyze"

    def per_minute(self, now: datetime) -> float:
        """Calls in a minute since it was started or resumed; 0 while that is not known."""
        span = now - self.stretch_at if self.stretch_at else timedelta()
        done = self.done - self.stretch_done
        return done / (span / timedelta(minutes=1)) if done and span > timedelta() else 0.0

    def time_left(self, now: datetime) -> timedelta | None:
        """How long it still takes at that pace; None while nobody can tell."""
        rate = self.per_minute(now)
        if self.total is None or not rate:
            return None
        return timedelta(minutes=max(0, self.total - self.done) / rate)

    @property
    def table(self) -> tuple["Counted", ...]:
        """The kinds of change, the fields in order and the most frequent first."""
        told = []
        for key, (changed, kept) in self.counts.items():
            field, was, becomes = key.split("|")
            told.append(Counted(field, was, becomes, changed, kept))
        return tuple(sorted(told, key=lambda c: (c.field, -c.changed - c.kept, c.was, c.becomes)))


class Counted(Fact, frozen=True):
    """How many calls changed in one way, and of how many more a person's word holds on."""

    field: str
    was: str
    becomes: str
    changed: int = 0
    kept: int = 0
