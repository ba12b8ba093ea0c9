"""Whatever was transcribed, reading answers in known codes with evidence that exists."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.evaluation import CallRecord, parse_call
from appliance.facts.analysis import Analysis, CallContext
from appliance.facts.codes import (
    ANSWER_STATES,
    CALLER_RELATIONS,
    DISCLOSURE,
    INTENTS,
    KIND_OF_REASON,
    OUTCOMES,
    RUBRIC_ITEMS,
    RUBRIC_STATES,
    SENTIMENTS,
    SPEAKERS,
    UNKNOWN,
    URGENCIES,
)
from appliance.facts.speech import Segment
from appliance.reading import read

_DEV = Path(__file__).parents[1] / "data" / "dev.jsonl"
CALLS = [parse_call(line) for line in _DEV.read_bytes().splitlines()]
_SAID = st.text(max_size=80) | st.sampled_from([s["text"] for c in CALLS for s in c.segments])
_TURNS = st.lists(st.tuples(st.sampled_from(SPEAKERS), _SAID), max_size=14)
_CONTEXTS = st.builds(
    CallContext,
    direction=st.sampled_from(["in", "out", "internal", "unknown"]),
    answer_state=st.sampled_from(ANSWER_STATES),
    ring_s=st.none() | st.floats(0, 90),
    hold_s=st.none() | st.floats(0, 90),
    after_hours=st.none() | st.booleans(),
)


def check(analysis: Analysis, count: int) -> None:
    """All codes known, all evidence inside the call."""
    assert analysis.intent in INTENTS and set(analysis.secondary) <= set(INTENTS)
    assert analysis.outcome in OUTCOMES
    assert analysis.caller_relation in CALLER_RELATIONS
    assert analysis.urgency in (*URGENCIES, UNKNOWN)
    assert {analysis.sentiment_start, analysis.sentiment_end} <= set(SENTIMENTS)
    assert analysis.disclosure_heard in DISCLOSURE
    assert set(analysis.rubric) <= set(RUBRIC_ITEMS)
    assert set(analysis.rubric.values()) <= set(RUBRIC_STATES)
    if analysis.turnaway:
        assert analysis.turnaway.kind == KIND_OF_REASON[analysis.turnaway.reason]
    for ranges in analysis.evidence.values():
        assert all(0 <= e.first_segment <= e.last_segment < count for e in ranges)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TURNS, _CONTEXTS)
def test_any_transcript_is_read(turns: list[tuple[str, str]], context: CallContext) -> None:
    segments = [Segment(index=i, speaker=who, text=text) for i, (who, text) in enumerate(turns)]
    check(read(segments, context), len(segments))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.id))
def test_labels_of_known_calls_have_evidence(call: CallRecord) -> None:
    analysis = call.read()
    check(analysis, len(call.segments))
    assert analysis.evidence["outcome"]
    if analysis.turnaway:
        assert analysis.evidence["turnaway"]


def _rewritten(call: CallRecord, **changes: str) -> Analysis:
    rows = [
        {"speaker": changes.get("speaker", s["speaker"]), "text": _bare(s["text"])}
        for s in call.segments
    ]
    segments = [Segment(index=i, **row) for i, row in enumerate(rows)]
    return read(segments, call.context())


def _bare(text: str) -> str:
    return re.sub(r"[^\w\s]", "", text.lower())


def _agreement(pairs: list[tuple[Analysis, Analysis]], label: str) -> float:
    return sum(getattr(a, label) == getattr(b, label) for a, b in pairs) / len(pairs)


def test_capitals_and_punctuation_change_few_labels() -> None:
    pairs = [(call.read(), _rewritten(call)) for call in CALLS]
    for label in ("intent", "outcome", "turnaway", "urgency"):
        assert _agreement(pairs, label) >= 0.9, label


def test_a_mono_mix_without_speakers_is_still_read() -> None:
    pairs = [(call.read(), _rewritten(call, speaker="unknown")) for call in CALLS]
    assert _agreement(pairs, "intent") >= 0.75
    assert _agreement(pairs, "outcome") >= 0.7


def test_reading_twice_gives_the_same() -> None:
    assert all(call.read() == call.read() for call in CALLS[:10])
