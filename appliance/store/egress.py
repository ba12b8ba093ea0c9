"""The ledger of what left the box: one row for each thing whose bytes may have gone out."""

from appliance.db import Database, execute, rows
from appliance.facts import from_ms, to_ms
from appliance.facts.notices import Egress


def note_egress(db: Database, gone: Egress) -> None:
    """Note what left; belongs inside ``writing()`` with the change of state it goes with."""
    execute(
        db,
        "INSERT INTO egress (at, kind, destination, reason, allowed_by, bytes, sha256, subject)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            to_ms(gone.at), gone.kind, gone.destination, gone.reason, gone.allowed_by, gone.bytes,
            gone.sha256, gone.subject,
        ),
    )  # fmt: skip


def list_egress(db: Database, limit: int = 100) -> list[Egress]:
    """What left the box, newest first."""
    found = rows(db, "SELECT * FROM egress ORDER BY at DESC, id DESC LIMIT ?", (limit,))
    names = ("kind", "destination", "reason", "allowed_by", "bytes", "sha256", "subject")
    return [Egress(at=from_ms(r["at"]), **{name: r[name] for name in names}) for r in found]
