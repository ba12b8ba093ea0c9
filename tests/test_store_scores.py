"""Versions of the rubric and scores under them: nothing that was given is ever rewritten."""

import msgspec
import pytest

from appliance.db import driver, row, rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.analysis import Analysis
from appliance.facts.reviews import Review
from appliance.facts.rubrics import Check, Item, Rubric
from appliance.facts.speech import Segment, Transcript
from appliance.reading.rubrics import shipped
from appliance.stages import publish
from appliance.store import agreement, analyses, calls, flags, reviews, rubrics, scores, transcripts
from tests.world import BEGIN, PROVENANCE, World, found_call

STATES = {
    "greeting_name": "met", "pet_name": "met", "empathy": "not_met", "warm_close": "met",
    "offers_help": "met",
}  # fmt: skip
QUESTION = Item(name="x_who", words="Asks who sent them", weight=5,
                check=Check(phrases=("who sent you",)))  # fmt: skip


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In these tests every flag has passed its trial, unless a test says otherwise."""
    monkeypatch.setattr(scores, "trial_flags", lambda db: frozenset())


@pytest.fixture
def call_id(world: World) -> int:
    """A call with five items read, four of them met, and a staff turn that asks who sent them."""
    [found] = world.receive(found_call("one"))
    assert found
    said = (("staff", "Thank you, who sent you to us?"), ("caller", "My neighbor."))
    told = Transcript(
        language="en", provenance=PROVENANCE,
        segments=tuple(Segment(index=i, speaker=w, text=t) for i, (w, t) in enumerate(said)),
    )  # fmt: skip
    analysis = Analysis(intent="sick_visit", rubric=STATES, provenance=PROVENANCE)
    with writing(world.db):
        transcripts.save_transcript(world.db, found, told, now=BEGIN)
        analyses.save_analysis(world.db, found, analysis, now=BEGIN)
    publish_again(world, found)
    return found


def publish_again(world: World, call_id: int) -> None:
    fact = publish.work(world.db, world.tools(), call_id)
    with writing(world.db):
        publish.save(world.db, fact, BEGIN)


def judge(world: World, call_id: int, name: str, said: str) -> None:
    review = Review(name=name, suggested="not_met", verdict="corrected", value=said, reason="",
                    by="Maria", at=BEGIN)  # fmt: skip
    with writing(world.db):
        reviews.judge(world.db, call_id, review)


def add_question(world: World, seen: int = 1, item: Item = QUESTION) -> Rubric:
    with writing(world.db):
        items = [*rubrics.get_rubric(world.db).items, item]
        return rubrics.save_version(world.db, items, seen=seen, by="Maria", now=BEGIN)


def given(world: World, call_id: int) -> dict[int, int | None]:
    found = rows(world.db, "SELECT version, value FROM call_score WHERE call_id = ?", (call_id,))
    return {r["version"]: r["value"] for r in found}


def test_a_published_call_has_a_score_under_the_version_in_force(
    world: World, call_id: int
) -> None:
    assert given(world, call_id) == {1: 100}
    found = scores.get_score(world.db, call_id)
    assert found
    assert (found.rubric.number, found.rubric.note) == (1, "As shipped")
    assert [p.item for p in found.score.parts if p.counts == "waiting"] == ["empathy"]


def test_a_verdict_settles_the_score_and_taking_it_back_unsettles_it(
    world: World, call_id: int
) -> None:
    judge(world, call_id, "rubric.empathy", "not_met")
    assert given(world, call_id) == {1: 75}  # 6 points of 8
    assert value(world.db, "SELECT settled FROM call_score") == 1
    with writing(world.db):
        reviews.withdraw(world.db, call_id, "rubric.empathy")
    assert given(world, call_id) == {1: 100}
    assert value(world.db, "SELECT settled FROM call_score") == 0


def test_a_verdict_given_before_a_call_is_published_again_still_counts(
    world: World, call_id: int
) -> None:
    judge(world, call_id, "rubric.empathy", "not_met")
    publish_again(world, call_id)
    assert given(world, call_id) == {1: 75}


def test_a_corrected_reason_for_the_call_changes_what_is_asked_of_it(
    world: World, call_id: int
) -> None:
    judge(world, call_id, "intent", "end_of_life")
    found = scores.get_score(world.db, call_id)
    assert found
    assert found.score.solemn
    assert {p.item: p.state for p in found.score.parts}["offers_help"] == "na"


def test_a_new_version_scores_what_comes_and_leaves_what_was(world: World, call_id: int) -> None:
    assert add_question(world).number == 2
    assert given(world, call_id) == {1: 100}
    judge(world, call_id, "rubric.empathy", "not_met")
    assert given(world, call_id) == {1: 75}, "a review keeps to the version the call was read under"
    publish_again(world, call_id)
    assert given(world, call_id) == {1: 75, 2: 85}  # 11 points of 13
    judge(world, call_id, "rubric.empathy", "met")
    assert given(world, call_id) == {1: 75, 2: 100}
    found = scores.get_score(world.db, call_id)
    assert found
    assert (found.rubric.number, found.earlier) == (2, ((1, 75),))
    assert found.words["x_who"] == "Asks who sent them"


def test_publishing_under_a_new_version_leaves_the_earlier_score_whatever_changed_since(
    world: World, call_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_question(world)
    other = Analysis(intent="end_of_life", rubric=STATES, provenance=PROVENANCE)
    with writing(world.db):
        analyses.save_analysis(world.db, call_id, other, now=BEGIN)
    before = value(world.db, "SELECT body FROM call_score")
    monkeypatch.setattr(scores, "trial_flags", lambda db: frozenset({"rubric.pet_name"}))
    publish_again(world, call_id)
    assert given(world, call_id) == {1: 100, 2: None}
    assert value(world.db, "SELECT body FROM call_score WHERE version = 1") == before


def test_a_question_of_the_clinics_own_is_answered_and_becomes_a_flag(
    world: World, call_id: int
) -> None:
    add_question(world)
    publish_again(world, call_id)
    flag = {f.name: f for f in flags.list_flags(world.db, call_id)}["rubric.x_who"]
    assert (flag.value, flag.first_segment, flag.last_segment) == ("met", 0, 0)
    assert "x_who" not in (analyses.get_analysis(world.db, call_id) or Analysis(
        provenance=PROVENANCE)).rubric  # fmt: skip


def test_what_is_in_trial_leaves_a_new_clinic_without_scores(
    world: World, call_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "trial_flags", agreement.trial_flags)
    publish_again(world, call_id)
    found = scores.get_score(world.db, call_id)
    assert found
    assert found.score.value is None
    assert {p.counts for p in found.score.parts if p.state in ("met", "not_met")} == {"trial"}


def test_versions_are_kept_as_they_were_and_tell_what_changed(world: World) -> None:
    assert rubrics.get_rubric(world.db) == shipped()
    add_question(world)
    lighter = msgspec.structs.replace(QUESTION, weight=1)
    with writing(world.db):
        items = [*shipped().items, lighter]
        rubrics.save_version(world.db, items, seen=2, by="Olivia", now=BEGIN)
    told = [(v.number, v.by, v.note) for v in rubrics.list_versions(world.db)]
    assert told == [
        (3, "Olivia", "x_who: weight 5 to 1"),
        (2, "Maria", "x_who: added"),
        (1, "PetsVet", "As shipped"),
    ]
    assert rubrics.get_version(world.db, 2).items[-1] == QUESTION
    with pytest.raises(NotFound):
        rubrics.get_version(world.db, 4)


def test_two_who_change_the_rubric_at_once_do_not_overwrite_each_other(world: World) -> None:
    add_question(world)
    with pytest.raises(Refused, match="Maria saved version 2 meanwhile"):
        add_question(world, seen=1, item=msgspec.structs.replace(QUESTION, name="x_other"))
    with writing(world.db), pytest.raises(Refused, match="nothing was changed"):
        items = rubrics.get_rubric(world.db).items
        rubrics.save_version(world.db, items, seen=2, by="Maria", now=BEGIN)
    assert rubrics.get_rubric(world.db).number == 2


def test_a_version_that_scores_refer_to_cannot_go(world: World, call_id: int) -> None:
    with pytest.raises(driver.IntegrityError), writing(world.db):
        world.db.execute("DELETE FROM rubric")
    assert row(world.db, "SELECT 1 FROM rubric")


def test_a_forgotten_reading_takes_flags_and_scores_along(world: World, call_id: int) -> None:
    with writing(world.db):
        calls.forget_reading(world.db, call_id)
    assert given(world, call_id) == {}
    assert flags.list_flags(world.db, call_id) == []
