"""3CX's CDR output: one line of text for each stretch of a call, sent over TCP or put into files.

The administrator chooses which fields there are and in which order, so both are a setting. Times
are UTC. No line names a recording.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from appliance.facts import Fact
from connectors.cdr import LONGEST_LINE
from connectors.threecx_calls import Leg, Party, Record, kind_of
from connectors.threecx_names import digits_of, is_short

# 3CX's own list, in its own order.
FIELDS = (
    "historyid", "callid", "duration", "time-start", "time-answered", "time-end",
    "reason-terminated", "from-no", "to-no", "from-dn", "to-dn", "dial-no", "reason-changed",
    "final-number", "final-dn", "bill-code", "bill-rate", "bill-cost", "bill-name", "chain",
    "from-type", "to-type", "final-type", "from-dispname", "to-dispname", "final-dispname",
    "missed-queue-calls",
)  # fmt: skip
_NAMES = ("from-dispname", "to-dispname", "final-dispname")
_TIMES = ("time-start", "time-answered", "time-end")
_STAMP = re.compile(r"(\d{4})[/.-](\d\d)[/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?", re.ASCII)
_APART = timedelta(hours=12)  # lines further apart are two calls, whatever their number says


class Line(Fact, frozen=True):
    """One line, its texts by the names of the fields ("" where a field is not sent).

    ``arrived_at``: when it reached us; where that is not known, when it says its part ended.
    """

    texts: dict[str, str]
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    arrived_at: datetime

    def text(self, field: str) -> str:
        """The text of a field, "" where there is none."""
        return self.texts.get(field, "").strip()


class Splitter:
    """Bytes as they come over TCP, cut into lines: several in one segment, one over several."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends and without empty ones."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines and self._skipping:
            lines, self._skipping = lines[1:], False
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._skipping = b"", True  # nothing 3CX sends is that long
        return [line for line in (line.strip(b"\r\0 \t") for line in lines) if line]

    def close(self) -> list[bytes]:
        """What came without its end before the connection was closed; the parser judges it."""
        rest, self._rest = self._rest.strip(b"\r\0 \t"), b""
        return [rest] if rest and not self._skipping else []


def parse_line(raw: bytes, fields: Sequence[str] = FIELDS) -> Line | None:
    """The record in one line, None when it is none, or not one of these fields."""
    cells = _cells(_decode(raw), fields)
    if cells is None:
        return None
    texts = dict(zip(fields, cells, strict=True))
    try:
        started, answered, ended = (_moment(texts.get(name, "")) for name in _TIMES)
    except ValueError:
        return None
    if started is None:
        return None
    return Line(
        texts=texts, started_at=started, answered_at=answered, ended_at=ended,
        arrived_at=ended or started,
    )  # fmt: skip


def _decode(raw: bytes) -> str:
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def count_of(raw: bytes) -> int:
    """How many fields a line has; -1 for more than a line can have."""
    return len(_split(_decode(raw))) if len(raw) <= LONGEST_LINE else -1


def _split(text: str) -> list[str]:
    try:
        return next(csv.reader([text.strip("\r\n")]), [])
    except csv.Error:
        return text.split(",")


def _cells(text: str, fields: Sequence[str]) -> list[str] | None:
    """As many texts as fields. Commas in names that nobody quoted cost the names, not the rest."""
    if len(text) > LONGEST_LINE:
        return None
    for cells in (_split(text), text.strip("\r\n").split(",")):
        if len(cells) == len(fields):
            return cells
    names = [index for index, field in enumerate(fields) if field in _NAMES]
    if len(cells) < len(fields) or not names:
        return None
    first, after = names[0], len(fields) - names[-1] - 1
    middle = [""] * (names[-1] - first + 1)
    found = cells[:first] + middle + (cells[-after:] if after else [])
    texts = dict(zip(fields, found, strict=True))
    # The comma may have been elsewhere: then what should be kinds of parties are none.
    kinds = [texts.get(f"{end}-type", "") for end in ("from", "to", "final")]
    return found if all(not kind or kind_of(kind) for kind in kinds) else None


def _moment(text: str) -> datetime | None:
    """A time in UTC, None for an empty one. Raises ValueError for what is none."""
    if not (text := text.strip()):
        return None
    if not (match := _STAMP.fullmatch(text)):
        raise ValueError(text)
    moment = datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    if not 1990 < moment.year < 2100:
        raise ValueError(text)
    return moment


