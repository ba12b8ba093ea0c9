"""A simulated week as Asterisk would have recorded it: rows, events and files, with its faults."""

import json
import os
import random
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.errors import PetsvetError, Unavailable
from appliance.facts.calls import FoundCall
from connectors.interface import Connector
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors.simulated import DID, TrueCall, week
from tests.connectors.world import wav

FORM = "%Y-%m-%d %H:%M:%S"
ORDER = ("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp",
         "lastdata", "calldate", "answer", "end", "duration", "billsec", "disposition", "amaflags",
         "uniqueid", "userfield", "peeraccount", "linkedid", "sequence")  # fmt: skip
COLUMNS = ("calldate", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp",
           "lastdata", "duration", "billsec", "disposition", "uniqueid", "did", "recordingfile",
           "linkedid", "sequence")  # fmt: skip


def calls_of_week(count: int = 2000) -> list[TrueCall]:
    """The week, with a few calls of four hours."""
    return [
        replace(call, talk_s=call.talk_s + 4 * 3600) if call.number % 199 == 7 and call.recorded
        else call for call in week(count=count)
    ]  # fmt: skip


def uid_of(call: TrueCall) -> str:
    return f"{int(call.start.timestamp())}.{call.number * 4}"


def number_of(found: FoundCall) -> int | None:
    tail = found.native_key.rpartition(".")[2]
    return int(tail) // 4 if tail.isdigit() else None


def file_of(call: TrueCall) -> str:
    left = {
        "out": f"out-{call.outside}-{call.staff[0]}" if call.staff else "",
        "internal": f"internal-{call.staff[0]}-{call.outside}" if call.staff else "",
        "in": f"q-400-{call.outside}" if call.queue else f"external-101-{call.outside}",
    }[call.direction]
    return f"{left}-{call.start:%Y%m%d-%H%M%S}-{uid_of(call)}.wav"


def row(
    call: TrueCall, sequence: int, after: float, ring: int, talk: int, **given: Any
) -> dict[str, Any]:
    """One record; ``after`` is seconds from the call's begin."""
    start = call.start + timedelta(seconds=after)
    cells: dict[str, Any] = {
        "calldate": f"{start:{FORM}}", "clid": f'"" <{call.outside}>', "src": call.outside,
        "dst": "s", "dcontext": "from-trunk", "channel": f"PJSIP/trunk-{call.number * 4:08x}",
        "dstchannel": "", "lastapp": "Dial", "lastdata": "", "duration": ring + talk,
        "billsec": talk, "disposition": "ANSWERED", "uniqueid": uid_of(call),
        "did": DID if call.direction == "in" else "",
        "recordingfile": file_of(call) if call.recorded else "", "linkedid": uid_of(call),
        "sequence": call.number * 4 + sequence,
    }  # fmt: skip
    cells |= given
    answered = cells["disposition"] == "ANSWERED"
    cells["answer"] = f"{start + timedelta(seconds=ring):{FORM}}" if answered else ""
    cells["end"] = f"{start + timedelta(seconds=ring + talk):{FORM}}"
    return cells


def phone(call: TrueCall, extension: str, nth: int = 1) -> str:
    return f"PJSIP/{extension}-{call.number * 4 + nth:08x}"


def rows_of(call: TrueCall) -> list[dict[str, Any]]:
    """Everything the phone system writes of one call when it is over."""
    nobody = {"disposition": "NO ANSWER"}
    queue = {"lastapp": "Queue", "lastdata": "400,t,,,40"} if call.queue else {}
    if call.direction in ("out", "internal"):
        source = call.staff[0] if call.direction == "out" else call.outside
        target = "PJSIP/trunk" if call.direction == "out" else f"PJSIP/{call.staff[0]}"
        dialed = call.outside if call.direction == "out" else call.staff[0]
        return [row(call, 0, 0, call.ring_s, call.talk_s, src=source, dst=dialed,
                    clid=f'"" <{source}>', channel=phone(call, source, 0),
                    dstchannel=f"{target}-{call.number * 4 + 1:08x}")]  # fmt: skip
    if call.answer_state == "voicemail_left":
        first = row(call, 0, 0, call.ring_s, 0, dstchannel=phone(call, "101"), **nobody)
        return [first, row(call, 1, call.ring_s, 0, call.talk_s, dst="vmu101", lastapp="VoiceMail")]
    if not call.staff:
        member = row(call, 1, 0, call.ring_s, 0, dstchannel=phone(call, "101"), **nobody, **queue)
        held = row(call, 0, 0, 0, call.ring_s, **queue)
        return [held, member] if call.queue else [member]
    loser = row(call, 2, 0, call.ring_s, 0, dstchannel=phone(call, "109", 2), **nobody, **queue)
    if len(call.staff) == 1:
        won = row(
            call, 0, 0, call.ring_s, call.talk_s, dstchannel=phone(call, call.staff[0]), **queue
        )
        return [won, loser] if call.queue else [won]
    half = call.talk_s // 2
    first = row(call, 0, 0, call.ring_s, half, dst=call.staff[1], dcontext="xfer",
                dstchannel=phone(call, call.staff[0]), **queue)  # fmt: skip
    second = row(call, 1, call.ring_s + half, 0, call.talk_s - half, dst=call.staff[1],
                 dcontext="xfer", dstchannel=phone(call, call.staff[1], 3))  # fmt: skip
    return [first, second]


Event = tuple[datetime, str, Any]


