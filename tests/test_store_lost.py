"""Lost bookings become one item per caller, and close, open and join by themselves, in any order."""

import itertools
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import clock, pipeline
from appliance.chores import settle_worklist
from appliance.db import execute, rows, value, writing
from appliance.errors import Refused
from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.codes import KIND_OF_REASON
from appliance.facts.reviews import Review
from appliance.facts.work import LineCall, WorkFilter, WorkItem
from appliance.reading.lost import lost_calls
from appliance.stages import publish
from appliance.store import analyses, calls, lost, reviews, transcripts, work_acts, worklist
from appliance.store.settings import ClinicSettings, save_settings
from tests.world import BEGIN, PROVENANCE, World, found_call, tell_transcript

NUMBER, OTHER = "+15125550142", "+15125550143"


def tell(
    world: World,
    key: str,
    minute: int,
    reason: str = "",
    intent: str = "sick_visit",
    outcome: str = "refused",
    words: str = "",
    **facts: Any,
) -> int:
    """A call is received, read as told, and published."""
    usual = {"caller_number": NUMBER, "started_at": BEGIN + timedelta(minutes=minute)}
    (number,) = world.receive(found_call(key, recorded=False, **(usual | facts)))
    assert number
    if words:
        tell_transcript(world.db, number, words)
    away = Turnaway(reason=reason, kind=KIND_OF_REASON[reason]) if reason else None
    analysis = Analysis(intent=intent, outcome=outcome, turnaway=away, provenance=PROVENANCE)
    with writing(world.db):
        analyses.save_analysis(world.db, number, analysis, now=world.now)
    fact = publish.work(world.db, world.tools(), number)
    with writing(world.db):
        publish.save(world.db, fact, world.now)
    return number


def missed(world: World, key: str, minute: int, **facts: Any) -> int:
    usual = {"answer_state": "ring_abandon", "reason": "no_connect", "intent": "unknown"}
    return tell(world, key, minute, **(usual | {"staff_extension": ""} | facts))


def back(world: World, key: str, minute: int, **facts: Any) -> int:
    usual: dict[str, Any] = {"outcome": "info_only", "intent": "confirm"}
    return tell(world, key, minute, direction="out", caller_number="101",
                **({"dialed": "5125550142"} | usual | facts))  # fmt: skip


def items(world: World, **filters: Any) -> list[WorkItem]:
    found, _ = worklist.list_items(world.db, WorkFilter(**filters))
    return found


def states(world: World) -> list[str]:
    return [
        r["state"] for r in rows(world.db, "SELECT state FROM work_item ORDER BY opened_at, id")
    ]


def say(world: World, call_id: int, value: str) -> None:
    verdict = Review(name="turnaway", suggested="?", verdict="corrected", value=value,
                     reason="heard it", by="Maria", at=world.now)  # fmt: skip
    with writing(world.db):
        reviews.judge(world.db, call_id, verdict)


def settle(world: World) -> None:
    fact = settle_worklist.work(world.db, world.tools(), 0)
    with writing(world.db):
        settle_worklist.save(world.db, fact, world.now)


