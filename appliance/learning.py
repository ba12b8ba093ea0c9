"""Makes the weights of the learned reader from labelled calls, and tells what they are worth.

    python -m appliance.learning            measure: each author's calls read by weights made of the others
    python -m appliance.learning --write    make weights.py and weights_sense.py of appliance/reading anew
    --noisy                                 measure with the calls as a poor recognizer hears them

The calls and openings lie in tests/data; every file there has another author, so reading one with
weights made of the others says how calls in nobody's known words are read.
"""

import argparse
import base64
import math
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from appliance import schooling
from appliance.errors import Misconfigured
from appliance.evaluation import CallRecord, evaluate, parse_call, roughen, segments_of
from appliance.facts.codes import RUBRIC_ITEMS
from appliance.reading import features, learned, sensed, weighing
from appliance.reading.hearing import Floats, Sense
from appliance.reading.learned import SCALE, Learned, Table
from appliance.reading.plain import masked, plain
from appliance.reading.scene import Scene, stage
from appliance.reading.weighing import NOT_TURNED_AWAY
from models.sense import load_sense

DATA: Final = Path("tests/data")
SETS: Final = ("dev", *(f"calls_{name}" for name in "abcdefg"))
WEIGHTS: Final = Path("appliance/reading/weights.py")
SENSE_WEIGHTS: Final = Path("appliance/reading/weights_sense.py")
_SMOOTH: Final = 0.3
_IDF_STEPS: Final = 40  # an idf is kept as a whole number of fortieths
_OPENING_TURNS: Final = 2  # of a labelled call, those that surely tell its reason

Told = tuple[list[str], dict[str, str]]  # features and labels of one thing to learn from
Labels = dict[str, Any]  # of a call, as a person gave them
Examples = dict[str, list[Told]]  # by kind of features


def read_sets() -> dict[str, list[CallRecord]]:
    """The labelled calls by author."""
    return {
        name: [parse_call(line) for line in (DATA / f"{name}.jsonl").read_bytes().splitlines()]
        for name in SETS
    }


@cache
def read_openings() -> tuple[Told, ...]:
    """Single first sentences of callers with their intent."""
    lines = (DATA / "openings.txt").read_text().splitlines()
    told = (line.split("|", 1) for line in lines)
    return tuple((features.said(masked(plain(words))), {"intent": code}) for code, words in told)


def opening_examples(scene: Scene, told: Labels) -> Iterator[Told]:
    """The first turns of a labelled call with its intent."""
    for turn in features.opening_turns(scene)[:_OPENING_TURNS]:
        yield features.said(turn.text), {"intent": told["intent"]}


def closing_examples(scene: Scene, told: Labels) -> Iterator[Told]:
    """How a labelled call ended."""
    turnaway = told["turnaway"]["reason"] if told["turnaway"] else NOT_TURNED_AWAY
    lost = "no" if turnaway == NOT_TURNED_AWAY else "yes"
    yield (
        features.closing(scene, told["intent"]),
        {"outcome": told["outcome"], "turnaway": turnaway, "lost": lost},
    )


_OF_THE_WHOLE: Final = ("urgency", "caller_relation", "sentiment_start", "sentiment_end")


def whole_examples(scene: Scene, told: Labels) -> Iterator[Told]:
    """Who called, how pressing it was, and the mood."""
    yield features.whole(scene), {name: told[name] for name in _OF_THE_WHOLE}


def handling_examples(scene: Scene, told: Labels) -> Iterator[Told]:
    """How a labelled call was handled, item by item."""
    known = features.handling(scene, told["intent"], told["outcome"])
    yield known, {item: told["rubric"][item] for item in RUBRIC_ITEMS if item in told["rubric"]}


_LESSONS: Final[dict[str, tuple[Callable[[Scene, Labels], Iterable[Told]], int]]] = {
    "openings": (opening_examples, 1),
    "closings": (closing_examples, 2),
    "wholes": (whole_examples, 3),
    "handlings": (handling_examples, 3),
}


