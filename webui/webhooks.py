"""Webhooks: which systems of the clinic are told of what, and what became of each telling."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from appliance import mail_forms, pipeline
from appliance.db import Database, writing
from appliance.errors import Misconfigured, Refused
from appliance.facts.notices import EVENTS
from appliance.store import hooks
from appliance.store.settings import get_settings, zone_of
from webui.forms import Form
from webui.policy import Person
from webui.security import Box, note

PAGE = "/settings/webhooks"
ABOUT = {
    "call.ready": "A call was read",
    "turnaway.opened": "Somebody wanted care and left",
    "turnaway.recovered": "Somebody who had left was booked after all",
    "safety.flagged": "A call should be checked for safety",
    "report.ready": "A report is ready",
}
SHOWN = 50


@get(PAGE, name="hooks_list", opt={"action": "view_settings"}, sync_to_thread=True)
def hooks_list(db: Database, now: datetime) -> Template:
    """All webhooks, and a form for another."""
    return _list(db, now)


@post(PAGE, name="hook_add", opt={"action": "change_settings"}, sync_to_thread=True)
def hook_add(data: Form, box: Box, db: Database, now: datetime, person: Person) -> Template:
    """Keep a webhook, and show its secret this once."""
    try:
        hook = mail_forms.read_hook(data, now, person.user.name)
        with writing(db):
            number, secret = hooks.add_hook(db, box.keys.connectors, hook, now=now)
            _note(db, person, number, "add", now)
    except Misconfigured as error:
        return _list(db, now, problem=str(error), typed=data)
    return _one(db, number, now, secret=secret)


@get(
    f"{PAGE}/{{number:int}}", name="hook_show", opt={"action": "view_settings"}, sync_to_thread=True
)
def hook_show(number: int, db: Database, now: datetime, before: int = 2**62) -> Template:
    """One webhook with its deliveries, newest first."""
    return _one(db, number, now, before=before)


@post(
    f"{PAGE}/{{number:int}}",
    name="hook_save",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def hook_save(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Put other settings in force; the secret stays."""
    hooks.get_hook(db, number)
    try:
        hook = mail_forms.read_hook(data, now, person.user.name, number)
        with writing(db):
            hooks.save_hook(db, hook)
            _note(db, person, number, "settings", now)
    except Misconfigured as error:
        return _one(db, number, now, problem=str(error), typed=data)
    return _back(number)


@post(
    f"{PAGE}/{{number:int}}/secret",
    name="hook_secret",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def hook_secret(number: int, box: Box, db: Database, now: datetime, person: Person) -> Template:
    """Make another secret and show it this once."""
    hooks.get_hook(db, number)
    with writing(db):
        secret = hooks.renew_secret(db, box.keys.connectors, number)
        _note(db, person, number, "secret", now)
    return _one(db, number, now, secret=secret)


@post(
    f"{PAGE}/{{number:int}}/switch",
    name="hook_switch",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def hook_switch(number: int, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Switch on or off, send a test, or remove."""
    hooks.get_hook(db, number)
    to = data.get("to", "")
    if to not in ("on", "off", "test", "remove"):
        raise Refused("choose what to do with the webhook")
    with writing(db):
        if to == "remove":
            hooks.remove_hook(db, number)
        elif to == "test":
            hooks.queue_test(db, number, now=now)
            pipeline.start_chore(db, "send_hooks", number, now=now)
        else:
            hooks.switch_hook(db, number, to == "on")
        _note(db, person, number, to, now)
    return Redirect(PAGE, status_code=303) if to == "remove" else _back(number)


@post(
    f"{PAGE}/{{number:int}}/deliveries/{{delivery:int}}",
    name="hook_replay",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def hook_replay(
    number: int, delivery: int, db: Database, now: datetime, person: Person
) -> Redirect:
    """Send a delivery again under the same id."""
    with writing(db):
        hooks.replay(db, number, delivery, now=now)
        pipeline.start_chore(db, "send_hooks", number, now=now)
        _note(db, person, number, "replay", now)
    return _back(number)


def _note(db: Database, person: Person, number: int, what: str, now: datetime) -> None:
    note(db, person, "change_webhook", f"webhook {number}", now=now, detail={"what": what})


def _back(number: int) -> Redirect:
    return Redirect(f"{PAGE}/{number}#log", status_code=303)


def _list(
    db: Database, now: datetime, *, problem: str = "", typed: Mapping[str, str] | None = None
) -> Template:
    context = {
        "hooks": hooks.list_hooks(db),
        "filled": typed or {},
        "problem": problem,
        "events": [(event, ABOUT[event]) for event in EVENTS],
        "now": now,
    }
    return Template("webhooks.html", context=context, status_code=400 if problem else 200)


def _one(
    db: Database,
    number: int,
    now: datetime,
    *,
    secret: str = "",
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    before: int = 2**62,
) -> Template:
    hook = hooks.get_hook(db, number)
    found = hooks.list_deliveries(db, number, before=before, limit=SHOWN + 1)
    context: dict[str, Any] = {
        "hook": hook,
        "secret": secret,
        "filled": typed or mail_forms.show_hook(hook),
        "problem": problem,
        "events": [(event, ABOUT[event]) for event in EVENTS],
        "deliveries": found[:SHOWN],
        "older": found[SHOWN - 1].id if len(found) > SHOWN else 0,
        "zone": zone_of(get_settings(db).zone),
        "now": now,
    }
    return Template("webhook.html", context=context, status_code=400 if problem else 200)


ROUTES = [
    hooks_list, hook_add, hook_show, hook_save, hook_secret, hook_switch, hook_replay,
]  # fmt: skip
