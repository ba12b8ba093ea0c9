"""Good examples: places in calls worth hearing, and the library of those that were shared."""

from datetime import datetime

from appliance.db import Database, Row, execute, row, rows
from appliance.errors import NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.people import Example
from appliance.reading.rubrics import SOLEMN_INTENTS

PAGE = 50
_SELECT = (
    "SELECT e.*, c.ref, c.started_at, c.staff_extension,"
    " COALESCE(NULLIF(k.staff_name, ''), s.name, 'Extension ' || c.staff_extension) AS who"
    " FROM example e JOIN call c ON c.id = e.call_id LEFT JOIN card k ON k.call_id = c.id"
    " LEFT JOIN staff s ON s.extension = c.staff_extension"
)
# A call may be found to be one of grief after it was marked.
_NO_GRIEF = f"COALESCE(k.intent, '') NOT IN ({', '.join(map(repr, SOLEMN_INTENTS))})"


def add_example(
    db: Database,
    call_id: int,
    *,
    item: str,
    segments: tuple[int, int],
    quote: str,
    note: str,
    shared: bool,
    by: str,
    now: datetime,
) -> None:
    """Mark a place; ``quote`` is what everybody may read of it. Belongs inside ``writing()``."""
    execute(
        db,
        "INSERT INTO example (call_id, item, first_segment, last_segment, quote, note, shared, by,"
        " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (call_id, item, *segments, quote, note, int(shared), by, to_ms(now)),
    )


def list_shared(
    db: Database, *, item: str = "", before: int = 0, limit: int = PAGE
) -> tuple[list[Example], int]:
    """A page of the library, newest first, and where the next one begins (0 at the end)."""
    where, params = ["e.shared = 1", _NO_GRIEF], list[str | int]()
    if before:
        where.append("e.id < ?")
        params.append(before)
    if item:
        where.append("e.item = ?")
        params.append(item)
    found = rows(
        db,
        f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY e.id DESC LIMIT ?",
        (*params, limit + 1),
    )
    page = [_example(r) for r in found[:limit]]
    return page, page[-1].id if len(found) > limit else 0


def list_of_person(db: Database, who: str) -> list[Example]:
    """What was marked in a person's calls, newest first."""
    found = rows(
        db,
        f"SELECT * FROM ({_SELECT} WHERE {_NO_GRIEF}) WHERE who = ? ORDER BY id DESC LIMIT 50",
        (who,),
    )
    return [_example(r) for r in found]


def list_of_call(db: Database, call_id: int) -> list[Example]:
    """What was marked in a call."""
    found = rows(db, f"{_SELECT} WHERE e.call_id = ? ORDER BY e.first_segment, e.id", (call_id,))
    return [_example(r) for r in found]


def get_example(db: Database, number: int) -> Example:
    """One example; raises NotFound."""
    found = row(db, f"{_SELECT} WHERE e.id = ?", (number,))
    if found is None:
        raise NotFound("there is no such example; its call may have been erased")
    return _example(found)


def remove_example(db: Database, number: int) -> None:
    """Take a mark away; the call stays as it is."""
    execute(db, "DELETE FROM example WHERE id = ?", (number,))


def _example(found: Row) -> Example:
    return Example(
        id=found["id"],
        call_ref=found["ref"],
        staff_extension=found["staff_extension"],
        started_at=from_ms(found["started_at"]),
        who=found["who"],
        item=found["item"],
        first_segment=found["first_segment"],
        last_segment=found["last_segment"],
        quote=found["quote"],
        note=found["note"],
        shared=bool(found["shared"]),
        by=found["by"],
        at=from_ms(found["at"]),
    )
