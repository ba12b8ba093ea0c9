"""A batch of recordings from a real server is fetched over one connection, on a real box."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.db import execute, rows, value, writing
from appliance.kept import IDLE_S, Kept
from appliance.store import connectors
from appliance.worker import Worker
from connectors import ftps, sftp, smb
from connectors.places import Ftps
from tests.connectors.fars import OVER, Clinic
from tests.connectors.servers import wait_until
from tests.connectors.world import wav
from tests.world import BEGIN, World, make_world

LINKS = {"sftp": sftp, "smb": smb, "ftps": ftps}
BATCH = 12


class Plugged:
    """A box and a phone system on a real server; ``signed_in`` counts how often it let us in."""

    def __init__(self, way: str, clinic: Clinic, world: World, patch: pytest.MonkeyPatch) -> None:
        self.clinic, self.world, self.signed_in = clinic, world, 0
        link = LINKS[way]._Link  # type: ignore[attr-defined]
        first = link.__init__

        def counting(*given: Any) -> None:
            self.signed_in += 1
            first(*given)

        patch.setattr(link, "__init__", counting)
        with writing(world.db):
            execute(world.db, "UPDATE connector SET enabled = 0")
            settings = {"place": msgspec.to_builtins(clinic.place)}
            number = connectors.add_connector(world.db, "clinic", "freepbx", settings, now=BEGIN)
            key = world.keys.connectors
            connectors.save_secrets(world.db, key, number, clinic.means.secrets, now=BEGIN)
            connectors.save_allowed(world.db, number, clinic.means.allowed)
        self.now_s = 0.0
        tools = world.tools(kept=Kept(lambda: self.now_s))
        self.worker = Worker(tools, ("courier",), "tests")

    def record(self) -> None:
        """Recordings too long to be had in one answer, all of one morning, no two alike."""
        self.clinic.root.mkdir(exist_ok=True)
        for number in range(BATCH):
            at = BEGIN.timestamp() - 7200 + number
            name = f"external-101-+1555555{number:04d}-20261122-130000-{int(at)}.{number}.wav"
            (self.clinic.root / name).write_bytes(wav(6 + number / 100))
            os.utime(self.clinic.root / name, (at, at))

    def poll(self) -> None:
        """A look, half a minute after the last one, and nothing after it yet."""
        self.world.wait(seconds=30)
        self.now_s += 30
        self.world.poll()
        assert self.worker.step()

    def sealed(self) -> int:
        """Recordings that lie in the vault, each of them as the phone system has it."""
        told = rows(self.world.db, "SELECT name, digest FROM recording WHERE file <> ''")
        for row in told:
            content = (self.clinic.root / row["name"]).read_bytes()
            assert row["digest"] == hashlib.sha256(content).hexdigest()
        return len(told)


@pytest.fixture(params=["sftp", "smb", "ftps"])
def plugged(
    request: pytest.FixtureRequest, tmp_path: Path, loopback: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plugged]:
    world = make_world(tmp_path / "world")
    with OVER[request.param](tmp_path) as clinic:
        made = Plugged(request.param, clinic, world, monkeypatch)
        made.record()
        yield made
        made.worker.db.close()
    world.close()


def test_looks_and_a_batch_of_recordings_sign_in_once(plugged: Plugged) -> None:
    plugged.poll()
    plugged.poll()
    while plugged.worker.step():
        pass
    assert plugged.sealed() == BATCH
    # A file that is read over FTP has a connection of its own, which serves for all of them.
    readers = int(isinstance(plugged.clinic.place, Ftps))
    assert plugged.signed_in == 1 + readers


def test_a_connection_that_breaks_in_a_batch_is_made_anew_and_nothing_is_lost(
    plugged: Plugged,
) -> None:
    plugged.poll()
    plugged.poll()
    for _ in range(4):
        plugged.worker.step()
    assert plugged.sealed() == 4
    plugged.clinic.wire.take_away()
    plugged.clinic.wire.mend()
    while plugged.worker.step():
        pass
    if plugged.sealed() < BATCH:  # one that was away is left alone for a minute
        plugged.world.wait(seconds=90)
        while plugged.worker.step():
            pass
    assert plugged.sealed() == BATCH
    assert value(plugged.world.db, "SELECT count(*) FROM job WHERE state = 'parked'") == 0
    assert plugged.signed_in <= 5


def test_who_is_not_asked_for_a_while_is_hung_up_on(plugged: Plugged) -> None:
    plugged.poll()
    plugged.poll()
    plugged.worker.step()
    kept = plugged.worker.tools.kept
    plugged.now_s += IDLE_S - 1
    kept.let_go()
    assert plugged.clinic.wire.calls > 0
    plugged.now_s += 1
    kept.let_go()
    wait_until(lambda: plugged.clinic.wire.calls == 0)
    while plugged.worker.step():
        pass
    assert plugged.sealed() == BATCH
