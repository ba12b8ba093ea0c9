"""Send hooks: tell one webhook what is due for it, one message at a time."""

import hashlib
import random
from datetime import datetime, timedelta

from appliance import queue
from appliance.chores.notices import tell_system
from appliance.config import Config
from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.notices import Egress, Handed, Hook, HookDelivery
from appliance.store import audit, egress, hooks
from appliance.tools import Tools
from connectors.hooks import post

LANE = "courier"
STOPPED = (
    "A webhook was switched off: its receiver has not taken messages for days. Look at what it"
    " answers, then switch it on again."
)


class Told(Fact, frozen=True, kw_only=True):
    """One delivery and what became of it."""

    hook: Hook
    delivery: HookDelivery
    handed: Handed
    config: Config


def work(db: Database, tools: Tools, hook_id: int) -> Told | None:
    """Tell one message; nothing where the webhook is off or nothing is due."""
    hook = hooks.get_hook(db, hook_id)
    due = hooks.next_delivery(db, hook_id, tools.now()) if hook.enabled else None
    if due is None:
        return None
    body = due.body.encode()
    secret = hooks.read_secret(db, tools.keys.connectors, hook_id)
    handed = post(hook, hooks.sign(secret, due.message_id, tools.now(), body), body)
    return Told(hook=hook, delivery=due, handed=handed, config=tools.config)


def save(db: Database, told: Told | None, now: datetime) -> bool:
    """Note what became of it, and go on with the next."""
    if told is None:
        return True
    hook_id, delivery = told.hook.id, told.delivery
    hooks.get_hook(db, hook_id)  # removed meanwhile: nothing to note
    wait = hooks.WAITS[min(delivery.attempts, len(hooks.WAITS) - 1)] * random.uniform(0.9, 1.1)
    state = hooks.settle_delivery(db, delivery, told.handed, _whole(wait), now=now)
    if told.handed.left:
        egress.note_egress(db, _gone(told, now))
    if state != "waiting":
        action = "send_hook" if state == "sent" else "park_hook"
        detail = {"event": delivery.event, "id": delivery.message_id}
        audit.record(db, "courier", "system", action, f"webhook {hook_id}", now=now, detail=detail)
    if hooks.give_up_hook(db, hook_id, gone=told.handed.state == "refused", now=now):
        _tell_of_end(db, told, now)
    elif hooks.next_delivery(db, hook_id, now):
        queue.enqueue(db, "send_hooks", hook_id, LANE, now=now)
    return True


def _whole(wait: timedelta) -> timedelta:
    return timedelta(seconds=round(wait.total_seconds()))


def _tell_of_end(db: Database, told: Told, now: datetime) -> None:
    where = f"webhook {told.hook.id}"
    audit.record(db, "courier", "system", "stop_hook", where, now=now)
    tell_system(db, told.config, STOPPED, f"/settings/webhooks/{told.hook.id}", now=now)


def _gone(told: Told, now: datetime) -> Egress:
    body = told.delivery.body.encode()
    return Egress(
        at=now,
        kind="webhook",
        destination=told.hook.url.partition("?")[0],
        reason=told.delivery.event,
        allowed_by=told.hook.set_by,
        bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        subject=told.delivery.message_id,
    )
