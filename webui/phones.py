"""Phone systems: the list with its alarms, the wizard, and one page for each with all it needs.

Nothing is contacted here: *Test connection* and backfills are work for the courier.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from appliance import phones, pipeline
from appliance.db import Database, value, writing
from appliance.errors import Misconfigured, PetsvetError, Refused
from appliance.facts.phones import Alarm, KindFacts, TriedPattern
from appliance.store import alarms, calls, connectors
from appliance.store.connectors import IMPORT, ConnectorRow
from appliance.store.followups import follow_up
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.policy import Person, may
from webui.security import Box, note

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OURS = ("csrf", "name", "kind")  # names in a form that are no settings
LONGEST_TEST = timedelta(minutes=3)  # after this the courier is busy elsewhere, and we say so


@get("/phones", name="phones_list", opt={"action": "view_settings"}, sync_to_thread=True)
def phones_list(db: Database, now: datetime) -> Template:
    """All phone systems, what is wrong with them, and what became of missed calls."""
    zone = zone_of(get_settings(db).zone)
    context = {
        "phones": [row for row in connectors.list_connectors(db) if not _is_import(row)],
        "alarms": alarms.list_alarms(db),
        "titles": {kind.name: kind.title for kind in phones.list_kinds()},
        "week": follow_up(db, now - timedelta(days=7), now),
        "zone": zone,
        "now": now,
    }
    return Template("phones.html", context=context)


def _is_import(row: ConnectorRow) -> bool:
    return row.name.startswith(IMPORT)


@get("/phones/new", name="phone_choose", opt={"action": "change_settings"}, sync_to_thread=True)
def phone_choose() -> Template:
    """The first step: which phone system."""
    return Template("phone_choose.html", context={"kinds": phones.list_kinds()})


@get(
    "/phones/new/{kind:str}",
    name="phone_new",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_new(kind: str, request: Request[Any, Any, Any], db: Database) -> Template:
    """The second step: its address and secrets."""
    known = phones.get_kind(kind)
    typed = {n: t for n, t in request.query_params.items() if isinstance(t, str)}
    filled = {"name": known.title, **phones.show_form(kind, {})}
    if filled.get("zone") == "UTC":  # a phone system's clock is most often the clinic's
        filled["zone"] = get_settings(db).zone
    filled |= typed
    partial = "hx-request" in request.headers
    template = "_phone_fields.html" if partial else "phone_new.html"
    return Template(template, context=_form_context(known, filled))


def _form_context(
    kind: KindFacts,
    filled: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    row: ConnectorRow | None = None,
) -> dict[str, Any]:
    """What the fields of a form need; ``row`` where there is a phone system already."""
    places = phones.list_places()
    return {
        "kind": kind,
        "filled": filled,
        "places": places,
        "place_fields": {place.name: place.fields for place in places},
        "problems": problems or {},
        "secrets_set": row.secrets_set if row else {},
        "row": row,
    }


@post(
    "/phones/new/{kind:str}",
    name="phone_add",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_add(
    kind: str, data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Keep what was typed as a draft, which is tested before it is switched on."""
    known = phones.get_kind(kind)
    try:
        settings, secrets = phones.read_form(kind, _typed(data))
    except Misconfigured as error:
        problems = {"": str(error)}
        return Template("phone_new.html", context=_form_context(known, data, problems), status_code=400)  # fmt: skip
    problems = phones.find_problems(kind, settings, secrets)
    name = data.get("name", "").strip() or known.title
    if not problems and _is_taken(db, name):
        problems = {"name": "There is a phone system of this name already; choose another name."}
    if problems:
        return Template("phone_new.html", context=_form_context(known, data, problems), status_code=400)  # fmt: skip
    with writing(db):
        number = connectors.add_connector(db, name, kind, settings, now=now, draft=True)
        phones.save_secrets(db, box.keys, number, secrets, now=now)
        note(db, person, "add_phone", f"phone {number}", now=now, detail={"kind": kind})
    return Redirect(f"/phones/{number}", status_code=303)


def _is_taken(db: Database, name: str) -> bool:
    return any(row.name == name for row in connectors.list_connectors(db))


def _typed(data: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in data.items() if name not in OURS}


