"""The review queue: what waits for a person's verdict, in the order in which it matters."""

from datetime import datetime
from typing import Final

from appliance.db import Database, Row, rows, value
from appliance.facts import Fact, from_ms, to_ms

RANKS: Final = {"safety": 0, "turnaway": 1, "not_met": 2}
PAGE: Final = 25
CARE: Final = 3  # calls about death and grief: never ranked, reviewed apart


class PendingFilter(Fact, frozen=True, kw_only=True):
    """What the queue is narrowed to; ``what`` is a key of RANKS or the name of a flag.

    ``care`` asks for the calls about death and grief instead of all others.
    """

    what: str = ""
    extensions: tuple[str, ...] | None = None
    started_from: datetime | None = None
    care: bool = False


class Pending(Fact, frozen=True, kw_only=True):
    """One flag of one call that nobody has judged."""

    call_id: int
    ref: str
    rank: int
    name: str
    value: str
    started_at: datetime
    staff_name: str

    @property
    def cursor(self) -> str:
        """Where a page that ends here ends."""
        return f"{self.rank}~{to_ms(self.started_at)}~{self.call_id}~{self.name}"


def list_pending(
    db: Database, asked: PendingFilter, *, after: str = "", limit: int = PAGE
) -> tuple[list[Pending], str]:
    """What waits and the cursor of the next page: safety, turnaways, not met; newest first in each."""
    found: list[Row] = []
    first, place = _place(after)
    for rank in (rank for rank in _ranks(asked) if rank >= first):
        where, params = _conditions(asked, rank, judged=False)
        if rank == first and after:
            where += " AND (f.started_at, f.call_id, f.name) < (?, ?, ?)"
            params += place
        found += rows(
            db,
            "SELECT f.*, c.ref FROM flag f INDEXED BY flag_to_review"
            f" JOIN call c ON c.id = f.call_id WHERE {where}"
            " ORDER BY f.started_at DESC, f.call_id DESC, f.name DESC LIMIT ?",
            (*params, limit + 1 - len(found)),
        )
        if len(found) > limit:
            break
    page = [_pending(r) for r in found[:limit]]
    return page, page[-1].cursor if len(found) > limit else ""


def _place(cursor: str) -> tuple[int, tuple[int, int, str]]:
    """Rank, start, call and name in a cursor; one that was made up is the end of the queue."""
    if not cursor:
        return 0, (0, 0, "")
    *numbers, name = (*cursor.split("~", 3), "", "", "")[:4]
    if not all(part.isdecimal() and len(part) < 19 for part in numbers):
        return CARE + 1, (0, 0, "")
    rank, start, call_id = (int(part) for part in numbers)
    return rank, (start, call_id, name)


def count_flags(db: Database, asked: PendingFilter) -> tuple[int, int]:
    """How many of these flags are judged, and how many there are."""
    counts = [0, 0]
    for judged in (False, True):
        for rank in _ranks(asked):
            where, params = _conditions(asked, rank, judged=judged)
            sql = f"SELECT count(*) FROM flag f INDEXED BY flag_to_review WHERE {where}"
            counts[judged] += int(value(db, sql, params))
    return counts[1], sum(counts)


def _ranks(asked: PendingFilter) -> tuple[int, ...]:
    if asked.care:
        return (CARE,)
    by_name = {"turnaway": 1, "rubric": 2, "safety": 0}.get(asked.what.partition(".")[0])
    if asked.what in RANKS:
        return (RANKS[asked.what],)
    return tuple(RANKS.values()) if by_name is None else (by_name,)


def _conditions(asked: PendingFilter, rank: int, *, judged: bool) -> tuple[str, list[str | int]]:
    where = ["f.rank = ?", "f.judged = ?"]
    params: list[str | int] = [rank, int(judged)]
    if asked.started_from:
        where.append("f.started_at >= ?")
        params.append(to_ms(asked.started_from))
    if asked.what and asked.what not in RANKS:
        where.append("f.name = ?")
        params.append(asked.what)
    if asked.extensions is not None:
        where.append(f"f.staff_extension IN ({', '.join('?' for _ in asked.extensions)})")
        params += asked.extensions
    return " AND ".join(where), params


def _pending(found: Row) -> Pending:
    extension = found["staff_extension"]
    return Pending(
        call_id=found["call_id"],
        ref=found["ref"],
        rank=found["rank"],
        name=found["name"],
        value=found["value"],
        started_at=from_ms(found["started_at"]),
        staff_name=found["staff_name"] or (f"Ext. {extension}" if extension else ""),
    )
