"""Addresses the box would not talk to: each is in the audit log once, however often it is tried.

A row of the log is written when an address is refused for the first time, or for another reason
than before. One that is refused, let out and refused again within a day is not told again, or a
name server that changes its mind every minute would fill the log.
"""

from datetime import datetime, timedelta

from appliance.db import Database, Row, execute, row, rows
from appliance.facts import Fact, from_ms, to_ms
from appliance.store import audit
from connectors.doors import Judged

QUIET = timedelta(days=1)


class Refusal(Fact, frozen=True, kw_only=True):
    """A refusal that stands; ``reason`` goes on from "this address"."""

    connector_id: int
    host: str
    address: str
    reason: str
    at: datetime


def is_news(db: Database, connector_id: int, judged: Judged) -> bool:
    """Whether ``note`` would write anything: most looks are like the one before."""
    known = _known(db, connector_id, judged)
    if not judged.reason:
        return known is not None
    return known is None or not known["holds"] or known["reason"] != judged.reason


def note(db: Database, connector_id: int, judged: Judged, *, now: datetime) -> None:
    """Keep what the door said of an address; belongs inside ``writing()``."""
    if not judged.reason:
        sql = "UPDATE refusal SET holds = 0 WHERE connector_id = ? AND host = ?"
        execute(db, sql, (connector_id, judged.host))
        return
    known = _known(db, connector_id, judged) or {"reason": "", "at": 0, "holds": 0}
    same = known["reason"] == judged.reason
    told = same and bool(known["holds"] or known["at"] > to_ms(now - QUIET))
    execute(
        db,
        "INSERT OR REPLACE INTO refusal (connector_id, host, address, reason, at, holds)"
        " VALUES (?, ?, ?, ?, ?, 1)",
        (connector_id, *judged, known["at"] if told else to_ms(now)),
    )
    if not told:
        detail = {"host": judged.host, "address": judged.address, "why": judged.reason}
        subject = f"phone {connector_id}"
        audit.record(db, "box", "system", "refuse_address", subject, now=now, detail=detail)


def settle(db: Database, connector_id: int) -> None:
    """Other settings or allowed addresses are in force: what is refused now will be told anew."""
    execute(db, "UPDATE refusal SET holds = 0 WHERE connector_id = ?", (connector_id,))


def _known(db: Database, connector_id: int, one: Judged) -> Row | None:
    """What is kept of this address; of one that was let out, a refusal that stands of its host."""
    which = "address = ?" if one.reason else "? <> '' AND holds = 1"
    return row(
        db,
        f"SELECT * FROM refusal WHERE connector_id = ? AND host = ? AND {which}",
        (connector_id, one.host, one.address),
    )


def list_refusals(db: Database, connector_id: int) -> list[Refusal]:
    """The refusals of a phone system that stand, newest first."""
    found = rows(
        db,
        "SELECT * FROM refusal WHERE connector_id = ? AND holds = 1 ORDER BY at DESC, address",
        (connector_id,),
    )
    return [
        Refusal(
            connector_id=r["connector_id"],
            host=r["host"],
            address=r["address"],
            reason=r["reason"],
            at=from_ms(r["at"]),
        )
        for r in found
    ]
