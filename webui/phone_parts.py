"""The parts of a phone system's page that change one thing: addresses, names, rules, earlier calls."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from litestar import post
from litestar.response import Redirect, Template

from appliance import phones, pipeline
from appliance.db import Database, writing
from appliance.errors import Misconfigured, PetsvetError, Refused
from appliance.facts.phones import Rule
from appliance.reading.rules import check_rule
from appliance.store import backlog, calls, connectors
from webui.forms import Form
from webui.phone import go_back, note_change, refuse
from webui.policy import Person, may


@post(
    "/phones/{number:int}/allow",
    name="phone_allow",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_allow(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Let the box talk to an address for this phone system, or take that back."""
    connectors.get_connector(db, number)
    back = data.get("take_back", "")
    change = phones.disallow_address if back else phones.allow_address
    try:
        with writing(db):
            change(db, number, data.get("address", ""))
            note_change(db, person, number, now, "disallow" if back else "allow")
    except PetsvetError as error:
        return refuse(db, number, now, person, error)
    return go_back(number, "test")


@post(
    "/phones/{number:int}/staff",
    name="phone_staff",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_staff(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Say who sits at which extension; an empty name leaves the number as it is."""
    connectors.get_connector(db, number)
    try:
        named = read_names(data)
    except Refused as error:
        return refuse(db, number, now, person, error)
    with writing(db):
        for extension, name in named.items():
            calls.name_staff(db, extension, name)
        note_change(db, person, number, now, "staff")
    return go_back(number, "staff")


def read_names(data: Mapping[str, str]) -> dict[str, str]:
    """Names by extension, empty ones left out; raises Refused for what is neither."""
    typed = {k.removeprefix("staff."): v for k, v in data.items() if k.startswith("staff.")}
    typed[data.get("extension", "").strip()] = data.get("who", "")
    named = {extension: name.strip() for extension, name in typed.items() if name.strip()}
    if any(not e.isascii() or not e.isdigit() or len(e) > 10 for e in named):
        raise Refused("an extension is a number; give one for every name")
    if any(len(name) > 60 or not name.isprintable() for name in named.values()):
        raise Refused("a name has at most sixty letters")
    return named


@post(
    "/phones/{number:int}/rules",
    name="phone_rules",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_rules(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Add a rule, or take one away."""
    row = connectors.get_connector(db, number)
    gone = data.get("remove", "")
    try:
        if gone.isdecimal():
            rules = tuple(r for place, r in enumerate(row.rules) if place != int(gone))
        else:
            rules = (*row.rules, read_rule(data))
    except PetsvetError as error:
        return refuse(db, number, now, person, error, "rule")
    with writing(db):
        connectors.save_rules(db, number, rules)
        note_change(db, person, number, now, "rules")
    return go_back(number, "rules")


def read_rule(data: Mapping[str, str]) -> Rule:
    """The rule a person typed; raises Misconfigured for one that means nothing or everything."""

    def numbers(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in data.get(name, "").split(",") if part.strip())

    rule = Rule(
        effect=data.get("effect", ""),
        lines=numbers("lines"),
        extensions=numbers("extensions"),
        days=tuple(day for day in range(7) if data.get(f"day.{day}")),
        start=data.get("start", "").strip(),
        end=data.get("end", "").strip(),
    )
    check_rule(rule)
    return rule


@post(
    "/phones/{number:int}/backfill",
    name="phone_backfill",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_backfill(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Estimate, start or stop the fetching of earlier calls."""
    connectors.get_connector(db, number)
    to = data.get("to", "")
    try:
        with writing(db):
            if to in ("estimate", "start"):
                since = read_day(data.get("since", ""), now)
                backlog.ask(db, number, since, start=to == "start", now=now)
                pipeline.start_chore(db, "backfill", number, now=now)
            else:
                backlog.stop(db, number)
            note_change(db, person, number, now, f"backfill {to}")
    except PetsvetError as error:
        return refuse(db, number, now, person, error, "since")
    return go_back(number, "backfill")


def read_day(text: str, now: datetime) -> date:
    """The first day to fetch; raises Misconfigured for none, and for one that is still to come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Misconfigured("choose the first day to fetch") from None
    if not date(2000, 1, 1) <= day <= now.astimezone(UTC).date():
        raise Misconfigured("choose a day that has been")
    return day


@post(
    "/phones/{number:int}/pattern",
    name="phone_pattern",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def phone_pattern(number: int, data: Form, db: Database, person: Person) -> Template:
    """Try a pattern on the names of the newest recordings; saved with the settings, not here."""
    row = connectors.get_connector(db, number)
    names = row.tested.names if row.tested else ()
    tried = phones.try_pattern(data.get("pattern", "").strip()[:500], names)
    context = {"tried": tried, "names": may(person, "list_calls")}
    return Template("_phone_pattern.html", context=context)


ROUTES = [phone_pattern, phone_allow, phone_staff, phone_rules, phone_backfill]
