"""Lost bookings become items of the worklist, one per caller, and close by themselves.

``settle_call`` looks at all calls of a number and brings its items in line with them. It may be run
at any time, in any order and as often as one likes: it always ends in the same items.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appliance.db import Database, Row, execute, rows, value
from appliance.facts import from_ms, to_ms
from appliance.facts.codes import KIND_OF_REASON
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.facts.work import (
    IN_PROGRESS,
    LOST,
    NOT_LOST,
    OPEN,
    RECOVERED,
    LineCall,
    LostCall,
)
from appliance.reading.lost import (
    due_at,
    first_reach,
    how_reached,
    is_urgent,
    lost_calls,
    nobody_took,
    reaching_calls,
    telling_call,
)
from appliance.store.lines import line_of, matters
from appliance.store.receiving import new_ref
from appliance.store.settings import get_settings, zone_of

WORTH_CALLING = timedelta(days=14)  # after that nobody calls back, and an item closes by itself
AT_ONCE = 500


def settle_call(db: Database, call_id: int, *, now: datetime, by_hand: bool = False) -> None:
    """Bring the items of a call's number in line with its calls; belongs inside ``writing()``.

    ``by_hand`` puts the call itself on the list although it does not look like a lost booking.
    """
    execute(db, "DELETE FROM work_mark WHERE call_id = ?", (call_id,))
    if not by_hand and not matters(db, call_id):
        return
    line, members = line_of(db, call_id, now, by_hand=by_hand)
    lost, reaching = lost_calls(line), reaching_calls(line)
    _regroup(db, _whole_items(db, line, members), lost, reaching, members)
    for one in lost:
        if one.call.id not in members:
            _place(db, one, reaching, members, now)
    for item in _whole_items(db, line, members):
        mine = [one for one in lost if members.get(one.call.id) == item["id"]]
        if mine or not _is_said(item, line, members):
            _bring_in_line(db, item, mine, reaching, now)


def _is_said(item: Row, line: Sequence[LineCall], members: dict[int, int]) -> bool:
    """Whether a person closed an item, and nobody said since that it was no lost booking."""
    verdicts = [call.verdict for call in line if members.get(call.id) == item["id"]]
    return item["how"] == "said" and NOT_TURNED_AWAY not in verdicts


def _whole_items(db: Database, line: Sequence[LineCall], members: dict[int, int]) -> list[Row]:
    """The items all of whose calls were looked at; older ones are history and stay as they are."""
    found = _items_of(db, set(members.values()))
    return [item for item in found if item["opened_at"] >= line[0].started_ms]


def _items_of(db: Database, ids: set[int]) -> list[Row]:
    marks = ", ".join("?" for _ in ids)
    return rows(db, f"SELECT * FROM work_item WHERE id IN ({marks}) ORDER BY id", tuple(ids))


def _regroup(
    db: Database,
    items: Sequence[Row],
    lost: Sequence[LostCall],
    reaching: Sequence[LineCall],
    members: dict[int, int],
) -> None:
    """Let go of calls that another call, known only now, parts from the rest of their item.

    And where it turns out that nothing lies between two items, make one of them.
    """
    held: dict[LineCall | None, Row] = {}
    counting = {one.call.id for one in lost}
    for item in items:
        mine = [one.call for one in lost if members.get(one.call.id) == item["id"]]
        if not mine or _is_over(item):
            continue
        reach = _reach(reaching, item, mine[-1])
        stay = {call.id for call in mine if _reach(reaching, item, call) == reach}
        for call_id in [n for n, held_by in members.items() if held_by == item["id"]]:
            if call_id not in stay:
                _let_go(db, call_id, counts=call_id in counting)
                del members[call_id]
        if reach in held:
            _merge(db, held[reach], item, members)
        held.setdefault(reach, item)


def _reach(reaching: Sequence[LineCall], item: Row, call: LineCall) -> LineCall | None:
    return first_reach(reaching, max(call.started_ms, item["watch_from"]))


def _let_go(db: Database, call_id: int, *, counts: bool) -> None:
    """A call that counts goes to another item at once; one that does not leaves the list."""
    if not counts:
        execute(db, "DELETE FROM work_call WHERE call_id = ?", (call_id,))


def _merge(db: Database, item: Row, other: Row, members: dict[int, int]) -> None:
    """Give all that an item has to an older one of the same caller."""
    for table in ("work_note", "work_call"):
        execute(db, f"UPDATE {table} SET item_id = ? WHERE item_id = ?", (item["id"], other["id"]))
    if item["owner_id"] is None and other["owner_id"] is not None:
        _set(db, item["id"], {"owner_id": other["owner_id"], "state": IN_PROGRESS})
    execute(db, "DELETE FROM work_item WHERE id = ?", (other["id"],))
    members.update({call: item["id"] for call, held in members.items() if held == other["id"]})


def _place(
    db: Database,
    one: LostCall,
    reaching: Sequence[LineCall],
    members: dict[int, int],
    now: datetime,
) -> None:
    """Give a lost call to the item it belongs to, or open one."""
    call = one.call
    if not call.by_hand and from_ms(call.started_ms) < now - WORTH_CALLING:
        return
    known = (item for item in _items_of(db, set(members.values())) if _takes(item, call, reaching))
    item = next(known, None)
    item_id = int(item["id"]) if item else _open_item(db, one)
    execute(
        db,
        "INSERT INTO work_call VALUES (?, ?, ?)"
        " ON CONFLICT (call_id) DO UPDATE SET item_id = excluded.item_id",
        (call.id, item_id, int(call.by_hand)),
    )
    members[call.id] = item_id


def _takes(item: Row, call: LineCall, reaching: Sequence[LineCall]) -> bool:
    """Whether a lost call belongs to an item: nobody reached the caller in between."""
    if item["state"] == NOT_LOST:
        return False
    if _is_over(item):
        return bool(call.started_ms <= item["closed_at"])
    began = max(item["latest_at"], item["watch_from"])
    return first_reach(reaching, began) == first_reach(reaching, call.started_ms)


def _is_over(item: Row) -> bool:
    """Closed by a person or by time: what the caller does later is another matter."""
    return item["closed_at"] is not None and item["how"] in ("said", "expired")


def _open_item(db: Database, one: LostCall) -> int:
    call = one.call
    return int(
        value(
            db,
            "INSERT INTO work_item (ref, outside_key, state, kind, reason, intent, urgent, missed,"
            " calls, opened_at, latest_at, due_at) SELECT ?, outside_key, ?, '', '', '', 0, 0, 0,"
            " ?, ?, 0 FROM call WHERE id = ? RETURNING id",
            (new_ref(), OPEN, call.started_ms, call.started_ms, call.id),
        )
    )


def _bring_in_line(
    db: Database, item: Row, lost: list[LostCall], reaching: Sequence[LineCall], now: datetime
) -> None:
    """What an item tells, and whether it is open, follow from its calls; a person's word stays."""
    if not lost:
        _close(db, item, NOT_LOST, "corrected", now)
        return
    _tell(db, item, lost)
    if item["closed_at"] is not None and item["how"] == "said":
        return
    waits_since = max(lost[-1].call.started_ms, item["watch_from"])
    ends = from_ms(waits_since) + WORTH_CALLING
    reach = first_reach(reaching, waits_since)
    if reach and from_ms(reach.started_ms) <= ends:
        _recover(db, item, lost[0].call, reach)
    elif ends < now:
        _close(db, item, LOST, "expired", now)
    elif item["closed_at"] is not None:
        reopen(db, item["id"])
        note(db, item["id"], "reopened", "", now=now)


