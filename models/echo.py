"""What one channel hears of the other: doubled channels, and words that leak through as echo."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.facts.speech import Segment
from models.vad import RATE

_PER_MS = RATE // 1000
_NEAR_MS = 500  # an echo comes within half a second; more would be a person repeating
_QUIETER_DB = 10.0
_ALIKE = 0.6  # share of the quieter segment's words that the louder channel says as well
_SAMPLE_STEP = 7  # comparing every seventh sample is enough to see that two channels are one


def is_doubled(channels: NDArray[np.int16]) -> bool:
    """True when all channels carry the same sound (a mono mix stored as stereo)."""
    first = channels[0, ::_SAMPLE_STEP].astype(np.float32)
    power = float(first @ first)
    for other in channels[1:]:
        difference = other[::_SAMPLE_STEP] - first
        if float(difference @ difference) > 1e-4 * power:
            return False
    return channels.shape[0] > 1 and power > 0


def drop_echo(segments: Sequence[Segment], channels: NDArray[np.int16]) -> list[Segment]:
    """Leave out segments whose words another channel says at the same time, 10 dB louder."""
    return [s for s in segments if not any(_echoes(s, o, channels) for o in segments)]


def _echoes(quiet: Segment, loud: Segment, channels: NDArray[np.int16]) -> bool:
    if quiet.channel == loud.channel or not _overlap(quiet, loud):
        return False
    if _shared_words(quiet, loud) < _ALIKE:
        return False
    return _level(quiet, channels) + _QUIETER_DB <= _level(loud, channels)


def _overlap(one: Segment, other: Segment) -> bool:
    return one.start_ms < other.end_ms + _NEAR_MS and other.start_ms < one.end_ms + _NEAR_MS


def _shared_words(quiet: Segment, loud: Segment) -> float:
    said = [(_plain(word.text), word.start_ms) for word in loud.words]
    mine = [(_plain(word.text), word.start_ms) for word in quiet.words]
    mine = [pair for pair in mine if pair[0]]
    if not mine:
        return 0.0
    found = sum(any(t == text and abs(at - start) <= _NEAR_MS for t, at in said)
                for text, start in mine)  # fmt: skip
    return found / len(mine)


def _level(segment: Segment, channels: NDArray[np.int16]) -> float:
    """Loudness of a segment on its own channel in dB."""
    part = channels[segment.channel, segment.start_ms * _PER_MS : segment.end_ms * _PER_MS]
    power = float(np.square(part.astype(np.float32)).mean()) if part.shape[0] else 0.0
    return 10.0 * float(np.log10(power + 1e-9))


def _plain(text: str) -> str:
    return re.sub(r"[^\w']", "", text).lower()
