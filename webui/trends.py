"""Trends: a week, four weeks or a quarter beside the time before; every figure leads to its calls."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.response import Template

from appliance.db import Database
from appliance.facts.codes import KIND_OF_REASON, MISSED_STATES, UNKNOWN
from appliance.facts.figures import Count, HourCell, Notice, Period, Trends
from appliance.reading import periods
from appliance.reading.figure_words import days_words
from appliance.reports.trends import tell_trends
from appliance.reports.week import last_monday
from appliance.store.settings import get_settings, zone_of
from webui import charts, narrow, show
from webui.charts import Bar, calls_href
from webui.policy import Person
from webui.security import house_cookie, note_view

PERIODS = {"week": "7 days", "4weeks": "4 weeks", "quarter": "13 weeks"}
TABS = {"calls": "All calls", "missed": "Missed calls"}
COOKIE = "__Host-view"  # the period and the tab chosen last, nothing else
DAYS_KEPT = 30


@get("/trends", name="trends_show", opt={"action": "view_trends"}, sync_to_thread=True)
def trends_show(
    request: Request[Any, Any, Any], db: Database, now: datetime, person: Person
) -> Template:
    """The page of the period that was asked for, or looked at last in this browser."""
    note_view(db, person, "view_trends", now=now)
    period, tab = read_view(request.query_params, request.cookies.get(COOKIE, ""))
    settings = get_settings(db)
    zone = zone_of(settings.zone)
    trends = tell_trends(db, periods.ending(period, now.astimezone(zone).date()), zone)
    context = {
        "chosen": period, "tab": tab, "periods": PERIODS, "tabs": TABS,
        "monday": last_monday(now, zone),
        **shown(trends, tab),
    }  # fmt: skip
    kept = house_cookie(COOKIE, f"{period}.{tab}", days=DAYS_KEPT)
    return Template("trends.html", context=context, cookies=[kept])


def read_view(query: Mapping[str, str], cookie: str) -> tuple[str, str]:
    """Period and tab: from the address, else from the cookie, else four weeks of all calls."""
    period, _, tab = cookie.partition(".")
    period, tab = query.get("period", period), query.get("tab", tab)
    return period if period in PERIODS else "4weeks", tab if tab in TABS else "calls"


def shown(trends: Trends, tab: str) -> dict[str, Any]:
    """What the template of figures needs, the weekly report alike."""
    period = trends.period
    return {
        "trends": trends,
        "period": period,
        "href": calls_href,
        "pillars": charts.pillars(trends.columns),
        "grid": charts.grid(trends.hours, tab),
        "weekdays": narrow.WEEKDAYS,
        "hour_words": narrow.hour_words,
        "reasons": reason_bars(trends.reasons, period),
        "funnel": charts.funnel_bars(trends.totals, period),
        "rang": charts.time_bars(trends.ring, period, "ring", "answered"),
        "waited": charts.time_bars(trends.waited, period, "waited", "ring_abandon"),
        "held": charts.time_bars(trends.held, period, "waited", "hold_abandon"),
        "endings": ending_bars(trends.hours, period),
        "moods": charts.mood_cells(trends.moods),
        "mood_codes": narrow.MOODS,
        "services": [
            _bar(c, show.label(c.code), calls_href(period, direction="in", intent=c.code))
            for c in trends.services
        ],
        "species": [
            _bar(c, show.species_label(c.code), calls_href(period, direction="in", species=c.code))
            for c in trends.species
        ],
        "lines": [
            (n.line, n, period, told)
            for n in trends.lines
            if (told := narrow.read_more({"line": n.line}))
        ],
        "notices_rows": [notice_row(n) for n in trends.notices if n.yes + n.no + n.cannot_tell],
    }


def reason_bars(reasons: tuple[Count, ...], period: Period) -> list[tuple[str, list[Bar]]]:
    """Turnaways by whose matter they are, then by reason; the busiest kind first."""
    kinds: dict[str, list[Bar]] = {}
    for count in reasons:
        kind = KIND_OF_REASON.get(count.code, UNKNOWN)
        words = show.kind_label(kind) if count.code == UNKNOWN else show.label(count.code)
        bar = _bar(count, words, calls_href(period, turnaway=count.code))._replace(kind=kind)
        kinds.setdefault(kind, []).append(bar)
    return sorted(kinds.items(), key=lambda kind: -sum(bar.n for bar in kind[1]))


def ending_bars(cells: tuple[HourCell, ...], period: Period) -> list[Bar]:
    """How the calls nobody answered ended."""
    states = sum((Counter(cell.states) for cell in cells), Counter[str]())
    return [
        Bar(show.label(state), n, calls_href(period, direction="in", answer=state))
        for state, n in states.most_common()
        if state in MISSED_STATES
    ]


def _bar(count: Count, words: str, href: str) -> Bar:
    return Bar(words, count.n, href, before=count.before, confirmed=count.confirmed)


def notice_row(notice: Notice) -> tuple[str, Notice, Period, dict[str, str]]:
    """Words, figures and days of one row of the recording notice."""
    assert notice.first and notice.last
    days = Period(first=notice.first, last=notice.last)
    return days_words(days.first, days.last), notice, days, {}


ROUTES = [trends_show]
FILTERS = charts.FILTERS
