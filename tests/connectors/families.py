"""Phone systems that leave recordings in a folder, behind one bench: what a bad file must come to.

Each family knows how one call lies there: the name of its recording, and what else tells of it (a
row, a line, a sidecar), put where that phone system puts it.
"""

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.facts.calls import FoundCall
from connectors.interface import Checkpoint, Connector, Discovery
from connectors.kinds import Line, Means
from connectors.registry import open_connector
from tests.connectors import freeswitch, grandstream, smdr, threecx, yeastar
from tests.connectors.simulated import STAFF, TrueCall
from tests.connectors.world import csv_row, file_name, wav

NOON = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
PATTERN = "{date}-{time}_{direction}_{number}_{extension}.wav"
LATIN = os.fsdecode("Peña\n1.wav".encode("latin-1"))


def call_at(start: datetime, number: int = 1) -> TrueCall:
    """A call from outside that 101 answered."""
    outside = f"512555{100 + number:04d}"
    return TrueCall(number, start, "in", outside, ("101",), "answered", "", 5, 60)


@dataclass
class Bench:
    """A folder of recordings, what is pushed beside it, and the core's memory of them."""

    home: Path
    kind: str
    settings: dict[str, Any]
    now: datetime = NOON
    checkpoint: Checkpoint = field(default_factory=dict)
    told: list[FoundCall] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    pushed: list[Line] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.home / "monitor"

    @property
    def connector(self) -> Connector:
        return open_connector(self.kind, self.settings, Means(feed=self))

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        return self.pushed[after : after + limit]

    def push(self, data: bytes) -> None:
        self.pushed.append(Line(len(self.pushed) + 1, self.now, data))

    def put(self, name: str, content: bytes, at: datetime | None = None) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = (at or self.now).timestamp()
        os.utime(path, (moment, moment))
        return path

    def look(self, **later: float) -> Discovery:
        """Let time pass, then look as after a restart."""
        self.now += timedelta(**later)
        found = self.connector.discover(json.loads(json.dumps(self.checkpoint)), self.now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        self.notes |= {note.partition(":")[0] for note in found.notes}
        return found

    def settle(self, hours: float, looks: int = 12) -> list[FoundCall]:
        """The latest version of every call after some hours, in which it looked now and then."""
        for _ in range(looks):
            self.look(hours=hours / looks)
        return list({call.native_key: call for call in self.told}.values())


@dataclass(frozen=True)
class Family:
    """``name_of``: the path of a call's recording. ``record``: tell of the call beside it."""

    kind: str
    settings: Callable[[Path], dict[str, Any]]
    name_of: Callable[[TrueCall], str]
    record: Callable[[Bench, TrueCall], None]

    def bench(self, home: Path, **more: Any) -> Bench:
        root = home / "monitor"
        root.mkdir(parents=True)
        (home / "cdr").mkdir()
        (root / "keep.txt").write_text("so that the folder is never bare")
        return Bench(home, self.kind, {**self.settings(root), **more})

    def lay_sound(self, bench: Bench, call: TrueCall, content: bytes = wav(60)) -> Path:
        """The recording of a call alone, written when it ended."""
        return bench.put(self.name_of(call), content, call.end)

    def lay(self, bench: Bench, call: TrueCall, content: bytes = wav(60)) -> Path:
        """A call with its recording and what else tells of it."""
        self.record(bench, call)
        return self.lay_sound(bench, call, content)


def _local(call: TrueCall) -> datetime:
    return call.start.astimezone(ZONE)


def _uid(call: TrueCall) -> str:
    return f"{int(call.start.timestamp())}.{call.number}"


def _nothing(bench: Bench, call: TrueCall) -> None:
    """Nothing but the recording tells of a call."""


def _asterisk(bench: Bench, call: TrueCall) -> None:
    row = csv_row(_uid(call), call.start, src=call.outside, talk=call.talk_s, ring=call.ring_s)
    with (bench.home / "Master.csv").open("a") as file:
        file.write(row)


def _freeswitch(bench: Bench, call: TrueCall) -> None:
    for leg in freeswitch.legs_of(call):
        named = {"record_name": f"{freeswitch.uuid_of(call.number, 0)}.wav"}
        more = named if leg["leg"] == "a" else {}
        freeswitch.write_cdr(bench.home / "cdr", leg | more, random.Random(1), bench.now)


def _grandstream(bench: Bench, call: TrueCall) -> None:
    bench.push(grandstream.pushed(grandstream.legs_of(call, 10 * call.number), "json"))


def _grandstream_name(call: TrueCall) -> str:
    named = (leg["recordfiles"] for leg in grandstream.legs_of(call, 1) if leg["recordfiles"])
    return next(named).rstrip("@")


def _threecx(bench: Bench, call: TrueCall) -> None:
    for line in threecx.cdr_lines(call):
        bench.push(f"{line}\r\n".encode())


def _threecx_name(call: TrueCall) -> str:
    return threecx.talks_of(call)[0].path


def _switchvox(bench: Bench, call: TrueCall) -> None:
    path = bench.root / f"rec-{call.number}.xml"
    path.write_text(
        f"<r><recorded_call_id>{call.number}</recorded_call_id>"
        f"<from_caller_id>{call.outside}</from_caller_id><to_caller_id>101</to_caller_id>"
        f"<duration>65</duration><date_created_ts>{int(call.start.timestamp())}</date_created_ts>"
        "</r>"
    )
    os.utime(path, (bench.now.timestamp(), bench.now.timestamp()))


def _line(name: str) -> Callable[[Bench, TrueCall], None]:
    def record(bench: Bench, call: TrueCall) -> None:
        """The phone system's clock is the clinic's, without a zone."""
        told = replace(call, start=_local(call).replace(tzinfo=None))
        for _, line in smdr.LINES[name](told):
            bench.push(line.encode())

    return record


def _by_pattern(call: TrueCall) -> str:
    begin = (call.start + timedelta(seconds=call.ring_s)).astimezone(ZONE)
    return f"{begin:%Y-%m-%d/%Y%m%d-%H%M%S}_{call.direction}_{call.outside}_101.wav"


def _in_folder(root: Path, **more: Any) -> dict[str, Any]:
    return {"place": {"by": "folder", "path": str(root)}, **more}


def _smdr(name: str) -> Family:
    door = {"listen_port": 9} if name in ("avaya", "esi") else {"host": "127.0.0.1", "port": 9}
    given = {"pattern": PATTERN, "zone": ZONE.key, "extensions": list(STAFF), **door}
    return Family(name, lambda root: _in_folder(root, **given), _by_pattern, _line(name))


FAMILIES: dict[str, Family] = {
    "freepbx": Family(
        "freepbx",
        lambda root: {"root": str(root), "master_csv": str(root.parent / "Master.csv"),
                      "usegmtime": True},
        lambda call: f"{call.start:%Y/%m/%d}/{file_name(call.start, _uid(call))}",
        _asterisk,
    ),
    "freeswitch": Family(
        "freeswitch",
        lambda root: {"place": {"by": "folder", "path": str(root.parent / "cdr")},
                      "recordings": {"by": "folder", "path": str(root)}},
        lambda call: f"archive/2026/Nov/22/{freeswitch.uuid_of(call.number, 0)}.wav",
        _freeswitch,
    ),
    "grandstream": Family(
        "grandstream",
        lambda root: _in_folder(root, listen_port=9, zone=ZONE.key),
        _grandstream_name,
        _grandstream,
    ),
    "3cx": Family(
        "3cx",
        lambda root: _in_folder(root, cdr="active", cdr_port=9, stamps_in_utc="yes"),
        _threecx_name,
        _threecx,
    ),
    "yeastar": Family(
        "yeastar",
        lambda root: _in_folder(root, zone=ZONE.key),
        lambda call: next(iter(yeastar.archived(call))),
        _nothing,
    ),
    "switchvox": Family(
        "switchvox", _in_folder, lambda call: f"rec-{call.number}.wav", _switchvox
    ),
    "folder": Family(
        "folder",
        lambda root: _in_folder(root, pattern=PATTERN, zone=ZONE.key),
        _by_pattern,
        _nothing,
    ),
    **{name: _smdr(name) for name in ("avaya", "esi", "panasonic", "mitel")},
}  # fmt: skip
SMDR = ("avaya", "esi", "panasonic", "mitel")