Staged = tuple[Scene, Labels]  # a labelled call as reading begins with it


@cache
def read_scenes() -> dict[str, list[Staged]]:
    """The labelled calls by author, staged once since that takes longest."""
    return {
        name: [(stage(segments_of(c.segments), c.context()), c.labels or {}) for c in calls]
        for name, calls in read_sets().items()
    }


def examples_of(heard: Sequence[Staged]) -> Examples:
    """What there is to learn from labelled calls, by kind."""
    return {
        kind: [one for scene, told in heard for one in teach(scene, told)]
        for kind, (teach, _) in _LESSONS.items()
    }


@cache
def _examples_by_author() -> dict[str, Examples]:
    return {name: examples_of(heard) for name, heard in read_scenes().items()}


def examples_without(author: str) -> Examples:
    """What all the other authors' calls teach; "" for those of all."""
    others = [found for name, found in _examples_by_author().items() if name != author]
    return {kind: [one for found in others for one in found[kind]] for kind in _LESSONS}


def make_table(examples: Sequence[Told], least: int) -> Table:
    """Count features and labels into weights; features in fewer than ``least`` examples are left."""
    seen = Counter(word for words, _ in examples for word in set(words))
    known = sorted(word for word, count in seen.items() if count >= least)
    numbers = {word: n for n, word in enumerate(known)}
    idf = np.array([math.log((1 + len(examples)) / (1 + seen[word])) + 1 for word in known])
    matrix = np.zeros((len(examples), len(known)))
    for row, (words, _) in enumerate(examples):
        for word, count in Counter(w for w in words if w in numbers).items():
            matrix[row, numbers[word]] = (1 + math.log(count)) * idf[numbers[word]]
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    names = list(dict.fromkeys(name for _, labels in examples for name in labels))
    return Table(
        features=" ".join(known),
        idf=_packed(idf * _IDF_STEPS),
        labels={
            name: _weights_of(matrix, [labels[name] for _, labels in examples]) for name in names
        },
    )


