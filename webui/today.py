"""Today: the page people start at; one minute is enough for it."""

from datetime import datetime

from litestar import get
from litestar.response import Template

from appliance.db import Database
from appliance.facts.figures import Period, Today, Totals
from appliance.reading.figures import middle
from appliance.reports.today import tell_today
from appliance.store.settings import get_settings, zone_of
from webui import charts
from webui.policy import Person, visible_extensions
from webui.security import note_view

LEAST_WEEKS = 2


@get("/today", name="today_show", opt={"action": "view_today"}, sync_to_thread=True)
def today_show(db: Database, now: datetime, person: Person) -> Template:
    """What must be known now; the front desk sees its own calls."""
    note_view(db, person, "view_today", now=now)
    settings, mine = get_settings(db), visible_extensions(person.user)
    zone = zone_of(settings.zone)
    today = tell_today(db, now, zone, mine)
    day = Period(first=today.day, last=today.day)
    lately = Period(first=today.since, last=today.day)
    context = {
        "today": today, "zone": zone, "now": now, "own": mine is not None, "blind": mine == (),
        "day": day, "lately": lately, "since": since_words(today), "usual": usual(today),
        "weekday": f"{today.day:%A}", "known": today.since < today.day or bool(today.totals.calls),
        "href": charts.calls_href,
    }  # fmt: skip
    return Template("today.html", context=context)


def since_words(today: Today) -> str:
    """Since when lost callers are told: today, since yesterday, or since Friday."""
    days = (today.day - today.since).days
    return {0: "today", 1: "since yesterday"}.get(days, f"since {today.since:%A}")


def usual(today: Today) -> Totals | None:
    """What is usual by this time of this weekday; None where too few weeks are known."""
    if len(today.usual) < LEAST_WEEKS:
        return None

    def mid(name: str) -> int:
        return middle([getattr(told, name) for told in today.usual]) or 0

    return Totals(
        calls=mid("calls"), answered=mid("answered"), booked=mid("booked"), lost=mid("lost")
    )


ROUTES = [today_show]
FILTERS = charts.FILTERS
