"""Fixtures that every part of the tests may use."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.db import writing
from appliance.drop import prepare
from appliance.drop_accounts import list_accounts
from appliance.drop_jail import Jail, Limits
from appliance.store import connectors
from tests.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh box; its connections are closed afterwards."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture
def delivered(world: World) -> Iterator[Jail]:
    """A box into which a phone system, number 2, delivers; its clock begins with that of the disk."""
    place = {"by": "drop", "user": "pbx", "path": "archive"}
    with writing(world.db):
        connectors.pause(world.db, 1)
        connectors.add_connector(world.db, "archive", "folder", {"place": place}, now=world.now)
    prepare(world.tools(), list_accounts(world.db, world.keys)["pbx"])
    world.now = datetime.now(UTC)
    jail = Jail(world.data / "drop" / "pbx", Limits(size=1 << 30, entries=1000, free=0))
    yield jail
    jail.close()
