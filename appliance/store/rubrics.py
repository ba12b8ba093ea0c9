"""Versions of the rubric: the newest one is in force, none is ever changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from appliance.db import Database, Row, execute, row, rows
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.rubrics import Item, Rubric
from appliance.reading.rubrics import shipped, tell_changes


def get_rubric(db: Database) -> Rubric:
    """The version in force; the shipped one before anybody saved another."""
    found = row(db, "SELECT * FROM rubric ORDER BY number DESC LIMIT 1")
    return _rubric(found) if found else shipped()


def get_version(db: Database, number: int) -> Rubric:
    """One version; raises NotFound."""
    found = row(db, "SELECT * FROM rubric WHERE number = ?", (number,))
    if found is None and number == 1:
        return shipped()
    if found is None:
        raise NotFound("there is no such version of the rubric")
    return _rubric(found)


def list_versions(db: Database) -> list[Rubric]:
    """All versions, newest first."""
    found = rows(db, "SELECT * FROM rubric ORDER BY number DESC")
    return [_rubric(r) for r in found] or [shipped()]


def list_words(db: Database) -> dict[str, str]:
    """What the clinic calls items, by their names, where it has words of its own for them."""
    return {item.name: item.words for item in get_rubric(db).items if item.words}


def keep_shipped(db: Database, *, now: datetime) -> None:
    """Write the shipped version down before anything refers to it: later software may ship another."""
    first = shipped()
    if row(db, "SELECT 1 FROM rubric LIMIT 1") is None:
        _insert(db, 1, first.items, first.note, first.by, now)


def save_version(
    db: Database, items: Sequence[Item], *, seen: int, by: str, now: datetime
) -> Rubric:
    """Put a new version in force; belongs inside ``writing()``.

    Raises Refused when ``seen``, the version the person looked at, is not the newest any more, and
    when nothing was changed.
    """
    keep_shipped(db, now=now)
    newest = get_rubric(db)
    if newest.number != seen:
        raise Refused(
            f"{newest.by} saved version {newest.number} meanwhile; look at it, then change it again"
        )
    note = tell_changes(newest, tuple(items))
    if not note:
        raise Refused("nothing was changed, so there is no new version")
    _insert(db, newest.number + 1, items, note, by, now)
    return get_rubric(db)


def _insert(
    db: Database, number: int, items: Sequence[Item], note: str, by: str, now: datetime
) -> None:
    body = msgspec.json.encode(items).decode()
    execute(db, "INSERT INTO rubric VALUES (?, ?, ?, ?, ?)", (number, body, note, by, to_ms(now)))


def _rubric(found: Row) -> Rubric:
    return Rubric(
        number=found["number"],
        items=msgspec.json.decode(found["items"], type=tuple[Item, ...]),
        note=found["note"],
        by=found["by"],
        at=from_ms(found["at"]),
    )
