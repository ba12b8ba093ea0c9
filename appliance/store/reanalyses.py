"""Runs that read many calls again: one at a time, each with its place, so that it can go on.

A run is a row that work in slices moves along; what changes is kept call by call and goes with the
calls. The row itself tells codes and counts, never names or words.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.reanalyses import (
    APPLY,
    DONE,
    PAUSED,
    PREVIEW,
    RUNNING,
    STOPPED,
    Change,
    Choice,
    Run,
)
from appliance.store.reanalysis_calls import Meant, list_next, rules_of

KEPT: Final = timedelta(days=90)
PAGE: Final = 50
Counts = dict[str, tuple[int, int]]

_GONE: Final = "there is no such run; its results are kept for 90 days"
_BUSY: Final = "{} is reading many calls again already; wait until that is done, or stop it first"
_COLUMNS: Final = (
    "id", "kind", "state", "rules", "made_by", "place", "total", "whole", "done", "changed",
    "kept", "gone", "failed", "work_ms", "stretch_done",
)  # fmt: skip


def begin(db: Database, kind: str, choice: Choice, by: str, *, now: datetime) -> Run:
    """Start a run; belongs inside ``writing()``. Raises Refused while another is open."""
    other = find_open(db)
    if other is not None:
        raise Refused(_BUSY.format(other.made_by))
    number = value(
        db,
        "INSERT INTO reanalysis (kind, state, choice, rules, made_by, made_at, stretch_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            kind, RUNNING, msgspec.json.encode(choice).decode(), rules_of(db), by, to_ms(now),
            to_ms(now),
        ),
    )  # fmt: skip
    return get_run(db, int(number))


def begin_apply(
    db: Database, preview_id: int, by: str, *, seen: int | None = None, now: datetime
) -> Run:
    """Do what a preview showed; belongs inside ``writing()``.

    ``seen`` is the number of calls a person agreed to. Raises Refused for a preview that is not
    done, that means no calls, or that was made by other rules than today's.
    """
    shown = get_run(db, preview_id)
    if shown.kind != PREVIEW or shown.state != DONE:
        raise Refused("make a preview first and let it come to its end")
    if not shown.whole:
        raise Refused("no call is meant by this choice; choose a longer time or fewer conditions")
    if shown.rules != rules_of(db):
        raise Refused(
            "the rules, the rubric or the clinic's settings were changed since this preview; make"
            " another one"
        )
    if seen is not None and seen != shown.whole:
        raise Refused("this is not the number of calls the preview told; look at it again")
    return begin(db, APPLY, shown.choice, by, now=now)


def find_open(db: Database) -> Run | None:
    """The run that goes on or is paused, if there is one."""
    found = row(db, "SELECT * FROM reanalysis WHERE open = 1")
    return _run(found) if found else None


def get_run(db: Database, run_id: int) -> Run:
    """One run; raises NotFound."""
    found = row(db, "SELECT * FROM reanalysis WHERE id = ?", (run_id,))
    if found is None:
        raise NotFound(_GONE)
    return _run(found)


def list_runs(db: Database, limit: int = 20) -> list[Run]:
    """The newest runs first."""
    found = rows(db, "SELECT * FROM reanalysis ORDER BY id DESC LIMIT ?", (limit,))
    return [_run(r) for r in found]


def list_picked(db: Database, run_id: int) -> tuple[int, ...]:
    """The calls that were drawn for a preview."""
    text = value(db, "SELECT picked FROM reanalysis WHERE id = ?", (run_id,))
    return msgspec.json.decode(text, type=tuple[int, ...]) if text else ()


def pause(db: Database, run_id: int) -> Run:
    """Do no more for now; what was done stays. Belongs inside ``writing()``."""
    return _turn(db, run_id, RUNNING, PAUSED, "only a run that is going on can be paused")


def resume(db: Database, run_id: int, *, now: datetime) -> Run:
    """Go on where it was left, also after it was stuck. Belongs inside ``writing()``."""
    run = get_run(db, run_id)
    if not run.is_open:
        raise Refused("this run is over; begin another one")
    execute(
        db,
        "UPDATE reanalysis SET state = ?, stretch_at = ?, stretch_done = done WHERE id = ?",
        (RUNNING, to_ms(now), run_id),
    )
    return get_run(db, run_id)


def stop(db: Database, run_id: int, *, now: datetime) -> Run:
    """End a run before its time; calls that were read again stay so. Inside ``writing()``."""
    run = get_run(db, run_id)
    if not run.is_open:
        raise Refused("this run is over already")
    return end(db, run_id, STOPPED, now=now)


def end(db: Database, run_id: int, state: str, *, now: datetime) -> Run:
    """A run is over; which calls were drawn for it need not be known any more."""
    execute(
        db,
        "UPDATE reanalysis SET state = ?, ended_at = ?, picked = '' WHERE id = ?",
        (state, to_ms(now), run_id),
    )
    return get_run(db, run_id)


def _turn(db: Database, run_id: int, before: str, after: str, problem: str) -> Run:
    get_run(db, run_id)
    sql = "UPDATE reanalysis SET state = ? WHERE id = ? AND state = ?"
    if not execute(db, sql, (after, run_id, before)):
        raise Refused(problem)
    return get_run(db, run_id)


def save_meant(db: Database, run_id: int, meant: Meant) -> None:
    """Note which calls a run is about."""
    picked = msgspec.json.encode(meant.picked).decode() if meant.picked else ""
    execute(
        db,
        "UPDATE reanalysis SET total = ?, whole = ?, picked = ?, work_ms = ? WHERE id = ?",
        (meant.total, meant.whole, picked, meant.work_ms, run_id),
    )


def save_changes(db: Database, run_id: int, call_id: int, changes: Iterable[Change]) -> None:
    """Keep what changes in one call."""
    for change in changes:
        execute(
            db,
            "INSERT OR REPLACE INTO reanalysis_change (run_id, call_id, field, was, becomes,"
            " was_text, becomes_text, kept) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run_id, call_id, *msgspec.structs.astuple(change)),
        )


def move_on(
    db: Database, run: Run, place: str, told: Sequence[Sequence[Change]], gone: int, failed: int
) -> None:
    """Note how far a run is: ``told`` are the changes of each call that was read."""
    changed = sum(any(not change.kept for change in each) for each in told)
    kept = sum(any(change.kept for change in each) for each in told)
    execute(
        db,
        "UPDATE reanalysis SET place = ?, done = done + ?, changed = changed + ?, kept = kept + ?,"
        " gone = gone + ?, failed = failed + ?, counts = ? WHERE id = ?",
        (
            place, len(told) + gone + failed, changed, kept, gone, failed,
            msgspec.json.encode(_add(run.counts, told)).decode(), run.id,
        ),
    )  # fmt: skip


def skip_next(db: Database, run: Run) -> None:
    """Leave out the call a run is stuck at; it stays as it is."""
    for _, behind in list_next(db, run, list_picked(db, run.id), 1):
        move_on(db, run, behind, (), 0, 1)


def _add(counts: Counts, told: Sequence[Sequence[Change]]) -> Counts:
    summed = dict(counts)
    for change in (change for each in told for change in each):
        key = f"{change.field}|{change.was}|{change.becomes}"
        changed, kept = summed.get(key, (0, 0))
        summed[key] = (changed + (not change.kept), kept + change.kept)
    return summed


def prune_runs(db: Database, *, now: datetime) -> None:
    """Forget what runs of long ago changed."""
    execute(db, "DELETE FROM reanalysis WHERE ended_at < ?", (to_ms(now - KEPT),))


def _run(found: Row) -> Run:
    ended, stretch = found["ended_at"], found["stretch_at"]
    return Run(
        choice=msgspec.json.decode(found["choice"], type=Choice),
        made_at=from_ms(found["made_at"]),
        ended_at=None if ended is None else from_ms(ended),
        stretch_at=None if stretch is None else from_ms(stretch),
        counts=msgspec.json.decode(found["counts"], type=Counts),
        **{name: found[name] for name in _COLUMNS},
    )
