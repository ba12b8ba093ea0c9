"""The day at a glance: lost callers first, then dangers, unanswered calls, figures, the box itself."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appliance import queue
from appliance.db import Database
from appliance.facts import from_ms, to_ms
from appliance.facts.calls import CallFilter, CallRow
from appliance.facts.codes import SAFETY
from appliance.facts.figures import Danger, LostCall, Today, Totals, Working
from appliance.reading import periods
from appliance.reports.trends import WITHIN_H, totals
from appliance.store import alarms, calls, connectors, flags, reviews, tallies, worklist

SHOWN: Final = 8  # callers; the rest is a click away
SHOWN_BESIDE: Final = 4  # dangers and missed calls
WEEKS: Final = 4
LONGEST_QUOTE: Final = 220
DANGERS: Final = tuple(f"safety.{code}" for code in SAFETY)


def tell_today(
    db: Database, now: datetime, zone: ZoneInfo, extensions: tuple[str, ...] | None
) -> Today:
    """What must be known now, of all calls or only of those of some extensions."""
    day = now.astimezone(zone).date()
    since = last_day_with_calls(db, day, zone)
    begin, end = periods.midnight(since, zone), periods.midnight(day + periods.DAY, zone)
    lately = CallFilter(started_from=begin, started_before=end, extensions=extensions)
    waiting = msgspec.structs.replace(lately, answer_state="missed", unrecovered_h=WITHIN_H)
    lost = msgspec.structs.replace(lately, turnaway="lost")
    dangers = msgspec.structs.replace(lately, safety="any")
    return Today(
        day=day,
        since=since,
        totals=figures_of(db, day, end, zone, extensions),
        usual=_usual(db, now, zone) if extensions is None else (),
        lost=lost_calls(db, calls.list_calls(db, lost)[0])[:SHOWN],
        lost_calls=calls.count_list(db, lost),
        dangers=tuple(list_dangers(db, begin, end)) if extensions is None else (),
        danger_calls=calls.count_list(db, dangers),
        waiting=tuple(calls.list_calls(db, waiting, limit=SHOWN_BESIDE)[0]),
        waiting_calls=calls.count_list(db, waiting),
        working=_working(db),
    )


def last_day_with_calls(db: Database, day: date, zone: ZoneInfo) -> date:
    """The last day before this one on which somebody called, up to a week ago; else this day."""
    found = tallies.last_moment_before(db, to_ms(periods.midnight(day, zone)))
    last = from_ms(found).astimezone(zone).date() if found is not None else day
    return last if day - last <= timedelta(days=7) else day


def figures_of(
    db: Database, day: date, until: datetime, zone: ZoneInfo, extensions: tuple[str, ...] | None
) -> Totals:
    """The figures of a day from midnight until a moment."""
    begin = periods.midnight(day, zone)
    asked = CallFilter(started_from=begin, started_before=until, extensions=extensions)
    incoming = msgspec.structs.replace(asked, direction="in")
    hours = tallies.count_hours(db, incoming, periods.offsets_of(zone, begin, until))
    return totals(db, asked, hours)


def _usual(db: Database, now: datetime, zone: ZoneInfo) -> tuple[Totals, ...]:
    """The same weekday of earlier weeks until the same time on the clock; days without calls left out."""
    local = now.astimezone(zone)
    told = []
    for week in range(1, WEEKS + 1):
        then = (local.replace(tzinfo=None) - timedelta(weeks=week)).replace(tzinfo=zone)
        told.append(figures_of(db, then.date(), then, zone, None))
    return tuple(figures for figures in told if figures.calls)


def lost_calls(db: Database, found: Iterable[CallRow]) -> tuple[LostCall, ...]:
    """One line for each caller; those not reached come first, emergencies before all others."""
    told: dict[str, LostCall] = {}
    for row in found:  # newest first: an earlier call of the same number joins the later one
        key = row.call.outside_key or row.call.ref
        if key in told:
            told[key] = msgspec.structs.replace(told[key], again=told[key].again + 1)
        else:
            told[key] = _lost_call(db, row)
    return tuple(
        sorted(told.values(), key=lambda lost: (_is_done(lost), lost.row.urgency != "red"))
    )


def _is_done(lost: LostCall) -> bool:
    """Whether nobody has to call this caller back any more."""
    return bool(lost.reached) or (lost.item is not None and not lost.item.to_do)


def _lost_call(db: Database, row: CallRow) -> LostCall:
    flag = next((f for f in flags.list_flags(db, row.call.id) if f.name == "turnaway"), None)
    first = flag.first_segment if flag else None
    last = flag.last_segment if flag else None
    reached, tried = tallies.reached_since(db, row.call.id)
    verdict = reviews.current(db, row.call.id).get("turnaway")
    return LostCall(
        row=row,
        quote=_quote(db, row.call.id, first, last) or row.first_words,
        first_segment=first,
        last_segment=last,
        reached=None if reached is None else from_ms(reached),
        tried=None if tried is None else from_ms(tried),
        confirmed=verdict is not None and verdict.verdict in ("confirmed", "corrected"),
        item=worklist.item_of_call(db, row.call.id),
    )


def _quote(db: Database, call_id: int, first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    said = tallies.quote(db, call_id, first, first if last is None else last)
    return said if len(said) <= LONGEST_QUOTE else said[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"


def list_dangers(db: Database, begin: datetime, end: datetime) -> Iterable[Danger]:
    """What was said that may have put somebody at risk, newest first."""
    for r in tallies.list_flagged(db, DANGERS, begin, end, SHOWN_BESIDE):
        yield Danger(
            name=r["name"],
            call=calls.get_call(db, r["call_id"]),
            staff_name=r["staff_name"],
            quote=_quote(db, r["call_id"], r["first_segment"], r["last_segment"]),
            first_segment=r["first_segment"],
            last_segment=r["last_segment"],
            confirmed=bool(r["confirmed"]),
        )


def _working(db: Database) -> Working:
    """Whether the box does its work, in sentences where it does not."""
    counted = queue.count_by_state(db)
    parked = sum(states.get("parked", 0) for states in counted.values())
    ill = [c for c in connectors.list_connectors(db) if c.live and c.problem]
    problems = [f"{c.name} cannot be read: {c.problem}" for c in ill]
    problems += [raised.alarm.sentence for raised in alarms.list_alarms(db)]
    if parked:
        problems.append(f"{parked} {'job needs' if parked == 1 else 'jobs need'} attention.")
    read = tallies.last_read(db)
    return Working(
        last_read=None if read is None else from_ms(read),
        waiting=sum(states.get("waiting", 0) for states in counted.values()),
        problems=tuple(problems),
    )
