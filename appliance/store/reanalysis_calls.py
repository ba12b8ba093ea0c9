"""Which calls are meant to be read again, how many those are, and how long listening would take."""

import hashlib
import random
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from appliance.db import Database, row, rows, value
from appliance.facts import Fact, to_ms
from appliance.facts.calls import CallFilter
from appliance.facts.reanalyses import FROM_SOUND, Choice, Run
from appliance.reading import PROVENANCE
from appliance.reading.periods import midnight
from appliance.store import calls
from appliance.store.backlog import measure_speed
from appliance.store.rubrics import get_rubric
from appliance.store.settings import get_settings, zone_of

SAMPLE: Final = 2000  # calls that a preview looks at; of more it draws so many by lot

_FROM: Final = "call c JOIN card k ON k.call_id = c.id JOIN analysis a ON a.call_id = c.id"
# Its road is behind it, and no rule keeps people from listening.
_READ: Final = ("c.state = 'ready'", "c.rule = ''")
_OTHER: Final = (
    "(a.provenance <> ? OR NOT EXISTS (SELECT 1 FROM call_score v WHERE v.call_id = c.id"
    " AND v.version >= ?))"
)


class Meant(Fact, frozen=True, kw_only=True):
    """The calls of a run: how many of them are done, of how many that are meant.

    ``picked`` are those of a preview; ``work_ms`` is how long listening to them would take, None
    where nobody listens or the speed of this box is not known.
    """

    total: int
    whole: int
    picked: tuple[int, ...] = ()
    work_ms: int | None = None


def rules_of(db: Database) -> str:
    """A short hash of all that a reading depends on besides the call itself."""
    rubric, clinic = get_rubric(db), get_settings(db)
    told = (PROVENANCE, rubric.number, rubric.items, clinic, calls.list_staff(db))
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]


def _selection(db: Database, choice: Choice) -> tuple[str, list[str | int]]:
    zone = zone_of(get_settings(db).zone)
    until = date.fromisoformat(choice.until) + timedelta(days=1) if choice.until else None
    filters = CallFilter(
        started_from=midnight(date.fromisoformat(choice.since), zone) if choice.since else None,
        started_before=midnight(until, zone) if until else None,
        line=choice.line,
        intent=choice.intent,
    )
    where, params = calls.conditions(filters, "c")
    if choice.other:
        where.append(_OTHER)
        params += [_today(), get_rubric(db).number]
    return " AND ".join((*where, *_READ)), params


def _today() -> str:
    return msgspec.json.encode(PROVENANCE).decode()


def count_meant(db: Database, choice: Choice) -> int:
    """How many calls a choice means."""
    where, params = _selection(db, choice)
    return int(value(db, f"SELECT count(*) FROM {_FROM} WHERE {where}", params))


def measure(db: Database, run: Run) -> Meant:
    """Count the calls of a run; of a preview, draw them if they are many."""
    work_ms = estimate_listening(db, run.choice) if run.choice.start == FROM_SOUND else None
    whole = count_meant(db, run.choice)
    if run.kind != "preview":
        return Meant(total=whole, whole=whole, work_ms=work_ms)
    where, params = _selection(db, run.choice)
    order = "ORDER BY c.started_at DESC, c.id DESC"
    found = [r["id"] for r in rows(db, f"SELECT c.id FROM {_FROM} WHERE {where} {order}", params)]
    picked = draw(found, run.id)
    return Meant(total=len(picked), whole=len(found), picked=picked, work_ms=work_ms)


def draw(found: list[int], seed: int) -> tuple[int, ...]:
    """All of a few; of many so many by lot, the same ones for the same seed, in their order."""
    if len(found) <= SAMPLE:
        return tuple(found)
    places = random.Random(seed).sample(range(len(found)), SAMPLE)
    return tuple(found[place] for place in sorted(places))


def list_next(db: Database, run: Run, picked: tuple[int, ...], limit: int) -> list[tuple[int, str]]:
    """(call, place behind it) of the next calls of a run, newest first."""
    if run.kind == "preview":
        begin = int(run.place or 0)
        told = picked[begin : begin + limit]
        return [(call_id, str(at)) for at, call_id in enumerate(told, begin + 1)]
    where, params = _selection(db, run.choice)
    if run.place:
        started, _, number = run.place.partition(".")
        where += " AND (c.started_at, c.id) < (?, ?)"
        params += [int(started), int(number)]
    found = rows(
        db,
        f"SELECT c.id, c.started_at FROM {_FROM} WHERE {where}"
        " ORDER BY c.started_at DESC, c.id DESC LIMIT ?",
        (*params, limit),
    )
    return [(r["id"], f"{r['started_at']}.{r['id']}") for r in found]


def is_meant(db: Database, call_id: int) -> bool:
    """Whether a call can still be read again: it is there, and nothing else happens to it."""
    sql = f"SELECT 1 FROM {_FROM} WHERE c.id = ? AND {' AND '.join(_READ)}"
    return value(db, sql, (call_id,)) is not None


def stamp_of(db: Database, call_id: int) -> str:
    """Changes whenever the call was read, judged, corrected or named by somebody else."""
    return str(
        value(
            db,
            "SELECT a.created_at || '.' || c.state || '.' || (SELECT count(*) || '.' ||"
            " COALESCE(sum(r.id), 0) FROM review r WHERE r.call_id = c.id AND r.superseded = 0)"
            " || '.' || (SELECT count(*) || '.' || count(withdrawn_at) FROM correction o"
            " WHERE o.call_id = c.id)"
            " FROM call c LEFT JOIN analysis a ON a.call_id = c.id WHERE c.id = ?",
            (call_id,),
        )
    )


def ready_at(db: Database, call_id: int) -> int | None:
    """When a call came to the end of its road, in ms."""
    found: int | None = value(db, "SELECT ready_at FROM call WHERE id = ?", (call_id,))
    return found


def count_other(db: Database) -> tuple[int, int]:
    """How many calls were read by other rules than today's, and scored by an earlier version."""
    today = _today()
    other = value(
        db,
        "SELECT (SELECT count(*) FROM analysis WHERE provenance < ?)"
        " + (SELECT count(*) FROM analysis WHERE provenance > ?)",
        (today, today),
    )
    number = get_rubric(db).number
    earlier = 0
    if number > 1:
        sql = (
            "SELECT count(DISTINCT call_id) FROM call_score WHERE version < ?"
            " AND call_id NOT IN (SELECT call_id FROM call_score WHERE version >= ?)"
        )
        earlier = value(db, sql, (number, number))
    return int(other), int(earlier)


def estimate_listening(db: Database, choice: Choice) -> int | None:
    """Milliseconds that listening to the chosen calls again takes at the pace of recent ones."""
    speed = measure_speed(db)
    if not speed:
        return None
    where, params = _selection(db, choice)
    found = row(
        db,
        "SELECT COALESCE(sum(t.duration_ms), 0) AS audio_ms FROM"
        f" {_FROM} JOIN transcript t ON t.call_id = c.id WHERE {where}",
        params,
    )
    return round(found["audio_ms"] / speed) if found else None


def list_lines(db: Database, *, now: datetime, limit: int = 20) -> list[str]:
    """The clinic's own numbers that were called in the last quarter, the busiest first."""
    found = rows(
        db,
        "SELECT dialed, count(*) AS n FROM call WHERE started_at > ? AND direction = 'in'"
        " AND dialed <> '' AND duplicate_of IS NULL GROUP BY dialed ORDER BY n DESC, dialed LIMIT ?",
        (to_ms(now - timedelta(days=91)), limit),
    )
    return [r["dialed"] for r in found]
