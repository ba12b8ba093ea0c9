"""The weekly report: as a page that prints well, and as a PDF."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.response import Redirect, Template

from appliance.db import Database
from appliance.reports.week import last_monday, read_monday, tell_week
from appliance.store.settings import get_settings, zone_of
from webui import show, trends
from webui.policy import Person
from webui.security import note_view

WEEK = timedelta(days=7)


@get("/reports", name="reports_go", opt={"action": "view_report"}, sync_to_thread=True)
def reports_go(db: Database, now: datetime) -> Redirect:
    """The last week that is over."""
    monday = last_monday(now, zone_of(get_settings(db).zone))
    return Redirect(f"/reports/week/{monday}", status_code=303)


@get(
    "/reports/week/{monday:str}", name="report_show", opt={"action": "view_report"},
    sync_to_thread=True,
)  # fmt: skip
def report_show(monday: str, db: Database, now: datetime, person: Person) -> Template:
    """One week on a page."""
    day = read_monday(monday)
    note_view(db, person, "view_report", monday, now=now)
    report = tell_week(db, day, now)
    zone = zone_of(get_settings(db).zone)
    context = {
        "report": report, "zone": zone, "tab": "calls",
        "earlier": day - WEEK, "later": later(day, now.astimezone(zone).date()),
        **trends.shown(report.trends, "calls"),
    }  # fmt: skip
    return Template("report.html", context=context)


def later(monday: date, today: date) -> date | None:
    """The Monday after, unless it is still to come."""
    return monday + WEEK if monday + WEEK <= today else None


@get(
    "/reports/week/{monday:str}/pdf", name="report_pdf", opt={"action": "view_report"},
    sync_to_thread=True,
)  # fmt: skip
def report_pdf(monday: str, db: Database, now: datetime, person: Person) -> Response[Any]:
    """The same week as a file; names and numbers of callers are masked in it."""
    day = read_monday(monday)
    note_view(db, person, "export_report", monday, now=now)
    from appliance.reports.pdf import render_week  # 22 MiB that only those who print need

    report = tell_week(db, day, now)
    paper = render_week(report, show.label, zone_of(get_settings(db).zone))
    name = f'attachment; filename="calls-week-{day}.pdf"'
    return Response(paper, media_type="application/pdf", headers={"Content-Disposition": name})


ROUTES = [reports_go, report_show, report_pdf]
