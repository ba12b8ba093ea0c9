"""Make-believe phone systems that write SMDR lines: Avaya, ESI, Panasonic, Mitel.

They speak over real sockets with their faults: lines cut anywhere, connections lost in the middle
of one, what was sent before sent again, hours of lines in one burst.
"""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event

from connectors.kinds import Line
from tests.connectors.simulated import DID, TrueCall

Sent = tuple[datetime, str]  # when a line is written, and the line


class KeptFeed:
    """What was pushed, kept in memory; it refuses now and then, as a full disk does."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock, self.kept, self._lock = clock, list[Line](), threading.Lock()

    def receive(self, data: bytes) -> None:
        with self._lock:
            self.kept.append(Line(len(self.kept) + 1, self.clock(), data))

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        return self.kept[after : after + limit]

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Until a line with ``text`` in it is kept."""
        edge, seen = time.monotonic() + seconds, 0
        while time.monotonic() < edge:
            for line in self.kept[seen:]:
                seen += 1
                if text.encode() in line.data:
                    return
            time.sleep(0.005)
        raise AssertionError("the line never came")


@contextmanager
def listening(listen: Callable[[Event], None]) -> Iterator[None]:
    """A listener in a thread, started again when it breaks off, as the box's own does."""
    stop = Event()

    def run() -> None:
        while not stop.is_set():
            with suppress(Exception):
                listen(stop)
            stop.wait(0.05)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def send_cut(connection: socket.socket, data: bytes, rng: random.Random) -> None:
    """Data in pieces that end anywhere."""
    at = 0
    while at < len(data):
        size = rng.choice((1, 3, 17, 200, 5000))
        connection.sendall(data[at : at + size])
        at += size


