"""How far software and people agree on a flag, from the clinic's own labels.

Rates have Wilson's 95 % interval (Wilson 1927), Cohen's kappa the large-sample interval of Fleiss,
Cohen & Everitt (Psychological Bulletin 72:323, 1969). Labels come from two places that must not be
mixed without a word: *random* ones, where a person labeled a call drawn by lot without seeing the
suggestion, and *reviewed* ones, where a person judged what software had said. Of what software
missed, reviewed labels know nothing, so recall and kappa rest on random ones alone.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

from appliance.facts import Fact
from appliance.facts.codes import CANNOT_TELL, UNKNOWN
from appliance.reading.intervals import Z95, wilson

Counted = Mapping[tuple[str, str], int]  # how often (software said, a person said)
_NOTHING: Final = ("", "none", "na")
PLAIN_LABELS: Final = ("intent", "outcome")  # one of many codes, not a yes or no


class Bar(Fact, frozen=True, kw_only=True):
    """What a flag must reach before it counts.

    So many labels, so many of each side (``rare`` where fifty random calls held fewer), the lower
    end of precision's interval, and kappa.
    """

    labels: int = 20
    each: int = 8
    rare: int = 3
    precision: float = 0.6
    kappa: float = 0.4


class Rate(Fact, frozen=True, kw_only=True):
    """A figure with the ends of its 95 % interval and how many labels it rests on."""

    value: float
    low: float
    high: float
    n: int


class Agreement(Fact, frozen=True, kw_only=True):
    """One flag: its labels, figures (None where they are not known), state and why.

    ``state`` is trial (too little is known), passed or failed (enough is known, and it is not
    good enough). ``random`` of the ``n`` labels were drawn by lot.
    """

    name: str
    n: int
    random: int
    precision: Rate | None
    recall: Rate | None
    kappa: Rate | None
    state: str
    why: str


def rate_of(hits: int, n: int) -> Rate | None:
    """A rate with its interval, None of nothing."""
    if not n:
        return None
    low, high = wilson(hits, n)
    return Rate(value=hits / n, low=low, high=high, n=n)


def kappa(counted: Counted) -> Rate | None:
    """Cohen's kappa; None where one side always said the same, so that chance explains it all."""
    n = sum(counted.values())
    rows, columns = Counter[str](), Counter[str]()
    for (one, other), times in counted.items():
        rows[one] += times
        columns[other] += times
    codes = [code for code in {*rows, *columns} if rows[code] or columns[code]]
    if not n or max(rows.values()) == n or max(columns.values()) == n:
        return None
    agreed = sum(counted.get((code, code), 0) for code in codes) / n
    chance = sum(rows[code] * columns[code] for code in codes) / n**2
    value = (agreed - chance) / (1 - chance)
    half = Z95 * math.sqrt(max(0.0, _variance(counted, rows, columns, n, agreed, chance)))
    return Rate(value=value, low=max(-1.0, value - half), high=min(1.0, value + half), n=n)


def _variance(
    counted: Counted, rows: Counter[str], columns: Counter[str], n: int,
    agreed: float, chance: float,
) -> float:  # fmt: skip
    """The large-sample variance; the names of its three sums are those of the paper's terms."""
    diagonal = off = 0.0
    for (one, other), times in counted.items():
        share = times / n
        if one == other:
            spread = (rows[one] + columns[one]) / n
            diagonal += share * ((1 - chance) - spread * (1 - agreed)) ** 2
        else:
            off += share * ((rows[other] + columns[one]) / n) ** 2
    last = (agreed * chance - 2 * chance + agreed) ** 2
    return (diagonal + (1 - agreed) ** 2 * off - last) / (n * (1 - chance) ** 4)


def yes_or_no(name: str, counted: Counted) -> Counted:
    """The same labels as "is it so": turned away, not met, unsafe.

    Where the person could not tell there is no truth, and where both say that an item does not
    apply there is no claim; those labels are left out.
    """
    told: Counter[tuple[str, str]] = Counter()
    for (software, person), times in counted.items():
        silent = software in (*_NOTHING, CANNOT_TELL) and person in _NOTHING
        if person == CANNOT_TELL or (name.startswith("rubric.") and silent):
            continue
        told[_yes(name, software), _yes(name, person)] += times
    return told


