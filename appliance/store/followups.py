"""Missed calls and what became of them, known by the number alone: nobody has to note it.

Calls of the same number are linked by ``outside_key``; those without a number never are.
"""

from datetime import datetime
from statistics import median

from appliance.db import Database, row, rows
from appliance.errors import NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.phones import Attempt, FollowUp, Recovery

HOUR_MS = 3_600_000

# In the words of the index call_missed, or it would not be used; ``c`` is the call asked about.
MISSED = "c.direction = 'in' AND c.answer_state <> 'answered'"
# Any answered call with the same number that followed within ? milliseconds.
MADE_GOOD = (
    "SELECT f.started_at FROM call f WHERE f.outside_key = c.outside_key AND f.outside_key <> ''"
    " AND f.answer_state = 'answered' AND f.direction IN ('in', 'out') AND f.duplicate_of IS NULL"
    " AND f.started_at > c.started_at AND f.started_at <= c.started_at + ?"
)


def recovered(db: Database, call_id: int, within_hours: int = 24) -> Recovery | None:
    """How a missed call was made good: the first answered call of its number after it.

    None while there is none, for a call that was not missed, and for one without a number. Raises
    NotFound.
    """
    call = row(db, f"SELECT c.started_at, {MISSED} AS missed FROM call c WHERE id = ?", (call_id,))
    if call is None:
        raise NotFound("there is no such call; it may have been erased")
    found = row(
        db,
        "SELECT g.ref, g.direction, g.started_at FROM call c JOIN call g ON g.id ="
        f" ({MADE_GOOD.replace('f.started_at', 'f.id', 1)} ORDER BY f.started_at, f.id LIMIT 1)"
        " WHERE c.id = ?",
        (within_hours * HOUR_MS, call_id),
    )
    if found is None or not call["missed"]:
        return None
    how = "called_back" if found["direction"] == "out" else "called_again"
    return Recovery(how=how, ref=found["ref"], after_ms=found["started_at"] - call["started_at"])


def attempts(db: Database, call_id: int, within_hours: int = 24) -> list[Attempt]:
    """The other calls with the same number up to so many hours before and after, oldest first."""
    span = within_hours * HOUR_MS
    found = rows(
        db,
        "SELECT f.ref, f.started_at, f.direction, f.answer_state FROM call c JOIN call f"
        " ON f.outside_key = c.outside_key AND f.outside_key <> '' AND f.id <> c.id"
        " AND f.duplicate_of IS NULL AND f.started_at BETWEEN c.started_at - ? AND c.started_at + ?"
        " WHERE c.id = ? ORDER BY f.started_at, f.id",
        (span, span, call_id),
    )
    return [
        Attempt(
            ref=r["ref"],
            started_at=from_ms(r["started_at"]),
            direction=r["direction"],
            answer_state=r["answer_state"],
        )
        for r in found
    ]


def follow_up(db: Database, begin: datetime, end: datetime, within_hours: int = 24) -> FollowUp:
    """The missed calls that began in [begin, end), how many were made good, and how soon."""
    found = rows(
        db,
        f"SELECT c.outside_key, c.started_at,"
        f" ({MADE_GOOD} ORDER BY f.started_at LIMIT 1) AS good_at"
        f" FROM call c WHERE c.duplicate_of IS NULL AND {MISSED}"
        " AND c.started_at >= ? AND c.started_at < ?",
        (within_hours * HOUR_MS, to_ms(begin), to_ms(end)),
    )
    after = [r["good_at"] - r["started_at"] for r in found if r["good_at"] is not None]
    return FollowUp(
        missed=len(found),
        callers=len({r["outside_key"] for r in found} - {""}),
        withheld=sum(not r["outside_key"] for r in found),
        recovered=len(after),
        median_ms=int(median(after)) if after else None,
    )
