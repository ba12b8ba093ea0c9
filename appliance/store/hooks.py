"""Webhooks: who is told of which events, and every telling with what became of it.

The secret signs what is sent (Standard Webhooks); it is made here, shown once and kept sealed.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import Misconfigured, NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.notices import EVENTS, Handed, Happening, Hook, HookDelivery
from appliance.store.sealed import open_text, seal_text

MOST_HOOKS = 20
GIVE_UP_HOOK = timedelta(days=5)
KEPT = timedelta(days=30)
# After each try, how long to wait for the next: eleven tries in three days.
WAITS = tuple(timedelta(minutes=m) for m in (0.5, 2, 10, 30, 120, 360, 720, 840, 960, 1200))
TEST = "test.ping"
_PREFIX = "whsec_"


def add_hook(db: Database, key: bytes, hook: Hook, *, now: datetime) -> tuple[int, str]:
    """Keep an address; returns its number and its secret, which is not shown again.

    Raises Misconfigured where there is nothing to tell, or there are too many already.
    """
    _check_events(hook.events)
    if int(value(db, "SELECT count(*) FROM hook")) >= MOST_HOOKS:
        raise Misconfigured(f"there are {MOST_HOOKS} webhooks already; remove one first")
    number = int(
        value(
            db,
            "INSERT INTO hook (url, events, allowed, authority, secret, created_at, set_by)"
            " VALUES (?, ?, ?, ?, x'', ?, ?) RETURNING id",
            (hook.url, _json(hook.events), _json(hook.allowed), hook.authority, to_ms(now), hook.set_by),
        )
    )  # fmt: skip
    return number, renew_secret(db, key, number)


def _check_events(events: Sequence[str]) -> None:
    if not events or not set(events) <= set(EVENTS):
        raise Misconfigured("choose at least one event")


def renew_secret(db: Database, key: bytes, hook_id: int) -> str:
    """Make another secret; the one before signs nothing any more."""
    secret = _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    execute(
        db,
        "UPDATE hook SET secret = ? WHERE id = ?",
        (seal_text(key, f"hook/{hook_id}", secret), hook_id),
    )
    return secret


def read_secret(db: Database, key: bytes, hook_id: int) -> str:
    """The secret of a webhook. Raises NotFound, Tampered."""
    found = row(db, "SELECT secret FROM hook WHERE id = ?", (hook_id,))
    if found is None:
        raise NotFound("there is no such webhook; it may have been removed")
    return open_text(key, f"hook/{hook_id}", bytes(found["secret"]))


def sign(secret: str, message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks for one message."""
    seconds = str(int(moment.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{mark}",
    }


def get_hook(db: Database, hook_id: int) -> Hook:
    """One webhook. Raises NotFound."""
    found = row(db, "SELECT * FROM hook WHERE id = ?", (hook_id,))
    if found is None:
        raise NotFound("there is no such webhook; it may have been removed")
    return _hook(found)


def list_hooks(db: Database) -> list[Hook]:
    """All webhooks, oldest first."""
    return [_hook(r) for r in rows(db, "SELECT * FROM hook ORDER BY id")]


def save_hook(db: Database, hook: Hook) -> None:
    """Put other settings in force. Raises Misconfigured."""
    _check_events(hook.events)
    execute(
        db,
        "UPDATE hook SET url = ?, events = ?, allowed = ?, authority = ?, set_by = ? WHERE id = ?",
        (hook.url, _json(hook.events), _json(hook.allowed), hook.authority, hook.set_by, hook.id),
    )


def switch_hook(db: Database, hook_id: int, on: bool) -> None:
    """Tell it of events from now on, or of none."""
    execute(
        db,
        "UPDATE hook SET enabled = ?, problem = '', failing_since = NULL WHERE id = ?",
        (int(on), hook_id),
    )


def remove_hook(db: Database, hook_id: int) -> None:
    """Forget a webhook with its secret and its deliveries."""
    get_hook(db, hook_id)
    execute(db, "DELETE FROM job WHERE kind = 'send_hooks' AND subject = ? AND state <> 'done'", (hook_id,))  # fmt: skip
    execute(db, "DELETE FROM hook WHERE id = ?", (hook_id,))


def tell_hooks(db: Database, happening: Happening, *, now: datetime) -> list[int]:
    """Queue an event for all that want it; returns their numbers. Belongs inside ``writing()``."""
    told = [h.id for h in list_hooks(db) if h.enabled and happening.event in h.events]
    data = {"ref": happening.ref, **happening.detail}
    body = _body(happening.event, happening.at, data)
    for hook_id in told:
        _queue(db, hook_id, f"msg_{happening.id}_{hook_id}", happening.event, body, now)
    return told


def queue_test(db: Database, hook_id: int, *, now: datetime) -> None:
    """Queue a message that tells nothing, to see whether it arrives."""
    body = _body(TEST, now, {"ref": "test"})
    _queue(db, hook_id, f"msg_test_{secrets.token_hex(8)}", TEST, body, now)


def _queue(db: Database, hook_id: int, message: str, event: str, body: str, now: datetime) -> None:
    execute(
        db,
        "INSERT OR IGNORE INTO hook_delivery"
        " (hook_id, message_id, event, body, state, next_at, created_at)"
        " VALUES (?, ?, ?, ?, 'waiting', ?, ?)",
        (hook_id, message, event, body, to_ms(now), to_ms(now)),
    )


def _body(event: str, moment: datetime, data: dict[str, str]) -> str:
    told = {"type": event, "timestamp": moment.isoformat(timespec="milliseconds"), "data": data}
    return msgspec.json.encode(told).decode()


def list_due(db: Database, now: datetime) -> list[int]:
    """The numbers of the webhooks for which something is due."""
    found = rows(
        db,
        "SELECT h.id FROM hook h WHERE h.enabled = 1 AND EXISTS (SELECT 1 FROM hook_delivery d"
        " WHERE d.hook_id = h.id AND d.state = 'waiting' AND d.next_at <= ?)",
        (to_ms(now),),
    )
    return [r["id"] for r in found]


def next_delivery(db: Database, hook_id: int, now: datetime) -> HookDelivery | None:
    """What has been due for the longest for one webhook."""
    found = row(
        db,
        "SELECT * FROM hook_delivery WHERE hook_id = ? AND state = 'waiting' AND next_at <= ?"
        " ORDER BY next_at, id LIMIT 1",
        (hook_id, to_ms(now)),
    )
    return _delivery(found) if found else None


def settle_delivery(
    db: Database, told: HookDelivery, handed: Handed, wait: timedelta, *, now: datetime
) -> str:
    """Note what became of a try; returns the state. While an address fails, all of it waits."""
    late = told.attempts >= len(WAITS) or told.event == TEST
    sent, gone = handed.state == "sent", handed.state == "refused"
    state = "sent" if sent else "parked" if late or gone else "waiting"
    execute(
        db,
        "UPDATE hook_delivery SET state = ?, attempts = attempts + 1, status = ?, error = ?,"
        " next_at = ?, sent_at = ? WHERE id = ? AND state = 'waiting'",
        (
            state,
            handed.status,
            handed.why,
            to_ms(now + wait),
            to_ms(now) if sent else None,
            told.id,
        ),
    )
    if not sent:
        execute(
            db,
            "UPDATE hook_delivery SET next_at = ? WHERE hook_id = ? AND state = 'waiting'"
            " AND next_at <= ?",
            (to_ms(now + wait), told.hook_id, to_ms(now)),
        )
    _settle_hook(db, told.hook_id, handed, now)
    return state


def _settle_hook(db: Database, hook_id: int, handed: Handed, now: datetime) -> None:
    if handed.state == "sent":
        execute(db, "UPDATE hook SET failing_since = NULL, problem = '' WHERE id = ?", (hook_id,))
        return
    execute(
        db,
        "UPDATE hook SET failing_since = COALESCE(failing_since, ?), problem = ? WHERE id = ?",
        (to_ms(now), handed.why, hook_id),
    )


def give_up_hook(db: Database, hook_id: int, *, gone: bool, now: datetime) -> bool:
    """Switch off an address that is gone or has failed for days; whether it was switched off now."""
    return bool(
        execute(
            db,
            "UPDATE hook SET enabled = 0 WHERE id = ? AND enabled = 1"
            " AND (? OR failing_since <= ?)",
            (hook_id, int(gone), to_ms(now - GIVE_UP_HOOK)),
        )
    )


def replay(db: Database, hook_id: int, delivery_id: int, *, now: datetime) -> None:
    """Send a delivery again, whatever became of it, under the same id. Raises NotFound."""
    changed = execute(
        db,
        "UPDATE hook_delivery SET state = 'waiting', attempts = 0, next_at = ?, error = ''"
        " WHERE id = ? AND hook_id = ?",
        (to_ms(now), delivery_id, hook_id),
    )
    if not changed:
        raise NotFound("there is no such delivery; old ones are forgotten after a month")


def list_deliveries(
    db: Database, hook_id: int, *, before: int = 2**62, limit: int = 50
) -> list[HookDelivery]:
    """The newest deliveries of a webhook."""
    found = rows(
        db,
        "SELECT * FROM hook_delivery WHERE hook_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        (hook_id, before, limit),
    )
    return [_delivery(r) for r in found]


def prune_deliveries(db: Database, *, now: datetime) -> None:
    """Forget what was delivered or given up long ago."""
    execute(
        db,
        "DELETE FROM hook_delivery WHERE created_at < ? AND state <> 'waiting'",
        (to_ms(now - KEPT),),
    )


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


def _hook(found: Row) -> Hook:
    failing = found["failing_since"]
    return Hook(
        id=found["id"],
        url=found["url"],
        events=msgspec.json.decode(found["events"], type=tuple[str, ...]),
        allowed=msgspec.json.decode(found["allowed"], type=tuple[str, ...]),
        authority=found["authority"],
        enabled=bool(found["enabled"]),
        problem=found["problem"],
        failing_since=None if failing is None else from_ms(failing),
        created_at=from_ms(found["created_at"]),
        set_by=found["set_by"],
    )


def _delivery(found: Row) -> HookDelivery:
    fields = (
        "id",
        "hook_id",
        "message_id",
        "event",
        "body",
        "state",
        "attempts",
        "status",
        "error",
    )
    return HookDelivery(
        next_at=from_ms(found["next_at"]),
        created_at=from_ms(found["created_at"]),
        sent_at=None if found["sent_at"] is None else from_ms(found["sent_at"]),
        **{field: found[field] for field in fields},
    )
