"""A week of plain files: told by a pattern, by sidecars of all fates, and by Switchvox's pairs."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Unavailable
from appliance.facts.calls import FoundCall
from connectors import folder, switchvox
from connectors.interface import Checkpoint
from connectors.kinds import Kind, Means
from tests.connectors.simulated import MONDAY, STAFF, Tally, TrueCall, judge, week
from tests.connectors.world import wav

STEP = timedelta(hours=8)
GAP = timedelta(minutes=90)
HELD_BACK = timedelta(hours=9)
FATES = ("beside",) * 11 + ("first", "late", "late", "never", "broken", "mended")
SILENT = ("never", "broken")  # sidecars of these fates never say anything
COMPARE = ("direction", "answer_state", "caller", "staff", "started_at")

Write = Callable[[], None]


class Recorder:
    """A folder that fills for a week: sound half written, late or away; sidecars of all fates."""

    def __init__(self, home: Path, kind: Kind, **settings: Any) -> None:
        self.root, self.kind, self.now = home / "recordings", kind, MONDAY
        self.root.mkdir()
        (self.root / "keep").write_text("so that the folder is never bare")
        place = {"by": "folder", "path": str(self.root)}
        self.settings = settings | {"place": place, "extensions": list(STAFF)}
        # Nothing else leaves a file behind.
        self.truth = [c for c in week() if c.answer_state in ("answered", "internal")]
        self.rng, self.due = random.Random(7), list[tuple[datetime, int, Write]]()
        self.numbers, self.fates = dict[str, int](), dict[int, str]()
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.troubles: Counter[str] = Counter()

    def write_at(self, moment: datetime, name: str, data: bytes) -> None:
        def write() -> None:
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (moment.timestamp(), moment.timestamp()))

        self.due.append((moment, len(self.due), write))

    def record(self, call: TrueCall, name: str, copied: bool = False) -> None:
        """The sound of a call: its header is open until the end, or all comes at once, late."""
        self.numbers[name] = call.number
        path = f"{call.start:%Y-%m-%d}/{name}"
        if not copied:
            self.write_at(call.start, path, wav(0.02, closed=False))
        self.write_at(call.end + (HELD_BACK if copied else timedelta()), path, wav(0.05))

    def tell_beside(self, call: TrueCall, name: str, says: bytes) -> None:
        fate = self.fates[call.number] = self.rng.choice(FATES)
        path, late = f"{call.start:%Y-%m-%d}/{name}", call.end + HELD_BACK
        if fate in ("broken", "mended"):
            self.write_at(call.end, path, says[: len(says) // 2])
        if fate not in SILENT:
            moment = {"first": call.start, "late": late, "mended": late}.get(fate, call.end)
            self.write_at(moment, path, says)

    def run(self) -> None:
        self.due.sort()
        for number in range(23):
            self.now = MONDAY + (number + 1) * STEP
            while self.due and self.due[0][0] <= self.now:
                self.due.pop(0)[2]()
            if number % 6 == 3:
                self._look_while_away()
            self.look(keep=number % 4 != 1)
            self.now += GAP
            self.look()
        assert self.troubles["away"] > 3
        assert self.troubles["forgotten"] > 5

    def _look_while_away(self) -> None:
        away = self.root.with_name("elsewhere")
        self.root.rename(away)
        self.root.mkdir()
        with pytest.raises(Unavailable):
            self.look()
        self.root.rmdir()
        away.rename(self.root)
        self.troubles["away"] += 1

    def look(self, keep: bool = True) -> None:
        """A connector made anew looks. Not to ``keep`` is a box that dies before it has stored."""
        connector = self.kind.make(self.settings, Means())
        found = connector.discover(json.loads(json.dumps(self.checkpoint)), self.now)
        self.told += found.calls
        self.troubles["forgotten"] += not keep
        if keep:
            self.checkpoint = found.checkpoint

    def identify(self, call: FoundCall) -> int | None:
        """The name of a recording is its own; nothing that was told is needed to know the call."""
        return self.numbers[call.recordings[0].name]

    def judge(self, *fates: str, compare: tuple[str, ...] = COMPARE) -> Tally:
        """The tally of the calls whose sidecars had these fates; of all for none."""
        chosen = {c.number for c in self.truth if not fates or self.fates[c.number] in fates}
        told = [call for call in self.told if self.identify(call) in chosen]
        truth = [call for call in self.truth if call.number in chosen]
        return judge(truth, told, self.identify, compare)

    def latest(self, *fates: str) -> list[FoundCall]:
        calls = {call.native_key: call for call in self.told}
        return [c for c in calls.values() if self.fates[self.identify(c) or 0] in fates]


def assert_whole(tally: Tally) -> None:
    assert (tally.doubled, tally.lost, tally.without_recording, tally.wrong) == (0, 0, 0, {}), tally
    assert tally.calls_in == tally.calls_out > 50


def assert_sidecars_believed(recorder: Recorder) -> None:
    """All calls once, with all facts where the sidecar came whole, be it late, and none without."""
    everything = recorder.judge(compare=())  # what a silent sidecar did not say is not known
    assert (everything.doubled, everything.lost, everything.without_recording) == (0, 0, 0)
    assert everything.calls_in == everything.calls_out == len(recorder.truth) > 1400
    for fate in set(FATES) - set(SILENT):
        assert_whole(recorder.judge(fate))
    bare = recorder.latest(*SILENT)
    assert {(c.metadata_level, c.direction, c.caller_number) for c in bare} == {
        ("none", "unknown", "")
    }
    broken = [c for c in recorder.latest("broken") if "sidecar_malformed" not in c.warnings]
    assert broken == []
    assert all(c.metadata_level == "sidecar" for c in recorder.latest("late", "mended"))


def test_names_made_by_a_pattern_tell_the_whole_week(tmp_path: Path) -> None:
    pattern = "{date}-{time}_{direction}_{number}_{extension}_{*}.wav"
    recorder = Recorder(tmp_path, folder.KIND, pattern=pattern)
    for call in recorder.truth:
        stem = f"{call.start:%Y%m%d-%H%M%S}_{call.direction}_{call.outside}_{call.staff[0]}"
        recorder.record(call, f"{stem}_{call.number}.wav", copied=recorder.rng.random() < 0.1)
    recorder.run()
    assert_whole(recorder.judge())
    assert len(recorder.truth) > 1400


def test_sidecars_late_missing_and_broken_beside_names_that_say_nothing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, folder.KIND, sidecars=True)
    for call in recorder.truth:
        recorder.record(call, f"rec{call.number}.wav", copied=recorder.rng.random() < 0.1)
        caller, called = call.outside, call.staff[0]
        if call.direction == "out":
            caller, called = called, caller
        body = {
            "caller": caller, "called": called, "extension": call.staff[0],
            "direction": call.direction, "start": f"{call.start:%Y-%m-%dT%H:%M:%SZ}",
            "duration": call.talk_s,
        }  # fmt: skip
        recorder.tell_beside(call, f"rec{call.number}.json", json.dumps(body).encode())
    recorder.run()
    assert_sidecars_believed(recorder)


def test_the_pairs_of_switchvox_tell_the_whole_week(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, switchvox.KIND)
    for call in recorder.truth:
        recorder.record(call, f"{call.number:05d}.wav", copied=recorder.rng.random() < 0.1)
        caller, called = call.outside, call.staff[0]
        if call.direction == "out":
            caller, called = called, caller
        xml = (f"<recording><recorded_call_id>{call.number}</recorded_call_id>"
               f"<from_caller_id>{caller}</from_caller_id><to_caller_id>{called}</to_caller_id>"
               f"<duration>{call.talk_s}</duration>"
               f"<date_created_ts>{int(call.start.timestamp())}</date_created_ts></recording>")  # fmt: skip
        recorder.tell_beside(call, f"{call.number:05d}.xml", xml.encode())
    recorder.run()
    assert_sidecars_believed(recorder)
