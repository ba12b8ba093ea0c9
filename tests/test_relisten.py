"""Many calls are listened to again: one at a time, behind fresh ones, and put in place whole."""

from datetime import timedelta
from typing import Any

from msgspec import structs

from appliance import pipeline
from appliance.chores import relisten
from appliance.db import execute, row, value, writing
from appliance.facts.jobs import ROAD
from appliance.store import analyses, reanalyses, reanalysis_calls, transcripts
from tests.rereads import LAST_YEAR, preview, start
from tests.world import ToneRecognizer, World, said_in, take_of


def heard_calls(world: World, count: int) -> list[int]:
    """Calls that came all the way, read and heard by last year's rules and ears."""
    for number in range(count):
        world.drop(number)
    world.poll()
    world.work()
    found = [world.call(f".{number}").id for number in range(count)]
    for call_id in found:
        told = analyses.get_analysis(world.db, call_id)
        assert told is not None
        with writing(world.db):
            wrong = structs.replace(told, intent="spam", provenance=LAST_YEAR)
            analyses.save_analysis(world.db, call_id, wrong, now=world.now)
            execute(
                world.db, "UPDATE segment SET text = 'mumble mumble' WHERE call_id = ?", (call_id,)
            )
    return found


def said(world: World, call_id: int) -> list[str]:
    told = transcripts.get_transcript(world.db, call_id)
    return [s.text for s in told.segments] if told else []


def again(world: World, **tools: Any) -> reanalyses.Run:
    run = start(world, preview(world, start="transcribe"))
    world.work(**tools)
    return reanalyses.get_run(world.db, run.id)


def test_calls_are_heard_and_read_again_and_stay_ready_meanwhile(world: World) -> None:
    found = heard_calls(world, 2)
    stamps = [row(world.db, "SELECT state, ready_at FROM call WHERE id = ?", (c,)) for c in found]
    before = value(world.db, "SELECT count(*) FROM happening")
    world.wait(minutes=5)

    run = again(world)

    assert (run.state, run.chore, run.done, run.changed) == ("done", "relisten", 2, 2)
    for number, call_id in enumerate(found):
        assert said(world, call_id) == [s.text for s in said_in(number)]
        told = analyses.get_analysis(world.db, call_id)
        assert told is not None and told.intent != "spam"
    assert [
        row(world.db, "SELECT state, ready_at FROM call WHERE id = ?", (c,)) for c in found
    ] == stamps
    assert value(world.db, "SELECT count(*) FROM happening") == before
    assert value(world.db, "SELECT count(*) FROM job WHERE state <> 'done'") == 0


def test_a_fresh_call_is_listened_to_first(world: World) -> None:
    heard_calls(world, 1)
    run = start(world, preview(world, start="transcribe"))
    world.drop(7)
    world.poll()
    world.work(("courier",))  # the fresh call waits to be transcribed
    step = relisten.work(world.db, world.tools(), run.id)
    assert step.stands_back and not step.call_id
    with writing(world.db):
        execute(world.db, "UPDATE job SET state = 'done' WHERE kind = 'relisten'")
        relisten.save(world.db, step, world.now)
    later = world.job("relisten")["run_after"] - world.job("transcribe")["run_after"]
    assert later >= relisten.STAND_BACK / timedelta(milliseconds=1)


def test_a_recording_that_is_gone_leaves_its_call_as_it_was(world: World) -> None:
    first, second = heard_calls(world, 2)
    name = take_of(world.db, first).file
    for file in world.data.rglob(f"{name}*"):
        file.unlink()
    run = again(world)
    assert (run.state, run.done, run.failed, run.changed) == ("done", 2, 1, 1)
    assert said(world, first)[0] == "mumble mumble"
    assert said(world, second)[0] != "mumble mumble"


def test_a_call_that_takes_its_worker_down_is_left_out_when_the_run_goes_on(world: World) -> None:
    found = heard_calls(world, 2)
    shown = preview(world, start="transcribe")
    run = start(world, shown)
    world.work(("speech",), recognizer=_Deaf)
    for _ in range(4):
        world.wait(hours=2)
        world.work(("speech",), recognizer=_Deaf)
    assert world.job("relisten")["state"] == "parked"
    with writing(world.db):
        pipeline.steer_many(world.db, run.id, "resume", now=world.now)
    world.work()
    run = reanalyses.get_run(world.db, run.id)
    assert (run.state, run.done, run.failed, run.changed) == ("done", 2, 1, 1)
    assert sum(said(world, c)[0] == "mumble mumble" for c in found) == 1


class _Deaf(ToneRecognizer):
    def recognize(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no ears")


def test_the_time_it_takes_is_told_from_the_pace_of_recent_calls(world: World) -> None:
    heard_calls(world, 2)
    assert preview(world, start="transcribe").work_ms is None  # a minute of sound is not enough
    with writing(world.db):
        execute(world.db, "UPDATE transcript SET duration_ms = 120000")
        execute(
            world.db, "UPDATE job SET finished_at = started_at + 60000 WHERE kind = 'transcribe'"
        )
    run = preview(world, start="transcribe")
    assert run.work_ms == 120_000
    assert preview(world).work_ms is None


def test_nothing_is_put_on_the_road(world: World) -> None:
    heard_calls(world, 1)
    jobs = value(world.db, f"SELECT count(*) FROM job WHERE kind IN {ROAD}")
    again(world)
    assert value(world.db, f"SELECT count(*) FROM job WHERE kind IN {ROAD}") == jobs
    assert reanalysis_calls.count_other(world.db) == (0, 0)
