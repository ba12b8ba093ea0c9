"""What a Grandstream UCM says of calls: its API's records and pushed ones, as one shape.

Pure parsers. All values are texts. A call of several legs comes as ``main_cdr``, mostly blank, with
``sub_cdr_1`` and so on; the UCM puts unrelated calls of one phone into the same main record, so
what belongs together is told by ``uniqueid`` and ``session`` alone.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from appliance.facts import Fact
from connectors.cdr import Row, moment_of
from connectors.jsons import read_json
from connectors.names import epoch_of

LONGEST = 1024**2  # bytes of one pushed record; whatever is longer is damage
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_ACTION = re.compile(r"(?P<word>[A-Z_ ]+?)\s*\[(?P<number>[\w*#+.-]{1,40})\]", re.ASCII)
_FILE_EPOCH = re.compile(r"(?:.*[^\d])?(\d{10})-", re.ASCII)
_SESSION = re.compile(r"(\d{10})\d{3,6}(?:-.*)?", re.ASCII)
_SIZE = re.compile(r"size=(\d{1,12})B?", re.ASCII)
_DIRECTIONS = {"inbound": "in", "outbound": "out", "internal": "internal"}
_BEGIN = re.compile(r"[{<]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_ROOT = re.compile(r"(?:<\?.*?\?>\s*)?<([A-Za-z_][\w.-]*)[^>]*?(/?)>", re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)
_LONGEST_CALL_S = 7 * 86400
_SANE = (1990, 2100)
MESSAGES = ("VM", "VOICEMAIL", "VMG")


class Named(Fact, frozen=True):
    """A recording a record speaks of: its path below ``monitor``, its bytes (0: not told)."""

    path: str
    size: int = 0

    @property
    def at(self) -> int:
        """Epoch seconds when it was begun, out of its name; 0 where it says nothing."""
        match = _FILE_EPOCH.match(self.path.rpartition("/")[2])
        return int(match[1]) if match else 0


class Record(Fact, frozen=True, kw_only=True):
    """One leg of a call. ``number`` is its AcctId (-1: none), ``at`` the call's start (epoch s).

    ``direction`` is in, out, internal or "". ``answered_by``: who picked up, as the UCM says.
    ``line`` is the pushed line it came in, 0 when polled.
    """

    number: int
    row: Row
    session: str
    direction: str
    at: float
    answered_by: str = ""
    files: tuple[Named, ...] = ()
    line: int = 0

    @property
    def identity(self) -> str:
        """The same for the same record, polled or pushed."""
        if self.number >= 0:
            return str(self.number)
        row = self.row
        told = f"{row.uniqueid}|{row.start}|{row.src}|{row.dst}|{row.dstchannel}|{row.lastapp}"
        return "row:" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]

    @property
    def ids(self) -> tuple[str, ...]:
        """The names by which the UCM knows the call: legs that share one are one call."""
        session = f"session:{self.session}" if self.session else ""
        return tuple(filter(None, (self.row.uniqueid, session))) or (self.identity,)


def flat_records(answer: Any) -> list[dict[str, str]]:
    """The plain records in an answer or a pushed one, however deep they lie."""
    found: list[dict[str, str]] = []
    _collect(answer, found, 0)
    return found


def _collect(value: Any, found: list[dict[str, str]], depth: int) -> None:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            _collect(item, found, depth + 1)
        return
    if not isinstance(value, Mapping):
        return
    if "start" in value and ("AcctId" in value or "uniqueid" in value or "session" in value):
        found.append({str(k): "" if v is None else str(v) for k, v in value.items()})
        return
    before = len(found)
    for key in sorted(value, key=_leg_order):
        if key != "main_cdr":
            _collect(value[key], found, depth + 1)
    if len(found) == before:
        _collect(value.get("main_cdr"), found, depth + 1)


def _leg_order(key: str) -> tuple[int, str]:
    number = str(key).rpartition("_")[2]
    return (int(number) if number.isdigit() and len(number) < 6 else 0, str(key))


def record_of(told: Mapping[str, str], zone: tzinfo, line: int = 0) -> Record | None:
    """The record in the texts of one leg, None when it is no call record."""
    try:
        row = _row(told)
        at = _start_of(row, told.get("session", ""), zone)
    except (ValueError, OverflowError):
        return None
    acct = told.get("AcctId", "").strip()
    return Record(
        number=int(acct) if acct.isascii() and acct.isdigit() and len(acct) < 19 else -1,
        row=row,
        session=told.get("session", "").strip()[:200],
        direction=_DIRECTIONS.get(told.get("userfield", "").strip().lower(), ""),
        at=at,
        answered_by=(told.get("dstanswer") or told.get("dstchannel_ext") or "").strip()[:40],
        files=tuple(_files(told.get("recordfiles", ""), told.get("recordfiles_desc", ""))),
        line=line,
    )


def _start_of(row: Row, session: str, zone: tzinfo) -> float:
    """When the call began: the epoch in its ids is UTC, the written time is a wall clock."""
    epoch = epoch_of(row.uniqueid)
    if epoch is None and (match := _SESSION.fullmatch(session)):
        epoch = int(match[1])
    return float(epoch) if epoch is not None else moment_of(row.start, zone)[0].timestamp()


def _row(told: Mapping[str, str]) -> Row:
    """The leg as Asterisk would tell it. Raises ValueError where a time or number is none."""

    def text(name: str) -> str:
        return told.get(name, "").strip()[:255]

    start, end, answer = (_stamp(text(name)) for name in ("start", "end", "answer"))
    if not start:
        raise ValueError("a record without its start")
    billsec, disposition = _seconds(text("billsec")), text("disposition").upper()
    app, data, dstchannel = text("lastapp"), text("lastdata"), text("dstchannel")
    action, number = action_of(text("action_type"))
    if action.startswith("QUEUE"):
        app, data = "Queue", number or text("dst")
    elif action.startswith(MESSAGES):
        app, dstchannel = "VoiceMail", ""
    if disposition == "ANSWERED" and not billsec and not dstchannel:
        disposition = "NO ANSWER"  # where a ring group forks: picked up by nobody
    uniqueid, dcontext = text("uniqueid"), text("dcontext")
    return Row(
        start=start, src=text("src"), dst=text("dst"), dcontext=dcontext,
        clid=text("clid"), channel=text("channel"), dstchannel=dstchannel, lastapp=app,
        lastdata=data, answer=answer, end=end or start, duration=_seconds(text("duration")),
        billsec=billsec, disposition=disposition,
        uniqueid=uniqueid if epoch_of(uniqueid) is not None else "",
        did=text("dst") if dcontext.startswith("ext-did") else "",
    )  # fmt: skip


def action_of(action: str) -> tuple[str, str]:
    """Word and number of an action: ``RINGGROUP[6400]`` → (RINGGROUP, 6400), DIAL → (DIAL, "")."""
    match = _ACTION.fullmatch(action.strip().upper())
    return (match["word"], match["number"]) if match else (action.strip().upper(), "")


def _stamp(text: str) -> str:
    if not _STAMP.fullmatch(text):
        return ""
    return text if _SANE[0] < datetime.fromisoformat(text).year < _SANE[1] else ""


def _seconds(text: str) -> int:
    return min(int(text), _LONGEST_CALL_S) if text.isascii() and text.isdigit() else 0


def _files(names: str, described: str) -> Iterator[Named]:
    """``2022-08/auto-….wav@`` may name several; the description has one part for each."""
    parts = described.split("@")
    for index, name in enumerate(names.split("@")):
        path = name.strip().lstrip("/")
        if not path or ".." in path.split("/") or not path.isprintable() or len(path) > 255:
            continue
        size = _SIZE.search(parts[index]) if index < len(parts) else None
        yield Named(path, int(size[1]) if size else 0)


def read_pushed(data: bytes, zone: tzinfo, line: int) -> tuple[list[Record], int]:
    """The records in a pushed line, which may hold several, and how many could not be read."""
    records: list[Record] = []
    broken = 0
    parts, rest = split_stream(data)
    for part in [*parts, *([rest] if rest.strip() else [])]:
        texts = flat_records(_decoded(part))
        found = [record_of(text, zone, line) for text in texts]
        records += [record for record in found if record is not None]
        broken += 1 if not texts or None in found else 0
    return records, broken


def _decoded(part: bytes) -> Any:
    """JSON as it is, XML as nested maps, None for neither."""
    text = part.decode("utf-8", "replace").strip()
    try:
        return _xml(text) if text.startswith("<") else read_json(part)
    except (ValueError, RecursionError):
        return None


def _xml(text: str) -> Any:
    """Elements as maps; those of one name beside each other as a list. Raises ValueError."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import (
        ParseError,
        fromstring,
    )

    try:
        return [_element(fromstring(text), 0)]
    except (ParseError, DefusedXmlException) as error:
        raise ValueError("no sound XML") from error


