"""A period beside the one before it, counted from calls and cards."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from appliance.db import Database, Row
from appliance.facts import from_ms
from appliance.facts.calls import CallFilter, Offsets
from appliance.facts.codes import INTENT_GROUPS
from appliance.facts.figures import (
    Column,
    Count,
    HourCell,
    Mood,
    Notice,
    Period,
    Times,
    Totals,
    Trends,
)
from appliance.facts.phones import FollowUp
from appliance.reading import figures, periods
from appliance.store import followups, tallies

WITHIN_H = 24
MOST_SERVICES = 12
MOST_LINES = 12
CLOSED = timedelta(days=3)  # a clinic may begin with a long weekend
_NO_SERVICE = ("", *INTENT_GROUPS["other"])
Hours = list[tuple[date, int, str, int]]


def tell_trends(db: Database, period: Period, zone: ZoneInfo) -> Trends:
    """Everything the page of trends shows."""
    previous = periods.before(period)
    begin, end = periods.begins(previous, zone), periods.ends(period, zone)
    offsets = periods.offsets_of(zone, begin, end)
    both = CallFilter(started_from=begin, started_before=end, direction="in")
    hours = tallies.count_hours(db, both, offsets)
    now, ago = asked_of(period, zone), asked_of(previous, zone)
    known = known_from(db, zone)
    wished = tallies.count_by(db, _incoming(now), "intent", "species")
    wished_ago = tallies.count_by(db, _incoming(ago), "intent", "species")
    heard = tallies.count_by(db, _answered(now), "line", "disclosure", "mood_start", "mood_end")
    return Trends(
        period=period,
        previous=previous,
        totals=totals(db, now, within(hours, period)),
        before=totals(db, ago, within(hours, previous)),
        known_from=known,
        comparable=known is not None and known <= previous.first + CLOSED,
        columns=columns(within(hours, period), period),
        hours=hour_cells(within(hours, period)),
        reasons=beside(tallies.count_reasons(db, now), tallies.count_reasons(db, ago)),
        ring=_times(db, now, "answered", "ring"),
        waited=_times(db, now, "ring_abandon", "waited"),
        held=_times(db, now, "hold_abandon", "waited"),
        moods=_moods(heard),
        species=_commonest(wished, wished_ago, "species"),
        services=_commonest(wished, wished_ago, "intent"),
        lines=_lines(heard),
        notices=_notices(db, now, offsets, period),
    )


def known_from(db: Database, zone: ZoneInfo) -> date | None:
    """The day of the first call ever."""
    first = tallies.first_moment(db)
    return None if first is None else from_ms(first).astimezone(zone).date()


def asked_of(period: Period, zone: ZoneInfo) -> CallFilter:
    """All calls of a period."""
    return CallFilter(
        started_from=periods.begins(period, zone), started_before=periods.ends(period, zone)
    )


def within(hours: Hours, period: Period) -> Hours:
    """The hours of the days of a period."""
    return [told for told in hours if period.first <= told[0] <= period.last]


def totals(db: Database, asked: CallFilter, hours: Hours) -> Totals:
    """The main figures of what is asked; ``hours`` are its incoming calls."""
    steps = tallies.count_steps(db, asked)
    lost, confirmed = tallies.count_lost(db, asked)
    return Totals(
        calls=sum(n for *_, n in hours),
        answered=sum(n for _, _, state, n in hours if state == "answered"),
        lost=lost,
        confirmed=confirmed,
        follow_up=_follow_up(db, asked),
        **steps,
    )


def _follow_up(db: Database, asked: CallFilter) -> FollowUp:
    """What became of missed calls; only where all calls are asked about."""
    if asked.started_from is None or asked.started_before is None or asked.extensions is not None:
        return FollowUp(missed=0, callers=0, withheld=0, recovered=0)
    return followups.follow_up(db, asked.started_from, asked.started_before, WITHIN_H)


def columns(hours: Hours, period: Period) -> tuple[Column, ...]:
    """Incoming calls of each day or week."""
    told = []
    for part in periods.columns_of(period):
        inside = within(hours, part)
        answered = sum(n for _, _, state, n in inside if state == "answered")
        missed = sum(n for *_, n in inside) - answered
        told.append(Column(first=part.first, last=part.last, answered=answered, missed=missed))
    return tuple(told)


def hour_cells(hours: Hours) -> tuple[HourCell, ...]:
    """Incoming calls by weekday and hour, how the missed ones ended beside them."""
    calls: Counter[tuple[int, int]] = Counter()
    missed: dict[tuple[int, int], Counter[str]] = {}
    for day, hour, state, n in hours:
        place = (day.weekday(), hour)
        calls[place] += n
        if state != "answered":
            missed.setdefault(place, Counter())[state] += n
    return tuple(
        HourCell(weekday=day, hour=hour, calls=n, states=dict(missed.get((day, hour), {})))
        for (day, hour), n in sorted(calls.items())
    )


def beside(now: list[Count], ago: list[Count]) -> tuple[Count, ...]:
    """Counts with those of the period before; what is gone now is told as none."""
    earlier = {count.code: count.n for count in ago}
    told = [msgspec.structs.replace(count, before=earlier.pop(count.code, 0)) for count in now]
    return (*told, *(Count(code=code, n=0, before=n) for code, n in earlier.items()))


def _times(db: Database, now: CallFilter, state: str, name: str) -> Times:
    asked = msgspec.structs.replace(now, direction="in", answer_state=state)
    return figures.times(tallies.count_seconds(db, asked, name))


def _incoming(now: CallFilter) -> CallFilter:
    return msgspec.structs.replace(now, direction="in")


def _answered(now: CallFilter) -> CallFilter:
    return msgspec.structs.replace(now, direction="in", answer_state="answered")


def _moods(heard: list[Row]) -> tuple[Mood, ...]:
    """How callers' words were at the start and at the end, where both can be told."""
    known = ("negative", "neutral", "positive")
    told: Counter[tuple[str, str]] = Counter()
    for r in heard:
        told[r["mood_start"], r["mood_end"]] += r["n"]
    return tuple(Mood(start=a, end=b, n=told[a, b]) for a in known for b in known)


