"""Asterisk call records: rows of ``Master.csv`` and of databases, their channels and their times.

Pure parsers. One call is many rows: one per attempt to reach a phone and one per transfer.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import BinaryIO

from msgspec import structs

from appliance.facts import Fact

# cdr_csv itself drops records over 1,024 bytes; whatever is longer is damage.
LONGEST_LINE = 64 * 1024
_FIXED = 16
_LONGEST_CALL_S = 7 * 86400
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_UID = re.compile(r"(?:.*-)?\d{9,11}\.\d+", re.ASCII)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?", re.ASCII)
# What a database shows where cdr.conf or a column asks for the number behind the word.
_DISPOSITIONS = {
    "0": "NO ANSWER", "1": "NO ANSWER", "2": "FAILED", "4": "BUSY", "8": "ANSWERED",
    "16": "CONGESTION",
}  # fmt: skip
_PEER = re.compile(r"(?P<tech>[A-Za-z0-9_]+)/(?P<peer>.+?)(?:-[0-9a-fA-F]+)?(?:;[12])?")


class Row(Fact, frozen=True, order=True):
    """One call record, texts as written; times are the phone system's wall clock or UTC.

    ``recordingfile`` is the name of its recording; ``did`` the number dialed from outside;
    ``cnum`` and ``cnam`` number and name of the caller: databases have them, Master.csv has not.
    """

    start: str
    src: str
    dst: str
    dcontext: str
    clid: str
    channel: str
    dstchannel: str
    lastapp: str
    lastdata: str
    answer: str
    end: str
    duration: int
    billsec: int
    disposition: str
    uniqueid: str = ""
    linkedid: str = ""
    sequence: int = -1
    recordingfile: str = ""
    did: str = ""
    cnum: str = ""
    cnam: str = ""

    @property
    def answered(self) -> bool:
        """Whether this attempt was picked up. Losers of ring-all have billsec > 0 and were not."""
        return self.disposition == "ANSWERED"


def complete_lines(handle: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line that has its newline, with its length in bytes; None for one that is too long.

    A last line without newline is still being written and is left for the next time.
    """
    while line := handle.readline(LONGEST_LINE):
        length = len(line)
        if line.endswith(b"\n"):
            yield length, line
            continue
        while line and not line.endswith(b"\n"):
            line = handle.readline(LONGEST_LINE)
            length += len(line)
        if line:
            yield length, None


def parse_row(line: bytes) -> Row | None:
    """The row in one line, None when it is not a call record."""
    text = text_of(line)
    try:
        cells = next(csv.reader([text.replace("\0", "").strip("\r\n")]), [])
        return _row(cells)
    except (csv.Error, ValueError):
        return None


def text_of(value: object) -> str:
    """A cell as text: UTF-8 where it is that, else Latin-1, as phone systems write both."""
    if not isinstance(value, bytes):
        return "" if value is None else str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def row_of_columns(cells: Mapping[str, object], zone: tzinfo) -> Row | None:
    """The row in the named columns of a database, None when it is not a call record.

    Any column but the start (``calldate`` or ``start``) may be missing. ``zone``: that of the
    rows' times, needed where a column holds epoch seconds.
    """
    told = {name.lower(): text_of(cell).replace("\0", "") for name, cell in cells.items()}
    try:
        return _row_of_texts(told, zone)
    except (ValueError, OverflowError):
        return None


def _row_of_texts(told: Mapping[str, str], zone: tzinfo) -> Row | None:
    """Raises ValueError where a number is none."""
    start = _stamp_of(told.get("calldate") or told.get("start", ""), zone)
    if not _is_stamp(start):
        return None
    duration, billsec = (_seconds(told.get(name) or "0") for name in ("duration", "billsec"))
    disposition = told.get("disposition", "").upper()
    disposition = _DISPOSITIONS.get(disposition, disposition)
    end, answer = (_stamp_of(told.get(name, ""), zone) for name in ("end", "answer"))
    end = end if _is_stamp(end) else _later(start, duration)
    if not _is_stamp(answer):
        answer = _later(start, duration - billsec) if disposition == "ANSWERED" else ""
    uniqueid, linkedid = told.get("uniqueid", ""), told.get("linkedid", "")
    # Both columns were added later, and where nobody fills them they say "" and 0.
    sequence = int(told.get("sequence") or -1) if linkedid else -1
    clid = told.get("clid", "")
    return Row(
        start=start, src=told.get("src") or caller_id(clid)[1], dst=told.get("dst", ""),
        dcontext=told.get("dcontext", ""), clid=clid, channel=told.get("channel", ""),
        dstchannel=told.get("dstchannel", ""), lastapp=told.get("lastapp", ""),
        lastdata=told.get("lastdata", ""), answer=answer, end=end, duration=duration,
        billsec=billsec, disposition=disposition, uniqueid=uniqueid,
        linkedid=linkedid or uniqueid, sequence=sequence, recordingfile=_recording(told),
        did=told.get("did", ""), cnum=told.get("cnum", ""), cnam=told.get("cnam", ""),
    )  # fmt: skip


def _recording(told: Mapping[str, str]) -> str:
    """The name of the recording, without its folder; Issabel writes it into ``userfield``."""
    userfield = told.get("userfield", "")
    spare = userfield.removeprefix("audio:") if userfield.startswith("audio:") else ""
    return (told.get("recordingfile") or spare).rpartition("/")[2]


