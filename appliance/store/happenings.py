"""What others may want to know: noted in the transaction in which it happens, and only once.

Notes tell codes and references, never names, numbers or words.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows
from appliance.facts import from_ms, to_ms
from appliance.facts.notices import EVENTS, Happening
from appliance.facts.reviews import Flag

FRESH = timedelta(days=7)  # of older calls, fetched from an archive, nobody wants to be told
KEPT = timedelta(days=90)
_SAFETY = "safety."


def note_happening(
    db: Database,
    event: str,
    ref: str,
    *,
    now: datetime,
    call_id: int | None = None,
    name: str = "",
    detail: Mapping[str, str] | None = None,
) -> bool:
    """Note an event unless it was noted before; belongs inside ``writing()``.

    ``name`` tells two of the same event and reference apart.
    """
    assert event in EVENTS, event
    return bool(
        execute(
            db,
            "INSERT OR IGNORE INTO happening (event, name, ref, call_id, detail, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (event, f"{ref}:{name}", ref, call_id, _text(detail or {}), to_ms(now)),
        )
    )


def note_published(db: Database, call_id: int, flags: Sequence[Flag], *, now: datetime) -> None:
    """Note what the publishing of a call brings to light; its card must have been saved."""
    found = row(
        db,
        "SELECT c.ref, c.started_at, c.outside_key, c.answer_state, k.* FROM call c"
        " JOIN card k ON k.call_id = c.id WHERE c.id = ?",
        (call_id,),
    )
    if found is None or found["started_at"] < to_ms(now - FRESH):
        return
    told = {name: found[name] for name in ("intent", "outcome", "urgency", "turnaway_reason")}
    ref = found["ref"]
    note_happening(db, "call.ready", ref, now=now, call_id=call_id, detail=told)
    if found["turnaway_reason"]:
        why = {"kind": found["turnaway_kind"], "reason": found["turnaway_reason"]}
        detail = {"intent": found["intent"], **why}
        note_happening(db, "turnaway.opened", ref, now=now, call_id=call_id, detail=detail)
    for flag in flags:
        if flag.name.startswith(_SAFETY):
            code = flag.name.removeprefix(_SAFETY)
            note_happening(
                db,
                "safety.flagged",
                ref,
                now=now,
                call_id=call_id,
                name=code,
                detail={"flag": code},
            )
    if found["outcome"] in ("booked", "booked_alternative"):
        _note_recovered(db, found, now)


def _note_recovered(db: Database, booked: Row, now: datetime) -> None:
    """The same caller had been turned away in the days before: that is made good now."""
    lost = rows(
        db,
        "SELECT c.id, c.ref, c.started_at FROM call c JOIN happening h ON h.call_id = c.id"
        " AND h.event = 'turnaway.opened' WHERE c.outside_key = ? AND c.outside_key <> ''"
        " AND c.started_at < ? AND c.started_at > ?",
        (booked["outside_key"], booked["started_at"], booked["started_at"] - _ms(FRESH)),
    )
    for each in lost:
        after = str((booked["started_at"] - each["started_at"]) // 60_000)
        detail = {"by": booked["ref"], "after_minutes": after}
        note_happening(
            db, "turnaway.recovered", each["ref"], now=now, call_id=each["id"], detail=detail
        )


def list_new(db: Database, limit: int = 500) -> list[Happening]:
    """What nobody has looked at yet, oldest first."""
    found = rows(db, "SELECT * FROM happening WHERE handled = 0 ORDER BY id LIMIT ?", (limit,))
    return [_happening(r) for r in found]


def is_noted(db: Database, event: str, ref: str) -> bool:
    """Whether an event of a reference was noted."""
    sql = "SELECT 1 FROM happening WHERE event = ? AND name = ?"
    return row(db, sql, (event, f"{ref}:")) is not None


def are_new(db: Database) -> bool:
    """Whether there is anything to look at."""
    return row(db, "SELECT 1 FROM happening WHERE handled = 0 LIMIT 1") is not None


def mark_handled(db: Database, up_to: int) -> None:
    """Webhooks and notices know of it now."""
    execute(db, "UPDATE happening SET handled = 1 WHERE handled = 0 AND id <= ?", (up_to,))


def list_safety(db: Database, after: int, since: datetime, limit: int = 200) -> list[Happening]:
    """Safety flags noted after a number, of calls that began since a moment, oldest first.

    Those a person has rejected are left out.
    """
    found = rows(
        db,
        "SELECT h.* FROM happening h JOIN call c ON c.id = h.call_id WHERE h.id > ?"
        " AND h.event = 'safety.flagged' AND c.started_at >= ? AND NOT EXISTS"
        " (SELECT 1 FROM review r WHERE r.call_id = h.call_id AND r.superseded = 0"
        " AND r.verdict = 'rejected' AND r.name = 'safety.' || json_extract(h.detail, '$.flag'))"
        " ORDER BY h.id LIMIT ?",
        (after, to_ms(since), limit),
    )
    return [_happening(r) for r in found]


def newest_id(db: Database) -> int:
    """The number of the last thing that was noted, 0 where nothing was."""
    found = row(db, "SELECT max(id) AS id FROM happening")
    return int(found["id"] or 0) if found else 0


def prune_happenings(db: Database, *, now: datetime) -> None:
    """Forget what is long told."""
    execute(db, "DELETE FROM happening WHERE at < ? AND handled = 1", (to_ms(now - KEPT),))


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _text(detail: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(detail)).decode()


def _happening(found: Row) -> Happening:
    return Happening(
        id=found["id"],
        event=found["event"],
        ref=found["ref"],
        detail=msgspec.json.decode(found["detail"], type=dict[str, str]),
        at=from_ms(found["at"]),
        call_id=found["call_id"],
    )
