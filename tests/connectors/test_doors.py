"""The one way out: whom a connector may talk to, judged by the address it really gets."""

import ipaddress
import socket
import threading
from typing import Any

import psutil
import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors import doors

EVERYTHING = ("0.0.0.0/0", "::/0")


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A name server that gives these answers one after the other, the last one for ever."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(doors.socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001",
        "::1", "[::1]", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "localhost",
        "0.0.0.0", "0", "0.1.2.3", "::", "127.255.255.254",
        "169.254.169.254", "0xa9fea9fe", "2852039166", "::ffff:169.254.169.254", "fe80::1",
        "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "fec0::1",
        "2002:7f00:1::", "2002:a9fe:a9fe::", "64:ff9b::7f00:1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_this_box_and_what_is_no_device_are_refused_however_written(host: str) -> None:
    with pytest.raises((Misconfigured, Unavailable)) as caught:
        doors.check_host(host, 80, EVERYTHING)
    assert isinstance(caught.value, Misconfigured), caught.value
    assert "allowed addresses" not in str(caught.value), "nobody may be told to allow it"


def test_the_boxs_own_addresses_are_refused() -> None:
    families = (socket.AF_INET, socket.AF_INET6)
    cards = [a for found in psutil.net_if_addrs().values() for a in found if a.family in families]
    assert cards
    for card in cards:
        with pytest.raises(Misconfigured):
            doors.check_host(card.address, 443, EVERYTHING)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("10.0.0.5", "10.0.0.5"), ("10.0.0.5", "10.0.0.0/24"), ("10.0.0.5", "10.0.0.9/24"),
        ("::ffff:10.0.0.5", "10.0.0.5"), ("0xa000005", "10.0.0.5"), ("167772165", " 10.0.0.5 "),
        ("fd00:1::5", "fd00:1::/64"), ("203.0.113.7", "203.0.113.7"),
    ],
)  # fmt: skip
def test_an_allowed_address_is_given_as_it_will_be_connected_to(host: str, allowed: str) -> None:
    found = ipaddress.ip_address(doors.check_host(host, 80, ("192.168.1.1", allowed)))
    assert found in ipaddress.ip_network(allowed.strip(), strict=False)


@pytest.mark.parametrize("allowed", [(), ("10.0.0.6",), ("10.0.1.0/24", "fd00::/8")])
def test_any_other_address_is_named_so_that_it_can_be_allowed(allowed: tuple[str, ...]) -> None:
    with pytest.raises(Misconfigured, match=r"add 10\.0\.0\.5 to its allowed addresses"):
        doors.check_host("10.0.0.5", 80, allowed)


def test_of_several_addresses_the_first_allowed_one_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, ["127.0.0.1", "10.0.0.9", "10.0.0.5", "10.0.0.6"])
    assert doors.check_host("pbx", 80, ("10.0.0.6", "10.0.0.5")) == "10.0.0.5"
    with pytest.raises(Misconfigured, match=r"10\.0\.0\.9"):
        doors.check_host("pbx", 80, ("10.0.0.7",))


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = names(monkeypatch, ["10.0.0.5"], ["127.0.0.1"])
    went: list[Any] = []
    monkeypatch.setattr(doors.socket, "create_connection", lambda to, *_: went.append(to))
    doors.connect("pbx", 80, ("10.0.0.5",))
    assert went == [("10.0.0.5", 80)]
    assert asked == ["pbx"], "asked once: what was checked is what was connected to"
    with pytest.raises(Misconfigured):
        doors.connect("pbx", 80, ("10.0.0.5",))
    assert len(went) == 1


@pytest.mark.parametrize("host", ["", "http://10.0.0.5", "a b", "user@10.0.0.5", "x\n", "a" * 300])
def test_what_is_no_host_is_refused_in_words(host: str) -> None:
    with pytest.raises(Misconfigured, match=r"host|plain"):
        doors.check_host(host, 80, EVERYTHING)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(Misconfigured, match="port"):
        doors.check_host("10.0.0.5", port, EVERYTHING)


def test_a_wrong_entry_among_the_allowed_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"'10\.0\.0\.300' among the allowed"):
        doors.check_host("10.0.0.5", 80, ("10.0.0.300",))


def test_an_unknown_name_may_be_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(doors.socket, "getaddrinfo", resolve)
    with pytest.raises(Unavailable, match="spelled"):
        doors.check_host("pbx.invalid", 80, EVERYTHING)


def test_a_connection_is_made_and_its_failure_told_in_words(loopback: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        greeter = threading.Thread(target=lambda: server.accept()[0].sendall(b"hello"))
        greeter.start()
        with doors.connect("127.0.0.1", port, loopback) as opened:
            assert opened.recv(5) == b"hello"
        greeter.join()
    with pytest.raises(Unavailable, match="refused"):
        doors.connect("127.0.0.1", port, loopback)
    with pytest.raises(Misconfigured, match="add 127"):
        doors.connect("127.0.0.1", port, ("10.0.0.5",))
