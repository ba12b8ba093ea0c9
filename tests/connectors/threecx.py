"""A make-believe 3CX: its recordings folder, its database, its CDR lines and its API.

Everything it tells of a call comes at the moment it would, with that phone system's faults: rows
that come late, files that are archived away, an API that knows one token at a time.
"""

import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from connectors.kinds import Line
from connectors.threecx_names import parse_name
from tests.connectors.servers import Running, free_port, read_request, running
from tests.connectors.simulated import DID, TrueCall
from tests.connectors.world import wav

NAMES = {"101": "Rowe, Dana", "102": "Front [Desk]", "103": "Łukasz (Lab)", "104": "O'Neil_Kim"}
SCHEMA_20 = """
CREATE TABLE cdroutput (
  cdr_id uuid PRIMARY KEY, call_history_id uuid, main_call_history_id uuid,
  source_participant_id uuid, source_entity_type varchar, source_dn_number varchar,
  source_dn_type varchar, source_dn_name varchar, source_participant_name varchar,
  source_participant_phone_number varchar, source_participant_trunk_did varchar,
  source_participant_is_incoming bool, destination_participant_id uuid,
  destination_entity_type varchar, destination_dn_number varchar, destination_dn_type varchar,
  destination_dn_name varchar, destination_participant_name varchar,
  destination_participant_phone_number varchar, destination_participant_trunk_did varchar,
  destination_participant_is_incoming bool, base_cdr_id uuid, originating_cdr_id uuid,
  continued_in_cdr_id uuid, creation_method varchar, creation_forward_reason varchar,
  termination_reason varchar, termination_reason_details varchar, cdr_started_at timestamptz,
  cdr_answered_at timestamptz, cdr_ended_at timestamptz, processed bool, migrated bool);
CREATE TABLE recordings (
  id_recording int PRIMARY KEY, cl_participants_id int, recording_url varchar,
  start_time timestamptz, end_time timestamptz, transcription text, archived bool,
  archived_url varchar, call_type int, sentiment_score int, summary text, cdr_id uuid,
  transcribed bool, queue_dn varchar, offload_id varchar, forced bool);
CREATE TABLE cdrrecordings (cdr_id uuid, recording_id int);
"""
SCHEMA_18 = """
CREATE TABLE cl_calls (id int PRIMARY KEY, start_time timestamptz, end_time timestamptz,
  is_answered bool, ringing_dur interval, talking_dur interval, q_wait_dur interval);
CREATE TABLE cl_party_info (id int PRIMARY KEY, dn_type int, dn varchar, caller_number varchar,
  display_name varchar, dn_class int, firstlastname varchar, did_number varchar);
CREATE TABLE cl_participants (id int PRIMARY KEY, call_id int, info_id int, role int,
  is_inbound bool, start_time timestamptz, answer_time timestamptz, end_time timestamptz,
  recording_url varchar);
CREATE TABLE cl_segments (id int PRIMARY KEY, call_id int, seq_order int, seq_group int,
  src_part_id int, dst_part_id int, start_time timestamptz, end_time timestamptz, type int,
  action_id int, action_party_id int);
"""


def name_of(extension: str, other: str, start: datetime, callid: int) -> str:
    """The path of a recording, as 3CX writes it."""
    shown = NAMES.get(extension, "Sales")
    return f"{extension}/[{shown}]_{extension}-{other}_{start:%Y%m%d%H%M%S}({callid}).wav"


@dataclass(frozen=True)
class Talk:
    """One stretch in which an extension talked, and the path of its recording."""

    extension: str
    start: datetime
    end: datetime
    path: str


