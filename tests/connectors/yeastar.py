"""Weeks of make-believe Yeastars: polled, pushed and archived, with a box that restarts."""

import http.client
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from appliance.errors import Unavailable
from appliance.facts.calls import FoundCall
from connectors import logins
from connectors.interface import Checkpoint, Connector, Discovery
from connectors.kinds import Kind, Line, Means
from connectors.yeastar import KIND as P_KIND
from connectors.yeastar_s import KIND as S_KIND
from tests.connectors.servers import free_port
from tests.connectors.simulated import MONDAY, STAFF, Tally, TrueCall, judge
from tests.connectors.world import wav
from tests.connectors.yeastar_pbx import (
    CLIENT,
    FORMATS,
    SECRET,
    Exchange,
    PSeries,
    SSeries,
    local,
    parts_of,
    recording_name,
    serving,
)


def identify(found: FoundCall) -> int | None:
    """The number of the true call behind a found one."""
    kind, _, number = found.native_key.rpartition(":")
    if kind.endswith("uid"):
        return int(number[14:])
    return int(number.rpartition(".")[2])


def archived(call: TrueCall) -> dict[str, bytes]:
    """The files of a call in an archive, by path below its root."""
    return {
        f"{local(part.at):%Y-%m-%d}/"
        + recording_name(call, part.at + part.ring, part.source, part.to): wav(0.02)
        for part in parts_of(call)
        if part.heard
    }


def at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


WEEK_END = MONDAY + timedelta(days=8, hours=6)


class Pushed:
    """The core's store of pushed records, durable the moment ``receive`` returns."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.kept, self.full = exchange, list[Line](), False

    def receive(self, data: bytes) -> None:
        if self.full:
            raise Unavailable("the disk is full")
        self.kept.append(Line(id=len(self.kept) + 1, at=at(self.exchange.now), data=data))

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        return self.kept[after : after + limit]


@contextmanager
def listening(kind: Kind, settings: dict[str, Any], means: Means, pushed: Pushed) -> Iterator[int]:
    """A connector's door, open at a port while the block runs."""
    assert kind.listen
    port, stop = free_port(), Event()
    given = ({**settings, "listen_port": port}, means, pushed.receive, stop)
    thread = Thread(target=kind.listen, args=given, daemon=True)
    thread.start()
    try:
        _await_door(port)
        yield port
    finally:
        stop.set()
        thread.join(10)


def _await_door(port: int) -> None:
    for _ in range(500):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError


class Pusher:
    """The phone system's side of the push: one connection, kept."""

    def __init__(self, port: int, path: str = "/") -> None:
        self.connection, self.path = http.client.HTTPConnection("127.0.0.1", port, 10), path

    def push(self, body: bytes) -> int:
        headers = {"Content-Type": "application/json"}
        try:
            self.connection.request("POST", self.path, body, headers)
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except OSError:
            self.connection.close()
            return 0


class Run:
    """A connector polled through simulated time, started anew now and then, as the core would."""

    def __init__(self, exchange: Exchange, make: Callable[[], Connector]) -> None:
        self.exchange, self.make, self.connector = exchange, make, make()
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.first_at: float | None = None
        self.failed = 0

    def restart(self) -> None:
        logins.forget_everything()
        self.connector = self.make()

    def look(self) -> Discovery | None:
        """Discover from the JSON of the checkpoint; a phone system that is away changes nothing."""
        before = json.dumps(self.checkpoint)
        try:
            found = self.connector.discover(json.loads(before), at(self.exchange.now))
        except Unavailable:
            self.failed += 1
            return None
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        if found.calls and self.first_at is None:
            self.first_at = self.exchange.now
        return found

    def live(self, until: float, shortest: int, longest: int,
             each: Callable[[float], None] = lambda now: None) -> None:  # fmt: skip
        """Poll until ``until``; ``each`` sees every new moment before the poll."""
        dice = random.Random(5)
        while self.exchange.now < until:
            self.exchange.now += dice.randrange(shortest, longest)
            each(self.exchange.now)
            self.exchange.offline = dice.random() < 0.05
            if dice.random() < 0.2:
                self.restart()
            self.look()
        self.exchange.offline, self.exchange.faults = False, 0.0
        for wait in (7200, 86400, 3600):
            self.exchange.now += wait
            each(self.exchange.now)
            self.look()


WAITED = ("direction", "answer_state", "caller", "staff", "started_at")
P_SETTINGS = {"client_id": CLIENT, "zone": "America/Chicago"}
P_MEANS = {"secrets": {"client_secret": SECRET}, "allowed": ("127.0.0.1",)}
S_SETTINGS = {
    "zone": "America/Chicago", "extensions": list(STAFF), "queues": ["400"],
}  # fmt: skip


