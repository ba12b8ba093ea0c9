"""Which calls are meant to be read again, how many those are, and how long listening would take."""

import hashlib
import random
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from appliance.db import Database, row, rows, value
from appliance.facts import Fact, to_ms
from appliance.facts.calls import CallFilter
from appliance.facts.reanalyses import FROM_SOUND, PREVIEW, Choice, Run
from appliance.facts.vocabulary import GROUPS
from appliance.reading import read_by
from appliance.reading.periods import midnight
from appliance.store import calls, corrections, vocabulary
from appliance.store.backlog import measure_speed
from appliance.store.rubrics import get_rubric
from appliance.store.settings import get_encoder, get_settings, zone_of

SAMPLE: Final = 2000  # calls that a preview looks at; of more it draws so many by lot

MOST_COUNTED: Final = 10_000  # calls; that there are more is all that people want to know

# CROSS: what can be walked in its order leads.
_FROM: Final = "call c CROSS JOIN card k ON k.call_id = c.id JOIN analysis a ON a.call_id = c.id"
_BY_CARD: Final = (
    "card k CROSS JOIN call c ON c.id = k.call_id JOIN analysis a ON a.call_id = k.call_id"
)
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
    rubric = get_rubric(db)
    clinic = msgspec.structs.replace(get_settings(db), vocabulary=())  # it is listened for
    names = [vocabulary.list_names(db, group) for group in GROUPS if group != "pets"]
    staff = (calls.list_staff(db), names, corrections.list_staff_names(db))
    told = (read_by(get_encoder(db)), rubric.number, rubric.items, clinic, staff)
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]


class _Selection(NamedTuple):
    """Tables, conditions and values in SQL, and the place by which calls follow each other."""

    tables: str
    where: str
    params: list[str | int]
    started: str
    number: str

    @property
    def newest_first(self) -> str:
        return f"ORDER BY {self.started} DESC, {self.number} DESC"


def _selection(db: Database, choice: Choice) -> _Selection:
    zone = zone_of(get_settings(db).zone)
    until = date.fromisoformat(choice.until) + timedelta(days=1) if choice.until else None
    filters = CallFilter(
        started_from=midnight(date.fromisoformat(choice.since), zone) if choice.since else None,
        started_before=midnight(until, zone) if until else None,
        line=choice.line,
        intent=choice.intent,
    )
    table = "k" if choice.intent else "c"
    where, params = calls.conditions(filters, table)
    if choice.other:
        where.append(_OTHER)
        params += [_today(db), get_rubric(db).number]
    return _Selection(
        tables=_BY_CARD if choice.intent else _FROM,
        where=" AND ".join((*where, *_READ)),
        params=params,
        started=f"{table}.started_at",
        number="k.call_id" if choice.intent else "c.id",
    )


def _today(db: Database) -> str:
    return msgspec.json.encode(read_by(get_encoder(db))).decode()


def count_meant(db: Database, choice: Choice) -> int:
    """How many calls a choice means."""
    chosen = _selection(db, choice)
    sql = f"SELECT count(*) FROM {chosen.tables} WHERE {chosen.where}"
    return int(value(db, sql, chosen.params))


def measure(db: Database, run: Run) -> Meant:
    """Count the calls of a run; of a preview, draw them if they are many."""
    work_ms = estimate_listening(db, run.choice) if run.choice.start == FROM_SOUND else None
    if run.kind != PREVIEW:
        whole = count_meant(db, run.choice)
        return Meant(total=whole, whole=whole, work_ms=work_ms)
    chosen = _selection(db, run.choice)
    sql = f"SELECT c.id FROM {chosen.tables} WHERE {chosen.where} {chosen.newest_first}"
    found = [r["id"] for r in rows(db, sql, chosen.params)]
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
    if run.kind == PREVIEW:
        begin = int(run.place or 0)
        told = picked[begin : begin + limit]
        return [(call_id, str(at)) for at, call_id in enumerate(told, begin + 1)]
    chosen = _selection(db, run.choice)
    where, params = chosen.where, chosen.params
    if run.place:
        started, _, number = run.place.partition(".")
        where += f" AND ({chosen.started}, {chosen.number}) < (?, ?)"
        params = [*params, int(started), int(number)]
    found = rows(
        db,
        f"SELECT c.id, c.started_at FROM {chosen.tables} WHERE {where} {chosen.newest_first} LIMIT ?",
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
    """How many calls were read by other rules, and have no score under the version in force.

    No further than MOST_COUNTED is counted.
    """
    today, other = _today(db), 0
    for way in "<", ">":
        sql = f"SELECT count(*) FROM (SELECT 1 FROM analysis WHERE provenance {way} ? LIMIT ?)"
        other += int(value(db, sql, (today, MOST_COUNTED - other)))
    unscored = value(
        db,
        "SELECT (SELECT count(*) FROM analysis)"
        " - (SELECT count(*) FROM call_score WHERE version = ?)",
        (get_rubric(db).number,),
    )
    return other, min(MOST_COUNTED, max(0, int(unscored)))


def estimate_listening(db: Database, choice: Choice) -> int | None:
    """Milliseconds that listening to the chosen calls again takes at the pace of recent ones."""
    speed = measure_speed(db)
    if not speed:
        return None
    chosen = _selection(db, choice)
    found = row(
        db,
        "SELECT COALESCE(sum(t.duration_ms), 0) AS audio_ms FROM"
        f" {chosen.tables} JOIN transcript t ON t.call_id = c.id WHERE {chosen.where}",
        chosen.params,
    )
    return round(found["audio_ms"] / speed) if found else None


def list_lines(db: Database, *, now: datetime, limit: int = 20) -> list[str]:
    """The clinic's own numbers that were called in the last month, the busiest first."""
    found = rows(
        db,
        "SELECT dialed, count(*) AS n FROM call WHERE started_at > ? AND direction = 'in'"
        " AND dialed <> '' AND duplicate_of IS NULL GROUP BY dialed ORDER BY n DESC, dialed LIMIT ?",
        (to_ms(now - timedelta(days=31)), limit),
    )
    return [r["dialed"] for r in found]
