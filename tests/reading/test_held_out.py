"""Calls of an author nobody learned from: what the README says of them holds, or it is changed."""

from pathlib import Path

import pytest

from appliance.evaluation import evaluate, parse_call
from models.sense import load_sense

CALLS = Path(__file__).parents[1] / "data" / "calls_h.jsonl"


def test_everyday_calls_of_an_author_nobody_learned_from_are_read_as_the_readme_says() -> None:
    sense = load_sense()
    if sense is None:
        pytest.skip("the sentence encoder is not installed")
    report = evaluate([parse_call(line) for line in CALLS.read_bytes().splitlines()], sense)
    told = {name: report[name]["accuracy"] for name in ("intent", "outcome", "turnaway_reason")}
    assert told["intent"] >= 0.78
    assert told["outcome"] >= 0.73
    assert told["turnaway_reason"] >= 0.85
    assert report["turnaway"]["f1"] >= 0.9
    assert report["rubric"]["macro_f1"] >= 0.75
    assert report["rubric"]["critical"]["precision"] == 1
