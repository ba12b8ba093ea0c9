"""Call record files that grow line by line and are rotated away: read again from where news begins.

Nothing is consumed: rows inside the look-back are parsed anew at every look, so a crash, a repeat
or a rotation loses none. Only the bytes before them are skipped: by inode where the file is ours to
see, by its first line where it lies on another machine.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

from appliance.errors import NotFound, Unavailable
from connectors.cdr import LONGEST_LINE, Row, complete_lines, end_of, parse_row
from connectors.files import Entry, Files
from connectors.records import Found, Report

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_LARGEST = 1 << 30  # a file of call records larger than this is not fetched
_DAYS = 40  # as many days back a rotated file is looked for on another machine


class LocalCsv:
    """Master.csv in a folder of this machine."""

    def __init__(self, path: str, zone: tzinfo) -> None:
        self.path, self.zone = path, zone

    def read(
        self, since: datetime | None, skips: dict[str, int], now: datetime, notes: Counter[str]
    ) -> Found:
        """See Records."""
        return Found(read_rows(self.path, skips, since, self.zone, notes))

    def probe(self, now: datetime) -> Report:
        """See Records."""
        return _report(self, now)


class RemoteCsv:
    """Master.csv in a tree of another machine."""

    def __init__(self, files: Files, locator: str, zone: tzinfo) -> None:
        self.files, self.locator, self.zone = files, locator, zone

    def read(
        self, since: datetime | None, skips: dict[str, int], now: datetime, notes: Counter[str]
    ) -> Found:
        """See Records."""
        entries = list(self._entries(since, now))
        if not entries:
            if skips:
                message = "the call records are away; is their folder still shared?"
                raise Unavailable(message, "share_offline")
            self.files.look()
            notes["cdr_missing"] += 1
        rows: list[Row] = []
        for entry in entries:
            rows += self._read(entry, skips, since, notes)
        return Found(rows)

    def probe(self, now: datetime) -> Report:
        """See Records."""
        return _report(self, now)

    def _entries(self, since: datetime | None, now: datetime) -> Iterator[Entry]:
        """The file and its rotated brothers, by the names that logrotate gives.

        Each name is a question to the other machine: days long before ``since`` are not asked for.
        """
        days = [now - timedelta(days=day) for day in range(-1, _DAYS)]
        if since:
            days = [day for day in days if day > since - timedelta(days=2)]
        endings = ["", *(f".{n}" for n in range(1, 6)), *(f"-{day:%Y%m%d}" for day in days)]
        edge = since.timestamp() if since else 0
        for ending in endings:
            entry = self.files.find(self.locator + ending)
            if entry and (not ending or entry.modified_ns / 1e9 >= edge):
                yield entry

    def _read(
        self, entry: Entry, skips: dict[str, int], since: datetime | None, notes: Counter[str]
    ) -> list[Row]:
        try:
            handle, found = self.files.open(entry.locator, _LARGEST)
        except NotFound as error:
            raise Unavailable("the call records are being rotated; they will be read") from error
        with handle:
            first = handle.readline(LONGEST_LINE)
            if not first.endswith(b"\n"):
                return []
            name = "first:" + hashlib.sha256(first).hexdigest()[:16]
            return list(_new_rows(handle, found.size, name, skips, since, self.zone, notes))


def _report(csv: LocalCsv | RemoteCsv, now: datetime) -> Report:
    notes: Counter[str] = Counter()
    rows = csv.read(now - timedelta(days=4), {}, now, notes).rows
    if notes["cdr_missing"]:
        return Report(("The file of call records is not there; is cdr_csv turned on?",))
    if not rows:
        return Report(("No call record of the last days was found in the file of records.",))
    problems = []
    if not any(row.uniqueid for row in rows):
        problems.append("The call records have no uniqueid; set loguniqueid=yes in cdr.conf.")
    capabilities = ["cdr"]
    if any(row.sequence >= 0 for row in rows):
        capabilities.append("linkedid")
    return Report(tuple(problems), tuple(capabilities))


def read_rows(
    path: str, skips: dict[str, int], since: datetime | None, zone: tzinfo, notes: Counter[str]
) -> list[Row]:
    """The rows that ended at or after ``since`` (None: all) in ``path`` and its rotated brothers.

    ``skips`` (inode → bytes of rows before ``since``) is updated unless ``since`` is None.
    ``zone``: that of the rows' times. Raises Unavailable when a file that was there is away.
    """
    try:
        files = list(_brothers(Path(path), since))
        if not files:
            if skips:
                message = "the call records are away; is their folder mounted?"
                raise Unavailable(message, "share_offline")
            notes["cdr_missing"] += 1
        rows: list[Row] = []
        for file in files:
            rows += _read(file, skips, since, zone, notes)
    except OSError as error:
        raise Unavailable(f"the call records cannot be read: {error.strerror}") from error
    here = {str(file.stat().st_ino) for file in files if file.exists()}
    for inode in skips.keys() - here if files else ():
        del skips[inode]
    return rows


def _brothers(path: Path, since: datetime | None) -> Iterator[Path]:
    """``Master.csv`` itself and ``Master.csv.1``, ``Master.csv-20261122`` … with news in them."""
    if not path.parent.is_dir():
        return
    for file in sorted(path.parent.iterdir()):
        rotated = file.name.startswith((path.name + ".", path.name + "-"))
        if file.name != path.name and (not rotated or file.name.endswith(_PACKED)):
            continue
        if not file.is_file() or (rotated and file.is_symlink()):
            continue
        if file.name == path.name or since is None or file.stat().st_mtime >= since.timestamp():
            yield file


def _read(
    file: Path, skips: dict[str, int], since: datetime | None, zone: tzinfo, notes: Counter[str]
) -> Iterable[Row]:
    with file.open("rb") as handle:
        info = os.fstat(handle.fileno())
        yield from _new_rows(handle, info.st_size, str(info.st_ino), skips, since, zone, notes)


def _new_rows(
    handle: BinaryIO, size: int, name: str, skips: dict[str, int], since: datetime | None,
    zone: tzinfo, notes: Counter[str],
) -> Iterator[Row]:  # fmt: skip
    """The rows with news in a file; ``skips`` learns, by ``name``, where they begin."""
    at = skips.get(name, 0) if since is not None else 0
    if at > size:
        at = 0  # emptied in place (logrotate's copytruncate)
    handle.seek(at)
    leading = True
    # Texts of one form compare like their times: a day's margin spares the exact reckoning.
    sure = f"{since.astimezone(UTC) + timedelta(days=2):%Y-%m-%d}" if since else ""
    for length, line in complete_lines(handle):
        row = parse_row(line) if line is not None else None
        if row is None:
            notes["cdr_malformed"] += 1
        new = row is not None and (row.start >= sure or since is None or end_of(row, zone) >= since)
        leading = leading and not new
        at += length if leading else 0
        if row is not None and new:
            yield row
    if since is not None:
        skips[name] = at
