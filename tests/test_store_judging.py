"""Judging: what was seen is what is judged, safety stays until people close it, staff may answer."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from appliance.db import driver, execute, rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.calls import FoundCall
from appliance.facts.speech import Provenance
from appliance.stages import publish
from appliance.store import analyses, calls, judging, pending, replies, reviews, safety
from appliance.store.judging import Decision
from appliance.store.pending import Pending, PendingFilter
from tests.world import BEGIN, World

READ = Provenance(engine="phrases", model="english", software="petsvet 0.1.0")
BAD = Analysis(
    intent="sick_visit", outcome="refused", urgency="routine",
    rubric={"empathy": "not_met", "offers_help": "met", "no_medical_advice": "not_met"},
    turnaway=Turnaway(reason="cap_day", kind="capacity"),
    evidence={"rubric.empathy": (Evidence(first_segment=2, last_segment=3),)},
    provenance=READ,
)  # fmt: skip


def add_call(world: World, key: str, analysis: Analysis = BAD, extension: str = "101") -> int:
    [found] = world.receive(
        FoundCall(native_key=key, started_at=world.now, staff_extension=extension)
    )
    assert found
    read_as(world, found, analysis)
    return found


def read_as(world: World, call_id: int, analysis: Analysis) -> None:
    with writing(world.db):
        analyses.save_analysis(world.db, call_id, analysis, now=BEGIN)
    fact = publish.work(world.db, world.tools(), call_id)
    with writing(world.db):
        publish.save(world.db, fact, BEGIN)


@pytest.fixture
def call_id(world: World) -> int:
    return add_call(world, "one")


def decide(world: World, call_id: int, name: str, verdict: str, **other: Any) -> str:
    seen = judging.standing_of(world.db, call_id, name).seen
    usual = {"chosen": "", "reason": "heard it", "seen": seen, "by": "Maria"}
    decision = Decision(name=name, verdict=verdict, **(usual | other))
    with writing(world.db):
        return judging.decide(world.db, call_id, decision, now=world.now)


def waiting(world: World, **asked: Any) -> list[Pending]:
    return pending.list_pending(world.db, PendingFilter(**asked))[0]


def names(world: World, **asked: Any) -> list[str]:
    return [p.name for p in waiting(world, **asked)]


def state(world: World, call_id: int, name: str = "safety.advice") -> str:
    return safety.get_item(world.db, call_id, name).state


def test_safety_comes_first_then_turnaways_then_what_was_not_met(
    world: World, call_id: int
) -> None:
    world.wait(hours=1)
    newer = add_call(world, "two", msgspec.structs.replace(BAD, rubric={"empathy": "not_met"}))
    told = [(p.name, p.call_id) for p in waiting(world)]
    assert told == [
        ("safety.advice", call_id), ("turnaway", newer), ("turnaway", call_id),
        ("rubric.empathy", newer), ("rubric.empathy", call_id),
    ]  # fmt: skip


def test_the_queue_narrows_and_counts(world: World, call_id: int) -> None:
    add_call(world, "two", extension="102")
    assert names(world, what="turnaway") == ["turnaway"] * 2
    assert names(world, what="not_met", extensions=("102",)) == ["rubric.empathy"]
    assert names(world, started_from=world.now + timedelta(hours=1)) == []
    assert pending.count_flags(world.db, PendingFilter()) == (0, 6)
    decide(world, call_id, "turnaway", "confirmed")
    assert pending.count_flags(world.db, PendingFilter()) == (1, 6)
    assert pending.count_flags(world.db, PendingFilter(what="turnaway")) == (1, 2)


def test_pages_of_the_queue_hold_everything_once(world: World) -> None:
    for n in range(4):
        add_call(world, f"call {n}")  # all at the same moment
        world.wait(minutes=n % 2)
    seen, after = [], ""
    while True:
        page, after = pending.list_pending(world.db, PendingFilter(), after=after, limit=5)
        seen += [(p.call_id, p.name) for p in page]
        if not after:
            break
    assert seen == [(p.call_id, p.name) for p in waiting(world)]
    assert len(seen) == len(set(seen)) == 12
    assert pending.list_pending(world.db, PendingFilter(), after="made~up") == ([], "")


def test_calls_about_death_are_reviewed_apart_and_never_ranked(world: World, call_id: int) -> None:
    sad = add_call(world, "two", msgspec.structs.replace(BAD, intent="end_of_life"))
    ranked = waiting(world)
    assert {p.name for p in ranked if p.call_id == sad} == {"safety.advice"}
    apart = waiting(world, care=True)
    assert {p.call_id for p in apart} == {sad}
    assert {p.name for p in apart} == {"turnaway", "rubric.empathy"}
    decide(world, call_id, "intent", "corrected", chosen="grief_followup")
    assert {p.call_id for p in waiting(world, care=True)} == {
        sad,
        call_id,
    }


def test_a_verdict_on_one_of_two_labels_that_say_the_same_is_one_on_both(
    world: World, call_id: int
) -> None:
    assert decide(world, call_id, "safety.advice", "confirmed") == ""
    held = reviews.current(world.db, call_id)
    assert held["rubric.no_medical_advice"].value == "not_met"
    assert held["rubric.no_medical_advice"].software == "petsvet 0.1.0"
    seen = judging.standing_of(world.db, call_id, "rubric.no_medical_advice").seen
    with writing(world.db):
        assert not judging.take_back(world.db, call_id, "rubric.no_medical_advice", seen)
    assert reviews.current(world.db, call_id) == {}
    assert state(world, call_id) == "new"


def test_the_second_of_two_leaders_is_told_instead_of_overruling_the_first(
    world: World, call_id: int
) -> None:
    seen = judging.standing_of(world.db, call_id, "turnaway").seen
    assert decide(world, call_id, "turnaway", "confirmed", by="Olivia") == ""
    told = decide(world, call_id, "turnaway", "rejected", seen=seen)
    assert told.startswith("Olivia judged this while you had it open")
    assert reviews.current(world.db, call_id)["turnaway"].by == "Olivia"
    assert len(reviews.history(world.db, call_id)) == 1
    assert decide(world, call_id, "turnaway", "rejected") == ""


def test_a_suggestion_that_changed_meanwhile_is_not_judged_as_the_old_one(
    world: World, call_id: int
) -> None:
    seen = judging.standing_of(world.db, call_id, "turnaway").seen
    again = Turnaway(reason="no_ask", kind="skill")
    read_as(world, call_id, msgspec.structs.replace(BAD, turnaway=again))
    assert "read again while you had it open" in decide(
        world, call_id, "turnaway", "confirmed", seen=seen
    )
    assert reviews.history(world.db, call_id) == []


def test_a_reading_that_says_the_same_again_disturbs_nobody(world: World, call_id: int) -> None:
    seen = judging.standing_of(world.db, call_id, "rubric.empathy").seen
    read_as(world, call_id, BAD)
    assert decide(world, call_id, "rubric.empathy", "confirmed", seen=seen) == ""
    read_as(world, call_id, BAD)
    assert "rubric.empathy" not in names(world)


def test_a_verdict_somebody_took_back_meanwhile_is_told(world: World, call_id: int) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    seen = judging.standing_of(world.db, call_id, "turnaway").seen
    with writing(world.db):
        assert judging.take_back(world.db, call_id, "turnaway", seen) == ""
        assert "no verdict" in judging.take_back(world.db, call_id, "turnaway", seen)
    assert "took the verdict back" in decide(world, call_id, "turnaway", "rejected", seen=seen)
    assert "turnaway" in names(world)


def test_nothing_is_judged_that_is_not_there(world: World, call_id: int) -> None:
    with pytest.raises(NotFound):
        judging.standing_of(world.db, call_id, "safety.card_aloud")
    with pytest.raises(Refused):
        decide(world, call_id, "rubric.empathy", "rejected", reason="")
    assert reviews.history(world.db, call_id) == []


def test_what_software_does_not_say_any_more_stays_until_a_person_closes_it(
    world: World, call_id: int
) -> None:
    read_as(world, call_id, msgspec.structs.replace(BAD, rubric={}))
    item = safety.get_item(world.db, call_id, "safety.advice")
    assert (item.state, item.gone) == ("new", True)
    assert safety.count_open(world.db) == 1
    assert decide(world, call_id, "safety.advice", "rejected") == ""
    assert state(world, call_id) == "not_an_issue"
    assert safety.count_open(world.db) == 0


def test_a_safety_item_is_confirmed_before_it_is_handled_and_can_be_opened_again(
    world: World, call_id: int
) -> None:
    def handle(note: str) -> None:
        item = safety.get_item(world.db, call_id, "safety.advice")
        with writing(world.db):
            safety.handle(world.db, item, note, "Maria", now=world.now)

    with pytest.raises(Refused, match="confirm"):
        handle("called the owner")
    decide(world, call_id, "safety.advice", "confirmed")
    assert state(world, call_id) == "confirmed"
    with pytest.raises(Refused, match="what was done"):
        handle(" ")
    handle("called the owner, dog is fine")
    assert state(world, call_id) == "handled"
    with writing(world.db):
        item = safety.get_item(world.db, call_id, "safety.advice")
        safety.reopen(world.db, item, "Olivia", now=world.now)
    assert state(world, call_id) == "confirmed"
    acts = safety.acts_of(world.db, call_id, "safety.advice")
    assert [(a.what, a.by) for a in acts] == [("handled", "Maria"), ("reopened", "Olivia")]


def test_reading_a_handled_call_again_does_not_open_it(world: World, call_id: int) -> None:
    decide(world, call_id, "safety.advice", "confirmed")
    with writing(world.db):
        item = safety.get_item(world.db, call_id, "safety.advice")
        safety.handle(world.db, item, "spoke with Finn", "Maria", now=world.now)
    read_as(world, call_id, BAD)
    assert state(world, call_id) == "handled"


def test_what_a_person_finds_unsafe_is_a_safety_item_though_software_missed_it(
    world: World,
) -> None:
    found = add_call(world, "quiet", Analysis(rubric={"no_medical_advice": "met"}, provenance=READ))
    decide(world, found, "rubric.no_medical_advice", "corrected", chosen="not_met")
    assert state(world, found) == "confirmed"
    seen = judging.standing_of(world.db, found, "safety.advice").seen
    with writing(world.db):
        assert judging.take_back(world.db, found, "safety.advice", seen) == ""
    assert reviews.current(world.db, found) == {}
    assert safety.items_of(world.db, found) == []  # only that person had said it


def test_pages_of_safety_items_hold_each_item_once(world: World) -> None:
    made = {add_call(world, f"call {n}") for n in range(7)}
    seen, cursor = [], ""
    while True:
        items, cursor = safety.list_items(world.db, open_only=True, before=cursor, limit=3)
        seen += [i.call_id for i in items]
        if not cursor:
            break
    assert sorted(seen) == sorted(made)
    assert safety.list_items(world.db, open_only=True, before="made~up")[0] == []


def verdict_of(world: World, call_id: int, name: str = "turnaway") -> replies.Verdict:
    review_id = judging.standing_of(world.db, call_id, name).review_id
    return replies.get_verdict(world.db, review_id, call_id)


def answer(world: World, call_id: int, what: str, text: str = "") -> None:
    with writing(world.db):
        replies.reply(
            world.db, verdict_of(world, call_id), what, text, "Finn", now=world.now, days=14
        )


def test_staff_answer_a_verdict_once_and_in_time(world: World, call_id: int) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    with pytest.raises(Refused, match="few words"):
        answer(world, call_id, "disputed")
    answer(world, call_id, "acknowledged")
    with pytest.raises(Refused, match="already"):
        answer(world, call_id, "disputed", "I did offer Monday")
    [listed] = replies.list_verdicts(world.db, ["101"])
    assert [r.what for r in listed.replies] == ["acknowledged"]
    assert replies.list_verdicts(world.db, ["102"]) == []


def test_after_the_days_are_over_nobody_answers_any_more(world: World, call_id: int) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    world.wait(days=14)
    assert not verdict_of(world, call_id).may_reply(world.now, 14)
    with pytest.raises(Refused, match="14 days"):
        answer(world, call_id, "disputed", "I did offer Monday")
    assert verdict_of(world, call_id).may_reply(world.now, 15)


def test_a_disputed_verdict_changes_only_where_the_dispute_is_answered(
    world: World, call_id: int
) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    answer(world, call_id, "disputed", "I did offer Monday")
    assert "disputes" in decide(world, call_id, "turnaway", "rejected")
    seen = judging.standing_of(world.db, call_id, "turnaway").seen
    with writing(world.db):
        assert "disputes" in judging.take_back(world.db, call_id, "turnaway", seen)
    assert replies.count_disputes(world.db) == 1

    decision = Decision(
        name="turnaway", verdict="rejected", chosen="", reason="she did offer", seen=seen,
        by="Olivia",
    )  # fmt: skip
    with writing(world.db):
        told = judging.settle_dispute(world.db, verdict_of(world, call_id), decision, now=world.now)
    assert told == ""
    assert reviews.current(world.db, call_id)["turnaway"].value == "none"
    assert replies.list_disputes(world.db) == []
    settled = replies.list_settled(world.db)[0]
    assert [(r.what, r.by) for r in settled.replies] == [
        ("disputed", "Finn"),
        ("changed", "Olivia"),
    ]
    assert settled.superseded
    assert len(replies.list_verdicts(world.db, ["101"])) == 2


def test_a_disputed_verdict_does_not_change_in_other_words_either(
    world: World, call_id: int
) -> None:
    decide(world, call_id, "safety.advice", "confirmed")
    with writing(world.db):
        disputed = verdict_of(world, call_id, "safety.advice")
        replies.reply(
            world.db, disputed, "disputed", "I asked a nurse", "Finn", now=world.now, days=14
        )
    changed = decide(world, call_id, "rubric.no_medical_advice", "corrected", chosen="met")
    assert "disputes" in changed
    assert state(world, call_id) == "confirmed"


def test_an_upheld_verdict_holds_and_the_answer_is_kept(world: World, call_id: int) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    answer(world, call_id, "disputed", "I did offer Monday")
    verdict = verdict_of(world, call_id)
    uphold = Decision(
        name="turnaway", verdict="upheld", chosen="", reason="Monday was another call",
        seen=judging.standing_of(world.db, call_id, "turnaway").seen, by="Maria",
    )  # fmt: skip
    with writing(world.db):
        assert judging.settle_dispute(world.db, verdict, uphold, now=world.now) == ""
    assert reviews.current(world.db, call_id)["turnaway"].value == "cap_day"
    with pytest.raises(Refused, match="already"), writing(world.db):
        judging.settle_dispute(world.db, verdict_of(world, call_id), uphold, now=world.now)


def test_replies_are_never_rewritten(world: World, call_id: int) -> None:
    decide(world, call_id, "turnaway", "confirmed")
    answer(world, call_id, "acknowledged")
    with pytest.raises(driver.DatabaseError, match="append-only"), writing(world.db):
        execute(world.db, "UPDATE reply SET what = 'disputed'")


def test_a_forgotten_call_takes_items_and_answers_along(world: World, call_id: int) -> None:
    decide(world, call_id, "safety.advice", "confirmed")
    decide(world, call_id, "turnaway", "confirmed")
    answer(world, call_id, "acknowledged")
    with writing(world.db):
        item = safety.get_item(world.db, call_id, "safety.advice")
        safety.handle(world.db, item, "spoke with Finn", "Maria", now=world.now)
        calls.forget_call(world.db, call_id)
    for table in ("flag", "review", "reply", "safety", "safety_act"):
        assert rows(world.db, f"SELECT * FROM {table}") == [], table


def test_a_reading_that_is_forgotten_leaves_nothing_to_review(world: World, call_id: int) -> None:
    with writing(world.db):
        calls.forget_reading(world.db, call_id)
    assert names(world) == []
    assert value(world.db, "SELECT count(*) FROM safety") == 0