def _yes(name: str, said: str) -> str:
    if name.startswith("rubric."):
        return "yes" if said == "not_met" else "no"
    if name.startswith("safety."):
        return "yes" if said == "yes" else "no"
    return "no" if said in (*_NOTHING, CANNOT_TELL) else "yes"


def agree(name: str, *, reviewed: Counted, random: Counted, bar: Bar) -> Agreement:
    """How a flag stands by its labels; a call must be in only one of the two counts."""
    if name in PLAIN_LABELS:
        return _agree_plain(name, reviewed, random, bar)
    by_lot, all_of = yes_or_no(name, random), Counter(yes_or_no(name, random))
    all_of.update(yes_or_no(name, reviewed))
    hits = all_of["yes", "yes"]
    precision = rate_of(hits, hits + all_of["yes", "no"])
    caught = by_lot.get(("yes", "yes"), 0)
    recall = rate_of(caught, caught + by_lot.get(("no", "yes"), 0))
    sides = [sum(t for (_, person), t in all_of.items() if person == side) for side in _SIDES]
    drawn = sum(by_lot.values())
    return _settle(name, sum(all_of.values()), drawn, precision, recall, kappa(by_lot), sides, bar)


_SIDES: Final = ("yes", "no")
_MANY_BY_LOT: Final = 50


def _agree_plain(name: str, reviewed: Counted, random: Counted, bar: Bar) -> Agreement:
    """Labels with many codes: how often the same one was given."""
    known = {pair: t for pair, t in random.items() if pair[1] not in (UNKNOWN, CANNOT_TELL)}
    all_of = Counter(known)
    all_of.update({p: t for p, t in reviewed.items() if p[1] not in (UNKNOWN, CANNOT_TELL)})
    n = sum(all_of.values())
    same = rate_of(sum(t for (one, other), t in all_of.items() if one == other), n)
    return _settle(name, n, sum(known.values()), same, None, kappa(known), [], bar)


def _settle(
    name: str, n: int, random: int, precision: Rate | None, recall: Rate | None,
    k: Rate | None, sides: list[int], bar: Bar,
) -> Agreement:  # fmt: skip
    missing = _missing(n, random, precision, k, sides, bar)
    weak = "" if missing else _weak(precision, k, bar)
    state = "trial" if missing else "failed" if weak else "passed"
    return Agreement(
        name=name, n=n, random=random, precision=precision, recall=recall, kappa=k, state=state,
        why=missing or weak or "Good enough to count",
    )  # fmt: skip


def _missing(
    n: int, random: int, precision: Rate | None, k: Rate | None, sides: list[int], bar: Bar
) -> str:
    """What is not known yet; empty when enough is."""
    each = bar.rare if random >= _MANY_BY_LOT else bar.each
    if n < bar.labels:
        return f"{n} of {bar.labels} labels so far"
    if random < bar.labels:
        return f"{random} of {bar.labels} random calls labeled; start a calibration session"
    if sides and min(sides) < each:
        side = "it is so" if sides[0] < sides[1] else "it is not so"
        return f"Only {min(sides)} labels where {side}; {each} are needed"
    if precision is None:
        return "Software has not said it in a labeled call yet"
    return "" if k else "All labels are the same, so agreement cannot be told from chance"


def _weak(precision: Rate | None, k: Rate | None, bar: Bar) -> str:
    """Which figure is too low; empty when none is."""
    if precision and precision.low < bar.precision:
        return (
            f"Right may be as rare as {round(precision.low * 100)} %; "
            f"{round(bar.precision * 100)} % is needed"
        )
    if k and k.value < bar.kappa:
        return f"Kappa is {k.value:.2f}; {bar.kappa:.2f} is needed"
    return ""