def talks_of(call: TrueCall) -> list[Talk]:
    """Who talked in a call; each stretch is recorded on its own. Voicemail is kept elsewhere."""
    if not call.staff or not call.talk_s:
        return []
    answered = call.start + timedelta(seconds=call.ring_s)
    part = call.talk_s / len(call.staff)
    found = []
    for index, extension in enumerate(call.staff):
        start = answered + timedelta(seconds=int(part * index))
        end = answered + timedelta(seconds=int(part * (index + 1)))
        path = name_of(extension, call.outside, start, call.number)
        found.append(Talk(extension, start, end, path))
    return found


def number_of(native_key: str, names: Iterable[str]) -> int | None:
    """The true call a key, or the name of one of its recordings, stands for."""
    if native_key.startswith("cl:"):
        return int(native_key[3:])
    if native_key.startswith("cdr:"):
        return int(native_key.removeprefix("cdr:").split("_")[1])
    if native_key.count("-") == 4:
        return uuid.UUID(native_key).int >> 16
    parsed = [parsed for name in names if (parsed := parse_name(name))]
    return int(parsed[0].callid) if parsed else None


@dataclass
class World:
    """What happens when: callbacks by the moment they are due."""

    due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def at(self, moment: datetime, happen: Callable[[], None]) -> None:
        self.due.append((moment, len(self.due), happen))

    def pass_until(self, now: datetime) -> None:
        ready = sorted(event for event in self.due if event[0] <= now)
        self.due = [event for event in self.due if event[0] > now]
        for _, _, happen in ready:
            happen()


class Folder:
    """The recordings folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, at: datetime, seconds: float = 0.01, channels: int = 1) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wav(seconds, channels=channels))
        os.utime(target, (at.timestamp(), at.timestamp()))
        return target

    def remove(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)


@contextmanager
def postgres() -> Iterator[tuple[Running, int]]:
    """A PostgreSQL of our own on loopback, run by a user that is not root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    path = found[-1].parent if found else Path(shutil.which("postgres") or "/nowhere/x").parent
    if not (path / "initdb").exists():
        pytest.skip("postgresql is not installed")
    home = Path(tempfile.mkdtemp(prefix="threecx-"))
    become: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(home, "nobody", "nogroup")
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    secret, data, port = home / "secret", home / "data", free_port()
    secret.write_text("correct horse\n")
    secret.chmod(0o644)
    try:
        subprocess.run(
            [*become, str(path / "initdb"), "-D", str(data), "-U", "phonesystem", "-A",
             "scram-sha-256", f"--pwfile={secret}", "--no-sync", "--locale=C", "-E", "UTF8"],
            check=True, capture_output=True, cwd=home,
        )  # fmt: skip
        command = [*become, str(path / "postgres"), "-D", str(data), "-p", str(port), "-k",
                   str(home), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
                   "shared_buffers=16MB", "-c", "full_page_writes=off"]  # fmt: skip
        with running(command, port, home / "log") as server:
            yield server, port
    finally:
        shutil.rmtree(home, ignore_errors=True)


def connect(port: int, database: str = "postgres") -> Any:
    """A connection of 3CX's own, which may write."""
    import psycopg

    for _ in range(200):
        try:
            return psycopg.connect(
                host="127.0.0.1", port=port, dbname=database, user="phonesystem",
                password="correct horse", autocommit=True,
            )  # fmt: skip
        except psycopg.OperationalError as error:
            if "starting up" not in str(error) and "recovery" not in str(error):
                raise
    raise AssertionError("the database does not start")


def create_database(port: int, name: str, schema: str) -> Any:
    connection = connect(port)
    connection.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection = connect(port, name)
    connection.execute(schema)
    return connection


