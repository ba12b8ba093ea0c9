"""Phone systems: the list with its alarms, the wizard, and one page for each with all it needs.

Nothing is contacted here: *Test connection* and backfills are work for the courier.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance import phones, pipeline
from appliance.db import Database, writing
from appliance.errors import Misconfigured, PetsvetError, Refused
from appliance.facts.phones import Alarm, KindFacts
from appliance.store import alarms, connectors
from appliance.store.connectors import IMPORT, ConnectorRow
from appliance.store.drop_users import DropUserTaken, drop_place_of
from appliance.store.followups import follow_up
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.forms import Form
from webui.policy import Person
from webui.security import Box, note

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
    return Template(template, context=form_context(known, filled))


def form_context(
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
        settings, secrets = phones.read_form(kind, typed(data))
    except Misconfigured as error:
        problems = {"": sentence(error)}
        return Template("phone_new.html", context=form_context(known, data, problems), status_code=400)  # fmt: skip
    problems = phones.find_problems(kind, settings, secrets)
    name = data.get("name", "").strip() or known.title
    try:
        if not problems:
            with writing(db):
                number = _add(db, name, kind, settings, now)
                phones.save_secrets(db, box.keys, number, secrets, now=now)
                note(db, person, "add_phone", f"phone {number}", now=now, detail={"kind": kind})
            return Redirect(f"/phones/{number}", status_code=303)
    except DropUserTaken as error:
        problems = at_drop_user(settings, error)
    except Refused as error:
        problems = {"name": sentence(error)}
    return Template("phone_new.html", context=form_context(known, data, problems), status_code=400)


def _add(db: Database, name: str, kind: str, settings: dict[str, Any], now: datetime) -> int:
    """A draft; inside the transaction nobody else can take its name meanwhile."""
    if _is_taken(db, name):
        raise Refused("there is a phone system of this name already; choose another name")
    number = connectors.add_connector(db, name, kind, settings, now=now, draft=True)
    have_looked_up(db, number, settings, now)
    return number


def at_drop_user(settings: Mapping[str, Any], error: DropUserTaken) -> dict[str, str]:
    field, _ = drop_place_of(settings) or ("place", {})
    return {f"{field}.user": sentence(error)}


def sentence(error: PetsvetError | str) -> str:
    """A message as it stands beneath a field."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def have_looked_up(db: Database, number: int, settings: Mapping[str, Any], now: datetime) -> None:
    """Have the courier find out where names lead; addresses speak for themselves."""
    if any(not found.address for found in phones.addresses_of(settings)):
        pipeline.start_chore(db, "look_up", number, now=now)


def _is_taken(db: Database, name: str) -> bool:
    return any(row.name == name for row in connectors.list_connectors(db))


def typed(data: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in data.items() if name not in OURS}


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


ROUTES = [phones_list, phone_choose, phone_new, phone_add]


def hidden_digits(text: str) -> str:
    """A file name for those who may not see callers: phone numbers keep their last two digits."""
    return re.sub(r"\d{5,}(?=\d\d(?:\D|$))", lambda m: "•" * len(m[0]), text, flags=re.ASCII)


FILTERS = {
    "hours_of_work": hours_of_work, "part_name": phones.part_name, "sentence": sentence, "skew": skew, "gist": gist, "hidden_digits": hidden_digits,
}  # fmt: skip
