"""Backfill: look through a phone system from a day on, and receive what it held, newest first.

The look comes once; its calls then wait in the box and are fed to the road a few at a time, so that
the calls of today never stand behind those of last month.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import structs

from appliance.chores.discover import guard_of, receive
from appliance.db import Database
from appliance.errors import PetsvetError, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from appliance.facts.phones import Backfill
from appliance.phones import settings_since
from appliance.store import backlog, calls, connectors
from appliance.store.connectors import ConnectorRow
from appliance.tools import Tools

LANE = "courier"
AHEAD = 30  # recordings on the road at most when more of an earlier time are put on it
LATER = timedelta(hours=1)  # far enough for files at rest to be believed at the second look
FRESH = timedelta(hours=3)  # what is newer is left to the polling
BYTES_PER_MS = 16  # of a plain WAV, where nobody tells how long the call was


class Step(Fact, frozen=True, kw_only=True):
    """One step: what a look found, or that it is time to feed the road."""

    connector_id: int
    found: tuple[FoundCall, ...] | None = None
    known: int = 0
    problem: str = ""
    hopeless: bool = False


def work(db: Database, tools: Tools, connector_id: int) -> Step:
    """Look through the phone system where that was not done yet."""
    row = connectors.get_connector(db, connector_id)
    if not row.live or row.backfill is None or row.backfill.state != "looking":
        return Step(connector_id=connector_id)
    try:
        found = look(db, tools, row, date.fromisoformat(row.backfill.since))
    except PetsvetError as error:
        hopeless = not isinstance(error, Unavailable)
        return Step(connector_id=connector_id, problem=str(error), hopeless=hopeless)
    new = [c for c in found if calls.id_of(db, row.name, c.native_key) is None]
    return Step(connector_id=connector_id, found=tuple(new), known=len(found) - len(new))


def look(db: Database, tools: Tools, row: ConnectorRow, since: date) -> list[FoundCall]:
    """Every call from a day on that is over for a while; no checkpoint of it is kept."""
    now = tools.now()
    settings = settings_since(row.kind, row.settings, since, now)
    phone = tools.phone(db, structs.replace(row, settings=settings))
    first = phone.discover({}, now)
    later = phone.discover(first.checkpoint, now + LATER)
    found = {call.native_key: call for call in (*first.calls, *later.calls)}
    return [c for c in found.values() if _is_meant(c, since, now)]


def _is_meant(call: FoundCall, since: date, now: datetime) -> bool:
    end = call.ended_at or call.started_at + timedelta(milliseconds=call.duration_ms)
    return end < now - FRESH and call.started_at.date() >= since - timedelta(days=1)


def save(db: Database, step: Step, now: datetime) -> bool:
    """Note what was found, or put the next calls on the road."""
    row = connectors.get_connector(db, step.connector_id)
    asked = row.backfill
    if not row.live or asked is None:
        return True
    if step.problem:
        state = "failed" if step.hopeless else asked.state
        told = structs.replace(asked, state=state, problem=step.problem)
    elif asked.state == "looking" and step.found is not None:
        told = estimate(db, asked, step.found, step.known)
        backlog.put(db, row.id, step.found)
    elif asked.state == "running":
        told = _feed(db, row, asked, now)
    else:
        return True
    connectors.save_backfill(db, row.id, told)
    return True


def estimate(db: Database, asked: Backfill, found: Sequence[FoundCall], known: int) -> Backfill:
    """How much there is to do, and how long this box would take where its speed is known."""
    audio_ms = sum(map(_audio_ms, found))
    speed = backlog.measure_speed(db)
    return structs.replace(
        asked,
        state="running" if asked.start else "estimated",
        calls=len(found),
        known=known,
        audio_ms=audio_ms,
        work_ms=round(audio_ms / speed) if speed else None,
        problem="",
    )


def _audio_ms(call: FoundCall) -> int:
    if not call.recordings:
        return 0
    plain = [r.size for r in call.recordings if r.container_hint in ("", "wav")]
    return call.talk_ms or call.duration_ms or sum(plain) // BYTES_PER_MS


def _feed(db: Database, row: ConnectorRow, asked: Backfill, now: datetime) -> Backfill:
    room = AHEAD - backlog.count_on_the_road(db)
    taken = backlog.take(db, row.id, room) if room > 0 else []
    guard = guard_of(db, row.name)
    for call in taken:
        receive(db, row.name, call, now=now, guard=guard)
    over = not backlog.count(db, row.id)
    return structs.replace(
        asked, done=asked.done + len(taken), state="done" if over else "running", problem=""
    )
