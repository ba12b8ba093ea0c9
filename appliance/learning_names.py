"""Makes the weights that tell whose name a name is, from labelled calls.

python -m appliance.learning_names            measure: each author's names by weights of the others
python -m appliance.learning_names --write    make appliance/reading/redaction_weights.py anew
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.evaluation import CallRecord, roughen, segments_of
from appliance.evaluation_spans import spans_of
from appliance.facts.analysis import KnownNames
from appliance.learning import read_sets
from appliance.reading.redaction_cards import prepared
from appliance.reading.redaction_names import mentions_in
from appliance.reading.redaction_types import CODES, Signs, signs_of

WEIGHTS: Final = Path("appliance/reading/redaction_weights.py")
_LEAST: Final = 3  # times a sign must have been seen
_STEPS: Final = 400
_PULL: Final = 2.0  # how strongly weights are held near nothing
_SCALE: Final = 50  # a weight is kept as a whole number of fiftieths

Example = tuple[Signs, int]
Weights = dict[str, tuple[int, ...]]


def examples_of(calls: Iterable[CallRecord]) -> Iterator[Example]:
    """Every labelled name of calls, as written and as a poor recognizer hears it."""
    dice = random.Random(11)
    for call in calls:
        if call.pii is not None:
            yield from _named(call)
            yield from _named(roughen(call, dice))


def _named(call: CallRecord) -> Iterator[Example]:
    talk, marks, _ = prepared(segments_of(call.segments))
    mentions, totals, _ = mentions_in(talk, marks, KnownNames())
    marked = {
        (span.segment, at): span.type
        for span in spans_of(call.pii or ())
        for at in range(span.start, span.end)
    }
    for mention, signs in zip(mentions, signs_of(talk, mentions, totals), strict=True):
        token = talk.tokens[mention.first]
        code = marked.get((token.line, token.start))
        if code in CODES:
            yield signs, CODES.index(code)


def fit(examples: Iterable[Example]) -> Weights:
    """Weights of a softmax over the types, by gradient steps whose size shrinks."""
    told = list(examples)
    seen = Counter(sign for signs, _ in told for sign in signs)
    places = {sign: at for at, sign in enumerate(sorted(s for s, n in seen.items() if n >= _LEAST))}
    rows = np.zeros((len(told), len(places)))
    for row, (signs, _) in enumerate(told):
        for sign, value in signs.items():
            if sign in places:
                rows[row, places[sign]] = value
    found = _descend(rows, np.eye(len(CODES))[[code for _, code in told]])
    whole = np.rint(found * _SCALE).astype(int)
    return {sign: tuple(map(int, whole[at])) for sign, at in places.items() if whole[at].any()}


def _descend(rows: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.zeros((rows.shape[1], wanted.shape[1]))
    size = np.full_like(weights, 1e-8)
    for _ in range(_STEPS):
        sums = rows @ weights
        odds = np.exp(sums - sums.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        slope = rows.T @ (odds - wanted) + _PULL * weights
        size += slope * slope
        weights -= 0.5 * slope / np.sqrt(size)
    return weights


def share_right(examples: Iterable[Example], weights: Weights) -> float:
    """The share of names that get their type."""
    right = [_told(signs, weights) == code for signs, code in examples]
    return sum(right) / len(right) if right else 0.0


def _told(signs: Signs, weights: Weights) -> int:
    sums = np.zeros(len(CODES))
    for sign, value in signs.items():
        sums += value * np.array(weights.get(sign, (0,) * len(CODES)))
    return int(sums.argmax())


def as_module(weights: Weights) -> str:
    """The weights as Python: one sign a line, a weight for each type."""
    rows = "\n".join(f"    {sign!r}: {told!r}," for sign, told in sorted(weights.items()))
    return (
        '"""Weights of types of names, made by ``python -m appliance.learning_names --write``."""\n\n'
        f"# person, pet, staff\nWEIGHTS: dict[str, tuple[int, ...]] = {{\n{rows}\n}}\n"
    )


def main() -> None:
    """Measure, or write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    sets = {name: list(examples_of(calls)) for name, calls in read_sets().items()}
    if asked.parse_args().write:
        WEIGHTS.write_text(as_module(fit(row for rows in sets.values() for row in rows)))
        return
    for name, rows in sets.items():
        others = (row for other, told in sets.items() if other != name for row in told)
        sys.stdout.write(f"{name:10}{share_right(rows, fit(others)):7.3f}\n")


if __name__ == "__main__":
    main()
