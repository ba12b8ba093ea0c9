"""Alarms about phone systems: raised once, kept while they hold, cleared by themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appliance.db import Database, execute, row, rows
from appliance.facts import Fact, from_ms, to_ms
from appliance.facts.phones import Alarm
from appliance.silence import Counts
from appliance.store import audit


class OpenAlarm(Fact, frozen=True, kw_only=True):
    """An alarm that holds now, and the phone system it is about."""

    connector_id: int
    connector: str
    alarm: Alarm


def list_alarms(db: Database, connector_id: int | None = None) -> list[OpenAlarm]:
    """The alarms that hold now, the oldest first."""
    found = rows(
        db,
        "SELECT a.*, c.name FROM alarm a JOIN connector c ON c.id = a.connector_id"
        " WHERE a.cleared_at IS NULL AND a.connector_id = COALESCE(?, a.connector_id)"
        " AND c.enabled = 1 AND c.draft = 0"  # one that is paused is quiet by wish
        " ORDER BY a.since, a.id",
        (connector_id,),
    )
    return [
        OpenAlarm(
            connector_id=r["connector_id"],
            connector=r["name"],
            alarm=Alarm(
                code=r["code"],
                sentence=r["sentence"],
                advice=r["advice"],
                since=from_ms(r["since"]),
            ),
        )
        for r in found
    ]


def list_raised(db: Database, since: datetime) -> list[tuple[datetime, OpenAlarm]]:
    """The alarms that hold now and were raised after a moment, and when, the oldest first."""
    found = rows(
        db,
        "SELECT connector_id, code, raised_at FROM alarm WHERE cleared_at IS NULL"
        " AND raised_at > ? ORDER BY raised_at, id",
        (to_ms(since),),
    )
    holding = {(each.connector_id, each.alarm.code): each for each in list_alarms(db)}
    known = ((from_ms(r["raised_at"]), holding.get((r["connector_id"], r["code"]))) for r in found)
    return [(at, each) for at, each in known if each is not None]


def settle_alarms(
    db: Database, connector_id: int, holding: Sequence[Alarm], *, now: datetime
) -> None:
    """Raise what is new, keep what still holds, clear what does not; belongs inside ``writing()``."""
    known = {open_.alarm.code: open_.alarm for open_ in list_alarms(db, connector_id)}
    codes = {alarm.code for alarm in holding}
    for code in known.keys() - codes:
        execute(
            db,
            "UPDATE alarm SET cleared_at = ?"
            " WHERE connector_id = ? AND code = ? AND cleared_at IS NULL",
            (to_ms(now), connector_id, code),
        )
        _note(db, "alarm_cleared", connector_id, code, now)
    for alarm in holding:
        if alarm.code in known:
            execute(
                db,
                "UPDATE alarm SET sentence = ?, advice = ?"
                " WHERE connector_id = ? AND code = ? AND cleared_at IS NULL",
                (alarm.sentence, alarm.advice, connector_id, alarm.code),
            )
        else:
            _raise(db, connector_id, alarm, now)


def _raise(db: Database, connector_id: int, alarm: Alarm, now: datetime) -> None:
    execute(
        db,
        "INSERT INTO alarm (connector_id, code, sentence, advice, since, raised_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (connector_id, alarm.code, alarm.sentence, alarm.advice, to_ms(alarm.since), to_ms(now)),
    )
    _note(db, "alarm_raised", connector_id, alarm.code, now)


def _note(db: Database, action: str, connector_id: int, code: str, now: datetime) -> None:
    detail = {"alarm": code}
    audit.record(db, "clock", "system", action, f"phone-{connector_id}", now=now, detail=detail)


def starts_of(db: Database, connector: str, since: datetime) -> tuple[datetime, ...]:
    """When the calls of a phone system began, from a moment on, in order."""
    found = rows(
        db,
        "SELECT started_at FROM call WHERE connector = ? AND started_at >= ? ORDER BY started_at",
        (connector, to_ms(since)),
    )
    return tuple(from_ms(r["started_at"]) for r in found)


def last_lags(db: Database, connector: str, limit: int = 200) -> list[timedelta]:
    """How long after their ends the last calls were found here."""
    found = rows(
        db,
        "SELECT found_at - started_at - duration_ms AS lag FROM call WHERE connector = ?"
        " ORDER BY started_at DESC LIMIT ?",
        (connector, limit),
    )
    return [timedelta(milliseconds=r["lag"]) for r in found]


def count_span(db: Database, connector: str, begin: datetime, end: datetime) -> Counts:
    """What came from a phone system in [begin, end)."""
    span = (connector, to_ms(begin), to_ms(end))
    told = row(
        db,
        "SELECT count(*) AS calls, COALESCE(sum(c.warnings LIKE '%\"cdr_without_file\"%'), 0)"
        " AS records_alone, COALESCE(sum(c.metadata_level IN ('filename', 'none') AND EXISTS"
        " (SELECT 1 FROM recording r WHERE r.call_id = c.id)), 0) AS files_alone"
        " FROM call c WHERE c.connector = ? AND c.started_at >= ? AND c.started_at < ?",
        span,
    )
    heard = row(
        db,
        "SELECT count(*) AS heard,"
        " COALESCE(sum(r.channels >= 2 OR r.channel_map IS NOT NULL), 0) AS apart"
        " FROM call c JOIN recording r ON r.call_id = c.id AND r.channels > 0"
        " WHERE c.connector = ? AND c.started_at >= ? AND c.started_at < ?",
        span,
    )
    assert told is not None
    assert heard is not None
    return Counts(**told, **heard)
