"""Make-believe Yeastars on loopback: the P-Series' OpenAPI and the S-Series' API, with faults.

They speak the vendor's wire format over real HTTP under a clock of their own, with tokens that run
out and rotate, blocked addresses, pages of HTML, cut bodies, recordings that come late and a
cleanup that deletes the oldest.
"""

import hashlib
import json
import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from tests.connectors.simulated import DID, MONDAY, STAFF, TrueCall
from tests.connectors.world import wav

ZONE = ZoneInfo("America/Chicago")
CLIENT, SECRET = "client-one", "not-a-real-secret"
FORMATS = ("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%Y/%m/%d %H:%M:%S")
TYPES = {"in": "Inbound", "out": "Outbound", "internal": "Internal"}
AUDIO = wav(0.02)


class Exchange:
    """What both phone systems share: a server, a clock, a dice, and who is blocked."""

    def __init__(self, seed: int = 1, faults: float = 0.0) -> None:
        self.now = MONDAY.timestamp()
        self.dice, self.faults, self.lock = random.Random(seed), faults, Lock()
        self.offline = False
        self.bad_logins, self.blocked_until = 0, 0.0
        self.tokens: dict[str, float] = {}
        self.asked: list[str] = []
        self.url = ""
        self.cut_every: Callable[[str], bool] = lambda path: False

    def new_token(self, lasts: float) -> str:
        token = hashlib.md5(str(self.dice.random()).encode()).hexdigest()
        self.tokens[token] = self.now + lasts
        return token

    def is_known(self, token: str) -> bool:
        return self.tokens.get(token, 0) > self.now

    def count_bad_login(self) -> None:
        self.bad_logins += 1
        if self.bad_logins >= 5:
            self.blocked_until, self.bad_logins = self.now + 600, 0

    @property
    def blocked(self) -> bool:
        return self.now < self.blocked_until

    def answer(self, method: str, path: str, query: dict[str, str], body: Any,
               agent: str) -> "Answer":  # fmt: skip
        raise NotImplementedError


class Answer:
    """A status, a body, and how it is spoiled: ``cut`` sends half of what was promised."""

    def __init__(self, body: Any, status: int = 200, kind: str = "application/json") -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.kind, self.cut, self.tell_length = status, kind, False, True


HTML = Answer(b"<html><body>Please sign in</body></html>", 200, "text/html")


