"""What people do with an item of the worklist: take it, give it, note, close, open, reject."""

from datetime import datetime

from appliance.db import Database, execute, rows
from appliance.errors import Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.reviews import NOT_TURNED_AWAY, Review
from appliance.facts.work import IN_PROGRESS, LOST, OPEN, RECOVERED, WorkItem, WorkNote
from appliance.store import lost, reviews
from appliance.store.analyses import get_analysis


def assign(
    db: Database, item: WorkItem, owner_id: int | None, by: str, *, now: datetime, text: str
) -> None:
    """Give an item to somebody, or back to all; belongs inside ``writing()``."""
    _only_open(item)
    state = IN_PROGRESS if owner_id is not None else OPEN
    sql = "UPDATE work_item SET owner_id = ?, state = ? WHERE id = ?"
    execute(db, sql, (owner_id, state, item.id))
    lost.note(db, item.id, "assigned", by, now=now, text=text)


def set_due(db: Database, item: WorkItem, due: datetime, by: str, *, now: datetime) -> None:
    """Say when an item is due; the box does not change it any more."""
    _only_open(item)
    sql = "UPDATE work_item SET due_at = ?, due_by = ? WHERE id = ?"
    execute(db, sql, (to_ms(due), by, item.id))
    lost.note(db, item.id, "due", by, now=now, text=due.isoformat())


def add_note(
    db: Database, item: WorkItem, what: str, by: str, *, now: datetime, text: str = ""
) -> None:
    """Keep a note; having called somebody means that the item is being worked on."""
    if what == "called":
        _only_open(item)
        sql = "UPDATE work_item SET state = ? WHERE id = ?"
        execute(db, sql, (IN_PROGRESS, item.id))
    lost.note(db, item.id, what, by, now=now, text=text)


def close(
    db: Database, item: WorkItem, state: str, by: str, *, now: datetime, text: str = ""
) -> None:
    """A person says how it ended: recovered or lost; the box does not change that any more."""
    _only_open(item)
    if state not in (RECOVERED, LOST):
        raise Refused("an item is closed as recovered or as not recovered")
    after = to_ms(now) - to_ms(item.opened_at) if state == RECOVERED else None
    execute(
        db,
        "UPDATE work_item SET state = ?, how = 'said', closed_at = ?, closed_by = ?, after_ms = ?"
        " WHERE id = ?",
        (state, to_ms(now), by, after, item.id),
    )
    lost.note(db, item.id, state, by, now=now, text=text)


def open_again(db: Database, item: WorkItem, by: str, *, now: datetime) -> None:
    """A person says that it is not done; calls up to now do not close it again."""
    if item.to_do:
        raise Refused("this item is on the list already")
    lost.reopen(db, item.id, watch_from=now)
    lost.note(db, item.id, "reopened", by, now=now)


def _only_open(item: WorkItem) -> None:
    if not item.to_do:
        raise Refused("this item is closed; open it again first")


def reject(db: Database, item: WorkItem, by: str, reason: str, *, now: datetime) -> None:
    """A person says that this was no lost booking: a verdict on each of its calls.

    The item closes by that, and opens again when the verdict is withdrawn.
    """
    found = rows(db, "SELECT call_id FROM work_call WHERE item_id = ?", (item.id,))
    lost.note(db, item.id, "rejected", by, now=now, text=reason)
    for call_id in (r["call_id"] for r in found):
        analysis = get_analysis(db, call_id)
        said = analysis.turnaway.reason if analysis and analysis.turnaway else ""
        verdict = Review(
            name="turnaway", suggested=said, verdict="rejected", value=NOT_TURNED_AWAY,
            reason=reason, by=by, at=now, software=analysis.provenance.software if analysis else "",
        )  # fmt: skip
        reviews.judge(db, call_id, verdict)


def list_notes(db: Database, item_id: int) -> list[WorkNote]:
    """What happened to an item, newest first."""
    return [
        WorkNote(at=from_ms(r["at"]), by=r["by"], what=r["what"], text=r["text"])
        for r in rows(
            db, "SELECT * FROM work_note WHERE item_id = ? ORDER BY id DESC LIMIT 200", (item_id,)
        )
    ]