def hms(seconds: int, form: str = "{:02}:{:02}:{:02}") -> str:
    return form.format(seconds // 3600, seconds // 60 % 60, seconds % 60)


def avaya(call: TrueCall) -> list[Sent]:
    """One or two segments; all bear the start of the call."""
    start, number = f"{call.start:%Y/%m/%d %H:%M:%S}", 1000014155 + call.number

    def line(talk: int, ring: int, more: int, device: str) -> str:
        way, inside = ("I", 0) if call.direction == "in" else ("O", 0)
        caller, called = call.outside, call.staff[0] if call.staff else "299999"
        other = "T9001,LINE 1.2"
        if call.direction == "out":
            caller, called = call.staff[0], call.outside
        elif call.direction == "internal":
            inside, other = 1, f"E{call.staff[0]},Ann"
        elif call.answer_state == "voicemail_left":
            called = "101"
        return (f"{start},{hms(talk)},{ring},{caller},{way},{called},{called},,{inside},{number},"
                f"{more},{device},Joe Bloggs,{other},0,0")  # fmt: skip

    if call.direction == "internal":
        return [(call.end, line(call.talk_s, call.ring_s, 0, f"E{call.outside}"))]
    if call.answer_state == "voicemail_left":
        return [(call.end, line(call.talk_s, call.ring_s, 0, "V9502"))]
    if len(call.staff) < 2:
        device = f"E{call.staff[0]}" if call.staff else "E101"
        return [(call.end, line(call.talk_s, call.ring_s, 0, device))]
    first, second = call.talk_s // 2, call.talk_s - call.talk_s // 2
    return [
        (call.end - timedelta(seconds=second), line(first, call.ring_s, 1, f"E{call.staff[0]}")),
        (call.end, line(second, 0, 0, f"E{call.staff[1]}")),
    ]


def esi(call: TrueCall) -> list[Sent]:
    def line(kind: str, start: datetime, talk: int, ext: str, number: str, trunk: str) -> str:
        length = hms(talk, "{:02}{:02}{:02}")
        return f'"{kind}","{start:%m%d%Y}","{start:%H%M%S}","{length}","{ext}","{number}","",' + (
            f'"{trunk}"'
        )

    if call.direction == "internal":
        return [(call.end, line("O", call.start, call.talk_s, call.outside, call.staff[0], ""))]
    kind, trunk = ("O" if call.direction == "out" else "I"), f"{call.number % 8 + 1:02}"
    if len(call.staff) < 2:
        ext = call.staff[0] if call.staff else ""
        return [(call.end, line(kind, call.start, call.talk_s, ext, call.outside, trunk))]
    first, second = call.talk_s // 2, call.talk_s - call.talk_s // 2
    moved = call.end - timedelta(seconds=second)
    return [
        (moved, line("I", call.start, first, call.staff[0], call.outside, trunk)),
        (call.end, line("T", moved, second, call.staff[1], call.outside, trunk)),
    ]


def panasonic(call: TrueCall) -> list[Sent]:
    """Calls with the outside only, ended in whole minutes."""

    def line(end: datetime, ext: str, ring: int, talk: int, code: str) -> str:
        number = ("<I>" if call.direction == "in" else "") + call.outside
        rang = f"{ring // 60}'{ring % 60:02}" if call.direction == "in" and ring else "    "
        length = hms(talk, "{:02}:{:02}'{:02}")
        trunk = f"{call.number % 8 + 1:02}"
        return (f"{end:%m/%d/%y %I:%M%p} {ext:<5} {trunk} {number:<25} {rang} {length} "
                f"{'':10} {code:<3}")  # fmt: skip

    if call.direction == "internal":
        return []
    if call.talk_s and not call.staff:
        return [(call.end, line(call.end, "500", call.ring_s, call.talk_s, ""))]
    if len(call.staff) < 2:
        ext = call.staff[0] if call.staff else "101"
        code = "" if call.staff else "NA"
        return [(call.end, line(call.end, ext, call.ring_s, call.talk_s, code))]
    first, second = call.talk_s // 2, call.talk_s - call.talk_s // 2
    moved = call.end - timedelta(seconds=second)
    return [
        (moved, line(moved, call.staff[0], call.ring_s, first, "TR")),
        (call.end, line(call.end, call.staff[1], 0, second, "")),
    ]


def mitel_line(
    start: str, length: str, calling: str, answer: str, digits: str, called: str, *,
    flag: str = " ", third: str = "", ani: str = "",
) -> str:  # fmt: skip
    head = f" {start:<15} {length} {calling:<4}  {answer:<3} {digits:<26}A {called:<4}"
    return f"{head} {flag}{third:<4}".ljust(90) + f" {ani}"


def mitel(call: TrueCall) -> list[Sent]:
    """One line for each call, transfers too, without a year."""
    start = f"{call.start:%m/%d %H:%M:%S}"
    length = hms(call.ring_s + call.talk_s)
    if call.direction == "internal":
        line = mitel_line(start, length, call.outside, "", call.staff[0], call.staff[0])
    elif call.direction == "out":
        line = mitel_line(start, length, call.staff[0], "", call.outside, "T101")
    else:
        answer = f"{call.ring_s:03}" if call.talk_s else "***"
        called = call.staff[0] if call.staff else "" if call.talk_s else "101"
        flag, third = ("T", call.staff[1]) if len(call.staff) > 1 else (" ", "")
        line = mitel_line(start, length, "T101", answer, DID[-4:], called, flag=flag, third=third,
                          ani=f"{call.outside} {DID}")  # fmt: skip
    return [(call.end, line)]


LINES = {"avaya": avaya, "esi": esi, "panasonic": panasonic, "mitel": mitel}


def login_then(lines: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """Panasonic's door: a hyphen asks for the user, then for the password."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"\xff\xfb\x01\xff\xfb\x03\r\n-")
        words = connection.makefile("rb")
        user = words.readline().strip()
        connection.sendall(b"\r\nEnter Pass")
        time.sleep(0.02)
        connection.sendall(b"word:")
        password = words.readline().strip()
        if (user, password) != (b"SMDR", b"PCCSMDR"):
            connection.sendall(b"\r\nwrong\r\n-")
            return
        connection.sendall(b"\r\nDate     Time    Ext   CO Dial number\r\n" + b"-" * 79 + b"\r\n")
        lines(connection)

    return serve
