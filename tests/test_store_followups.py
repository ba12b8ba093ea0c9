"""Missed calls are linked by number to what followed, quickly even among 100,000."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from appliance.db import Database, row, rows, value, writing
from appliance.errors import NotFound
from appliance.facts import to_ms
from appliance.facts.calls import CallFilter
from appliance.store import alarms, calls, followups
from tests.world import BEGIN, World, found_call

NUMBER, OTHER = "+15125550142", "+15125550143"


def tell(world: World, key: str, minute: int, **facts: Any) -> int:
    usual = {"caller_number": NUMBER, "started_at": BEGIN + timedelta(minutes=minute)}
    (number,) = world.receive(found_call(key, recorded=False, **(usual | facts)))
    assert number
    return number


def missed(world: World, key: str, minute: int, **facts: Any) -> int:
    return tell(world, key, minute, answer_state="ring_abandon", **facts)


def back(world: World, key: str, minute: int, dialed: str = "5125550142") -> int:
    return tell(world, key, minute, direction="out", caller_number="101", dialed=dialed)


def test_a_missed_call_is_made_good_by_the_first_answered_call_of_its_number(
    world: World,
) -> None:
    first = missed(world, "first", 0)
    missed(world, "again", 5)
    tell(world, "stranger", 6, caller_number=OTHER)
    back(world, "back", 42)
    back(world, "later", 50)
    found = followups.recovered(world.db, first)
    assert found
    assert (found.how, found.ref) == ("called_back", world.call("back").ref)
    assert found.after_ms == 42 * 60_000


def test_a_caller_who_gets_through_the_next_time_is_recovered_by_that(world: World) -> None:
    number = missed(world, "first", 0)
    tell(world, "again", 9)
    found = followups.recovered(world.db, number)
    assert found
    assert found.how == "called_again"


def test_too_late_unanswered_or_earlier_calls_make_nothing_good(world: World) -> None:
    back(world, "before", -10)
    number = missed(world, "first", 0)
    tell(world, "no answer", 5, direction="out", dialed=NUMBER, answer_state="ring_abandon")
    back(world, "next day", 25 * 60)
    assert followups.recovered(world.db, number) is None
    assert followups.recovered(world.db, number, within_hours=48)


def test_a_withheld_number_links_to_nobody(world: World) -> None:
    number = missed(world, "first", 0, caller_number="anonymous")
    tell(world, "also withheld", 5, caller_number="anonymous")
    assert followups.recovered(world.db, number) is None
    assert followups.attempts(world.db, number) == []


def test_a_voicemail_is_a_missed_call_and_an_answered_one_is_not(world: World) -> None:
    left = missed(world, "vm", 0, **{"caller_number": OTHER})
    with writing(world.db):
        world.db.execute("UPDATE call SET answer_state = 'voicemail_left' WHERE id = ?", (left,))
    answered = tell(world, "fine", 1)
    back(world, "b1", 5, OTHER)
    back(world, "b2", 6, NUMBER)
    assert followups.recovered(world.db, left)
    assert followups.recovered(world.db, answered) is None
    with pytest.raises(NotFound):
        followups.recovered(world.db, 999)


def test_attempts_are_all_other_calls_of_the_number_nearby(world: World) -> None:
    number = missed(world, "first", 0)
    missed(world, "second", 5)
    back(world, "back", 42)
    missed(world, "last week", -7 * 1440)
    missed(world, "stranger", 6, caller_number=OTHER)
    near = followups.attempts(world.db, number)
    assert [(a.direction, a.answer_state) for a in near] == [
        ("in", "ring_abandon"), ("out", "answered"),
    ]  # fmt: skip


def test_the_summary_counts_missed_recovered_withheld_and_the_median(world: World) -> None:
    missed(world, "a", 0)
    missed(world, "b", 10, caller_number=OTHER)
    missed(world, "c", 20, caller_number="")
    missed(world, "d", 30, caller_number="+15125550144")
    back(world, "back a", 40)
    back(world, "back b", 30, OTHER)
    told = followups.follow_up(world.db, BEGIN, BEGIN + timedelta(days=1))
    assert (told.missed, told.callers, told.withheld, told.recovered) == (4, 3, 1, 2)
    assert told.median_ms == 30 * 60_000
    none = followups.follow_up(world.db, BEGIN - timedelta(days=1), BEGIN)
    assert (none.missed, none.recovered, none.median_ms) == (0, 0, None)


def test_a_late_record_that_tells_the_number_links_the_call(world: World) -> None:
    number = missed(world, "a", 0, caller_number="")
    back(world, "back", 5)
    assert followups.recovered(world.db, number) is None
    missed(world, "a", 0)
    assert followups.recovered(world.db, number)


def test_lists_can_be_narrowed_to_missed_and_to_those_not_made_good(world: World) -> None:
    missed(world, "good", 0)
    back(world, "back", 5)
    missed(world, "bad", 6, caller_number=OTHER)
    missed(world, "withheld", 7, caller_number="")
    tell(world, "fine", 8, caller_number="+15125550144")

    def listed(**facts: Any) -> list[str]:
        page, _ = calls.list_calls(world.db, CallFilter(**facts))
        return [line.call.native_key for line in page]

    assert listed(answer_state="missed") == ["withheld", "bad", "good"]
    assert listed(unrecovered_h=24) == ["withheld", "bad"]
    assert listed(answer_state="answered") == ["fine", "back"]
    assert listed(answer_state="voicemail_left") == []


def fill(db: Database, count: int) -> None:
    """``count`` calls over half a year from 20,000 numbers, every seventh one missed."""
    dice = random.Random(3)
    facts = [
        (
            f"r{n}", f"k{n}", to_ms(BEGIN) - n * 150_000, "in" if n % 4 else "out",
            "answered" if n % 7 else "ring_abandon", str(5_120_000_000 + dice.randrange(20_000)),
        )
        for n in range(count)
    ]  # fmt: skip
    with writing(db):
        db.conn.executemany(
            "INSERT INTO call (ref, connector, native_key, started_at, duration_ms, talk_ms,"
            " direction, answer_state, caller_number, caller_name, dialed, outside_key,"
            " staff_extension, queue, metadata_level, state, found_at)"
            " VALUES (?, 'pbx', ?, ?, 1, 1, ?, ?, '', '', '', ?, '101', '', 'cdr', 'ready', 0)",
            facts,
        )


def test_among_100000_calls_a_month_is_summed_up_by_index_in_well_under_a_second(
    world: World,
) -> None:
    fill(world.db, 100_000)
    plan = rows(
        world.db,
        f"EXPLAIN QUERY PLAN SELECT ({followups.MADE_GOOD} ORDER BY f.started_at LIMIT 1) FROM"
        f" call c WHERE c.duplicate_of IS NULL AND {followups.MISSED} AND c.started_at >= 1"
        " AND c.started_at < 2",
        (1,),
    )
    told = " ".join(str(step["detail"]) for step in plan)
    assert "call_missed" in told
    assert "COVERING INDEX call_by_outside" in told
    assert "SCAN" not in told
    spent = []
    for _ in range(5):
        began = time.thread_time()
        found = followups.follow_up(world.db, BEGIN - timedelta(days=30), BEGIN)
        spent.append(time.thread_time() - began)
    assert found.missed > 1500
    assert 0 < found.recovered < found.missed
    assert min(spent) < 0.1
    began = time.thread_time()
    span = alarms.count_span(world.db, "pbx", BEGIN - timedelta(days=14), BEGIN)
    starts = alarms.starts_of(world.db, "pbx", BEGIN - timedelta(days=28))
    assert (span.calls, len(starts)) == (8064, 16_129)
    assert time.thread_time() - began < 0.3, "watching for silence stays cheap"
    began = time.thread_time()
    page, _ = calls.list_calls(world.db, CallFilter(unrecovered_h=24))
    assert len(page) == calls.PAGE
    assert time.thread_time() - began < 0.1
    last = value(world.db, "SELECT id FROM call WHERE native_key = 'k99995'")
    assert row(world.db, "SELECT 1 FROM call WHERE id = ?", (last,))
    assert followups.attempts(world.db, last, 24 * 365) is not None
