"""The one door to the encrypted database: keyed, verified, and written only inside ``writing()``.

sqlite-utils catches ``sqlite3.OperationalError`` while sqlcipher3 raises a class of its own. On a
bare sqlcipher3 connection that leaves transactions open and loses later writes, so sqlcipher3 takes
the seat of ``pysqlite3`` (which sqlite-utils prefers) before sqlite-utils is first imported.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3
import sqlcipher3.dbapi2 as driver

sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = driver

import sqlite_utils  # noqa: E402  (the order is the point, see above)
import sqlite_utils.db as sqlite_utils_db  # noqa: E402

from appliance.errors import Locked, Misconfigured, NotFound, Tampered, Unavailable  # noqa: E402

Database = sqlite_utils.Database
Row = dict[str, Any]

OLDEST_SQLITE = (3, 51, 3)  # older ones can corrupt a WAL when two connections checkpoint at once
BUSY_MS = 15_000

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "temp_store=MEMORY",  # FILE spills readable transcript into temporary files
    "cell_size_check=ON",
    "trusted_schema=OFF",
    "mmap_size=0",
    "journal_size_limit=33554432",
    f"busy_timeout={BUSY_MS}",
)


def check_driver() -> None:
    """Refuse to start with a SQLite that can lose data; raises Misconfigured."""
    if vars(sqlite_utils_db)["sqlite3"] is not sqlcipher3:
        raise Misconfigured(
            "sqlite-utils was imported before appliance.db, so it does not see SQLCipher's errors; "
            "import appliance.db first"
        )
    if driver.sqlite_version_info < OLDEST_SQLITE:
        raise Misconfigured("the bundled SQLite is too old; install sqlcipher3 0.6.2 or newer")


def open_db(path: Path, key: str, *, create: bool = False) -> Database:
    """Open the database with a raw key of 64 hex digits; one connection, use it for one request.

    Raises NotFound when the file is missing and Tampered when it is empty (unless ``create``),
    Locked when the key does not fit, Misconfigured when the key is malformed or the file is not
    encrypted.
    """
    check_driver()
    if not re.fullmatch(r"[0-9a-f]{64}", key):  # a malformed key silently becomes a passphrase
        raise Misconfigured("the database key must be 64 lower-case hex digits")
    _check_file(path, create)
    connection = driver.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
    )
    try:
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.set_key(f"x'{key}'")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except driver.DatabaseError as error:
        connection.close()
        raise _translate(error, opening=True) from None
    return Database(connection, execute_plugins=False)


def _check_file(path: Path, create: bool) -> None:
    if not path.exists():
        if not create:
            raise NotFound("there is no database here; run `petsvet init` first")
        return
    with path.open("rb") as file:
        header = file.read(16)
    if not header and not create:  # SQLite would take it for a new database and start over
        raise Tampered("the database file is empty; restore it from a backup")
    if header == b"SQLite format 3\0":
        raise Misconfigured("the database file is not encrypted; it was not made by petsvet")


def _translate(error: Exception, *, opening: bool = False) -> Exception:
    """The house's error for one of the driver's."""
    text = str(error)
    if "disk is full" in text or "disk I/O error" in text:
        message = "the disk is full or failing; free some space, work goes on by itself"
        return Unavailable(message, "disk_full")
    if "unable to open" in text:
        return Unavailable("the database file cannot be opened; check the disk and permissions")
    if "locked" in text or "busy" in text:
        return Unavailable("the database is busy; try again")
    if "not a database" in text or "malformed" in text or "corrupt" in text:
        if opening:
            return Locked(
                "the database does not open with this key: either the key is another box's, or the "
                "file was damaged; restore it from a backup if the key is right"
            )
        return Tampered("the database is damaged; restore it from a backup")
    return error


@contextmanager
def writing(db: Database) -> Iterator[Database]:
    """One BEGIN IMMEDIATE transaction: everything inside happens, or nothing.

    A deferred BEGIN would fail at the first write without waiting when another process writes.
    """
    try:
        db.conn.execute("BEGIN IMMEDIATE")
    except driver.DatabaseError as error:
        raise _translate(error) from error
    try:
        yield db
        db.conn.execute("COMMIT")
    except driver.DatabaseError as error:
        _roll_back(db)
        raise _translate(error) from error
    except BaseException:
        _roll_back(db)
        raise


def _roll_back(db: Database) -> None:
    if db.conn.in_transaction:  # a full disk may already have rolled back
        db.conn.execute("ROLLBACK")


Params = Sequence[Any] | dict[str, Any]


def rows(db: Database, sql: str, params: Params = ()) -> list[Row]:
    """All rows as dicts; a list, because an unread generator would block checkpoints."""
    try:
        cursor = db.conn.execute(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except driver.DatabaseError as error:
        raise _translate(error) from error


def row(db: Database, sql: str, params: Params = ()) -> Row | None:
    """The first row, or None."""
    found = rows(db, sql, params)
    return found[0] if found else None


def value(db: Database, sql: str, params: Params = ()) -> Any:
    """The first column of the first row, or None."""
    found = row(db, sql, params)
    return next(iter(found.values())) if found else None


def execute(db: Database, sql: str, params: Params = ()) -> int:
    """Run one statement and return how many rows it changed; belongs inside ``writing()``."""
    try:
        return int(db.conn.execute(sql, params).rowcount)
    except driver.DatabaseError as error:
        raise _translate(error) from error


def check_integrity(db: Database) -> list[str]:
    """What is wrong with the file: page authentication, structure and index; empty when sound."""
    problems = [str(next(iter(r.values()))) for r in rows(db, "PRAGMA cipher_integrity_check")]
    problems += [
        str(r["integrity_check"])
        for r in rows(db, "PRAGMA integrity_check")
        if r["integrity_check"] != "ok"
    ]
    problems += [str(r) for r in rows(db, "PRAGMA foreign_key_check")]
    return problems
