"""Notes and goals on a person: for leaders and that person, kept as they were written."""

from datetime import date, datetime, timedelta

from appliance.db import Database, Row, execute, row, rows
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.people import CoachingNote
from appliance.store.users import User

CHANGEABLE = timedelta(days=1)


def add_note(
    db: Database,
    who: str,
    kind: str,
    text: str,
    user: User,
    *,
    now: datetime,
    until: date | None = None,
) -> None:
    """Write a note or a goal down; belongs inside ``writing()``."""
    execute(
        db,
        "INSERT INTO coaching (who, kind, text, by, by_id, at, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (who, kind, text, user.name, user.id, to_ms(now), until.isoformat() if until else ""),
    )


def list_notes(db: Database, who: str) -> list[CoachingNote]:
    """Everything written on a person, newest first."""
    return [
        _note(r) for r in rows(db, "SELECT * FROM coaching WHERE who = ? ORDER BY id DESC", (who,))
    ]


def get_note(db: Database, number: int) -> CoachingNote:
    """One note; raises NotFound."""
    found = row(db, "SELECT * FROM coaching WHERE id = ?", (number,))
    if found is None:
        raise NotFound("there is no such note")
    return _note(found)


def may_edit(note: CoachingNote, user: User, now: datetime) -> bool:
    """The author, within a day; what others may have read by then is not changed any more."""
    return note.by_id == user.id and now - note.at <= CHANGEABLE


def edit_note(db: Database, note: CoachingNote, text: str, user: User, *, now: datetime) -> None:
    """Put other words in place; raises Refused for others and after a day."""
    if not may_edit(note, user, now):
        raise Refused("a note can be changed by who wrote it, within a day; write another one")
    execute(
        db,
        "UPDATE coaching SET text = ?, edited_at = ? WHERE id = ?",
        (text, to_ms(now), note.id),
    )


def reach_goal(db: Database, note: CoachingNote, user: User, *, now: datetime) -> None:
    """Say that a goal was reached; raises Refused where there is none to reach."""
    done = execute(
        db,
        "UPDATE coaching SET done_at = ?, done_by = ?"
        " WHERE id = ? AND kind = 'goal' AND done_at IS NULL",
        (to_ms(now), user.name, note.id),
    )
    if not done:
        raise Refused("this is no goal that is still open")


def _note(found: Row) -> CoachingNote:
    return CoachingNote(
        id=found["id"],
        who=found["who"],
        kind=found["kind"],
        text=found["text"],
        by=found["by"],
        by_id=found["by_id"],
        at=from_ms(found["at"]),
        edited_at=from_ms(found["edited_at"]) if found["edited_at"] else None,
        until=date.fromisoformat(found["until"]) if found["until"] else None,
        done_at=from_ms(found["done_at"]) if found["done_at"] else None,
        done_by=found["done_by"],
    )
