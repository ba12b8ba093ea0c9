"""The sample calls are what they claim: known codes, exact spans, true times, a parseable spool."""

import csv
import json
import re
import subprocess
import sys
import wave
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest

from appliance.facts import codes
from models.demo import spool

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=CHICAGO)  # a Monday: days before it skip a weekend
SCRIPTS = spool.read_scripts()
RECORDED = [script for script in SCRIPTS if script["layout"] != "none"]
TIMES = json.loads((spool.CALLS / "times.json").read_text(encoding="utf-8"))
NAME = re.compile(
    r"(?P<type>in|out|external|q)-(?P<a>[^-]+)-(?P<b>[^-]+)-(?P<day>\d{8})-(?P<clock>\d{6})"
    r"-(?P<uid>\d{10}\.\d+)\.(?P<format>wav|WAV)"
)
COLUMNS = [
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid",
    "userfield", "peeraccount", "linkedid", "sequence",
]  # fmt: skip


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[spool.SpooledCall]]:
    """One spool of all calls, shared by the tests that read it."""
    target = tmp_path_factory.mktemp("spool")
    return target, spool.write_spool(target, NOW)


def rows_in(target: Path) -> list[dict[str, str]]:
    """Master.csv, by the names of its columns."""
    text = (target / "Master.csv").read_text(encoding="utf-8")
    return [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(text.splitlines())]


def numbers_in(text: str) -> list[str]:
    """Every run of ten digits or more with 512 up front."""
    return re.findall(r"\+?1?512\d{7}", text)


def test_there_are_twenty_calls_in_the_layouts_asked_for() -> None:
    layouts = Counter(script["layout"] for script in SCRIPTS)
    assert len(SCRIPTS) == len({script["id"] for script in SCRIPTS}) == 20
    assert layouts == {"stereo": 14, "mono": 4, "wav49": 1, "none": 1}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["id"])
def test_labels_use_only_known_codes(script: dict) -> None:
    labels = script["labels"]
    assert {labels["intent"], *labels["secondary"]} <= set(codes.INTENTS)
    assert labels["caller_relation"] in codes.CALLER_RELATIONS
    assert labels["urgency"] in codes.URGENCIES
    assert {labels["sentiment_start"], labels["sentiment_end"]} <= set(codes.SENTIMENTS)
    assert labels["outcome"] in codes.OUTCOMES
    assert labels["disclosure_heard"] in codes.DISCLOSURE
    assert set(labels["rubric"]) == set(codes.RUBRIC_ITEMS) - {"answered_fast"}
    assert set(labels["rubric"].values()) <= set(codes.RUBRIC_STATES)
    assert {segment["speaker"] for segment in script["segments"]} <= set(codes.SPEAKERS)
    if turnaway := labels["turnaway"]:
        assert codes.KIND_OF_REASON[turnaway["reason"]] == turnaway["kind"]


def test_every_kind_of_turnaway_asked_for_is_there() -> None:
    reasons = {s["labels"]["turnaway"]["reason"] for s in SCRIPTS if s["labels"]["turnaway"]}
    assert reasons == {
        "cap_day", "cap_new_clients", "no_ask", "price_only", "busy", "policy_rule",
        "sent_elsewhere", "price_objection", "after_hours", "no_connect",
    }  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["id"])
def test_personal_data_spans_match_the_text_and_do_not_overlap(script: dict) -> None:
    last = (-1, 0)
    for span in script["pii"]:
        text = script["segments"][span["segment"]]["text"]
        assert text[span["start"] : span["end"]] == span["text"]
        assert span["type"] in codes.PII_TYPES
        assert span["segment"] > last[0] or span["start"] >= last[1]
        last = (span["segment"], span["end"])


def test_the_fully_spoken_card_number_is_a_test_card() -> None:
    spoken = " ".join(
        span["text"].lower() for s in SCRIPTS for span in s["pii"] if span["type"] == "CARD"
    )
    assert spoken.replace(",", "").startswith("four" + " one" * 15)


