"""What was learned from labelled calls: made anew it is the same, and it helps with unknown words."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from appliance import learning
from appliance.reading import weighing, weights
from appliance.reading.learned import Table, standardized, unpacked

Reports = dict[str, dict[str, Any]]


@pytest.fixture
def own_weights() -> Iterator[None]:
    """Whatever a test installs, the weights of the project come back."""
    kept = weighing.learned, weighing.fitting
    yield
    weighing.learned, weighing.fitting = kept


@pytest.fixture(scope="module")
def others() -> Reports:
    """Each author's calls read with weights made of the others'."""
    kept = weighing.learned, weighing.fitting
    try:
        return learning.across()
    finally:
        weighing.learned, weighing.fitting = kept


def test_the_weights_in_the_project_are_those_that_its_calls_give() -> None:
    examples = learning.examples_of(
        call for found in learning.read_sets().values() for call in found
    )
    for kind, table in learning.make_tables(examples).items():
        made, kept = (
            unpacked(table),
            unpacked(msgspec.json.decode(weights.TABLES[kind], type=Table)),
        )
        assert made.numbers == kept.numbers
        for label, (codes, rows) in made.labels.items():
            assert kept.labels[label][0] == codes
            off = [abs(a - b) % 255 for a, b in zip(rows, kept.labels[label][1], strict=True)]
            assert max(off) <= 1, (kind, label)  # another processor may round the other way
    assert msgspec.json.decode(weights.FITTING) == learning.make_fitting(examples["closings"])


def test_calls_of_an_author_nobody_learned_from_are_read_well(others: Reports) -> None:
    reports = others

    def mean(label: str, figure: str) -> float:
        return sum(report[label][figure] for report in reports.values()) / len(reports)

    assert mean("intent", "accuracy") >= 0.74
    assert mean("outcome", "accuracy") >= 0.75
    assert mean("turnaway", "f1") >= 0.87
    assert mean("turnaway_reason", "accuracy") >= 0.69
    assert mean("rubric", "macro_f1") >= 0.74
    assert mean("rubric", "coverage") >= 0.85


def test_a_critical_item_is_hardly_ever_called_not_met_without_cause(others: Reports) -> None:
    critical = [report["rubric"]["critical"] for report in others.values()]
    said = sum(found["said"] for found in critical)
    right = sum(found["said"] * found["precision"] for found in critical)
    assert said >= 8
    assert right / said >= 0.9


def test_poor_recognition_costs_little(others: Reports, own_weights: None) -> None:
    good, poor = others, learning.across(rough=True)
    for label in ("intent", "outcome"):
        lost = [good[n][label]["accuracy"] - poor[n][label]["accuracy"] for n in good]
        assert sum(lost) / len(lost) <= 0.05
    lost = [good[n]["turnaway"]["f1"] - poor[n]["turnaway"]["f1"] for n in good]
    assert sum(lost) / len(lost) <= 0.05


def test_unknown_words_leave_the_rules_alone() -> None:
    table = unpacked(msgspec.json.decode(weights.TABLES["closings"], type=Table))
    assert set(table.scores("outcome", ["c:xyzzy"]).values()) == {0.0}
    assert standardized([3.0, 3.0]) == [0.0, 0.0]


def test_what_overruled_the_rules_has_a_place_to_listen() -> None:
    calls = learning.read_sets()["calls_d"]
    lost = [a for call in calls if (a := call.read()).turnaway]
    assert lost
    assert all(a.evidence.get("turnaway") and a.evidence.get("outcome") for a in lost)
