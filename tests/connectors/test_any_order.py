"""Whatever happens in whatever order, the same calls are told in the end, each once."""

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


class Story:
    """Streams of events: in order within a stream, in any order between them."""

    def __init__(self, world: World, calls: list[dict[str, Any]]) -> None:
        self.world, self.streams = world, []
        self.expected: dict[str, tuple[int, tuple[int, ...]]] = {}
        for number, call in enumerate(calls):
            start = NOON + timedelta(minutes=call["minute"])
            uid = f"{int(start.timestamp())}.{number}"
            self.streams.append(self._rows(uid, start, call))
            versions, size = self._versions(call["file"])
            name = world.day(file_name(start, uid), start)
            self.streams.append([("write", name, content) for content in versions])
            self.expected[uid] = (call["rows"], (size,) if size else ())

    def _rows(self, uid: str, start: Any, call: dict[str, Any]) -> list[tuple[Any, ...]]:
        lines = []
        for leg in range(call["rows"]):
            own = uid if leg != 1 else uid + "7"  # the second leg has a channel of its own
            lines.append(
                csv_row(own, start + timedelta(seconds=8 * leg), linkedid=uid, sequence=leg,
                        dstchannel=f"PJSIP/10{leg}-{int(start.timestamp()) % 4096:03x}{leg:05x}")
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
        if event[0] == "log":
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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls=CALLS, jumps=JUMPS, seed=st.integers(0, 2**32), csv_first=st.booleans())
def test_any_interleaving_ends_in_the_same_calls_each_once(
    calls: list[dict[str, Any]], jumps: list[int], seed: int, csv_first: bool
) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        world = World(Path(home))
        world.write("readme.txt", b"")
        if csv_first:
            world.csv.touch()
        story = Story(world, calls)
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
