"""Lost bookings: which calls of a number are some, which later call made them good, when to call back.

A call that was answered is lost when it was a weighted turnaway. A missed call alone does not tell
that care was wanted; it counts when the caller shows it: asks for a visit on voicemail, waits on
hold for a minute, is dropped in a transfer, or tries again within a day without getting through.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.facts.codes import INTENT_GROUPS
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.facts.work import LineCall, LostCall

_NEVER: Final = frozenset(("end_of_life", "grief_followup"))
_ELSEWHERE: Final = "service_not_offered"  # unweighted: shown among trends, no booking to win back
_WANTS_A_VISIT: Final = frozenset(
    (*INTENT_GROUPS["bookable"], "price_shop", "estimate_question", "triage_question", "poisoning",
     "postop_question")
)  # fmt: skip
_URGENT: Final = frozenset(("urgent_visit", "poisoning", "triage_question"))
_LONG_HOLD_MS: Final = 60_000
_A_DAY_MS: Final = 86_400_000
_READ: Final = frozenset(("ready", "skipped"))

URGENT_WITHIN: Final = timedelta(hours=2)
LEAST_LEFT: Final = timedelta(hours=1)  # of a day, or the due time moves to the next one
USUAL_HOURS: Final = ("08:00", "18:00")  # of every day, where the clinic told no hours
_DAYS_AHEAD: Final = 21  # a clinic that is closed for longer is as good as always open


def lost_calls(line: Sequence[LineCall]) -> list[LostCall]:
    """The lost bookings among all calls of one number, oldest first."""
    reached = [call.started_ms for call in reaching_calls(line)]
    missed = [call.started_ms for call in line if _missed(call)]
    found = ((call, _why_lost(call, _tries(call, missed, reached))) for call in line)
    return [LostCall(call=call, reason=reason) for call, reason in found if reason]


def _tries(call: LineCall, missed: Sequence[int], reached: Sequence[int]) -> int:
    """How many missed calls lie within a day of one, with no call in between that got through."""
    before = bisect_right(reached, call.started_ms)
    first = reached[before - 1] if before else call.started_ms - _A_DAY_MS
    last = reached[before] if before < len(reached) else call.started_ms + _A_DAY_MS
    low = bisect_left(missed, max(first, call.started_ms - _A_DAY_MS))
    high = bisect_right(missed, min(last - 1, call.started_ms + _A_DAY_MS))
    return high - low


def reaching_calls(line: Sequence[LineCall]) -> list[LineCall]:
    """The calls in which both talked and the caller was not turned away again, oldest first."""
    return [
        call
        for call in line
        if call.answer_state == "answered"
        and (call.direction == "out" or (call.direction == "in" and call.state in _READ))
        and not _why_lost(call, 1)
    ]


def first_reach(reaching: Sequence[LineCall], after_ms: int) -> LineCall | None:
    """The first of the calls that reached the caller after a moment."""
    at = bisect_right(reaching, after_ms, key=lambda call: call.started_ms)
    return reaching[at] if at < len(reaching) else None


def how_reached(call: LineCall) -> str:
    """What a reaching call shows: a booking, a call back, or that the caller tried again."""
    if call.outcome in ("booked", "booked_alternative"):
        return "booked"
    return "called_back" if call.direction == "out" else "called_again"


def telling_call(lost: Sequence[LostCall]) -> LostCall:
    """The call that tells most of why: one with a person before a message before silence."""
    return max(lost, key=lambda one: (not _missed(one.call), one.call.spoken, one.call.started_ms))


def is_urgent(call: LineCall) -> bool:
    """Whether the animal should be seen at once or the same day."""
    return call.urgency in ("red", "same_day") or call.intent in _URGENT


def nobody_took(call: LineCall) -> bool:
    """Whether no person of the clinic took part in the call."""
    return _missed(call)


def _missed(call: LineCall) -> bool:
    return call.direction == "in" and call.answer_state not in ("answered", "internal")


def _why_lost(call: LineCall, tries: int) -> str:
    """The reason of a lost booking, "" for a call that is none."""
    never = call.intent in _NEVER or call.direction == "internal"
    if never or call.verdict == NOT_TURNED_AWAY:
        return ""
    if call.verdict is not None:
        return "" if call.verdict == _ELSEWHERE else call.verdict
    if call.by_hand:
        return call.reason or "no_connect"
    if call.reason == _ELSEWHERE:
        return ""
    return _why_missed(call, tries) if _missed(call) else call.reason


def _why_missed(call: LineCall, tries: int) -> str:
    if call.answer_state == "voicemail_left" and call.spoken:
        asked = "voicemail_unreturned" if call.intent in _WANTS_A_VISIT else ""
        return call.reason or asked
    if call.answer_state == "transfer_abandon" or tries > 1:
        return call.reason
    waited = call.answer_state == "hold_abandon" and call.duration_ms >= _LONG_HOLD_MS
    return call.reason if waited else ""


def due_at(
    moment: datetime, urgent: bool, hours: Mapping[str, tuple[str, str]], zone: ZoneInfo
) -> datetime:
    """When a caller should have been called back, in UTC; ``hours`` as in the clinic's settings.

    Urgent: two hours after the clinic is next open, at the latest when it closes. Otherwise by the
    end of the same day, or of the next open one where less than an hour of it is left.
    """
    for opens, closes in _open_days(moment, hours, zone):
        if urgent and moment < closes:
            return min(max(moment, opens) + URGENT_WITHIN, closes)
        if not urgent and moment + LEAST_LEFT <= closes:
            return closes
    return moment + timedelta(days=1)


def _open_days(
    moment: datetime, hours: Mapping[str, tuple[str, str]], zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """Opening and closing of the days from a moment on, in UTC."""
    first = moment.astimezone(zone).date()
    days = (first + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD))
    told = [
        (day, hours.get(str(day.weekday())) if hours else USUAL_HOURS)
        for day in days
    ]  # fmt: skip
    return [
        (
            datetime.combine(day, time.fromisoformat(span[0]), zone).astimezone(UTC),
            datetime.combine(day, time.fromisoformat(span[1]), zone).astimezone(UTC),
        )
        for day, span in told
        if span
    ]
