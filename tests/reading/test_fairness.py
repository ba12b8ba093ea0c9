"""Comparing people: intervals as published, the mix of calls, and what waits for review."""

import random

import numpy as np
import pytest

from appliance.facts.people import FEWEST
from appliance.reading.fairness import Counts, _difference, compare, rate_of
from appliance.reading.intervals import Z95, wilson


def cells(*lines: tuple[int, int, int]) -> Counts:
    return np.array(lines, dtype=np.int64)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_one_newcombe_printed(
    hits: int, total: int, low: float, high: float
) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


def test_where_nothing_was_judged_everything_is_possible() -> None:
    assert wilson(0, 0) == (0, 1)
    assert rate_of(0, 0, 4).judged == 0


def test_the_difference_of_one_kind_of_calls_is_the_one_newcombe_printed() -> None:
    usual, (low, high) = _difference(cells((56, 14, 0))[:, :2], cells((48, 32, 0))[:, :2], Z95)
    assert usual == pytest.approx(0.6)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_who_takes_the_hard_calls_is_compared_with_hard_calls() -> None:
    hard, easy = (40, 60, 0), (190, 10, 0)
    own = cells((36, 54, 0), (9, 1, 0))
    told = compare(own, cells(hard, easy))
    assert own[:, 0].sum() / own[:, :2].sum() < 0.5  # far below the plain average of 77 %
    assert told.verdict == "usual"
    assert told.usual == pytest.approx(0.9 * 0.4 + 0.1 * 0.95)


def test_calls_that_nobody_else_takes_are_left_out() -> None:
    told = compare(cells((30, 10, 0), (0, 50, 0)), cells((150, 50, 0), (0, 0, 0)))
    assert (told.verdict, told.calls) == ("usual", 40)


def test_a_clear_difference_is_told_both_ways() -> None:
    many, few = cells((190, 10, 0)), cells((120, 80, 0))
    assert compare(few, many).verdict == "below"
    assert compare(many, few).verdict == "above"


@pytest.mark.parametrize(("own", "others"), [(FEWEST - 1, 500), (500, FEWEST - 1)])
def test_nobody_is_compared_on_too_few_calls(own: int, others: int) -> None:
    assert compare(cells((0, own, 0)), cells((others, 0, 0))).verdict == "few"


def test_what_waits_for_review_keeps_a_verdict_open() -> None:
    many = cells((190, 10, 0))
    assert compare(cells((120, 80, 1500)), many).verdict == "open"
    assert compare(cells((120, 80, 0)), cells((190, 10, 300))).verdict == "open"
    assert compare(cells((60, 140, 10)), many).verdict == "below"
    assert compare(cells((361, 0, 59)), cells((1400, 0, 240))).verdict == "open"


def test_reviewing_one_person_more_than_others_makes_nobody_look_worse() -> None:
    reviewed, unreviewed = cells((170, 30, 0)), cells((170, 0, 30))
    assert compare(reviewed, unreviewed).verdict != "below"
    assert compare(unreviewed, reviewed).verdict != "above"


def test_people_who_are_alike_are_hardly_ever_told_apart() -> None:
    dice, wrong = random.Random(11), 0
    for _ in range(300):
        kinds = [(dice.random(), dice.randint(5, 60), dice.randint(20, 200)) for _ in range(6)]
        own, others = (
            cells(*((met := sum(dice.random() < p for _ in range(n[side])), n[side] - met, 0)
                    for p, *n in kinds))
            for side in (0, 1)
        )  # fmt: skip
        wrong += compare(own, others).verdict not in ("usual", "few")
    assert wrong <= 12  # 1 % is meant; 4 % of 300 would be far off
