"""The road of a recording, readable aloud, and the chores beside it."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from appliance import queue
from appliance.chores import (
    ask_opinion,
    backfill,
    clear_drop,
    count_terms,
    discover,
    look_up,
    notices,
    probe,
    prune,
    reanalyze,
    relisten,
    send_hooks,
    send_mail,
    settle_worklist,
    sweep,
    try_opinion,
    watch_phones,
)
from appliance.db import Database
from appliance.errors import NotFound, Refused
from appliance.facts import jobs
from appliance.facts.jobs import Job
from appliance.facts.reanalyses import PREVIEW, Choice, Run
from appliance.stages import analyze, attribute, publish, receive, transcribe
from appliance.store import calls, reanalyses
from appliance.tools import Tools

PARKED_CHORE = timedelta(minutes=30)


class Stage(Protocol):
    """A module with a lane and two functions; ``save`` returns False to end the road."""

    LANE: str

    def work(self, db: Database, tools: Tools, subject: int, /) -> Any:
        """Slow and repeatable; no transaction is open."""
        ...

    def save(self, db: Database, fact: Any, now: datetime, /) -> bool:
        """Fast; replaces by key, inside the transaction that finishes the job."""
        ...


ROAD: tuple[tuple[str, Stage], ...] = (
    ("receive", receive),
    ("transcribe", transcribe),
    ("attribute", attribute),
    ("analyze", analyze),
    ("publish", publish),
)

CHORES: dict[str, Stage] = {
    "discover": discover,
    "look_up": look_up,
    "probe": probe,
    "backfill": backfill,
    "watch_phones": watch_phones,
    "sweep": sweep,
    "prune": prune,
    "clear_drop": clear_drop,
    "settle_worklist": settle_worklist,
    "notices": notices,
    "send_mail": send_mail,
    "send_hooks": send_hooks,
    "ask_opinion": ask_opinion,
    "try_opinion": try_opinion,
    "reanalyze": reanalyze,
    "relisten": relisten,
    "count_terms": count_terms,
}

STAGES: dict[str, Stage] = {**dict(ROAD), **CHORES}
NAMES = jobs.ROAD


def stage_of(job: Job) -> Stage:
    """The code that does this job; raises NotFound for a kind this version does not know."""
    if job.kind not in STAGES:
        raise NotFound("this kind of work is not known to this version; update petsvet")
    return STAGES[job.kind]


def enqueue_next(db: Database, job: Job, now: datetime) -> None:
    """Put the subject of a finished stage on the next one; chores lead nowhere."""
    if job.kind in NAMES[:-1]:
        following = NAMES[NAMES.index(job.kind) + 1]
        queue.enqueue(db, following, job.subject, STAGES[following].LANE, now=now)


def redo(db: Database, call_id: int, start: str, *, now: datetime) -> None:
    """Walk the road again from a stage on; belongs inside ``writing()``.

    Raises NotFound for an unknown call, Refused for an unknown stage or one that has nothing to
    start from.
    """
    if start not in NAMES[1:]:
        raise Refused(f"a call can be redone from one of: {', '.join(NAMES[1:])}")
    call = calls.get_call(db, call_id)
    if call.state == "found":
        raise Refused("this call has not been received yet; it is still on its way")
    if call.rule:
        raise Refused("a rule of its phone system keeps this call from being analyzed")
    queue.drop_jobs(db, NAMES, call_id)
    queue.enqueue(db, start, call_id, STAGES[start].LANE, now=now)


def reread(db: Database, call_id: int, *, now: datetime) -> None:
    """Read a call again after a correction, unless it is on its way to that anyway.

    Belongs inside ``writing()``.
    """
    if not queue.has_open(db, NAMES[: NAMES.index("analyze")], call_id):
        redo(db, call_id, "analyze", now=now)


def preview_many(db: Database, choice: Choice, by: str, *, now: datetime) -> Run:
    """Look at what would change in many calls; belongs inside ``writing()``. Raises Refused."""
    return redo_many(db, reanalyses.begin(db, PREVIEW, choice, by, now=now), now=now)


def redo_many(db: Database, run: Run, *, now: datetime) -> Run:
    """Have the next slice of a run done, also of one that is stuck; inside ``writing()``."""
    queue.revive(db, run.chore, run.id, parked_before=now + PARKED_CHORE)
    queue.enqueue(db, run.chore, run.id, CHORES[run.chore].LANE, now=now)
    return run


def steer_many(db: Database, run_id: int, to: str, *, now: datetime) -> Run:
    """Pause, resume or stop a run; belongs inside ``writing()``.

    A call that took its worker down three times is left out when the run goes on. Raises Refused.
    """
    if to == "pause":
        return reanalyses.pause(db, run_id)
    if to == "stop":
        run = reanalyses.stop(db, run_id, now=now)
        queue.revive(db, run.chore, run.id, parked_before=now + PARKED_CHORE)  # it ends by itself
        return run
    if to != "resume":
        raise Refused("a run can be paused, resumed or stopped")
    run = reanalyses.resume(db, run_id, now=now)
    if run.chore == "relisten" and queue.parked_error(db, run.chore, run_id):
        reanalyses.skip_next(db, run)
    return redo_many(db, run, now=now)


def start_chore(db: Database, name: str, subject: int = 0, *, now: datetime) -> bool:
    """Enqueue a chore unless it is already waiting or running.

    One that was parked is tried again after a while: one bad hour must not end polling for good.
    """
    revived = queue.revive(db, name, subject, parked_before=now - PARKED_CHORE)
    return bool(revived) or queue.enqueue(db, name, subject, CHORES[name].LANE, now=now)
