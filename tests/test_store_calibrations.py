"""Calibration sessions, and the agreement that is counted from them and from reviews."""

import pytest

from appliance.db import rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.reviews import Review
from appliance.reading.agreement import Agreement, Bar
from appliance.stages import publish
from appliance.store import agreement, analyses, calibration_results, calibrations, calls, reviews
from tests.world import BEGIN, PROVENANCE, World, found_call, tell_transcript

ITEMS = ("empathy", "no_medical_advice")
EMPATHY = "rubric.empathy"


def add_calls(world: World, count: int, *, first: int = 0, intent: str = "sick_visit") -> list[int]:
    """Calls read in turn as: empathy met, not met, not met and turned away."""
    made = []
    for n in range(first, first + count):
        [call_id] = world.receive(found_call(f"call-{n}", minutes_ago=n + 1, recorded=False))
        assert call_id
        tell_transcript(world.db, call_id, "Hello, Lakeside", "I need a visit")
        away = Turnaway(reason="no_ask", kind="skill") if n % 3 == 2 else None
        analysis = Analysis(
            intent=intent, outcome="booked", turnaway=away, provenance=PROVENANCE,
            rubric={"empathy": "not_met" if n % 3 else "met", "no_medical_advice": "met"},
            evidence={EMPATHY: (Evidence(first_segment=1, last_segment=1),)},
        )  # fmt: skip
        with writing(world.db):
            analyses.save_analysis(world.db, call_id, analysis, now=BEGIN)
        fact = publish.work(world.db, world.tools(), call_id)
        with writing(world.db):
            publish.save(world.db, fact, BEGIN)
        made.append(call_id)
    return made


def begin(world: World, size: int = 20, by: str = "Maria", seed: str = "seed") -> int:
    with writing(world.db):
        return calibrations.begin(world.db, size, ITEMS, by=by, now=BEGIN, seed=seed)


def answer(world: World, number: int, place: int, by: str, **said: str) -> None:
    told = {label.replace("__", "."): given for label, given in said.items()}
    with writing(world.db):
        calibrations.save_answers(world.db, number, place, by, told, now=BEGIN)


def label_all(world: World, number: int, by: str, **differently: str) -> None:
    """Say what software says of every call, but for some labels."""
    changed = {label.replace("__", "."): said for label, said in differently.items()}
    with writing(world.db):
        for place in calibrations.list_places(world.db, number):
            told = {label: a.state for label, a in place.suggested.items()} | changed
            calibrations.save_answers(world.db, number, place.number, by, told, now=BEGIN)
        calibrations.finish(world.db, number, by, now=BEGIN)


def of(world: World, name: str) -> Agreement:
    return {a.name: a for a in agreement.list_agreement(world.db)}[name]


def review(world: World, call_id: int, name: str, suggested: str, said: str, verdict: str) -> None:
    with writing(world.db):
        told = Review(name=name, suggested=suggested, verdict=verdict, value=said, reason="",
                      by="Maria", at=BEGIN)  # fmt: skip
        reviews.judge(world.db, call_id, told)


def test_a_session_draws_answered_calls_with_words_and_notes_what_software_said(
    world: World,
) -> None:
    made = add_calls(world, 25)
    add_calls(world, 5, first=25, intent="end_of_life")
    world.receive(found_call("silent", minutes_ago=9))
    world.receive(found_call("missed", minutes_ago=9, answer_state="ring_abandon"))
    number = begin(world)
    places = calibrations.list_places(world.db, number)
    assert [p.number for p in places] == list(range(1, 21))
    assert {p.call_id for p in places} <= set(made)
    first = places[0].suggested
    assert set(first) == {"turnaway", "intent", "outcome", EMPATHY, "rubric.no_medical_advice"}
    assert (first[EMPATHY].first_segment, first[EMPATHY].last_segment) == (1, 1)


def test_the_seed_is_kept_and_draws_the_same_calls(world: World) -> None:
    add_calls(world, 30)
    number = begin(world, seed="mine")
    drawn = [p.call_id for p in calibrations.list_places(world.db, number)]
    assert value(world.db, "SELECT seed FROM calibration") == "mine"
    with writing(world.db):
        world.db.execute("DELETE FROM calibration")
    assert [
        p.call_id for p in calibrations.list_places(world.db, begin(world, seed="mine"))
    ] == drawn