@get(
    "/phones/{number:int}", name="phone_show", opt={"action": "view_settings"}, sync_to_thread=True
)
def phone_show(number: int, db: Database, now: datetime, person: Person) -> Template:
    """Everything about one phone system."""
    return Template("phone.html", context=tell_phone(db, number, now, person))


@get(
    "/phones/{number:int}/fields",
    name="phone_fields",
    opt={"action": "view_settings"},
    sync_to_thread=True,
)
def phone_fields(number: int, request: Request[Any, Any, Any], db: Database) -> Template:
    """The fields anew after another way to the files was chosen; nothing is saved."""
    row = connectors.get_connector(db, number)
    typed = {n: t for n, t in request.query_params.items() if isinstance(t, str)}
    filled = {**phones.show_form(row.kind, row.settings), **typed}
    context = _form_context(phones.get_kind(row.kind), filled, row=row)
    return Template("_phone_fields.html", context=context)


def tell_phone(
    db: Database, number: int, now: datetime, person: Person, problems: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    row = connectors.get_connector(db, number)
    kind = phones.get_kind(row.kind)
    filled = {"name": row.name, **phones.show_form(row.kind, row.settings), **(typed or {})}
    return {
        **_form_context(kind, filled, problems, row),
        **_test_context(db, row, now, person),
        "alarms": [found.alarm for found in alarms.list_alarms(db, number)],
        "addresses": phones.addresses_of(row.kind, row.settings, row.allowed),
        "staff": calls.list_staff(db),
        "days": WEEKDAYS,
        "clinic": get_settings(db),
        "has_pattern": any(field.name == "pattern" for field in kind.fields),
        "tried": _first_try(row),
    }


def _first_try(row: ConnectorRow) -> TriedPattern | None:
    """What the pattern in force reads in the newest names; None before the first test."""
    if not row.tested or not row.tested.names:
        return None
    return phones.try_pattern(str(row.settings.get("pattern", "")), row.tested.names)


def _test_context(db: Database, row: ConnectorRow, now: datetime, person: Person) -> dict[str, Any]:
    """The last test; whether one runs now, or has waited so long that something is wrong."""
    begun = value(
        db,
        "SELECT created_at FROM job WHERE kind = 'probe' AND subject = ?"
        " AND state IN ('waiting', 'running')",
        (row.id,),
    )
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
        settings, secrets = phones.read_form(row.kind, _typed(data))
        problems = phones.find_problems(row.kind, settings, {*secrets, *row.secrets_set})
        if not problems:
            with writing(db):
                connectors.save_settings(db, number, settings, name=data.get("name", "").strip())
                phones.save_secrets(db, box.keys, number, secrets, now=now)
                note_change(db, person, number, now, "settings", ", ".join(sorted(secrets)))
            return go_back(number)
    except (Misconfigured, Refused) as error:
        problems = {"": str(error)}
    context = tell_phone(db, number, now, person, problems, _typed(data))
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


def hours_of_work(milliseconds: int | None) -> str:
    """About 3 hours, under an hour, about 2 days: an estimate, told as one."""
    if milliseconds is None:
        return ""
    hours = milliseconds / 3_600_000
    if hours < 1:
        return "under an hour"
    if hours < 36:
        return f"about {round(hours)} hour{'' if round(hours) == 1 else 's'}"
    return f"about {round(hours / 24)} days"


def skew(seconds: float | None) -> str:
    """The clock of a phone system in words; under half a minute counts as right."""
    if seconds is None:
        return "not told"
    if abs(seconds) < 30:
        return "right"
    way = "ahead" if seconds > 0 else "behind"
    return f"{show.spoken_length(round(abs(seconds)) * 1000)} {way}"


def gist(alarm: Alarm) -> str:
    """The short name of an alarm."""
    return show.label(alarm.code)


ROUTES = [
    phones_list, phone_choose, phone_new, phone_add, phone_show, phone_fields, phone_save,
    phone_test, phone_tested, phone_switch,
]  # fmt: skip


def hidden_digits(text: str) -> str:
    """A file name for those who may not see callers: phone numbers keep their last two digits."""
    return re.sub(r"\d{5,}(?=\d\d(?:\D|$))", lambda m: "•" * len(m[0]), text, flags=re.ASCII)


FILTERS = {
    "hours_of_work": hours_of_work, "skew": skew, "gist": gist, "hidden_digits": hidden_digits,
}  # fmt: skip
