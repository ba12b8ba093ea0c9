"""What holds of each call for the person who took it: kept true by every card and verdict."""

from datetime import timedelta

import pytest

from appliance.db import execute, rows, writing
from appliance.errors import NotFound
from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.calls import FoundCall
from appliance.facts.people import HANDLING, PEOPLE_ITEMS, Rate
from appliance.facts.reviews import Review
from appliance.migrations import MIGRATIONS, split_statements
from appliance.reading.standings import WEEKS, key_of
from appliance.stages import publish
from appliance.store import agreement, analyses, calls, reviews, standings
from tests.world import BEGIN, PROVENANCE, World

NOW = BEGIN + timedelta(days=1)


def take_call(world: World, key: str, analysis: Analysis, **found: object) -> int:
    told = {"staff_extension": "101", "talk_ms": 60_000, "started_at": BEGIN} | found
    [call_id] = world.receive(FoundCall(native_key=key, **told))  # type: ignore[arg-type]
    assert call_id
    with writing(world.db):
        analyses.save_analysis(world.db, call_id, analysis, now=BEGIN)
    publish_again(world, call_id)
    return call_id


def publish_again(world: World, call_id: int) -> None:
    fact = publish.work(world.db, world.tools(), call_id)
    with writing(world.db):
        publish.save(world.db, fact, BEGIN)


def read(intent: str = "sick_visit", **rubric: str) -> Analysis:
    return Analysis(intent=intent, rubric=rubric, staff_name="Finn", provenance=PROVENANCE)


def judge(world: World, call_id: int, name: str, suggested: str, value: str, verdict: str) -> None:
    review = Review(
        name=name,
        suggested=suggested,
        verdict=verdict,
        value=value,
        reason="",
        by="Maria",
        at=BEGIN,
    )
    with writing(world.db):
        reviews.judge(world.db, call_id, review)


def rate(world: World, item: str, who: str = "Finn") -> tuple[int, int, int]:
    told: Rate = standings.get_board(world.db, now=NOW).rates(item)[who]
    return told.met, told.missed, told.waiting


def test_a_missed_item_waits_until_a_person_confirms_it(world: World) -> None:
    call_id = take_call(world, "one", read(empathy="not_met"))
    assert rate(world, "empathy") == (0, 0, 1)
    judge(world, call_id, "rubric.empathy", "not_met", "not_met", "confirmed")
    assert rate(world, "empathy") == (0, 1, 0)
    judge(world, call_id, "rubric.empathy", "not_met", "met", "corrected")
    assert rate(world, "empathy") == (1, 0, 0)
    judge(world, call_id, "rubric.empathy", "not_met", "", "rejected")
    assert rate(world, "empathy") == (0, 0, 0)
    with writing(world.db):
        reviews.withdraw(world.db, call_id, "rubric.empathy")
    assert rate(world, "empathy") == (0, 0, 1)


def test_verdicts_hold_when_the_call_is_published_again(world: World) -> None:
    call_id = take_call(world, "one", read(empathy="not_met"))
    judge(world, call_id, "rubric.empathy", "not_met", "not_met", "confirmed")
    publish_again(world, call_id)
    assert rate(world, "empathy") == (0, 1, 0)


def test_a_call_given_to_somebody_else_counts_for_them(world: World) -> None:
    call_id = take_call(world, "one", read(empathy="met"))
    judge(world, call_id, "staff_name", "Finn", "Priya", "corrected")
    board = standings.get_board(world.db, now=NOW)
    assert board.people == ["Priya"]


def test_a_call_found_to_be_of_grief_is_left_out(world: World) -> None:
    call_id = take_call(world, "one", read(empathy="met"))
    judge(world, call_id, "intent", "sick_visit", "end_of_life", "corrected")
    assert standings.get_board(world.db, now=NOW).people == []


@pytest.mark.parametrize(
    "found",
    [
        {"answer_state": "voicemail_left"},
        {"answer_state": "ring_abandon"},
        {"direction": "internal"},
        {"started_at": BEGIN - timedelta(weeks=WEEKS)},
        {"started_at": NOW + timedelta(minutes=1)},
    ],
)
def test_calls_that_nobody_took_or_that_are_too_old_do_not_count(
    world: World, found: dict[str, object]
) -> None:
    take_call(world, "one", read(empathy="met"), **found)
    assert standings.get_board(world.db, now=NOW).people == []


