"""Reanalyze: read many calls again by today's rules, in slices, to preview what changes or to apply it.

A slice lasts about a second and is saved whole: its calls, what changed in them and the place where
the next one goes on. A kill at any moment repeats at most one slice. Fresh calls come first: while
other work waits in the lane, a slice does nothing and stands back.
"""

import time
from datetime import datetime, timedelta

from appliance import queue
from appliance.db import Database
from appliance.errors import NotFound, PetsvetError
from appliance.facts import Fact
from appliance.facts.reanalyses import APPLY, DONE, RUNNING, Run
from appliance.logs import get_log
from appliance.rereading import Reread, Rules, is_stale, put_again, read_again, rules_in_force
from appliance.store import audit, reanalyses
from appliance.store.reanalysis_calls import Meant, list_next, measure
from appliance.tools import Tools

log = get_log(__name__)

LANE = "chores"
KINDS = ("reanalyze", "relisten")
SLICE_S = 1.0  # of reading; saving takes less
AT_ONCE = 100  # calls
STAND_BACK = timedelta(seconds=5)


class Slice(Fact, frozen=True, kw_only=True):
    """One step of a run, from the place where it was taken up to the next one."""

    run_id: int
    place: str = ""
    next_place: str = ""
    meant: Meant | None = None
    rules: Rules | None = None
    read: tuple[Reread, ...] = ()
    gone: int = 0
    failed: int = 0
    stands_back: bool = False
    over: bool = False


def work(db: Database, tools: Tools, run_id: int) -> Slice:
    """Count the calls, or read the next of them; changes nothing."""
    run = reanalyses.get_run(db, run_id)
    if run.state != RUNNING:
        return Slice(run_id=run_id, place=run.place)
    if queue.others_wait(db, LANE, KINDS, now=tools.now()):
        return Slice(run_id=run_id, place=run.place, stands_back=True)
    if run.total is None:
        return Slice(run_id=run_id, place=run.place, meant=measure(db, run))
    tools.progress(run.done / max(1, run.total))
    following = list_next(db, run, reanalyses.list_picked(db, run_id), AT_ONCE)
    if not following:
        return Slice(run_id=run_id, place=run.place, next_place=run.place, over=True)
    return _read_slice(db, tools, run, following)


def _read_slice(db: Database, tools: Tools, run: Run, following: list[tuple[int, str]]) -> Slice:
    rules, began = rules_in_force(db, tools.sense()), time.monotonic()
    read: list[Reread] = []
    place, gone, failed = run.place, 0, 0
    for call_id, behind in following:
        try:
            read.append(read_again(db, rules, call_id))
        except NotFound:
            gone += 1
        except PetsvetError:
            raise
        except Exception as error:  # noqa: BLE001  (one call must not stop all others)
            log.error("call could not be read again", call=call_id, error=error)
            failed += 1
        place = behind
        if time.monotonic() - began > SLICE_S:
            break
    return Slice(
        run_id=run.id, place=run.place, next_place=place, rules=rules, read=tuple(read), gone=gone,
        failed=failed,
    )  # fmt: skip


def save(db: Database, step: Slice, now: datetime) -> bool:
    """Keep a slice and have the next one done, unless the run was paused or stopped meanwhile."""
    run = reanalyses.get_run(db, step.run_id)
    if run.state != RUNNING:
        return True
    if step.meant is not None:
        reanalyses.save_meant(db, run.id, step.meant)
    elif step.over:
        finish(db, run, now)
        return True
    elif not step.stands_back and step.place == run.place:
        _keep(db, run, step, now)
    go_on(db, run, LANE, now + (STAND_BACK if step.stands_back else timedelta()), now=now)
    return True


def _keep(db: Database, run: Run, step: Slice, now: datetime) -> None:
    rules = rules_in_force(db, step.rules.sense if step.rules else None)
    told, gone = [], step.gone
    for reread in step.read:
        fresh = _as_it_stands(db, rules, reread, same=rules == step.rules)
        if fresh is None:
            gone += 1
            continue
        if run.kind == APPLY:
            put_again(db, rules, fresh, now=now)
        reanalyses.save_changes(db, run.id, fresh.call_id, fresh.changes)
        told.append(fresh.changes)
    reanalyses.move_on(db, run, step.next_place, told, gone, step.failed)


def _as_it_stands(db: Database, rules: Rules, reread: Reread, *, same: bool) -> Reread | None:
    """The reading; made anew where rules or verdicts changed since, None where the call is gone."""
    if same and not is_stale(db, reread):
        return reread
    try:
        return read_again(db, rules, reread.call_id)
    except NotFound:
        return None


def go_on(db: Database, run: Run, lane: str, after: datetime, *, now: datetime) -> None:
    """Have the next slice of a run done after a moment."""
    queue.enqueue(db, run.chore, run.id, lane, now=now, run_after=after)


def finish(db: Database, run: Run, now: datetime) -> None:
    """All calls were read."""
    reanalyses.end(db, run.id, DONE, now=now)
    detail = {"calls": str(run.done), "changed": str(run.changed), "kept": str(run.kept)}
    audit.record(db, "box", "system", f"end_{run.kind}", f"run {run.id}", now=now, detail=detail)