def events_of(call: TrueCall, chance: random.Random, longest_s: float) -> Iterator[Event]:
    """What happens on the phone system's disk and in its tables, and when.

    Few recordings are as long as ``longest_s``.
    """
    length = longest_s if call.number % 25 == 3 else 0.02
    yield call.start, "cel", ("CHAN_START", call)
    if call.recorded:
        answered = call.start + timedelta(seconds=call.ring_s)
        if chance.random() < 0.2:
            yield answered, "file", (call, wav(0.01, closed=False))
        yield call.end, "file", (call, wav(length))
        if chance.random() < 0.05:
            yield call.end + timedelta(seconds=3), "file", (call, wav(length, closed=False))
            yield call.end + timedelta(seconds=25), "file", (call, wav(length + 0.02))
    late = chance.randrange(300) if chance.random() < 0.3 else 1
    written = call.end + timedelta(seconds=late)
    for cells in rows_of(call) * (2 if chance.random() < 0.05 else 1):
        yield written, "row", cells
    yield call.end + timedelta(seconds=1), "cel", ("LINKEDID_END", call)


class Phones:
    """The phone system's disk, and whoever writes its records (``write_rows``, ``write_cel``)."""

    def __init__(
        self, home: Path, settings: dict[str, Any], means: Means,
        count: int = 2000, longest_s: float = 0.02,
    ) -> None:  # fmt: skip
        self.root = home / "monitor"
        self.root.mkdir()
        (self.root / "readme.txt").touch()
        self.settings = {"root": str(self.root), "patience": {"lookback_days": 1}, **settings}
        self.means = means
        self.calls = calls_of_week(count)
        chance = random.Random(7)
        told = (event for call in self.calls for event in events_of(call, chance, longest_s))
        self.events = deque(sorted(told, key=lambda event: event[0]))
        self.write_rows: Callable[[list[dict[str, Any]]], None] = lambda rows: None
        self.write_cel: Callable[[list[dict[str, Any]]], None] = lambda rows: None
        self.checkpoint: dict[str, Any] = {}
        self.told: list[FoundCall] = []
        self.open: Callable[[dict[str, Any]], Connector] = self._open
        self.excused: tuple[type[PetsvetError], ...] = (Unavailable,)

    def _open(self, given: dict[str, Any]) -> Connector:
        return open_connector("freepbx", {**self.settings, **given}, self.means)

    def pass_until(self, now: datetime) -> None:
        """Let everything happen that happens until ``now``."""
        rows, cel = [], []
        while self.events and self.events[0][0] <= now:
            moment, kind, what = self.events.popleft()
            if kind == "file":
                self._write(*what, moment)
            elif kind == "row":
                rows.append(what)
            else:
                cel.append({"eventtype": what[0], "eventtime": f"{moment:{FORM}}",
                            "uniqueid": uid_of(what[1]), "linkedid": uid_of(what[1])})  # fmt: skip
        self.write_rows(rows)
        self.write_cel(cel)

    def _write(self, call: TrueCall, content: bytes, moment: datetime) -> None:
        path = self.root / f"{call.start:%Y/%m/%d}" / file_of(call)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    def look(self, now: datetime, *, lost: bool = False, **given: Any) -> bool:
        """One look of a newly started box; ``lost``: it died before anything was kept."""
        try:
            found = self.open(given).discover(json.loads(json.dumps(self.checkpoint)), now)
        except self.excused:
            return False
        if not lost:
            self.checkpoint = json.loads(json.dumps(found.checkpoint))
            self.told += found.calls
        return True


def run_week(phones: Phones, trouble: Callable[[int, bool], dict[str, Any]]) -> int:
    """Look every four hours, with clocks that jump, and boxes that die. Returns looks in vain.

    ``trouble(spell, begin)`` takes the records away or brings them back; what it returns changes
    the settings of the looks between.
    """
    chance, vain = random.Random(3), 0
    now = phones.calls[0].start
    end = phones.calls[-1].start + timedelta(hours=6)
    turn = 0
    while now < end:
        now += timedelta(minutes=chance.choice([5, 230, 240, 250, 480]))
        turn += 1
        phones.pass_until(now)
        spell = turn % 6
        given = trouble(turn // 6, True) if spell == 3 else {}
        if spell == 5:
            phones.root.rename(phones.root.with_name("away"))
        jump = timedelta(seconds=chance.choice([0, 0, 0, -3600, 900]))
        vain += not phones.look(now + jump, lost=chance.random() < 0.1, **given)
        if spell == 3:
            trouble(turn // 6, False)
        if spell == 5:
            phones.root.with_name("away").rename(phones.root)
        if spell == 2:
            vain += not phones.look(now + timedelta(seconds=12))
    for pause in (3700, 20, 400, 20, 20):
        now += timedelta(seconds=pause)
        phones.pass_until(now)
        phones.look(now)
    return vain


def csv_lines(rows: list[dict[str, Any]]) -> str:
    filled = ({"accountcode": "", "amaflags": "DOCUMENTATION", "userfield": "", "peeraccount": "",
               **cells} for cells in rows)  # fmt: skip
    return "".join(
        ",".join('"' + str(cells[name]).replace('"', '""') + '"' for name in ORDER) + "\n"
        for cells in filled
    )


def make_master_db(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
    db.close()


def insert_sqlite(path: Path, rows: list[dict[str, Any]]) -> None:
    marks = ", ".join("?" * len(COLUMNS))
    with sqlite3.connect(path) as db:
        db.executemany(
            f"INSERT INTO cdr ({', '.join(COLUMNS)}) VALUES ({marks})",
            [tuple(str(cells[name]) for name in COLUMNS) for cells in rows],
        )
    db.close()
