"""Filters of the list of calls that people keep under a name, each for themselves."""

from datetime import datetime

from appliance.db import Database, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import Fact, to_ms

MOST = 30
LONGEST_NAME = 60


class SavedFilter(Fact, frozen=True, kw_only=True):
    """A name and the query of an address."""

    id: int
    name: str
    address: str


def list_saved(db: Database, user_id: int) -> list[SavedFilter]:
    """The filters of one person, by name."""
    found = rows(
        db,
        "SELECT id, name, address FROM saved_filter WHERE user_id = ? ORDER BY name COLLATE NOCASE",
        (user_id,),
    )
    return [SavedFilter(**r) for r in found]


def save_filter(db: Database, user_id: int, name: str, address: str, *, now: datetime) -> None:
    """Keep a filter; the same name again replaces it. Raises Refused with what is wrong."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"give the filters a name of at most {LONGEST_NAME} letters")
    if not address:
        raise Refused("there is nothing to keep: choose a filter first")
    others = value(
        db, "SELECT count(*) FROM saved_filter WHERE user_id = ? AND name <> ?", (user_id, name)
    )
    if int(others) >= MOST:
        raise Refused(f"you have {MOST} saved filters; remove one first")
    execute(
        db,
        "INSERT INTO saved_filter (user_id, name, address, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id, name) DO UPDATE SET address = excluded.address",
        (user_id, name, address, to_ms(now)),
    )


def remove_filter(db: Database, user_id: int, number: int) -> None:
    """Forget a filter of this person; raises NotFound, also for somebody else's."""
    gone = row(
        db, "DELETE FROM saved_filter WHERE id = ? AND user_id = ? RETURNING id", (number, user_id)
    )
    if gone is None:
        raise NotFound("there is no such saved filter")
