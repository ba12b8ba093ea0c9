"""Flags of calls: written with each analysis, listed by the pages on which people judge."""

from collections.abc import Iterable

import msgspec

from appliance.db import Database, execute, rows
from appliance.facts.reviews import Flag


def save_flags(db: Database, call_id: int, flags: Iterable[Flag]) -> None:
    """Put the flags of a call in place of those before; its card must have been saved."""
    execute(db, "DELETE FROM flag WHERE call_id = ?", (call_id,))
    for flag in flags:
        execute(
            db,
            "INSERT INTO flag (call_id, name, value, first_segment, last_segment, started_at,"
            " staff_name, staff_extension, solemn, judged)"
            " SELECT call_id, ?, ?, ?, ?, started_at, staff_name, staff_extension,"
            " intent IN ('end_of_life', 'grief_followup'), EXISTS (SELECT 1 FROM review r"
            " WHERE r.call_id = k.call_id AND r.name = ? AND r.superseded = 0)"
            " FROM card k WHERE call_id = ?",
            (*msgspec.structs.astuple(flag), flag.name, call_id),
        )
    execute(db, "UPDATE flag SET rank = due_rank WHERE call_id = ?", (call_id,))


def list_flags(db: Database, call_id: int) -> list[Flag]:
    """The flags of one call, by name."""
    found = rows(
        db,
        "SELECT name, value, first_segment, last_segment FROM flag WHERE call_id = ? ORDER BY name",
        (call_id,),
    )
    return [Flag(**row) for row in found]
