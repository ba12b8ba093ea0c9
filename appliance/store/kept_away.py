"""Calls that are not taken, known only by a hash, and the delivered files that go with them.

A call is left out by a rule, which is counted and forgotten after a month, or it was erased, which
holds for ever: however often its phone system tells of it, it is not taken again.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from appliance.db import Database, Row, execute, row, rows
from appliance.facts import to_ms

Version = tuple[str, int, int]  # locator, size, modified_ns: a file exactly as it was found


def leave_out(db: Database, connector_id: int, native_key: str, *, now: datetime) -> None:
    """Count a call that a rule keeps away, once however often it is found."""
    new = execute(
        db,
        "INSERT OR IGNORE INTO left_out (connector_id, hash, at) VALUES (?, ?, ?)",
        (connector_id, _hash(connector_id, native_key), to_ms(now)),
    )
    if new:
        execute(db, "UPDATE connector SET left_out = left_out + 1 WHERE id = ?", (connector_id,))


def let_in(db: Database, connector_id: int, native_key: str) -> bool:
    """A call that was left out is under no rule any more; False when it was not left out."""
    known = execute(
        db,
        "DELETE FROM left_out WHERE connector_id = ? AND hash = ?",
        (connector_id, _hash(connector_id, native_key)),
    )
    if known:
        execute(db, "UPDATE connector SET left_out = left_out - 1 WHERE id = ?", (connector_id,))
    return bool(known)


def prune_left_out(db: Database, *, before: datetime) -> int:
    """Forget which calls were left out; the count stays."""
    return execute(db, "DELETE FROM left_out WHERE at < ?", (to_ms(before),))


def mark_erased(db: Database, connector_id: int, native_key: str) -> None:
    """Never take a call again."""
    execute(
        db,
        "INSERT OR IGNORE INTO erased (connector_id, hash) VALUES (?, ?)",
        (connector_id, _hash(connector_id, native_key)),
    )


def is_erased(db: Database, connector_id: int, native_key: str) -> bool:
    """Whether a call was erased."""
    sql = "SELECT 1 FROM erased WHERE connector_id = ? AND hash = ?"
    return row(db, sql, (connector_id, _hash(connector_id, native_key))) is not None


def discard(db: Database, connector_id: int, files: Iterable[Version], *, due: datetime) -> None:
    """Have delivered files removed from a moment on; an earlier moment wins."""
    for file in files:
        execute(
            db,
            "INSERT INTO discard (connector_id, locator, size, modified_ns, due)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size,"
            " modified_ns = excluded.modified_ns, due = min(due, excluded.due)",
            (connector_id, *file, to_ms(due)),
        )


def keep_files(db: Database, connector_id: int, files: Iterable[Version]) -> None:
    """Take back what ``discard`` asked for, or note that it is done."""
    for file in files:
        execute(
            db,
            "DELETE FROM discard WHERE connector_id = ?"
            " AND (locator, size, modified_ns) = (?, ?, ?)",
            (connector_id, *file),
        )


def list_discarded(db: Database, connector_id: int, *, now: datetime) -> list[Row]:
    """The delivered files that are to be removed by now, whatever became of their calls."""
    return rows(
        db,
        "SELECT locator, size, modified_ns FROM discard WHERE connector_id = ? AND due <= ?",
        (connector_id, to_ms(now)),
    )


def _hash(connector_id: int, native_key: str) -> bytes:
    return hashlib.sha256(b"%d\0" % connector_id + native_key.encode()).digest()[:16]
