"""Flags of calls: written with each analysis, listed by the pages on which people judge."""

from collections.abc import Iterable

from appliance.db import Database, execute, rows
from appliance.facts.reviews import Flag


def save_flags(db: Database, call_id: int, flags: Iterable[Flag]) -> None:
    """Put the flags of a call in place of those before; its card must have been saved."""
    execute(db, "DELETE FROM flag WHERE call_id = ?", (call_id,))
    for flag in flags:
        execute(
            db,
            "INSERT INTO flag SELECT call_id, ?, ?, ?, ?, started_at, staff_name, staff_extension"
            " FROM card WHERE call_id = ?",
            (flag.name, flag.value, flag.first_segment, flag.last_segment, call_id),
        )


def list_flags(db: Database, call_id: int) -> list[Flag]:
    """The flags of one call, by name."""
    found = rows(
        db,
        "SELECT name, value, first_segment, last_segment FROM flag WHERE call_id = ? ORDER BY name",
        (call_id,),
    )
    return [Flag(**row) for row in found]
