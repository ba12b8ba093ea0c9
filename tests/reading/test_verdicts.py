"""What a person may say of a suggestion, and what holds then."""

import pytest

from appliance.errors import Refused
from appliance.facts.codes import RUBRIC_ITEMS, SAFETY
from appliance.reading.verdicts import (
    choices_of,
    counts_against,
    read_reason,
    twin_of,
    value_of,
    verdict_on_twin,
)


@pytest.mark.parametrize(
    ("name", "verdict", "suggested", "chosen", "holds"),
    [
        ("turnaway", "confirmed", "cap_day", "", "cap_day"),
        ("turnaway", "rejected", "cap_day", "", "none"),
        ("turnaway", "corrected", "cap_day", "no_ask", "no_ask"),
        ("turnaway", "corrected", "", "no_ask", "no_ask"),
        ("intent", "rejected", "dental", "", "unknown"),
        ("urgency", "corrected", "soon", "red", "red"),
        ("rubric.empathy", "confirmed", "not_met", "", "not_met"),
        ("rubric.empathy", "rejected", "not_met", "", "none"),
        ("rubric.empathy", "corrected", "not_met", "na", "na"),
        ("safety.advice", "confirmed", "", "", "yes"),
        ("safety.advice", "rejected", "yes", "", "no"),
    ],
)
def test_a_verdict_settles_what_holds(
    name: str, verdict: str, suggested: str, chosen: str, holds: str
) -> None:
    assert value_of(name, verdict, suggested, chosen) == holds


@pytest.mark.parametrize(
    ("name", "verdict", "suggested", "chosen"),
    [
        ("turnaway", "perhaps", "cap_day", ""),
        ("species", "confirmed", "dog", ""),
        ("rubric.empathy", "corrected", "not_met", "not_met"),
        ("rubric.empathy", "corrected", "not_met", "no_ask"),
        ("turnaway", "corrected", "cap_day", ""),
        ("outcome", "confirmed", "", ""),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(
    name: str, verdict: str, suggested: str, chosen: str
) -> None:
    with pytest.raises(Refused):
        value_of(name, verdict, suggested, chosen)


def test_whoever_disagrees_says_why() -> None:
    assert read_reason("confirmed", "  ") == ""
    assert read_reason("rejected", " she  did\n ask ") == "she did ask"
    for verdict in ("rejected", "corrected"):
        with pytest.raises(Refused, match="say in a few words why"):
            read_reason(verdict, " - ")
    with pytest.raises(Refused, match="at most"):
        read_reason("confirmed", "x" * 501)


def test_only_what_went_wrong_counts_against_anybody() -> None:
    assert counts_against("rubric.empathy", "not_met")
    assert counts_against("safety.advice", "yes")
    assert counts_against("turnaway", "no_ask")
    for name, value in (
        ("rubric.empathy", "none"), ("rubric.empathy", "met"), ("safety.advice", "no"),
        ("turnaway", "none"), ("intent", "dental"), ("outcome", "refused"),
    ):  # fmt: skip
        assert not counts_against(name, value), name


def test_two_labels_that_say_the_same_get_the_same_verdict() -> None:
    said = {"safety.advice": "yes", "rubric.no_medical_advice": "not_met"}
    assert twin_of("safety.advice", "yes", said) == ("rubric.no_medical_advice", "not_met")
    assert twin_of("safety.advice", "no", said) == ("rubric.no_medical_advice", "none")
    assert twin_of("rubric.no_medical_advice", "met", said) == ("safety.advice", "no")
    assert verdict_on_twin("safety.advice", "no", "yes") == "rejected"
    assert verdict_on_twin("safety.advice", "yes", "yes") == "confirmed"


def test_an_issue_of_safety_that_only_a_person_found_is_one() -> None:
    said = {"rubric.no_medical_advice": "met"}
    assert twin_of("rubric.no_medical_advice", "not_met", said) == ("safety.advice", "yes")
    assert verdict_on_twin("safety.advice", "yes", "") == "corrected"
    assert twin_of("rubric.no_medical_advice", "na", said) is None


def test_a_late_emergency_leaves_an_item_alone_that_was_not_read() -> None:
    assert twin_of("safety.red_flag_late", "yes", {"safety.red_flag_late": "yes"}) is None
    assert twin_of("rubric.empathy", "not_met", {}) is None
    assert twin_of("turnaway", "no_ask", {}) is None


def test_everything_that_is_flagged_can_be_judged() -> None:
    for name in (
        "turnaway",
        *(f"rubric.{i}" for i in RUBRIC_ITEMS),
        *(f"safety.{s}" for s in SAFETY),
    ):
        assert choices_of(name), name
