"""Names of clinics and other businesses, which are no personal data, and who picks up the phone."""

from collections.abc import Iterable
from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_tokens import PASSED, Marks, Talk
from appliance.reading.redaction_words import CLINIC_WORDS, ORDINARY

_JOINS: Final = words("and & of for the at")
_LEFT: Final = 4  # words of a name in front of its first clinic word
_OPENING: Final = 6  # lines in which somebody picks up
_BEFORE_NAME: Final = words(
    "calling this is are reached to from with at the a an my your our by for in and hello hi welcome "
    "over good morning afternoon evening thanks thank"
)
_GREETING: Final = words("speaking speakin' here what what's how may can good hello hi thanks")
_HELD: Final = words("dr doctor doc mr mrs ms miss")


def pass_clinics(talk: Talk, marks: Marks, names: Iterable[str]) -> None:
    """Pass over what the clinic and other businesses are called."""
    for name in names:
        _pass_known(talk, marks, [w for w in name.casefold().replace("’", "'").split() if w])
    for line in range(len(talk.ranges)):
        first, last = talk.ranges[line]
        for at in range(first, last):
            if talk.plain[at] in CLINIC_WORDS and _written(talk, at):
                begin = _begin(talk, at, first)
                if begin < at:
                    marks.put(begin, at + 1, PASSED)
    _pass_opening(talk, marks)


def _pass_known(talk: Talk, marks: Marks, name: list[str]) -> None:
    if not name:
        return
    for at, word in enumerate(talk.plain):
        end = at + len(name)
        if word == name[0] and talk.plain[at:end] == name and end <= talk.bounds(at)[1]:
            marks.put(at, end, PASSED)


def _written(talk: Talk, at: int) -> bool:
    return talk.tokens[at].capital or not talk.cased


def _begin(talk: Talk, at: int, first: int) -> int:
    """Where the name begins that ends with a clinic word."""
    begin = at
    while begin > first and at - begin < _LEFT and not talk.tokens[begin].opens:
        word, token = talk.plain[begin - 1], talk.tokens[begin - 1]
        if "," in talk.tokens[begin].gap or word in _HELD:
            break
        if talk.cased:
            joined = word in _JOINS and talk.tokens[max(first, begin - 2)].capital
            if not (token.capital or (joined and word in ("and", "of"))):
                break
        elif word in _BEFORE_NAME or (word in ORDINARY and at - begin >= 2):
            break
        begin -= 1
    return begin


def _pass_opening(talk: Talk, marks: Marks) -> None:
    """The first words of who picks up, where a name follows: "Briar Hollow, this is Denise"."""
    for line in range(min(_OPENING, len(talk.ranges))):
        first, last = talk.ranges[line]
        if first == last or talk.segments[line].speaker == "caller":
            continue
        end = first
        while end < last and end - first < 5 and (end == first or "," not in talk.tokens[end].gap):
            if talk.tokens[end].opens and end > first:
                break
            end += 1
        follows = talk.plain[end : end + 2] in (["this", "is"], ["you've", "got"])
        spoken = end + 1 < last and talk.plain[end + 1] in _GREETING
        if talk.cased and end < last and (follows or spoken) and talk.plain[first] not in ORDINARY:
            marks.put(first, end, PASSED)