def test_no_call_is_drawn_for_two_sessions(world: World) -> None:
    add_calls(world, 30)
    one, other = begin(world), begin(world)
    drawn = [{p.call_id for p in calibrations.list_places(world.db, n)} for n in (one, other)]
    assert (len(drawn[0]), len(drawn[1])) == (20, 10)
    assert not drawn[0] & drawn[1]
    with pytest.raises(Refused, match="are left to draw from"):
        begin(world)


def test_a_session_is_paused_and_goes_on_where_it_was(world: World) -> None:
    add_calls(world, 20)
    number = begin(world)
    half = {"turnaway": "none", "intent": "refill"}
    whole = half | {"outcome": "booked", "rubric__empathy": "met",
                    "rubric__no_medical_advice": "na"}  # fmt: skip
    answer(world, number, 1, "Maria", **whole)
    answer(world, number, 2, "Maria", **half)
    session = calibrations.get_session(world.db, number)
    me = session.reader("Maria")
    assert me
    assert (me.done, session.next_for("Maria"), session.next_for("Maria", 2)) == ({1}, 2, 3)
    assert calibrations.list_answers(world.db, number, "Maria")[2] == half
    answer(world, number, 2, "Maria", intent="diet")
    assert calibrations.list_answers(world.db, number, "Maria")[2] == {"intent": "diet"}


@pytest.mark.parametrize(
    ("label", "said"),
    [("turnaway", "yes"), ("intent", "lunch"), (EMPATHY, "maybe"), ("rubric.pet_name", "met")],
)
def test_an_answer_that_is_none_is_refused(world: World, label: str, said: str) -> None:
    add_calls(world, 3)
    number = begin(world)
    with pytest.raises(Refused):
        answer(world, number, 1, "Maria", **{label: said})
    assert calibrations.list_answers(world.db, number, "Maria") == {}


def test_answers_count_once_the_session_is_finished_and_then_stay(world: World) -> None:
    add_calls(world, 20)
    number = begin(world)
    answer(world, number, 1, "Maria", turnaway="none")
    with writing(world.db), pytest.raises(Refused, match="at least one call"):
        calibrations.finish(world.db, number, "Maria", now=BEGIN)
    assert of(world, EMPATHY).random == 0
    label_all(world, number, "Maria")
    assert of(world, EMPATHY).random == 20
    with pytest.raises(Refused, match="finished"):
        answer(world, number, 1, "Maria", turnaway="none")


def test_calls_begun_and_not_done_are_dropped_at_the_end(world: World) -> None:
    add_calls(world, 20)
    number = begin(world)
    told = calibrations.get_place(world.db, number, 1).suggested
    answer(world, number, 1, "Maria", **{k: a.state for k, a in told.items()})
    answer(world, number, 2, "Maria", turnaway="none")
    with writing(world.db):
        calibrations.finish(world.db, number, "Maria", now=BEGIN)
    assert of(world, "turnaway").n == 1


def test_analyzing_a_call_again_changes_nothing_that_is_measured(world: World) -> None:
    made = add_calls(world, 20)
    number = begin(world)
    with writing(world.db):
        for call_id in made:
            analyses.save_analysis(world.db, call_id, Analysis(provenance=PROVENANCE), now=BEGIN)
    label_all(world, number, "Maria")
    assert of(world, "intent").precision.value == 1.0  # type: ignore[union-attr]


def test_two_people_are_compared_and_the_first_one_measures_software(world: World) -> None:
    add_calls(world, 20)
    number = begin(world)
    with writing(world.db):
        calibrations.join(world.db, number, "Olivia", now=BEGIN)
        with pytest.raises(Refused, match="two people"):
            calibrations.join(world.db, number, "Oscar", now=BEGIN)
    label_all(world, number, "Olivia", turnaway="none")
    assert of(world, "turnaway").precision.value == 0  # type: ignore[union-attr]
    label_all(world, number, "Maria")
    assert of(world, "turnaway").precision.value == 1  # type: ignore[union-attr]
    session = calibrations.get_session(world.db, number)
    results = {r.label: r for r in calibration_results.tell_results(world.db, session)}
    assert results[EMPATHY].people
    assert results[EMPATHY].people.value == 1
    assert results["turnaway"].people is None, "Olivia always said the same"


