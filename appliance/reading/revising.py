"""What holds of a transcript: what was recognized, with the clinic's own words and corrections.

Recognition may be repeated and then draws other borders. So a correction is tied to the sound: the
words whose middle lies within its stretch are the ones it replaces, wherever they stand by then.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from appliance.facts.corrections import Correction, Place
from appliance.facts.speech import Segment, Word

Pairs = Sequence[tuple[str, str]]  # what is heard, what is meant
PERSON: Final = "person"  # how it is known who speaks

_EDGE_MS: Final = 150  # by so much two recognitions of the same word may differ
_HALF: Final = 0.5  # of a segment
_CORE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


class Revised(NamedTuple):
    """The segments that hold, and the numbers of corrections that found no place."""

    segments: tuple[Segment, ...]
    unplaced: frozenset[int]


def revise(
    heard: Sequence[Segment], pairs: Pairs = (), corrections: Iterable[Correction] = ()
) -> Revised:
    """Apply what is meant for what is heard, then what people corrected, the oldest first."""
    rules = _read_pairs(pairs)
    segments = [_say_meant(segment, rules) for segment in heard] if rules else list(heard)
    unplaced = set()
    for correction in corrections:
        apply = {"words": _correct_words, "speaker": _correct_speaker}.get(correction.kind)
        if apply and not apply(segments, correction):
            unplaced.add(correction.id)
    return Revised(tuple(segments), frozenset(unplaced))


def _correct_words(segments: list[Segment], correction: Correction) -> bool:
    """Put a person's words in the one place; False where there is none, or it is torn apart."""
    (place,) = correction.places
    found = [n for n, segment in enumerate(segments) if _lies_in(segment, place)]
    exact = [n for n in found if _is_at(segments[n], place)]
    if len(exact or found) != 1:
        return False
    (number,) = exact or found
    segment = segments[number]
    first, last = (0, len(segment.words)) if exact else _within(segment, place, _EDGE_MS)
    segments[number] = put_words(segment, first, last, correction.value.split())
    return True


def touches(correction: Correction, segment: Segment) -> bool:
    """Whether a correction is about what is said in a segment."""
    about = _lies_in if correction.kind == "words" else _is_mostly_in
    return any(about(segment, place) for place in correction.places)


def _is_mostly_in(segment: Segment, place: Place) -> bool:
    return segment.channel == place.channel and _share(segment, place) >= _HALF


def _is_at(segment: Segment, place: Place) -> bool:
    return (segment.start_ms, segment.end_ms) == (place.start_ms, place.end_ms)


def _lies_in(segment: Segment, place: Place) -> bool:
    """Whether something that a segment says lies in a place."""
    if segment.channel != place.channel:
        return False
    if not segment.words:
        return _share(segment, place) >= _HALF
    first, last = _within(segment, place, 0)
    return first < last


def _within(segment: Segment, place: Place, edge_ms: int) -> tuple[int, int]:
    """Which words of a segment lie in a place, half-open; (0, 0) for none."""
    low, high = place.start_ms - edge_ms, place.end_ms + edge_ms
    inside = [n for n, w in enumerate(segment.words) if low <= (w.start_ms + w.end_ms) / 2 <= high]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _share(segment: Segment, place: Place) -> float:
    """How much of a segment lies in a place, 0 to 1."""
    together = min(segment.end_ms, place.end_ms) - max(segment.start_ms, place.start_ms)
    return max(0, together) / max(1, segment.end_ms - segment.start_ms)


def _correct_speaker(segments: list[Segment], correction: Correction) -> bool:
    """Let every segment be said by whom a person heard there; False where nothing is said there."""
    any_placed = False
    for n, segment in enumerate(segments):
        for place in correction.places:
            if _is_mostly_in(segment, place):
                segments[n] = msgspec.structs.replace(
                    segment, speaker=place.speaker, speaker_why=PERSON
                )
                any_placed = True
                break
    return any_placed


