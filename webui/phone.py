"""The page of one phone system: its state, its test, its settings, and what switches it.

Nothing is contacted here, and no name resolved: *Test connection* is work for the courier.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance import phones, pipeline
from appliance.db import Database, value, writing
from appliance.drop_accounts import account_of, count_deliveries
from appliance.errors import Misconfigured, PetsvetError, Refused
from appliance.facts.phones import TriedPattern
from appliance.store import alarms, calls, connectors, pushed, refusals
from appliance.store.connectors import ConnectorRow
from appliance.store.drop_users import DropUserTaken
from appliance.store.settings import get_settings, zone_of
from appliance.store.troubles import list_troubles
from webui.forms import Form
from webui.phones import at_drop_user, form_context, have_looked_up, sentence, typed
from webui.policy import Person, may
from webui.security import Box, note

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_TEST = timedelta(minutes=3)  # after this the courier is busy elsewhere, and we say so


@get(
    "/phones/{number:int}", name="phone_show", opt={"action": "view_settings"}, sync_to_thread=True
)
def phone_show(number: int, box: Box, db: Database, now: datetime, person: Person) -> Template:
    """Everything about one phone system."""
    context = tell_phone(db, number, now, person)
    row: ConnectorRow = context["row"]
    if row.delivers:
        context["delivers_to"] = account_of(box.config, row)
    if not row.live and not row.draft:
        context["records"] = pushed.count_since_pause(db, number, row.paused_after)
        context["deliveries"] = count_deliveries(db, box.config.data, row)
    return Template("phone.html", context=context)


@get(
    "/phones/{number:int}/fields",
    name="phone_fields",
    opt={"action": "view_settings"},
    sync_to_thread=True,
)
def phone_fields(number: int, request: Request[Any, Any, Any], db: Database) -> Template:
    """The fields anew after another way to the files was chosen; nothing is saved."""
    row = connectors.get_connector(db, number)
    given = {n: t for n, t in request.query_params.items() if isinstance(t, str)}
    filled = {**phones.show_form(row.kind, row.settings), **given}
    context = form_context(phones.get_kind(row.kind), filled, row=row)
    return Template("_phone_fields.html", context=context)


def tell_phone(
    db: Database, number: int, now: datetime, person: Person, problems: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    row = connectors.get_connector(db, number)
    kind = phones.get_kind(row.kind)
    filled = {"name": row.name, **phones.show_form(row.kind, row.settings), **(given or {})}
    return {
        **form_context(kind, filled, problems, row),
        **_test_context(db, row, now, person),
        **_address_context(db, row),
        "alarms": [found.alarm for found in alarms.list_alarms(db, number)],
        "trouble": list_troubles(db).get(f"listener.{number}", ""),
        "staff": calls.list_staff(db),
        "days": WEEKDAYS,
        "clinic": get_settings(db),
        "records": 0,
        "deliveries": 0,
        "delivers_to": None,
        "has_pattern": any(field.name == "pattern" for field in kind.fields),
        "tried": _first_try(row),
    }


def _address_context(db: Database, row: ConnectorRow) -> dict[str, Any]:
    """Where the phone system is, by what the courier found out, and what the door refused."""
    addresses = phones.addresses_of(row.settings, row.addresses, row.allowed)
    told = {found.address for found in addresses}
    refused = refusals.list_refusals(db, row.id)
    return {
        "addresses": addresses,
        "refused_at": {found.address: found.at for found in refused},
        "refusals": [found for found in refused if found.address not in told],
        "looking": _open_since(db, row.id, "look_up", "probe") is not None,
    }


def _open_since(db: Database, number: int, *chores: str) -> int | None:
    """Since when one of these chores is waited for, in ms; None when none is."""
    marks = ", ".join("?" for _ in chores)
    sql = "SELECT min(created_at) FROM job WHERE subject = ? AND state IN ('waiting', 'running')"
    begun = value(db, f"{sql} AND kind IN ({marks})", (number, *chores))
    return None if begun is None else int(begun)


def _first_try(row: ConnectorRow) -> TriedPattern | None:
    """What the pattern in force reads in the newest names; None before the first test."""
    if not row.tested or not row.tested.names:
        return None
    return phones.try_pattern(str(row.settings.get("pattern", "")), row.tested.names)


def _test_context(db: Database, row: ConnectorRow, now: datetime, person: Person) -> dict[str, Any]:
    """The last test; whether one runs now, or has waited so long that something is wrong."""
    begun = _open_since(db, row.id, "probe")
    waits = (
        begun is not None and now.timestamp() * 1000 - begun > LONGEST_TEST.total_seconds() * 1000
    )
    return {
        "row": row,
        "testing": begun is not None,
        "stuck": waits,
        "zone": zone_of(get_settings(db).zone),
        "now": now,
        "names": may(person, "list_calls"),
    }


@post(
    "/phones/{number:int}",
    name="phone_save",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_save(
    number: int, data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Put other settings in force."""
    row = connectors.get_connector(db, number)
    try:
        settings, secrets = phones.read_form(row.kind, typed(data))
        problems = phones.find_problems(row.kind, settings, {*secrets, *row.secrets_set})
        if not problems:
            with writing(db):
                connectors.save_settings(db, number, settings, name=data.get("name", "").strip())
                phones.save_secrets(db, box.keys, number, secrets, now=now)
                have_looked_up(db, number, settings, now)
                note_change(db, person, number, now, "settings", ", ".join(sorted(secrets)))
            return go_back(number)
    except DropUserTaken as error:
        problems = at_drop_user(settings, error)
    except (Misconfigured, Refused) as error:
        problems = {"": sentence(error)}
    context = tell_phone(db, number, now, person, problems, typed(data))
    return Template("phone.html", context=context, status_code=400)


