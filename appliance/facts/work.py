"""The worklist: callers who wanted care and left without it, and what is done to win them back."""

from datetime import datetime

from appliance.facts import Fact

OPEN = "open"
IN_PROGRESS = "in_progress"
RECOVERED = "recovered"
LOST = "lost"
NOT_LOST = "not_lost"
STATES = (OPEN, IN_PROGRESS, RECOVERED, LOST, NOT_LOST)
TO_DO = (OPEN, IN_PROGRESS)

# How an item was closed: by what the phone system shows, by time, by a correction, by a person.
HOW = ("booked", "called_back", "called_again", "expired", "corrected", "said")


class LineCall(Fact, frozen=True, kw_only=True):
    """One call of a number as the worklist looks at it; ``started_ms`` since 1970.

    ``reason`` is the turnaway that holds; ``verdict`` what a person said of it, None where nobody
    did. ``spoken``: words of the caller are known. ``by_hand``: a person put the call on the list.
    """

    id: int
    started_ms: int
    direction: str = "in"
    answer_state: str = "answered"
    state: str = "ready"
    duration_ms: int = 0
    intent: str = ""
    urgency: str = ""
    outcome: str = ""
    reason: str = ""
    verdict: str | None = None
    spoken: bool = False
    by_hand: bool = False


class LostCall(Fact, frozen=True, kw_only=True):
    """A call that was a lost booking, and why."""

    call: LineCall
    reason: str


class WorkItem(Fact, frozen=True, kw_only=True):
    """One caller to win back; ``call_ref`` is the call that tells most of why, taken by
    ``staff_extension``.

    ``calls`` counts the lost calls of the caller since ``opened_at``; ``missed``: nobody of the
    clinic took part in any of them. ``due_by`` is who set the due time, "" for the box itself.
    ``shown_ref`` is the call that shows the recovery, ``after_ms`` how long that took.
    """

    id: int
    ref: str
    state: str
    kind: str
    reason: str
    intent: str
    urgent: bool
    missed: bool
    calls: int
    opened_at: datetime
    latest_at: datetime
    due_at: datetime
    due_by: str = ""
    owner_id: int | None = None
    owner: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    how: str = ""
    after_ms: int | None = None
    shown_ref: str = ""
    call_id: int | None = None
    call_ref: str = ""
    number: str = ""
    caller_name: str = ""
    staff_extension: str = ""

    @property
    def to_do(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in TO_DO


class WorkNote(Fact, frozen=True, kw_only=True):
    """Something that happened to an item: ``what`` is a code, ``by`` "" for the box itself."""

    at: datetime
    by: str
    what: str
    text: str = ""


class Quote(Fact, frozen=True, kw_only=True):
    """What was said in a call that shows why it was lost, and where to hear it.

    ``lines`` are (speaker, text). The segments are where the call's page marks it; the span is in
    ms of the recording ``recording_ref``, "" where there is nothing to play.
    """

    lines: tuple[tuple[str, str], ...]
    first_segment: int
    last_segment: int
    start_ms: int
    end_ms: int
    recording_ref: str = ""


class WorkFilter(Fact, frozen=True, kw_only=True):
    """Which items are listed: done or still to do, of a kind, of an owner.

    ``user_id`` and ``extensions`` are the view a person is allowed: None for all items, else only
    their own, those of their calls, and those of calls nobody took.
    """

    done: bool = False
    kind: str = ""
    owner_id: int | None = None
    user_id: int | None = None
    extensions: tuple[str, ...] | None = None


class MissedRow(Fact, frozen=True, kw_only=True):
    """A caller whose calls were missed and who was not reached since; the newest of those calls."""

    call_id: int
    ref: str
    started_at: datetime
    answer_state: str
    number: str
    caller_name: str
    tries: int
    item_ref: str = ""


class WeekRow(Fact, frozen=True, kw_only=True):
    """One item as the weekly sums need it; ``caller`` is the same for items of one caller."""

    caller: str
    opened_at: datetime
    kind: str
    intent: str
    state: str
