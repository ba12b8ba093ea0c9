"""A paused phone system: what it sends by itself waits, and becomes calls once it goes on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import listener
from appliance.chores import discover
from appliance.db import rows, value, writing
from appliance.drop import prepare
from appliance.drop_accounts import count_deliveries, list_accounts
from appliance.drop_jail import Jail, Limits
from appliance.listener import Listener
from appliance.store import connectors, pushed
from connectors.registry import KINDS
from tests.connectors import threecx as three
from tests.connectors.simulated import TrueCall, week
from tests.connectors.smdr import avaya
from tests.test_clear_drop import put
from tests.test_drop import free_port, is_open, until
from tests.world import World, tone_wav

CALLS = [call for call in week() if call.answer_state == "answered" and len(call.staff) == 1]


def lines_of(kind: str, call: TrueCall) -> list[str]:
    return [text for _, text in avaya(call)] if kind == "avaya" else three.cdr_lines(call)


def settings_of(kind: str, port: int) -> dict[str, Any]:
    if kind == "avaya":
        return {"listen_port": port}
    return {"cdr": "active", "cdr_port": port}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "LOOK_S", 0.2)
    monkeypatch.setattr(listener, "WAKE_S", 0.2)


@contextmanager
def listening(world: World) -> Iterator[Listener]:
    made = Listener(world.tools())
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join()


def send(world: World, number: int, port: int, kind: str, calls: list[TrueCall]) -> None:
    """Push calls and wait until each line of them is kept; what comes at once is kept as one."""
    for text in (text for call in calls for text in lines_of(kind, call)):
        before = stored(world, number)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(f"{text}\r\n".encode())
        until(lambda before=before: stored(world, number) == before + 1)  # type: ignore[misc]


def stored(world: World, number: int) -> int:
    sql = "SELECT count(*) FROM pushed WHERE connector_id = ?"
    return int(value(world.db, sql, (number,)))


def look(world: World, times: int = 4) -> None:
    for _ in range(times):
        world.poll()
        world.work(("courier",))
        world.wait(minutes=3)


def callers(world: World) -> list[str]:
    return sorted(r["native_key"] for r in rows(world.db, "SELECT native_key FROM call"))


@pytest.mark.parametrize("kind", ["avaya", "3cx"])
def test_what_is_pushed_during_a_pause_waits_and_then_is_each_call_once(
    world: World, kind: str
) -> None:
    port, first, later = free_port(), CALLS[:3], CALLS[3:8]
    world.now = first[-1].end + timedelta(minutes=5)
    with writing(world.db):
        connectors.remove_connector(world.db, 1)
        number = connectors.add_connector(
            world.db, "pbx", kind, settings_of(kind, port), now=world.now
        )
        connectors.save_allowed(world.db, number, ["127.0.0.1"])
    with listening(world):
        until(lambda: is_open(port))
        send(world, number, port, kind, first)
        look(world)
        assert len(callers(world)) == 3
        with writing(world.db):
            connectors.pause(world.db, number)
        world.now = later[-1].end + timedelta(minutes=5)
        send(world, number, port, kind, later)
        look(world)
        assert len(callers(world)) == 3, "nothing is read while it is paused"
        assert (
            value(
                world.db, "SELECT count(*) FROM job WHERE kind = 'discover' AND state = 'waiting'"
            )
            == 0
        )
        row = connectors.get_connector(world.db, number)
        assert pushed.count_since_pause(world.db, number, row.paused_after) == len(later)
        world.wait(days=6)
        with writing(world.db):
            connectors.resume(world.db, number)
        look(world)
        assert len(set(callers(world))) == len(callers(world)) == 3 + len(later)
        assert connectors.get_connector(world.db, number).problem == ""


def test_a_look_that_a_pause_overtakes_makes_no_call_and_loses_none(world: World) -> None:
    world.drop(1)
    tools = world.tools()
    found = discover.work(world.db, tools, 1)
    assert found.calls
    with writing(world.db):
        connectors.pause(world.db, 1)
        assert discover.save(world.db, found, world.now)
    assert callers(world) == []
    assert discover.work(world.db, tools, 1).calls == ()
    with writing(world.db):
        connectors.resume(world.db, 1)
    look(world)
    assert len(callers(world)) == 1


def test_pausing_twice_forgets_nothing_that_waits(world: World) -> None:
    with writing(world.db):
        pushed.add_pushed(world.db, 1, b"before", now=world.now)
        connectors.pause(world.db, 1)
        pushed.add_pushed(world.db, 1, b"meanwhile", now=world.now)
        connectors.pause(world.db, 1)
    row = connectors.get_connector(world.db, 1)
    assert pushed.count_since_pause(world.db, 1, row.paused_after) == 1


def test_a_doorbell_is_not_listened_to_during_a_pause(world: World) -> None:
    settings = {"place": {"by": "folder", "path": "/x"}, "ami_host": "10.0.0.5", "ami_user": "box"}
    with writing(world.db):
        number = connectors.add_connector(world.db, "pbx", "freepbx", settings, now=world.now)
    made = Listener(world.tools(), KINDS)
    assert number in made.wishes(world.db)
    with writing(world.db):
        connectors.pause(world.db, number)
    assert number not in made.wishes(world.db)


def test_deliveries_are_taken_in_during_a_pause_counted_and_received_once(
    world: World, tmp_path: Path
) -> None:
    place = {"by": "drop", "user": "pbx", "path": "archive"}
    with writing(world.db):
        connectors.remove_connector(world.db, 1)
        number = connectors.add_connector(
            world.db, "archive", "folder", {"place": place}, now=world.now
        )
        connectors.pause(world.db, number)
    account = list_accounts(world.db, world.keys)["pbx"]
    prepare(world.tools(), account)
    world.now = datetime.now(UTC)
    jail = Jail(world.data / "drop" / "pbx", Limits(size=1 << 30, entries=1000, free=0))
    name = "external-101-+15125550142-20261122-150000-1795359600.{}.wav"
    for one in (1, 2):
        put(jail, f"archive/{name.format(one)}", tone_wav(one))
        put(jail, f"archive/{name.format(one)[:-4]}.xml", b"<call/>")
    jail.close()
    look(world)
    assert callers(world) == []
    row = connectors.get_connector(world.db, number)
    assert count_deliveries(world.db, world.data, row) == 2
    with writing(world.db):
        connectors.resume(world.db, number)
    look(world, 6)
    assert len(callers(world)) == 2
    assert count_deliveries(world.db, world.data, row) == 0