def _tell(db: Database, item: Row, lost: list[LostCall]) -> None:
    lead = telling_call(lost)
    urgent = any(is_urgent(one.call) for one in lost)
    told = {
        "lead_id": lead.call.id,
        "reason": lead.reason,
        "kind": KIND_OF_REASON[lead.reason],
        "intent": lead.call.intent or "unknown",
        "urgent": int(urgent),
        "missed": int(all(nobody_took(one.call) for one in lost)),
        "calls": len(lost),
        "opened_at": lost[0].call.started_ms,
        "latest_at": lost[-1].call.started_ms,
    }
    if not item["due_by"]:
        told["due_at"] = _usual_due(db, lost[0].call, urgent)
    # A late record can tell the number of a call that had none.
    told["outside_key"] = value(db, "SELECT outside_key FROM call WHERE id = ?", (lead.call.id,))
    _set(db, item["id"], told)


def _usual_due(db: Database, first: LineCall, urgent: bool) -> int:
    clinic = get_settings(db)
    return to_ms(due_at(from_ms(first.started_ms), urgent, clinic.hours, zone_of(clinic.zone)))


def _recover(db: Database, item: Row, first: LineCall, reach: LineCall) -> None:
    """Close an item by the call that shows that the caller was reached."""
    told = {
        "state": RECOVERED,
        "how": how_reached(reach),
        "shown_by": reach.id,
        "closed_at": reach.started_ms,
        "after_ms": reach.started_ms - first.started_ms,
        "closed_by": "",
    }
    if all(item[name] == told[name] for name in told):
        return
    _set(db, item["id"], told)
    note(db, item["id"], RECOVERED, "", now=from_ms(reach.started_ms), text=str(told["how"]))