def play_poll(truth: list[TrueCall], faults: float = 0.03) -> tuple[Tally, Run]:
    """A week of the P-Series by polling: late rows, late recordings, expiring tokens, faults."""
    pbx, dice = PSeries(faults=faults), random.Random(7)
    for call in truth:
        pbx.add(call, dice.choice((0, 0, 0, 300, 4 * 3600)), dice.choice((0, 0, 0, 1200, 10800)))
    with serving(pbx) as url:
        settings = {**P_SETTINGS, "url": url}
        run = Run(pbx, lambda: P_KIND.make(settings, Means(**P_MEANS)))
        run.live(WEEK_END.timestamp(), 3600, 24_000)
        return judge(truth, run.told, identify, WAITED), run


def play_push(truth: list[TrueCall], faults: float = 0.03) -> tuple[Tally, Run]:
    """The same by polling and pushing, with rows that do not tell the number of their call."""
    pbx, dice = PSeries(seed=2, faults=faults), random.Random(8)
    pbx.call_ids, pbx.format = False, FORMATS[1]
    for call in truth:
        pbx.add(call, dice.choice((0, 0, 0, 300, 4 * 3600)), dice.choice((0, 0, 0, 1200, 10800)))
    events = sorted((c.end.timestamp(), pbx.event(c, p)) for c in truth for p in parts_of(c))
    pushed = Pushed(pbx)
    means = Means(**P_MEANS, feed=pushed)
    with serving(pbx) as url:
        settings = {**P_SETTINGS, "url": url}
        with listening(P_KIND, settings, means, pushed) as port:
            pusher = Pusher(port)

            def each(now: float) -> None:
                while events and events[0][0] <= now:
                    _, body = events.pop(0)
                    for _ in range(dice.choice((0, 1, 1, 1, 2))):
                        pusher.push(body)

            run = Run(pbx, lambda: P_KIND.make(settings, means))
            run.live(WEEK_END.timestamp(), 3600, 24_000, each)
            return judge(truth, run.told, identify, WAITED), run


def play_archive(truth: list[TrueCall], home: Path) -> tuple[Tally, Run]:
    """A week of archived recordings alone, copied in batches, some of them first in part."""
    pbx, dice = Exchange(), random.Random(9)
    heard = [call for call in truth if any(part.heard for part in parts_of(call))]
    waiting = sorted(
        (c.end.timestamp() + dice.choice((60, 3600, 6 * 3600)), c.number) for c in heard
    )
    calls = {call.number: call for call in heard}
    partly: dict[Path, bytes] = {}

    def each(now: float) -> None:
        for path, audio in partly.items():
            _put(path, audio, now - 1)
        partly.clear()
        while waiting and waiting[0][0] <= now:
            _, number = waiting.pop(0)
            for name, audio in archived(calls[number]).items():
                whole = dice.random() < 0.9
                _put(home / name, audio if whole else audio[:100], now - 1)
                partly.update({} if whole else {home / name: audio})

    settings = {"place": {"by": "folder", "path": str(home)}, "zone": "America/Chicago"}
    run = Run(pbx, lambda: P_KIND.make(settings, Means()))
    run.live(WEEK_END.timestamp(), 7200, 40_000, each)
    return judge(heard, run.told, identify, WAITED), run


def _put(path: Path, audio: bytes, moment: float) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(audio)
    os.utime(path, (moment, moment))


def play_s(truth: list[TrueCall], faults: float = 0.02) -> tuple[Tally, Run]:
    """A week of the S-Series: pushed records, some twice, recordings that come later."""
    pbx, dice = SSeries(faults=faults), random.Random(10)
    events = []
    for call in truth:
        records = pbx.add(call, dice.choice((0, 0, 0, 1200, 10800)))
        events += [(call.end.timestamp() + n, body) for n, body in enumerate(records)]
    events.sort()
    pushed = Pushed(pbx)
    means = Means(secrets={"password": SECRET}, allowed=("127.0.0.1",), feed=pushed)
    with serving(pbx) as url:
        settings = {**S_SETTINGS, "url": url}
        with listening(S_KIND, settings, means, pushed) as port:
            pusher = Pusher(port)

            def each(now: float) -> None:
                while events and events[0][0] <= now:
                    _, body = events.pop(0)
                    for _ in range(dice.choice((1, 1, 1, 2))):
                        while pusher.push(body) != 200:
                            pass

            run = Run(pbx, lambda: S_KIND.make(settings, means))
            run.live(WEEK_END.timestamp(), 1800, 15_000, each)
            return judge(truth, run.told, identify, WAITED), run
