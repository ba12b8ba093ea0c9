"""A week of each SMDR phone system over real sockets, joined to a folder of recordings."""

import json
import os
import random
import socket
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from appliance.facts.calls import FoundCall
from connectors import smdr_avaya, smdr_esi, smdr_listen, smdr_mitel, smdr_panasonic
from connectors.interface import Checkpoint
from connectors.kinds import Kind, Means
from tests.connectors.servers import free_port
from tests.connectors.simulated import DID, MONDAY, STAFF, TrueCall, judge, week
from tests.connectors.smdr import LINES, KeptFeed, listening, login_then, send_cut
from tests.connectors.world import wav

KINDS: dict[str, Kind] = {k.name: k for k in (smdr_avaya.KIND, smdr_esi.KIND, smdr_panasonic.KIND,
                                             smdr_mitel.KIND)}  # fmt: skip
PATTERN = "{date}-{time}_{direction}_{number}_{extension}.wav"
COMPARE = ("direction", "answer_state", "caller", "staff")
STEP = timedelta(hours=8)


class Pbx:
    """A phone system: it calls the box or is called by it, and its connections break."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.name, self.rng, self.calls_us = name, rng, name in ("avaya", "esi")
        self.port, self.sent = free_port(), list[str]()
        self._server = None if self.calls_us else socket.create_server(("127.0.0.1", self.port))

    def settings(self) -> dict[str, Any]:
        if self.calls_us:
            return {"listen_port": self.port}
        return {"host": "127.0.0.1", "port": self.port}

    def send(self, lines: list[str]) -> None:
        """Lines on a connection that breaks in the middle of one, then all again on a new one."""
        broken = self.rng.random() < 0.5 and len(lines) > 3
        again = self.sent[-20:] if broken else []
        if broken:
            cut = self.rng.randrange(1, len(lines))
            self._serve_once("\r\n".join([*lines[:cut], lines[cut][:25]]))
            lines = [*lines[max(0, cut - 5) : cut], *lines[cut:]]
        self.sent += lines
        self._serve_once("\r\n".join([*again, *lines]) + "\r\n")

    def _serve_once(self, text: str) -> None:
        def serve(connection: socket.socket) -> None:
            send_cut(connection, text.encode(), self.rng)

        with self._connection() as connection:
            login_then(serve)(connection) if self.name == "panasonic" else serve(connection)

    def _connection(self) -> socket.socket:
        if self._server:
            return self._server.accept()[0]
        for _ in range(400):
            with suppress(ConnectionRefusedError):
                return socket.create_connection(("127.0.0.1", self.port))
            time.sleep(0.01)
        raise AssertionError("the box does not listen")

    def close(self) -> None:
        if self._server:
            self._server.close()


def can_tell(name: str, call: TrueCall) -> TrueCall | None:
    """A true call as this phone system can tell it; None for one it never writes down."""
    state = call.answer_state
    if name == "panasonic" and call.direction == "internal":
        return None
    if state == "hold_abandon":
        state = "ring_abandon"  # none of them tells of queues
    if state == "voicemail_left" and name != "avaya":
        state = "ivr_abandon"  # somebody's machine had it; whose, they do not say
    return replace(call, answer_state=state, queue="")


def file_of(call: TrueCall) -> str:
    number = call.outside
    extension = call.staff[0] if call.staff else "500"
    begin = call.start + timedelta(seconds=call.ring_s)
    return f"{begin:%Y%m%d-%H%M%S}_{call.direction}_{number}_{extension}.wav"


def identifier(truth: list[TrueCall]) -> Any:
    """The true call of a found one: same numbers, closest start."""
    by_number: dict[tuple[str, str], list[TrueCall]] = defaultdict(list)
    for call in truth:
        number = call.staff[0] if call.direction == "internal" else call.outside
        by_number[call.direction, number[-10:]].append(call)

    def identify(found: FoundCall) -> int | None:
        number = found.caller_number if found.direction == "in" else found.dialed
        same = by_number[found.direction, number[-10:]]
        near = [c for c in same if abs(c.start - found.started_at) <= timedelta(seconds=125)]
        return min(near, key=lambda c: abs(c.start - found.started_at)).number if near else None

    return identify


class Week:
    """Seven days, eight hours at a time; the box restarts between looks."""

    def __init__(self, name: str, home: Path, allowed: tuple[str, ...]) -> None:
        self.name, self.rng = name, random.Random(name)
        self.truth = [told for call in week() if (told := can_tell(name, call))]
        self.now, self.root = MONDAY, home / "recordings"
        self.root.mkdir()
        self.pbx, self.feed = Pbx(name, self.rng), KeptFeed(lambda: self.now)
        self.means = Means(allowed=allowed, feed=self.feed, secrets={"password": "PCCSMDR"})
        self.settings = self.pbx.settings() | {
            "place": {"by": "folder", "path": str(self.root)}, "pattern": PATTERN,
            "extensions": list(STAFF), "dids": [DID],
        }  # fmt: skip
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.lines = sorted(sent for call in self.truth for sent in LINES[name](call))
        self.files = sorted(
            ((call.end + timedelta(hours=self.rng.choice((0,) * 9 + (9,))), call)
             for call in self.truth
             if call.recorded and call.answer_state in ("answered", "internal")),
            key=lambda due: due[0],
        )  # fmt: skip

    def listen(self, stop: Event) -> None:
        listen = KINDS[self.name].listen
        assert listen is not None
        listen(self.settings, self.means, self.feed.receive, stop)

    def run(self) -> None:
        (self.root / "keep.txt").write_text("so that the folder is never bare")
        for number in range(23):
            self.now = MONDAY + (number + 1) * STEP
            self._write_files()
            if number != 6:  # what is written in these hours comes hours after its recordings
                self._send_lines()
            for _ in range(2):
                self.look()
                self.now += timedelta(minutes=90)
        self.pbx.close()

    def _write_files(self) -> None:
        while self.files and self.files[0][0] <= self.now:
            _, call = self.files.pop(0)
            # A folder for each day: those of days long past are not looked at again.
            path = self.root / f"{call.start:%Y-%m-%d}" / file_of(call)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(wav(0.05))
            os.utime(path, (call.end.timestamp(), call.end.timestamp()))

    def _send_lines(self) -> None:
        due = [line for at, line in self.lines if at <= self.now]
        self.lines = self.lines[len(due) :]
        if due:
            self.pbx.send(due)
            self.feed.wait_for(due[-1])

    def look(self) -> None:
        connector = KINDS[self.name].make(self.settings, self.means)
        found = connector.discover(json.loads(json.dumps(self.checkpoint)), self.now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls


@pytest.mark.parametrize("name", list(KINDS))
def test_a_week_is_told_call_for_call(
    name: str, tmp_path: Path, loopback: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smdr_listen, "_AGAIN_S", 0.02)
    story = Week(name, tmp_path, loopback)
    with listening(story.listen):
        story.run()
    tally = judge(story.truth, story.told, identifier(story.truth), COMPARE)
    machines = sum(c.recorded and c.answer_state not in ("answered", "internal")
                   for c in story.truth)  # fmt: skip
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.calls_out == len(story.truth)
    assert tally.without_recording == machines
    adopted = {c.native_key for c in story.told
               if c.native_key.startswith("file:") and c.metadata_level == "cdr"}  # fmt: skip
    assert len(adopted) > 10  # recordings told before their records, which came to the same calls
    print(name, tally)
