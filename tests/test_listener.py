"""The listener commits before it acknowledges, follows the settings and survives its listeners."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from appliance import listener, phones
from appliance.config import Config
from appliance.db import open_db, rows, value, writing
from appliance.keys import unlock
from appliance.listener import Listener, run_listener
from appliance.store import connectors
from appliance.store.pushed import LARGEST
from appliance.store.troubles import list_troubles
from appliance.tools import DATABASE, make_tools
from connectors.kinds import Kind, Means, Receive
from tests.test_drop import free_port, is_open, until
from tests.world import BEGIN, World, make_world


def listen_tcp(settings: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    """A phone system that sends lines over TCP and waits for each to be acknowledged."""
    if settings.get("broken"):
        raise RuntimeError("a mistake in the code of this phone system")
    with socket.create_server(("127.0.0.1", settings["port"])) as server:
        server.settimeout(0.1)
        while not stop.is_set():
            try:
                line, _ = server.accept()
            except TimeoutError:
                continue
            with line, line.makefile("rb") as lines:
                for record in lines:
                    receive(record.rstrip(b"\n"))
                    line.sendall(b".")
                    if stop.is_set():
                        return


def wants_tcp(settings: dict[str, Any]) -> bool:
    """As those of real phone systems, it may stumble over settings it does not understand."""
    if "odd" in settings:
        raise KeyError("odd")
    return bool(settings.get("port"))


KIND = Kind(
    name="lines",
    title="Lines over TCP",
    level="documents",
    make=lambda settings, means: None,  # type: ignore[arg-type, return-value]
    fields=(),
    listen=listen_tcp,
    wants_listener=wants_tcp,
)
KINDS = {"lines": KIND}


def serve(data: str) -> None:
    """The listener process on a box, for a test to kill."""
    run_listener(make_tools(Config(data=Path(data)), unlock(Path(data))), KINDS)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "LOOK_S", 0.2)
    monkeypatch.setattr(listener, "WAKE_S", 0.2)


def add(world: World, name: str = "pbx", **settings: Any) -> int:
    db = world.open_db()
    with writing(db):
        return connectors.add_connector(db, name, "lines", settings, now=BEGIN)


@contextmanager
def listening(world: World) -> Iterator[Listener]:
    made = Listener(world.tools(), KINDS)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join()


def stored(world: World, number: int) -> list[bytes]:
    found = rows(
        world.open_db(), "SELECT data FROM pushed WHERE connector_id = ? ORDER BY id", (number,)
    )
    return [bytes(r["data"]) for r in found]


def send(port: int, *records: bytes) -> int:
    """Send lines one after the other; returns how many were acknowledged."""
    acknowledged = 0
    with socket.create_connection(("127.0.0.1", port)) as line:
        for record in records:
            try:
                line.sendall(record + b"\n")
                if line.recv(1) != b".":
                    return acknowledged
            except OSError:
                return acknowledged
            acknowledged += 1
    return acknowledged


def looks(world: World) -> int:
    return int(value(world.open_db(), "SELECT count(*) FROM job WHERE kind = 'discover'"))


def test_a_burst_of_ten_thousand_records_is_kept_once_and_in_order(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    folder = memory / f"petsvet-listener-{os.getpid()}" if memory.is_dir() else tmp_path
    count = 10_000 if folder != tmp_path else 500  # each is synced to the disk by itself
    world = make_world(folder)
    port = free_port()
    number = add(world, port=port)
    burst = b"".join(b"record %d\n" % n for n in range(count))
    try:
        with listening(world):
            until(lambda: is_open(port))
            with socket.create_connection(("127.0.0.1", port)) as line:
                threading.Thread(target=line.sendall, args=(burst,)).start()
                left = count
                while left:
                    left -= len(line.recv(65536))
            until(lambda: looks(world) == 1)
        assert stored(world, number) == [b"record %d" % n for n in range(count)]
    finally:
        world.close()
        if folder != tmp_path:
            shutil.rmtree(folder)


def test_a_killed_listener_has_kept_every_record_it_acknowledged(world: World) -> None:
    port = free_port()
    number = add(world, port=port)
    code = f"from tests.test_listener import serve; serve({str(world.data)!r})"
    acknowledged = 0
    for _ in range(2):
        root = Path(__file__).parents[1]
        process = subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE)
        until(lambda: is_open(port), 90)
        killing = threading.Timer(0.5, process.send_signal, (signal.SIGKILL,))
        killing.start()
        records = (b"%d" % n for n in range(acknowledged, 1_000_000))
        acknowledged += send(port, *iter_limited(records))
        killing.join()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
        kept = stored(world, number)
        assert kept[:acknowledged] == [b"%d" % n for n in range(acknowledged)]
        assert len(kept) <= acknowledged + 1, "at most the one whose word was lost"
        with writing(world.db):
            world.db.conn.execute("DELETE FROM pushed WHERE data = ?", (b"%d" % acknowledged,))
    assert acknowledged > 10


def iter_limited(records: Iterator[bytes]) -> Iterator[bytes]:
    """A lazy star: send() stops it when nobody answers."""
    return (next(records) for _ in range(20_000))


def test_an_empty_record_only_wakes_and_one_that_is_too_large_is_left_out(world: World) -> None:
    port = free_port()
    number = add(world, port=port)
    with listening(world):
        until(lambda: is_open(port))
        assert send(port, b"") == 1
        until(lambda: looks(world) == 1)
        assert send(port, b"x" * (LARGEST + 1), b"small") == 2
        until(lambda: list_troubles(world.open_db()) == {f"listener.{number}": listener.TOO_LARGE})
    assert stored(world, number) == [b"small"]


def test_a_look_that_runs_already_is_followed_by_another(world: World) -> None:
    port = free_port()
    add(world, port=port)
    with listening(world):
        until(lambda: is_open(port))
        send(port, b"one")
        until(lambda: looks(world) == 1)
        send(port, b"two")
        time.sleep(0.6)
        assert looks(world) == 1, "it waits already"
        with writing(world.db):
            world.db.conn.execute("UPDATE job SET state = 'done' WHERE kind = 'discover'")
        until(lambda: looks(world) == 2)


@pytest.mark.parametrize("change", ["remove", "settings"])
def test_a_change_is_noticed_at_once(world: World, change: str) -> None:
    port, other = free_port(), free_port()
    number = add(world, port=port)
    with listening(world):
        until(lambda: is_open(port))
        with writing(world.db):
            if change == "remove":
                connectors.remove_connector(world.db, number)
            else:
                connectors.save_settings(world.db, number, {"port": other})
        until(lambda: not is_open(port), 10)
        until(lambda: change == "remove" or is_open(other), 10)


def test_a_paused_one_is_still_listened_to_but_wakes_nobody_before_it_goes_on(
    world: World,
) -> None:
    port = free_port()
    number = add(world, port=port)
    with listening(world) as made:
        until(lambda: is_open(port))
        with writing(world.db):
            connectors.pause(world.db, number)
        until(lambda: number not in made._live)
        assert send(port, b"meanwhile") == 1
        time.sleep(0.6)
        assert looks(world) == 0
        with writing(world.db):
            connectors.resume(world.db, number)
        until(lambda: looks(world) == 1)
    assert stored(world, number) == [b"meanwhile"]


def test_a_changed_password_starts_the_listener_anew(world: World) -> None:
    number = add(world, port=free_port())
    with listening(world) as made:
        until(lambda: number in made.ears)
        before = made.ears[number]
        with writing(world.db):
            phones.save_secrets(world.db, world.keys, number, {"password": "new"}, now=BEGIN)
        until(lambda: made.ears.get(number) not in (None, before), 10)


def test_one_that_breaks_is_told_and_started_again_and_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "SLOWEST_RESTART_S", 0.1)
    port = free_port()
    broken, good = add(world, "broken", port=free_port(), broken=True), add(world, port=port)
    with listening(world):
        until(lambda: f"listener.{broken}" in list_troubles(world.open_db()))
        until(lambda: is_open(port))
        assert send(port, b"heard") == 1
        with writing(world.db):
            connectors.save_settings(world.db, broken, {"port": free_port()})
        until(lambda: list_troubles(world.open_db()) == {})
    assert stored(world, good) == [b"heard"]


def test_settings_that_cannot_be_used_are_told_and_silence_nobody(world: World) -> None:
    port = free_port()
    unfit, good = add(world, "unfit", port=free_port(), odd=True), add(world, port=port)
    with listening(world):
        until(lambda: list_troubles(world.open_db()) == {f"listener.{unfit}": listener.UNFIT})
        until(lambda: is_open(port))
        assert send(port, b"heard") == 1
        with writing(world.db):
            connectors.remove_connector(world.db, unfit)
        until(lambda: list_troubles(world.open_db()) == {})
    assert stored(world, good) == [b"heard"]


def test_drafts_and_those_that_want_no_listener_have_none(world: World) -> None:
    db = world.db
    with writing(db):
        connectors.add_connector(db, "quiet", "lines", {}, now=BEGIN)
        connectors.add_connector(db, "draft", "lines", {"port": 1}, now=BEGIN, draft=True)
    assert Listener(world.tools(), KINDS).wishes(db) == {}


def test_a_crowded_disk_is_told_to_the_sender(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "LEAST_FREE", 1 << 60)
    port = free_port()
    number = add(world, port=port)
    with listening(world):
        until(lambda: is_open(port))
        assert send(port, b"no room") == 0
        until(lambda: "disk" in list_troubles(world.open_db()).get(f"listener.{number}", ""))
    assert stored(world, number) == []
    assert open_db(world.data / DATABASE, world.keys.database)
