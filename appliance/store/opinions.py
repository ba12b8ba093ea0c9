"""Second opinions: which calls wait for one, what was said, and where it differs from our reading."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.facts import to_ms
from appliance.facts.notices import Egress
from appliance.facts.opinions import LABELS, Agreement, Compared, Opinion, Wish
from appliance.reading.second import compare, measure
from appliance.store import audit
from appliance.store.analyses import get_analysis
from appliance.store.egress import note_egress

MOST_TRIES = 6
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)

# A label that differs, until a person has said what holds.
DIFFERING = (
    "SELECT 1 FROM opinion_label l WHERE l.call_id = c.id AND l.differs = 1 AND NOT EXISTS"
    " (SELECT 1 FROM review r WHERE r.call_id = l.call_id AND r.name = l.label"
    " AND r.superseded = 0)"
)


def wish(db: Database, call_id: int, asked_by: str = "", *, now: datetime) -> None:
    """Have a call asked about; one that a person asks for goes first and is tried anew."""
    moment = 0 if asked_by else to_ms(now)
    execute(
        db,
        "INSERT INTO opinion_wish (call_id, asked_by, run_after) VALUES (?, ?, ?)"
        " ON CONFLICT (call_id) DO UPDATE SET asked_by = excluded.asked_by, gave_up = 0,"
        " run_after = min(run_after, excluded.run_after), tries = 0, problem = ''",
        (call_id, asked_by, moment),
    )


def next_wish(db: Database, *, now: datetime) -> Wish | None:
    """The call to ask about now, or None."""
    found = row(
        db,
        "SELECT * FROM opinion_wish WHERE gave_up = 0 AND run_after <= ?"
        " ORDER BY run_after, call_id LIMIT 1",
        (to_ms(now),),
    )
    return _wish(found) if found else None


def get_wish(db: Database, call_id: int) -> Wish | None:
    """Whether a call waits for an opinion, or why none could be had."""
    found = row(db, "SELECT * FROM opinion_wish WHERE call_id = ?", (call_id,))
    return _wish(found) if found else None


def _wish(found: Row) -> Wish:
    return Wish(
        call_id=found["call_id"],
        asked_by=found["asked_by"],
        tries=found["tries"],
        gave_up=bool(found["gave_up"]),
        problem=found["problem"],
    )


def count_waiting(db: Database) -> tuple[int, int]:
    """How many calls wait for an opinion, and for how many it was given up."""
    found = row(
        db,
        "SELECT COALESCE(sum(gave_up = 0), 0) AS waiting, COALESCE(sum(gave_up), 0) AS gone"
        " FROM opinion_wish",
    )
    assert found is not None
    return found["waiting"], found["gone"]


def drop_wish(db: Database, call_id: int) -> None:
    """Ask no more about a call."""
    execute(db, "DELETE FROM opinion_wish WHERE call_id = ?", (call_id,))


def drop_wishes(db: Database) -> int:
    """Ask about no call that no person asked for."""
    return execute(db, "DELETE FROM opinion_wish WHERE asked_by = ''")


def revive(db: Database, *, now: datetime) -> int:
    """Try the calls anew for which it was given up: another model may do better."""
    return execute(
        db,
        "UPDATE opinion_wish SET gave_up = 0, tries = 0, run_after = ? WHERE gave_up = 1",
        (to_ms(now),),
    )


def put_off(
    db: Database, wished: Wish, problem: str, *, now: datetime, counts: bool, hopeless: bool = False
) -> None:
    """Try a call again later, each time after four times as long; give it up in the end."""
    tries = wished.tries + counts
    wait = min(LONGEST_WAIT, FIRST_WAIT * 4 ** min(wished.tries, 8))
    execute(
        db,
        "UPDATE opinion_wish SET tries = ?, run_after = ?, problem = ?, gave_up = ?"
        " WHERE call_id = ?",
        (
            tries, to_ms(now + wait), problem, int(hopeless or tries >= MOST_TRIES),
            wished.call_id,
        ),
    )  # fmt: skip


def save_opinion(db: Database, call_id: int, opinion: Opinion) -> None:
    """Put an opinion in place of the one before; neither analysis nor card are touched."""
    execute(
        db,
        "INSERT OR REPLACE INTO opinion VALUES (?, ?, ?, ?)",
        (
            call_id,
            msgspec.json.encode(opinion).decode(),
            opinion.digest,
            to_ms(opinion.created_at),
        ),
    )
    drop_wish(db, call_id)
    settle(db, call_id)


def get_opinion(db: Database, call_id: int) -> Opinion | None:
    """The second opinion on a call, or None."""
    body = value(db, "SELECT body FROM opinion WHERE call_id = ?", (call_id,))
    return None if body is None else msgspec.json.decode(body, type=Opinion)


def digest_of_opinion(db: Database, call_id: int) -> str:
    """Of which words the opinion on a call is, "" where there is none."""
    return str(value(db, "SELECT digest FROM opinion WHERE call_id = ?", (call_id,)) or "")


def settle(db: Database, call_id: int) -> None:
    """Compare anew, after another opinion or another analysis. Belongs inside ``writing()``."""
    execute(db, "DELETE FROM opinion_label WHERE call_id = ?", (call_id,))
    for found in compared(db, call_id):
        execute(
            db,
            "INSERT INTO opinion_label VALUES (?, ?, ?, ?, ?)",
            (call_id, found.label, found.ours, found.theirs, int(found.differs)),
        )


def compared(db: Database, call_id: int) -> tuple[Compared, ...]:
    """Both readings of a call, label by label; empty where there is no opinion."""
    opinion = get_opinion(db, call_id)
    return compare(get_analysis(db, call_id), opinion.claims) if opinion else ()


def count_opinions(db: Database) -> int:
    """How many calls have a second opinion."""
    return int(value(db, "SELECT count(*) FROM opinion"))


def has_opinions(db: Database) -> bool:
    """Whether any call has one, without counting them."""
    return row(db, "SELECT 1 FROM opinion LIMIT 1") is not None


def agreements(db: Database, labels: Iterable[str] = LABELS) -> list[Agreement]:
    """How well both readings agree, by label."""
    counted: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for found in rows(
        db, "SELECT label, ours, theirs, count(*) AS n FROM opinion_label GROUP BY 1, 2, 3"
    ):
        counted[found["label"]][found["ours"], found["theirs"]] = found["n"]
    return [measure(label, counted[label]) for label in labels]


def note_outgoing(
    db: Database, ref: str, sent: bytes, *, destination: str, allowed_by: str, now: datetime
) -> None:
    """Write down that words of a call leave the box: before they do, or they do not."""
    gone = Egress(
        at=now, kind="second_opinion", destination=destination, reason="second opinion",
        allowed_by=allowed_by, bytes=len(sent), sha256=hashlib.sha256(sent).hexdigest(),
        subject=ref,
    )  # fmt: skip
    note_egress(db, gone)
    detail = {
        "kind": "second opinion",
        "destination": destination,
        "allowed_by": allowed_by,
        "bytes": str(gone.bytes),
        "sha256": gone.sha256,
    }
    audit.record(db, "box", "system", "send_words", ref, now=now, detail=detail)
