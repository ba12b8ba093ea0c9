"""What runs changed, or would change, call by call: for looking at examples side by side."""

from datetime import datetime
from typing import Any, Final

from appliance.db import Database, Row, rows
from appliance.facts import Fact, from_ms
from appliance.facts.reanalyses import Change, Counted

PAGE: Final = 50


class ChangedCall(Fact, frozen=True, kw_only=True):
    """A call in which something changes; ``cursor`` continues the list behind it.

    ``change`` is the one that was asked for, None in a list of all calls; ``fields`` is how many
    there are in the call, ``kept`` in how many of them a person's word holds.
    """

    ref: str
    started_at: datetime
    staff_extension: str
    cursor: int
    change: Change | None = None
    fields: int = 1
    kept: int = 0


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
    page = [_changed_call(r, change=_change(r), kept=r["kept"]) for r in found[:limit]]
    return page, page[-1].cursor if len(found) > limit else 0


def list_calls(
    db: Database, run_id: int, *, before: int = 2**62, limit: int = PAGE
) -> tuple[list[ChangedCall], int]:
    """The log of a run: a page of all calls in which something changes, and the next cursor."""
    found = rows(
        db,
        "SELECT x.call_id, count(*) AS fields, sum(x.kept) AS kept, c.ref, c.started_at,"
        " c.staff_extension FROM reanalysis_change x JOIN call c ON c.id = x.call_id"
        " WHERE x.run_id = ? AND x.call_id < ? GROUP BY x.call_id ORDER BY x.call_id DESC LIMIT ?",
        (run_id, before, limit + 1),
    )
    page = [_changed_call(r, fields=r["fields"], kept=r["kept"]) for r in found[:limit]]
    return page, page[-1].cursor if len(found) > limit else 0


def list_changes(db: Database, run_id: int, call_id: int) -> list[Change]:
    """All that changes in one call."""
    found = rows(
        db,
        "SELECT * FROM reanalysis_change WHERE run_id = ? AND call_id = ? ORDER BY field",
        (run_id, call_id),
    )
    return [_change(r) for r in found]


def _changed_call(found: Row, **told: Any) -> ChangedCall:
    return ChangedCall(
        ref=found["ref"],
        started_at=from_ms(found["started_at"]),
        staff_extension=found["staff_extension"],
        cursor=found["call_id"],
        **told,
    )


def _change(found: Row) -> Change:
    same = ("field", "was", "becomes", "was_text", "becomes_text")
    return Change(kept=bool(found["kept"]), **{name: found[name] for name in same})
