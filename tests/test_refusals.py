"""What the door refuses is in the audit log once, and on the phone system's page until it is over."""

import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from appliance import listener, phones
from appliance.chores import watch_phones
from appliance.db import writing
from appliance.errors import Misconfigured
from appliance.guarding import noting_refusals
from appliance.listener import Listener
from appliance.store import audit, connectors, refusals
from connectors import doors
from tests.test_drop import until
from tests.world import BEGIN, World


class Names:
    """A name server that says what it is told to."""

    def __init__(self) -> None:
        self.answer = ["127.0.0.1"]

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in self.answer]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    monkeypatch.setattr(doors.socket, "getaddrinfo", made)
    return made


@pytest.fixture
def plugged(world: World, names: Names) -> World:
    """A box with a second phone system, number 2, whose recordings lie on a server."""
    place = {"by": "sftp", "host": "pbx.example", "user": "reader"}
    with writing(world.db):
        number = connectors.add_connector(world.db, "pbx", "folder", {"place": place}, now=BEGIN)
        assert number == 2
        phones.save_secrets(world.db, world.keys, number, {"place_password": "p"}, now=BEGIN)
        connectors.pause(world.db, 1)
    return world


def look(world: World, times: int = 1) -> None:
    for _ in range(times):
        world.wait(minutes=1)
        world.poll()
        world.work(("courier",))


def logged(world: World) -> list[dict[str, str]]:
    """The refusals in the log, oldest first."""
    entries = audit.list_entries(world.db)
    assert all(e.subject == "phone 2" for e in entries if e.action == "refuse_address")
    return [e.detail for e in reversed(entries) if e.action == "refuse_address"]


def standing(world: World) -> list[tuple[str, str]]:
    return [(r.address, r.reason) for r in refusals.list_refusals(world.db, 2)]


def test_a_refused_address_is_in_the_log_once_however_often_it_is_tried(plugged: World) -> None:
    look(plugged, 4)
    told = {"host": "pbx.example", "address": "127.0.0.1", "why": "is this box itself"}
    assert logged(plugged) == [told]
    assert standing(plugged) == [("127.0.0.1", "is this box itself")]
    plugged.wait(days=40)
    look(plugged, 2)
    assert logged(plugged) == [told], "it is the same refusal still"


def test_another_address_or_another_reason_is_told_again(plugged: World, names: Names) -> None:
    look(plugged)
    names.answer = ["169.254.169.254", "192.0.2.9"]
    look(plugged, 2)
    assert [(d["address"], d["why"]) for d in logged(plugged)] == [
        ("127.0.0.1", "is this box itself"),
        ("169.254.169.254", "is an address without a network (link-local)"),
        ("192.0.2.9", doors.NOT_ALLOWED),
    ]


def test_a_name_that_changes_back_and_forth_does_not_fill_the_log(
    plugged: World, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(plugged.db):
        connectors.save_allowed(plugged.db, 2, ["192.0.2.9"])
    monkeypatch.setattr(
        doors.socket, "create_connection", lambda *_: (_ for _ in ()).throw(TimeoutError())
    )
    for _ in range(5):
        names.answer = ["192.0.2.9"]
        look(plugged)
        assert standing(plugged) == [], "it was let out"
        names.answer = ["127.0.0.1"]
        look(plugged)
        assert standing(plugged) == [("127.0.0.1", "is this box itself")]
    assert len(logged(plugged)) == 1
    names.answer = ["192.0.2.9"]
    plugged.wait(days=2)
    look(plugged)
    names.answer = ["127.0.0.1"]
    look(plugged)
    assert len(logged(plugged)) == 2


def test_every_step_is_listened_to_by_worker_and_shell_alike(plugged: World) -> None:
    for number, step in enumerate(("probe", "discover"), 1):
        with writing(plugged.db):
            plugged.db.conn.execute("DELETE FROM refusal")
        phone = plugged.tools().phone(plugged.db, connectors.get_connector(plugged.db, 2))
        arguments = ({}, BEGIN) if step == "discover" else (BEGIN,)
        with suppress(Misconfigured):
            getattr(phone, step)(*arguments)
        assert len(logged(plugged)) == number, step
    with writing(plugged.db):
        plugged.db.conn.execute("DELETE FROM refusal")
    watch_phones.work(plugged.db, plugged.tools(), 2)
    assert len(logged(plugged)) == 3


def test_other_settings_are_a_new_start(plugged: World) -> None:
    look(plugged)
    with writing(plugged.db):
        phones.allow_address(plugged.db, 2, "192.0.2.9")
    assert standing(plugged) == []
    look(plugged)
    assert standing(plugged) == [("127.0.0.1", "is this box itself")]
    assert len(logged(plugged)) == 1, "within a day it is no news"


def test_a_listener_that_is_refused_is_noted_while_it_goes_on_trying(
    world: World, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "LOOK_S", 0.2)
    settings = {"cdr": "passive", "cdr_host": "pbx.example", "cdr_port": 5015}
    with writing(world.db):
        connectors.add_connector(world.db, "pbx", "3cx", settings, now=BEGIN)
    made = Listener(world.tools())
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        until(lambda: logged(world) != [])
    finally:
        made.stop()
        thread.join()
    assert standing(world) == [("127.0.0.1", "is this box itself")]


def test_what_other_threads_are_refused_is_not_ascribed_to_this_phone_system(
    world: World, names: Names
) -> None:
    def elsewhere() -> None:
        with pytest.raises(Misconfigured):
            doors.check_host("other.example", 80, ())

    with noting_refusals(world.db, 1, lambda: BEGIN):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert refusals.list_refusals(world.db, 1) == []
