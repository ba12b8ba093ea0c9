"""A make-believe Grandstream UCM: its ``/api`` over TLS, its pushes, and its faults.

Records have the fields and the odd nesting of real units; numbers and names are invented.
"""

import hashlib
import json
import random
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from connectors.kinds import Line
from tests.connectors.servers import Certificate, read_request, serving
from tests.connectors.simulated import DID, TrueCall
from tests.connectors.world import wav

ZONE = ZoneInfo("America/Chicago")
FIELDS = ["AcctId", "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield", "channel_ext", "dstchannel_ext", "service", "caller_name", "recordfiles", "dstanswer", "chanext", "dstchanext", "session", "action_owner", "action_type", "src_trunk_name", "dst_trunk_name", "recordfiles_desc"]  # fmt: skip
MAIN = ("src", "dst", "start", "duration", "billsec", "session", "action_type")


def local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def leg(
    uid: str, session: str, start: datetime, ring: int, talk: int, **given: str
) -> dict[str, str]:
    """One record; answered when ``talk`` is given."""
    answered = local(start + timedelta(seconds=ring)) if talk else ""
    told = {
        "disposition": "ANSWERED" if talk else "NO ANSWER", "start": local(start),
        "answer": answered, "end": local(start + timedelta(seconds=ring + talk)),
        "duration": str(ring + talk), "billsec": str(talk), "uniqueid": uid, "session": session,
        "action_type": "DIAL", "lastapp": "Dial", "amaflags": "DOCUMENTATION", "service": "s",
    }  # fmt: skip
    return dict.fromkeys(FIELDS, "") | told | given


def nested(legs: list[dict[str, str]]) -> dict[str, Any]:
    """A call as the API gives it: flat with one leg, else with a main record mostly blank."""
    if len(legs) == 1:
        return {"cdr": "", **legs[0]}
    main = dict.fromkeys(FIELDS, "") | {name: legs[0][name] for name in MAIN}
    subs = {f"sub_cdr_{number}": told for number, told in enumerate(legs, 1)}
    return {"cdr": "", "main_cdr": main, **subs}


def legs_of(call: TrueCall, number: int) -> list[dict[str, str]]:
    """The legs of a true call; ``number``: the AcctId of its first."""
    epoch = int(call.start.timestamp())
    uid, session = f"{epoch}.{call.number}", f"{epoch}{call.number:06d}-{call.outside}"
    trunk = {"src": call.outside, "channel": f"PJSIP/trunk_2-{call.number:08x}",
             "userfield": "Inbound", "channel_ext": "trunk_2", "src_trunk_name": "Main",
             "clid": f'"" <{call.outside}>', "action_owner": call.outside}  # fmt: skip

    def phone(extension: str) -> dict[str, str]:
        return {"dst": extension, "dstchannel": f"PJSIP/{extension}-{call.number + 1:08x}",
                "dstchannel_ext": extension}  # fmt: skip

    if call.direction == "internal":
        one, other = call.outside, call.staff[0]
        found = [leg(uid, session, call.start, call.ring_s, call.talk_s, src=one,
                     channel=f"PJSIP/{one}-{call.number:08x}", userfield="Internal",
                     channel_ext=one, clid=f'"Desk" <{one}>', dstanswer=other, **phone(other))]  # fmt: skip
    elif call.direction == "out":
        one = call.staff[0]
        found = [leg(uid, session, call.start, call.ring_s, call.talk_s, src=one, dst=call.outside,
                     channel=f"PJSIP/{one}-{call.number:08x}", userfield="Outbound",
                     dstchannel=f"PJSIP/trunk_2-{call.number + 1:08x}", channel_ext=one,
                     dstchannel_ext="trunk_2", dstanswer=call.outside,
                     clid=f'"Clinic" <{DID}>', dst_trunk_name="Main")]  # fmt: skip
    else:
        found = _inbound(call, uid, session, trunk, phone)
    for index, told in enumerate(found):
        told["AcctId"] = str(number + index)
    _name_recordings(call, found)
    return found


