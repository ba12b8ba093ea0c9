"""Asterisk's cdr_sqlite3_custom: a database file that is copied, never locked.

SQLite's own locks, shared ones too, can cost Asterisk the record it is about to write. So the file
is read as plain bytes, between two looks at what tells of a writer, and opened in memory.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, tzinfo

from appliance.errors import NotFound, Unavailable, Unusable
from connectors.cdr import Row, end_of, row_of_columns
from connectors.cel import KINDS, NOTHING, Event, Signs, read_signs
from connectors.files import Entry, Files
from connectors.records import Found, Report

LARGEST = 128 * 1024**2
_TRIES = 3
_STEPS = 2_000_000  # of a thousand instructions each, before a query counts as endless
_CHECKPOINT = "acctid"


class SqliteRecords:
    """The records in one database file of a tree."""

    def __init__(self, files: Files, locator: str, zone: tzinfo, table: str = "cdr") -> None:
        self.files, self.locator, self.zone, self.table = files, locator, zone, table

    def read(
        self, since: datetime | None, skips: dict[str, int], now: datetime, notes: Counter[str]
    ) -> Found:
        """See Records."""
        content = self._copy()
        if content is None:
            if _CHECKPOINT in skips:
                message = "the database of call records is away; is its folder mounted?"
                raise Unavailable(message, "share_offline")
            self.files.look()
            notes["cdr_missing"] += 1
            return Found([])
        try:
            with closing(_open(content)) as db:
                rows = list(self._rows(db, since, skips, notes))
                return Found(rows, self._signs(db, now))
        except sqlite3.Error as error:
            raise Unavailable("the database of call records cannot be read as SQLite") from error

    def probe(self, now: datetime) -> Report:
        """See Records."""
        content = self._copy()
        if content is None:
            return Report(("The database of call records is not there; is its path right?",))
        try:
            with closing(_open(content)) as db:
                return self._report(db, now)
        except sqlite3.Error:
            return Report(("The file of call records is no SQLite database we can read.",))

    def _report(self, db: sqlite3.Connection, now: datetime) -> Report:
        columns = _columns(db, self.table)
        if not columns:
            return Report((f"There is no table {self.table!r} in the database of call records.",))
        problems = []
        missing = {"src", "channel", "dstchannel", "disposition", "uniqueid"} - columns
        if missing:
            named = ", ".join(sorted(missing))
            problems.append(
                f"The call records lack {named}; add them in cdr_sqlite3_custom.conf"
                " (columns and values), else calls are told with fewer facts."
            )
        notes: Counter[str] = Counter()
        if not list(self._rows(db, now - timedelta(days=4), {}, notes)):
            problems.append("No call record of the last days was found in the database.")
        if self.files.find(self.locator + "-wal"):
            problems.append("The database uses a write-ahead log; new calls may come late.")
        found = ["cdr", *sorted(columns & {"linkedid", "recordingfile", "did"})]
        if self._signs(db, now).ended:
            found.append("cel")
        return Report(tuple(problems), tuple(found))

    def _copy(self) -> bytes | None:
        """The file as it was between two writes, None when there is none. Raises Unavailable."""
        for _ in range(_TRIES):
            entry = self.files.find(self.locator)
            if entry is None:
                return None
            if self._is_written():
                continue
            try:
                handle, before = self.files.open(self.locator, LARGEST)
            except NotFound:
                return None
            except Unusable as error:
                raise Unavailable(
                    "the database of call records is too large to copy; use MariaDB or Master.csv"
                ) from error
            with handle:
                content = handle.read()
            if not self._is_written() and self._is_still(before, content):
                return _without_log(content)
        raise Unavailable("the call records are being written; they will be read at the next look")

    def _is_written(self) -> bool:
        """Whether a transaction is under way: its journal lies beside the database."""
        for_name = self.locator + "-journal"
        journal = self.files.find(for_name)
        if journal is None or not journal.size:
            return False
        try:
            head, _, _ = self.files.read_ends(for_name, 8, 0)
        except NotFound:
            return True  # it went this moment: the database has just changed
        return any(head)  # a journal that is kept between transactions begins with zeros

    def _is_still(self, before: Entry, content: bytes) -> bool:
        """Whether nothing was written meanwhile: the counter in the header goes up each time."""
        after = self.files.find(self.locator)
        if after is None or (after.size, after.modified_ns) != (before.size, before.modified_ns):
            return False
        head, _, _ = self.files.read_ends(self.locator, 100, 0)
        return head == content[:100] and len(content) == before.size

    def _rows(
        self, db: sqlite3.Connection, since: datetime | None, skips: dict[str, int],
        notes: Counter[str],
    ) -> Iterator[Row]:  # fmt: skip
        """Rows from the first with news on; AcctId, the row number, goes up with every record."""
        if not _columns(db, self.table):
            notes["cdr_missing"] += 1
            return
        table = _quoted(self.table)
        at = skips.get(_CHECKPOINT, 0) if since is not None else 0
        (top,) = db.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()
        at = 0 if at > top else at  # a new database in the place of the old one
        cursor = db.execute(
            f"SELECT rowid AS petsvet_row, * FROM {table} WHERE rowid > ? ORDER BY rowid", (at,)
        )
        names = [str(column[0]).lower() for column in cursor.description]
        leading = True
        for cells in cursor:
            row = row_of_columns(dict(zip(names, cells, strict=True)), self.zone)
            if row is None:
                notes["cdr_malformed"] += 1
            new = row is not None and (since is None or end_of(row, self.zone) >= since)
            leading = leading and not new
            at = cells[0] if leading else at
            if row is not None and new:
                yield row
        if since is not None:
            skips[_CHECKPOINT] = at

    def _signs(self, db: sqlite3.Connection, now: datetime) -> Signs:
        """What cel_sqlite3_custom logged, where it does so into the same file."""
        wanted = {"eventtype", "eventtime", "uniqueid", "linkedid"}
        columns = _columns(db, "cel")
        if not wanted <= columns:
            return NOTHING
        extra = "extra" if "extra" in columns else "''"
        marks = ", ".join("?" * len(KINDS))
        cursor = db.execute(
            f"SELECT rowid, eventtype, eventtime, uniqueid, linkedid, {extra} FROM cel"
            f" WHERE eventtype IN ({marks}) ORDER BY rowid DESC LIMIT 20000",
            KINDS,
        )
        events = [Event(int(cells[0]), *map(_text, cells[1:])) for cells in cursor]
        return read_signs(events, self.zone, now)


def _open(content: bytes) -> sqlite3.Connection:
    """The bytes as a database in memory that trusts nothing inside them."""
    db = sqlite3.connect(":memory:")
    try:
        if content:
            db.deserialize(content)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        left = iter(range(_STEPS))
        db.set_progress_handler(lambda: next(left, None) is None, 1000)
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    # Texts may be Latin-1; numbers in columns without a type are texts or numbers.
    db.text_factory = bytes
    return db


def _without_log(content: bytes) -> bytes:
    """A database in write-ahead mode opened alone: what its log holds is read once it is merged."""
    if content[18:20] != b"\2\2":
        return content
    return content[:18] + b"\1\1" + content[20:]


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a plain table in small letters, none when there is no such table."""
    kind = db.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)",
        (table,),
    ).fetchone()
    if not kind[0]:
        return set()
    return {_text(row[1]).lower() for row in db.execute(f"PRAGMA table_info({_quoted(table)})")}


def _text(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell or "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
