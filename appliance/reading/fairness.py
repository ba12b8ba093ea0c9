"""Comparing people fairly: intervals for small numbers, and others' rates on one's own mix of calls.

A share has the score interval of Wilson (1927), which stays honest for few calls and at 0 or 100 %.

*Usual* is found by direct standardization: calls are sorted into cells of call type and hour of
day, the others' rate of each cell is weighted by how many calls the person had there, and cells in
which the others have no call are left out on both sides. So somebody who takes the price questions
at noon is compared with price questions at noon. How sure that figure is follows from the effective
sample size of Kish (1965), 1 / Σ(w² / N). The interval of the difference is Newcombe's hybrid score
interval (1998, Statistics in Medicine 17:873, method 10).

Dozens of comparisons are read at once, so a verdict needs 99 %, while intervals are shown at 95 %.
Suggestions that wait for a review could still go either way: a verdict must hold when all of one
side's turn out well and all of the other's badly, or it stays open.
"""

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.facts.people import FEWEST, Comparison, Rate
from appliance.reading.intervals import Z95, Interval, wilson

SURE: Final = 2.575829  # 99 %

Counts = NDArray[np.int64]  # per cell: columns met, missed, waiting


def rate_of(met: int, missed: int, waiting: int) -> Rate:
    """A share with its interval, what waits for review left out."""
    low, high = wilson(met, met + missed)
    return Rate(met=met, missed=missed, waiting=waiting, low=low, high=high)


def compare(own: Counts, others: Counts) -> Comparison:
    """One person's cells against everybody else's."""
    own, others = own[_common(own, others)], others[_common(own, others)]
    judged = int(own[:, :2].sum())
    if judged < FEWEST or int(others[:, :2].sum()) < FEWEST:
        return Comparison(verdict="few", calls=judged)
    usual, difference = _difference(own[:, :2], others[:, :2], Z95)
    return Comparison(
        verdict=_verdict(own, others),
        usual=usual,
        low=difference[0],
        high=difference[1],
        calls=judged,
    )


def _common(own: Counts, others: Counts) -> NDArray[np.bool_]:
    """The cells in which both have judged calls."""
    both: NDArray[np.bool_] = (own[:, :2].sum(axis=1) > 0) & (others[:, :2].sum(axis=1) > 0)
    return both


def _verdict(own: Counts, others: Counts) -> str:
    """What holds whatever the waiting reviews will say."""
    worst = _side(_all_missed(own), _all_met(others))
    best = _side(_all_met(own), _all_missed(others))
    return worst if worst == best else "open"


def _side(own: Counts, others: Counts) -> str:
    low, high = _difference(own, others, SURE)[1]
    return "above" if low > 0 else "below" if high < 0 else "usual"


def _all_met(cells: Counts) -> Counts:
    return np.column_stack((cells[:, 0] + cells[:, 2], cells[:, 1]))


def _all_missed(cells: Counts) -> Counts:
    return np.column_stack((cells[:, 0], cells[:, 1] + cells[:, 2]))


def _difference(own: Counts, others: Counts, z: float) -> tuple[float, Interval]:
    """What is usual for this mix, and the interval of own rate minus usual."""
    mine, theirs = own.sum(axis=1), others.sum(axis=1)
    total = int(mine.sum())
    weights = mine / total
    usual = float((weights * others[:, 0] / theirs).sum())
    effective = 1 / float((weights**2 / theirs).sum())
    share = int(own[:, 0].sum()) / total
    low, high = wilson(share * total, total, z)
    usual_low, usual_high = wilson(usual * effective, effective, z)
    gap = share - usual
    return usual, (
        gap - sqrt((share - low) ** 2 + (usual_high - usual) ** 2),
        gap + sqrt((high - share) ** 2 + (usual - usual_low) ** 2),
    )
