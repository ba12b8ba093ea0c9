"""The filters that figures lead to: the same words of SQL count calls and list them.

``c`` is the call and ``k`` its card; a figure and the list behind it cannot differ, because both
are narrowed here.
"""

from collections.abc import Iterator
from typing import Final

from appliance.facts import to_ms
from appliance.facts.calls import CallFilter, Offsets
from appliance.facts.codes import INTENT_GROUPS, SAFETY
from appliance.store import followups

HOUR_MS = followups.HOUR_MS
DAY_MS = 24 * HOUR_MS
NEVER_COUNTED: Final = ("end_of_life", "grief_followup")
_ON_THE_CARD: Final = (
    "intent", "outcome", "turnaway", "species", "disclosure", "relation", "urgency", "mood_start",
    "mood_end", "step", "said",
)  # fmt: skip
_PLAIN: Final = {
    "direction": "c.direction",
    "line": "c.dialed",
    "species": "k.species",
    "disclosure": "k.disclosure",
    "relation": "k.caller_relation",
    "urgency": "k.urgency",
    "mood_start": "k.sentiment_start",
    "mood_end": "k.sentiment_end",
}
_BOOKED: Final = "k.outcome IN ('booked', 'booked_alternative')"
_LOST: Final = f"({_LOST})"
_REVIEWED: Final = (
    "SELECT 1 FROM review r WHERE r.call_id = c.id AND r.name = {name} AND r.superseded = 0"
    " AND r.verdict {verdict}"
)
_FLAGGED: Final = (
    "EXISTS (SELECT 1 FROM flag f WHERE f.call_id = c.id AND f.name IN ({names})"
    " AND NOT EXISTS (" + _REVIEWED.format(name="f.name", verdict="= 'rejected'") + "))"
)


def needs_card(filters: CallFilter) -> bool:
    """Whether only calls with a card can pass."""
    return any(getattr(filters, name) for name in _ON_THE_CARD)


def narrow(filters: CallFilter) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """SQL conditions with their values."""
    for name, column in _PLAIN.items():
        if told := getattr(filters, name):
            yield f"{column} = ?", (told,)
    if filters.step:
        yield steps(filters)[filters.step], ()
    if filters.recovered_h:
        yield followups.MISSED, ()
        yield f"EXISTS ({followups.MADE_GOOD})", (filters.recovered_h * HOUR_MS,)
    yield from _by_people(filters)
    yield from _by_clock(filters)


def _by_people(filters: CallFilter) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """What people said of turnaways, and safety flags that nobody rejected."""
    if filters.said == "confirmed":
        told = _REVIEWED.format(name="'turnaway'", verdict="IN ('confirmed', 'corrected')")
        yield f"k.turnaway_reason > '' AND EXISTS ({told})", ()
    elif filters.said == "open":
        told = _REVIEWED.format(name="'turnaway'", verdict="> ''")
        yield f"k.turnaway_reason > '' AND NOT EXISTS ({told})", ()
    if filters.safety:
        names = [f"safety.{code}" for code in SAFETY if filters.safety in ("any", code)]
        yield _FLAGGED.format(names=", ".join("?" * len(names))), tuple(names)


def _by_clock(filters: CallFilter) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Weekday, hour and seconds."""
    if filters.weekday is not None:
        yield f"{WEEKDAY.format(local=local_ms(filters.offsets))} = ?", (filters.weekday,)
    if filters.hour is not None:
        yield f"{HOUR.format(local=local_ms(filters.offsets))} = ?", (filters.hour,)
    if filters.ring_s:
        low, high = filters.ring_s
        yield "c.ring_ms >= ? AND c.ring_ms < ?", (low * 1000, high * 1000)
    if filters.waited_s:
        low, high = filters.waited_s
        yield "c.duration_ms >= ? AND c.duration_ms < ?", (low * 1000, high * 1000)


DAY: Final = "({local} / 86400000)"  # whole days since 1970, which began on a Thursday
HOUR: Final = "({local} / 3600000 % 24)"
WEEKDAY: Final = "((" + DAY + " + 3) % 7)"


def local_ms(offsets: Offsets, moment: str = "c.started_at") -> str:
    """SQL for a moment on the clinic's wall clock, in ms; offsets are numbers of ours, not input."""
    if not offsets:
        return f"({moment})"
    *newer, (_, oldest) = offsets
    cases = "".join(f" WHEN {moment} >= {since:d} THEN {ahead:d}" for since, ahead in newer)
    ahead = f"CASE{cases} ELSE {oldest:d} END" if newer else f"{oldest:d}"
    return f"({moment} + {ahead})"
