"""The worklist as people see it: items by page, one item, its quote, missed callers, weeks."""

from datetime import datetime

from appliance.db import Database, Row, row, rows, value
from appliance.errors import NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.work import MissedRow, Quote, WeekRow, WorkFilter, WorkItem
from appliance.store import followups

PAGE = 50
QUOTED = 3  # segments: enough to understand, short enough for a row
_ITEM = (
    "SELECT i.*, COALESCE(u.name, '') AS owner, COALESCE(c.ref, '') AS call_ref,"
    " CASE c.direction WHEN 'out' THEN c.dialed ELSE COALESCE(c.caller_number, '') END AS number,"
    " COALESCE(c.caller_name, '') AS caller_name,"
    " COALESCE(c.staff_extension, '') AS staff_extension, COALESCE(g.ref, '') AS shown_ref"
    " FROM work_item i LEFT JOIN call c ON c.id = i.lead_id LEFT JOIN user u ON u.id = i.owner_id"
    " LEFT JOIN call g ON g.id = i.shown_by"
)


def list_items(
    db: Database, filters: WorkFilter, *, after: str = "", limit: int = PAGE
) -> tuple[list[WorkItem], str]:
    """A page of items and the cursor of the next ("" at the end): what is due first, or done last."""
    where, params = _conditions(filters)
    place = "i.closed_at" if filters.done else "i.due_at"
    if after:
        where.append(f"({place}, i.id) {'<' if filters.done else '>'} (?, ?)")
        params += _cursor(after)
    order = f"{place} DESC, i.id DESC" if filters.done else f"{place}, i.id"
    found = rows(
        db,
        f"{_ITEM} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?",
        (*params, limit + 1),
    )
    page = [_item(r) for r in found[:limit]]
    if len(found) <= limit:
        return page, ""
    last = found[limit - 1]
    return page, f"{last['closed_at' if filters.done else 'due_at']}.{last['id']}"


def _cursor(text: str) -> list[int]:
    moment, _, number = text.partition(".")
    sound = all(part.isdecimal() and len(part) < 19 for part in (moment, number))
    return [int(moment), int(number)] if sound else [0, 0]


def _conditions(filters: WorkFilter) -> tuple[list[str], list[str | int]]:
    where = [f"i.closed_at IS {'NOT ' if filters.done else ''}NULL"]
    params: list[str | int] = []
    if filters.kind:
        where.append("i.kind = ?")
        params.append(filters.kind)
    if filters.owner_id is not None:
        where.append("i.owner_id = ?")
        params.append(filters.owner_id)
    if filters.extensions is not None:
        seen, values = _seen_by(filters.user_id, filters.extensions)
        where.append(seen)
        params += values
    return where, params


def _seen_by(user_id: int | None, extensions: tuple[str, ...]) -> tuple[str, list[str | int]]:
    """What somebody sees who may not see all: their own, of their calls, of calls nobody took."""
    marks = ", ".join("?" for _ in extensions)
    sql = (
        "(i.owner_id = ? OR i.missed = 1 OR EXISTS (SELECT 1 FROM work_call w JOIN call m"
        f" ON m.id = w.call_id WHERE w.item_id = i.id AND m.staff_extension IN ({marks})))"
    )
    return sql, [-1 if user_id is None else user_id, *extensions]


def get_item(
    db: Database,
    ref: str,
    *,
    user_id: int | None = None,
    extensions: tuple[str, ...] | None = None,
) -> WorkItem:
    """One item, as far as the person may see it (see WorkFilter); raises NotFound."""
    seen, params = ("1", []) if extensions is None else _seen_by(user_id, extensions)
    found = row(db, f"{_ITEM} WHERE i.ref = ? AND {seen}", (ref, *params))
    if found is None:
        raise NotFound("there is no such item on the worklist; its calls may have been erased")
    return _item(found)