def records_of(
    lines: Iterable[Line], known: Iterable[str] = (), since: datetime | None = None
) -> list[Record]:
    """One record for each call in ``lines``, which come in the order of their arrival.

    ``known``: keys under which calls were told; a call keeps its key when more of it arrives.
    ``since``: calls whose first line reached us before this are left out.
    """
    told = set(known)
    return [
        _record(group, told)
        for group in _groups(lines)
        if since is None or group[0].arrived_at >= since
    ]


def _groups(lines: Iterable[Line]) -> list[list[Line]]:
    """The lines of each call: those of one number in 3CX's history, close in time, each once."""
    groups: dict[str, list[list[Line]]] = {}
    seen = set()
    for line in lines:
        content = tuple(sorted(line.texts.items()))
        if content in seen:
            continue
        seen.add(content)
        name = line.text("historyid") or line.text("callid") or repr(content)
        runs = groups.setdefault(name, [])
        # 3CX counts anew after a restart, so the number alone is not enough.
        near = (run for run in runs if abs(run[0].started_at - line.started_at) < _APART)
        if (run := next(near, None)) is None:
            runs.append([line])
        else:
            run.append(line)
    return [run for runs in groups.values() for run in runs]


def _record(lines: list[Line], told: set[str]) -> Record:
    keys = [_key(line) for line in lines]
    key = next((key for key in keys if key in told), keys[0])
    ordered = sorted(lines, key=lambda line: (line.started_at, line.ended_at or line.started_at))
    return Record(key=key, legs=tuple(leg for line in ordered for leg in legs_of(line)))


def _key(line: Line) -> str:
    if callid := line.text("callid"):
        return f"cdr:{callid}"
    if number := line.text("historyid"):
        return f"cdr:{number}@{int(line.started_at.timestamp())}"
    told = "|".join(f"{field}={text}" for field, text in sorted(line.texts.items()))
    return "cdr:" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def legs_of(line: Line) -> list[Leg]:
    """One line as legs: to whom it first went, and, where that is another, where it ended."""
    source, target = _party(line, "from", "no"), _party(line, "to", "no")
    final = _party(line, "final", "number")
    ended_at = line.ended_at or line.answered_at or line.started_at
    if source.kind == "line":
        source = Party(
            kind="line", number=source.number, outside=source.outside, name=source.name,
            did=line.text("dial-no"),
        )  # fmt: skip
    if not (final.kind or final.number or final.outside) or _is_same(target, final):
        return [_leg(source, target, line.started_at, line.answered_at, ended_at)]
    if line.answered_at and "transfer" in line.text("reason-changed").lower():
        return [
            _leg(source, target, line.started_at, line.answered_at, ended_at),
            # When the second one took over is not told, so no talk is counted for it.
            Leg(started_at=ended_at, answered_at=ended_at, ended_at=ended_at, source=source,
                target=final, how="transfer"),
        ]  # fmt: skip
    return [
        _leg(source, target, line.started_at, None, line.answered_at or ended_at),
        _leg(source, final, line.started_at, line.answered_at, ended_at),
    ]


def _leg(
    source: Party, target: Party, started: datetime, answered: datetime | None, ended: datetime
) -> Leg:
    return Leg(
        started_at=started, answered_at=answered, ended_at=ended, source=source, target=target
    )


def _is_same(one: Party, other: Party) -> bool:
    if one.kind != other.kind and other.kind:
        return False
    if one.kind == "line":
        return digits_of(one.outside) == digits_of(other.outside) or not other.outside
    return one.number == other.number or not other.number


def _party(line: Line, end: str, number: str) -> Party:
    """One of the three ends of a line: from, to, final."""
    told = line.text(f"{end}-{number}")
    inner = told.removeprefix("Ext.")
    dn = line.text(f"{end}-dn") or (inner if is_short(inner) else "")
    kind = kind_of(line.text(f"{end}-type"))
    if not kind and f"{end}-type" not in line.texts:
        # Without types, only what 3CX itself calls an extension is one.
        kind = "extension" if told.startswith("Ext.") else "line" if len(told) >= 7 else ""
    return Party(
        kind=kind,
        number=dn,
        outside=told if kind == "line" else "",
        name=line.text(f"{end}-dispname"),
    )
