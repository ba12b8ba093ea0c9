"""The learned reader: what words and acts speak for, as counted in labelled calls.

A complement naive Bayes (Rennie et al., Tackling the Poor Assumptions of Naive Bayes Text
Classifiers, ICML 2003) for each label, over tf-idf of the features in ``features``. It stands
beside the rules and never alone: the rules' answer has a start. Its weights are made by
``python -m appliance.learning`` from the labelled calls of the project and lie in ``weights``.
"""

import base64
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec

from appliance.reading import weights

SCALE: Final = 12.0  # a weight is kept as a whole number of twelfths


class Table(msgspec.Struct, frozen=True):
    """The weights of one kind of features.

    ``idf`` by feature in the order of ``features``; ``labels`` maps a label to its codes and one
    signed byte per code and feature (compressed, base85).
    """

    features: str
    idf: str
    labels: dict[str, tuple[tuple[str, ...], str]]


@dataclass(frozen=True)
class Learned:
    """A table ready for use: numbers of features, their idf, and rows of weights by label."""

    numbers: dict[str, int]
    idf: bytes
    labels: dict[str, tuple[tuple[str, ...], bytes]]

    def scores(self, label: str, told: Iterable[str], spread: float = 0.0) -> dict[str, float]:
        """For each code of a label how far its words lie above the mean of all codes.

        In units of ``spread``, or of this text's own spread where none is given. All are 0 where
        none of the words is known, so that the rules alone decide.
        """
        codes, rows = self.labels[label]
        vector = self._vector(told)
        width = len(self.numbers)
        raw = [
            sum(value * _signed(rows[start + n]) for n, value in vector.items())
            for start in range(0, len(codes) * width, width)
        ]
        return dict(zip(codes, standardized(raw, spread), strict=True))

    def weight(self, label: str, code: str, told: Iterable[str]) -> float:
        """How much these words alone speak for a code: what makes them evidence."""
        codes, rows = self.labels[label]
        start = codes.index(code) * len(self.numbers)
        known = {n for word in told if (n := self.numbers.get(word)) is not None}
        return float(sum(self.idf[n] * _signed(rows[start + n]) for n in known))

    def _vector(self, told: Iterable[str]) -> dict[int, float]:
        counts = Counter(n for word in told if (n := self.numbers.get(word)) is not None)
        vector = {n: (1 + math.log(count)) * self.idf[n] for n, count in counts.items()}
        norm = math.sqrt(sum(value * value for value in vector.values()))
        return {n: value / norm for n, value in vector.items()} if norm else {}


def standardized(raw: list[float], spread: float = 0.0) -> list[float]:
    """Values above their mean in units of ``spread``, or of their own standard deviation."""
    mean = sum(raw) / len(raw)
    spread = spread or math.sqrt(sum((value - mean) ** 2 for value in raw) / len(raw))
    return [(value - mean) / spread if spread else 0.0 for value in raw]


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def unpacked(table: Table) -> Learned:
    """A table as it is used."""
    return Learned(
        numbers={feature: n for n, feature in enumerate(table.features.split(" "))},
        idf=_bytes(table.idf),
        labels={label: (codes, _bytes(rows)) for label, (codes, rows) in table.labels.items()},
    )


def _bytes(packed: str) -> bytes:
    return zlib.decompress(base64.b85decode(packed))


@cache
def learned(kind: str) -> Learned:
    """The weights of one kind of features: openings, closings, wholes or handlings."""
    return unpacked(msgspec.json.decode(weights.TABLES[kind], type=Table))


@cache
def fitting() -> Mapping[str, Mapping[str, float]]:
    """How well a turnaway fits an outcome: the logarithm of its share, by outcome and reason."""
    return msgspec.json.decode(weights.FITTING, type=dict[str, dict[str, float]])


def best(scores: Mapping[str, float], told: str, start: float) -> str:
    """The code with the highest score, where the rules' answer has a start."""
    with_start = dict(scores) | {told: scores.get(told, 0.0) + start}
    return max(with_start, key=lambda code: with_start[code])