class Rows:
    """Rows to be written, by table; written at once, as the clinic's calls were."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, dict[str, Any]]] = []

    def add(self, table: str, **row: Any) -> None:
        self.waiting.append((table, row))

    def write(self, connection: Any) -> None:
        by_shape: dict[tuple[str, tuple[str, ...]], list[list[Any]]] = {}
        for table, row in self.waiting:
            by_shape.setdefault((table, tuple(row)), []).append(list(row.values()))
        self.waiting = []
        with connection.cursor() as cursor:
            for (table, columns), rows in by_shape.items():
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
                    " ON CONFLICT DO NOTHING",
                    rows,
                )


def legs_20(call: TrueCall) -> list[dict[str, Any]]:
    """The rows of ``cdroutput`` for a call."""
    main = uuid.UUID(int=call.number << 16)
    answered = call.start + timedelta(seconds=call.ring_s)
    rows: list[dict[str, Any]] = []

    def leg(source: dict[str, Any], target: dict[str, Any], start: datetime, end: datetime,
            answer: datetime | None = None, how: str = "route_to") -> None:  # fmt: skip
        rows.append({
            "cdr_id": uuid.UUID(int=(call.number << 16) + len(rows) + 1), "call_history_id": main,
            "main_call_history_id": main, "creation_method": how, "cdr_started_at": start,
            "cdr_answered_at": answer, "cdr_ended_at": end,
            **{f"source_{key}": value for key, value in source.items()},
            **{f"destination_{key}": value for key, value in target.items()},
        })  # fmt: skip

    def phone(number: str, kind: str = "extension") -> dict[str, Any]:
        return {"entity_type": kind, "dn_number": number,
                "dn_type": "extension" if kind == "voicemail" else kind,
                "participant_phone_number": number, "participant_trunk_did": None}  # fmt: skip

    line = {"entity_type": "external_line", "dn_number": "10000", "dn_type": "provider",
            "participant_phone_number": f"+1{call.outside}",
            "participant_trunk_did": f"+1{DID}" if call.direction == "in" else None}  # fmt: skip
    source = line if call.direction == "in" else phone(
        call.outside if call.direction == "internal" else call.staff[0])  # fmt: skip
    if call.direction == "in":
        leg(source, phone("", "inbound_routing"), call.start, call.start, how="call_init")
        if call.queue:
            ended = answered if call.staff else call.end
            leg(source, phone(call.queue, "queue"), call.start, ended)
            leg(phone(call.queue, "queue"), phone("104"), call.start, ended)
        if call.answer_state == "ring_abandon":
            leg(source, phone("500", "ring_group_ring_all"), call.start, call.end)
        if call.answer_state == "voicemail_left":
            leg(source, phone("103"), call.start, answered)
            leg(source, phone("103", "voicemail"), answered, call.end, answered, "divert")
        for index, talk in enumerate(talks_of(call)):
            begun = talk.start if index else call.start
            how = "transfer" if index else "route_to"
            leg(source, phone(talk.extension), begun, talk.end, talk.start, how)
    else:
        if call.direction == "out":
            leg(source, phone("", "outbound_rule"), call.start, call.start, how="call_init")
        target = line if call.direction == "out" else phone(call.staff[0])
        leg(source, target, call.start, call.end, answered)
    for row, following in itertools.pairwise(rows):
        row["continued_in_cdr_id"] = following["cdr_id"]
    return rows


def legs_18(call: TrueCall) -> list[tuple[str, dict[str, Any]]]:
    """The rows of the four tables of v18 for a call."""
    base, answered = call.number * 10, call.start + timedelta(seconds=call.ring_s)
    found: list[tuple[str, dict[str, Any]]] = [("cl_calls", {
        "id": call.number, "start_time": call.start, "end_time": call.end,
        "is_answered": bool(call.staff)})]  # fmt: skip
    count = [0, 0]

    def party(kind: int, dn: str, number: str = "", url: str = "", did: str = "") -> int:
        count[0] += 1
        own = base + count[0]
        found.append(("cl_party_info", {"id": own, "dn_type": kind, "dn": dn,
                      "caller_number": number or f"Ext.{dn}", "did_number": did}))  # fmt: skip
        found.append(("cl_participants", {"id": own, "call_id": call.number, "info_id": own,
                                          "recording_url": url}))  # fmt: skip
        return own

    def segment(source: int, target: int, kind: int, start: datetime, end: datetime) -> None:
        count[1] += 1
        found.append(("cl_segments", {
            "id": base + count[1], "call_id": call.number, "seq_order": count[1],
            "src_part_id": source, "dst_part_id": target, "start_time": start, "end_time": end,
            "type": kind, "action_id": 1}))  # fmt: skip

    if call.direction == "in":
        source = party(1, "10000", f"+1{call.outside}", did=f"+1{DID}")
        if call.queue:
            segment(
                source, party(4, call.queue), 2, call.start, answered if call.staff else call.end
            )
        elif not call.staff:
            segment(source, party(2, "500"), 1, call.start, answered)
        if call.answer_state == "voicemail_left":
            segment(source, party(5, "103"), 2, answered, call.end)
        for talk in talks_of(call):
            target = party(0, talk.extension, url=talk.path)
            segment(source, target, 1, call.start, talk.start)
            segment(source, target, 2, talk.start, talk.end)
    else:
        recorded = talks_of(call)[0].path
        inside = call.direction == "internal"
        source = party(0, call.outside if inside else call.staff[0], url="" if inside else recorded)
        target = party(0, call.staff[0], url=recorded) if inside else party(
            1, "10000", f"+1{call.outside}")  # fmt: skip
        segment(source, target, 1, call.start, answered)
        segment(source, target, 2, answered, call.end)
    return found


def cdr_lines(call: TrueCall, dash: str = "/") -> list[str]:
    """The lines of CDR output for a call, without their ends; one for each person who talked."""
    answered = call.start + timedelta(seconds=call.ring_s)

    def stamp(moment: datetime | None) -> str:
        return f"{moment:%Y{dash}%m{dash}%d %H:%M:%S}" if moment else ""

    def line(part: int, start: datetime, answer: datetime | None, end: datetime,
             ends: list[tuple[str, str, str]]) -> str:  # fmt: skip
        (from_type, from_dn, from_no), (to_type, to_dn, to_no), (last_type, last_dn, last_no) = ends
        shown = '"Smith, ""Jo"" & Co; Ltd"' if call.number % 7 == 0 else "Ann"
        return ",".join([
            f"Call {call.number}", f"00000190A1B2C3D4_{call.number}_{part}", "00:00:25",
            stamp(start), stamp(answer), stamp(end),
            "TerminatedBySrc" if dash == "/" else "src_participant_terminated", from_no, to_no,
            from_dn, to_dn, DID if call.direction == "in" else to_no, "", last_no, last_dn,
            "default", "1", "0.43", "default", f"Chain: {from_no};{last_no};", from_type, to_type,
            last_type, shown, to_no, last_no, "",
        ])  # fmt: skip

    def phone(number: str) -> tuple[str, str, str]:
        return ("Extension" if dash == "/" else "extension", number, f"Ext.{number}")

    trunk = ("Line" if dash == "/" else "external_line", "10000", f"+1{call.outside}")
    queue = ("Queue" if dash == "/" else "queue", call.queue, call.queue)
    if call.direction != "in":
        inside = call.direction == "internal"
        source = phone(call.outside if inside else call.staff[0])
        target = phone(call.staff[0]) if inside else trunk
        return [line(0, call.start, answered, call.end, [source, target, target])]
    if not call.staff:
        state = call.answer_state
        first = queue if call.queue else ("RingGroup", "500", "500")
        last = ("VoiceMail", "103", "103") if state == "voicemail_left" else first
        answer = answered if state == "voicemail_left" else None
        return [line(0, call.start, answer, call.end, [trunk, first, last])]
    return [
        line(index, talk.start if index else call.start, talk.start, talk.end,
             [trunk, queue if call.queue and not index else phone(talk.extension),
              phone(talk.extension)])
        for index, talk in enumerate(talks_of(call))
    ]  # fmt: skip


class Feed:
    """What was sent to us, kept as the box keeps it."""

    def __init__(self) -> None:
        self.kept: list[Line] = []

    def receive(self, data: bytes, at: datetime) -> None:
        self.kept.append(Line(id=len(self.kept) + 1, at=at, data=data))

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        return self.kept[after : after + limit]


class Api:
    """3CX's API: one token at a time, pages, and its faults."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.recordings: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.audio = wav(0.02)
        self.token, self.tokens, self.secret = "", 0, "s3cret"
        self.licensed = self.log_given = True
        self.ignores_filter = self.html = False
        # Recordings come cut, those ``short`` without their length; tokens are good for nothing.
        self.cut = self.short = self.takes_back = False
        self.kept = True  # recordings are not deleted yet
        self.faults = 0.0
        self.asked: list[str] = []

    def add(self, call: TrueCall) -> None:
        """A call in the log, without its recordings."""
        for index, leg in enumerate(_log_rows(call)):
            self.log.append({**leg, "CdrId": f"{call.number}-{index}",
                             "MainCallHistoryId": str(uuid.UUID(int=call.number << 16))})  # fmt: skip

    def record(self, call: TrueCall, talk: Talk) -> None:
        inside = {"DnType": 0, "Dn": talk.extension, "CallerNumber": f"Ext.{talk.extension}"}
        other = {"DnType": 1, "Dn": "10001", "CallerNumber": call.outside}
        if call.direction == "internal":
            other = {"DnType": 0, "Dn": call.outside, "CallerNumber": f"Ext.{call.outside}"}
        source, target = (inside, other) if call.direction == "out" else (other, inside)
        kinds = {"in": "InboundExternal", "out": "OutboundExternal", "internal": "Local"}
        self.recordings.append({
            "Id": 60000 + len(self.recordings), "RecordingUrl": talk.path,
            "StartTime": f"{talk.start:%Y-%m-%dT%H:%M:%S}.8173320+00:00",
            "EndTime": f"{talk.end:%Y-%m-%dT%H:%M:%S}.5310030+00:00",
            "CallType": kinds[call.direction], "IsArchived": False, "ArchivedUrl": "",
            **{f"From{key}": value for key, value in source.items()},
            **{f"To{key}": value for key, value in target.items()},
        })  # fmt: skip

    def serve(self, connection: socket.socket) -> None:
        """One connection, request after request."""
        while request := read_request(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            method, target, _ = head.decode().split("\r\n")[0].split(" ", 2)
            status, kind, content = self._answer(method, target, head.decode(), body.decode())
            cut = len(content) // 2 if self.rng.random() < self.faults / 2 else len(content)
            told = f"Content-Length: {len(content)}"
            if self.cut and kind == "audio/wav":
                cut = len(content) // 2
            if self.short and kind == "audio/wav":
                cut, told = len(content) // 2, "Connection: close"
            connection.sendall(
                f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n{told}\r\n\r\n".encode()
                + content[:cut]
            )
            if cut < len(content):
                connection.shutdown(socket.SHUT_RDWR)
                return

    def _answer(self, method: str, target: str, head: str, body: str) -> tuple[int, str, bytes]:
        url = urlsplit(target)
        path, query = unquote(url.path), {k: v[0] for k, v in parse_qs(url.query).items()}
        self.asked.append(path)
        if path == "/connect/token":
            form = {key: value[0] for key, value in parse_qs(body).items()}
            if form.get("client_secret") != self.secret or method != "POST":
                return _json(401, {"error": "invalid_client"})
            self.tokens += 1
            self.token = f"token-{self.tokens}"
            return _json(200, {"token_type": "Bearer", "expires_in": 60,
                               "access_token": self.token, "refresh_token": None})  # fmt: skip
        if not self.licensed:
            return 403, "text/html", b"<html>License</html>"
        if self.rng.random() < self.faults / 2:
            self.token = "given to somebody else"
        if self.takes_back or f"authorization: bearer {self.token}".lower() not in head.lower():
            return 401, "text/plain", b""
        if self.rng.random() < self.faults / 2:
            return 503, "text/html", b"<html>busy</html>"
        if path == "/xapi/v1/Recordings":
            return _json(200, {"value": self._page(query)})
        if path.startswith("/xapi/v1/Recordings/Pbx.DownloadRecording(recId="):
            if not self.kept:
                return 404, "text/plain", b""
            if self.html:
                return 200, "text/html", b"<html>sign in</html>"
            return 200, "audio/wav", self.audio
        if "GetCallLogData" in path and self.log_given:
            since, until = (part.split("=")[1] for part in path.split("(")[1].split(",")[:2])
            rows = [row for row in self.log if since <= row["StartTime"][:19] + "Z" < until]
            rows.sort(key=lambda row: row["StartTime"], reverse=True)
            skip, top = int(query.get("$skip", 0)), int(query.get("$top", 100))
            return _json(200, {"value": rows[skip : skip + min(top, 300)]})
        return 403, "text/plain", b""

    def _page(self, query: dict[str, str]) -> list[dict[str, Any]]:
        rows = self.recordings
        if not self.ignores_filter:
            bound = int(query["$filter"].removeprefix("Id gt "))
            rows = [row for row in rows if row["Id"] > bound]
        skip = int(query.get("$skip", 0))
        return rows[skip : skip + min(int(query["$top"]), 70)]


def _json(status: int, answer: Any) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(answer).encode()


def _log_rows(call: TrueCall) -> list[dict[str, Any]]:
    outside = {"Dn": "10000", "CallerId": f"+1{call.outside}", "DisplayName": "Caller"}

    def inside(number: str) -> dict[str, str]:
        return {"Dn": number, "CallerId": number, "DisplayName": f"Phone {number}"}

    def row(direction: str, kind: str, source: dict[str, str], target: dict[str, str],
            start: datetime, ring: float, talk: float | None, url: str = "") -> dict[str, Any]:  # fmt: skip
        return {
            "StartTime": f"{start:%Y-%m-%dT%H:%M:%S}.1234567Z", "Direction": direction,
            "CallType": kind, "Answered": talk is not None, "RingingDuration": f"PT{ring:.6f}S",
            "TalkingDuration": f"PT{int(talk or 0) // 60}M{(talk or 0) % 60:.6f}S",
            "RecordingUrl": url, **{f"Source{key}": value for key, value in source.items()},
            **{f"Destination{key}": value for key, value in target.items()},
        }  # fmt: skip

    if call.direction != "in":
        talk = talks_of(call)[0]
        way, kind = ("Internal", "Extension") if call.direction == "internal" else (
            "Outbound", "External")  # fmt: skip
        source = inside(call.outside if way == "Internal" else call.staff[0])
        target = inside(call.staff[0]) if way == "Internal" else outside
        return [row(way, kind, source, target, call.start, call.ring_s, call.talk_s, talk.path)]
    rows = []
    if call.queue:
        rows.append(row("Inbound Queue", "Queue", outside, inside(call.queue), call.start,
                        call.ring_s, None))  # fmt: skip
    elif not call.staff:
        rows.append(row("Inbound", "System", outside, inside("500"), call.start, call.ring_s, None))
    if call.answer_state == "voicemail_left":
        later = call.start + timedelta(seconds=call.ring_s)
        rows.append(row("Inbound", "Voicemail", outside, inside("103"), later, 0, call.talk_s))
    for index, talk in enumerate(talks_of(call)):
        start, ring = (talk.start, 0) if index else (call.start, call.ring_s)
        lasted = (talk.end - talk.start).total_seconds()
        rows.append(row("Inbound", "Extension", outside, inside(talk.extension), start, ring,
                        lasted, talk.path))  # fmt: skip
    return rows
