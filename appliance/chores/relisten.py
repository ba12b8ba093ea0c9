"""Relisten: transcribe many calls again, one at a time, and read what is heard by today's rules.

It has the lane of all listening to itself only while no fresh call waits there. Words, speakers and
reading of a call are put in place together: whoever looks sees the old ones or the new ones.
"""

from datetime import datetime, timedelta

from appliance import queue
from appliance.chores import reanalyze
from appliance.chores.reanalyze import KINDS
from appliance.db import Database
from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.facts.reanalyses import RUNNING, Run
from appliance.logs import get_log
from appliance.reading.hearing import Sense
from appliance.rereading import put_again, read_again, rules_in_force
from appliance.stages import attribute, transcribe
from appliance.stages.transcribe import Heard
from appliance.store import calls, reanalyses
from appliance.store.reanalysis_calls import Meant, is_meant, list_next, measure, ready_at
from appliance.tools import Tools

log = get_log(__name__)

LANE = "speech"
STAND_BACK = timedelta(seconds=30)


class Step(Fact, frozen=True, kw_only=True):
    """One call of a run that was listened to; ``heard`` is None where that could not be done."""

    run_id: int
    place: str = ""
    next_place: str = ""
    meant: Meant | None = None
    call_id: int = 0
    heard: Heard | None = None
    sense: Sense | None = None
    gone: bool = False
    stands_back: bool = False
    over: bool = False


def work(db: Database, tools: Tools, run_id: int) -> Step:
    """Count the calls, or listen to the next one; changes nothing."""
    run = reanalyses.get_run(db, run_id)
    if run.state != RUNNING:
        return Step(run_id=run_id, place=run.place)
    if queue.others_wait(db, LANE, KINDS, now=tools.now()):
        return Step(run_id=run_id, place=run.place, stands_back=True)
    if run.total is None:
        return Step(run_id=run_id, place=run.place, meant=measure(db, run))
    following = list_next(db, run, (), 1)
    if not following:
        return Step(run_id=run_id, place=run.place, over=True)
    return _listen(db, tools, run, *following[0])


def _listen(db: Database, tools: Tools, run: Run, call_id: int, behind: str) -> Step:
    """A recording that is damaged or gone leaves its call as it was."""
    heard = None
    try:
        heard = transcribe.work(db, tools, call_id)
    except PetsvetError as error:
        if error.retry:
            raise
        log.warning("call could not be listened to again", call=call_id, error=error)
    return Step(
        run_id=run.id, place=run.place, next_place=behind, call_id=call_id, heard=heard,
        sense=tools.sense(), gone=not is_meant(db, call_id),
    )  # fmt: skip


def save(db: Database, step: Step, now: datetime) -> bool:
    """Put words and reading in place and have the next call listened to."""
    run = reanalyses.get_run(db, step.run_id)
    if run.state != RUNNING:
        return True
    if step.meant is not None:
        reanalyses.save_meant(db, run.id, step.meant)
    elif step.over:
        reanalyze.finish(db, run, now)
        return True
    elif not step.stands_back and step.place == run.place:
        _keep(db, run, step, now)
    after = now + (STAND_BACK if step.stands_back else timedelta())
    reanalyze.go_on(db, run, LANE, after, now=now)
    return True


def _keep(db: Database, run: Run, step: Step, now: datetime) -> None:
    if step.gone or not is_meant(db, step.call_id):
        reanalyses.move_on(db, run, step.next_place, (), 1, 0)
        return
    if step.heard is None:
        reanalyses.move_on(db, run, step.next_place, (), 0, 1)
        return
    hear_again(db, step.heard, now)
    rules = rules_in_force(db, step.sense)
    reread = read_again(db, rules, step.call_id)
    put_again(db, rules, reread, now=now)
    reanalyses.save_changes(db, run.id, step.call_id, reread.changes)
    reanalyses.move_on(db, run, step.next_place, (reread.changes,), 0, 0)


def hear_again(db: Database, heard: Heard, now: datetime) -> None:
    """Put words and speakers in place; to people the call stays as ready as it was."""
    since = ready_at(db, heard.call_id)
    if heard.transcript is not None:
        transcribe.save(db, heard, now)
        attribute.save(db, attribute.find_speakers(db, heard.call_id), now)
    calls.set_columns(db, heard.call_id, {"state": "ready", "ready_at": since})
