"""How long it takes from plugging a phone system into an empty box to its first call.

The box is a real one: database, queue, worker, vault. What it works is measured in seconds; what
it waits, so that nothing is believed too early, passes on its own clock and is counted apart.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from appliance.db import Database, execute, value, writing
from appliance.store import connectors, pushed
from appliance.worker import Worker
from connectors.kinds import Means
from tests.world import World, make_world

LONGEST_S = 2 * 3600  # of its own clock


class FirstCall(NamedTuple):
    """Seconds the box worked, and seconds it waited, until the first call was in it."""

    work_s: float
    wait_s: int


def plug_in(
    home: Path, kind: str, settings: Mapping[str, Any], means: Means, now: datetime, recorded: bool
) -> FirstCall | None:
    """Add the phone system to a new box and poll until its first call is stored.

    ``recorded``: and its recording sealed. What was pushed so far is pushed once more. None when
    no call came in hours.
    """
    world = make_world(home)
    world.now = now
    with writing(world.db):
        execute(world.db, "UPDATE connector SET enabled = 0")  # the folder every such box has
    worker = Worker(world.tools(), ("courier",), "plugged")
    try:
        started = time.perf_counter()
        _add(world, kind, settings, means)
        while (waited := (world.now - now).total_seconds()) < LONGEST_S:
            world.poll()
            while worker.step():
                if _has_come(world.db, recorded):
                    return FirstCall(time.perf_counter() - started, int(waited))
            world.wait(seconds=world.config.clock.poll_s)
        return None
    finally:
        worker.db.close()
        world.close()


def _add(world: World, kind: str, settings: Mapping[str, Any], means: Means) -> None:
    """As ``petsvet connectors add`` does."""
    with writing(world.db):
        number = connectors.add_connector(world.db, "clinic", kind, settings, now=world.now)
        key = world.keys.connectors
        connectors.save_secrets(world.db, key, number, means.secrets, now=world.now)
        connectors.save_allowed(world.db, number, means.allowed)
        for line in means.feed.lines(0, 1_000_000) if means.feed else ():
            pushed.add_pushed(world.db, number, line.data, now=line.at)


def _has_come(db: Database, recorded: bool) -> bool:
    what = "recording WHERE file <> ''" if recorded else "call"
    return bool(value(db, f"SELECT count(*) FROM {what}"))
