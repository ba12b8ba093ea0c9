"""Discover: ask a phone system which calls have settled since the last look."""

from datetime import datetime, timedelta

from appliance import erasing, queue
from appliance.db import Database
from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from appliance.facts.jobs import ROAD
from appliance.facts.phones import Rule
from appliance.reading.rules import rule_for
from appliance.store import calls, connectors, kept_away, receiving, settings
from appliance.store.connectors import ConnectorRow
from appliance.tools import Tools
from connectors.interface import Checkpoint

LANE = "courier"
READ = ("analyzed", "ready")
READING = ("analyze", "publish")  # the stages that look at the facts; earlier ones do not


LEFT_ALONE = timedelta(days=1)  # so long a delivered file stays, though a rule leaves its call out


class Discovered(Fact, frozen=True, kw_only=True):
    """What one look told; the checkpoint is saved together with the calls it stands for."""

    connector_id: int
    name: str
    calls: tuple[FoundCall, ...] = ()
    checkpoint: Checkpoint
    problem: str = ""


class Guard(Fact, frozen=True, kw_only=True):
    """The rules of a phone system, at hand while its calls are received."""

    phone: ConnectorRow | None = None
    rules: tuple[Rule, ...] = ()
    zone: str = "UTC"


def work(db: Database, tools: Tools, connector_id: int) -> Discovered:
    """Look once; a phone system that is away or set up wrongly is noted, nothing is forgotten.

    One that was paused since the look was asked for is left alone.
    """
    known = connectors.get_connector(db, connector_id)
    if not known.live:
        return _problem(known, "")
    try:
        with tools.connected(db, known) as phone:
            found = phone.discover(known.checkpoint, tools.now())
    except (Unavailable, Misconfigured) as error:
        return _problem(known, str(error))
    return Discovered(
        connector_id=connector_id, name=known.name, calls=found.calls, checkpoint=found.checkpoint
    )


def _problem(known: ConnectorRow, problem: str) -> Discovered:
    return Discovered(
        connector_id=known.id, name=known.name, checkpoint=known.checkpoint, problem=problem
    )


def save(db: Database, discovered: Discovered, now: datetime) -> bool:
    """Receive the calls and put them on the road.

    Of a look that a pause overtook nothing is kept: the next look finds it all again.
    """
    if not connectors.get_connector(db, discovered.connector_id).live:
        return True
    guard = guard_of(db, discovered.name) if discovered.calls else None
    for found in discovered.calls:
        receive(db, discovered.name, found, now=now, guard=guard)
    if discovered.problem:
        connectors.save_problem(db, discovered.connector_id, discovered.problem, now=now)
    else:
        connectors.save_checkpoint(
            db, discovered.connector_id, discovered.checkpoint, problem="", now=now
        )
    return True


def guard_of(db: Database, name: str) -> Guard:
    """The rules of a phone system and the clinic's zone; none where it is not known."""
    try:
        known = connectors.get_connector_by_name(db, name)
    except NotFound:
        return Guard()
    return Guard(phone=known, rules=known.rules, zone=settings.get_settings(db).zone)


def receive(
    db: Database, connector: str, found: FoundCall, *, now: datetime, guard: Guard | None = None
) -> int | None:
    """Receive one found call and start it where it must start; None when nothing is new.

    One that was erased stays so. Rules come next: a call that may not be taken is only counted, and
    one that was taken before a late record told what it is, is forgotten.
    """
    guard = guard or guard_of(db, connector)
    if guard.phone and kept_away.is_erased(db, guard.phone.id, found.native_key):
        erasing.discard_files(db, guard.phone, found.recordings, now=now, due=now)
        return None
    rule = rule_for(found, guard.rules, guard.zone)
    if guard.phone and rule == "not_taken":
        _keep_away(db, guard.phone, found, now)
        return None
    if guard.phone and guard.phone.left_out:
        _let_in(db, guard.phone, found)
    received = receiving.receive_call(db, connector, found, now=now, rule=rule)
    if received is None:
        return None
    call_id, change = received
    _start(db, call_id, found, change, rule, now)
    return call_id


def _keep_away(db: Database, phone: ConnectorRow, found: FoundCall, now: datetime) -> None:
    """Neither sound nor facts stay. What was delivered stays a day: a late record may let it in."""
    kept_away.leave_out(db, phone.id, found.native_key, now=now)
    erasing.discard_files(db, phone, found.recordings, now=now, due=now + LEFT_ALONE)
    known = calls.id_of(db, phone.name, found.native_key)
    if known is not None:
        erasing.forget_call(db, known, now=now)


def _let_in(db: Database, phone: ConnectorRow, found: FoundCall) -> None:
    if kept_away.let_in(db, phone.id, found.native_key):
        kept_away.keep_files(db, phone.id, map(erasing.version_of, found.recordings))


def _start(
    db: Database, call_id: int, found: FoundCall, change: str, rule: str, now: datetime
) -> None:
    """Put a call on the road where its news matter."""
    if change != "facts":
        # A worker still busy with the earlier version loses its job, so it cannot save over this.
        queue.drop_jobs(db, ROAD, call_id)
    if rule:
        calls.forget_reading(db, call_id)
    if found.recordings and change != "facts":
        queue.enqueue(db, "receive", call_id, "courier", now=now)
    elif rule:
        if not found.recordings:
            calls.set_state(db, call_id, "skipped", now=now)
    else:
        reading = queue.drop_jobs(db, READING, call_id)  # one that runs has read the old facts
        if reading or not found.recordings or calls.get_call(db, call_id).state in READ:
            queue.enqueue(db, "analyze", call_id, "chores", now=now)
