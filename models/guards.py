"""Tells text that was said from text that a recognizer made up out of noise."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.facts.speech import Segment
from models.turns import Heard

# What Whisper learned from subtitles and writes over noise; on a telephone nobody says it.
_STOCK = re.compile(
    r"(thanks|thank you)( so much)? for (watching|listening|your attention)"
    r"|(please )?(don't forget to )?(like and )?subscribe( to (my|our|the) channel)?"
    r"|(sub(titles?|titulos)|captions?|transcri(bed|ption)) (by|realizados por) .*"
    r"|(gracias por ver el video)|(see you (in the )?next (time|video))|www\..*|amara\.org.*"
)
_SURE = 0.9


@dataclass(frozen=True)
class Said:
    """One segment as the recognizer gave it, words in window time."""

    text: str
    average_log_probability: float
    no_speech: float
    words: tuple[Heard, ...]


def is_plausible(
    said: Sequence[Said], no_speech: float, log_probability: float, compression: float
) -> bool:
    """True when nothing speaks against a window's text; nothing said at all is plausible."""
    if not said:
        return True
    repeated = compression_ratio(said) > compression
    doubtful = min(s.average_log_probability for s in said) < log_probability
    return not (repeated or doubtful or _is_silence(said, no_speech, log_probability))


def is_invented(
    said: Sequence[Said], no_speech: float, log_probability: float, compression: float
) -> bool:
    """True when even a second hearing gives a loop, text over silence, or a mere guess.

    A guess is text whose log-probability is below twice the threshold.
    """
    if not said:
        return False
    guess = min(s.average_log_probability for s in said) < 2 * log_probability
    silent = _is_silence(said, no_speech, log_probability)
    return guess or silent or compression_ratio(said) > compression


def is_stock_phrase(segment: Segment) -> bool:
    """True for a phrase of subtitles that the recognizer is not very sure of."""
    plain = re.sub(r"[^\w.' ]", "", segment.text.lower()).strip(" .")
    return segment.confidence < _SURE and _STOCK.fullmatch(plain) is not None


def compression_ratio(said: Sequence[Said]) -> float:
    """How well the text compresses: speech stays under 2.4, a loop of words does not."""
    text = "".join(s.text for s in said).encode()
    return len(text) / len(zlib.compress(text)) if text else 0.0


def _is_silence(said: Sequence[Said], no_speech: float, log_probability: float) -> bool:
    return any(
        s.no_speech > no_speech and s.average_log_probability < log_probability for s in said
    )
