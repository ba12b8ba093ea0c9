"""Reading many calls again survives every kill: each call is done once, and all of them are."""

from pathlib import Path

import pytest

from appliance.chores import reanalyze
from appliance.config import Queue as QueueSettings
from appliance.db import check_integrity, execute, rows, value, writing
from appliance.facts.jobs import Job
from appliance.store import reanalyses
from tests.crash.driver import MOMENTS, run_until_done
from tests.rereads import add_call, preview, start
from tests.test_relisten import heard_calls, said
from tests.world import World, make_world, said_in

CALLS, HEARD = 40, 5


@pytest.fixture
def world(tmp_path: Path):
    """A box whose jobs are never parked, however often they are killed."""
    queue = QueueSettings(lease_s=2, heartbeat_s=0.5, max_attempts=100)
    made = make_world(tmp_path, queue=queue)
    yield made
    made.close()


def everywhere(job: Job) -> tuple[str, ...]:
    """Die once at every moment of a run."""
    return MOMENTS if job.kind in reanalyze.KINDS else ()


def check(world: World, run: reanalyses.Run, count: int) -> None:
    """The run is over, and all is counted once."""
    assert (run.state, run.total, run.done, run.gone, run.failed) == ("done", count, count, 0, 0)
    changed = "SELECT count(DISTINCT call_id) FROM reanalysis_change WHERE run_id = ?"
    assert value(world.db, changed, (run.id,)) == run.changed == count
    ended = rows(world.db, "SELECT subject FROM audit WHERE action = 'end_apply'")
    assert ended == [{"subject": f"run {run.id}"}]
    assert value(world.db, "SELECT count(*) FROM job WHERE state <> 'done'") == 0
    assert value(world.db, "SELECT count(*) FROM card WHERE intent = 'spam'") == 0
    assert check_integrity(world.db) == []


def test_a_run_that_is_killed_anywhere_reads_every_call_again_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reanalyze, "AT_ONCE", 3)
    for number in range(CALLS):
        add_call(world, number, intent="spam", outcome="refused")
    shown = preview(world)
    run = start(world, shown)

    killed = run_until_done(world, tmp_path / "notes", everywhere, random_kills=15)

    assert killed >= len(MOMENTS) - 1
    run = reanalyses.get_run(world.db, run.id)
    assert run.counts == shown.counts
    check(world, run, CALLS)
    print(f"{killed} kills")


def test_listening_again_that_is_killed_anywhere_loses_no_word(
    world: World, tmp_path: Path
) -> None:
    found = heard_calls(world, HEARD)
    with writing(world.db):
        execute(world.db, "UPDATE card SET intent = 'spam'")
    run = start(world, preview(world, start="transcribe"))

    killed = run_until_done(world, tmp_path / "notes", everywhere, random_kills=6)

    assert killed >= len(MOMENTS) - 1
    check(world, reanalyses.get_run(world.db, run.id), HEARD)
    for number, call_id in enumerate(found):
        assert said(world, call_id) == [s.text for s in said_in(number)]
