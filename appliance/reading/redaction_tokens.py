"""The words of a whole call in their order, each with its place, and marks of what is personal."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from appliance.facts.analysis import Span
from appliance.facts.speech import Segment

_TOKEN: Final = re.compile(
    r"['’]s\b|[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*|\d+(?:st|nd|rd|th)\b|\d+|[@#$%]"
)
_ENDS: Final = re.compile(r"[.?!…;:][\"”')]*\s|\n")
_ABBREVIATED: Final = frozenset(("dr", "mr", "mrs", "ms", "st", "jr", "sr", "prof", "ave", "apt"))
_SIDES: Final = frozenset("nsew")  # "1415 S. Prospect"
FILLERS: Final = frozenset(("um", "uh", "uhm", "umm", "er", "erm", "ah", "hmm", "hm"))


class Token(NamedTuple):
    """One word; ``line`` is the place of its segment in the call, ``gap`` what stands before it."""

    line: int
    start: int
    end: int
    raw: str
    plain: str
    gap: str
    opens: bool  # first word of a sentence

    @property
    def capital(self) -> bool:
        """Whether it is written with a capital letter."""
        return self.raw[0].isupper()


class Talk:
    """A call as one list of tokens, with the range of each line and whether case was written."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.tokens: list[Token] = []
        self.ranges: list[tuple[int, int]] = []
        for line, segment in enumerate(segments):
            first = len(self.tokens)
            self.tokens += _tokens(line, segment.text)
            self.ranges.append((first, len(self.tokens)))
        capitals = sum(token.capital for token in self.tokens)
        self.cased = capitals * 20 > len(self.tokens)
        self.plain = [token.plain for token in self.tokens]

    def speaker(self, at: int) -> str:
        """Who says the word at a place."""
        return self.segments[self.tokens[at].line].speaker

    def bounds(self, at: int) -> tuple[int, int]:
        """The range of the line in which a place lies."""
        return self.ranges[self.tokens[at].line]

    def joined(self, at: int) -> bool:
        """Whether the word at a place goes on the sentence of the word before it."""
        return not self.tokens[at].opens

    def words(self, first: int, last: int) -> str:
        """Plain words of a range, blanks between them."""
        return " ".join(self.plain[first:last])


def _tokens(line: int, text: str) -> Iterator[Token]:
    at, before, earlier = 0, "", ""
    for found in _TOKEN.finditer(text):
        gap = text[at : found.start()]
        short = before in _ABBREVIATED or (before in _SIDES and earlier.isdecimal())
        ends = _ENDS.search(gap) is not None and not (gap.startswith(". ") and short)
        opens = not before or ends
        earlier, before = before, found.group().casefold().replace("’", "'")
        yield Token(line, *found.span(), found.group(), before, gap, opens)
        at = found.end()


class Marks:
    """Which tokens are personal data; what was marked first stays."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.types: list[str] = [""] * len(talk.tokens)
        self._ranges: list[tuple[int, int, str]] = []

    def free(self, first: int, last: int) -> bool:
        """Whether no token of a range is taken."""
        return not any(self.types[first:last])

    def put(self, first: int, last: int, code: str) -> None:
        """Mark a range inside one line; tokens that are taken keep their mark."""
        at = first
        while at < last:
            if self.types[at]:
                at += 1
                continue
            start = at
            while at < last and not self.types[at]:
                self.types[at] = code
                at += 1
            if code != PASSED:
                self._ranges.append((start, at, code))

    def spans(self) -> tuple[Span, ...]:
        """All marks as spans, in the order of the call, neither touching nor overlapping."""
        tokens = self._talk.tokens
        return tuple(
            Span(
                segment=self._talk.segments[tokens[first].line].index,
                start=tokens[first].start, end=tokens[last - 1].end, type=code,
            )
            for first, last, code in sorted(self._ranges)
        )  # fmt: skip


PASSED: Final = "-"  # looked at and found to be nothing personal: doses, times, dates of visits
