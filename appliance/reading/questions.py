"""Questions of the clinic's own: answered by phrases that managers write, one on each line.

    may I ask who referred you        these words in this order
    refer*                            any ending
    who * told you about us           up to eight words between

Capitals, punctuation, contractions and fillers do not matter on either side (see ``plain``).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from appliance.errors import Misconfigured
from appliance.facts.codes import CANNOT_TELL, UNKNOWN
from appliance.facts.rubrics import Answer, Check, Item, Rubric
from appliance.facts.speech import Segment
from appliance.reading.plain import plain
from appliance.reading.rubrics import fits

MOST_PHRASES: Final = 40
LONGEST_PHRASE: Final = 120
_MOST_GAPS: Final = 3  # more of them could take long to look for
_GAP: Final = r"(?: \S+){0,8}?"

Said = tuple[str, tuple[Segment, ...], str]  # speaker, segments of one turn, their plain words


def read_phrases(text: str) -> tuple[str, ...]:
    """The phrases of a text field, one a line; raises Misconfigured for what cannot be one."""
    lines = tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines()))
    found = tuple(line for line in lines if line)
    if len(found) > MOST_PHRASES:
        raise Misconfigured(f"write at most {MOST_PHRASES} phrases")
    for line in found:
        if len(line) > LONGEST_PHRASE:
            raise Misconfigured(f"a phrase has at most {LONGEST_PHRASE} letters")
        if not _pattern(line):
            raise Misconfigured(f"“{line}” has no words to listen for")
        if line.split().count("*") > _MOST_GAPS:
            raise Misconfigured(f"a phrase has at most {_MOST_GAPS} gaps (*)")
    return found


@lru_cache(maxsize=64)
def compile_phrases(lines: tuple[str, ...]) -> re.Pattern[str]:
    """One expression that finds any of the phrases in plain words."""
    return re.compile("|".join(f"(?:{_pattern(line)}(?= ))" for line in lines))


def _pattern(line: str) -> str:
    """The expression of one phrase; empty when it has no words."""
    parts: list[str] = []
    for starred, words in groupby(line.split(), key=lambda word: word.endswith("*")):
        if starred:
            parts += [_starred(word) for word in words]
        else:
            parts += [f" {re.escape(word)}" for word in plain(" ".join(words)).split()]
    found = "".join(parts)
    return found if re.search(r"\w", found.replace(_GAP, "")) else ""


def _starred(word: str) -> str:
    """A lone star is a gap, a star behind letters any ending."""
    stem = "".join(plain(word.strip("*")).split()[:1])
    return rf" {re.escape(stem)}\S*" if stem else _GAP


def turns_said(segments: Sequence[Segment]) -> tuple[Said, ...]:
    """The turns of a transcript with their plain words, once for all questions."""
    turns = (tuple(said) for _, said in groupby(segments, key=lambda s: s.speaker))
    return tuple(
        (turn[0].speaker, turn, plain(" ".join(s.text for s in turn))) for turn in turns
    )  # fmt: skip


def answer(check: Check, turns: Sequence[Said]) -> Answer:
    """Met or not met, with the place; cannot tell where nobody knows who said it, or anything."""
    pattern = compile_phrases(check.phrases)
    hits = [turn for turn in turns if pattern.search(turn[2])]
    surely = [turn for turn in hits if turn[0] == check.speaker]
    if surely:
        return _at(check.present, pattern, surely[0][1])
    if any(turn[0] == UNKNOWN for turn in hits) or not any(t[0] == check.speaker for t in turns):
        return Answer(state=CANNOT_TELL)
    return Answer(state="not_met" if check.present == "met" else "met")


def _at(state: str, pattern: re.Pattern[str], segments: tuple[Segment, ...]) -> Answer:
    """The segment that holds the phrase; the whole turn where it runs over segments."""
    alone = [s for s in segments if pattern.search(plain(s.text))][:1] or list(segments)
    return Answer(state=state, first_segment=alone[0].index, last_segment=alone[-1].index)


def answer_questions(rubric: Rubric, segments: Sequence[Segment], intent: str) -> dict[str, Answer]:
    """The answers to the clinic's own questions in one call, by item."""
    asked = [item for item in rubric.items if item.check and item.on]
    turns = turns_said(segments) if asked else ()
    return {item.name: _answer(item, turns, intent) for item in asked}


def _answer(item: Item, turns: Sequence[Said], intent: str) -> Answer:
    if not fits(item, intent) or not turns or item.check is None:
        return Answer(state="na")
    return answer(item.check, turns)


def quote(segments: Iterable[Segment], found: Answer) -> str:
    """The words an answer rests on; empty where it rests on none."""
    first, last = found.first_segment, found.last_segment
    if first is None or last is None:
        return ""
    return " ".join(s.text for s in segments if first <= s.index <= last)