def _inbound(
    call: TrueCall, uid: str, session: str, trunk: Any, phone: Any
) -> list[dict[str, str]]:
    if call.answer_state == "voicemail_left":
        return [leg(uid, session, call.start, call.ring_s, call.talk_s, dst="*97101",
                    action_type="VM[101]", lastapp="VoiceMail", **trunk)]  # fmt: skip
    if call.queue:
        action = {"action_type": f"QUEUE[{call.queue}]", "lastapp": "Queue", "lastdata": call.queue}
    elif call.number % 3 == 0:
        action = {"action_type": "RINGGROUP[6400]"}
    else:
        action = {"action_type": "DIAL"}
    found = []
    if call.queue or call.number % 3 == 0:
        fork = leg(uid, session, call.start, 0, 0, dst="6400", **(trunk | action))
        found.append(fork | {"disposition": "ANSWERED", "answer": fork["start"],
                             "lastapp": "ForkCDR"})  # fmt: skip
        for loser in ("103", "104"):
            if loser not in call.staff[:1]:
                found.append(leg(uid, session, call.start, call.ring_s, 0,
                                 **(trunk | action | phone(loser))))  # fmt: skip
    if not call.staff:
        found.append(leg(uid, session, call.start, call.ring_s, 0, dst=DID, **(trunk | action)))
        return found
    shares = (
        [call.talk_s]
        if len(call.staff) == 1
        else [call.talk_s // 2, call.talk_s - call.talk_s // 2]
    )
    at, ring = call.start, call.ring_s
    for staff, talk in zip(call.staff, shares, strict=True):
        found.append(leg(uid, session, at, ring, talk, dstanswer=staff,
                         **(trunk | action | phone(staff))))  # fmt: skip
        at, ring = at + timedelta(seconds=ring + talk), 0
    return found


def _name_recordings(call: TrueCall, legs: list[dict[str, str]]) -> None:
    if not call.recorded:
        return
    for told in legs:
        if told["billsec"] == "0":
            continue
        begun = datetime.fromisoformat(told["answer"]).replace(tzinfo=ZONE)
        name = f"{begun:%Y-%m}/auto-{int(begun.timestamp())}-{told['src']}-{told['dst']}.wav"
        told["recordfiles"] = f"{name.replace('*', '')}@"
        told["recordfiles_desc"] = (
            f"duration={told['billsec']},size=16044B,start-time={int(begun.timestamp())}@"
        )


class Ucm:
    """One unit. ``calls``: (written at, nested record); only what was written is there."""

    def __init__(self, seed: int = 1) -> None:
        self.calls: list[tuple[datetime, dict[str, Any]]] = []
        self.now = datetime(2026, 11, 2, tzinfo=UTC)
        self.password, self.bad, self.locked = "correct horse", 0, False
        self.cookies: dict[str, int] = {}
        self.uses = 200  # a cookie runs out after as many questions
        self.heeds_filter, self.heeds_paging, self.refuses_filter = True, True, False
        self.newest_first = False
        self.way = "month in name"
        self.audio: dict[str, bytes] = {}
        # One for each coming question: "", html, cut, short (cut, no length told), busy, hang up.
        self.faults: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.rng = random.Random(seed)

    def add(self, call: TrueCall, late_s: float = 0) -> list[dict[str, str]]:
        """Write the records of a call when it has ended; gives them."""
        legs = legs_of(call, 1000 + 10 * call.number)
        self.calls.append((call.end + timedelta(seconds=late_s), nested(legs)))
        return legs

    def answer(self, request: dict[str, Any]) -> tuple[bytes, str]:
        """Body and content type for one question."""
        self.asked.append(request)
        action = request.get("action")
        if action == "challenge":
            return self._json({"response": {"challenge": "0000001652831717"}, "status": 0})
        if action == "login":
            return self._json(self._login(request))
        cookie = str(request.get("cookie", ""))
        if self.cookies.get(cookie, 0) <= 0:
            return self._json({"response": {"body": "Cookie error!"}, "status": -6})
        self.cookies[cookie] -= 1
        if action == "cdrapi":
            return self._json(self._records(request))
        if action == "recapi":
            return self._recording(request)
        return self._json({"response": {"error_msg": "Invalid parameters!"}, "status": -1})

    @staticmethod
    def _json(answer: Any) -> tuple[bytes, str]:
        return json.dumps(answer).encode(), "application/json"

    def _login(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.locked:
            return {"response": {"body": "Login restriction"}, "status": -68}
        token = hashlib.md5(f"0000001652831717{self.password}".encode()).hexdigest()
        if request.get("token") != token:
            self.bad += 1
            self.locked = self.bad >= 5
            return {"response": {"body": "Wrong account or password!"}, "status": -37}
        cookie = f"sid{self.rng.randrange(10**9)}-{len(self.cookies)}"
        self.cookies[cookie] = self.uses
        return {"response": {"cookie": cookie}, "status": 0}

    def _records(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.refuses_filter and set(request) - {"action", "cookie", "format"}:
            return {"response": {"error_msg": "Invalid parameters!"}, "status": -1}
        found = [told for at, told in sorted(self.calls, key=lambda c: c[0]) if at <= self.now]
        if (begin := request.get("startTime")) and self.heeds_filter:
            found = [told for told in found if _start(told) >= begin.replace("T", " ")]
        if self.newest_first:
            found.reverse()
        offset = int(request.get("offset", 0)) if self.heeds_paging else 0
        return {"cdr_root": found[offset : offset + int(request.get("numRecords", 1000))]}

    def _recording(self, request: dict[str, Any]) -> tuple[bytes, str]:
        given = (request.get("filedir"), request.get("filename"))
        for path, audio in self.audio.items():
            month, _, name = path.rpartition("/")
            ways = {"month in name": ("monitor", path), "month in folder": (f"monitor/{month}", name),
                    "no month": ("monitor", name)}  # fmt: skip
            if given == ways[self.way]:
                return audio, "application/octet-stream"
        return self._json({"response": {"body": "No such item"}, "status": -16})

    def serve(self, connection: socket.socket) -> None:
        """One connection, as ``serving`` hands it over."""
        while data := read_request(connection):
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "hang up":
                return
            head, _, content = data.partition(b"\r\n\r\n")
            if not head.startswith(b"POST /api "):
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                continue
            body, kind = self.answer(json.loads(content)["request"])
            if fault == "html":
                body, kind = b"<html><body>Busy</body></html>", "text/html"
            elif fault == "busy":
                body, kind = self._json({"response": {}, "status": -45})
            told = f"Content-Length: {len(body)}"
            if fault == "short":
                told = "Connection: close"
            if fault in ("cut", "short"):
                body = body[: len(body) // 2]
            status = b"403 Forbidden" if fault == "forbidden" else b"200 OK"
            headers = f"Content-Type: {kind}\r\n{told}\r\n\r\n"
            connection.sendall(b"HTTP/1.1 " + status + b"\r\n" + headers.encode() + body)
            if fault in ("cut", "short"):
                return

    @contextmanager
    def served(self, certificate: Certificate) -> Iterator[int]:
        with serving(self.serve, certificate) as port:
            yield port


def _start(told: dict[str, Any]) -> str:
    return str(told.get("start") or told["main_cdr"]["start"])


def pushed(legs: Iterable[dict[str, str]], style: str) -> bytes:
    """The records as the UCM writes them on the wire: JSON or XML, nothing between them."""
    if style == "json":
        return b"".join(json.dumps(told).encode() for told in legs)
    if style == "nested":
        return json.dumps(nested(list(legs))).encode() + b"\r\n"
    return b"".join(
        b'<?xml version="1.0"?><cdr>'
        + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items()).encode()
        + b"</cdr>"
        for told in legs
    )


class Kept:
    """What was pushed, as the core keeps it."""

    def __init__(self) -> None:
        self.kept: list[Line] = []
        self.now = datetime(2026, 11, 2, tzinfo=UTC)

    def receive(self, data: bytes) -> None:
        self.kept.append(Line(len(self.kept) + 1, self.now, data))

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        return [line for line in self.kept[after:] if line.id > after][:limit]


AUDIO = wav(1.0)