def test_what_was_told_differently_is_listed_with_its_place(world: World) -> None:
    add_calls(world, 6)
    number = begin(world)
    label_all(world, number, "Maria", rubric__empathy="met")
    session = calibrations.get_session(world.db, number)
    found = calibration_results.list_differences(world.db, session)
    assert {(d.label, d.suggested.state, d.person) for d in found} == {(EMPATHY, "not_met", "met")}
    assert len(found) == 4
    assert {d.suggested.first_segment for d in found} == {1}


def test_a_flag_leaves_its_trial_with_enough_labels_that_agree(world: World) -> None:
    add_calls(world, 60)
    assert EMPATHY in agreement.trial_flags(world.db)
    label_all(world, begin(world, 50), "Maria")
    passed = {"intent", "outcome", EMPATHY, "turnaway"}
    trial = agreement.trial_flags(world.db)
    # Always the same intent and outcome here: agreement cannot be told from chance.
    assert passed & trial == {"intent", "outcome"}
    assert {"rubric.no_medical_advice", "rubric.pet_name", "safety.advice"} <= trial
    assert "rubric.answered_fast" not in trial, "the phone system tells it"
    with writing(world.db):
        agreement.save_bar(world.db, Bar(labels=80))
    assert EMPATHY in agreement.trial_flags(world.db)


def test_critical_items_labeled_by_lot_measure_their_safety_flags_too(world: World) -> None:
    add_calls(world, 30)
    label_all(world, begin(world), "Maria", rubric__no_medical_advice="not_met")
    found = of(world, "safety.advice")
    assert (found.random, found.precision) == (20, None)
    assert found.recall
    assert found.recall.value == 0


def test_reviews_count_by_what_was_suggested_and_a_drawn_call_only_by_its_blind_label(
    world: World,
) -> None:
    made = add_calls(world, 6)
    review(world, made[1], EMPATHY, "not_met", "not_met", "confirmed")
    review(world, made[2], EMPATHY, "not_met", "met", "corrected")
    review(world, made[4], EMPATHY, "not_met", "", "rejected")
    review(world, made[2], "turnaway", "no_ask", "none", "rejected")
    found = of(world, EMPATHY)
    assert (found.n, found.random, found.recall) == (3, 0, None)
    assert found.precision
    assert (round(found.precision.value, 2), found.precision.n) == (0.33, 3)
    assert of(world, "turnaway").precision.value == 0  # type: ignore[union-attr]
    label_all(world, begin(world), "Maria")
    found = of(world, EMPATHY)
    assert (found.n, found.random) == (6, 6)


def test_an_erased_call_takes_its_labels_along_and_the_session_goes_on(world: World) -> None:
    add_calls(world, 20)
    number = begin(world)
    first = calibrations.get_place(world.db, number, 1)
    answer(world, number, 1, "Maria", turnaway="none")
    with writing(world.db):
        calls.forget_call(world.db, first.call_id)
    with pytest.raises(NotFound, match="erased"):
        calibrations.get_place(world.db, number, 1)
    assert rows(world.db, "SELECT 1 FROM calibration_answer") == []
    label_all(world, number, "Maria")
    assert of(world, "turnaway").n == 19


def test_a_session_wants_calls_and_something_to_listen_for(world: World) -> None:
    with writing(world.db), pytest.raises(Refused, match="at least one thing"):
        calibrations.begin(world.db, 50, (), by="Maria", now=BEGIN)
    with writing(world.db), pytest.raises(Refused, match="how many calls"):
        calibrations.begin(world.db, 7, ITEMS, by="Maria", now=BEGIN)
    with pytest.raises(Refused, match="no answered calls"):
        begin(world)
    with pytest.raises(NotFound):
        calibrations.get_session(world.db, 3)
