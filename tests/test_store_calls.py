"""Calls are received once however often they are found, and lists stay steady while they grow."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from appliance import queue
from appliance.db import Database, execute, row, rows, value, writing
from appliance.facts.calls import CallFilter, FoundRecording
from appliance.facts.jobs import ROAD
from appliance.store import analyses, calls, receiving, recordings
from appliance.store.analyses import Card
from appliance.store.recordings import Sealed
from tests.world import BEGIN, World, found_call, take_of


@pytest.fixture
def db(world: World) -> Database:
    return world.db


def open_kinds(db: Database) -> list[str]:
    found = rows(db, "SELECT kind FROM job WHERE state <> 'done' ORDER BY id")
    return [r["kind"] for r in found]


def finish_all(db: Database) -> None:
    with writing(db):
        execute(db, "UPDATE job SET state = 'done' WHERE state <> 'done'")


def set_state(db: Database, state: str) -> None:
    finish_all(db)
    with writing(db):
        calls.set_state(db, 1, state, now=BEGIN)


def publish(db: Database, call_id: int, **labels: str) -> None:
    with writing(db):
        analyses.save_card(
            db, call_id, Card(**({"intent": "wellness", "outcome": "booked"} | labels))
        )


def test_a_call_found_five_times_is_received_once(world: World, db: Database) -> None:
    found = found_call("a")
    assert [world.receive(found)[0] for _ in range(5)] == [1, None, None, None, None]
    assert value(db, "SELECT count(*) FROM recording") == 1
    assert open_kinds(db) == ["receive"]


def test_the_same_key_on_another_phone_system_is_another_call(world: World, db: Database) -> None:
    world.receive(found_call("a"))
    world.receive(found_call("a"), connector="other")
    assert value(db, "SELECT count(*) FROM call") == 2


def test_a_call_without_a_recording_goes_straight_to_the_reading(
    world: World, db: Database
) -> None:
    world.receive(found_call("a", recorded=False, answer_state="ring_abandon"))
    assert open_kinds(db) == ["analyze"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("received", []), ("transcribed", []), ("analyzed", ["analyze"]), ("ready", ["analyze"])],
)
def test_late_facts_update_the_call_and_are_read_again_if_it_was_read(
    world: World, db: Database, state: str, expected: list[str]
) -> None:
    world.receive(found_call("a"))
    set_state(db, state)
    world.receive(found_call("a", staff_extension="102", answer_state="hold_abandon"))
    assert calls.get_call(db, 1).staff_extension == "102"
    assert open_kinds(db) == expected


@pytest.mark.parametrize("kind", ["analyze", "publish"])
def test_a_reading_of_the_old_facts_that_is_running_loses_to_the_new_ones(
    world: World, db: Database, kind: str
) -> None:
    world.receive(found_call("a"))
    set_state(db, "attributed")
    with writing(db):
        queue.enqueue(db, kind, 1, "chores", now=BEGIN)
        running = queue.claim(db, "chores", "w", now=BEGIN, lease_s=60)
    world.receive(found_call("a", direction="out"))
    assert running
    assert open_kinds(db) == ["analyze"]
    assert row(db, "SELECT 1 FROM job WHERE id = ?", (running.id,)) is None


def test_a_recording_that_has_grown_is_taken_anew_and_its_old_work_is_dropped(
    world: World, db: Database
) -> None:
    world.receive(found_call("a"))
    set_state(db, "ready")
    before = take_of(db, 1)
    with writing(db):
        for kind in ROAD[1:]:
            queue.enqueue(db, kind, 1, "chores", now=BEGIN)
    take = replace(found_call("a").recordings[0], size=20_000, modified_ns=2)
    assert world.receive(found_call("a", recordings=(take,))) == [1]
    assert take_of(db, 1).ref != before.ref
    assert (take_of(db, 1).file, take_of(db, 1).size) == ("", 20_000)
    assert calls.get_call(db, 1).state == "found"
    assert open_kinds(db) == ["receive"]


def seal_as(db: Database, call_id: int, *digests: str) -> None:
    with writing(db):
        for take, digest in zip(recordings.list_recordings(db, call_id), digests, strict=True):
            sealed = Sealed(
                recording_id=take.id,
                digest=digest,
                size=9000,
                file=f"{take.id}.pvs",
                wrapped_key=b"k",
            )
            recordings.save_sealed(db, sealed)


def test_a_recording_held_by_another_call_is_found_by_its_digest(
    world: World, db: Database
) -> None:
    for key in "ab":
        world.receive(found_call(key))
    seal_as(db, 1, "same")
    seal_as(db, 2, "same")
    assert recordings.original_of(db, "same", 2) == 1
    assert recordings.original_of(db, "same", 1) == 2
    assert recordings.original_of(db, "other", 2) is None
    with writing(db):
        calls.mark_duplicate(db, 2, 1)
        assert recordings.forget_files(db, 2) == ["2.pvs"]
    assert recordings.original_of(db, "same", 1) is None
    assert [line.call.id for line in calls.list_calls(db, CallFilter())[0]] == [1]
    assert calls.count_calls(db) == {"found": 1}


def test_a_duplicate_found_again_stays_a_duplicate(world: World, db: Database) -> None:
    for key in "ab":
        world.receive(found_call(key))
    finish_all(db)
    with writing(db):
        calls.mark_duplicate(db, 2, 1)
    assert world.receive(found_call("b")) == [None]
    assert open_kinds(db) == []


def test_references_say_nothing_and_never_repeat() -> None:
    refs = {receiving.new_ref() for _ in range(1000)}
    assert len(refs) == 1000
    assert all(len(ref) == 16 for ref in refs)


def fill(world: World, count: int) -> None:
    world.receive(
        *(
            found_call(
                f"c{n}", minutes_ago=n // 3, staff_extension=str(101 + n % 3),
                recordings=(FoundRecording(locator=f"{n}", name=f"{n}", size=n, modified_ns=n),),
            )
            for n in range(count)
        )
    )  # fmt: skip
    for n in range(count):
        labels = {"intent": "refill"} if n % 4 == 0 else {}
        turned = {"turnaway_kind": "capacity", "turnaway_reason": "cap_day"} if n % 5 == 0 else {}
        publish(world.db, n + 1, **labels, **turned)


def pages(db: Database, filters: CallFilter, limit: int = 7) -> list[int]:
    found, before = [], ""
    while True:
        page, before = calls.list_calls(db, filters, before=before, limit=limit)
        found += [line.call.id for line in page]
        if not before:
            return found


FILTERS = {
    "all": (CallFilter(), lambda n: True),
    "staff": (CallFilter(staff="102"), lambda n: n % 3 == 1),
    "desk": (CallFilter(extensions=("101", "103")), lambda n: n % 3 in (0, 2)),
    "nobody": (CallFilter(extensions=()), lambda n: False),
    "intent": (CallFilter(intent="refill"), lambda n: n % 4 == 0),
    "outcome": (CallFilter(outcome="booked"), lambda n: True),
    "turnaway": (CallFilter(turnaway="any"), lambda n: n % 5 == 0),
    "kind": (CallFilter(turnaway="capacity"), lambda n: n % 5 == 0),
    "reason": (CallFilter(turnaway="cap_day"), lambda n: n % 5 == 0),
    "other reason": (CallFilter(turnaway="busy"), lambda n: False),
    "both": (CallFilter(intent="refill", turnaway="any"), lambda n: n % 20 == 0),
    "from": (CallFilter(started_from=BEGIN - timedelta(minutes=3)), lambda n: n // 3 <= 3),
    "before": (CallFilter(started_before=BEGIN - timedelta(minutes=3)), lambda n: n // 3 > 3),
}


def test_every_filter_gives_its_calls_newest_first_over_all_pages(
    world: World, db: Database
) -> None:
    fill(world, 60)
    for name, (filters, belongs) in FILTERS.items():
        expected = sorted((n for n in range(60) if belongs(n)), key=lambda n: (n // 3, -n))
        assert pages(db, filters) == [n + 1 for n in expected], name


def test_pages_neither_repeat_nor_skip_while_new_calls_come_in(world: World, db: Database) -> None:
    fill(world, 20)
    first, cursor = calls.list_calls(db, CallFilter(), limit=7)
    world.receive(*(found_call(f"new{n}", minutes_ago=-n) for n in range(5)))
    second, _ = calls.list_calls(db, CallFilter(), before=cursor, limit=7)
    seen = [line.call.id for line in (*first, *second)]
    assert len(set(seen)) == 14
    assert max(seen) <= 20, "what came in later belongs before the first page"


@pytest.mark.parametrize("cursor", ["x", ".", "1.", "1.x", "-1.2", "9" * 40 + ".1", "1.2.3", "\0"])
def test_a_made_up_cursor_is_no_error(world: World, db: Database, cursor: str) -> None:
    fill(world, 3)
    assert calls.list_calls(db, CallFilter(), before=cursor) == ([], "")


def test_a_parked_job_shows_in_the_list(world: World, db: Database) -> None:
    fill(world, 3)
    with writing(db):
        execute(db, "UPDATE job SET state = 'parked' WHERE subject = 2")
    shown = {line.call.id: line.parked for line in calls.list_calls(db, CallFilter())[0]}
    assert shown == {1: False, 2: True, 3: False}


@pytest.mark.parametrize("name", FILTERS)
def test_no_page_reads_or_sorts_the_whole_table(world: World, db: Database, name: str) -> None:
    fill(world, 9)
    explained: list[str] = []
    real = db.conn.execute

    class Explaining:
        def execute(self, sql: str, params: object = ()) -> object:
            if sql.startswith("SELECT c.*"):
                explained.extend(r[3] for r in real(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
            return real(sql, params)

    db.conn, kept = Explaining(), db.conn
    try:
        calls.list_calls(db, FILTERS[name][0], before="1795359600000.5")
    finally:
        db.conn = kept
    assert explained
    bad = [step for step in explained if step.startswith(("SCAN c", "SCAN k", "SCAN j"))]
    assert [step for step in bad if "INDEX" not in step] == [], explained