def _close(db: Database, item: Row, state: str, how: str, now: datetime) -> None:
    if item["state"] == state:
        return
    _set(db, item["id"], {"state": state, "how": how, "closed_at": to_ms(now), "closed_by": "",
                          "shown_by": None, "after_ms": None})  # fmt: skip
    note(db, item["id"], state, "", now=now, text=how)


def reopen(db: Database, item_id: int, *, watch_from: datetime | None = None) -> None:
    """Put an item back on the list; calls before ``watch_from`` do not close it again."""
    execute(
        db,
        "UPDATE work_item SET state = CASE WHEN owner_id IS NULL THEN ? ELSE ? END, how = '',"
        " closed_at = NULL, closed_by = '', shown_by = NULL, after_ms = NULL,"
        " watch_from = max(watch_from, ?) WHERE id = ?",
        (OPEN, IN_PROGRESS, to_ms(watch_from) if watch_from else 0, item_id),
    )


def note(db: Database, item_id: int, what: str, by: str, *, now: datetime, text: str = "") -> None:
    """Keep what happened to an item; ``by`` is "" for the box itself."""
    execute(
        db,
        "INSERT INTO work_note (item_id, at, by, what, text) VALUES (?, ?, ?, ?, ?)",
        (item_id, to_ms(now), by, what, text),
    )


def _set(db: Database, item_id: int, told: dict[str, object]) -> None:
    sets = ", ".join(f"{name} = ?" for name in told)
    execute(db, f"UPDATE work_item SET {sets} WHERE id = ?", (*told.values(), item_id))


def mark_call(db: Database, call_id: int) -> None:
    """Have the worklist look at a call when it next can: what it meant has changed."""
    execute(db, "INSERT OR IGNORE INTO work_mark VALUES (?)", (call_id,))


def unsettled(db: Database, now: datetime, limit: int = AT_ONCE) -> list[int]:
    """Calls the list must look at: marked ones, and those of open items that may close by now."""
    marked = [r["call_id"] for r in rows(db, "SELECT call_id FROM work_mark LIMIT ?", (limit,))]
    due = rows(
        db,
        "SELECT i.lead_id FROM work_item i WHERE i.closed_at IS NULL AND i.lead_id IS NOT NULL AND"
        " (max(i.latest_at, i.watch_from) < ? OR EXISTS (SELECT 1 FROM call f"
        " WHERE f.outside_key = i.outside_key AND f.outside_key <> '' AND"
        " f.answer_state = 'answered' AND f.duplicate_of IS NULL AND"
        " (f.direction = 'out' OR (f.direction = 'in' AND f.state = 'skipped'))"
        " AND f.started_at > max(i.latest_at, i.watch_from))) LIMIT ?",
        (to_ms(now - WORTH_CALLING), limit),
    )
    return list(dict.fromkeys([*marked, *(r["lead_id"] for r in due)]))[:limit]


def has_marks(db: Database) -> bool:
    """Whether calls wait to be looked at."""
    return value(db, "SELECT 1 FROM work_mark LIMIT 1") is not None
