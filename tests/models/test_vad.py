"""The detector finds people and lets everything else pass."""

import json
from itertools import pairwise

import numpy as np
import pytest

from models.vad import RATE, speech_probabilities, speech_spans
from tests.models import sounds


@pytest.mark.parametrize("name", list(sounds.wordless(1)))
def test_what_is_not_speech_is_not_found(name: str) -> None:
    assert speech_spans(sounds.wordless()[name]) == []


def test_the_turns_of_a_call_are_found_on_their_channel() -> None:
    pcm = sounds.demo_call()
    told = json.loads((sounds.CALLS.parent / "times.json").read_bytes())["demo-03"]["segments"]
    turns = [turn for turn in told if turn["end_ms"] < 29_000]
    assert len(turns) > 3
    for channel, row in enumerate(pcm):
        spans = speech_spans(row)
        for turn in turns:
            covered = sum(
                max(0, min(end, turn["end_ms"]) - max(start, turn["start_ms"]))
                for start, end in spans
            ) / (turn["end_ms"] - turn["start_ms"])
            assert covered > 0.5 if turn["channel"] == channel else covered < 0.3


def test_long_sound_is_read_in_blocks_with_the_same_result() -> None:
    row = np.tile(sounds.demo_call()[0], 6)  # three minutes: longer than one block
    whole = speech_probabilities(row)
    again = speech_probabilities(row.astype(np.float32) / np.float32(32768))
    assert len(whole) == -(-len(row) // 512)
    assert np.allclose(whole, again, atol=1e-4)
    part = speech_probabilities(row[: 100 * RATE])
    assert np.allclose(whole[: len(part) - 1], part[:-1], atol=1e-3)


def test_padding_widens_spans_but_never_into_one_another() -> None:
    row = sounds.demo_call()[1]
    bare, padded = speech_spans(row), speech_spans(row, pad_ms=400)
    assert len(bare) == len(padded)
    for (start, end), (wide_start, wide_end) in zip(bare, padded, strict=True):
        assert wide_start <= start and end <= wide_end
    assert all(a[1] <= b[0] for a, b in pairwise(padded))
    assert padded[-1][1] <= len(row) * 1000 // RATE


def test_nothing_at_all_has_no_speech() -> None:
    assert speech_spans(np.zeros(0, np.int16)) == []
