"""The audit log: append-only, each row chained to the one before by its hash.

A row is written in the transaction of the act it records, so an act without its row cannot happen.
Subjects are references, never names or numbers: erasing a caller need not break the chain.
"""

import hashlib
from datetime import datetime

import msgspec

from appliance.db import Database, Row, execute, row, rows
from appliance.facts import Fact, from_ms, to_ms

GENESIS = bytes(32)


class AuditEntry(Fact, frozen=True, kw_only=True):
    """Who did what to what, when."""

    seq: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    detail: dict[str, str]


def record(
    db: Database,
    actor: str,
    role: str,
    action: str,
    subject: str = "",
    *,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> int:
    """Append one row and return its number; belongs inside ``writing()``."""
    last = row(db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    seq = last["seq"] + 1 if last else 1
    prev = last["hash"] if last else GENESIS
    body = [seq, to_ms(now), actor, role, action, subject, _text(detail or {})]
    execute(
        db, "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*body, prev, _hash(prev, body))
    )
    return int(seq)


def _text(detail: dict[str, str]) -> str:
    return msgspec.json.encode(detail, order="sorted").decode()


def _hash(prev: bytes, body: list[str | int]) -> bytes:
    return hashlib.sha256(prev + msgspec.json.encode(body)).digest()


def verify(db: Database, *, batch: int = 10_000) -> tuple[int, int | None]:
    """Walk the chain; returns (rows that hold, first number that does not or None).

    Finds edits, insertions, deletions inside and reordering. Rows cut off at the end, or the whole
    file set back, can only be found against a head kept outside the box (see ``head``).
    """
    prev, expected = GENESIS, 1
    while True:
        found = rows(
            db,
            "SELECT * FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?",
            (expected, batch),
        )
        for entry in found:
            if entry["seq"] != expected or entry["prev"] != prev or not _holds(entry):
                return expected - 1, expected
            prev, expected = entry["hash"], expected + 1
        if len(found) < batch:
            return expected - 1, None


def _holds(entry: Row) -> bool:
    names = ("seq", "at", "actor", "role", "action", "subject", "detail")
    return bool(_hash(entry["prev"], [entry[name] for name in names]) == entry["hash"])


def head(db: Database) -> tuple[int, str]:
    """The last row's number and hash (hex): note them outside the box to prove the end later."""
    last = row(db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    return (last["seq"], last["hash"].hex()) if last else (0, GENESIS.hex())


def list_entries(db: Database, *, before: int = 2**62, limit: int = 100) -> list[AuditEntry]:
    """A page of the log, newest first."""
    found = rows(db, "SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?", (before, limit))
    return [
        AuditEntry(
            seq=r["seq"],
            at=from_ms(r["at"]),
            actor=r["actor"],
            role=r["role"],
            action=r["action"],
            subject=r["subject"],
            detail=msgspec.json.decode(r["detail"], type=dict[str, str]),
        )
        for r in found
    ]