def item_of_call(db: Database, call_id: int) -> WorkItem | None:
    """The item a call belongs to."""
    found = row(
        db,
        f"{_ITEM} WHERE i.id = (SELECT item_id FROM work_call WHERE call_id = ?)",
        (call_id,),
    )
    return _item(found) if found else None


def takes_part(db: Database, item_id: int, extensions: tuple[str, ...]) -> bool:
    """Whether one of the item's calls was taken at one of these extensions."""
    marks = ", ".join("?" for _ in extensions)
    return bool(
        value(
            db,
            "SELECT 1 FROM work_call w JOIN call c ON c.id = w.call_id"
            f" WHERE w.item_id = ? AND c.staff_extension IN ({marks}) AND c.staff_extension <> ''",
            (item_id, *extensions),
        )
    )


def count_items(
    db: Database, filters: WorkFilter, most: int = 1000, *, due_before: datetime | None = None
) -> int:
    """How many items there are, counted up to ``most``: a tab needs no more."""
    where, params = _conditions(filters)
    if due_before:
        where.append("i.due_at < ?")
        params.append(to_ms(due_before))
    sql = f"SELECT 1 FROM work_item i WHERE {' AND '.join(where)} LIMIT ?"
    return int(value(db, f"SELECT count(*) FROM ({sql})", (*params, most)))


def calls_of(db: Database, item_id: int) -> list[tuple[str, datetime, str, str, str]]:
    """The lost calls of an item, oldest first: ref, start, answer state, extension, reason."""
    found = rows(
        db,
        "SELECT c.ref, c.started_at, c.answer_state, c.staff_extension,"
        " COALESCE(k.turnaway_reason, '') AS reason FROM work_call w JOIN call c ON c.id = w.call_id"
        " LEFT JOIN card k ON k.call_id = c.id WHERE w.item_id = ? ORDER BY c.started_at, c.id",
        (item_id,),
    )
    return [
        (r["ref"], from_ms(r["started_at"]), r["answer_state"], r["staff_extension"], r["reason"])
        for r in found
    ]


def quote_of(db: Database, call_id: int | None) -> Quote | None:
    """What shows why a call was lost: where its turnaway was read, else the caller's first words."""
    place = row(
        db,
        "SELECT first_segment AS first, last_segment AS last FROM flag"
        " WHERE call_id = ? AND name = 'turnaway' AND first_segment IS NOT NULL",
        (call_id,),
    ) or row(
        db,
        "SELECT min(idx) AS first, min(idx) + 1 AS last FROM segment"
        " WHERE call_id = ? AND speaker <> 'staff' HAVING min(idx) IS NOT NULL",
        (call_id,),
    )
    if place is None:
        return None
    found = rows(
        db,
        "SELECT speaker, text, start_ms, end_ms, idx FROM segment"
        " WHERE call_id = ? AND idx BETWEEN ? AND ? ORDER BY idx LIMIT ?",
        (call_id, place["first"], place["last"], QUOTED),
    )
    return _quote(found, _playable(db, call_id)) if found else None


def _quote(found: list[Row], recording_ref: str) -> Quote:
    return Quote(
        lines=tuple((r["speaker"], r["text"]) for r in found),
        first_segment=found[0]["idx"],
        last_segment=found[-1]["idx"],
        start_ms=found[0]["start_ms"],
        end_ms=max(r["end_ms"] for r in found),
        recording_ref=recording_ref,
    )


def _playable(db: Database, call_id: int | None) -> str:
    sql = "SELECT ref FROM recording WHERE call_id = ? AND file <> '' AND playable_type <> ''"
    return str(value(db, f"{sql} AND duration_ms > 0 ORDER BY leg LIMIT 1", (call_id,)) or "")


