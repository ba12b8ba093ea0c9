"""The clock only enqueues, each thing once, and outlives what it cannot do."""

from datetime import datetime

import pytest

from appliance import clock, pipeline, queue
from appliance.config import Clock, Config
from appliance.db import Database, execute, row, rows, value, writing
from appliance.errors import Unavailable
from appliance.store import connectors
from tests.world import BEGIN, World


def kinds(db: Database) -> list[tuple[str, str]]:
    return [(r["kind"], r["state"]) for r in rows(db, "SELECT kind, state FROM job ORDER BY id")]


def test_a_tick_enqueues_one_look_per_enabled_phone_system_and_does_no_work(world: World) -> None:
    world.drop(1)
    with writing(world.db):
        for name in ("second", "off"):
            connectors.add_connector(world.db, name, "folder", {"root": "/x"}, now=BEGIN)
        execute(world.db, "UPDATE connector SET enabled = 0 WHERE name = 'off'")
    assert clock.poll(world.tools()) == 2
    assert clock.poll(world.tools()) == 0, "the first look has not been taken yet"
    assert kinds(world.db) == [("discover", "waiting")] * 2
    assert value(world.db, "SELECT count(*) FROM call") == 0


def test_a_phone_system_that_is_away_is_noted_and_asked_again_at_the_next_tick(
    world: World,
) -> None:
    world.drop(1)
    kept = world.spool.rename(world.spool.with_name("unplugged"))
    for _ in range(5):
        world.poll()
        world.work()
    assert "away" in connectors.get_connector(world.db, 1).problem
    assert not queue.list_jobs(world.db, ("parked",))
    kept.rename(world.spool)
    world.poll()
    world.work()
    assert connectors.get_connector(world.db, 1).problem == ""
    assert world.call(1).state == "ready"


def test_a_wrong_setting_is_a_problem_of_the_phone_system_and_ends_no_polling(
    world: World,
) -> None:
    with writing(world.db):
        connectors.add_connector(world.db, "phones", "folder", {"rooot": "/x"}, now=BEGIN)
    world.poll()
    world.work()
    assert "rooot" in connectors.get_connector(world.db, 1).problem
    world.drop(1)
    with writing(world.db):
        right = {"root": str(world.spool), "immediate": True}
        connectors.add_connector(world.db, "phones", "folder", right, now=BEGIN)
    world.poll()
    world.work()
    assert world.call(1).state == "ready"


def test_a_parked_chore_is_tried_again_after_a_while_and_not_before(world: World) -> None:
    with writing(world.db):
        pipeline.start_chore(world.db, "sweep", now=world.now)
        job = queue.claim(world.db, "chores", "w", now=world.now, lease_s=60)
        assert job
        queue.fail(world.db, job, "broken", retry=False, now=world.now)
    for minutes, expected in ((1, "parked"), (40, "waiting")):
        world.now = BEGIN
        world.wait(minutes=minutes)
        clock.start(world.tools(), "sweep")
        assert kinds(world.db) == [("sweep", expected)]


def test_the_plan_of_the_day_follows_the_clinics_hours(world: World) -> None:
    world.config = Config(data=world.data, clock=Clock(timezone="America/Chicago", sweep_hour=2))
    planned = {job.id: job for job in clock.make_scheduler(world.tools()).get_jobs()}
    assert {"poll", "sweep", "prune"} <= planned.keys()
    noon = datetime.fromisoformat("2026-11-22T18:00:00+00:00")
    following = planned["sweep"].trigger.get_next_fire_time(None, noon)
    assert following.isoformat() == "2026-11-23T02:00:00-06:00"


def test_a_database_that_is_away_does_not_stop_the_clock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> bool:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(pipeline, "start_chore", away)
    clock._safely(world.tools(), "poll")
    clock._safely(world.tools(), "sweep")
    assert row(world.db, "SELECT 1 FROM job") is None
