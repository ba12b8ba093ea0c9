"""Real Asterisk calls, replayed second by second as they were seen on disk."""

import json
import os
import re
import struct
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from appliance.facts.calls import FoundCall
from connectors.registry import open_connector
from tests.connectors.world import DATA

LINE = re.compile(r"(?P<at>\S+) (?P<name>\S+) size=(?P<size>\d+) riff=(\S+) data=(\S+)")
MONITOR = DATA / "monitor"


class Change(NamedTuple):
    """A file as the watcher saw it: at epoch seconds, its size and the sizes in its header."""

    at: float
    path: Path
    size: int
    riff: int | None
    data: int | None


def changes() -> list[Change]:
    """Every change in every watch log, in order; the logs cut names on the left."""
    files = [path for path in MONITOR.rglob("*") if path.is_file()]
    found: dict[tuple[object, ...], Change] = {}
    for log in sorted(DATA.glob("watch*.txt")):
        for line in log.read_text().splitlines():
            match = LINE.fullmatch(line)
            assert match is not None
            paths = [path for path in files if path.name.endswith(match["name"])]
            riff, data = (None if text == "None" else int(text) for text in match.groups()[3:])
            for path in paths:
                change = Change(float(match["at"]), path, int(match["size"]), riff, data)
                seen = found.get(change[1:])
                if seen is None or change.at < seen.at:
                    found[change[1:]] = change
    return sorted(found.values())


def write(root: Path, change: Change) -> Path:
    """The file as it was: as long as it had grown, with the header it had."""
    content = bytearray(change.path.read_bytes()[: change.size])
    if change.riff is not None and change.data is not None:
        data_at = content.find(b"data") + 4
        content[4:8] = struct.pack("<I", change.riff)
        content[data_at : data_at + 4] = struct.pack("<I", change.data)
    target = root / change.path.relative_to(MONITOR)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    os.utime(target, (change.at, change.at))
    return target


def rows() -> list[tuple[float, bytes]]:
    """Every row of Master.csv with the epoch at which Asterisk wrote it: the end of its leg."""
    found = []
    for line in (DATA / "Master.csv").read_bytes().splitlines(keepends=True):
        end = re.findall(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line)[-1].decode()
        found.append((datetime.fromisoformat(end).replace(tzinfo=UTC).timestamp(), line))
    return found


class Replay:
    """The world of that hour; polls every ``step`` seconds and restarts every time."""

    def __init__(self, home: Path, with_rows: bool) -> None:
        self.root, self.csv = home / "monitor", home / "Master.csv"
        self.root.mkdir()
        given = {"root": str(self.root), "usegmtime": True}
        if with_rows:
            self.csv.touch()
            given["master_csv"] = str(self.csv)
        self.settings = given
        self.files, self.lines = changes(), rows()
        self.last = {change.path: change for change in self.files}
        self.told: list[tuple[float, FoundCall]] = []
        self.opened = 0

    def run(self, step: float) -> None:
        now, end = self.files[0].at - 5, self.files[-1].at + 900
        checkpoint: dict[str, object] = {}
        while now < end:
            while self.files and self.files[0].at <= now:
                write(self.root, self.files.pop(0))
            while self.lines and self.lines[0][0] <= now:
                with self.csv.open("ab") as file:
                    file.write(self.lines.pop(0)[1])
            connector = open_connector("freepbx", self.settings)
            found = connector.discover(checkpoint, datetime.fromtimestamp(now, UTC))
            checkpoint = json.loads(json.dumps(found.checkpoint))
            self.told += [(now, call) for call in found.calls]
            now += step


@pytest.mark.parametrize("with_rows", [True, False])
@pytest.mark.parametrize("step", [5.0, 17.0])
def test_no_real_file_is_ever_taken_early(tmp_path: Path, with_rows: bool, step: float) -> None:
    replay = Replay(tmp_path, with_rows)
    replay.run(step)
    quiet = 60 if with_rows else 300
    taken = 0
    for at, call in replay.told:
        for recording in call.recordings:
            last = next(c for p, c in replay.last.items() if p.name == recording.name)
            assert recording.size == last.size
            assert at >= last.at + quiet
            taken += 1
    assert taken == 10


def test_every_real_call_is_told_once(tmp_path: Path) -> None:
    replay = Replay(tmp_path, with_rows=True)
    replay.run(5)
    keys = [call.native_key for _, call in replay.told]
    assert len(keys) == len(set(keys)) == 12
    calls = {call.native_key.rpartition(".")[2]: call for _, call in replay.told}
    assert {key for key, call in calls.items() if not call.recordings} == {"179", "268", "299"}
    assert calls["179"].warnings == ("empty",)
    assert [r.channel_map for r in calls["62"].recordings] == [{"0": "caller"}, {"0": "staff"}]
    stereo = calls["93"].recordings[0]
    assert (stereo.channels_hint, stereo.channel_map) == (2, {"0": "caller", "1": "staff"})
    assert calls["215"].legs == ("101", "102")
    assert calls["124"].queue == "400"


def test_the_tones_in_the_real_legs_are_where_the_channel_map_says(tmp_path: Path) -> None:
    def hertz(samples: tuple[int, ...]) -> float:
        loud = samples[len(samples) // 2 :]
        crossings = sum((a < 0) != (b < 0) for a, b in pairwise(loud))
        return crossings / 2 / (len(loud) / 8000)

    raw = next(MONITOR.glob("*.raw")).read_bytes()
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    legs = {}
    for side in ("in", "out"):
        content = next(MONITOR.glob(f"*-{side}.wav")).read_bytes()[44:]
        legs[side] = struct.unpack(f"<{len(content) // 2}h", content)
    # SIPp's caller hummed 500 Hz and its answering phone 1,500 Hz.
    for caller, staff in ((samples[::2], samples[1::2]), (legs["in"], legs["out"])):
        assert 400 < hertz(caller) < 600
        assert 1300 < hertz(staff) < 1600
