"""What another reading says differently, told by field, in codes, and in the order people look."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.reanalyses import Change, Choice, Counted, Run
from appliance.facts.rubrics import Answer
from appliance.facts.speech import Provenance
from appliance.reading.comparing import (
    by_field,
    compare,
    compare_scores,
    expect,
    fields_of,
    in_order,
)

READ = Analysis(
    intent="sick_visit", outcome="booked", urgency="same_day", species=("dog",),
    rubric={"empathy": "met", "no_medical_advice": "met"}, provenance=Provenance(engine="x", model="y"),
)  # fmt: skip
RUN = Run(
    id=1, kind="preview", state="done", choice=Choice(), rules="", made_by="Maria",
    made_at=datetime(2026, 11, 22, tzinfo=UTC),
)  # fmt: skip


def fields(analysis: Analysis = READ, name: str = "Finn", **own: str) -> dict[str, str]:
    answers = {item: Answer(state=state) for item, state in (analysis.rubric | own).items()}
    return fields_of(analysis, answers, name, None)


def test_the_same_reading_changes_nothing() -> None:
    assert list(compare(fields(), fields(), ())) == []
    elsewhere = structs.replace(READ, provenance=Provenance(engine="other", model="z"))
    assert list(compare(fields(), fields(elsewhere), ())) == []


def test_each_field_that_differs_is_told_once_and_what_is_judged_is_kept() -> None:
    away = Turnaway(reason="cap_day", kind="capacity")
    other = structs.replace(
        READ, intent="refill", outcome="refused", turnaway=away, species=(),
        rubric={"empathy": "not_met", "no_medical_advice": "not_met"},
    )  # fmt: skip
    told = {c.field: c for c in compare(fields(), fields(other), {"intent", "rubric.empathy"})}
    assert {f: (c.was, c.becomes) for f, c in told.items()} == {
        "intent": ("sick_visit", "refill"),
        "outcome": ("booked", "refused"),
        "turnaway": ("none", "cap_day"),
        "species": ("dog", "unknown"),
        "rubric.empathy": ("met", "not_met"),
        "rubric.no_medical_advice": ("met", "not_met"),
        "safety.advice": ("no", "yes"),
    }
    assert {f for f, c in told.items() if c.kept} == {"intent", "rubric.empathy"}


def test_an_item_that_came_later_or_went_is_told_unless_it_does_not_apply() -> None:
    told = list(compare(fields(x_old="met"), fields(x_new="not_met", x_na="na"), ()))
    assert [(c.field, c.was, c.becomes) for c in told] == [
        ("rubric.x_new", "not_asked", "not_met"),
        ("rubric.x_old", "met", "not_asked"),
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "codes"),
    [
        ("", "Finn", ("no_name", "a_name")),
        ("Finn", "", ("a_name", "no_name")),
        ("Finn", "Priya", ("a_name", "another_name")),
    ],
)
def test_names_of_staff_are_beside_the_codes_and_not_in_them(
    was: str, becomes: str, codes: tuple[str, str]
) -> None:
    (told,) = compare(fields(name=was), fields(name=becomes), ())
    assert (told.was, told.becomes) == codes
    assert (told.was_text, told.becomes_text) == (was, becomes)


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        (80, 80, None), (None, None, None), (None, 70, "a_score"), (70, None, "no_score"),
        (70, 79, "higher_little"), (70, 80, "higher_much"), (70, 61, "lower_little"),
        (70, 0, "lower_much"),
    ],
)  # fmt: skip
def test_a_score_moves_a_little_or_much(
    was: int | None, becomes: int | None, code: str | None
) -> None:
    assert [c.becomes for c in compare_scores(was, becomes)] == ([code] if code else [])


def test_changes_stand_in_groups_and_in_the_order_of_the_taxonomy() -> None:
    names = ("score", "rubric.warm_close", "rubric.x_own", "rubric.identity_check", "outcome",
             "safety.advice", "rubric.empathy", "intent")  # fmt: skip
    told = by_field([Counted(n, "a", "b", 2, 1) for n in names], {"identity_check"})
    assert {group: [each.field for each in found] for group, found in told.items()} == {
        "about": ["intent", "outcome"],
        "critical": ["rubric.identity_check"],
        "safety": ["safety.advice"],
        "rubric": ["rubric.empathy", "rubric.warm_close", "rubric.x_own"],
        "score": ["score"],
    }
    assert (told["score"][0].changed, told["score"][0].kept) == (2, 1)
    changes = [Change(field=n, was="a", becomes="b") for n in names]
    assert in_order(changes)[0].field == "intent"
    assert in_order(changes)[-1].field == "rubric.x_own"


def test_a_sample_lets_expect_a_range_and_a_part_of_it_nothing() -> None:
    drawn = structs.replace(RUN, total=2000, whole=12_000, done=2000, changed=860)
    low, high = expect(drawn) or (0, 0)
    assert 4800 < low < 0.43 * 12_000 < high < 5500
    assert expect(structs.replace(drawn, state="running", done=1000)) is None
    assert expect(structs.replace(drawn, whole=2000)) is None
    assert expect(structs.replace(drawn, done=0, changed=0)) is None
