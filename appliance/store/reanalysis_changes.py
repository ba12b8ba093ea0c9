"""What runs changed, or would change, call by call: for looking at examples side by side."""

from datetime import datetime
from typing import Final

from appliance.db import Database, Row, rows
from appliance.facts import Fact, from_ms
from appliance.facts.reanalyses import Change, Counted

PAGE: Final = 50


class ChangedCall(Fact, frozen=True, kw_only=True):
    """A call in which one thing changes; ``cursor`` continues the list behind it."""

    ref: str
    started_at: datetime
    staff_extension: str
    change: Change
    cursor: int


def list_alike(
    db: Database, run_id: int, kind: Counted, *, before: int = 2**62, limit: int = PAGE
) -> tuple[list[ChangedCall], int]:
    """A page of calls that change in one way, and the cursor of the next page (0 at the end)."""
    found = rows(
        db,
        "SELECT x.*, c.ref, c.started_at, c.staff_extension FROM reanalysis_change x"
        " JOIN call c ON c.id = x.call_id WHERE x.run_id = ? AND x.field = ? AND x.was = ?"
        " AND x.becomes = ? AND x.call_id < ? ORDER BY x.call_id DESC LIMIT ?",
        (run_id, kind.field, kind.was, kind.becomes, before, limit + 1),
    )
    page = [_changed_call(r) for r in found[:limit]]
    return page, page[-1].cursor if len(found) > limit else 0


def list_changes(db: Database, run_id: int, call_id: int) -> list[Change]:
    """All that changes in one call."""
    found = rows(
        db,
        "SELECT * FROM reanalysis_change WHERE run_id = ? AND call_id = ? ORDER BY field",
        (run_id, call_id),
    )
    return [_change(r) for r in found]


def _changed_call(found: Row) -> ChangedCall:
    return ChangedCall(
        ref=found["ref"],
        started_at=from_ms(found["started_at"]),
        staff_extension=found["staff_extension"],
        change=_change(found),
        cursor=found["call_id"],
    )


def _change(found: Row) -> Change:
    same = ("field", "was", "becomes", "was_text", "becomes_text")
    return Change(kept=bool(found["kept"]), **{name: found[name] for name in same})
