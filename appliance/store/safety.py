"""Safety items: new, confirmed, not an issue, or handled with a note. Only people close one.

An item is raised with its flag and stays when a later reading does not say it any more. Its state
follows the verdicts on its label (by triggers); that it was handled is said here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import Fact, from_ms, to_ms

LONGEST_NOTE: Final = 1000
PAGE: Final = 20


class SafetyItem(Fact, frozen=True, kw_only=True):
    """One thing that may have been dangerous.

    ``gone``: the latest reading does not say it; ``found_by``: nor any did, a person found it.
    """

    call_id: int
    ref: str
    name: str
    state: str
    started_at: datetime
    staff_name: str
    first_segment: int | None
    last_segment: int | None
    gone: bool
    found_by: str


class SafetyAct(Fact, frozen=True, kw_only=True):
    """What was done about an item, and by whom: handled or reopened."""

    what: str
    note: str
    by: str
    at: datetime


_ITEM: Final = (
    "SELECT s.*, c.ref, NOT EXISTS (SELECT 1 FROM flag f WHERE f.call_id = s.call_id"
    " AND f.name = s.name) AS gone FROM safety s JOIN call c ON c.id = s.call_id"
)


def list_items(
    db: Database, *, open_only: bool, before: str = "", limit: int = PAGE
) -> tuple[list[SafetyItem], str]:
    """A page of items that are open, or closed, newest first, and the cursor of the next page."""
    start, call_id, name = _cursor(before)
    found = rows(
        db,
        f"{_ITEM} WHERE s.open = ? AND (s.started_at, s.call_id, s.name) < (?, ?, ?)"
        " ORDER BY s.started_at DESC, s.call_id DESC, s.name DESC LIMIT ?",
        (int(open_only), start, call_id, name, limit + 1),
    )
    items = [_item(r) for r in found[:limit]]
    if len(found) <= limit:
        return items, ""
    last = found[limit - 1]
    return items, f"{last['started_at']}~{last['call_id']}~{last['name']}"


def _cursor(before: str) -> tuple[int, int, str]:
    """Where the page before ended; one that was made up is the end of the list."""
    start, _, rest = before.partition("~")
    call_id, _, name = rest.partition("~")
    if not before:
        return 2**62, 0, ""
    sound = all(part.isdecimal() and len(part) < 19 for part in (start, call_id))
    return (int(start), int(call_id), name) if sound else (0, 0, "")


def get_item(db: Database, call_id: int, name: str) -> SafetyItem:
    """One item; raises NotFound."""
    found = row(db, f"{_ITEM} WHERE s.call_id = ? AND s.name = ?", (call_id, name))
    if found is None:
        raise NotFound("there is no such safety item")
    return _item(found)


def items_of(db: Database, call_id: int) -> list[SafetyItem]:
    """The items of one call, by name."""
    found = rows(db, f"{_ITEM} WHERE s.call_id = ? ORDER BY s.name", (call_id,))
    return [_item(r) for r in found]


def names_of(db: Database, call_id: int) -> list[str]:
    """The names of the items of one call."""
    return [r["name"] for r in rows(db, "SELECT name FROM safety WHERE call_id = ?", (call_id,))]


def lower_others(db: Database, call_id: int, names: Sequence[str]) -> None:
    """Take what is new off the queue again; only ``names``, the items of before, stay on it."""
    marks = ", ".join("?" for _ in names)
    execute(
        db,
        f"DELETE FROM safety WHERE call_id = ? AND name NOT IN ({marks})",
        (call_id, *names),
    )


def count_open(db: Database) -> int:
    """How many items wait for a person: new, or confirmed and not handled."""
    return int(value(db, "SELECT count(*) FROM safety WHERE open = 1"))


def handle(db: Database, item: SafetyItem, note: str, by: str, *, now: datetime) -> None:
    """Say what was done about a confirmed item. Raises Refused where that makes no sense."""
    told = " ".join(note.split())
    if item.state != "confirmed":
        raise Refused("confirm that it happened before you say what was done about it")
    if len(told) < 3:
        raise Refused("say in a few words what was done")
    if len(told) > LONGEST_NOTE:
        raise Refused(f"say it in at most {LONGEST_NOTE} letters")
    _act(db, item, "handled", told, by, now)


def reopen(db: Database, item: SafetyItem, by: str, *, now: datetime) -> None:
    """It was not dealt with after all; the note stays in the history."""
    if item.state != "handled":
        raise Refused("only what was handled can be opened again")
    _act(db, item, "reopened", "", by, now)


def _act(db: Database, item: SafetyItem, what: str, note: str, by: str, now: datetime) -> None:
    execute(
        db,
        "UPDATE safety SET state = ? WHERE call_id = ? AND name = ?",
        ("handled" if what == "handled" else "confirmed", item.call_id, item.name),
    )
    execute(
        db,
        "INSERT INTO safety_act (call_id, name, what, note, by, at) VALUES (?, ?, ?, ?, ?, ?)",
        (item.call_id, item.name, what, note, by, to_ms(now)),
    )


def acts_of(db: Database, call_id: int, name: str) -> list[SafetyAct]:
    """What was done about an item, oldest first."""
    found = rows(
        db,
        "SELECT * FROM safety_act WHERE call_id = ? AND name = ? ORDER BY id",
        (call_id, name),
    )
    return [
        SafetyAct(what=r["what"], note=r["note"], by=r["by"], at=from_ms(r["at"])) for r in found
    ]


def _item(found: Row) -> SafetyItem:
    extension = found["staff_extension"]
    same = ("call_id", "ref", "name", "state", "first_segment", "last_segment", "found_by")
    return SafetyItem(
        started_at=from_ms(found["started_at"]),
        staff_name=found["staff_name"] or (f"Ext. {extension}" if extension else ""),
        gone=bool(found["gone"]),
        **{name: found[name] for name in same},
    )