def note_change(
    db: Database, person: Person, number: int, now: datetime, what: str, secrets: str = ""
) -> None:
    detail = {"what": what} | ({"secrets": secrets} if secrets else {})
    note(db, person, "change_phone", f"phone {number}", now=now, detail=detail)


def refuse(
    db: Database, number: int, now: datetime, person: Person, error: PetsvetError, part: str = ""
) -> Template:
    """The page again, with what was wrong where it was typed."""
    context = tell_phone(db, number, now, person, {part: str(error)})
    return Template("phone.html", context=context, status_code=400)


def go_back(number: int, part: str = "") -> Redirect:
    return Redirect(f"/phones/{number}{'#' + part if part else ''}", status_code=303)


@post(
    "/phones/{number:int}/test",
    name="phone_test",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_test(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Have the courier test the connection; the page shows the result as soon as it is there."""
    connectors.get_connector(db, number)
    with writing(db):
        pipeline.start_chore(db, "probe", number, now=now)
        note(db, person, "test_phone", f"phone {number}", now=now)
    return go_back(number, "test")


@get(
    "/phones/{number:int}/test",
    name="phone_tested",
    opt={"action": "view_settings", "poll": True},
    sync_to_thread=True,
)
def phone_tested(number: int, db: Database, now: datetime, person: Person) -> Template:
    """The part of the page that waits for the result; asked often, so it tells nothing else."""
    row = connectors.get_connector(db, number)
    return Template("_phone_test.html", context=_test_context(db, row, now, person))


@get(
    "/phones/{number:int}/addresses",
    name="phone_addresses",
    opt={"action": "view_settings", "poll": True},
    sync_to_thread=True,
)
def phone_addresses(number: int, db: Database, now: datetime) -> Template:
    """The part of the page that waits until the courier knows where names lead."""
    row = connectors.get_connector(db, number)
    zone = zone_of(get_settings(db).zone)
    context = {"row": row, "zone": zone, "now": now, **_address_context(db, row)}
    return Template("_phone_addresses.html", context=context)


@post(
    "/phones/{number:int}/switch",
    name="phone_switch",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_switch(number: int, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Switch on a draft, pause, go on, or remove."""
    connectors.get_connector(db, number)
    to = data.get("to", "")
    changes = {
        "on": connectors.activate,
        "pause": connectors.pause,
        "resume": connectors.resume,
        "remove": connectors.remove_connector,
    }
    if to not in changes:
        raise Refused("choose what to do with the phone system")
    with writing(db):
        changes[to](db, number)
        if to in ("on", "resume"):
            pipeline.start_chore(db, "discover", number, now=now)
        note_change(db, person, number, now, to)
    return Redirect("/phones", status_code=303) if to == "remove" else go_back(number)


ROUTES = [
    phone_show, phone_fields, phone_save, phone_test, phone_tested, phone_addresses, phone_switch,
]  # fmt: skip