def _commonest(found: list[Row], earlier: list[Row], name: str) -> tuple[Count, ...]:
    """The commonest codes of a label; what nobody could tell is left out."""

    def count(rows: list[Row]) -> list[Count]:
        told: Counter[str] = Counter()
        for r in rows:
            told[r[name]] += r["n"]
        return [Count(code=code, n=n) for code, n in told.most_common() if code not in _NO_SERVICE]

    return beside(count(found), count(earlier))[:MOST_SERVICES]


def _lines(heard: list[Row]) -> tuple[Notice, ...]:
    """The recording notice by the number that was called, busiest line first."""
    found: dict[str, Counter[str]] = {}
    for r in heard:
        found.setdefault(r["line"], Counter())[r["disclosure"]] += r["n"]
    busiest = sorted(found.items(), key=lambda line: (-line[1].total(), line[0]))
    return tuple(_notice(told, line=line) for line, told in busiest if line)[:MOST_LINES]


def _notices(db: Database, now: CallFilter, offsets: Offsets, period: Period) -> tuple[Notice, ...]:
    """The recording notice by day or week."""
    found = tallies.count_notices(db, _answered(now), offsets)
    return tuple(
        _notice(_add_up(found, part), first=part.first, last=part.last)
        for part in periods.columns_of(period)
    )


def _add_up(found: Iterable[tuple[date, str, int]], part: Period) -> Counter[str]:
    told: Counter[str] = Counter()
    for day, heard, n in found:
        if part.first <= day <= part.last:
            told[heard] += n
    return told


def _notice(
    told: Counter[str], *, line: str = "", first: date | None = None, last: date | None = None
) -> Notice:
    return Notice(
        line=line,
        first=first,
        last=last,
        yes=told["yes"],
        no=told["no"],
        cannot_tell=told["cannot_tell"],
    )
