"""Card numbers and codes are taken out of what was heard before anything of it is stored."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from appliance.facts.analysis import Span
from appliance.facts.speech import Segment, Word
from appliance.reading.redaction_addresses import mark_addresses
from appliance.reading.redaction_codes import mark_codes
from appliance.reading.redaction_dates import mark_dates
from appliance.reading.redaction_mail import mark_mail
from appliance.reading.redaction_numbers import DIGITS, TEENS, TENS
from appliance.reading.redaction_tokens import Marks, Talk
from appliance.reading.redaction_topics import Topics

CARD_SAID: Final = "[card number]"
DIGITS_SAID: Final = "[card digits]"  # the last four alone: no number was said
_NUMBER: Final = 8  # digits of a call's card from which on it counts as a number that was said
_SPOKEN: Final = frozenset((*DIGITS, *TEENS, *TENS, "double", "triple", "hundred"))


def hide_cards(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments without any card number, expiry or code, in text and in words."""
    spans = find_cards(segments)
    if not spans:
        return tuple(segments)
    texts = {segment.index: segment.text for segment in segments}
    said = sum(_digits(texts[span.segment][span.start : span.end]) for span in spans)
    label = CARD_SAID if said >= _NUMBER else DIGITS_SAID
    return tuple(
        _hidden(segment, [s for s in spans if s.segment == segment.index], label)
        for segment in segments
    )


def find_cards(segments: Sequence[Segment]) -> tuple[Span, ...]:
    """The spans of cards alone; names are not needed for them."""
    marks = prepared(segments)[1]
    return tuple(span for span in marks.spans() if span.type == "CARD")


def prepared(segments: Sequence[Segment]) -> tuple[Talk, Marks, Topics]:
    """A call with everything marked but names: what is marked first stays."""
    talk = Talk(segments)
    marks, topics = Marks(talk), Topics(talk)
    mark_mail(talk, marks, topics)
    mark_dates(talk, marks, topics)
    mark_addresses(talk, marks, topics)
    mark_codes(talk, marks, topics)
    return talk, marks, topics


def _digits(text: str) -> int:
    spoken = text.casefold().replace(",", " ").replace("-", " ").split()
    return sum(map(str.isdigit, text)) + sum(word in _SPOKEN for word in spoken)


def _hidden(segment: Segment, spans: Sequence[Span], label: str) -> Segment:
    if not spans:
        return segment
    text = segment.text
    for span in sorted(spans, key=lambda s: -s.start):
        text = text[: span.start] + label + text[span.end :]
    words = tuple(_words(segment, spans, label))
    return msgspec.structs.replace(segment, text=text, words=words)


def _words(segment: Segment, spans: Sequence[Span], label: str) -> Iterator[Word]:
    """The words; those of a span become one, with its times and its lowest confidence.

    Where words and text do not fit, none is kept: a place that is not sure must not keep a digit.
    """
    places = _places(segment)
    if places is None:
        return
    held: list[Word] = []
    inside: Span | None = None
    for word, (start, end) in zip(segment.words, places, strict=True):
        now = next((s for s in spans if start < s.end and s.start < end), None)
        if held and now != inside:
            yield _joined(held, label)
            held = []
        inside = now
        if now is None:
            yield word
        else:
            held.append(word)
    if held:
        yield _joined(held, label)


def _places(segment: Segment) -> list[tuple[int, int]] | None:
    """Where each word stands in the text, None where one is not found."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in segment.words:
        bare = word.text.strip()
        start = segment.text.find(bare, at)
        if start < 0 or segment.text[at:start].strip():
            return None
        at = start + len(bare)
        places.append((start, at))
    return None if segment.text[at:].strip() else places


def _joined(words: Sequence[Word], label: str) -> Word:
    return Word(
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        text=label,
        confidence=min(word.confidence for word in words),
    )
