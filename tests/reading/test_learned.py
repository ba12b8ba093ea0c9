"""What was learned from labelled calls: made anew it is the same, and it helps with unknown words."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from appliance import learning, schooling
from appliance.reading import sensed, weighing, weights, weights_sense
from appliance.reading.learned import Table, standardized, unpacked
from models.sense import find_files

Reports = dict[str, dict[str, Any]]
pytestmark = pytest.mark.timeout(1200)  # all is learned nine times over
needs_encoder = pytest.mark.skipif(find_files() is None, reason="the sentence encoder is missing")
_PATCHED = (
    (weighing, "learned"), (weighing, "fitting"),
    (sensed, "learned"), (sensed, "fitting"), (sensed, "judge"), (sensed, "shares"),
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def own_weights() -> Iterator[None]:
    """Whatever a test installs, the weights of the project come back."""
    kept = [getattr(module, name) for module, name in _PATCHED]
    yield
    for (module, name), found in zip(_PATCHED, kept, strict=True):
        setattr(module, name, found)


@pytest.fixture(scope="module")
def others(own_weights: None) -> Reports:
    """Each author's calls read by words alone, with weights made of the others'."""
    return learning.across()


@pytest.fixture(scope="module")
def with_sense(own_weights: None) -> Reports:
    """The same with sentences sensed."""
    return learning.across(sensing=True)


def mean(reports: Reports, label: str, figure: str) -> float:
    return sum(report[label][figure] for report in reports.values()) / len(reports)


def precision_of_critical(reports: Reports) -> tuple[int, float]:
    """How often a critical item was called not met, and the share of these in which it was not."""
    critical = [report["rubric"]["critical"] for report in reports.values()]
    said = sum(found["said"] for found in critical)
    return said, sum(found["said"] * found["precision"] for found in critical) / said


def test_the_weights_in_the_project_are_those_that_its_calls_give() -> None:
    examples = learning.examples_without("")
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


@needs_encoder
def test_the_judges_in_the_project_are_those_that_its_calls_give() -> None:
    taught = learning.school()
    assert set(weights_sense.JUDGES) == set(taught.judges[""])
    for label, made in taught.judges[""].items():
        found = msgspec.json.decode(weights_sense.JUDGES[label], type=sensed.Weights)
        kept, again = sensed.unpacked(found), sensed.unpacked(schooling.packed(made))
        # Vectors differ in the seventh digit from processor to processor: two steps of a byte.
        off = abs(kept.rows - again.rows).max(axis=1)
        assert (off <= 2.01 * abs(kept.rows).max(axis=1) / 127 + 1e-9).all(), label
        assert kept.starts == pytest.approx(again.starts, abs=0.01), label
    shares = msgspec.json.decode(weights_sense.SHARES, type=dict[str, sensed.Shares])
    for label, made_shares in taught.shares[""].items():
        assert shares[label].opinions == pytest.approx(made_shares.opinions, abs=0.2), label
        assert shares[label].common == pytest.approx(made_shares.common, abs=0.01), label


def test_calls_of_an_author_nobody_learned_from_are_read_fairly_by_words(others: Reports) -> None:
    assert mean(others, "intent", "accuracy") >= 0.69
    assert mean(others, "outcome", "accuracy") >= 0.70
    assert mean(others, "turnaway", "f1") >= 0.84
    assert mean(others, "turnaway_reason", "accuracy") >= 0.69
    assert mean(others, "rubric", "macro_f1") >= 0.69
    assert mean(others, "rubric", "coverage") >= 0.85


@needs_encoder
def test_calls_of_an_author_nobody_learned_from_are_read_well_by_meaning(
    others: Reports, with_sense: Reports
) -> None:
    assert mean(with_sense, "intent", "accuracy") >= 0.75
    assert mean(with_sense, "outcome", "accuracy") >= 0.70
    assert mean(with_sense, "turnaway", "f1") >= 0.85
    assert mean(with_sense, "turnaway_reason", "accuracy") >= 0.75
    assert mean(with_sense, "rubric", "macro_f1") >= 0.70
    assert mean(with_sense, "rubric", "coverage") >= 0.85
    for label, figure in (("intent", "accuracy"), ("turnaway_reason", "accuracy")):
        worst = [min(r[label][figure] for r in found.values()) for found in (others, with_sense)]
        assert worst[1] >= worst[0] + 0.05, label


@needs_encoder
def test_a_critical_item_is_hardly_ever_called_not_met_without_cause(with_sense: Reports) -> None:
    said, right = precision_of_critical(with_sense)
    assert said >= 12
    assert right >= 0.9


def test_by_words_alone_most_critical_items_called_not_met_were_not(others: Reports) -> None:
    said, right = precision_of_critical(others)
    assert said >= 12
    assert right >= 0.75


def lost_by_noise(good: Reports, poor: Reports, label: str, figure: str) -> float:
    return mean(good, label, figure) - mean(poor, label, figure)


def test_poor_recognition_costs_little(others: Reports) -> None:
    poor = learning.across(rough=True)
    for label, figure in (("intent", "accuracy"), ("outcome", "accuracy"), ("turnaway", "f1")):
        assert lost_by_noise(others, poor, label, figure) <= 0.05, label


@needs_encoder
@pytest.mark.slow
def test_poor_recognition_costs_little_by_meaning_too(with_sense: Reports) -> None:
    poor = learning.across(rough=True, sensing=True)
    for label, figure in (("intent", "accuracy"), ("outcome", "accuracy"), ("turnaway", "f1")):
        assert lost_by_noise(with_sense, poor, label, figure) <= 0.05, label


def test_unknown_words_leave_the_rules_alone() -> None:
    table = unpacked(msgspec.json.decode(weights.TABLES["closings"], type=Table))
    assert set(table.scores("outcome", ["c:xyzzy"]).values()) == {0.0}
    assert standardized([3.0, 3.0]) == [0.0, 0.0]


def test_what_overruled_the_rules_has_a_place_to_listen() -> None:
    calls = learning.read_sets()["calls_d"]
    lost = [a for call in calls if (a := call.read()).turnaway]
    assert lost
    assert all(a.evidence.get("turnaway") and a.evidence.get("outcome") for a in lost)