def test_who_is_not_named_is_known_by_extension_until_named(world: World) -> None:
    nameless = Analysis(rubric={"empathy": "met"}, provenance=PROVENANCE)
    take_call(world, "one", nameless, staff_extension="109")
    assert standings.list_people(world.db, now=NOW) == ["Extension 109"]
    assert standings.extension_of(world.db, "Extension 109") == "109"
    assert standings.person_of(world.db, "109", "Zoe") == "Extension 109"
    with writing(world.db):
        calls.name_staff(world.db, "109", "Zoe / desk")
    assert standings.get_board(world.db, now=NOW).people == ["Zoe / desk"]
    assert standings.person_of(world.db, "109", "Zoe") == "Zoe / desk"
    assert standings.find_person(world.db, key_of("Zoe / desk"), now=NOW) == "Zoe / desk"
    assert standings.person_of(world.db, "", "Zoe") == ""
    with pytest.raises(NotFound):
        standings.find_person(world.db, key_of("Nobody"), now=NOW)


def test_at_an_extension_without_a_name_only_the_own_greeting_is_ones_own(world: World) -> None:
    take_call(world, "one", read(empathy="met"))
    assert standings.person_of(world.db, "101", "Finn") == "Finn"
    assert standings.person_of(world.db, "101", "Priya") == "Extension 101"
    assert standings.person_of(world.db, "102", "Finn") == "Extension 102"


def test_a_forgotten_call_or_reading_takes_its_standing_along(world: World) -> None:
    first, second = (take_call(world, key, read(empathy="met")) for key in ("one", "two"))
    with writing(world.db):
        calls.forget_reading(world.db, first)
    assert [r["call_id"] for r in rows(world.db, "SELECT call_id FROM standing")] == [second]
    with writing(world.db):
        calls.forget_call(world.db, second)
    assert rows(world.db, "SELECT 1 FROM standing") == []


def test_items_in_trial_or_switched_off_do_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standings.countable_items(world.db) == ["answered_fast"]  # measured, never in trial
    monkeypatch.setattr(
        standings, "trial_flags", lambda db: frozenset({"turnaway", "rubric.empathy"})
    )
    told = standings.countable_items(world.db)
    assert set(PEOPLE_ITEMS) - set(told) == {HANDLING, "empathy"}


def test_trial_is_asked_of_what_measures_agreement() -> None:
    assert standings.trial_flags is agreement.trial_flags


def test_the_clinics_own_turnaways_are_told_apart(world: World) -> None:
    for number, (reason, kind) in enumerate(
        (
            ("cap_day", "capacity"),
            ("policy_rule", "policy"),
            ("no_ask", "skill"),
            ("cap_day", "capacity"),
        )
    ):
        analysis = Analysis(turnaway=Turnaway(reason=reason, kind=kind), provenance=PROVENANCE)
        take_call(world, f"c{number}", analysis)
    assert standings.clinic_turnaways(world.db, now=NOW) == {"capacity": 2, "policy": 1}


def test_an_older_box_is_filled_with_what_new_calls_would_have(world: World) -> None:
    """The step that makes the table reckons in SQL what the program reckons with every call."""
    kinds = (None, ("no_ask", "skill"), ("cap_day", "capacity"), ("policy_rule", "policy"))
    for number, kind in enumerate(kinds * 3):
        turnaway = Turnaway(reason=kind[0], kind=kind[1]) if kind else None
        analysis = Analysis(
            intent=("sick_visit", "refill", "end_of_life")[number % 3], turnaway=turnaway,
            turnaway_told=number != 4, secondary=("end_of_life",) if number == 6 else (),
            rubric={"empathy": "not_met", "pet_name": "met", "warm_close": "na"},
            provenance=PROVENANCE,
        )  # fmt: skip
        call_id = take_call(world, f"c{number}", analysis)
        if number % 2:
            judge(world, call_id, "rubric.empathy", "not_met", "not_met", "confirmed")
            judge(world, call_id, "rubric.pet_name", "met", "", "rejected")
        if number in (1, 3):
            judge(world, call_id, "turnaway", "", ("busy", "none")[number % 4 // 2], "corrected")
    kept = rows(world.db, "SELECT * FROM standing ORDER BY call_id")
    assert len(kept) == 7
    script = next(sql for _, sql in MIGRATIONS if "CREATE TABLE standing" in sql)
    [fill] = [s for s in split_statements(script) if "INSERT INTO standing" in s]
    with writing(world.db):
        execute(world.db, "DELETE FROM standing")
        execute(world.db, fill)
    assert rows(world.db, "SELECT * FROM standing ORDER BY call_id") == kept
