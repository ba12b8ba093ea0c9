"""A door for the records a Grandstream UCM sends by itself (CDR Real-Time Output).

Over TCP it opens a connection and writes record after record, over HTTP it posts them; one port
takes either. Over HTTP the answer comes when the records are durable. Over TCP nothing is ever
answered, so a record that cannot be kept ends the connection: the UCM then buffers and sends again.
"""

import base64
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from appliance.logs import get_log
from connectors.grandstream_records import LONGEST, split_stream
from connectors.kinds import Receive

log = get_log(__name__)

# The store takes records of 64 KiB; a burst is handed over in parts, each made durable at once.
PART = 48 * 1024
_LONGEST_POST = 16 * 1024**2
_MOST_CALLERS = 8
_SILENCE_S = 30.0
_TCP_SILENCE_S = 3600.0
_METHODS = (b"POST ", b"PUT /", b"GET /", b"HEAD ")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def listen(
    port: int, login: tuple[str, str], allowed: Iterable[str], receive: Receive, stop: Event
) -> None:
    """Take records at ``port`` from ``allowed`` addresses until ``stop``.

    ``login``: user and password that HTTP must bring, ("", "") for none. Raises Misconfigured when
    the port cannot be had or nobody is allowed.
    """
    networks = tuple(ipaddress.ip_network(entry.strip(), strict=False) for entry in allowed)
    if not networks:
        raise Misconfigured("nobody may send records here; allow the phone system's address")
    try:
        server = socket.create_server(("", port), backlog=32)
    except OSError as error:
        raise Misconfigured(
            f"port {port} of this box is taken; enter another, here and on the phone system"
        ) from error
    callers: list[tuple[threading.Thread, socket.socket]] = []
    with server:
        server.settimeout(0.2)
        while not stop.is_set():
            callers = [(thread, caller) for thread, caller in callers if thread.is_alive()]
            with suppress(TimeoutError, ConnectionError):
                caller, address = server.accept()
                if not _is_known(address[0], networks) or len(callers) >= _MOST_CALLERS:
                    log.warning("a caller that may not push call records was hung up on")
                    caller.close()
                    continue
                work = threading.Thread(
                    target=_serve, args=(caller, address, login, receive), daemon=True
                )
                work.start()
                callers.append((work, caller))
    for thread, caller in callers:
        with suppress(OSError):
            caller.shutdown(socket.SHUT_RDWR)
        thread.join(2)


def _is_known(address: str, networks: tuple[_Network, ...]) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain.version == net.version and plain in net for net in networks)


def _serve(caller: socket.socket, address: Any, login: tuple[str, str], receive: Receive) -> None:
    """One connection, whichever of the two it speaks."""
    with suppress(OSError, ValueError), caller:
        caller.settimeout(_SILENCE_S)
        if caller.recv(5, socket.MSG_PEEK) in _METHODS:
            _Door(caller, address, _Post(login, receive))  # type: ignore[arg-type]  # see _Post
        else:
            caller.settimeout(_TCP_SILENCE_S)
            _take_stream(caller, login, receive)


def _take_stream(caller: socket.socket, login: tuple[str, str], receive: Receive) -> None:
    """Records out of a stream that may be cut anywhere."""
    rest = b""
    while data := caller.recv(1 << 16):
        records, rest = split_stream(rest + data)
        try:
            if not hand_over(records, login, receive):
                log.warning("a phone system pushed records under a wrong name or password")
                return
        except Unavailable as error:
            log.warning("pushed records could not be kept", error=error)
            return


def hand_over(records: Iterable[bytes], login: tuple[str, str], receive: Receive) -> bool:
    """Hand records over in parts; False when one of them is a login and a wrong one.

    A login is never handed on: it holds a password.
    """
    part = b""
    for record in records:
        if (given := _login_in(record)) is not None:
            if login != ("", "") and not _is_same(given, login):
                return False
            continue
        if part and len(part) + len(record) >= PART:
            receive(part)
            part = b""
        part = part + b"\n" + record if part else record
    if part:
        receive(part)
    return True


def _login_in(record: bytes) -> tuple[str, str] | None:
    """Name and password in a record that is no call, None in one that is."""
    if len(record) > 4096 or b"assw" not in record:
        return None
    try:
        told = json.loads(record)
    except ValueError:
        return None
    if not isinstance(told, dict) or "AcctId" in told or "session" in told:
        return None
    texts = {str(key).lower(): str(value) for key, value in told.items()}
    return texts.get("username", texts.get("user", "")), texts.get(
        "password", texts.get("passwd", "")
    )


def _is_same(given: tuple[str, str], login: tuple[str, str]) -> bool:
    return hmac.compare_digest("\0".join(given).encode(), "\0".join(login).encode())


class _Post:
    """What a request needs to know; stands where http.server expects its server."""

    def __init__(self, login: tuple[str, str], receive: Receive) -> None:
        self.login, self.receive = login, receive


class _Door(BaseHTTPRequestHandler):
    server: _Post  # type: ignore[assignment]  # see _Post
    timeout = _SILENCE_S
    disable_nagle_algorithm = True  # head and body of an answer go out apart: else 40 ms each
    protocol_version = "HTTP/1.1"
    server_version = "box"
    sys_version = ""

    def do_POST(self) -> None:
        """Take records, and say so only when they are kept."""
        if not self._may():
            self._answer(401, b'{"status":-5}')
            return
        body = self._body()
        if body is None:
            self._answer(413, b'{"status":-1}')
            return
        records, rest = split_stream(body)
        records += [rest] if rest.strip() and len(rest) <= LONGEST else []
        try:
            hand_over(records, self.server.login, self.server.receive)
        except Unavailable:
            self._answer(503, b'{"status":-9}')
            return
        self._answer(200, b'{"status":0}')

    do_PUT = do_POST  # noqa: N815  (http.server names it)

    def _may(self) -> bool:
        if self.server.login == ("", ""):
            return True
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        with suppress(ValueError):
            user, _, password = base64.b64decode(given).decode().partition(":")
            return scheme.lower() == "basic" and _is_same((user, password), self.server.login)
        return False

    def _body(self) -> bytes | None:
        """The whole body; None when it has no sound length."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked()
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LONGEST_POST:
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _chunked(self) -> bytes | None:
        found = b""
        while len(found) <= _LONGEST_POST:
            size = int(self.rfile.readline(64).partition(b";")[0].strip() or b"0", 16)
            if size == 0:
                while self.rfile.readline(4096).strip():
                    pass
                return found
            if size > _LONGEST_POST:
                return None
            found += self.rfile.read(size)
            self.rfile.readline(4)
        return None

    def _answer(self, status: int, body: bytes) -> None:
        if status != 200:
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: addresses and requests do not belong into a log."""
