"""What the neighbors of a name say of it: votes for a person, a pet, staff or a place."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from appliance.reading.plain import words
from appliance.reading.redaction_cues import (
    PERSON,
    PET,
    STAFF,
    asked_for,
    asks_staff,
    cues_after,
    cues_before,
    names_relative,
)
from appliance.reading.redaction_tokens import Talk
from appliance.reading.redaction_words import CLINIC_WORDS

_BACK: Final = 8  # words looked at before a name
_ON: Final = 6  # and behind it
_OPENING: Final = 40  # words in which somebody says who picked up
_ANSWERS: Final = 3  # lines in which a question for a name may be answered
_AFTER_GREETING: Final = words(
    "speaking speakin' how here can may good thanks what what's hi hello is are this thank"
)
_GREETINGS: Final = ("for calling", "how can", "how may", "speaking", "help you", "can i help")
Votes = defaultdict[str, float]


def no_votes() -> Votes:
    """Nothing said yet."""
    return defaultdict(float)


class Mention(NamedTuple):
    """One place where a name may be said, with what its neighbors say of it."""

    first: int
    last: int
    keys: tuple[str, ...]
    votes: Votes
    speaker: str
    before: str
    after: str
    asked: Mapping[str, float]
    greets: bool


def weigh_mention(talk: Talk, first: int, last: int) -> Mention:
    """What the neighbors of a range of tokens say of it."""
    speaker = "staff" if picks_up(talk, first) else talk.speaker(first)
    votes = no_votes()
    before = text_before(talk, first)
    untitled = before.removesuffix(" miss").removesuffix(" mister").removesuffix(" ms")
    for text in {before, untitled}:
        for code, weight in cues_before(text, speaker):
            votes[code] = max(votes[code], weight)
    after, asked = text_after(talk, last), answering(talk, first)
    for code, weight in cues_after(after, speaker):
        votes[code] += weight
    for code, weight in asked.items():
        votes[code] += weight
    if (
        votes[PET]
        and names_relative(talk.words(max(talk.bounds(first)[0], first - 12), first))
        and talk.plain[first - 1] in ("'s", "is", "he's", "she's", "hes", "shes")
    ):
        votes[PERSON] += votes.pop(PET)
    greeted = greets(talk, first, last)
    votes[STAFF] += 3 * greeted
    keys = tuple(talk.plain[first:last])
    return Mention(first, last, keys, votes, speaker, before, after, asked, greeted)


def picks_up(talk: Talk, at: int) -> bool:
    """Whether a line is a greeting of the desk, whoever is said to speak it."""
    line = talk.tokens[at].line
    if line > 3:
        return False
    first = talk.ranges[line][0]
    last = min(talk.ranges[line][1], first + _OPENING)
    text = talk.words(first, last)
    clinic = any(word in CLINIC_WORDS for word in talk.plain[first:last])
    return clinic and any(said in text for said in _GREETINGS)


def text_before(talk: Talk, at: int) -> str:
    """The words before a place, with commas and full stops as words of their own."""
    first = max(talk.bounds(at)[0], at - _BACK)
    parts: list[str] = []
    for place in range(first, at + 1):
        token = talk.tokens[place]
        if place > talk.bounds(at)[0]:
            parts += [
                mark for mark in (".", ",") if (token.opens if mark == "." else "," in token.gap)
            ]
        if place < at:
            parts.append(token.plain)
    return " ".join(parts)


def text_after(talk: Talk, at: int) -> str:
    """The words behind a place in the same way."""
    last = min(talk.bounds(at - 1)[1], at + _ON)
    parts: list[str] = []
    for place in range(at, last):
        token = talk.tokens[place]
        parts += [mark for mark in (".", ",") if (token.opens if mark == "." else "," in token.gap)]
        parts.append(token.plain)
    return " ".join(parts)


def answering(talk: Talk, at: int) -> Mapping[str, float]:
    """Votes of a question for a name that this line may answer."""
    line, speaker = talk.tokens[at].line, talk.speaker(at)
    first = talk.bounds(at)[0]
    for back in range(line - 1, max(-1, line - 1 - _ANSWERS), -1):
        begin, end = talk.ranges[back]
        codes = asked_for(talk.words(max(begin, end - 40), end))
        if codes and talk.segments[back].speaker != speaker:
            if speaker != "staff":
                return _expected(talk, first, at, codes)
            asked = asks_staff(talk.words(begin, end))
            return {STAFF: 2.5} if asked and at - first < 6 else {}
        if end - begin > 2 and talk.segments[back].speaker != speaker:
            break
    return {}


def _expected(talk: Talk, first: int, at: int, codes: tuple[str, ...]) -> Mapping[str, float]:
    """What a name at a place of an answer is; the first name answers the first question."""
    place = sum(
        1 for w in range(first + 1, at)
        if talk.plain[w] in ("and", "for", "with", "it", "he", "she", "he's", "she's", "its", "my")
        and w > first + 2
    )  # fmt: skip
    if place < len(codes):
        return {codes[place]: 2.5 if at - first < 12 else 1.0}
    return {PET: 1.5}


def greets(talk: Talk, first: int, last: int) -> bool:
    """Whether somebody says who picked up: "Erie Shores Veterinary, Paulette", "Tiff speaking"."""
    line = talk.tokens[first].line
    if line > 6:
        return False
    begin = max(talk.ranges[line][0], first - _OPENING)
    end = min(talk.ranges[line][1], last + _OPENING)
    before = talk.words(begin, first)
    opening = any(word in CLINIC_WORDS for word in talk.plain[begin:end]) or line <= 1
    told = any(word in CLINIC_WORDS for word in talk.plain[begin:first])
    if talk.speaker(first) == "caller" and line and not (told and line < 3):
        return False
    said = before.endswith(("this is", "you've got", "my name is", "you got", "i'm", "reached"))
    said = said or talk.words(last, end)[:12].startswith(("speaking", "here", "how can", "how may"))
    behind = first > begin and talk.plain[first - 1] in CLINIC_WORDS
    behind = behind and talk.speaker(first) != "caller"
    alone = last == end or talk.cased or talk.plain[last] in _AFTER_GREETING
    return opening and (said or (behind and alone))