def test_numbers_are_fictional_and_no_two_callers_share_one() -> None:
    numbers = [script["caller_number"] for script in SCRIPTS]
    assert all(re.fullmatch(r"\+1512555" + r"01\d\d", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    spoken = [span["text"].lower() for s in SCRIPTS for span in s["pii"] if span["type"] == "PHONE"]
    assert spoken and all("oh one" in text for text in spoken)


@pytest.mark.parametrize("script", RECORDED, ids=lambda script: script["id"])
def test_a_recording_has_the_length_and_channels_that_its_times_say(script: dict) -> None:
    times = TIMES[script["id"]]
    with av.open(str(spool.CALLS / "audio" / times["file"])) as container:
        assert container.streams.audio[0].rate == spool.RATE
    samples = spool.read_audio(spool.CALLS / "audio" / times["file"])
    assert len(samples) == (2 if script["layout"] == "stereo" else 1)
    assert abs(samples.shape[1] / spool.RATE - times["duration_ms"] / 1000) < 0.05
    assert 40 <= times["duration_ms"] / 1000 <= 150
    assert len(times["segments"]) == len(script["segments"])


@pytest.mark.parametrize("script", RECORDED, ids=lambda script: script["id"])
def test_a_turn_is_heard_where_its_times_say_and_on_no_other_channel(script: dict) -> None:
    times = TIMES[script["id"]]
    samples = spool.read_audio(spool.CALLS / "audio" / times["file"]).astype(np.float64)
    spans = times["segments"] + times["events"]
    for span in times["segments"]:
        start, end = (span[key] * spool.RATE // 1000 for key in ("start_ms", "end_ms"))
        assert np.sqrt(np.mean(samples[span["channel"], start:end] ** 2)) > 200
    for channel in range(len(samples)):
        silent = np.ones(samples.shape[1], bool)
        for span in spans:
            if span["channel"] == channel:
                start, end = (span[key] * spool.RATE // 1000 for key in ("start_ms", "end_ms"))
                silent[max(0, start - 400) : end + 400] = False
        assert np.sqrt(np.mean(samples[channel, silent] ** 2)) < 20


def test_the_caller_is_on_the_left_of_an_inbound_call_and_on_the_right_of_an_outbound_one() -> None:
    for script in RECORDED:
        expected = {"0": "caller", "1": "staff"}
        if script["direction"] == "out":
            expected = {"0": "staff", "1": "caller"}
        stereo = script["layout"] == "stereo"
        assert TIMES[script["id"]]["channel_map"] == (expected if stereo else None)


def test_the_sample_calls_are_small_enough_to_ship() -> None:
    total = sum(path.stat().st_size for path in spool.CALLS.rglob("*") if path.is_file())
    assert total < 12_000_000


def test_spooled_names_parse_and_say_the_same_instant_twice(laid_out) -> None:
    target, made = laid_out
    paths = [one.path for one in made if one.path]
    assert len(paths) == len(RECORDED)
    for path in paths:
        name = NAME.fullmatch(path.name)
        assert name and path.parent == target / datetime.strptime(name["day"], "%Y%m%d").strftime(
            "%Y/%m/%d"
        )
        stamp = datetime.strptime(name["day"] + name["clock"], "%Y%m%d%H%M%S")
        epoch = int(name["uid"].split(".")[0])
        assert datetime.fromtimestamp(epoch, UTC) == stamp.replace(tzinfo=CHICAGO)
        assert all(re.fullmatch(r"\+?151255501\d\d", n) for n in numbers_in(path.name))


def test_a_spooled_wav_holds_the_samples_of_its_source_and_wav49_is_copied(laid_out) -> None:
    _, made = laid_out
    for one in made:
        if one.path is None:
            continue
        source = spool.CALLS / "audio" / TIMES[one.id]["file"]
        if one.path.suffix == ".WAV":
            assert one.path.read_bytes() == source.read_bytes()
            continue
        with wave.open(str(one.path)) as wav:
            assert (wav.getsampwidth(), wav.getframerate()) == (2, spool.RATE)
            kept = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
        assert np.array_equal(kept, spool.read_audio(source).T.reshape(-1))


def test_every_recording_pairs_with_a_row_by_its_uniqueid(laid_out) -> None:
    target, made = laid_out
    rows = rows_in(target)
    uniqueids = {row["uniqueid"] for row in rows}
    assert {one.uniqueid for one in made} == uniqueids
    assert len({row["sequence"] for row in rows}) == len(rows)
    for one in made:
        if one.path:
            assert NAME.fullmatch(one.path.name)["uid"] == one.uniqueid


def test_the_queue_call_and_the_missed_call_have_two_rows_each(laid_out) -> None:
    target, made = laid_out
    by_id = {one.id: one for one in made}
    rows = Counter(row["uniqueid"] for row in rows_in(target))
    twice = {one.id for one in made if rows[one.uniqueid] == 2}
    assert twice == {"demo-16", "demo-20"}
    assert by_id["demo-20"].path is None
    missed = [r for r in rows_in(target) if r["uniqueid"] == by_id["demo-20"].uniqueid]
    assert {(r["disposition"], r["answer"], r["billsec"]) for r in missed} == {
        ("NO ANSWER", "", "0")
    }
    queued = [r for r in rows_in(target) if r["uniqueid"] == by_id["demo-16"].uniqueid]
    assert [(r["disposition"], r["billsec"] > "0") for r in queued] == [
        ("ANSWERED", True),
        ("NO ANSWER", True),
    ]


def test_spooled_calls_are_past_working_days_and_their_files_as_old_as_the_call(laid_out) -> None:
    _, made = laid_out
    for one in made:
        assert one.ended_at < NOW and one.started_at.weekday() < 5
        assert one.started_at > NOW - timedelta(days=6)
        if one.path:
            assert one.path.stat().st_mtime == pytest.approx(one.ended_at.timestamp())


def test_only_the_calls_named_are_spooled(tmp_path: Path) -> None:
    made = spool.write_spool(tmp_path, NOW, ["demo-18", "demo-20"])
    assert [one.id for one in made] == ["demo-20", "demo-18"]
    assert len(list(tmp_path.rglob("*.[wW][aA][vV]"))) == 1


def test_the_demo_model_is_measured_without_the_libraries_that_train_it() -> None:
    code = """
import sys
class NoTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("torch", "transformers"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoTorch())
import models.demo.evaluate
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
