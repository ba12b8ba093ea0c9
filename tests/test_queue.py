"""Jobs are claimed once, fenced, tried three times and never lost."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import queue
from appliance.db import Database, execute, rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.jobs import Job
from tests.world import BEGIN, World

LEASE_S = 60.0


@pytest.fixture
def db(world: World) -> Database:
    return world.db


def put(db: Database, subject: int, kind: str = "analyze", **options: object) -> bool:
    with writing(db):
        return queue.enqueue(db, kind, subject, "chores", now=BEGIN, **options)


def take(db: Database, who: str = "ann", seconds: float = 0, lane: str = "chores") -> Job | None:
    now = BEGIN + timedelta(seconds=seconds)
    with writing(db):
        return queue.claim(db, lane, who, now=now, lease_s=LEASE_S)


def must(job: Job | None) -> Job:
    assert job is not None
    return job


def states(db: Database) -> list[str]:
    return [r["state"] for r in rows(db, "SELECT state FROM job ORDER BY id")]


def test_jobs_are_claimed_by_due_time_then_by_age(db: Database) -> None:
    put(db, 1, run_after=BEGIN + timedelta(seconds=5))
    put(db, 2)
    put(db, 3)
    assert [must(take(db, seconds=9)).subject for _ in range(3)] == [2, 3, 1]


def test_a_job_that_is_not_due_or_of_another_lane_is_left_alone(db: Database) -> None:
    put(db, 1, run_after=BEGIN + timedelta(seconds=5))
    assert take(db, seconds=4) is None
    assert take(db, seconds=5, lane="speech") is None
    assert take(db, seconds=5) is not None


def test_the_same_work_is_open_only_once_and_can_come_again_when_done(db: Database) -> None:
    assert put(db, 1)
    assert not put(db, 1)
    job = must(take(db))
    assert not put(db, 1)
    with writing(db):
        queue.finish(db, job, now=BEGIN)
    assert put(db, 1)


def test_a_claimed_job_is_nobody_elses_while_its_lease_is_kept_alive(db: Database) -> None:
    put(db, 1)
    job = must(take(db))
    later = BEGIN + timedelta(seconds=LEASE_S - 1)
    with writing(db):
        assert queue.beat(db, job, 0.5, now=later, lease_s=LEASE_S)
    assert take(db, "bob", seconds=LEASE_S + 1) is None
    assert value(db, "SELECT progress FROM job") == 0.5
    assert must(take(db, "bob", seconds=2 * LEASE_S)).attempt == 2


def test_who_slept_through_the_lease_can_neither_finish_nor_fail_nor_beat(db: Database) -> None:
    put(db, 1)
    slow = must(take(db, "slow"))
    quick = must(take(db, "quick", seconds=LEASE_S + 1))
    with pytest.raises(Refused), writing(db):
        queue.finish(db, slow, now=BEGIN)
    with writing(db):
        queue.fail(db, slow, "late", retry=False, now=BEGIN)
        queue.postpone(db, slow, "late", now=BEGIN, seconds=1)
        assert not queue.beat(db, slow, 1, now=BEGIN, lease_s=LEASE_S)
    assert states(db) == ["running"]
    with writing(db):
        queue.finish(db, quick, now=BEGIN)
    assert states(db) == ["done"]


def test_a_retried_job_still_does_not_belong_to_who_slept_before_the_retry(db: Database) -> None:
    put(db, 1)
    sleeper = must(take(db, "sleeper"))
    for seconds in (100, 200, 300):
        take(db, "other", seconds=seconds)
    assert states(db) == ["parked"]
    with writing(db):
        queue.retry_job(db, sleeper.id, now=BEGIN)
    again = must(take(db, "other", seconds=400))
    with pytest.raises(Refused), writing(db):
        queue.finish(db, sleeper, now=BEGIN)
    with writing(db):
        queue.finish(db, again, now=BEGIN)


def test_a_dropped_job_leaves_no_number_for_its_worker_to_finish(db: Database) -> None:
    put(db, 1)
    job = must(take(db, "old"))
    with writing(db):
        assert queue.drop_jobs(db, ("analyze",), 1) == 1
        queue.enqueue(db, "receive", 1, "chores", now=BEGIN)
    new = must(take(db, "new"))
    assert new.attempt == job.attempt
    with pytest.raises(Refused), writing(db):
        queue.finish(db, job, now=BEGIN)


def test_dropping_spares_what_is_done_other_kinds_and_other_subjects(db: Database) -> None:
    for subject, kind in ((1, "analyze"), (1, "publish"), (2, "analyze")):
        put(db, subject, kind)
    with writing(db):
        queue.finish(db, must(queue.claim(db, "chores", "a", now=BEGIN, lease_s=1)), now=BEGIN)
        assert queue.drop_jobs(db, ("analyze",), 1) == 0
        assert queue.drop_jobs(db, ("analyze",), 2) == 1
    assert states(db) == ["done", "waiting"]


def test_three_workers_that_die_of_a_job_park_it_and_say_so(db: Database) -> None:
    put(db, 1)
    put(db, 2)
    for seconds in (0, 100, 200):
        assert must(take(db, seconds=seconds)).subject == 1
    assert must(take(db, seconds=300)).subject == 2, "the poison blocks nobody"
    parked = queue.list_jobs(db, ("parked",))
    assert [(job.subject, job.error) for job in parked] == [(1, queue.CRASHED)]


def test_a_failure_is_tried_again_later_and_later_then_parked(db: Database) -> None:
    put(db, 1)
    waits, now = [], BEGIN
    for _ in range(3):
        with writing(db):
            job = must(queue.claim(db, "chores", "a", now=now, lease_s=LEASE_S))
            queue.fail(db, job, "broken", retry=True, now=now)
        due = queue.list_jobs(db, ("waiting", "parked"))[0].run_after
        waits.append((due - now).total_seconds())
        now = due
    assert waits[:2] == [30, 120]
    assert states(db) == ["parked"]
    assert queue.list_jobs(db, ("parked",))[0].error == "broken"


def test_what_cannot_get_better_is_parked_at_once(db: Database) -> None:
    put(db, 1)
    with writing(db):
        job = must(queue.claim(db, "chores", "a", now=BEGIN, lease_s=LEASE_S))
        queue.fail(db, job, "broken", retry=False, now=BEGIN)
    assert states(db) == ["parked"]


def test_postponing_never_uses_up_the_attempts(db: Database) -> None:
    put(db, 1)
    for round_number in range(10):
        job = must(take(db, seconds=round_number * 10))
        with writing(db):
            queue.postpone(db, job, "away", now=BEGIN, seconds=5 + round_number * 10)
        assert take(db, seconds=round_number * 10 + 4) is None
    with writing(db):
        job = must(queue.claim(db, "chores", "a", now=BEGIN + timedelta(1), lease_s=1))
        queue.fail(db, job, "broken", retry=True, now=BEGIN)
    assert states(db) == ["waiting"], "this was the first attempt that counted"


def test_retry_gives_three_new_tries_to_a_parked_job_only(db: Database) -> None:
    put(db, 1)
    number = must(take(db)).id
    for seconds in (100, 200, 300):
        take(db, seconds=seconds)
    with writing(db):
        assert queue.retry_job(db, number, now=BEGIN).error == ""
        with pytest.raises(NotFound):
            queue.retry_job(db, number, now=BEGIN)
    for seconds in (400, 500, 600):
        assert take(db, seconds=seconds) is not None
    assert take(db, seconds=700) is None
    assert states(db) == ["parked"]


def test_release_ends_the_leases_of_that_worker_only(db: Database) -> None:
    put(db, 1)
    put(db, 2)
    take(db, "ann"), take(db, "bob")
    with writing(db):
        assert queue.release(db, "ann", now=BEGIN) == 1
    assert must(take(db, "ann")).subject == 1
    assert take(db, "ann") is None


def test_counts_tell_lanes_states_and_what_is_due(db: Database) -> None:
    for subject in range(3):
        put(db, subject)
    put(db, 9, run_after=BEGIN + timedelta(hours=1))
    take(db)
    assert queue.count_open(db) == 4
    assert queue.count_open(db, now=BEGIN) == 3
    assert queue.count_by_state(db) == {"chores": {"running": 1, "waiting": 3}}


def test_only_old_finished_jobs_are_pruned(db: Database) -> None:
    for subject in (1, 2):
        put(db, subject)
        with writing(db):
            job = must(queue.claim(db, "chores", "a", now=BEGIN, lease_s=LEASE_S))
            queue.finish(db, job, now=BEGIN + timedelta(days=subject))
    put(db, 3)
    with writing(db):
        assert queue.prune_done(db, before=BEGIN + timedelta(days=1, hours=1)) == 1
    assert states(db) == ["done", "waiting"]


PLANS: dict[str, Callable[[Database], object]] = {
    "claim": take,
    "count_open": queue.count_open,
    "parked": lambda db: value(
        db, "SELECT 1 FROM job WHERE subject = 1 AND state = 'parked' AND kind IN ('analyze')"
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_no_question_to_the_queue_reads_the_finished_jobs(db: Database, name: str) -> None:
    with writing(db):
        for subject in range(3000):
            queue.enqueue(db, "analyze", subject, "chores", now=BEGIN)
        execute(db, "UPDATE job SET state = 'done', finished_at = 0")
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    db.conn.set_progress_handler(count, 100)
    PLANS[name](db)
    db.conn.set_progress_handler(None, 0)
    assert steps[0] < 10, "over a thousand machine steps for an empty queue"


def claim_all(world: World, name: str, out: Path, gate: tuple[int, int]) -> None:
    db, mine = world.open_db(), []
    os.close(gate[1])
    os.read(gate[0], 1)  # ends for all at once, when the parent closes its end
    while job := take(db, name):
        mine.append(str(job.subject))
        time.sleep(0.01)  # work, or one process would have done it all before the next looks
        with writing(db):
            queue.finish(db, job, now=BEGIN)
    out.write_text("\n".join(mine))


def test_processes_that_race_never_get_the_same_job(world: World, tmp_path: Path) -> None:
    with writing(world.db):
        for subject in range(40):
            queue.enqueue(world.db, "analyze", subject, "chores", now=BEGIN)
    world.close()
    outs = [tmp_path / f"worker-{number}" for number in range(4)]
    children, gate = [], os.pipe()
    for out in outs:
        if (pid := os.fork()) == 0:
            try:
                claim_all(world, out.name, out, gate)
            finally:
                os._exit(0)
        children.append(pid)
    time.sleep(0.2)
    os.close(gate[1])
    for pid in children:
        os.waitpid(pid, 0)
    claimed = [out.read_text().split() for out in outs]
    assert sorted(int(s) for mine in claimed for s in mine) == list(range(40))
    assert sum(1 for mine in claimed if mine) > 1, "this was no race"
    assert value(world.db, "SELECT max(attempt) FROM job") == 1
