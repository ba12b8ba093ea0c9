"""Measures how much personal data is found against labelled spans, with every miss and false alarm."""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from appliance.facts.analysis import Span
from appliance.facts.codes import PII_TYPES

Place = tuple[int, int]  # a segment and one character of it
_AROUND: Final = 30  # characters shown on both sides of a miss


class Labelled(msgspec.Struct, frozen=True):
    """One call: its texts by segment index, the spans a person marked and the spans we found."""

    name: str
    texts: Mapping[int, str]
    wanted: tuple[Span, ...]
    found: tuple[Span, ...]


def spans_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Spans from labelled rows; raises ValidationError where a place or type is missing."""
    keys = ("segment", "start", "end", "type")
    return tuple(msgspec.convert({key: row.get(key) for key in keys}, Span) for row in rows)


def span_report(calls: Sequence[Labelled]) -> dict[str, Any]:
    """Counts per type and over all; ``misses`` and ``alarms`` quote what was wrong.

    A span counts as found when every letter and digit of it lies in found spans of its type, and as
    hidden when found spans of any type cover it. A found span is right when at least half of its
    letters and digits were marked as its type.
    """
    tallies = {code: _tally() for code in PII_TYPES}
    misses: list[dict[str, Any]] = []
    alarms: list[dict[str, Any]] = []
    for call in calls:
        _count_wanted(call, tallies, misses)
        _count_found(call, tallies, alarms)
    total = {key: sum(tally[key] for tally in tallies.values()) for key in _tally()}
    return {"types": tallies, "all": total, "misses": misses, "alarms": alarms}


def _tally() -> dict[str, int]:
    return {"support": 0, "found": 0, "hidden": 0, "said": 0, "right": 0}


def _count_wanted(call: Labelled, tallies: dict[str, dict[str, int]], misses: list[Any]) -> None:
    places = {code: _places(call, (s for s in call.found if s.type == code)) for code in tallies}
    anything = set().union(*places.values())
    for span in call.wanted:
        wanted, tally = _places(call, [span]), tallies[span.type]
        tally["support"] += 1
        tally["found"] += wanted <= places[span.type]
        tally["hidden"] += wanted <= anything
        if not wanted <= places[span.type]:
            misses.append(_quote(call, span) | {"hidden": wanted <= anything})


def _count_found(call: Labelled, tallies: dict[str, dict[str, int]], alarms: list[Any]) -> None:
    places = {code: _places(call, (s for s in call.wanted if s.type == code)) for code in tallies}
    anything = set().union(*places.values())
    for span in call.found:
        said = _places(call, [span])
        right = 2 * len(said & places[span.type]) >= len(said)
        tallies[span.type]["said"] += 1
        tallies[span.type]["right"] += right
        if not right:
            hidden = 2 * len(said & anything) >= len(said)
            alarms.append(_quote(call, span) | {"personal": hidden})


def _places(call: Labelled, spans: Iterable[Span]) -> set[Place]:
    """The letters and digits inside spans; blanks and commas carry nothing."""
    return {
        (span.segment, at)
        for span in spans
        for at in range(span.start, span.end)
        if call.texts[span.segment][at : at + 1].isalnum()
    }


def _quote(call: Labelled, span: Span) -> dict[str, Any]:
    text = call.texts[span.segment]
    return {
        "id": call.name, "segment": span.segment, "type": span.type,
        "text": text[span.start : span.end],
        "before": text[max(0, span.start - _AROUND) : span.start],
        "after": text[span.end : span.end + _AROUND],
    }  # fmt: skip


def roughen_row(
    row: Mapping[str, Any], spans: Iterable[Span], dice: random.Random
) -> tuple[str, tuple[Span, ...]]:
    """The text as a poor recognizer hears it, and the labelled spans where their words now stand."""
    spoken, spans = str(row.get("text", "")), tuple(spans)
    heard: list[tuple[str, int, int]] = []
    for found in re.finditer(r"[\w']+", spoken.lower()):
        word, chance = (found.group(), *found.span()), dice.random()
        if chance < 0.01:
            continue
        heard += [word, word] if chance < 0.02 else [heard[-1] if chance < 0.03 and heard else word]
    places: list[tuple[int, int, int, int]] = []
    at = 0
    for said, start, end in heard:
        places.append((at, at + len(said), start, end))
        at += len(said) + 1
    return " ".join(said for said, _, _ in heard), tuple(_moved(spans, places))


def _moved(spans: Iterable[Span], places: Sequence[tuple[int, int, int, int]]) -> Iterator[Span]:
    for span in spans:
        kept = [
            (at + max(0, span.start - start), end - max(0, old - span.end))
            for at, end, start, old in places
            if start < span.end and span.start < old
        ]
        if kept:
            yield Span(segment=span.segment, start=kept[0][0], end=kept[-1][1], type=span.type)
