"""A week of the clinic from Monday to Sunday, told so that it may be printed and passed on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from appliance.db import Database
from appliance.errors import NotFound
from appliance.facts.figures import Count, LostCall, WeekReport
from appliance.reading import periods
from appliance.reading.letters import plain_name, whole_number
from appliance.reports.today import DANGERS, lost_calls
from appliance.reports.trends import asked_of, tell_trends
from appliance.store import calls, tallies
from appliance.store.settings import get_settings, zone_of

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_LOST = 50


def last_monday(now: datetime, zone: ZoneInfo) -> date:
    """The Monday of the last week that is over."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday() + 7)


def read_monday(text: str) -> date:
    """The Monday of an address; raises NotFound for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("there is no such week") from None
    if day.weekday() or not FIRST_YEAR < day.year < LAST_YEAR or day.isoformat() != text:
        raise NotFound("a weekly report begins on a Monday")
    return day


def tell_week(db: Database, monday: date, now: datetime, *, full: bool = False) -> WeekReport:
    """The report of the week that begins on this day; what callers said is left out.

    Their names are left out too and their numbers masked, unless ``full``.
    """
    settings = get_settings(db)
    zone, week = zone_of(settings.zone), periods.week_of(monday)
    asked = asked_of(week, zone)
    lost = msgspec.structs.replace(asked, turnaway="lost")
    begin, end = periods.begins(week, zone), periods.ends(week, zone)
    found = tallies.count_flags(db, DANGERS, begin, end)
    return WeekReport(
        clinic_name=settings.clinic_name,
        monday=monday,
        trends=tell_trends(db, week, zone),
        lost=tuple(
            _plain(told, full)
            for told in lost_calls(db, calls.list_calls(db, lost, limit=MOST_LOST)[0])
        ),
        dangers=tuple(Count(code=name, n=found[name]) for name in DANGERS if name in found),
        complete=end <= now,
        full=full,
    )


def _plain(lost: LostCall, full: bool) -> LostCall:
    """Without what was said and who took the call; unless ``full``, without who said it."""
    call = lost.row.call
    digits = "".join(sign for sign in call.caller_number if sign.isdigit())
    masked = f"•••-{digits[-4:]}" if len(digits) > 4 else ""
    told = {
        "caller_number": whole_number(call.caller_number) if full and digits else masked,
        "caller_name": plain_name(call.caller_name) if full else "",
        "staff_name": "",
        "outside_key": "",
    }
    call = msgspec.structs.replace(call, **told)
    row = msgspec.structs.replace(lost.row, call=call, staff_name="", first_words="")
    return msgspec.structs.replace(lost, row=row, quote="", item=None)
