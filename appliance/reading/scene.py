"""The scene of a call: who said what in which order, and which dialogue acts each turn performs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from appliance.facts.analysis import CallContext, Evidence
from appliance.facts.codes import UNKNOWN
from appliance.facts.speech import Segment
from appliance.reading.grammar import phrases
from appliance.reading.phrases_caller import CALLER
from appliance.reading.phrases_desk import DESK
from appliance.reading.plain import masked, plain
from appliance.reading.speakers import attribute

NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive segments of one speaker; ``text`` is in plain words, ``raw`` as transcribed."""

    index: int
    speaker: str
    first: int
    last: int
    text: str
    raw: str

    def may_be(self, side: str) -> bool:
        """Whether this turn is by ``side`` (staff or caller), or by nobody knows whom."""
        return self.speaker in (side, UNKNOWN)


@dataclass(frozen=True)
class Scene:
    """Turns in order; ``desk`` and ``caller`` map an act to the indexes of turns performing it."""

    turns: tuple[Turn, ...]
    context: CallContext
    desk_acts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    caller_acts: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def desk(self, *acts: str, after: int = NEVER, before: int = 10**9) -> tuple[int, ...]:
        """Turns in which the desk performs any of ``acts``, between two turns, both excluded."""
        return _between(self.desk_acts, acts, after, before)

    def caller(self, *acts: str, after: int = NEVER, before: int = 10**9) -> tuple[int, ...]:
        """Turns in which the caller performs any of ``acts``, between two turns, both excluded."""
        return _between(self.caller_acts, acts, after, before)

    def by(self, side: str) -> tuple[Turn, ...]:
        """The turns of ``staff`` or ``caller``, those of unknown speakers included."""
        return tuple(turn for turn in self.turns if turn.may_be(side))

    def next_by(self, side: str, index: int, within: int = 2) -> Turn | None:
        """The first turn of ``side`` after ``index``, at most ``within`` turns later."""
        near = self.turns[index + 1 : index + 1 + within]
        return next((turn for turn in near if turn.may_be(side)), None)

    def evidence(self, indexes: Iterable[int]) -> tuple[Evidence, ...]:
        """The segment ranges of some turns, in order, without repetition."""
        chosen = sorted({index for index in indexes if 0 <= index < len(self.turns)})
        turns = (self.turns[index] for index in chosen)
        return tuple(Evidence(first_segment=t.first, last_segment=t.last) for t in turns)


def last(indexes: Sequence[int]) -> int:
    """The latest of some turn indexes, or NEVER."""
    return max(indexes, default=NEVER)


def first(indexes: Sequence[int]) -> int:
    """The earliest of some turn indexes, or NEVER."""
    return min(indexes, default=NEVER)


def stage(segments: Sequence[Segment], context: CallContext) -> Scene:
    """Join segments into turns, settle who speaks, and find the dialogue acts."""
    speakers = attribute([plain(s.text) for s in segments], [s.speaker for s in segments])
    turns = tuple(_turns(segments, speakers))
    desk, caller = _acts(turns, "staff"), _acts(turns, "caller")
    desk["quotes_price"] = _with_answers(turns, desk["quotes_price"], caller["asks_price"])
    return Scene(turns, context, desk, _without_courtesy(desk, caller))


def _turns(segments: Sequence[Segment], speakers: Sequence[str]) -> Iterable[Turn]:
    start = 0
    index = 0
    for end in range(1, len(segments) + 1):
        if end < len(segments) and speakers[end] == speakers[start] != UNKNOWN:
            continue
        raw = " ".join(s.text for s in segments[start:end])
        yield Turn(
            index,
            speakers[start],
            segments[start].index,
            segments[end - 1].index,
            masked(plain(raw)),
            raw,
        )
        start, index = end, index + 1


def _with_answers(
    turns: Sequence[Turn], quotes: tuple[int, ...], asked: tuple[int, ...]
) -> tuple[int, ...]:
    """A bare number right after "how much" is a price: "that's one eighty"."""
    replies = (turns[i + 1] for i in asked if i + 1 < len(turns))
    found = (t.index for t in replies if t.may_be("staff") and _amount().search(t.text))
    return tuple(sorted({*quotes, *found}))


@cache
def _amount() -> re.Pattern[str]:
    return phrases(
        ["is/are/at/for/about/around/run/runs <num> <num>\nis/are/at/about <num> dollars/even"]
    )


def _without_courtesy(
    desk: dict[str, tuple[int, ...]], caller: dict[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """A no to "anything else?" declines nothing."""
    answers = {index + 1 for index in desk["more_questions"]}
    kept = {act: tuple(i for i in caller[act] if i not in answers) for act in _NOES}
    return caller | kept


_NOES: Final = ("declines", "displeased")


@cache
def compiled(side: str) -> dict[str, re.Pattern[str]]:
    """The acts of a side with their phrases as expressions."""
    table = DESK if side == "staff" else CALLER
    return {act: phrases([rows]) for act, rows in table.items()}


def _acts(turns: Sequence[Turn], side: str) -> dict[str, tuple[int, ...]]:
    spoken = [turn for turn in turns if turn.may_be(side)]
    return {
        act: tuple(turn.index for turn in spoken if pattern.search(turn.text))
        for act, pattern in compiled(side).items()
    }


def _between(
    acts: dict[str, tuple[int, ...]], names: Iterable[str], after: int, before: int
) -> tuple[int, ...]:
    found = {index for name in names for index in acts[name] if after < index < before}
    return tuple(sorted(found))
