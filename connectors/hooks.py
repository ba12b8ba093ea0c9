"""Telling one address of one event over HTTP: judged, bounded, never led elsewhere.

The receiver is named by a person, but what its name resolves to is not: only addresses of the
internet and those on the clinic's network that were entered one by one are talked to.
"""

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from appliance.errors import Misconfigured, PetsvetError
from appliance.facts.notices import Handed, Hook
from connectors import doors, http, tls

TIMEOUT_S = 10.0
WHOLE_S = 30.0
MOST_READ = 16 * 1024
ANYWHERE = doors.Aim("the receiver", public=True)
NEARBY = doors.Aim("the receiver")  # without encryption only inside the clinic


def check_url(url: str) -> None:
    """Raises Misconfigured for an address that cannot be a receiver's."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Misconfigured("this is no address; write it like https://example.org/hook") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Misconfigured("the address begins with https:// and a host")
    if parsed.userinfo or parsed.fragment or not url.isprintable() or " " in url:
        raise Misconfigured("the address may hold neither a user nor a password nor a # or space")


def post(hook: Hook, headers: Mapping[str, str], body: bytes) -> Handed:
    """Send once; never raises for what the receiver or the network does."""
    seen = _Seen()
    watch = threading.Timer(WHOLE_S, seen.cut)
    watch.daemon = True
    watch.start()
    try:
        check_url(hook.url)
        return _ask(hook, headers, body, seen)
    except PetsvetError as error:
        return Handed(state="again", why=str(error), left=seen.left)
    except httpx.HTTPError as error:
        return Handed(state="again", why=_why(error), left=seen.left)
    finally:
        watch.cancel()


class _Seen:
    """What httpx tells while it works: the sockets, and that our words are on their way."""

    def __init__(self) -> None:
        self.left = self._late = False
        self._sockets: list[socket.socket] = []

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """As httpcore calls it."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self._late:  # finding the receiver alone took all of the time
                self.cut()
        self.left |= event == "http11.send_request_body.started"

    def cut(self) -> None:
        """End an exchange that takes too long, from another thread."""
        self._late = True
        for each in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)


def _ask(hook: Hook, headers: Mapping[str, str], body: bytes, seen: _Seen) -> Handed:
    aim = ANYWHERE if hook.url.startswith("https:") else NEARBY
    transport = http.Pinpoint(hook.allowed, tls.context_of(hook.authority), aim)
    given = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    with httpx.Client(
        transport=transport, timeout=TIMEOUT_S, trust_env=False, follow_redirects=False
    ) as client:
        request = client.build_request(
            "POST", hook.url, content=body, headers=given, extensions={"trace": seen.trace}
        )
        answer = client.send(request, stream=True)
        try:
            _read_some(answer)
            return _told(answer.status_code)
        finally:
            answer.close()


def _read_some(answer: httpx.Response) -> None:
    """Hear the answer out, up to a limit; what it says is thrown away."""
    heard = 0
    with suppress(httpx.HTTPError):  # the status came, and only it counts
        for part in answer.iter_raw():
            heard += len(part)
            if heard > MOST_READ:
                return


def _told(status: int) -> Handed:
    if 200 <= status < 300:
        return Handed(state="sent", left=True, status=status)
    if status == 410:
        why = "the receiver says that it is gone for good (410)"
        return Handed(state="refused", why=why, left=True, status=status)
    if 300 <= status < 400:
        why = f"the receiver points to another address ({status}), which is not followed"
        return Handed(state="again", why=why, left=True, status=status)
    return Handed(state="again", why=f"the receiver answered {status}", left=True, status=status)


def _why(error: httpx.HTTPError) -> str:
    """A failure of the network in words."""
    if isinstance(error, httpx.TimeoutException):
        return "the receiver did not answer in time"
    cause = http.os_error_of(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"the receiver's certificate is not trusted ({cause.verify_message}); if the clinic has"
            " a certificate authority of its own, paste its certificate"
        )
    if isinstance(error, httpx.ConnectError):
        return tls.why_no_tls(cause, ANYWHERE.who)
    return "the receiver broke off its answer"
