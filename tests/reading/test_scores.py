"""A score can be shown to the person it is about: what counts, what waits, what is left out."""

from appliance.facts.rubrics import Answer, Item, Rubric, Score
from appliance.reading.rubrics import shipped
from appliance.reading.scores import score

NAMES = ("greeting_name", "pet_name", "empathy", "warm_close", "no_medical_advice")
RUBRIC = Rubric(
    number=1,
    items=tuple(
        Item(name=name, weight=weight, critical=name == "no_medical_advice")
        for name, weight in zip(NAMES, (1, 2, 3, 1, 3), strict=True)
    ),
)
ALL_MET = dict.fromkeys(NAMES, "met")


def scored(states: dict[str, str], rubric: Rubric = RUBRIC, **more: object) -> Score:
    settings: dict[str, object] = {"verdicts": {}, "intent": "sick_visit"} | more
    answers = {name: Answer(state=state) for name, state in states.items()}
    return score(rubric, answers, **settings)  # type: ignore[arg-type]


def counts(found: Score) -> dict[str, str]:
    return {part.item: part.counts for part in found.parts}


def test_all_met_is_a_hundred_and_provisional_while_nobody_has_looked() -> None:
    found = scored(ALL_MET)
    assert (found.value, found.settled) == (100, False)
    assert scored(ALL_MET, verdicts={"rubric.empathy": "met"}).settled


def test_not_met_waits_for_a_person_and_is_left_out_until_then() -> None:
    states = ALL_MET | {"empathy": "not_met"}
    found = scored(states)
    assert (found.value, counts(found)["empathy"], found.settled) == (100, "waiting", False)
    judged = scored(states, verdicts={"rubric.empathy": "not_met"})
    assert (judged.value, counts(judged)["empathy"], judged.settled) == (70, "yes", True)


def test_a_persons_word_holds_before_the_softwares() -> None:
    states = ALL_MET | {"empathy": "not_met"}
    assert scored(states, verdicts={"rubric.empathy": "met"}).value == 100
    assert counts(scored(states, verdicts={"rubric.empathy": "na"}))["empathy"] == "no"
    assert counts(scored(states, verdicts={"rubric.empathy": "none"}))["empathy"] == "no"


def test_items_in_trial_do_not_count_whoever_judged_them() -> None:
    verdicts = {"rubric.empathy": "not_met"}
    found = scored(ALL_MET, verdicts=verdicts, trial={"rubric.empathy"})
    assert (found.value, counts(found)["empathy"]) == (100, "trial")


def test_too_little_gives_no_score_instead_of_a_wild_one() -> None:
    assert scored({"greeting_name": "met", "pet_name": "met", "empathy": "met"}).value is None
    assert scored(ALL_MET, trial={f"rubric.{name}" for name in NAMES}).value is None
    assert scored({}).value is None


def test_a_critical_item_fails_the_call_only_when_a_person_confirmed_it() -> None:
    states = ALL_MET | {"no_medical_advice": "not_met"}
    assert (scored(states).value, scored(states).failed) == (100, ())
    for trial in (set(), {"rubric.no_medical_advice"}):
        found = scored(states, verdicts={"rubric.no_medical_advice": "not_met"}, trial=trial)
        assert (found.value, found.failed) == (0, ("no_medical_advice",))
    unsaid = scored(states, verdicts={"rubric.no_medical_advice": "met"})
    assert (unsaid.value, unsaid.failed) == (100, ())


def test_an_item_does_not_apply_to_calls_the_clinic_took_it_from() -> None:
    items = tuple(
        Item(name=i.name, weight=i.weight, not_for=("refill",) if i.name == "empathy" else ())
        for i in RUBRIC.items
    )
    rubric, states = Rubric(number=2, items=items), ALL_MET | {"empathy": "not_met"}
    verdicts = {"rubric.empathy": "not_met"}
    assert scored(states, rubric, verdicts=verdicts, intent="refill").value == 100
    assert scored(states, rubric, verdicts=verdicts).value == 70


def test_what_is_switched_off_or_weighs_nothing_is_not_asked() -> None:
    items = (*RUBRIC.items[:4], Item(name="no_medical_advice", on=False), Item(name="x", weight=0))
    assert set(counts(scored(ALL_MET, Rubric(number=2, items=items)))) == set(NAMES[:4])


def test_end_of_life_calls_have_a_rubric_of_their_own_without_offers() -> None:
    states = {item.name: "met" for item in shipped().items}
    for intent in ("end_of_life", "grief_followup"):
        found = scored(states, shipped(), intent=intent)
        asked = {part.item for part in found.parts if part.state != "na"}
        assert "grief_manner" in asked
        assert not asked & {"offers_appointment", "two_choices", "value_before_price"}
        assert (found.solemn, found.value) == (True, 100)
    usual = scored(states, shipped())
    assert "grief_manner" not in {part.item for part in usual.parts if part.state != "na"}
    assert not usual.solemn