def _stamp_of(text: str, zone: tzinfo) -> str:
    """A time as written, epoch seconds turned into the wall clock of ``zone``, fractions cut."""
    if _EPOCH.fullmatch(text):
        return f"{datetime.fromtimestamp(float(text), UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return text.replace("T", " ")[:19]


def _later(stamp: str, seconds: int) -> str:
    moment = datetime.fromisoformat(stamp) + timedelta(seconds=max(0, seconds))
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _row(cells: list[str]) -> Row | None:
    """Raises ValueError where a number is none."""
    if not _FIXED <= len(cells) <= _FIXED + 5:
        return None
    if not (_is_stamp(cells[9]) and _is_stamp(cells[11]) and _is_stamp(cells[10] or cells[9])):
        return None
    uniqueid, linkedid, sequence = _optional(cells[_FIXED:])
    return Row(
        start=cells[9], src=cells[1], dst=cells[2], dcontext=cells[3], clid=cells[4],
        channel=cells[5], dstchannel=cells[6], lastapp=cells[7], lastdata=cells[8],
        answer=cells[10], end=cells[11], duration=_seconds(cells[12]),
        billsec=_seconds(cells[13]), disposition=cells[14].upper(),
        uniqueid=uniqueid, linkedid=linkedid, sequence=sequence,
    )  # fmt: skip


def _is_stamp(text: str) -> bool:
    """Whether this is a time of this age. Raises ValueError for a day that never was."""
    return bool(_STAMP.fullmatch(text)) and 1990 < datetime.fromisoformat(text).year < 2100


def _seconds(text: str) -> int:
    return min(max(0, int(text)), _LONGEST_CALL_S)


def _optional(cells: list[str]) -> tuple[str, str, int]:
    """Uniqueid, linkedid, sequence out of the columns that cdr.conf turns on and off.

    loguniqueid and loguserfield give one column each, newcdrcolumns the last three (peeraccount,
    linkedid, sequence).
    """
    new = len(cells) >= 3
    linkedid, sequence = (cells[-2], int(cells[-1] or -1)) if new else ("", -1)
    own = cells[:-3] if new else cells
    uniqueid = own[0] if own and _UID.fullmatch(own[0]) else ""
    return uniqueid, linkedid or uniqueid, sequence


def distinct(rows: Iterable[Row], notes: Counter[str] | None = None) -> list[Row]:
    """The rows in order of time, each once: two CDR backends write the same record twice.

    Of the same record with and without sequence number (an old backend beside a new one) the
    numbered one counts. ``notes`` counts what was left out.
    """
    known: dict[tuple[object, ...], Row] = {}
    numbered: set[tuple[object, ...]] = set()
    total = 0
    for row in sorted(rows, key=lambda row: (row.sequence < 0, row)):
        total += 1
        if row.uniqueid and row.sequence >= 0:
            # A database whose sequence nobody fills has 0 in every row: then the rest must differ.
            rest = () if row.sequence else _same(row)
            known.setdefault((row.uniqueid, row.linkedid, row.sequence, *rest), row)
            numbered.add(_same(row))
        elif _same(row) not in numbered:
            bare = structs.replace(row, recordingfile="", did="", cnum="", cnam="")
            known[bare,] = max(row, known.get((bare,), row), key=lambda row: row.recordingfile)
    if notes is not None and total > len(known):
        notes["duplicate_row"] += total - len(known)
    return sorted(known.values(), key=lambda row: (row.start, row.sequence, row.end, row))


def _same(row: Row) -> tuple[object, ...]:
    """What two backends tell alike of one record."""
    return (row.uniqueid, row.start, row.channel, row.dstchannel, row.lastapp, row.duration,
            row.billsec, row.disposition)  # fmt: skip


def peer_of(channel: str) -> str:
    """The phone or trunk behind a channel: ``PJSIP/101-00000009`` → ``101``, "" for none.

    FreePBX reaches phones through ``Local/101@from-queue-…`` and ``Local/FMPR-101@…``.
    """
    match = _PEER.fullmatch(channel)
    if not match:
        return ""
    peer = match["peer"].partition("@")[0]
    return re.sub(r"\A(?:FMPR|FMGL|LC)-", "", peer) if match["tech"] == "Local" else peer


def caller_id(clid: str) -> tuple[str, str]:
    """Name and number of ``"SMITH JANE" <+15555550142>``; either may be ""."""
    name, bracket, number = clid.rpartition("<")
    if not bracket:
        return clid.strip().strip('"').strip(), ""
    return name.strip().strip('"').strip(), number.strip().removesuffix(">").strip()


def moment_of(stamp: str, zone: tzinfo) -> tuple[datetime, str]:
    """The UTC moment of a wall-clock ``stamp`` (ISO 8601), and "" or why it is uncertain.

    ``dst_fold``: the hour came twice and the first was taken. ``dst_gap``: the hour did not exist.
    Raises ValueError for an impossible date.
    """
    local = datetime.fromisoformat(stamp).replace(tzinfo=zone)
    early, late = local.utcoffset(), local.replace(fold=1).utcoffset()
    doubt = "" if early == late else "dst_fold" if (early or 0) > (late or 0) else "dst_gap"  # type: ignore[operator]
    try:
        return local.astimezone(UTC), doubt
    except OverflowError as error:
        raise ValueError(f"no such moment: {stamp}") from error


def end_of(row: Row, zone: tzinfo) -> datetime:
    """When the row ended, in UTC. Start plus length, since lengths know no daylight saving."""
    start, _ = moment_of(row.start, zone)
    return start + timedelta(seconds=row.duration)
