"""Measuring found personal data: what counts as found, hidden, right and false; labels under noise."""

import json
import random

import pytest
from click.testing import CliRunner

from appliance.commands.read import eval_command, read_command
from appliance.errors import Unusable
from appliance.evaluation import evaluate, parse_call, roughen
from appliance.evaluation_spans import Labelled, span_report
from appliance.facts.analysis import Span

TEXT = "Hi, this is Marge Ostrowski, my cell is 312-555-0177."


def span(start: int, end: int, code: str) -> Span:
    return Span(segment=0, start=start, end=end, type=code)


def report(*found: Span) -> dict:
    wanted = (span(12, 27, "PERSON"), span(40, 52, "PHONE"))
    return span_report([Labelled("one", {0: TEXT}, wanted, found)])


def test_a_span_is_found_when_all_its_letters_and_digits_are_covered() -> None:
    told = report(span(12, 17, "PERSON"), span(18, 27, "PERSON"), span(40, 52, "PHONE"))
    assert told["all"] == {"support": 2, "found": 2, "hidden": 2, "said": 3, "right": 3}
    assert not told["misses"] and not told["alarms"]


def test_a_span_of_another_type_hides_without_being_found() -> None:
    told = report(span(12, 27, "PET"), span(40, 52, "PHONE"))
    assert told["types"]["PERSON"]["hidden"] == 1 and told["types"]["PERSON"]["found"] == 0
    assert [row["text"] for row in told["misses"]] == ["Marge Ostrowski"]
    assert told["alarms"][0]["type"] == "PET" and told["alarms"][0]["personal"]


def test_half_a_number_is_missed_and_a_span_over_nothing_is_a_false_alarm() -> None:
    told = report(span(12, 27, "PERSON"), span(40, 47, "PHONE"), span(0, 2, "PERSON"))
    assert told["all"]["found"] == 1 and told["all"]["right"] == 2
    assert [(row["text"], row["personal"]) for row in told["alarms"]] == [("Hi", False)]


def labelled(text: str = TEXT, **changed: object) -> str:
    pii = [{"segment": 0, "start": 12, "end": 27, "type": "PERSON", "text": "Marge Ostrowski"}]
    row = {"id": "x", "segments": [{"speaker": "caller", "text": text}], "labels": {}, "pii": pii}
    return json.dumps(row | changed)


def test_labels_stay_on_their_words_under_noise() -> None:
    for seed in range(30):
        call = roughen(parse_call(labelled()), random.Random(seed))
        text = call.segments[0]["text"]
        for row in call.pii or ():
            words = text[row["start"] : row["end"]].split()
            assert set(words) <= {"marge", "ostrowski", "is"} and words


def test_a_span_outside_the_call_is_unusable() -> None:
    for pii in ([{"segment": 4, "start": 0, "end": 1, "type": "PET"}], [{"segment": 0}]):
        with pytest.raises(Unusable):
            parse_call(labelled(pii=pii))


def test_calls_whose_spans_nobody_marked_are_not_counted() -> None:
    told = evaluate([parse_call(labelled(pii=None))])
    assert told["pii"]["all"]["support"] == 0 and told["calls"] == 1


def test_eval_prints_every_type_every_miss_and_every_false_alarm(tmp_path) -> None:
    file = tmp_path / "calls.jsonl"
    wrong = [{"segment": 0, "start": 0, "end": 2, "type": "PET"}]
    file.write_text(labelled() + "\n" + labelled(pii=wrong) + "\n")
    result = CliRunner().invoke(eval_command, [str(file)])
    assert result.exit_code == 0
    assert "personal data" in result.output and "PERSON" in result.output
    assert "missed: 1" in result.output and "[Hi], this is Marge" in result.output
    assert "false alarms:" in result.output


def test_read_prints_the_spans_of_a_call(tmp_path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(labelled() + "\n")
    result = CliRunner().invoke(read_command, [str(file), "--json"])
    assert json.loads(result.output)["pii"] == [
        {"segment": 0, "start": 12, "end": 27, "type": "PERSON"},
        {"segment": 0, "start": 40, "end": 52, "type": "PHONE"},
    ]
