"""The weekly report as it leaves the box: a file in a mail, and word that it can be read."""

from datetime import date, datetime, timedelta

from appliance.db import Database
from appliance.reading import periods
from appliance.reading.words import plain_words
from appliance.reports.week import last_monday, tell_week
from appliance.store import happenings, readers, tallies
from appliance.store.settings import get_settings, zone_of

EVENT = "report.ready"
PATIENCE = timedelta(hours=6)  # with calls of Sunday night that are still being read


def attach_week(db: Database, begin: datetime, end: datetime) -> tuple[str, bytes]:
    """The report of the week as a PDF; the notices' own setting says whether callers are masked."""
    from appliance.reports.pdf import render_week  # 22 MiB that only a weekly mail needs

    zone = zone_of(get_settings(db).zone)
    monday = begin.astimezone(zone).date()
    report = tell_week(db, monday, end, full=readers.get_rules(db).full)
    return f"calls-week-{monday}.pdf", render_week(report, plain_words, zone)


def finished_week(db: Database, now: datetime) -> date | None:
    """The Monday of the last week, if its report can be read by now and nobody was told so."""
    zone = zone_of(get_settings(db).zone)
    monday = last_monday(now, zone)
    if happenings.is_noted(db, EVENT, monday.isoformat()):
        return None
    week = periods.week_of(monday)
    end = periods.ends(week, zone)
    calls, unread = tallies.count_unread(db, periods.begins(week, zone), end)
    return monday if calls and (not unread or now - end >= PATIENCE) else None


def note_report(db: Database, monday: date, *, now: datetime) -> None:
    """Note that the report of a week can be read; belongs inside ``writing()``."""
    page = f"/reports/week/{monday}"
    happenings.note_happening(db, EVENT, monday.isoformat(), now=now, detail={"page": page})