def _weights_of(matrix: Any, codes: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Weights of one label: for each code, what speaks against all the others."""
    kinds = tuple(sorted(set(codes)))
    counts = np.array([matrix[[c == kind for c in codes]].sum(axis=0) for kind in kinds])
    others = counts.sum(axis=0) - counts + _SMOOTH
    weights = -np.log(others / others.sum(axis=1, keepdims=True))
    weights -= weights.mean(axis=0)  # what speaks for all codes alike speaks for none
    return kinds, _packed(weights * SCALE)


def _packed(values: Any) -> str:
    whole = np.clip(np.round(values), -128, 255).astype(np.int64) & 255
    return base64.b85encode(zlib.compress(whole.astype(np.uint8).tobytes(), 9)).decode()


def make_fitting(closings: Iterable[Told]) -> dict[str, dict[str, float]]:
    """How often each turnaway came with each outcome, smoothed, as logarithms."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, told in closings:
        counts[told["outcome"]][told["turnaway"]] += 1
    reasons = sorted({reason for found in counts.values() for reason in found})
    return {
        outcome: {
            reason: round(
                math.log((found[reason] + _SMOOTH) / (found.total() + _SMOOTH * len(reasons))), 3
            )
            for reason in reasons
        }
        for outcome, found in sorted(counts.items())
    }


def make_tables(examples: Examples) -> dict[str, Table]:
    """All weights."""
    taught = examples | {"openings": [*read_openings(), *examples["openings"]]}
    return {kind: make_table(taught[kind], least) for kind, (_, least) in _LESSONS.items()}


def as_module(examples: Examples) -> str:
    """The module ``weights``."""
    lines = [
        '"""Weights of the learned reader, made by ``python -m appliance.learning --write``."""'
    ]
    lines += ["", "TABLES = {"]
    for kind, table in make_tables(examples).items():
        lines.append(f'    "{kind}": {msgspec.json.encode(table).decode()!r},')
    fitting = msgspec.json.encode(make_fitting(examples["closings"])).decode()
    lines += ["}", f"FITTING = {fitting!r}", ""]
    return "\n".join(lines)


@cache
def _taught_without(author: str) -> tuple[dict[str, Learned], dict[str, dict[str, float]]]:
    examples = examples_without(author)
    tables = {kind: learned.unpacked(table) for kind, table in make_tables(examples).items()}
    return tables, make_fitting(examples["closings"])


def install(author: str) -> None:
    """Let this process read with weights made without an author's calls; "" for all calls."""
    tables, fitting = _taught_without(author)
    for module in (weighing, sensed):
        for name, found in (("learned", tables.__getitem__), ("fitting", lambda: fitting)):
            setattr(module, name, found)


class Remembered:
    """An encoder that keeps every line it was given: calls are read many times here."""

    def __init__(self, sense: Sense) -> None:
        self.checksum = sense.checksum
        self._sense = sense
        self._kept: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Any:
        """One row for each text."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._kept]
        self._kept |= zip(fresh, self._sense.embed(fresh), strict=True)
        return np.stack([self._kept[text] for text in texts])


@cache
def encoder() -> Remembered | None:
    """The encoder of sentences, None where it is not installed."""
    found = load_sense()
    return Remembered(found) if found else None


@cache
def school() -> schooling.School:
    """What is learned with the encoder; raises Misconfigured where it is not installed."""
    sense = encoder()
    if sense is None:
        raise Misconfigured("install requirements-sense.lock: the weights need the encoder")
    lines = (DATA / "openings.txt").read_text().splitlines()
    codes, said = zip(*(line.split("|", 1) for line in lines), strict=True)
    rows = sense.embed([masked(plain(words)).strip() for words in said])
    pupils = schooling.enroll(read_scenes(), sense)
    return schooling.teach(pupils, list(zip(rows, codes, strict=True)), install)


def across(rough: bool = False, sensing: bool = False) -> dict[str, dict[str, Any]]:
    """Each author's calls, read with weights made of the others'.

    ``rough``: poorly heard; ``sensing``: with the encoder of sentences.
    """
    reports = {}
    taught = school() if sensing else None
    for name, calls in read_sets().items():
        install(name)
        if taught:
            taught.install(name)
        dice = random.Random(11)
        heard = [roughen(c, dice) for c in calls] if rough else calls
        reports[name] = evaluate(heard, encoder() if sensing else None)
    return reports


_SHOWN: Final = ("intent", "outcome", "turnaway_reason", *_OF_THE_WHOLE)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _rows(reports: dict[str, dict[str, Any]]) -> Iterator[tuple[str, list[float]]]:
    found = list(reports.values())
    for label in _SHOWN:
        yield label, [r[label]["accuracy"] for r in found]
    yield "turnaway yes/no F1", [r["turnaway"]["f1"] for r in found]
    for key in ("precision", "recall", "said"):
        yield f"critical not met, {key}", [r["rubric"]["critical"][key] for r in found]
    for key in ("macro_f1", "accuracy", "coverage"):
        yield f"rubric {key}", [r["rubric"][key] for r in found]


def _tell(title: str, reports: dict[str, dict[str, Any]]) -> None:
    names = "".join(f"{name.removeprefix('calls_'):>7}" for name in reports)
    _say(f"{title:34}{names}   mean   worst")
    for label, figures in _rows(reports):
        told = "".join(f"{figure:7.2f}" for figure in figures)
        _say(f"{label:34}{told}{sum(figures) / len(figures):7.3f}{min(figures):8.2f}")


def main() -> None:
    """Measure, or write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--noisy", action="store_true")
    told = asked.parse_args()
    if told.write:
        SENSE_WEIGHTS.write_text(schooling.as_module(school()))
        WEIGHTS.write_text(as_module(examples_without("")))
        return
    _tell("by words, weights of the others", across(told.noisy))
    if encoder():
        _tell("by meaning too", across(told.noisy, sensing=True))
    else:
        _say("the encoder is not installed (requirements-sense.lock): no figures by meaning")


if __name__ == "__main__":
    main()
