"""What phone systems pushed to us by themselves, kept until their connectors have passed it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from appliance.db import Database, execute, rows, value, writing
from appliance.errors import PetsvetError, Unavailable
from appliance.facts import from_ms, to_ms
from appliance.logs import get_log
from connectors.kinds import Line

log = get_log(__name__)

LARGEST = 64 * 1024  # bytes of one record
MOST_WAITING = 200_000  # records of one connector that it has not passed
KEPT = timedelta(days=14)
_PASSED = "pushed.passed."


def add_pushed(db: Database, connector_id: int, data: bytes, *, now: datetime) -> int:
    """Keep one record and return its place in the stream; belongs inside ``writing()``."""
    return int(
        value(
            db,
            "INSERT INTO pushed (connector_id, at, data) VALUES (?, ?, ?) RETURNING id",
            (connector_id, to_ms(now), data),
        )
    )


def lines(db: Database, connector_id: int, after: int, limit: int) -> list[Line]:
    """The records of a connector with an id above ``after``, in the order in which they came."""
    found = rows(
        db,
        "SELECT id, at, data FROM pushed WHERE connector_id = ? AND id > ? ORDER BY id LIMIT ?",
        (connector_id, after, limit),
    )
    return [Line(id=r["id"], at=from_ms(r["at"]), data=bytes(r["data"])) for r in found]


def passed(db: Database, connector_id: int) -> int:
    """Up to which record a connector needs none any more; 0 before it asked for the first time."""
    text = value(db, "SELECT value FROM setting WHERE name = ?", (f"{_PASSED}{connector_id}",))
    return int(text or 0)


def save_passed(db: Database, connector_id: int, after: int) -> None:
    """Note that a connector asked only for what came after ``after``; never goes back."""
    if after > passed(db, connector_id):
        execute(
            db,
            "INSERT OR REPLACE INTO setting VALUES (?, ?)",
            (f"{_PASSED}{connector_id}", str(after)),
        )


def count_waiting(db: Database, connector_id: int) -> int:
    """How many records a connector has not passed."""
    return int(
        value(
            db,
            "SELECT count(*) FROM pushed WHERE connector_id = ? AND id > ?",
            (connector_id, passed(db, connector_id)),
        )
    )


def count_since_pause(db: Database, connector_id: int, paused_after: int) -> int:
    """How many records came in while a connector was paused; none of them is a call yet."""
    after = max(paused_after, passed(db, connector_id))
    sql = "SELECT count(*) FROM pushed WHERE connector_id = ? AND id > ?"
    return int(value(db, sql, (connector_id, after)))


def prune_pushed(db: Database, *, before: datetime) -> int:
    """Forget records that came before ``before`` and were passed; belongs inside ``writing()``."""
    connectors = rows(db, "SELECT DISTINCT connector_id AS id FROM pushed")
    return sum(
        execute(
            db,
            "DELETE FROM pushed WHERE connector_id = ? AND at < ? AND id <= ?",
            (r["id"], to_ms(before), passed(db, r["id"])),
        )
        for r in connectors
    )


class PushedFeed:
    """The records of one connector, as it reads them (``connectors.kinds.Feed``).

    ``after`` comes out of a checkpoint that was saved, so all up to it need not be kept for ever.
    """

    def __init__(self, db: Database | Callable[[], Database], connector_id: int) -> None:
        self._db, self._connector_id = db, connector_id

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        """Lines with an id above ``after``, in order."""
        with self._opened() as db:
            found = lines(db, self._connector_id, after, limit)
            if after > passed(db, self._connector_id) and not db.conn.in_transaction:
                self._note(db, after)
            return found

    def _note(self, db: Database, after: int) -> None:
        try:
            with writing(db):
                save_passed(db, self._connector_id, after)
        except PetsvetError as error:  # only housekeeping: the next look notes it
            log.warning("what was passed could not be noted", error=error)

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        if isinstance(self._db, Database):
            yield self._db
            return
        db = self._db()
        try:
            yield db
        finally:
            db.close()


class Intake:
    """Where one listener puts its records: each is committed before ``receive`` returns.

    Bounded: of a connector that does not read, the oldest are kept and the next ones refused.
    """

    def __init__(self, db: Database, connector_id: int, folder: Path, least_free: int) -> None:
        self._db, self._connector_id = db, connector_id
        self._folder, self._least_free = folder, least_free
        self._room = 0

    def receive(self, data: bytes, now: datetime) -> None:
        """Keep one record. Raises Unavailable when there is no room for it, or no disk."""
        if self._room <= 0:
            self._room = min(1000, MOST_WAITING - count_waiting(self._db, self._connector_id))
            self._check_room()
        with writing(self._db):
            add_pushed(self._db, self._connector_id, data, now=now)
        self._room -= 1

    def _check_room(self) -> None:
        if self._room <= 0:
            raise Unavailable("too many records of this phone system wait to be read")
        if shutil.disk_usage(self._folder).free < self._least_free:
            self._room = 0
            message = "the disk is nearly full; free some space, the records come then"
            raise Unavailable(message, "disk_full")
