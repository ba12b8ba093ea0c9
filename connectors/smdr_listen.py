"""Listening for SMDR lines: we call the phone system, or it calls us.

Lines arrive cut anywhere. Only whole ones are handed on, and what a lost connection cuts off is
handed on marked as damaged: the phone system sends it again, or it is counted as lost.
"""

import ipaddress
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from threading import Event
from typing import NamedTuple

from appliance.errors import Misconfigured, Unavailable
from appliance.logs import get_log
from connectors import doors
from connectors.kinds import Receive
from connectors.smdr_records import LONGEST

log = get_log(__name__)

PART = 32 * 1024
_MOST_CALLERS = 4
_TICK_S = 0.5
_AGAIN_S = 1.0
_IAC, _SB, _SE = 255, 250, 240


class Door(NamedTuple):
    """Where lines come from: ``host`` and ``port`` to call, or ``listen_port`` to wait at."""

    host: str = ""
    port: int = 0
    listen_port: int = 0
    allowed: tuple[str, ...] = ()
    user: str = ""
    password: str = ""


class Framer:
    """Whole lines out of a stream; ends of lines are CR, LF or both; telnet's own words are cut."""

    def __init__(self) -> None:
        self.rest = b""
        self._telnet = b""
        self._lost = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that became whole."""
        plain, self._telnet = strip_telnet(self._telnet + data)
        *lines, self.rest = (self.rest + plain).replace(b"\r", b"\n").split(b"\n")
        if len(self.rest) > 2 * LONGEST:
            # No line is that long: the beginning stands for all of it and is counted as damaged.
            lines.append(b"" if self._lost else self.rest[:LONGEST] + b"\0")
            self.rest, self._lost = b"", True
        elif self._lost and lines:
            lines, self._lost = lines[1:], False
        return [line for line in lines if line.strip(b" \t\0") or len(line) > LONGEST]

    def cut(self) -> bytes:
        """What was left of a line when the connection was lost, marked as damaged; b"" for none."""
        rest, self.rest = self.rest.strip(), b""
        return b"\0" + rest if rest else b""


def strip_telnet(data: bytes) -> tuple[bytes, bytes]:
    """Data without telnet's negotiation, and the part of one that is not whole yet."""
    plain = bytearray()
    at = 0
    while at < len(data):
        if data[at] != _IAC:
            plain.append(data[at])
            at += 1
            continue
        command = data[at + 1] if at + 1 < len(data) else None
        if command is None or (251 <= command <= 254 and at + 2 >= len(data)):
            return bytes(plain), data[at:]
        if command == _SB:
            end = data.find(bytes((_IAC, _SE)), at)
            if end < 0:
                return bytes(plain), data[at : at + 512]
            at = end + 2
        elif command == _IAC:
            plain.append(_IAC)
            at += 2
        else:
            at += 3 if 251 <= command <= 254 else 2
    return bytes(plain), b""


def listen(door: Door, receive: Receive, stop: Event) -> None:
    """Hand every line to ``receive`` until ``stop``. Raises Misconfigured, Unavailable."""
    if door.listen_port:
        _wait_for_callers(door, receive, stop)
        return
    while not stop.is_set():
        with doors.connect(door.host, door.port, door.allowed) as connection:
            _serve(connection, door, receive, stop)
        stop.wait(_AGAIN_S)


def _wait_for_callers(door: Door, receive: Receive, stop: Event) -> None:
    networks = [ipaddress.ip_network(entry.strip(), strict=False) for entry in door.allowed]
    if not networks:
        raise Misconfigured("nobody may send records here; allow the phone system's address")
    try:
        server = socket.create_server(("", door.listen_port), backlog=8)
    except OSError as error:
        message = f"port {door.listen_port} of this box is taken; enter another, here and there"
        raise Misconfigured(message) from error
    callers: list[threading.Thread] = []
    with server:
        server.settimeout(_TICK_S)
        while not stop.is_set():
            callers = [thread for thread in callers if thread.is_alive()]
            with suppress(TimeoutError, ConnectionError):
                caller, address = server.accept()
                if not _may_call(address[0], networks) or len(callers) >= _MOST_CALLERS:
                    log.warning("a caller that may not send call records was hung up on")
                    caller.close()
                    continue
                work = threading.Thread(
                    target=_serve_caller, args=(caller, door, receive, stop), daemon=True
                )
                work.start()
                callers.append(work)
    for thread in callers:
        thread.join(5)


def _may_call(
    address: str, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    return any(found.version == network.version and found in network for network in networks)


def _serve_caller(caller: socket.socket, door: Door, receive: Receive, stop: Event) -> None:
    with caller:
        _serve(caller, door, receive, stop)


def _serve(connection: socket.socket, door: Door, receive: Receive, stop: Event) -> None:
    """One connection until it ends: lines to ``receive``, and answers to a login."""
    framer, asked = Framer(), bool(door.user)
    connection.settimeout(_TICK_S)
    while not stop.is_set():
        try:
            data = connection.recv(1 << 16)
        except TimeoutError:
            continue
        except OSError:
            break
        if not data:
            break
        _hand_over(framer.feed(data), receive, stop)
        if asked and (answer := _answer(framer, door)):
            # After the password a hyphen is part of a ruler; typing into it would break the line.
            asked = answer != _typed(door.password)
            with suppress(OSError):
                connection.sendall(answer)
    if cut := framer.cut():
        _hand_over([cut], receive, stop)


def _typed(text: str) -> bytes:
    return text.encode("utf-8", "replace") + b"\r\n"


def _answer(framer: Framer, door: Door) -> bytes:
    """What to type at a prompt, b"" where there is none: a prompt is a line without its end."""
    asked = framer.rest.strip().lower()
    if asked.endswith((b"password:", b"password :")):
        framer.rest = b""
        return _typed(door.password)
    if asked in (b"-", b">") or asked.endswith((b"login:", b"user:")):
        framer.rest = b""
        return _typed(door.user)
    return b""


def _hand_over(lines: list[bytes], receive: Receive, stop: Event) -> None:
    """Lines in parts, each durable before the next; while none can be kept, none is read."""
    part: list[bytes] = []
    size = 0
    for line in lines:
        if part and size + len(line) >= PART:
            _keep(b"\n".join(part), receive, stop)
            part, size = [], 0
        part.append(line)
        size += len(line) + 1
    if part:
        _keep(b"\n".join(part), receive, stop)


def _keep(part: bytes, receive: Receive, stop: Event) -> None:
    while True:
        try:
            return receive(part)
        except Unavailable as error:
            log.warning("call records cannot be kept now; the phone system waits", error=error)
            if stop.wait(_AGAIN_S):
                return None