@contextmanager
def serving(exchange: Exchange, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The exchange at an address of loopback while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 10

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            with exchange.lock:
                exchange.asked.append(parts.path)
                if exchange.offline:
                    self.close_connection = True
                    return
                body = json.loads(raw) if raw else None
                agent = self.headers.get("user-agent", "")
                answer = exchange.answer(self.command, parts.path, query, body, agent)
                spoil = exchange.dice.random() if exchange.faults else 1.0
                if spoil < exchange.faults / 3:
                    answer = HTML
                elif spoil < exchange.faults * 2 / 3:
                    answer = Answer({"errcode": -2, "errno": "30001"}, 500)
                cut = exchange.faults * 2 / 3 <= spoil < exchange.faults
            self._send(answer, cut or answer.cut)

        do_GET = do_POST = _serve  # noqa: N815 - the names http.server calls

        def _send(self, answer: Answer, cut: bool) -> None:
            lines = [f"HTTP/1.1 {answer.status} X", f"Content-Type: {answer.kind}"]
            if answer.tell_length:
                lines.append(f"Content-Length: {len(answer.body)}")
            if cut or not answer.tell_length:
                lines.append("Connection: close")
                self.close_connection = True
            body = answer.body[: len(answer.body) // 2] if cut else answer.body
            self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    exchange.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield exchange.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def local(at: float) -> datetime:
    return datetime.fromtimestamp(at, ZONE)


def call_id_of(call: TrueCall) -> str:
    return f"{int(call.start.timestamp())}.{call.number}"


def uid_of(call: TrueCall) -> str:
    return f"{local(call.start.timestamp()):%Y%m%d%H%M%S}{call.number:07d}"


def recording_name(call: TrueCall, at: float, source: str, to: str, suffix: str = "wav") -> str:
    kind = TYPES[call.direction]
    return f"{local(at):%Y%m%d%H%M%S}-{call_id_of(call)}-{source}-{to}-{kind}.{suffix}"


class Part:
    """One leg as it truly was: from, to, when, rung, talked, how it ended, what was recorded."""

    def __init__(self, source: str, to: str, at: float, ring: int, talk: int, status: str,
                 heard: bool) -> None:  # fmt: skip
        self.source, self.to, self.at, self.ring, self.talk = source, to, at, ring, talk
        self.status, self.heard = status, heard


def parts_of(call: TrueCall) -> list[Part]:
    """The legs of a call as a Yeastar writes them."""
    start, ring, talk = call.start.timestamp(), call.ring_s, call.talk_s
    if call.direction == "internal":
        return [Part(call.outside, call.staff[0], start, ring, talk, "ANSWERED", True)]
    if call.direction == "out":
        return [Part(call.staff[0], call.outside, start, ring, talk, "ANSWERED", True)]
    found = []
    if call.queue:
        status = "ANSWERED" if call.staff else "NO ANSWER"
        found.append(Part(call.outside, call.queue, start, ring, talk, status, False))
    if call.answer_state == "voicemail_left":
        return [Part(call.outside, STAFF[0], start, ring, talk, "VOICEMAIL", False)]
    if not call.staff:
        missed = "NO ANSWER" if call.number % 3 else "BUSY"
        return [*found, Part(call.outside, STAFF[call.number % 4], start, ring, 0, missed, False)]
    first = talk if len(call.staff) == 1 else talk // 2
    found.append(Part(call.outside, call.staff[0], start, ring, first, "ANSWERED", True))
    if len(call.staff) > 1:
        at = start + ring + first
        found.append(Part(call.outside, call.staff[1], at, 0, talk - first, "ANSWERED", True))
    return found


class SSeries(Exchange):
    """The S-Series: pushes a record per leg, gives recordings for a random string used once."""

    def __init__(self, seed: int = 1, faults: float = 0.0) -> None:
        super().__init__(seed, faults)
        self.takes: dict[str, tuple[float, bytes]] = {}
        self.randoms: dict[str, tuple[float, str]] = {}
        self.ports: list[str] = []
        self.password = SECRET
        self.short: set[str] = set()  # recordings whose end is missing, without a told length
        self.suffix, self.key = "wav", "callduraction"

    def add(self, call: TrueCall, recording_late: float = 0.0) -> list[bytes]:
        """The records of a call as they are pushed at its end; its recordings, maybe later."""
        pushed = []
        for part in parts_of(call):
            name = recording_name(call, part.at + part.ring, part.source, part.to, self.suffix)
            if part.heard:
                self.takes[name] = (call.end.timestamp() + recording_late, AUDIO)
            pushed.append(self._record(call, part, name if part.heard else ""))
        return pushed

    def _record(self, call: TrueCall, part: Part, name: str) -> bytes:
        record = {
            "action": "NewCdr",
            "callid": call_id_of(call),
            "timestart": f"{local(part.at):%Y-%m-%d %H:%M:%S}",
            "callfrom": part.source,
            "callto": part.to,
            self.key: str(part.ring + part.talk),
            self.key.replace("call", "talk"): str(part.talk),
            "srctrunkname": "Main" if call.direction == "in" else "",
            "status": part.status,
            "type": TYPES[call.direction],
            "didnumber": DID if call.direction == "in" else "",
            "agentringtime": "0",
            "sn": "369362089179",
        }
        return json.dumps(record | ({"recording": name} if name else {})).encode()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any,
               agent: str) -> Answer:  # fmt: skip
        """See Exchange."""
        what = path.partition("/api/v2.0.0/")[2]
        if what == "login":
            return self._login(body)
        if not self.is_known(query.get("token", "")):
            return _refused("20006")
        self.tokens[query["token"]] = self.now + 1800
        if what == "heartbeat":
            return Answer({"status": "Success"})
        if what == "recording/get_random":
            since, _ = self.takes.get(body["recording"], (float("inf"), b""))
            if since > self.now:
                return _refused("10023")
            random_one = self.new_token(0)
            self.randoms[random_one] = (self.now + 30, body["recording"])
            return Answer({"status": "Success", "recording": body["recording"],
                           "random": random_one})  # fmt: skip
        if what == "recording/download":
            return self._download(query)
        return _refused("10003")

    def _login(self, body: dict[str, str]) -> Answer:
        if self.blocked:
            return _refused("20002")
        expected = hashlib.md5(self.password.encode()).hexdigest()
        if (body["username"], body["password"]) != ("api", expected):
            self.count_bad_login()
            return _refused("20003")
        self.bad_logins = 0
        self.ports.append(body["port"])
        return Answer({"status": "Success", "token": self.new_token(1800)})

    def _download(self, query: dict[str, str]) -> Answer:
        until, name = self.randoms.pop(query["random"], (0.0, ""))
        if until < self.now or name != query["recording"]:
            return _refused("10023")
        audio = self.takes[name][1]
        answer = Answer(audio[:-50] if name in self.short else audio, 200, "audio/x-wav")
        answer.tell_length = name not in self.short
        answer.cut = self.cut_every(name)
        return answer


def _refused(code: str) -> Answer:
    return Answer({"status": "Failed", "errno": code})


class PSeries(Exchange):
    """The P-Series. Rows and recordings show from their moment on; tokens last half an hour.

    ``keep``: how many recordings its cleanup leaves. ``sorts``: whether it heeds ``order_by``.
    ``call_ids``: whether rows tell the number of their call. ``lists``: paths it refuses.
    """

    def __init__(self, seed: int = 1, faults: float = 0.0) -> None:
        super().__init__(seed, faults)
        self.rows: list[tuple[float, dict[str, Any]]] = []
        self.takes: list[tuple[float, dict[str, Any], bytes]] = []
        self.renewals: dict[str, float] = {}
        self.links: dict[str, tuple[float, int]] = {}
        self.keep, self.sorts, self.call_ids, self.format = 100_000, True, True, FORMATS[0]
        self.enabled, self.refused, self.audio, self.password = True, (), AUDIO, SECRET
        self.token_lasts, self.tell_length = 1800.0, True
        self.twice = False  # every row of a list comes twice, as when pages slide

    def add(self, call: TrueCall, late: float = 0.0, recording_late: float = 0.0) -> None:
        """The rows and recordings of a call, seen from its end on, or later."""
        end = call.end.timestamp()
        for part in parts_of(call):
            name = recording_name(call, part.at + part.ring, part.source, part.to)
            row = self._row(call, part, name if part.heard else "")
            self.rows.append((end + late, row))
            if part.heard:
                listed = self._take(call, part, name)
                self.takes.append((end + recording_late, listed, self.audio))

    def _row(self, call: TrueCall, part: Part, name: str) -> dict[str, Any]:
        known = {"call_id": call_id_of(call)} if self.call_ids else {}
        return {
            "time": f"{local(part.at):{self.format}}",
            "timestamp": int(part.at),
            "uid": uid_of(call),
            **known,
            "call_from": _party(part.source),
            "call_to": _party(part.to),
            "src_trunk": "Main" if call.direction == "in" else "",
            "duration": part.ring + part.talk,
            "ring_duration": part.ring,
            "talk_duration": part.talk,
            "disposition": part.status,
            "call_type": TYPES[call.direction],
            "did_number": DID if call.direction == "in" else "",
            "record_file": name,
        }

    def _take(self, call: TrueCall, part: Part, name: str) -> dict[str, Any]:
        return {
            "time": f"{local(part.at):{self.format}}",
            "uid": uid_of(call),
            "call_from": _party(part.source),
            "call_to": _party(part.to),
            "duration": part.talk,
            "size": len(self.audio),
            "call_type": TYPES[call.direction],
            "file": name,
        }

    def event(self, call: TrueCall, part: Part) -> bytes:
        """What is pushed when a leg has ended: JSON in a text within JSON."""
        inner = {
            "call_id": call_id_of(call),
            "time_start": f"{local(part.at):{self.format}}",
            "call_from": part.source,
            "call_to": part.to,
            "call_duration": part.ring + part.talk,
            "talk_duration": part.talk,
            "status": part.status.replace("ANSWERED", "ANSWERD"),
            "type": TYPES[call.direction],
            "recording": recording_name(call, part.at + part.ring, part.source, part.to)
            if part.heard
            else "",
            "did_number": DID if call.direction == "in" else "",
            "agent_ring_time": 0,
        }
        return json.dumps({"type": 30012, "sn": "3631A2124788", "msg": json.dumps(inner)}).encode()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any,
               agent: str) -> Answer:  # fmt: skip
        """See Exchange."""
        if agent != "OpenAPI":
            return Answer(b"<html>Web portal</html>", 200, "text/html")
        if path.startswith("/api/download/"):
            return self._download(path, query)
        if not path.startswith("/openapi/v1.0/") or not self.enabled:
            return _failed(10001)
        what = path.removeprefix("/openapi/v1.0/")
        if self.blocked:
            return _failed(70004)
        if what in ("get_token", "refresh_token"):
            return self._token(what, body)
        if not self.is_known(query.get("access_token", "")):
            return _failed(10004)
        if what in self.refused:
            return _failed(10005)
        if what == "recording/download":
            return self._link(int(query["id"]))
        return self._list(what, query)

    def _token(self, what: str, body: dict[str, str]) -> Answer:
        if what == "get_token" and (body["username"], body["password"]) != (CLIENT, self.password):
            self.count_bad_login()
            return _failed(-1)
        if what == "refresh_token" and self.renewals.pop(body["refresh_token"], 0) <= self.now:
            return _failed(10004)
        self.bad_logins = 0
        token, renewal = self.new_token(self.token_lasts), self.new_token(0)
        self.renewals[renewal] = self.now + 86400
        return Answer({
            "errcode": 0, "errmsg": "SUCCESS", "access_token": token, "refresh_token": renewal,
            "access_token_expire_time": 1800, "refresh_token_expire_time": 86400,
        })  # fmt: skip

    def _list(self, what: str, query: dict[str, str]) -> Answer:
        found = self._rows_of(what)
        if found is None:
            return _failed(10001)
        if query.get("order_by") == "desc" and self.sorts:
            found = found[::-1]
        if self.twice:
            found = [row for row in found for _ in (1, 2)]
        page, size = int(query.get("page", 1)), int(query.get("page_size", 10_000))
        data = found[(page - 1) * size : page * size]
        return Answer({"errcode": 0, "errmsg": "SUCCESS", "total_number": len(found), "data": data})

    def _rows_of(self, what: str) -> list[dict[str, Any]] | None:
        if what == "cdr/list":
            shown = sorted((at, n) for n, (at, _) in enumerate(self.rows) if at <= self.now)
            return [{"id": 100 + n, **self.rows[row][1]} for n, (_, row) in enumerate(shown)]
        if what == "recording/list":
            return [{"id": 600 + n, **self.takes[row][1]} for n, row in self._kept()]
        if what == "extension/list":
            return [{"id": n, "number": number} for n, number in enumerate(STAFF)]
        if what == "queue/list":
            return [{"id": 1, "number": "400", "name": "Front desk"}]
        return None

    def _kept(self) -> list[tuple[int, int]]:
        """Number in the list and place of every recording the cleanup left."""
        shown = sorted((at, n) for n, (at, *_) in enumerate(self.takes) if at <= self.now)
        return [(n, row) for n, (_, row) in enumerate(shown)][-self.keep :]

    def _link(self, number: int) -> Answer:
        kept = dict(self._kept())
        if number - 600 not in kept:
            return _failed(60001)
        path = f"/api/download/Recording-{number}-{self.new_token(0)[:16]}.wav"
        self.links[path] = (self.now + 1800, kept[number - 600])
        return Answer({"errcode": 0, "errmsg": "SUCCESS", "file": "x.wav",
                       "download_resource_url": path})  # fmt: skip

    def _download(self, path: str, query: dict[str, str]) -> Answer:
        until, row = self.links.get(path, (0.0, 0))
        if until < self.now or not self.is_known(query.get("access_token", "")):
            return HTML
        answer = Answer(self.takes[row][2], 200, "audio/x-wav")
        answer.cut = self.cut_every(path)
        answer.tell_length = self.tell_length
        return answer


def _failed(code: int) -> Answer:
    return Answer({"errcode": code, "errmsg": "FAILURE"})


def _party(number: str) -> str:
    names = {"101": "Dana Frost", "400": "Queue Front desk"}
    return f"{names[number]}<{number}>" if number in names else number
