"""Every process may die at any moment: nothing is lost and nothing is done twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance import queue
from appliance.chores import sweep
from appliance.config import Config
from appliance.config import Queue as QueueSettings
from appliance.db import check_integrity, execute, row, rows, value, writing
from appliance.facts.calls import CallFilter
from appliance.facts.jobs import ROAD
from appliance.store import audit, calls, recordings
from appliance.store.search import search_segments
from appliance.store.transcripts import get_transcript
from appliance.tools import utc_now
from tests.crash.driver import MOMENTS, always_at_work, one_of_each, run_until_done
from tests.world import World, said_in, word_of

PLANNED, AT_RANDOM = 24, 6  # calls
RANDOM_KILLS = 25


def check_calls(world: World, count: int) -> None:
    """All calls are ready, once, with the transcript of their own sound."""
    listed, _ = calls.list_calls(world.db, CallFilter(), limit=1000)
    assert sorted(line.call.native_key.rpartition(".")[2] for line in listed) == sorted(
        str(number) for number in range(count)
    )
    for line in listed:
        number = int(line.call.native_key.rpartition(".")[2])
        transcript = get_transcript(world.db, line.call.id)
        assert line.call.state == "ready"
        assert transcript is not None
        assert [(s.index, s.text) for s in transcript.segments] == [
            (s.index, s.text) for s in said_in(number)
        ]
        hits = search_segments(world.db, word_of(number))
        assert [hit.call.id for hit in hits] == [line.call.id]


def check_jobs(world: World) -> None:
    """Every stage of every call was finished exactly once, and every finish has its audit row."""
    undone = rows(world.db, "SELECT kind, subject, state, error FROM job WHERE state <> 'done'")
    assert undone == []
    done = rows(world.db, "SELECT kind, subject, count(*) AS n FROM job GROUP BY 1, 2")
    assert all(r["n"] == 1 for r in done if r["kind"] in ROAD)
    told = rows(world.db, "SELECT action AS kind, subject, count(*) AS n FROM audit GROUP BY 1, 2")
    assert {(r["kind"], int(r["subject"]), r["n"]) for r in told} == {
        (r["kind"], r["subject"], r["n"]) for r in done
    }
    assert audit.verify(world.db) == (sum(r["n"] for r in done), None)


def check_file(world: World) -> None:
    """The database and its search index are sound."""
    assert check_integrity(world.db) == []
    with writing(world.db):
        execute(
            world.db, "INSERT INTO segment_fts(segment_fts, rank) VALUES ('integrity-check', 1)"
        )


def check_vault(world: World) -> None:
    """Kills leave sealed files nobody knows; the sweep removes exactly these."""
    tools = world.tools(now=lambda: utc_now() + timedelta(seconds=2))
    swept = sweep.work(world.db, tools, 0, young=timedelta())
    assert swept.removed > 0, "no kill left anything behind: were they where they should be?"
    assert swept.lost == ()
    assert {name for name, _ in world.vault.files()} == recordings.known_files(world.db)
    for r in rows(world.db, "SELECT ref, file, wrapped_key FROM recording"):
        with world.vault.open(r["file"], r["wrapped_key"], r["ref"]) as sound:
            assert sound.read(4) == b"RIFF"


@pytest.mark.slow
def test_workers_killed_at_every_boundary_lose_nothing_and_repeat_nothing(
    world: World, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    for number in range(PLANNED):
        world.drop(number)
    world.poll()
    planned = run_until_done(world, notes, one_of_each)
    assert planned == len(list(notes.iterdir())) >= 100
    moments = {(n.name.split("-")[0], n.name.split("-")[2]) for n in notes.iterdir()}
    assert moments >= {(kind, moment) for kind in ROAD for moment in MOMENTS}
    for number in range(PLANNED, PLANNED + AT_RANDOM):
        world.drop(number)
    world.poll()
    world.config = Config(data=world.data, queue=QueueSettings(max_attempts=20))
    at_random = run_until_done(world, tmp_path / "none", random_kills=RANDOM_KILLS)
    run_until_done(world, tmp_path / "none")
    check_calls(world, PLANNED + AT_RANDOM)
    check_jobs(world)
    check_file(world)
    check_vault(world)
    print(f"{planned} planned and {at_random} random kills")


def test_a_job_that_kills_its_worker_three_times_is_parked_and_can_be_retried(
    world: World, tmp_path: Path
) -> None:
    for number in range(2):
        world.drop(number)
    world.poll()
    plan = lambda job: always_at_work(job) if job.subject == 1 else ()  # noqa: E731
    assert run_until_done(world, tmp_path / "notes", plan) == 3
    parked = queue.list_jobs(world.db, ("parked",))
    assert [(job.kind, job.subject, job.error) for job in parked] == [
        ("transcribe", 1, queue.CRASHED)
    ]
    listed, _ = calls.list_calls(world.db, CallFilter())
    assert {line.call.id: (line.call.state, line.parked) for line in listed} == {
        1: ("received", True),
        2: ("ready", False),
    }
    with writing(world.db):
        queue.retry_job(world.db, parked[0].id, now=utc_now())
    run_until_done(world, tmp_path / "notes")
    assert value(world.db, "SELECT count(*) FROM call WHERE state = 'ready'") == 2
    assert row(world.db, "SELECT 1 FROM job WHERE state <> 'done'") is None
