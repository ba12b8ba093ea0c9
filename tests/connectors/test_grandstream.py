"""A Grandstream UCM: polled, pushed and both, through a week with faults, and its refusals."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from appliance.errors import Unavailable
from appliance.facts.calls import FoundCall
from connectors import grandstream_api, grandstream_push
from connectors.interface import Checkpoint, Discovery
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors.grandstream import ZONE, Kept, Ucm, legs_of, pushed
from tests.connectors.servers import Certificate, free_port
from tests.connectors.simulated import MONDAY, Tally, judge, week

pytestmark = pytest.mark.usefixtures("loopback")
ALLOWED = ("127.0.0.1",)


@pytest.fixture(autouse=True)
def fresh_logins() -> None:
    grandstream_api.forget_logins()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("ucm"))


class Box:
    """The core's side: a checkpoint that survives, a connector that does not."""

    def __init__(self, means: Means, **settings: Any) -> None:
        self.settings = {"zone": ZONE.key, **settings}
        self.means = means
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.failures = 0

    @property
    def connector(self) -> Any:
        return open_connector("grandstream", self.settings, self.means)

    def look(self, now: datetime) -> Discovery:
        found: Discovery = self.connector.discover(json.loads(json.dumps(self.checkpoint)), now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found

    def try_look(self, now: datetime) -> None:
        try:
            self.look(now)
        except Unavailable:
            self.failures += 1


@contextmanager
def unit(certificate: Certificate, **settings: Any) -> Iterator[tuple[Ucm, Box]]:
    """A UCM and a box that polls it."""
    ucm = Ucm()
    with ucm.served(certificate) as port:
        means = Means(secrets={"password": ucm.password}, allowed=ALLOWED)
        given = {"host": "127.0.0.1", "port": port, "certificate": certificate.fingerprint}
        yield ucm, Box(means, **(given | settings))


@contextmanager
def door(
    kept: Kept, login: tuple[str, str] = ("", ""), refuse: list[int] | None = None
) -> Iterator[int]:
    """The listener on a port; ``refuse`` counts how often it cannot keep a record."""
    port, stop = free_port(), threading.Event()

    def receive(data: bytes) -> None:
        if refuse and refuse.pop():
            raise Unavailable("the disk is full")
        kept.receive(data)

    thread = threading.Thread(
        target=grandstream_push.listen, args=(port, login, ALLOWED, receive, stop)
    )
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def send(port: int, data: bytes, parts: list[int] | None = None) -> None:
    """Write to the door in parts and hang up once it has read everything."""
    for _ in range(50):
        try:
            caller = socket.create_connection(("127.0.0.1", port), 5)
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    with caller:
        at = 0
        for size in parts or []:
            caller.sendall(data[at : at + size])
            at += size
        caller.sendall(data[at:])
        caller.shutdown(socket.SHUT_WR)
        caller.recv(1)


def number_of(call: FoundCall) -> int | None:
    return int(call.native_key.rpartition(".")[2]) if "." in call.native_key else None


COMPARED = ("direction", "answer_state", "caller", "staff", "started_at")


def assert_all_there(tally: Tally) -> None:
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0
    assert tally.calls_in == tally.calls_out == 2000


def moments(rng: random.Random) -> Iterator[datetime]:
    """Looks over a week: some minutes or some hours apart, and once none for a night."""
    now = MONDAY
    while now < MONDAY + timedelta(days=7, hours=3):
        step = rng.choice((300, 7200, 14400, 14400, 21600, 21600))
        if now.weekday() == 3 and now.hour == 20:
            step = 11 * 3600  # the box was off
        now += timedelta(seconds=step)
        yield now


def test_a_week_by_polling_with_faults(certificate: Certificate) -> None:
    rng, calls = random.Random(2), week()
    with unit(certificate) as (ucm, box):
        ucm.uses = 7
        for call in calls:
            ucm.add(call, late_s=rng.choice((0, 0, 0, 300, 4000)))
        for number, now in enumerate(moments(rng)):
            ucm.now, ucm.newest_first = now, number % 5 == 0
            ucm.faults = [rng.choice(("", "", "", "html", "cut", "busy", "hang up"))
                          for _ in range(rng.choice((0, 0, 3)))]  # fmt: skip
            box.try_look(now)
        ucm.faults = []
        box.try_look(now + timedelta(hours=1))
        assert box.failures > 5
    assert_all_there(judge(calls, box.told, number_of, COMPARED))


def test_a_week_by_pushed_records_alone(certificate: Certificate) -> None:
    rng, calls, kept = random.Random(3), week(), Kept()
    box = Box(Means(allowed=ALLOWED, feed=kept), listen_port=1)
    due = sorted(calls, key=lambda call: call.end)
    with door(kept) as port:
        for now in moments(rng):
            ended = [call for call in due if call.end <= now]
            due = due[len(ended) :]
            kept.now = now - timedelta(minutes=2)
            if rng.random() < 0.2 and len(ended) > 3:
                due = sorted([ended.pop(1), *due], key=lambda call: call.end)  # comes later
            ended += ended[:2]  # and some come twice
            data = b"".join(
                pushed(
                    legs_of(call, 1000 + 10 * call.number),
                    rng.choice(("json", "json", "nested", "nested", "xml")),
                )
                for call in ended
            )
            send(port, data, [rng.randrange(1, 3000) for _ in range(10)])
            box.look(now)
        box.look(now + timedelta(hours=1))
    told = judge(calls, box.told, number_of, COMPARED)
    assert (told.doubled, told.lost, told.wrong) == (0, 0, {}), told
    assert told.without_recording == sum(call.recorded for call in calls), "nowhere to fetch from"


def test_a_week_by_both_with_either_away_at_times(certificate: Certificate) -> None:
    rng, calls, kept = random.Random(4), week(), Kept()
    due = sorted(calls, key=lambda call: call.end)
    with unit(certificate, listen_port=1) as (ucm, box), door(kept) as port:
        box.means = Means(secrets={"password": ucm.password}, allowed=ALLOWED, feed=kept)
        for call in calls:
            ucm.add(call, late_s=rng.choice((0, 300)))
        for now in moments(rng):
            ended = [call for call in due if call.end <= now]
            due = due[len(ended) :]
            ucm.now, kept.now = now, now
            ucm.faults = ["hang up"] * rng.choice((0, 0, 0, 50))
            heard = [call for call in ended if rng.random() < 0.7]
            send(port, b"".join(pushed(legs_of(c, 1000 + 10 * c.number), "json") for c in heard))
            box.look(now)
        ucm.faults = []
        box.look(now + timedelta(hours=1))
    assert_all_there(judge(calls, box.told, number_of, COMPARED))
