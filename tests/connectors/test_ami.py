"""The manager's line as a doorbell: real captured conversations, split anywhere, and refusals."""

import hashlib
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors import ami
from connectors.kinds import Means
from connectors.registry import kind_named
from tests.connectors.servers import free_port, serving
from tests.connectors.world import DATA

LOGS = sorted(DATA.glob("ami_case*.log"))
SECRET = "shown-to-nobody"
CHALLENGE = "162834920"


def events_in(log: Path) -> bytes:
    """What came after the log-in."""
    return log.read_bytes().partition(b"accepted\r\n\r\n")[2]


def manager(events: bytes = b"", step: int = 700) -> Callable[[socket.socket], None]:
    """Asterisk's side: greets, challenges, checks the key, then says ``events`` and hangs up."""

    def action(file: object) -> dict[str, str]:
        lines = iter(lambda: file.readline().decode().strip(), "")  # type: ignore[attr-defined]
        return dict(line.split(": ", 1) for line in lines)

    def serve(connection: socket.socket) -> None:
        with connection.makefile("rb") as file:
            connection.sendall(b"Asterisk Call Manager/9.0.0\r\n")
            assert action(file) == {"Action": "Challenge", "AuthType": "MD5"}
            connection.sendall(f"Response: Success\r\nChallenge: {CHALLENGE}\r\n\r\n".encode())
            login = action(file)
            key = hashlib.md5((CHALLENGE + SECRET).encode()).hexdigest()
            if (login.get("Username"), login.get("Key")) != ("petsvet", key):
                connection.sendall(b"Response: Error\r\nMessage: Authentication failed\r\n\r\n")
                return
            assert login["Events"] == "cdr,call"
            said = b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n" + events
            for at in range(0, len(said), step):
                connection.sendall(said[at : at + step])

    return serve


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_a_real_conversation_rings_when_calls_end(log: Path, loopback: tuple[str, ...]) -> None:
    events, rung = events_in(log), 0
    with serving(manager(events)) as port:
        line = ami.Manager("127.0.0.1", port, "petsvet", SECRET, loopback)
        with pytest.raises(Unavailable, match="hung up"):
            for _ in line.rings(threading.Event()):
                rung += 1
        line.close()
    bells = len(re.findall(rb"^Event: (?:Cdr|Hangup|MixMonitorStop)\r$", events, re.M))
    assert 1 <= rung <= bells


def test_a_message_split_anywhere_is_one_message(loopback: tuple[str, ...]) -> None:
    events = b"Event: Newchannel\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"
    for step in (1, 3, 7):
        with serving(manager(events, step)) as port:
            line = ami.Manager("127.0.0.1", port, "petsvet", SECRET, loopback)
            rings = line.rings(threading.Event())
            assert next(rings) is None
            with pytest.raises(Unavailable):
                next(rings)
            line.close()


def test_the_listener_comes_back_after_every_hanging_up(loopback: tuple[str, ...]) -> None:
    rung, stop = [], threading.Event()

    def receive(content: bytes) -> None:
        rung.append(content)
        if len(rung) == 6:
            stop.set()
        if len(rung) == 2:
            raise Unavailable("the box is busy")

    with serving(manager(b"Event: Cdr\r\n\r\n")) as port:
        ami.ring("127.0.0.1", port, "petsvet", SECRET, loopback, receive, stop, waits=(0.01,))
    assert rung == [b""] * 6


def test_a_phone_system_that_is_away_is_asked_again(loopback: tuple[str, ...]) -> None:
    stop = threading.Event()
    thread = threading.Thread(
        target=ami.ring,
        args=("127.0.0.1", free_port(), "u", "", loopback, lambda _: None, stop, (0.01,)),
    )
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_refusals_are_told_in_words(loopback: tuple[str, ...]) -> None:
    with serving(manager()) as port, pytest.raises(Misconfigured, match=r"manager\.conf"):
        ami.Manager("127.0.0.1", port, "petsvet", "wrong", loopback)
    with (
        serving(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")) as port,
        pytest.raises(Misconfigured, match="5038"),
    ):
        ami.Manager("127.0.0.1", port, "petsvet", SECRET, loopback)
    with serving(manager()) as port, pytest.raises(Misconfigured, match="line breaks"):
        ami.Manager("127.0.0.1", port, "x\r\nAction: Originate", SECRET, loopback)
    with pytest.raises(Misconfigured, match="allowed"):
        ami.Manager("192.0.2.1", 5038, "petsvet", SECRET, loopback)


def test_a_message_without_end_is_not_kept(loopback: tuple[str, ...]) -> None:
    with serving(manager(b"x" * 2_000_000, 65536)) as port:
        line = ami.Manager("127.0.0.1", port, "petsvet", SECRET, loopback)
        with pytest.raises(Unavailable, match="without end"):
            next(line.rings(threading.Event()))
        line.close()


def test_only_with_an_address_somebody_listens(loopback: tuple[str, ...]) -> None:
    kind = kind_named("freepbx")
    assert kind.listen is not None and kind.wants_listener is not None
    assert not kind.wants_listener({"root": "x"})
    rung, stop = [], threading.Event()
    with serving(manager(b"Event: Cdr\r\n\r\n")) as port:
        settings = {"root": "x", "ami_host": "127.0.0.1", "ami_port": port, "ami_user": "petsvet"}
        assert kind.wants_listener(settings)
        means = Means(secrets={"ami_password": SECRET}, allowed=loopback)
        kind.listen(settings, means, lambda content: (rung.append(content), stop.set())[0], stop)
    assert rung[0] == b""
