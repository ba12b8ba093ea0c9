"""Settings: the list of what can be set, and the clinic's name, time zone and hours."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import available_timezones

import msgspec
from litestar import get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Misconfigured
from appliance.store.settings import ClinicSettings, Hours, get_settings, read_hour, save_settings
from webui import menu
from webui.forms import Form
from webui.policy import Person
from webui.security import note

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_NAME = 80


@get("/settings", name="settings_list", opt={"action": "view_settings"}, sync_to_thread=True)
def settings_list() -> Template:
    """Everything that can be set, a line each."""
    return Template("settings.html", context={"places": menu.SETTINGS})


@get("/settings/clinic", name="clinic_show", opt={"action": "view_settings"}, sync_to_thread=True)
def clinic_show(db: Database, saved: str = "") -> Template:
    """The clinic as it is set."""
    return _page(get_settings(db), saved=bool(saved))


@post(
    "/settings/clinic", name="clinic_save", opt={"action": "change_settings"}, sync_to_thread=True
)
def clinic_save(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Put it in force; what was typed stays on the page when something is wrong with it."""
    before = get_settings(db)
    try:
        clinic = read_clinic(data, before)
    except Misconfigured as error:
        return _page(before, problem=str(error), typed=data)
    with writing(db):
        save_settings(db, clinic)
        note(db, person, "change_settings", "clinic", now=now)
    return Redirect("/settings/clinic?saved=1", status_code=303)


def read_clinic(data: Mapping[str, str], before: ClinicSettings) -> ClinicSettings:
    """The clinic a person typed; raises Misconfigured with what is wrong."""
    name, zone = data.get("clinic_name", "").strip(), data.get("zone", "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Misconfigured(f"give the clinic a name of at most {LONGEST_NAME} letters")
    if zone not in available_timezones():
        raise Misconfigured("choose a time zone of the list, like America/Chicago")
    others = (part.strip() for part in data.get("clinic_names", "").split(","))
    return msgspec.structs.replace(
        before,
        clinic_name=name,
        clinic_names=tuple(n[:LONGEST_NAME] for n in others if n and n.isprintable()),
        zone=zone,
        hours={str(day): hours for day in range(7) if (hours := _hours(data, day))},
    )


def _hours(data: Mapping[str, str], day: int) -> Hours | None:
    opens, closes = (data.get(f"{end}.{day}", "").strip() for end in ("opens", "closes"))
    if not opens and not closes:
        return None
    if not read_hour(opens) or not read_hour(closes) or opens >= closes:
        raise Misconfigured(f"{WEEKDAYS[day]}: give an opening and a later closing time, or none")
    return opens, closes


def _page(
    clinic: ClinicSettings,
    *,
    problem: str = "",
    saved: bool = False,
    typed: Mapping[str, str] | None = None,
) -> Template:
    filled = {
        "clinic_name": clinic.clinic_name,
        "clinic_names": ", ".join(clinic.clinic_names),
        "zone": clinic.zone,
    }
    for day in range(7):
        filled[f"opens.{day}"], filled[f"closes.{day}"] = clinic.hours.get(str(day), ("", ""))
    context = {
        "filled": filled | dict(typed or {}),
        "problem": problem,
        "saved": saved,
        "weekdays": list(enumerate(WEEKDAYS)),
        "zones": sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/")),
    }
    return Template("clinic.html", context=context, status_code=400 if problem else 200)


ROUTES = [settings_list, clinic_show, clinic_save]