def put_words(segment: Segment, first: int, last: int, tokens: Sequence[str]) -> Segment:
    """A segment with other words in place of those from ``first`` to before ``last``.

    Words that stay keep their times; others share the time of those they replace. Where a segment
    has no words of its own, its whole text is replaced.
    """
    if not segment.words:
        return msgspec.structs.replace(segment, text=" ".join(tokens))
    before, after = segment.words[:first], segment.words[last:]
    begin = before[-1].end_ms if before else segment.start_ms
    end = after[0].start_ms if after else segment.end_ms
    words = (*before, *_timed(segment.words[first:last], tokens, begin, end), *after)
    return msgspec.structs.replace(
        segment, words=words, text=" ".join(w.text.strip() for w in words if w.text.strip())
    )


def _timed(old: Sequence[Word], tokens: Sequence[str], begin: int, end: int) -> list[Word]:
    """Tokens with times: those of the same words, else of those they stand for."""
    matcher = SequenceMatcher(
        None, [_key(w.text) for w in old], [_key(token) for token in tokens], autojunk=False
    )
    words: list[Word] = []
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            words += [
                msgspec.structs.replace(word, text=token)
                for word, token in zip(old[i:j], tokens[k:m], strict=True)
            ]
        elif k < m:
            low = old[i].start_ms if i < j else old[i - 1].end_ms if i else begin
            high = old[j - 1].end_ms if i < j else old[j].start_ms if j < len(old) else end
            words += _spread(tokens[k:m], low, max(low, high))
    return words


def _spread(tokens: Sequence[str], low: int, high: int) -> list[Word]:
    """Tokens in equal parts of a stretch."""
    steps = [low + (high - low) * n // len(tokens) for n in range(len(tokens) + 1)]
    return [
        Word(start_ms=start, end_ms=stop, text=token)
        for token, (start, stop) in zip(tokens, pairwise(steps), strict=True)
    ]


def _key(token: str) -> str:
    return _parts(token)[1].casefold()


def _parts(token: str) -> tuple[str, str, str]:
    """What stands before a word, the word, and what stands behind it."""
    found = _CORE.match(token.strip())
    assert found is not None  # it matches anything
    return found[1], found[2], found[3]


class _Rule(NamedTuple):
    heard: tuple[str, ...]
    meant: tuple[str, ...]


def _read_pairs(pairs: Pairs) -> dict[str, list[_Rule]]:
    """Rules by their first word, the longest first."""
    rules: dict[str, list[_Rule]] = {}
    for heard, meant in pairs:
        keys = tuple(key for key in map(_key, heard.split()) if key)
        if keys and meant.split():
            rules.setdefault(keys[0], []).append(_Rule(keys, tuple(meant.split())))
    for same in rules.values():
        same.sort(key=lambda rule: -len(rule.heard))
    return rules


def _say_meant(segment: Segment, rules: dict[str, list[_Rule]]) -> Segment:
    """A segment with everything replaced that is heard for something else, each word at most once."""
    tokens = [w.text for w in segment.words] if segment.words else segment.text.split()
    keys = [_key(token) for token in tokens]
    if rules.keys().isdisjoint(keys):
        return segment
    place = 0
    while place < len(tokens):
        rule = next((r for r in rules.get(keys[place], ()) if _fits(keys, place, r)), None)
        if rule is None:
            place += 1
            continue
        last = place + len(rule.heard)
        meant = _dressed(rule.meant, tokens[place], tokens[last - 1])
        if segment.words:
            segment = put_words(segment, place, last, meant)
        tokens[place:last], keys[place:last] = meant, [""] * len(meant)
        place += len(meant)
    return segment if segment.words else msgspec.structs.replace(segment, text=" ".join(tokens))


def _fits(keys: Sequence[str], place: int, rule: _Rule) -> bool:
    return tuple(keys[place : place + len(rule.heard)]) == rule.heard


def _dressed(meant: Sequence[str], first: str, last: str) -> list[str]:
    """The words that are meant, with the signs around those heard and a capital where one was."""
    dressed = list(meant)
    opening, core, _ = _parts(first)
    if core[:1].isupper() and meant[0].islower():
        dressed[0] = dressed[0][:1].upper() + dressed[0][1:]
    dressed[0] = opening + dressed[0]
    dressed[-1] += _parts(last)[2]
    return dressed
