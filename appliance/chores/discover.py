"""Discover: ask a phone system which calls have settled since the last look."""

from datetime import datetime

from appliance import queue
from appliance.db import Database
from appliance.errors import Misconfigured, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from appliance.facts.jobs import ROAD
from appliance.store import calls, connectors
from appliance.store.connectors import ConnectorRow
from appliance.tools import Tools
from connectors.interface import Checkpoint

LANE = "courier"
READ = ("analyzed", "ready")
READING = ("analyze", "publish")  # the stages that look at the facts; earlier ones do not


class Discovered(Fact, frozen=True, kw_only=True):
    """What one look told; the checkpoint is saved together with the calls it stands for."""

    connector_id: int
    name: str
    calls: tuple[FoundCall, ...] = ()
    checkpoint: Checkpoint
    problem: str = ""


def work(db: Database, tools: Tools, connector_id: int) -> Discovered:
    """Look once; a phone system that is away or set up wrongly is noted, nothing is forgotten."""
    known = connectors.get_connector(db, connector_id)
    try:
        found = tools.phone(db, known).discover(known.checkpoint, tools.now())
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
    """Receive the calls and put them on the road."""
    for found in discovered.calls:
        receive(db, discovered.name, found, now=now)
    if discovered.problem:
        connectors.save_problem(db, discovered.connector_id, discovered.problem, now=now)
    else:
        connectors.save_checkpoint(
            db, discovered.connector_id, discovered.checkpoint, problem="", now=now
        )
    return True


def receive(db: Database, connector: str, found: FoundCall, *, now: datetime) -> int | None:
    """Receive one found call and start it where it must start; None when nothing is new."""
    received = calls.receive_call(db, connector, found, now=now)
    if received is None:
        return None
    call_id, change = received
    if change == "recordings":
        # A worker still busy with the earlier version loses its job, so it cannot save over this.
        queue.drop_jobs(db, ROAD, call_id)
        queue.enqueue(db, "receive", call_id, "courier", now=now)
    else:
        reading = queue.drop_jobs(db, READING, call_id)  # one that runs has read the old facts
        if reading or not found.recordings or calls.get_call(db, call_id).state in READ:
            queue.enqueue(db, "analyze", call_id, "chores", now=now)
    return call_id
