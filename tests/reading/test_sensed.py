"""With the encoder sentences are compared by meaning; without it the reader is the one of before."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.commands.read import read_command
from appliance.errors import Tampered
from appliance.evaluation import parse_call
from appliance.facts.analysis import CallContext
from appliance.facts.speech import Segment
from appliance.reading import read, sensed
from appliance.reading.hearing import WIDTH, hear
from appliance.reading.scene import stage
from appliance.store.analyses import get_analysis
from models import sense
from models.sense import find_files, load_sense
from tests.reading.talk import segments
from tests.reading.test_properties import CALLS, check
from tests.world import World

_DEV = Path(__file__).parents[1] / "data" / "dev.jsonl"
needs_encoder = pytest.mark.skipif(find_files() is None, reason="the sentence encoder is missing")


class Blind:
    """An encoder to which all lines are alike."""

    checksum = "blind"

    def embed(self, texts: list[str]) -> np.ndarray:
        return np.full((len(texts), WIDTH), WIDTH**-0.5, np.float32)


class Dizzy(Blind):
    """An encoder that makes up what lines mean."""

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [np.random.default_rng(len(text)).normal(size=WIDTH) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32)


def test_without_an_encoder_only_rules_and_words_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a judge of sentences was asked")

    monkeypatch.setattr(sensed, "judge", never)
    monkeypatch.setattr(sensed, "shares", never)
    for call in CALLS:
        analysis = call.read()
        assert analysis.provenance is not None
        assert analysis.provenance.model == "phrases-2 and words-1"
        assert analysis.provenance.checksum == ""


def test_a_box_without_the_wheel_reads_like_one_that_never_had_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sense, "_PACKAGE", "no_such_package_anywhere")
    load_sense.cache_clear()
    try:
        result = CliRunner().invoke(read_command, [str(_DEV), "--json"])
    finally:
        load_sense.cache_clear()
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["intent"], row["outcome"]) for row in rows] == [
        (read.intent, read.outcome) for read in (call.read() for call in CALLS)
    ]


def test_a_changed_encoder_is_refused_with_a_sentence_and_nothing_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(sense, "find_files", lambda: tmp_path)
    load_sense.cache_clear()
    try:
        with pytest.raises(Tampered):
            load_sense()
        result = CliRunner().invoke(read_command, [str(_DEV)])
    finally:
        load_sense.cache_clear()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "install requirements-sense.lock again" in result.stderr


def test_weights_made_with_other_acts_are_left_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensed.weights_sense, "ACTS", "D!something")
    analysis = read(segments("C: my dog is limping badly"), CallContext(), Blind())
    assert analysis == read(segments("C: my dog is limping badly"), CallContext())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["staff", "caller", "unknown", "ivr"]),
            st.text(max_size=60) | st.sampled_from([s["text"] for c in CALLS for s in c.segments]),
        ),
        max_size=12,
    ),
    st.sampled_from(["in", "out"]),
)
def test_whatever_an_encoder_makes_of_a_call_the_answer_is_in_known_codes(
    turns: list[tuple[str, str]], direction: str
) -> None:
    said = [Segment(index=i, speaker=who, text=text) for i, (who, text) in enumerate(turns)]
    check(read(said, CallContext(direction=direction), Dizzy()), len(said))


@needs_encoder
def test_every_label_read_by_meaning_has_a_place_to_listen() -> None:
    encoder = load_sense()
    for call in CALLS[::4]:
        analysis = call.read(encoder)
        check(analysis, len(call.segments))
        assert analysis.evidence["outcome"]
        assert analysis.evidence["intent"]
        assert analysis.turnaway is None or analysis.evidence["turnaway"]


@needs_encoder
def test_reading_by_meaning_twice_gives_the_same_and_says_by_which_encoder() -> None:
    encoder = load_sense()
    for call in CALLS[:5]:
        analysis = call.read(encoder)
        assert analysis == call.read(encoder)
        assert analysis.provenance is not None
        assert analysis.provenance.model.endswith("sense-1")
        assert analysis.provenance.checksum == sense.WEIGHTS_SHA256


@needs_encoder
def test_the_sentence_that_weighs_most_is_the_evidence() -> None:
    said = segments(
        "S: Elm Street Vet, this is Joy, how can I help you today?",
        "C: Yes hello there, good morning to you, it is a lovely day.",
        "S: It is, isn't it? So what can we do for you?",
        "C: My puppy swallowed a whole bar of dark chocolate about ten minutes ago.",
        "S: Come straight over, please.",
    )
    scene = stage(said, CallContext())
    encoder = load_sense()
    assert encoder is not None
    assert sensed.sense_reason(hear(scene, encoder), "poisoning") == (3,)


@needs_encoder
def test_a_line_of_the_demo_calls_is_read_without_labels() -> None:
    bare = parse_call('{"segments": [{"text": "do you have anything today for a limping dog"}]}')
    assert bare.read(load_sense()).intent == "sick_visit"


def test_a_box_reads_with_the_encoder_its_tools_hold_and_says_so(world: World) -> None:
    world.drop(7)
    world.wait(minutes=5)
    world.poll()
    world.work(sense=Blind)
    analysis = get_analysis(world.db, world.call(1).id)
    assert analysis is not None and analysis.provenance is not None
    assert analysis.provenance.checksum == "blind"


def test_the_weights_know_the_acts_that_scenes_tell_now() -> None:
    scene = stage(segments("C: my dog is limping badly"), CallContext())
    assert sensed.knows(scene), "acts were added or renamed: make reading-model"
