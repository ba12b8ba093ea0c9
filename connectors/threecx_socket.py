"""The two sockets of 3CX's CDR output: we connect to it (passive), or it connects to us (active).

Nothing is acknowledged in this protocol. What we have not stored yet is held back, and while it is
held back nothing more is read.
"""

import ipaddress
import logging
import selectors
import socket
from contextlib import ExitStack, suppress
from threading import Event

from appliance.errors import Misconfigured, PetsvetError, Unavailable
from connectors import doors
from connectors.kinds import Means, Receive
from connectors.threecx_cdr import Splitter

_log = logging.getLogger(__name__)

_CHUNK = 1 << 16
_WAKE_S = 0.5
_AGAIN_S = (1, 2, 5, 10, 30)
_MOST_PEERS = 8


def listen_passive(host: str, port: int, means: Means, receive: Receive, stop: Event) -> None:
    """Stay connected to the port on which 3CX serves its records, until ``stop``."""
    failures = 0
    while not stop.is_set():
        try:
            with doors.connect(host, port, means.allowed) as connection:
                failures = 0
                _read_all(connection, receive, stop)
        except (PetsvetError, OSError):
            _log.warning("the CDR socket of the phone system cannot be reached, trying again")
        stop.wait(_AGAIN_S[min(failures, len(_AGAIN_S) - 1)])
        failures += 1


def _read_all(connection: socket.socket, receive: Receive, stop: Event) -> None:
    """Store every record of one connection, until 3CX closes it."""
    splitter = Splitter()
    connection.settimeout(_WAKE_S)
    _keep_alive(connection)
    while not stop.is_set():
        try:
            data = connection.recv(_CHUNK)
        except TimeoutError:
            continue
        except OSError:
            data = b""
        lines = splitter.feed(data) if data else splitter.close()
        _store(lines, receive, stop)
        if not data:
            return


def _store(lines: list[bytes], receive: Receive, stop: Event) -> None:
    """Hand over record after record; one that cannot be stored is tried again, never dropped."""
    for line in lines:
        failures = 0
        while True:
            try:
                receive(line)
                break
            except Unavailable:
                wait = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
                failures += 1
                if stop.wait(wait):
                    return


def _keep_alive(connection: socket.socket) -> None:
    """Notice within minutes that the other side is gone: a quiet night sends nothing either."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with suppress(OSError, AttributeError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


def listen_active(port: int, means: Means, receive: Receive, stop: Event, bind: str = "") -> None:
    """Let 3CX connect to us, until ``stop``; only from an address that is allowed.

    Raises Misconfigured when the port cannot be had.
    """
    with ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        door = stack.enter_context(_open_door(bind, port))
        waiting.register(door, selectors.EVENT_READ)
        try:
            while not stop.is_set():
                for key, _ in waiting.select(_WAKE_S):
                    if key.fileobj is door:
                        _let_in(door, waiting, means)
                    else:
                        _serve(key, waiting, receive, stop)
        finally:
            for key in list(waiting.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]


def _open_door(bind: str, port: int) -> socket.socket:
    try:
        return socket.create_server((bind, port), backlog=16)
    except (OSError, OverflowError) as error:
        raise Misconfigured(
            "the port for 3CX's call records cannot be had; choose another one there and here"
        ) from error


def _let_in(door: socket.socket, waiting: selectors.BaseSelector, means: Means) -> None:
    connection, peer = door.accept()
    if not _is_allowed(peer[0], means.allowed) or len(waiting.get_map()) > _MOST_PEERS:
        _log.warning("a connection for call records came from an address that is not allowed")
        connection.close()
        return
    connection.setblocking(False)
    _keep_alive(connection)
    waiting.register(connection, selectors.EVENT_READ, Splitter())


def _is_allowed(address: str, allowed: tuple[str, ...]) -> bool:
    peer = ipaddress.ip_address(address)
    with suppress(ValueError):
        return any(peer in ipaddress.ip_network(entry, strict=False) for entry in allowed)
    return False


def _serve(
    key: selectors.SelectorKey, waiting: selectors.BaseSelector, receive: Receive, stop: Event
) -> None:
    connection, splitter = key.fileobj, key.data
    assert isinstance(connection, socket.socket)
    try:
        data = connection.recv(_CHUNK)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    _store(splitter.feed(data) if data else splitter.close(), receive, stop)
    if not data:
        waiting.unregister(connection)
        connection.close()