def list_missed(
    db: Database, since: datetime, *, before: str = "", limit: int = PAGE
) -> tuple[list[MissedRow], str]:
    """Callers missed since a moment and not reached after it, by their newest missed call."""
    place, params = ("(c.started_at, c.id) < (?, ?)", _cursor(before)) if before else ("1", [])
    later = (
        "SELECT 1 FROM call n WHERE n.outside_key = c.outside_key AND n.outside_key <> ''"
        " AND n.duplicate_of IS NULL AND n.direction IN ('in', 'out')"
        " AND (n.direction = 'in' OR n.answer_state = 'answered')"
        " AND (n.started_at, n.id) > (c.started_at, c.id)"
    )
    tries = (
        "SELECT count(*) FROM call t WHERE t.outside_key = c.outside_key AND t.outside_key <> ''"
        " AND t.direction = 'in' AND t.answer_state <> 'answered' AND t.duplicate_of IS NULL"
        " AND t.started_at BETWEEN c.started_at - 86400000 AND c.started_at"
    )
    found = rows(
        db,
        "SELECT c.id, c.ref, c.started_at, c.answer_state, c.caller_number, c.caller_name,"
        f" max(1, ({tries})) AS tries, COALESCE((SELECT i.ref FROM work_call w JOIN work_item i"
        " ON i.id = w.item_id WHERE w.call_id = c.id AND i.closed_at IS NULL), '') AS item_ref"
        f" FROM call c WHERE c.duplicate_of IS NULL AND {followups.MISSED} AND c.started_at >= ?"
        " AND c.answer_state <> 'internal' AND NOT EXISTS (SELECT 1 FROM work_call w"
        " JOIN work_item i ON i.id = w.item_id WHERE w.call_id = c.id AND i.closed_at IS NOT NULL)"
        f" AND NOT EXISTS ({later}) AND {place}"
        " ORDER BY c.started_at DESC, c.id DESC LIMIT ?",
        (to_ms(since), *params, limit + 1),
    )
    page = [_missed(r) for r in found[:limit]]
    if len(found) <= limit:
        return page, ""
    return page, f"{to_ms(page[-1].started_at)}.{page[-1].call_id}"


def _missed(found: Row) -> MissedRow:
    return MissedRow(
        call_id=found["id"],
        ref=found["ref"],
        started_at=from_ms(found["started_at"]),
        answer_state=found["answer_state"],
        number=found["caller_number"],
        caller_name=found["caller_name"],
        tries=found["tries"],
        item_ref=found["item_ref"],
    )


def week_rows(db: Database, since: datetime) -> list[WeekRow]:
    """The lost bookings that began since a moment, as the weekly sums need them."""
    return _week_rows(db, "opened_at >= ? AND state <> 'not_lost'", to_ms(since))


def open_rows(db: Database) -> list[WeekRow]:
    """The lost bookings that are still to be won back, as the sums need them."""
    return _week_rows(db, "closed_at IS NULL")


def _week_rows(db: Database, where: str, *params: int) -> list[WeekRow]:
    found = rows(
        db,
        f"SELECT id, outside_key, opened_at, kind, intent, state FROM work_item WHERE {where}",
        params,
    )
    return [
        WeekRow(
            caller=r["outside_key"] or f"item {r['id']}",
            opened_at=from_ms(r["opened_at"]),
            kind=r["kind"],
            intent=r["intent"],
            state=r["state"],
        )
        for r in found
    ]


def _item(found: Row) -> WorkItem:
    same = (
        "id", "ref", "state", "kind", "reason", "intent", "calls", "due_by", "owner_id", "owner",
        "closed_by", "how", "after_ms", "shown_ref", "call_ref", "number", "caller_name",
        "staff_extension",
    )  # fmt: skip
    return WorkItem(
        urgent=bool(found["urgent"]),
        missed=bool(found["missed"]),
        opened_at=from_ms(found["opened_at"]),
        latest_at=from_ms(found["latest_at"]),
        due_at=from_ms(found["due_at"]),
        closed_at=None if found["closed_at"] is None else from_ms(found["closed_at"]),
        call_id=found["lead_id"],
        **{name: found[name] for name in same},
    )