def _element(element: Any, depth: int) -> Any:
    children = list(element)
    if not children or depth > 6:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in children:
        value = _element(child, depth + 1)
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found


def split_stream(buffer: bytes) -> tuple[list[bytes], bytes]:
    """The whole records (JSON or XML) at the front of a stream, and the beginning of the next.

    Nothing marks their ends on the wire, and they come in whatever parts the network makes.
    """
    text = buffer.decode("latin-1")  # one sign for each byte, so positions hold
    found: list[bytes] = []
    at = 0
    while start := _BEGIN.search(text, at):
        end = _end_of(text, start.start())
        if end < 0:
            rest = buffer[start.start() :]
            return ([*found, rest], b"") if len(rest) > LONGEST else (found, rest)
        found.append(buffer[start.start() : end])
        at = end
    return found, b""


def _end_of(text: str, start: int) -> int:
    """Where the record that begins at ``start`` ends; -1 when more of it must come."""
    if text[start] == "<":
        return _end_of_xml(text, start)
    try:
        return int(_DECODER.raw_decode(text, start)[1])
    except (ValueError, RecursionError):
        depth = 0
        for token in _TOKEN.finditer(text, start):
            depth += {"{": 1, "}": -1}.get(token[0], 0)
            if depth <= 0 and token[0] == "}":
                return token.end()  # as good as whole: its braces close, its content is broken
        return -1


def _end_of_xml(text: str, start: int) -> int:
    root = _ROOT.match(text, start)
    if root is None:
        return -1
    if root[2]:
        return root.end()
    closing = f"</{root[1]}>"
    end = text.find(closing, root.end())
    return end + len(closing) if end >= 0 else -1


def distinct_records(records: Iterable[Record]) -> list[Record]:
    """Each record once; a polled one wins over a pushed one, a later push over an earlier."""
    known: dict[str, Record] = {}
    for record in sorted(records, key=lambda record: (record.line == 0, record.line)):
        known[record.identity] = record
    return list(known.values())
