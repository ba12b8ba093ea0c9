"""A first draft of what may be read of a call by people who may not open it; a person corrects it.

Only what staff said is taken: it is what the example is about, and the caller's own words stay
with the call. What was read as personal data goes, and so do long numbers (also spoken ones),
addresses of mail, and every name-like word that is neither the clinic's nor of the calendar. A word
that is name-like anywhere in the call is taken for a name at the start of a sentence too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from appliance.facts.analysis import Span
from appliance.facts.speech import Segment

HIDDEN: Final = "•••"
_DIGIT: Final = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_SPOKEN: Final = re.compile(rf"\b(?:{_DIGIT})(?:[\s,-]+(?:{_DIGIT})){{2,}}\b", re.IGNORECASE)
_TIME: Final = re.compile(r"\d{1,2}:\d{2}")
_LONG: Final = re.compile(r"\+?\d(?:[\s().-]*\d){3,}")
_MAIL: Final = re.compile(r"\S+@\S+|\S+ at \S+ dot \w+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CALENDAR: Final = frozenset((
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
    "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "i", "i'm", "i'll", "i've", "i'd", "ok", "okay", "dr", "mr", "mrs",
    "ms",
))  # fmt: skip
# Words that begin a sentence and are followed by a comma without being a name.
_OPENERS: Final = frozenset((
    "yes", "no", "okay", "ok", "well", "thanks", "thank", "sure", "great", "hi", "hello",
    "perfect", "absolutely", "alright", "right", "so", "oh", "sorry", "certainly", "good", "and",
    "now", "then", "please", "actually", "wonderful", "excellent", "awesome",
))  # fmt: skip


def draft_quote(
    segments: Sequence[Segment],
    spans: Iterable[Span],
    *,
    call: Sequence[Segment] = (),
    keep: Iterable[str] = (),
    hide: Iterable[str] = (),
) -> str:
    """What staff said in these segments of a call, a line each; ``keep`` and ``hide`` are names."""
    known = frozenset(word.casefold() for name in keep for word in _WORD.findall(name))
    secret = frozenset(word.casefold() for name in hide for word in _WORD.findall(name))
    secret |= {word for segment in call for word in _names(segment.text, known)}
    told = tuple(spans)
    lines = (
        _mask(_cut(segment, told), known, secret)
        for segment in segments
        if segment.speaker == "staff"
    )
    return "\n".join(line for line in lines if line)


def _cut(segment: Segment, spans: Sequence[Span]) -> str:
    """The text without what was read as personal data, from the end so that places stay right."""
    text = segment.text
    own = [s for s in spans if s.segment == segment.index and s.type != "STAFF"]
    for span in sorted(own, key=lambda s: -s.start):
        text = text[: span.start] + HIDDEN + text[span.end :]
    return text


def _names(text: str, known: frozenset[str]) -> Iterator[str]:
    """The words of a text that look like names."""
    for found in _WORD.finditer(text):
        plain = _plain(found)
        if _is_name(text, found, plain, known):
            yield plain.removesuffix("'s")


def _plain(found: re.Match[str]) -> str:
    return found.group().casefold().replace("’", "'")


def _mask(text: str, known: frozenset[str], secret: frozenset[str]) -> str:
    text = _MAIL.sub(HIDDEN, text)
    text = _SPOKEN.sub(HIDDEN, text)
    text = _TIME.sub(lambda found: found.group().replace(":", "\0"), text)
    text = _LONG.sub(HIDDEN, text).replace("\0", ":")

    def hidden(found: re.Match[str]) -> str:
        plain = _plain(found)
        own = plain in secret or plain.removesuffix("'s") in secret
        return HIDDEN if own or _is_name(text, found, plain, known) else found.group()

    return _WORD.sub(hidden, text).strip()


def _is_name(text: str, found: re.Match[str], plain: str, known: frozenset[str]) -> bool:
    """A capital inside a sentence, or at its start before a comma."""
    if not found.group()[0].isupper() or plain in _CALENDAR or plain in known:
        return False
    before = text[: found.start()].rstrip(" \"'“(")
    starts = not before or before[-1] in ".?!:\n"
    return not starts or (text[found.end() :][:1] == "," and plain not in _OPENERS)
