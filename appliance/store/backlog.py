"""Calls of an earlier time: found by a backfill, received newest first as the box finds time."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec import structs

from appliance.db import Database, execute, row, rows, value
from appliance.errors import Refused
from appliance.facts import to_ms
from appliance.facts.calls import FoundCall
from appliance.facts.phones import Backfill
from appliance.store import connectors

BUSY = ("looking", "running")
_MEASURED = 200  # finished transcripts from which the speed of the box is taken
_LEAST_AUDIO_MS = 60_000  # less says nothing about speed


def ask(db: Database, connector_id: int, since: date, *, start: bool, now: datetime) -> Backfill:
    """Have a phone system looked through from a day on, to estimate or (``start``) to fetch.

    After an estimate of the same day, fetching begins at once with what was found. Raises Refused
    for a phone system that is not polled, a day in the future, and while another backfill runs.
    """
    known = connectors.get_connector(db, connector_id)
    if not known.live:
        raise Refused("this phone system is not read now; switch it on first")
    if since > now.date():
        raise Refused("this day has not come yet; give one in the past")
    last = known.backfill
    if last is not None and last.state in BUSY:
        raise Refused("earlier calls are being fetched already; stop that first")
    if start and last is not None and (last.state, last.since) == ("estimated", since.isoformat()):
        asked = structs.replace(last, state="running", start=True)
    else:
        clear(db, connector_id)
        asked = Backfill(since=since.isoformat(), start=start, asked_at=now)
    connectors.save_backfill(db, connector_id, asked)
    return asked


def stop(db: Database, connector_id: int) -> Backfill | None:
    """Fetch no more earlier calls; those that were received stay."""
    last = connectors.get_connector(db, connector_id).backfill
    clear(db, connector_id)
    if last is None:
        return None
    stopped = structs.replace(last, state="done" if last.state == "done" else "stopped")
    connectors.save_backfill(db, connector_id, stopped)
    return stopped


def put(db: Database, connector_id: int, found: Sequence[FoundCall]) -> None:
    """Keep calls until they are received; the same one again replaces itself."""
    for call in found:
        execute(
            db,
            "INSERT OR REPLACE INTO backlog (connector_id, native_key, started_at, body)"
            " VALUES (?, ?, ?, ?)",
            (
                connector_id,
                call.native_key,
                to_ms(call.started_at),
                msgspec.json.encode(call).decode(),
            ),
        )


def take(db: Database, connector_id: int, limit: int) -> list[FoundCall]:
    """The newest calls that wait, which then wait no more; belongs inside ``writing()``."""
    found = rows(
        db,
        "SELECT id, body FROM backlog WHERE connector_id = ? ORDER BY started_at DESC LIMIT ?",
        (connector_id, limit),
    )
    for r in found:
        execute(db, "DELETE FROM backlog WHERE id = ?", (r["id"],))
    return [msgspec.json.decode(r["body"], type=FoundCall) for r in found]


def drop(db: Database, connector_id: int, native_key: str) -> None:
    """Do not receive a call that waits here."""
    sql = "DELETE FROM backlog WHERE connector_id = ? AND native_key = ?"
    execute(db, sql, (connector_id, native_key))


def count(db: Database, connector_id: int) -> int:
    """How many calls wait."""
    return int(value(db, "SELECT count(*) FROM backlog WHERE connector_id = ?", (connector_id,)))


def clear(db: Database, connector_id: int) -> None:
    """Let nothing wait any more."""
    execute(db, "DELETE FROM backlog WHERE connector_id = ?", (connector_id,))


def count_on_the_road(db: Database) -> int:
    """Recordings that wait to be copied or transcribed now."""
    return int(
        value(
            db,
            "SELECT count(*) FROM job WHERE state IN ('waiting', 'running')"
            " AND lane IN ('courier', 'speech') AND kind IN ('receive', 'transcribe')",
        )
    )


def measure_speed(db: Database) -> float | None:
    """Milliseconds of recordings this box transcribes in one; None while that is not known."""
    found = row(
        db,
        "SELECT sum(audio) AS audio, sum(work) AS work FROM (SELECT t.duration_ms AS audio,"
        " j.finished_at - j.started_at AS work FROM job j JOIN transcript t ON t.call_id = j.subject"
        " WHERE j.state = 'done' AND j.kind = 'transcribe' AND j.finished_at > j.started_at"
        f" ORDER BY j.finished_at DESC LIMIT {_MEASURED})",
    )
    if not found or not found["work"] or found["audio"] < _LEAST_AUDIO_MS:
        return None
    return float(found["audio"] / found["work"])
