"""All calls of a number as the worklist looks at them, with what was read and said of each."""

from datetime import datetime, timedelta

from appliance.db import Database, Row, row, rows, value
from appliance.facts import to_ms
from appliance.facts.work import LineCall

LOOK_BACK = timedelta(days=60)

_LINE = """
SELECT c.id, c.started_at, c.direction, c.answer_state, c.state, c.duration_ms,
  COALESCE(k.intent, '') AS intent, COALESCE(k.urgency, '') AS urgency,
  COALESCE(k.outcome, '') AS outcome, COALESCE(k.turnaway_reason, '') AS reason,
  COALESCE(k.first_words, '') <> '' AS spoken, r.value AS verdict,
  w.item_id, COALESCE(w.by_hand, 0) AS by_hand
FROM call c LEFT JOIN card k ON k.call_id = c.id
LEFT JOIN review r ON r.call_id = c.id AND r.name = 'turnaway' AND r.superseded = 0
LEFT JOIN work_call w ON w.call_id = c.id
"""


def matters(db: Database, call_id: int) -> bool:
    """Whether a call can have to do with the list at all; most calls cannot, and cost one look."""
    return bool(
        value(
            db,
            "SELECT 1 FROM call c LEFT JOIN card k ON k.call_id = c.id WHERE c.id = ? AND"
            " c.duplicate_of IS NULL AND (COALESCE(k.turnaway_reason, '') <> ''"
            " OR c.answer_state = 'voicemail_left'"
            " OR EXISTS (SELECT 1 FROM work_call w WHERE w.call_id = c.id)"
            " OR EXISTS (SELECT 1 FROM work_item i"
            " WHERE i.outside_key = c.outside_key AND i.outside_key <> ''))",
            (call_id,),
        )
    )


def line_of(
    db: Database, call_id: int, now: datetime, *, by_hand: bool = False
) -> tuple[list[LineCall], dict[int, int]]:
    """All calls of the number from back then on, oldest first, and the items they belong to.

    A call without a number stands alone.
    """
    told = row(db, "SELECT outside_key, started_at FROM call WHERE id = ?", (call_id,))
    assert told is not None
    since = min(to_ms(now - LOOK_BACK), told["started_at"], _oldest_item(db, call_id))
    where, params = "c.id = ?", [call_id]
    if told["outside_key"]:
        where = "c.outside_key = ? AND c.outside_key <> '' AND c.started_at >= ?"
        params = [told["outside_key"], since]
    found = rows(
        db,
        f"{_LINE} WHERE {where} AND c.duplicate_of IS NULL ORDER BY c.started_at, c.id",
        params,
    )
    members = {r["id"]: r["item_id"] for r in found if r["item_id"] is not None}
    return [_line_call(r, by_hand and r["id"] == call_id) for r in found], members


def _oldest_item(db: Database, call_id: int) -> int:
    """When the oldest item began that may have to change: the call's own, or one still open."""
    found = value(
        db,
        "SELECT min(i.opened_at) FROM work_item i JOIN call c ON c.id = ?"
        " WHERE (i.outside_key = c.outside_key AND i.outside_key <> '' AND i.closed_at IS NULL)"
        " OR i.id = (SELECT item_id FROM work_call WHERE call_id = c.id)",
        (call_id,),
    )
    return 2**62 if found is None else int(found)


def _line_call(found: Row, by_hand: bool) -> LineCall:
    same = (
        "id", "direction", "answer_state", "state", "duration_ms", "intent", "urgency", "outcome",
        "reason", "verdict",
    )  # fmt: skip
    return LineCall(
        started_ms=found["started_at"],
        spoken=bool(found["spoken"]),
        by_hand=by_hand or bool(found["by_hand"]),
        **{name: found[name] for name in same},
    )