def test_a_turned_away_caller_is_one_item_with_reason_kind_and_due_time(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    [item] = items(world)
    assert (item.state, item.kind, item.reason, item.intent) == (
        "open", "capacity", "cap_day", "sick_visit",
    )  # fmt: skip
    assert (item.calls, item.number, item.call_ref) == (1, NUMBER, world.call("a").ref)
    assert item.due_at > item.opened_at == BEGIN


def test_later_lost_calls_of_the_same_caller_join_the_open_item(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    tell(world, "b", 30, "no_ask", caller_number="(512) 555-0142")
    tell(world, "c", 40, "no_ask", caller_number=OTHER)
    first, other = items(world)
    assert {first.calls, other.calls} == {2, 1}
    assert {first.reason, other.reason} == {"no_ask"}


def test_callers_without_a_number_stand_alone(world: World) -> None:
    for key in ("a", "b"):
        tell(world, key, 0, "cap_day", caller_number="anonymous")
    assert [item.calls for item in items(world)] == [1, 1]


def test_a_late_record_that_tells_the_number_lets_the_item_close_by_itself(world: World) -> None:
    tell(world, "a", 0, "cap_day", caller_number="")
    tell(world, "a", 0, "cap_day")
    back(world, "back", 30)
    assert states(world) == ["recovered"]


@pytest.mark.parametrize(
    ("reason", "intent"),
    [("service_not_offered", "sick_visit"), ("cap_day", "end_of_life"), ("no_ask", "grief_followup"),
     ("", "sick_visit")],
)  # fmt: skip
def test_services_not_offered_and_the_end_of_a_life_are_never_on_the_list(
    world: World, reason: str, intent: str
) -> None:
    tell(world, "a", 0, reason, intent)
    assert states(world) == []


def test_a_caller_who_is_called_back_is_recovered_in_so_many_hours_by_that_call(
    world: World,
) -> None:
    tell(world, "a", 0, "cap_day")
    back(world, "back", 180)
    [item] = items(world, done=True)
    assert (item.state, item.how, item.after_ms) == ("recovered", "called_back", 180 * 60_000)
    assert item.shown_ref == world.call("back").ref
    assert [n.what for n in work_acts.list_notes(world.db, item.id)] == ["recovered"]


def test_a_caller_who_books_later_is_recovered_by_the_booking(world: World) -> None:
    tell(world, "a", 0, "price_only")
    tell(world, "b", 60, outcome="booked")
    [item] = items(world, done=True)
    assert (item.how, item.shown_ref) == ("booked", world.call("b").ref)


def test_a_caller_who_is_turned_away_again_is_not_recovered_by_that(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    tell(world, "b", 60, "no_alternative")
    back(world, "no answer", 70, answer_state="ring_abandon")
    assert [item.calls for item in items(world)] == [2]


def test_a_caller_lost_again_after_being_reached_is_a_new_item(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    back(world, "back", 60)
    tell(world, "b", 120, "no_ask")
    assert states(world) == ["recovered", "open"]


def test_one_missed_call_is_no_lost_booking_and_two_are(world: World) -> None:
    missed(world, "a", 0)
    assert states(world) == []
    missed(world, "b", 5)
    [item] = items(world)
    assert (item.calls, item.missed, item.reason) == (2, True, "no_connect")


def test_missed_calls_a_day_apart_or_with_a_talk_between_are_no_second_try(world: World) -> None:
    missed(world, "a", 0)
    tell(world, "talk", 3, outcome="booked")
    missed(world, "b", 5)
    missed(world, "c", 5 + 25 * 60)
    assert states(world) == []


def test_a_voicemail_that_asks_for_a_visit_is_a_lost_booking_and_any_other_is_not(
    world: World,
) -> None:
    left = {"answer_state": "voicemail_left", "reason": ""}
    missed(world, "no words", 0, **left, intent="sick_visit")
    missed(world, "results", 1, **left, caller_number=OTHER, intent="lab_results", words="results")
    assert states(world) == []
    missed(world, "visit", 2, **left, intent="sick_visit", words="my dog is limping, call me")
    [item] = items(world)
    assert (item.kind, item.reason) == ("capacity", "voicemail_unreturned")


def test_a_long_wait_on_hold_is_a_lost_booking_and_a_short_one_is_not(world: World) -> None:
    held = {"answer_state": "hold_abandon", "reason": "hold"}
    missed(world, "short", 0, **held, caller_number=OTHER, duration_ms=20_000)
    missed(world, "long", 1, **held, duration_ms=90_000)
    assert [item.number for item in items(world)] == [NUMBER]


def test_a_correction_closes_an_item_and_withdrawing_it_opens_the_item_again(world: World) -> None:
    call_id = tell(world, "a", 0, "cap_day")
    say(world, call_id, "none")
    assert states(world) == ["not_lost"]
    with writing(world.db):
        reviews.withdraw(world.db, call_id, "turnaway")
    settle(world)
    assert states(world) == ["open"]
    say(world, call_id, "service_not_offered")
    assert states(world) == ["not_lost"]


def test_a_correction_to_another_reason_is_told_by_the_item(world: World) -> None:
    say(world, tell(world, "a", 0, "cap_day"), "no_ask")
    assert [(i.kind, i.reason) for i in items(world)] == [("skill", "no_ask")]


def test_a_turnaway_only_a_person_heard_opens_an_item(world: World) -> None:
    say(world, tell(world, "a", 0), "price_only")
    assert [i.reason for i in items(world)] == ["price_only"]


def test_rejecting_an_item_is_a_verdict_on_each_of_its_calls(world: World) -> None:
    ids = [tell(world, "a", 0, "cap_day"), tell(world, "b", 9, "no_ask")]
    with writing(world.db):
        work_acts.reject(world.db, items(world)[0], "Maria", "only asked for hours", now=world.now)
    assert states(world) == ["not_lost"]
    for call_id, suggested in zip(ids, ("cap_day", "no_ask"), strict=True):
        review = reviews.current(world.db, call_id)["turnaway"]
        assert (review.verdict, review.value, review.suggested) == ("rejected", "none", suggested)
    assert value(world.db, "SELECT count(*) FROM card WHERE turnaway_reason <> ''") == 0


def test_what_a_person_closed_stays_closed_and_new_losses_open_a_new_item(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    world.wait(minutes=30)
    with writing(world.db):
        work_acts.close(world.db, items(world)[0], "lost", "Maria", now=world.now, text="moved")
    back(world, "back", 60)
    assert states(world) == ["lost"]
    tell(world, "b", 90, "no_ask")
    assert states(world) == ["lost", "open"]
    with pytest.raises(Refused, match="closed"), writing(world.db):
        work_acts.close(world.db, items(world, done=True)[0], "recovered", "x", now=world.now)


def test_an_item_opened_again_is_not_closed_by_the_call_that_proved_nothing(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    back(world, "machine", 10)
    world.wait(minutes=20)
    with writing(world.db):
        work_acts.open_again(world.db, items(world, done=True)[0], "Maria", now=world.now)
        lost.settle_call(world.db, world.call("machine").id, now=world.now)
    assert states(world) == ["open"]
    back(world, "person", 40)
    [item] = items(world, done=True)
    assert (item.shown_ref, item.after_ms) == (world.call("person").ref, 40 * 60_000)


def test_calls_of_long_ago_open_nothing_and_old_items_close_by_themselves(world: World) -> None:
    tell(world, "ancient", -31 * 1440, "cap_day", caller_number=OTHER)
    tell(world, "a", 0, "cap_day")
    assert states(world) == ["open"]
    world.wait(days=31)
    settle(world)
    [item] = items(world, done=True)
    assert (item.state, item.how) == ("lost", "expired")


def test_a_call_weeks_later_is_no_recovery_and_another_loss_by_then_is_a_new_item(
    world: World,
) -> None:
    tell(world, "a", 0, "cap_day")
    world.wait(days=20)
    settle(world)
    back(world, "about something else", 20 * 1440)
    assert states(world) == ["lost"]
    tell(world, "b", 20 * 1440 + 30, "no_ask")
    tell(world, "c", 20 * 1440 + 40, "no_ask")
    assert [(i.state, i.calls) for i in items(world)] == [("open", 2)]
    assert states(world) == ["lost", "open"]


def test_erasing_a_call_takes_it_off_the_list_and_the_last_one_takes_the_item(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    newer = tell(world, "b", 9, "no_ask")
    with writing(world.db):
        lost.note(world.db, items(world)[0].id, "note", "Maria", now=world.now, text="Rex again")
        calls.forget_call(world.db, newer)
    settle(world)
    [item] = items(world)
    assert (item.calls, item.reason, item.call_ref) == (1, "cap_day", world.call("a").ref)
    with writing(world.db):
        calls.forget_call(world.db, world.call("a").id)
    assert states(world) == []
    assert rows(world.db, "SELECT * FROM work_note") == rows(world.db, "SELECT * FROM work_call")


def test_a_call_under_a_rule_that_nobody_reads_still_shows_that_the_caller_was_reached(
    world: World,
) -> None:
    tell(world, "a", 0, "cap_day")
    (reached,) = world.receive(
        found_call("b", recorded=False, caller_number=NUMBER, minutes_ago=-60)
    )
    assert reached
    settle(world)
    assert states(world) == ["open"], "an incoming call that was not read may be lost as well"
    with writing(world.db):
        calls.set_state(world.db, reached, "skipped", now=world.now)
    settle(world)
    assert states(world) == ["recovered"]


def test_the_clock_has_the_list_settled_only_when_something_changed(world: World) -> None:
    call_id = tell(world, "a", 0, "cap_day")
    world.work()
    clock.poll(world.tools())
    assert not rows(world.db, "SELECT 1 FROM job WHERE kind = 'settle_worklist'")
    with writing(world.db):
        reviews.withdraw(world.db, call_id, "turnaway")
    clock.poll(world.tools())
    world.work()
    assert world.job("settle_worklist")["state"] == "done"
    assert not lost.has_marks(world.db)
    assert "settle_worklist" in pipeline.CHORES
    assert "settle_worklist" in {job.id for job in clock.make_scheduler(world.tools()).get_jobs()}


def test_a_due_time_set_by_a_person_is_not_changed_by_later_calls(world: World) -> None:
    tell(world, "a", 0, "cap_day")
    due = BEGIN + timedelta(days=2)
    with writing(world.db):
        work_acts.set_due(world.db, items(world)[0], due, "Maria", now=world.now)
    tell(world, "b", 9, "no_ask")
    assert [(i.due_at, i.due_by, i.calls) for i in items(world)] == [(due, "Maria", 2)]


def test_urgent_callers_are_due_in_two_hours_and_the_others_the_same_day(world: World) -> None:
    hours = {str(day): ("08:00", "18:00") for day in range(7)}
    with writing(world.db):
        save_settings(world.db, ClinicSettings(zone="America/Chicago", hours=hours))
    tell(world, "a", 0, "cap_day")  # 9 in the morning there
    tell(world, "b", 0, "cap_day", intent="poisoning", caller_number=OTHER)
    urgent, other = items(world)
    assert (urgent.urgent, urgent.due_at) == (True, BEGIN + timedelta(hours=2))
    assert (other.urgent, other.due_at) == (False, BEGIN + timedelta(hours=9))


def test_missed_callers_not_reached_are_listed_once_with_their_tries(world: World) -> None:
    missed(world, "a", 0)
    missed(world, "b", 1, caller_number=OTHER)
    missed(world, "c", 2, caller_number=OTHER)
    missed(world, "d", 3, caller_number="")
    missed(world, "e", 4, caller_number="+15125550144")
    tell(world, "talk", 5, caller_number="+15125550144", outcome="info_only")
    found, _ = worklist.list_missed(world.db, BEGIN - timedelta(days=14))
    assert [(row.number, row.tries, bool(row.item_ref)) for row in found] == [
        ("", 1, False), (OTHER, 2, True), (NUMBER, 1, False),
    ]  # fmt: skip
    first, cursor = worklist.list_missed(world.db, BEGIN - timedelta(days=14), limit=2)
    rest, end = worklist.list_missed(world.db, BEGIN - timedelta(days=14), before=cursor)
    assert ([*first, *rest], end) == (found, "")


def test_a_missed_caller_put_on_the_list_by_hand_stays_and_is_recovered_like_all(
    world: World,
) -> None:
    call_id = missed(world, "a", 0)
    with writing(world.db):
        lost.settle_call(world.db, call_id, now=world.now, by_hand=True)
        lost.settle_call(world.db, call_id, now=world.now)
    assert states(world) == ["open"]
    back(world, "back", 30)
    assert states(world) == ["recovered"]
    assert worklist.list_missed(world.db, BEGIN - timedelta(days=1))[0] == []


def test_lists_go_on_where_the_page_before_ended(world: World) -> None:
    for number in range(5):
        tell(world, f"k{number}", number, ("cap_day", "no_ask")[number % 2],
             caller_number=f"+1512555011{number}")  # fmt: skip
    every = items(world)
    page, cursor = worklist.list_items(world.db, WorkFilter(), limit=3)
    rest, end = worklist.list_items(world.db, WorkFilter(), after=cursor)
    assert ([*page, *rest], end) == (every, "")
    assert len(items(world, kind="skill")) == worklist.count_items(
        world.db, WorkFilter(kind="skill")
    )
    assert worklist.list_items(world.db, WorkFilter(), after="junk.1")[0] == every


def test_front_desk_lists_own_items_own_calls_and_calls_nobody_took(world: World) -> None:
    tell(world, "own call", 0, "cap_day")
    tell(world, "other", 1, "no_ask", caller_number=OTHER, staff_extension="102")
    missed(world, "a", 2, caller_number="+15125550144")
    missed(world, "b", 3, caller_number="+15125550144")
    with writing(world.db):
        execute(world.db, "INSERT INTO user VALUES (7, 'Finn', 'frontdesk', '101', '', 0, 0)")
    seen = {"user_id": 7, "extensions": ("101",)}
    assert {i.number for i in items(world, **seen)} == {NUMBER, "+15125550144"}
    [hidden] = [i for i in items(world) if i.number == OTHER]
    with writing(world.db):
        work_acts.assign(world.db, hidden, 7, "Maria", now=world.now, text="Finn")
    assert OTHER in {i.number for i in items(world, **seen)}
    assert [i.number for i in items(world, owner_id=7)] == [OTHER]
    assert {i.number for i in items(world, extensions=())} == {"+15125550144"}


EVENTS: dict[str, Any] = {
    "away": lambda w, n: tell(w, f"c{n}", n * 10, "cap_day"),
    "silent": lambda w, n: missed(w, f"c{n}", n * 10),
    "booked": lambda w, n: tell(w, f"c{n}", n * 10, outcome="booked"),
    "back": lambda w, n: back(w, f"c{n}", n * 10),
}


def outcome_of(world: World) -> list[tuple[Any, ...]]:
    """Items by what they are made of, without numbers given in the order of arrival."""
    found = rows(
        world.db,
        "SELECT i.state, i.reason, i.calls, i.opened_at, i.latest_at, i.closed_at, i.how,"
        " i.after_ms, (SELECT group_concat(c.native_key) FROM (SELECT c.native_key FROM work_call w"
        " JOIN call c ON c.id = w.call_id WHERE w.item_id = i.id ORDER BY c.started_at) c) AS keys"
        " FROM work_item i WHERE i.state <> 'not_lost' ORDER BY i.opened_at",
    )
    return [tuple(r.values()) for r in found]


def wipe(world: World) -> None:
    with writing(world.db):
        execute(world.db, "DELETE FROM call")
    assert states(world) == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(kinds=st.lists(st.sampled_from(sorted(EVENTS)), min_size=2, max_size=6), data=st.data())
def test_whatever_the_order_in_which_calls_become_known_the_callers_end_in_the_same_items(
    world: World, kinds: list[str], data: st.DataObject
) -> None:
    told = list(enumerate(kinds))
    wipe(world)
    for number, kind in told:
        EVENTS[kind](world, number)
    in_order = outcome_of(world)
    wipe(world)
    for number, kind in data.draw(st.permutations(told)):
        EVENTS[kind](world, number)
    for call_id in [r["id"] for r in rows(world.db, "SELECT id FROM call")]:
        with writing(world.db):
            lost.settle_call(world.db, call_id, now=world.now)
    assert outcome_of(world) == in_order


def test_settling_again_changes_nothing(world: World) -> None:
    for number, kind in enumerate(itertools.islice(itertools.cycle(EVENTS), 9)):
        EVENTS[kind](world, number)
    before = rows(world.db, "SELECT * FROM work_item"), rows(world.db, "SELECT * FROM work_note")
    for call_id in [r["id"] for r in rows(world.db, "SELECT id FROM call")]:
        with writing(world.db):
            lost.settle_call(world.db, call_id, now=world.now)
    after = rows(world.db, "SELECT * FROM work_item"), rows(world.db, "SELECT * FROM work_note")
    assert before == after


def test_the_quote_is_where_the_turnaway_was_read_or_what_the_caller_said_first(
    world: World,
) -> None:
    call_id = tell(world, "a", 0, "cap_day", words="my dog is limping")
    quote = worklist.quote_of(world.db, call_id)
    assert quote and [text for _, text in quote.lines] == ["my dog is limping"]
    assert worklist.quote_of(world.db, missed(world, "b", 3)) is None
    assert transcripts.get_transcript(world.db, call_id)


def test_a_number_that_calls_thousands_of_times_holds_nobody_up(world: World) -> None:
    line = [
        LineCall(id=n, started_ms=n * 60_000, reason="no_connect" if n % 3 else "",
                 answer_state="ring_abandon" if n % 3 else "answered")
        for n in range(6000)
    ]  # fmt: skip
    began = time.thread_time()
    found = lost_calls(line)
    assert len(found) == 4000
    assert time.thread_time() - began < 0.5
