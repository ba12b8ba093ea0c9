"""What is meant for what is heard, and suggestions of both kinds that people took or dismissed."""

from datetime import datetime
from typing import Final

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.vocabulary import Pair
from appliance.reading.pairs import pair_key, read_pair

MOST_PAIRS: Final = 500


def list_pairs(db: Database) -> tuple[tuple[str, str], ...]:
    """What is heard and what is meant, as recognition applies them."""
    found = rows(db, "SELECT heard, meant FROM replacement ORDER BY key")
    return tuple((r["heard"], r["meant"]) for r in found)


def list_replacements(db: Database) -> list[Pair]:
    """All of them with who added them, by the alphabet."""
    return [_pair(r) for r in rows(db, "SELECT * FROM replacement ORDER BY key")]


def _pair(found: Row) -> Pair:
    return Pair(
        id=found["id"],
        heard=found["heard"],
        meant=found["meant"],
        added_by=found["added_by"],
        added_at=from_ms(found["added_at"]),
    )


def check_pair(db: Database, heard: str, meant: str) -> tuple[str, str]:
    """A typed pair that does no harm; raises Refused with what is wrong with it."""
    pair = read_pair(heard, meant, list_pairs(db))
    if value(db, "SELECT count(*) FROM replacement") >= MOST_PAIRS:
        raise Refused(f"there are {MOST_PAIRS} replacements at most; remove some first")
    return pair


def add_replacement(db: Database, heard: str, meant: str, by: str, *, now: datetime) -> int:
    """Keep a pair; returns its number, raises Refused as ``check_pair``. Inside ``writing()``."""
    said, said_meant = check_pair(db, heard, meant)
    execute(
        db,
        "INSERT INTO replacement (heard, key, meant, added_by, added_at) VALUES (?, ?, ?, ?, ?)",
        (said, pair_key(said), said_meant, by, to_ms(now)),
    )
    return int(value(db, "SELECT last_insert_rowid()"))


def remove_replacement(db: Database, number: int) -> None:
    """Replace it no more; raises NotFound where it is gone. Inside ``writing()``."""
    found = row(db, "DELETE FROM replacement WHERE id = ? RETURNING id", (number,))
    if found is None:
        raise NotFound("this replacement was removed meanwhile; look at the list again")
