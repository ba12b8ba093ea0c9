"""A worker turns errors into a later try or a parked job, and never dies of one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from appliance import pipeline, queue
from appliance.chores import prune
from appliance.db import execute, value, writing
from appliance.errors import (
    Locked,
    Misconfigured,
    NotFound,
    Refused,
    Tampered,
    Unavailable,
    Unusable,
)
from appliance.worker import Worker
from tests.world import BEGIN, World, tell_transcript

Hook = Callable[..., Any]


@pytest.fixture
def job(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Hook], dict[str, Any]]:
    """Do one job whose work is the given function; returns its row afterwards."""

    def run(work: Hook) -> dict[str, Any]:
        monkeypatch.setattr(prune, "work", work)
        with writing(world.db):
            pipeline.start_chore(world.db, "prune", now=world.now)
        assert world.work(("chores",)) == 1
        return world.job("prune")

    return run


def raising(error: Exception) -> Hook:
    def work(*_: Any) -> None:
        raise error

    return work


@pytest.mark.parametrize("kind", [NotFound, Refused, Unusable, Tampered])
def test_what_a_later_try_cannot_help_is_parked_with_its_reason(job: Any, kind: Any) -> None:
    found = job(raising(kind("what to do")))
    assert (found["state"], found["error"]) == ("parked", "what to do")


@pytest.mark.parametrize("kind", [Unavailable, Misconfigured, Locked])
def test_what_others_must_put_right_is_postponed_without_counting(
    world: World, job: Any, kind: Any
) -> None:
    for _ in range(6):
        found = job(raising(kind("the share is away")))
        assert (found["state"], found["error"]) == ("waiting", "the share is away")
        assert world.work() == 0, "not at once again"
        world.wait(seconds=61)


def test_an_unexpected_error_is_tried_three_times_and_tells_no_content(
    world: World, job: Any
) -> None:
    for expected in ("waiting", "waiting", "parked"):
        found = job(raising(ZeroDivisionError("Mrs. Smith's cat")))
        assert found["state"] == expected
        assert "ZeroDivisionError" in found["error"]
        assert "Smith" not in found["error"]
        world.wait(minutes=10)


def test_a_save_that_breaks_undoes_all_of_itself(
    world: World, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(db: Any, fact: Any, now: Any) -> bool:
        execute(db, "INSERT INTO setting VALUES ('half', 'x')")
        raise ZeroDivisionError

    monkeypatch.setattr(prune, "save", save)
    assert job(lambda *_: None)["state"] == "waiting"
    assert value(world.db, "SELECT count(*) FROM setting") == 0


def test_a_job_taken_over_meanwhile_is_not_saved_by_the_first(world: World, job: Any) -> None:
    def slow(db: Any, tools: Any, subject: int) -> Any:
        world.wait(hours=1)
        with writing(world.db):
            assert queue.claim(world.db, "chores", "other", now=world.now, lease_s=60)
        return prune.Pruned(before=BEGIN)

    found = job(slow)
    assert (found["state"], found["worker"], found["attempt"]) == ("running", "other", 2)


def test_work_holds_no_transaction_open(world: World, job: Any) -> None:
    seen = []

    def work(db: Any, tools: Any, subject: int) -> Any:
        seen.append(db.conn.in_transaction)
        return prune.Pruned(before=BEGIN)

    assert job(work)["state"] == "done"
    assert seen == [False]


def test_an_unknown_kind_of_work_is_parked_and_says_so(world: World) -> None:
    with writing(world.db):
        queue.enqueue(world.db, "telepathy", 1, "chores", now=world.now)
    world.work()
    assert world.job("telepathy")["state"] == "parked"
    assert "update" in world.job("telepathy")["error"]


def test_unknown_lanes_are_refused(world: World) -> None:
    with pytest.raises(Refused):
        Worker(world.tools(), ("speech", "brain"), "x")


def test_a_worker_keeps_the_lease_of_long_work_alive(world: World, job: Any) -> None:
    import time

    from appliance.config import Config
    from appliance.config import Queue as QueueSettings

    world.config = Config(data=world.data, queue=QueueSettings(lease_s=60, heartbeat_s=0.02))
    leases = []

    def work(db: Any, tools: Any, subject: int) -> Any:
        leases.append(value(db, "SELECT lease_until FROM job"))
        world.wait(seconds=50)
        tools.progress(0.5)
        deadline = time.monotonic() + 5
        while value(db, "SELECT lease_until FROM job") == leases[0] and time.monotonic() < deadline:
            time.sleep(0.02)
        leases.append(value(db, "SELECT lease_until FROM job"))
        return prune.Pruned(before=BEGIN)

    assert job(work)["state"] == "done"
    assert leases[1] - leases[0] == 50_000


def test_the_night_prunes_finished_jobs_after_two_weeks(world: World, job: Any) -> None:
    assert job(prune.work)["state"] == "done"
    world.now += timedelta(days=15)
    with writing(world.db):
        pipeline.start_chore(world.db, "prune", now=world.now)
    world.work()
    assert value(world.db, "SELECT count(*) FROM job") == 1


def test_redo_walks_the_road_again_and_repeats_nothing(world: World) -> None:
    world.drop(1)
    world.poll()
    world.work()
    tell_transcript(world.db, 1, "changed by hand")
    with writing(world.db):
        pipeline.redo(world.db, 1, "transcribe", now=world.now)
    world.work()
    assert value(world.db, "SELECT count(*) FROM segment") == 4
    assert value(world.db, "SELECT count(*) FROM transcript") == 1
    assert world.call(1).state == "ready"
    for start in ("receive", "nonsense"):
        with pytest.raises(Refused):
            pipeline.redo(world.db, 1, start, now=world.now)
