"""A small door for records that a Yeastar pushes to this box: durable first, then 200."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from appliance.logs import get_log
from connectors.jsons import read_json
from connectors.kinds import Receive

log = get_log(__name__)

LONGEST = 256 * 1024
_SILENCE_S = 20
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def serve(
    port: int,
    path: str,
    allowed: Iterable[str],
    wanted: Callable[[Any], bool],
    receive: Receive,
    stop: Event,
) -> None:
    """Take records at ``port`` until ``stop``, only from ``allowed`` addresses.

    ``path``: what the address must end with, "" for anything. Records that are not ``wanted`` are
    answered and dropped. Raises Misconfigured when the port cannot be had or nobody is allowed.
    """
    networks = tuple(ipaddress.ip_network(entry.strip(), strict=False) for entry in allowed)
    if not networks:
        raise Misconfigured("nobody may push records here; allow the phone system's address")
    try:
        server = _Server(("", port), _Door)
    except OSError as error:
        raise Misconfigured(
            f"port {port} of this box is taken; enter another, here and on the phone system"
        ) from error
    server.networks, server.path = networks, path.strip("/")
    server.wanted, server.receive = wanted, receive
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        stop.wait()
        server.shutdown()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    networks: tuple[_Network, ...] = ()
    path = ""
    wanted: Callable[[Any], bool]
    receive: Receive

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Strangers are hung up on before a byte of theirs is read."""
        address = ipaddress.ip_address(str(client_address[0]).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        known = any(mapped.version == net.version and mapped in net for net in self.networks)
        if not known:
            log.warning("a stranger tried to push a call record")
        return known

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off; nothing of it is printed."""
        log.debug("a pushed record broke off")


class _Door(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SILENCE_S
    disable_nagle_algorithm = True  # head and body of an answer go out apart: else 40 ms each
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One record."""
        path = self.path.partition("?")[0].strip("/")
        length = self.headers.get("content-length", "")
        if self.server.path and not hmac.compare_digest(path.encode(), self.server.path.encode()):
            self._answer(404)
        elif not length.isdigit():
            self._answer(411)
        elif int(length) > LONGEST:
            self._answer(413)
        else:
            self._take(self.rfile.read(int(length)), int(length))

    def _take(self, body: bytes, length: int) -> None:
        if len(body) != length:
            self._answer(400)
            return
        try:
            record = read_json(body)
        except (ValueError, RecursionError):
            self._answer(400)
            return
        if self.server.wanted(record):
            try:
                self.server.receive(body)
            except Unavailable:
                self._answer(503)
                return
        self._answer(200)

    def _answer(self, status: int) -> None:
        body = b'{"status":"Success"}' if status == 200 else b'{"status":"Failed"}'
        self.close_connection = self.close_connection or status != 200
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request line may hold a number."""
