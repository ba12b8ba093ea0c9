"""FusionPBX on a real PostgreSQL, and plain FreeSWITCH by its files: a week each, with faults."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.facts.calls import FoundCall
from connectors.interface import Checkpoint, Discovery
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors.freeswitch import (
    DOMAIN,
    PASSWORD,
    connect,
    create_tables,
    insert,
    legs_of,
    number_of,
    postgres,
    write_cdr,
    write_recording,
)  # fmt: skip
from tests.connectors.simulated import MONDAY, TrueCall, judge, week

ALLOWED = ("127.0.0.1",)
COMPARED = ("direction", "answer_state", "caller", "staff", "started_at")


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with postgres() as port:
        yield port


@pytest.fixture
def database(server: int, loopback: tuple[str, ...]) -> Iterator[Any]:
    connection = connect(server)
    create_tables(connection)
    yield connection
    connection.close()


class Box:
    """The core's side: a checkpoint that survives, a connector that does not."""

    def __init__(self, kind: str, means: Means, **settings: Any) -> None:
        self.kind, self.means, self.settings = kind, means, settings
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []

    @property
    def connector(self) -> Any:
        return open_connector(self.kind, self.settings, self.means)

    def look(self, now: datetime) -> Discovery:
        found: Discovery = self.connector.discover(json.loads(json.dumps(self.checkpoint)), now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found


def fusion(port: int, root: Path, **settings: Any) -> Box:
    root.mkdir(exist_ok=True)
    means = Means(secrets={"password": PASSWORD}, allowed=ALLOWED)
    place = {"by": "folder", "path": str(root)}
    own = {"host": "127.0.0.1", "port": port, "user": "reader", "place": place}
    return Box("fusionpbx", means, **(own | settings))


def play(
    box: Box, root: Path, write: Callable[[dict[str, Any], datetime], Any], seed: int
) -> list[TrueCall]:
    """The week: legs come when they end, some late; recordings are deleted after two days."""
    rng, calls, now = random.Random(seed), week(), MONDAY
    due: list[tuple[datetime, dict[str, Any]]] = []
    sounds = [(call.end, call) for call in calls if call.recorded]
    for call in calls:
        for leg in legs_of(call):
            ended = call.start + timedelta(seconds=leg["end_epoch"] - call.start.timestamp())
            due.append((ended + timedelta(seconds=rng.choice((1, 20, 70, 70, 3000))), leg))
    due.sort(key=lambda item: item[0])
    sounds.sort(key=lambda item: item[0])
    written: list[tuple[datetime, Path]] = []
    while now < MONDAY + timedelta(days=7, hours=12):
        now += timedelta(minutes=rng.choice((5, 90, 180, 240, 400)))
        while due and due[0][0] <= now:
            at, leg = due.pop(0)
            write(leg, at)
        while sounds and sounds[0][0] <= now:
            written.append((now, write_recording(root, sounds.pop(0)[1])))
        for at, path in [w for w in written if w[0] < now - timedelta(days=2)]:
            path.unlink()
            written.remove((at, path))
        box.look(now)
    assert not due and not sounds
    return calls


def test_a_week_of_fusionpbx_on_postgresql(server: int, database: Any, tmp_path: Path) -> None:
    rng, root = random.Random(7), tmp_path / "recordings"
    box = fusion(server, root)

    def write(leg: dict[str, Any], at: datetime) -> None:
        named = {}
        if leg["leg"] == "a" and leg["answer_epoch"] and rng.random() < 0.5:
            folder = f"/var/lib/freeswitch/recordings/{DOMAIN}/archive/2026/Nov/02"
            named = {"record_path": folder, "record_name": f"{leg['xml_cdr_uuid']}.wav"}
            if leg["cc_queue"] and leg["missed_call"]:
                named = {}
        insert(database, [(leg | named, at)])

    calls = play(box, root, write, seed=8)
    tally = judge(calls, box.told, lambda call: number_of(call.native_key), COMPARED)
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0


def test_a_week_of_plain_freeswitch_by_its_files(tmp_path: Path) -> None:
    rng, records, root = random.Random(9), tmp_path / "json_cdr", tmp_path / "recordings"
    records.mkdir()
    root.mkdir()
    box = Box(
        "freeswitch",
        Means(),
        place={"by": "folder", "path": str(records)},
        recordings={"by": "folder", "path": str(root)},
        lookback_days=1,
    )
    here: list[tuple[datetime, Path]] = []

    def write(leg: dict[str, Any], at: datetime) -> None:
        here.append((at, write_cdr(records, leg, rng, at)))
        while here[0][0] < at - timedelta(days=2):
            here.pop(0)[1].unlink()

    calls = play(box, root, write, seed=10)
    tally = judge(calls, box.told, lambda call: number_of(call.native_key), COMPARED)
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0
