"""Measuring: the bars this version must pass on the development calls, and honest arithmetic."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands.read import eval_command, read_command
from appliance.errors import Unusable
from appliance.evaluation import evaluate, f1, measure, parse_call
from appliance.reading.intervals import wilson

_DEV = Path(__file__).parents[1] / "data" / "dev.jsonl"
FIELDS = [
    "id", "intent", "secondary", "caller_relation", "urgency", "sentiment_start", "sentiment_end",
    "outcome", "turnaway", "staff_name", "disclosure_heard", "rubric", "evidence", "pii",
]  # fmt: skip


@pytest.fixture(scope="module")
def report() -> dict:
    return evaluate([parse_call(line) for line in _DEV.read_bytes().splitlines()])


def test_the_primary_intent_passes_its_bar(report: dict) -> None:
    assert report["intent"]["accuracy"] >= 0.75


def test_turnaways_pass_their_bar_at_their_coverage(report: dict) -> None:
    assert report["turnaway"]["f1"] >= 0.85
    assert report["turnaway"]["coverage"] >= 0.8
    assert report["turnaway_reason"]["accuracy"] >= 0.65


def test_outcome_and_rubric_pass_their_bars(report: dict) -> None:
    assert report["outcome"]["accuracy"] >= 0.7
    assert report["rubric"]["macro_f1"] >= 0.75


def test_the_ten_worst_calls_are_named(report: dict) -> None:
    assert 0 < len(report["worst"]) <= 10
    weights = [row["weight"] for row in report["worst"]]
    assert weights == sorted(weights, reverse=True)


def test_precision_recall_and_f1_are_counted() -> None:
    pairs = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
    assert f1(pairs, "yes") == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}


def test_abstaining_lowers_coverage() -> None:
    scores = measure([("booked", "booked"), ("refused", "unknown")])
    assert (scores["accuracy"], scores["coverage"]) == (0.5, 0.5)


def test_the_wilson_interval_of_few_calls_is_wide() -> None:
    low, high = wilson(9, 10)
    assert 0.55 < low < 0.65 and 0.97 < high <= 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_line_that_is_no_call_is_unusable_and_its_words_stay_unsaid() -> None:
    for line in ('{"segments": 5}', "[]", "{", '{"segments": [{"speaker": "caller"}]}', "\xff"):
        with pytest.raises(Unusable):
            parse_call(line)
    with pytest.raises(Unusable) as refused:
        parse_call('{"segments": [{"text": 7, "note": "secret"}]}')
    assert "secret" not in str(refused.value)


def test_read_prints_one_object_per_call_in_order(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(b"\n".join(_DEV.read_bytes().splitlines()[:3]) + b"\n")
    result = CliRunner().invoke(read_command, [str(file), "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [row["id"] for row in rows] == ["dev-001", "dev-002", "dev-003"]
    assert all(list(row) == FIELDS for row in rows)


def test_a_broken_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"segments": [{"text": "hi"}]}\n{broken\n{"segments": [], "extra": 1}\n')
    result = CliRunner().invoke(read_command, [str(file), "--json"])
    assert result.exit_code == 2
    assert "line 2" in result.stderr
    assert len(result.stdout.splitlines()) == 2


def test_read_without_json_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(_DEV.read_bytes().splitlines()[1])
    result = CliRunner().invoke(read_command, [str(file)])
    assert "dev-002" in result.output and "cap_day" in result.output


def test_eval_prints_a_report_for_people_and_for_machines() -> None:
    table = CliRunner().invoke(eval_command, [str(_DEV)])
    assert table.exit_code == 0
    assert "turnaway yes/no" in table.output and "worst mistakes" in table.output
    whole = CliRunner().invoke(eval_command, [str(_DEV), "--json"])
    assert json.loads(whole.output)["calls"] == 48
