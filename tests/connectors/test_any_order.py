"""Whatever happens in whatever order, the same calls are told in the end, each once."""

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.cdr import parse_row
from tests.connectors.asterisk import COLUMNS, insert_sqlite, make_master_db
from tests.connectors.world import NOON, World, csv_row, file_name, wav

CALL = st.fixed_dictionaries(
    {
        "rows": st.integers(0, 3),
        "duplicate": st.booleans(),
        "file": st.sampled_from(["none", "whole", "grown", "appended"]),
        "minute": st.integers(0, 30),
    }
).filter(lambda call: call["rows"] > 0 or call["file"] != "none")
CALLS = st.lists(CALL, min_size=1, max_size=4)
JUMPS = st.lists(st.integers(-7200, 7200), max_size=4)


def cells_of(line: str) -> dict[str, Any]:
    """A line of Master.csv as the cells of a database."""
    row = parse_row(line.encode())
    assert row is not None
    return {name: getattr(row, "start" if name == "calldate" else name) for name in COLUMNS}


class Story:
    """Streams of events: in order within a stream, in any order between them."""

    def __init__(
        self, world: World, calls: list[dict[str, Any]], database: Path | None = None
    ) -> None:
        self.world, self.streams, self.database = world, [], database
        self.expected: dict[str, tuple[int, tuple[int, ...]]] = {}
        for number, call in enumerate(calls):
            start = NOON + timedelta(minutes=call["minute"])
            uid = f"{int(start.timestamp())}.{number}"
            self.streams.append(self._rows(uid, start, number, call))
            versions, size = self._versions(call["file"])
            name = world.day(file_name(start, uid), start)
            self.streams.append([("write", name, content) for content in versions])
            self.expected[uid] = (call["rows"], (size,) if size else ())

    def _rows(
        self, uid: str, start: Any, number: int, call: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        lines = []
        for leg in range(call["rows"]):
            own = uid if leg != 1 else uid + "7"  # the second leg has a channel of its own
            lines.append(
                csv_row(own, start + timedelta(seconds=8 * leg), linkedid=uid, sequence=leg,
                        dstchannel=f"PJSIP/10{leg}-{number:03x}{leg:05x}")
            )  # fmt: skip
        return [("log", line) for line in lines * (1 + call["duplicate"])]

    def _versions(self, file: str) -> tuple[list[bytes], int]:
        growing = [wav(0, closed=False), wav(1, closed=False), wav(2, closed=False), wav(2)]
        if file == "none":
            return [], 0
        if file == "whole":
            return [wav(2)], len(wav(2))
        if file == "grown":
            return growing, len(wav(2))
        return [*growing, wav(2, closed=False), wav(3, closed=False), wav(4)], len(wav(4))

    def happen(self, event: tuple[Any, ...]) -> None:
        if event[0] == "log" and self.database:
            insert_sqlite(self.database, [cells_of(event[1])])
        elif event[0] == "log":
            self.world.log(event[1])
        else:
            self.world.write(event[1], event[2])


def core_has(world: World) -> dict[str, tuple[int, tuple[int, ...]]]:
    """What the core keeps: the last version of every key, its legs and its files."""
    last = {call.native_key: call for call in world.told}
    return {
        key: (len(call.legs), tuple(recording.size for recording in call.recordings))
        for key, call in last.items()
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    calls=CALLS, jumps=JUMPS, seed=st.integers(0, 2**32),
    source=st.sampled_from(["csv", "csv later", "sqlite"]),
)  # fmt: skip
def test_any_interleaving_ends_in_the_same_calls_each_once(
    calls: list[dict[str, Any]], jumps: list[int], seed: int, source: str
) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        database = Path(home) / "master.db" if source == "sqlite" else None
        given = {"master_csv": None, "database_file": str(database)} if database else {}
        world = World(Path(home), **given)
        world.write("readme.txt", b"")
        if source == "csv":
            world.csv.touch()
        if database:
            make_master_db(database)
        story = Story(world, calls, database)
        latest = world.now
        while streams := [stream for stream in story.streams if stream]:
            story.happen(chance.choice(streams).pop(0))
            for _ in range(chance.choice([0, 0, 1, 3])):
                kept = world.checkpoint
                world.look(chance.choice([1, 12, 70, 400]))
                latest = max(latest, world.now)
                if chance.random() < 0.2:
                    world.checkpoint = kept  # the core died before it saved the checkpoint
            if jumps and chance.random() < 0.3:
                world.now += timedelta(seconds=jumps.pop())
        world.now = max(latest, NOON + timedelta(hours=3))
        world.settle(1200, 60)
        assert core_has(world) == story.expected
        assert world.settle(120) == []
        assert world.look().waiting == 0


TRUNK, STAFF, COLLEAGUE = "PJSIP/trunk-00000009", "PJSIP/101-0000000a", "PJSIP/102-0000000c"


def handing_over() -> tuple[list[str], list[str]]:
    """The rows and files of a call in which 101 asks 102 on another line and hands over."""
    call, asked = (f"{int(NOON.timestamp()) + after}.{after}" for after in (0, 20))
    rows = [
        csv_row(call, NOON, channel=TRUNK, dstchannel=STAFF, talk=60, sequence=1),
        csv_row(asked, NOON + timedelta(seconds=20), channel="PJSIP/101-0000000b", src="101",
                dstchannel=COLLEAGUE, talk=40, sequence=2),
        csv_row(call, NOON + timedelta(seconds=62), channel=TRUNK, dstchannel=COLLEAGUE,
                ring=0, talk=90, sequence=3),
    ]  # fmt: skip
    return rows, [file_name(NOON, call), file_name(NOON + timedelta(seconds=20), asked)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_an_attended_transfer_ends_in_one_call_or_in_two_that_say_so(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        world = World(Path(home))
        world.csv.touch()
        rows, files = handing_over()
        world.now = NOON + timedelta(minutes=4)
        happenings = [("row", row) for row in rows] + [("file", name) for name in files]
        chance.shuffle(happenings)
        for kind, what in happenings:
            if kind == "row":
                world.log(what)
            else:
                world.write(world.day(what), wav(1))
            for _ in range(chance.choice([0, 0, 1, 8])):
                kept, told = world.checkpoint, len(world.told)
                world.look(chance.choice([12, 70]))
                if chance.random() < 0.2:
                    world.checkpoint = kept  # the core died, and with it what it was told
                    del world.told[told:]
        world.settle(900, 60)
        last = {call.native_key: call for call in world.told}
        taken = [recording.name for call in last.values() for recording in call.recordings]
        assert sorted(taken) == sorted(files), "each file in one call"
        assert sum(call.talk_ms > 0 for call in last.values()) >= 1
        assert len(last) == 1 or {code for call in last.values() for code in call.warnings} >= {
            "transfer_split"
        }
        assert world.settle(120, 60) == []
