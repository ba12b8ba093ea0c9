"""Figures honestly told: intervals for shares, whether a change is one, medians of counted seconds.

Shares have Wilson's score interval; the difference of two shares has Newcombe's hybrid score
interval made of them (Newcombe 1998, Statistics in Medicine 17, method 10). Both hold for small
counts and never leave 0 to 1.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import sqrt
from typing import Final

from appliance.facts.figures import Bucket, Times
from appliance.reading.intervals import wilson

FEW: Final = 10  # below it a share says more than is known: the bare numbers are shown
EDGES: Final = (0, 5, 15, 30, 60, 86_400)


def enough(whole: int) -> bool:
    """Whether so many calls carry a percentage."""
    return whole >= FEW


def change(part: int, whole: int, part_before: int, whole_before: int) -> str:
    """up, down or same; "" where one of the two is too few to compare."""
    if not enough(whole) or not enough(whole_before):
        return ""
    now, before = part / whole, part_before / whole_before
    low, high = wilson(part, whole)
    low_before, high_before = wilson(part_before, whole_before)
    difference = now - before
    if difference - sqrt((now - low) ** 2 + (high_before - before) ** 2) > 0:
        return "up"
    if difference + sqrt((high - now) ** 2 + (before - low_before) ** 2) < 0:
        return "down"
    return "same"


def times(seconds: Mapping[int, int]) -> Times:
    """Median, ninetieth percentile and bars of how many calls took how many seconds."""
    counted = sorted((s, n) for s, n in seconds.items() if n > 0)
    whole = sum(n for _, n in counted)
    if not whole:
        return Times()
    return Times(
        n=whole,
        median_s=_at(counted, whole, 0.5),
        p90_s=_at(counted, whole, 0.9),
        buckets=tuple(
            Bucket(low=low, high=high, n=sum(n for s, n in counted if low <= s < high))
            for low, high in pairwise(EDGES)
        ),
    )


def _at(counted: list[tuple[int, int]], whole: int, share: float) -> int:
    """The seconds within which that share of the calls was done."""
    passed = 0
    for seconds, n in counted:
        passed += n
        if passed >= share * whole:
            return seconds
    return counted[-1][0]


def middle(numbers: list[int]) -> int | None:
    """The lower median; None of nothing."""
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else None
