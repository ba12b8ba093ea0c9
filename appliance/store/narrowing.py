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
from appliance.store.opinions import DIFFERING

HOUR_MS = followups.HOUR_MS
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
# A plus keeps SQLite from gathering and sorting by a label what it can walk by time.
_BOOKED: Final = "+k.outcome IN ('booked', 'booked_alternative')"
_UNCOUNTED: Final = ", ".join(repr(code) for code in NEVER_COUNTED)
LOST: Final = (
    "+k.turnaway_reason > '' AND k.turnaway_reason <> 'service_not_offered'"
    f" AND +k.intent NOT IN ({_UNCOUNTED})"
)
_VISITS: Final = ", ".join(
    f"'{code}'" for code in INTENT_GROUPS["bookable"] if code not in NEVER_COUNTED
)
# Care was wanted: a visit was asked for, booked or turned away. What the clinic does not offer is
# out of the denominator, and so is the end of a life.
_WANTED: Final = (
    f"(+k.intent IN ({_VISITS}) OR {_BOOKED} OR +k.turnaway_reason > '')"
    " AND k.turnaway_reason <> 'service_not_offered'"
    f" AND k.intent NOT IN ({_UNCOUNTED})"
)
_SAID_MET: Final = (
    "SELECT r.call_id FROM review r WHERE r.name = 'rubric.offers_appointment'"
    " AND r.superseded = 0 AND r.value {is_it} 'met'"
)
_OFFERED: Final = (
    "(+k.outcome IN ('booked', 'booked_alternative', 'waitlisted', 'caller_declined')"
    " OR +k.call_id IN (SELECT f.call_id FROM flag f WHERE f.name = 'rubric.offers_appointment'"
    " AND f.value = 'met'{during})"
    f" AND k.call_id NOT IN ({_SAID_MET.format(is_it='<>')})"
    f" OR +k.call_id IN ({_SAID_MET.format(is_it='=')}))"
)
_REVIEWED: Final = (
    "SELECT 1 FROM review r WHERE r.call_id = c.id AND r.name = {name} AND r.superseded = 0"
    " AND r.verdict {verdict}"
)
_DENIED: Final = _REVIEWED.replace("c.id", "f.call_id").format(
    name="f.name", verdict="= 'rejected'"
)
# Such flags are few: they are gathered, and only their calls looked at.
_FLAGGED: Final = (
    "c.id IN (SELECT f.call_id FROM flag f WHERE f.name IN ({names}) AND f.value = 'yes'"
    f"{{during}} AND NOT EXISTS ({_DENIED}))"
)


def steps(filters: CallFilter) -> dict[str, str]:
    """The steps of the funnel after "answered" as SQL, each within the one before."""
    return {
        "wanted": _WANTED,
        "offered": f"{_WANTED} AND {_OFFERED.format(during=_during(filters))}",
        "booked": f"{_WANTED} AND {_BOOKED}",
    }


def _during(filters: CallFilter) -> str:
    """Flags know when their call began, so that those of other days need not be gathered."""
    sql = ""
    if filters.started_from:
        sql += f" AND f.started_at >= {to_ms(filters.started_from):d}"
    if filters.started_before:
        sql += f" AND f.started_at < {to_ms(filters.started_before):d}"
    return sql


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
    if filters.opinions_differ:
        yield f"EXISTS ({DIFFERING})", ()
    yield from _by_people(filters)
    yield from _by_clock(filters)


def _by_people(filters: CallFilter) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """What people said of turnaways, and safety flags that nobody rejected."""
    if filters.said == "confirmed":
        told = _REVIEWED.format(name="'turnaway'", verdict="IN ('confirmed', 'corrected')")
        yield f"+k.turnaway_reason > '' AND EXISTS ({told})", ()
    elif filters.said == "open":
        told = _REVIEWED.format(name="'turnaway'", verdict="> ''")
        yield f"+k.turnaway_reason > '' AND NOT EXISTS ({told})", ()
    if filters.safety:
        names = [f"safety.{code}" for code in SAFETY if filters.safety in ("any", code)]
        marks = ", ".join("?" * len(names))
        yield _FLAGGED.format(names=marks, during=_during(filters)), tuple(names)


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
