"""Calls counted for figures; each count is that of the list which its filter gives."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from appliance.db import Database, Row, row, rows
from appliance.facts import to_ms
from appliance.facts.calls import CallFilter, Offsets
from appliance.facts.figures import Count
from appliance.store import followups
from appliance.store.calls import conditions
from appliance.store.followups import HOUR_MS
from appliance.store.narrowing import DAY, local_ms, steps

THURSDAY: Final = date(1970, 1, 1)
# Indexes that hold all that is counted; left to itself, SQLite would go to the tables instead.
_CARDS: Final = "card k CROSS JOIN call c INDEXED BY call_told ON c.id = k.call_id"
_CALLS: Final = "call c INDEXED BY call_by_start_told"
_CONFIRMED: Final = (
    "EXISTS (SELECT 1 FROM review r WHERE r.call_id = k.call_id AND r.name = 'turnaway'"
    " AND r.superseded = 0 AND r.verdict IN ('confirmed', 'corrected'))"
)
# What can be counted by, and where it is kept.
COLUMNS: Final = {
    "intent": "k.intent",
    "species": "k.species",
    "disclosure": "k.disclosure",
    "mood_start": "k.sentiment_start",
    "mood_end": "k.sentiment_end",
    "line": "c.dialed",
}
SECONDS: Final = {"ring": "c.ring_ms / 1000", "waited": "c.duration_ms / 1000"}


def count_hours(
    db: Database, filters: CallFilter, offsets: Offsets
) -> list[tuple[date, int, str, int]]:
    """(day, hour, answer state, calls) on the clinic's wall clock."""
    if _by_whole_hours(filters, offsets):
        return _count_whole_hours(db, filters, offsets)
    where, params = conditions(filters, "c")
    found = rows(
        db,
        f"SELECT {local_ms(offsets)} / 3600000 AS hour, c.answer_state AS state, count(*) AS n"
        f" FROM {_CALLS} WHERE {' AND '.join(where)} GROUP BY 1, 2",
        params,
    )
    return [(day_of(r["hour"] // 24), r["hour"] % 24, r["state"], r["n"]) for r in found]


def _by_whole_hours(filters: CallFilter, offsets: Offsets) -> bool:
    """Whether all calls of one direction are asked about, by hours that are hours everywhere."""
    begin, end, way = filters.started_from, filters.started_before, filters.direction
    plain = CallFilter(started_from=begin, started_before=end, direction=way) == filters
    if not plain or begin is None or end is None or not way or not offsets:
        return False
    moments = (
        to_ms(begin),
        to_ms(end),
        *(n for pair in offsets[:-1] for n in pair),
        offsets[-1][1],
    )
    return all(moment % HOUR_MS == 0 for moment in moments)


def _count_whole_hours(
    db: Database, filters: CallFilter, offsets: Offsets
) -> list[tuple[date, int, str, int]]:
    """The same from an index that has the hours in order: nothing is sorted."""
    assert filters.started_from and filters.started_before
    found = rows(
        db,
        "SELECT hour, answer_state AS state, count(*) AS n FROM call INDEXED BY call_by_hour"
        " WHERE duplicate_of IS NULL AND direction = ? AND hour >= ? AND hour < ?"
        " GROUP BY hour, direction, answer_state",
        (
            filters.direction, to_ms(filters.started_from) // HOUR_MS,
            to_ms(filters.started_before) // HOUR_MS,
        ),
    )  # fmt: skip
    told: Counter[tuple[int, str]] = Counter()
    for r in found:
        moment = r["hour"] * HOUR_MS
        ahead = next((ahead for since, ahead in offsets[:-1] if moment >= since), offsets[-1][1])
        told[(moment + ahead) // HOUR_MS, r["state"]] += r["n"]
    return [(day_of(hour // 24), hour % 24, state, n) for (hour, state), n in told.items()]


def day_of(number: int) -> date:
    """The day that is so many days after the first of 1970."""
    return THURSDAY + timedelta(days=number)


def count_steps(db: Database, filters: CallFilter) -> dict[str, int]:
    """How many answered incoming calls came to each step of the funnel."""
    answered = msgspec.structs.replace(filters, direction="in", answer_state="answered")
    where, params = conditions(answered, "k")
    sums = ", ".join(f"COALESCE(sum({sql}), 0) AS {step}" for step, sql in steps(filters).items())
    found = row(db, f"SELECT {sums} FROM {_CARDS} WHERE {' AND '.join(where)}", params)
    return dict(found or {})


def count_reasons(db: Database, filters: CallFilter) -> list[Count]:
    """Turnaways by their reason, and how many of each a person confirmed."""
    where, params = conditions(msgspec.structs.replace(filters, turnaway="any"), "k")
    found = rows(
        db,
        f"SELECT k.turnaway_reason AS code, count(*) AS n, sum({_CONFIRMED}) AS confirmed"
        f" FROM {_CARDS} WHERE {' AND '.join(where)} GROUP BY 1 ORDER BY 2 DESC, 1",
        params,
    )
    return [Count(**r) for r in found]


def count_lost(db: Database, filters: CallFilter) -> tuple[int, int]:
    """Calls that wanted care and left without it, and how many of them a person confirmed."""
    where, params = conditions(msgspec.structs.replace(filters, turnaway="lost"), "k")
    found = row(
        db,
        f"SELECT count(*) AS n, COALESCE(sum({_CONFIRMED}), 0) AS confirmed"
        f" FROM {_CARDS} WHERE {' AND '.join(where)}",
        params,
    )
    return (found["n"], found["confirmed"]) if found else (0, 0)


def count_by(db: Database, filters: CallFilter, *names: str) -> list[Row]:
    """Calls by one or more labels (names of COLUMNS), most first; ``n`` is how many."""
    where, params = conditions(filters, "k")
    told = ", ".join(f"{COLUMNS[name]} AS {name}" for name in names)
    by = ", ".join(COLUMNS[name] for name in names)
    return rows(
        db,
        f"SELECT {told}, count(*) AS n FROM {_CARDS} WHERE {' AND '.join(where)}"
        f" GROUP BY {by} ORDER BY n DESC, {by}",
        params,
    )


def count_notices(
    db: Database, filters: CallFilter, offsets: Offsets
) -> list[tuple[date, str, int]]:
    """(day, whether the recording notice was heard, calls)."""
    where, params = conditions(filters, "k")
    day = DAY.format(local=local_ms(offsets, "k.started_at"))
    found = rows(
        db,
        f"SELECT {day} AS day, k.disclosure AS told, count(*) AS n FROM {_CARDS}"
        f" WHERE {' AND '.join(where)} GROUP BY 1, 2",
        params,
    )
    return [(day_of(r["day"]), r["told"], r["n"]) for r in found]


def count_seconds(db: Database, filters: CallFilter, name: str) -> dict[int, int]:
    """How many calls took how many whole seconds; ``name`` is one of SECONDS."""
    where, params = conditions(filters, "c")
    found = rows(
        db,
        f"SELECT {SECONDS[name]} AS s, count(*) AS n FROM {_CALLS}"
        f" WHERE {' AND '.join(where)} AND {SECONDS[name]} IS NOT NULL GROUP BY 1",
        params,
    )
    return {r["s"]: r["n"] for r in found}


_FLAGGED: Final = (
    "FROM flag f JOIN call c ON c.id = f.call_id WHERE f.name IN ({names}) AND f.value = 'yes'"
    " AND f.started_at >= ? AND f.started_at < ? AND c.duplicate_of IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM review r WHERE r.call_id = f.call_id AND r.name = f.name"
    " AND r.superseded = 0 AND r.verdict = 'rejected')"
)


def count_flags(
    db: Database, names: Sequence[str], begin: datetime, end: datetime
) -> dict[str, int]:
    """Safety flags of these names in [begin, end) that nobody rejected."""
    found = rows(
        db,
        f"SELECT f.name, count(*) AS n {_FLAGGED.format(names=_marks(names))} GROUP BY 1",
        (*names, to_ms(begin), to_ms(end)),
    )
    return {r["name"]: r["n"] for r in found}


def list_flagged(
    db: Database, names: Sequence[str], begin: datetime, end: datetime, limit: int
) -> list[Row]:
    """The newest safety flags of these names that nobody rejected."""
    return rows(
        db,
        "SELECT f.call_id, f.name, f.first_segment, f.last_segment, f.staff_name, EXISTS (SELECT 1"
        " FROM review r WHERE r.call_id = f.call_id AND r.name = f.name AND r.superseded = 0"
        f" AND r.verdict IN ('confirmed', 'corrected')) AS confirmed"
        f" {_FLAGGED.format(names=_marks(names))} ORDER BY f.started_at DESC, f.call_id DESC LIMIT ?",
        (*names, to_ms(begin), to_ms(end), limit),
    )


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def quote(db: Database, call_id: int, first: int, last: int) -> str:
    """What was said in some segments of a call."""
    found = rows(
        db,
        "SELECT text FROM segment WHERE call_id = ? AND idx BETWEEN ? AND ? ORDER BY idx LIMIT 3",
        (call_id, first, last),
    )
    return " ".join(r["text"].strip() for r in found)


def reached_since(db: Database, call_id: int) -> tuple[int | None, int | None]:
    """When the same number was first spoken to after a call, and last tried in vain; in ms."""
    found = row(
        db,
        "SELECT min(CASE WHEN f.answer_state = 'answered' THEN f.started_at END) AS reached,"
        " max(CASE WHEN f.answer_state <> 'answered' AND f.direction = 'out' THEN f.started_at END)"
        " AS tried FROM call c JOIN call f ON f.outside_key = c.outside_key"
        " AND f.outside_key <> '' AND f.duplicate_of IS NULL AND f.started_at > c.started_at"
        " AND f.started_at <= c.started_at + ? AND f.direction IN ('in', 'out') WHERE c.id = ?",
        (31 * 24 * followups.HOUR_MS, call_id),
    )
    return (found["reached"], found["tried"]) if found else (None, None)


def last_moment_before(db: Database, before_ms: int) -> int | None:
    """When the last incoming call before a moment began, in ms."""
    found = row(
        db,
        "SELECT c.started_at AS at FROM call c WHERE c.duplicate_of IS NULL AND c.started_at < ?"
        " AND c.direction = 'in' ORDER BY c.started_at DESC LIMIT 1",
        (before_ms,),
    )
    return found["at"] if found else None


def first_moment(db: Database) -> int | None:
    """When the first call of all began, in ms."""
    found = row(
        db,
        "SELECT c.started_at AS at FROM call c WHERE c.duplicate_of IS NULL"
        " ORDER BY c.started_at, c.id LIMIT 1",
    )
    return found["at"] if found else None


def last_read(db: Database) -> int | None:
    """When a call last came to the end of the road, in ms."""
    found = row(
        db,
        "SELECT finished_at AS at FROM job WHERE state = 'done' AND kind = 'publish'"
        " ORDER BY finished_at DESC LIMIT 1",
    )
    return found["at"] if found else None


def count_unread(db: Database, begin: datetime, end: datetime) -> tuple[int, int]:
    """How many calls began in [begin, end), and how many of them are still to be read."""
    found = row(
        db,
        "SELECT count(*) AS calls, COALESCE(sum(state NOT IN ('ready', 'skipped')), 0) AS unread"
        " FROM call WHERE started_at >= ? AND started_at < ? AND duplicate_of IS NULL",
        (to_ms(begin), to_ms(end)),
    )
    return (found["calls"], found["unread"]) if found else (0, 0)
