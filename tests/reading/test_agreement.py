"""How far two agree: figures against published ones, and when a flag may count."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.reading.agreement import Agreement, Bar, Rate, agree, kappa, rate_of, yes_or_no

FLAG = "rubric.empathy"
# Rows: software said; columns: a person said. Good enough by every figure.
GOOD = {("not_met", "not_met"): 12, ("met", "met"): 30, ("met", "not_met"): 2, ("na", "na"): 50}


def judge(random: dict[tuple[str, str], int], **more: object) -> Agreement:
    settings = {"name": FLAG, "reviewed": {}, "bar": Bar()} | more
    return agree(settings.pop("name"), random=random, **settings)  # type: ignore[arg-type]


def test_kappa_and_its_interval_are_those_of_the_paper() -> None:
    """Fleiss, Cohen & Everitt 1969, table 1: two judges, three classes, 200 subjects."""
    shares = ((0.53, 0.05, 0.02), (0.11, 0.14, 0.05), (0.01, 0.06, 0.03))
    counted = {
        ("abc"[i], "abc"[j]): round(share * 200)
        for i, row in enumerate(shares)
        for j, share in enumerate(row)
    }
    found = kappa(counted)
    assert found
    assert found.value == pytest.approx(0.429, abs=0.001)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.002885**0.5, abs=0.002)


@given(
    st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), st.integers(0, 40))
)
def test_kappa_is_never_outside_its_ends_and_does_not_care_who_is_first(
    counted: dict[tuple[str, str], int],
) -> None:
    one = kappa(counted)
    other = kappa({(b, a): n for (a, b), n in counted.items()})
    assert (one is None) == (other is None)
    if one and other:
        assert -1 <= one.low <= one.value + 1e-9 <= one.high + 2e-9 <= 1 + 3e-9
        assert one.value == pytest.approx(other.value)
        assert one.low == pytest.approx(other.low)


def test_kappa_of_judges_who_never_differ_in_what_they_say_is_not_known() -> None:
    assert kappa({("no", "no"): 40}) is None
    assert kappa({("no", "no"): 40, ("no", "yes"): 3}) is None
    assert kappa({}) is None


def test_a_rate_has_wilsons_interval_and_nothing_has_no_rate() -> None:
    found = rate_of(8, 10)
    assert found
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    assert rate_of(0, 0) is None


def test_what_a_person_could_not_tell_and_what_applies_to_neither_is_left_out() -> None:
    told = yes_or_no(
        FLAG,
        {
            ("not_met", "cannot_tell"): 4, ("na", "na"): 9, ("cannot_tell", "na"): 2,
            ("cannot_tell", "not_met"): 3, ("not_met", "na"): 1, ("met", "na"): 5,
        },
    )  # fmt: skip
    assert told == {("no", "yes"): 3, ("yes", "no"): 1, ("no", "no"): 5}


def test_any_reason_is_a_turnaway_and_a_rejected_one_is_none() -> None:
    told = yes_or_no(
        "turnaway",
        {
            ("cap_day", "no_ask"): 2,
            ("cap_day", "none"): 1,
            ("none", "none"): 7,
            ("none", "busy"): 1,
        },
    )
    assert told == {("yes", "yes"): 2, ("yes", "no"): 1, ("no", "no"): 7, ("no", "yes"): 1}


def test_a_flag_with_good_figures_from_enough_labels_has_passed() -> None:
    found = judge(GOOD)
    assert (found.state, found.n, found.random) == ("passed", 44, 44)
    assert found.recall == Rate(value=12 / 14, low=found.recall.low, high=found.recall.high, n=14)


@pytest.mark.parametrize(
    ("random", "state", "why"),
    [
        ({}, "trial", "0 of 20 labels"),
        ({("met", "met"): 11}, "trial", "11 of 20 labels"),
        ({("met", "met"): 30, ("not_met", "not_met"): 7}, "trial", "Only 7 labels where it is so"),
        ({("not_met", "not_met"): 30}, "trial", "Only 0 labels where it is not so"),
        ({("met", "met"): 20, ("met", "not_met"): 9}, "trial", "has not said it"),
        (GOOD | {("not_met", "met"): 12}, "failed", "Right may be as rare"),
        (GOOD | {("met", "not_met"): 20}, "failed", "Kappa is"),
    ],
)
def test_what_keeps_a_flag_from_counting_is_told(
    random: dict[tuple[str, str], int], state: str, why: str
) -> None:
    found = judge(random)
    assert found.state == state, found
    assert why in found.why


def test_a_rare_flag_is_judged_on_three_once_fifty_random_calls_held_no_more() -> None:
    few = {("yes", "yes"): 6, ("none", "none"): 43}
    assert judge(few, name="safety.advice").state == "trial"
    assert judge(few | {("none", "none"): 44}, name="safety.advice").state == "passed"


def test_reviewed_labels_alone_never_make_a_flag_pass_nor_tell_what_was_missed() -> None:
    reviewed = {("not_met", "not_met"): 200, ("met", "met"): 100}
    found = judge({}, reviewed=reviewed)
    assert (found.state, found.recall, found.kappa) == ("trial", None, None)
    assert "calibration session" in found.why
    assert found.precision
    assert found.precision.n == 200


def test_reviewed_labels_count_for_what_was_said_only() -> None:
    found = judge(GOOD, reviewed={("not_met", "met"): 20})
    assert found.state == "failed"
    assert found.precision and found.recall and found.kappa
    assert (found.precision.n, found.recall.n, found.kappa.n) == (32, 14, 44)


def test_labels_of_many_codes_are_right_when_they_are_the_same() -> None:
    random = Counter(
        {("sick_visit", "sick_visit"): 20, ("refill", "refill"): 15, ("refill", "diet"): 5}
    )
    random["refill", "unknown"] = 9
    found = judge(random, name="intent")
    assert found.precision
    assert (found.precision.value, found.n, found.recall) == (35 / 40, 40, None)
    assert found.state == "passed"


def test_the_bar_can_be_raised() -> None:
    assert judge(GOOD, bar=Bar(precision=0.8)).state == "failed"
    assert judge(GOOD, bar=Bar(labels=60)).state == "trial"
