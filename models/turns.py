"""Words become segments of about a turn, and the segments of all channels one conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from appliance.facts.speech import Segment, Word

_PAUSE_MS = 800  # a longer silence between two words ends a segment, so that channels interleave
_LONG_MS = 12_000  # from here on a segment ends at the next full stop
_LONGEST_MS = 30_000
_STOPS = (".", "?", "!")


@dataclass(frozen=True)
class Heard:
    """A word with the text as the recognizer wrote it, its spacing included."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float


def split_turns(heard: Sequence[Heard], channel: int) -> list[Segment]:
    """Segments of one channel from its words in order of time; ``index`` is not yet set."""
    groups: list[list[Heard]] = []
    for word in heard:
        if not groups or _breaks(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    return [_segment(group, channel) for group in groups]


def interleave(segments: Iterable[Segment]) -> list[Segment]:
    """All segments in order of their start, numbered from 0."""
    ordered = sorted(segments, key=lambda s: (s.start_ms, s.channel, s.end_ms))
    return [msgspec.structs.replace(s, index=index) for index, s in enumerate(ordered)]


def _breaks(group: Sequence[Heard], word: Heard) -> bool:
    last = group[-1]
    length = last.end_ms - group[0].start_ms
    if word.start_ms - last.end_ms > _PAUSE_MS or length > _LONGEST_MS:
        return True
    return length > _LONG_MS and last.text.strip().endswith(_STOPS)


def _segment(group: Sequence[Heard], channel: int) -> Segment:
    confidence = sum(word.confidence for word in group) / len(group)
    return Segment(
        index=0,
        start_ms=group[0].start_ms,
        end_ms=max(word.end_ms for word in group),
        text=" ".join("".join(word.text for word in group).split()),
        channel=channel,
        confidence=round(confidence, 3),
        words=tuple(
            Word(
                start_ms=word.start_ms,
                end_ms=word.end_ms,
                text=word.text.strip(),
                confidence=round(word.confidence, 3),
            )
            for word in group
        ),
    )
