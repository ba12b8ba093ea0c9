"""Asterisk's manager interface, used as a doorbell and nothing else.

Its events say that something ended; what it was is read from the call records. Events are lost
whenever the line is down, so nothing may depend on one. MixMonitorStop, for one, does not come
when a call is hung up, only when a recording is stopped on purpose.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Event

from appliance.errors import Misconfigured, PetsvetError, Unavailable
from connectors import doors
from connectors.kinds import Receive

BELLS = frozenset(("Cdr", "Hangup", "MixMonitorStop"))
_LARGEST = 1 << 20  # bytes of one message; no real one has more than a few thousand
_TICK_S = 1.0
_SILENCE_S = 30  # after this a Ping is sent, after twice as much the line counts as dead
_WAITS_S = (5.0, 10.0, 30.0, 60.0, 120.0)
_WAIT_REFUSED_S = 300.0  # whoever is refused often is shut out by fail2ban

Message = Mapping[str, str]


class Manager:
    """One logged-in connection. Raises Misconfigured when refused, Unavailable when away."""

    def __init__(
        self, host: str, port: int, user: str, password: str, allowed: Iterable[str]
    ) -> None:
        self._socket = doors.connect(host, port, allowed)
        self._rest = b""
        try:
            self._socket.settimeout(10)
            self._greet()
            self._log_in(user, password)
            self._socket.settimeout(_TICK_S)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _greet(self) -> None:
        while b"\n" not in self._rest:
            self._fill()
        banner, _, self._rest = self._rest.partition(b"\n")
        if not banner.startswith(b"Asterisk Call Manager"):
            raise Misconfigured("what answers there is not Asterisk's manager; is the port 5038?")

    def _log_in(self, user: str, password: str) -> None:
        challenge = self._ask(Action="Challenge", AuthType="MD5").get("Challenge", "")
        key = hashlib.md5((challenge + password).encode(), usedforsecurity=False).hexdigest()
        answer = self._ask(
            Action="Login", AuthType="MD5", Username=user, Key=key, Events="cdr,call"
        )
        if answer.get("Response") != "Success":
            raise Misconfigured(
                "Asterisk's manager refused this user or password; check manager.conf, and that"
                " its permit= line holds this box's address"
            )

    def _ask(self, **action: str) -> Message:
        """Send an action and wait for its answer; events on the way are passed over."""
        if any(sign in value for value in action.values() for sign in "\r\n"):
            raise Misconfigured("the user of Asterisk's manager may not hold line breaks")
        lines = "".join(f"{name}: {value}\r\n" for name, value in action.items())
        self._send(lines.encode() + b"\r\n")
        while True:
            for message in self._messages():
                if "Response" in message:
                    return message
            self._fill()

    def _send(self, content: bytes) -> None:
        try:
            self._socket.sendall(content)
        except OSError as error:
            raise Unavailable(doors.why_no_answer(error)) from error

    def _fill(self) -> bool:
        """Take what has come; False when nothing has. Raises Unavailable at the end."""
        try:
            content = self._socket.recv(65536)
        except TimeoutError:
            if self._socket.gettimeout() == _TICK_S:
                return False
            raise Unavailable("Asterisk's manager does not answer") from None
        except OSError as error:
            raise Unavailable(doors.why_no_answer(error)) from error
        if not content:
            raise Unavailable("Asterisk's manager hung up")
        self._rest += content
        if len(self._rest) > _LARGEST:
            raise Unavailable("Asterisk's manager sent a message without end")
        return True

    def _messages(self) -> Iterator[Message]:
        """The whole messages at hand; half ones are kept."""
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            message, self._rest = self._rest[:end], self._rest[end + 4 :]
            yield parse_message(message)

    def rings(self, stop: Event) -> Iterator[None]:
        """Each time calls have ended, until ``stop``. Many events at once ring once."""
        silence = 0.0
        while not stop.is_set():
            # All are read before anybody is told, or those behind the first would ring again.
            if BELLS.intersection([message.get("Event") for message in self._messages()]):
                yield
            if self._fill():
                silence = 0.0
                continue
            silence += _TICK_S
            if silence >= 2 * _SILENCE_S:
                raise Unavailable("Asterisk's manager has fallen silent")
            if silence == _SILENCE_S:
                self._send(b"Action: Ping\r\n\r\n")


def parse_message(content: bytes) -> Message:
    """``Key: value`` lines as a mapping; of a key that comes twice the first counts."""
    found: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip(), value.strip())
    return found


def ring(
    host: str, port: int, user: str, password: str, allowed: tuple[str, ...],
    receive: Receive, stop: Event, waits: tuple[float, ...] = _WAITS_S,
) -> None:  # fmt: skip
    """Call ``receive(b"")`` whenever a call has ended, until ``stop``; reconnects by itself."""
    failures = 0
    while not stop.is_set():
        wait = waits[min(failures, len(waits) - 1)]
        with suppress(Unavailable):
            try:
                manager = Manager(host, port, user, password, allowed)
            except Misconfigured:
                wait = max(wait, _WAIT_REFUSED_S if waits is _WAITS_S else wait)
            else:
                failures, wait = -1, waits[0]
                try:
                    _pass_on(manager, receive, stop)
                finally:
                    manager.close()
        failures += 1
        stop.wait(wait)


def _pass_on(manager: Manager, receive: Receive, stop: Event) -> None:
    _tell(receive)  # whatever ended while nobody listened
    for _ in manager.rings(stop):
        _tell(receive)


def _tell(receive: Receive) -> None:
    with suppress(PetsvetError):  # the next look comes anyway
        receive(b"")
