"""A small notation for phrases, and its translation into one expression per table row.

    book/schedule/make ~ appointment/visit    alternatives, and a gap of up to three words
    fully_booked                              words that belong together
    vaccin*                                   any ending
    [really] sorry                            may be missing
    <day> at <time>                           a class of the lexicon
    ~~                                        a gap of up to eight words

Phrases are looked for in plain words (see ``plain``), so they have no capitals or punctuation.
"""

import re
from collections.abc import Iterable
from functools import cache

from appliance.reading.lexicon import CLASSES

_NEGATION = re.compile(r" (?:no|not|never|without|nothing|neither|nor)(?: \S+){0,3}$")


def phrase(notation: str) -> str:
    """The regular expression of one phrase; it begins with the blank before its first word."""
    return "".join(_element(part) for part in notation.split()) + "(?= )"


@cache
def _class(name: str) -> str:
    return "(?:" + "|".join(_words(word) for word in CLASSES[name].split()) + ")"


def _element(part: str) -> str:
    if part == "~":
        return r"(?: \S+){0,3}?"
    if part == "~~":
        return r"(?: \S+){0,8}?"
    if part.startswith("["):
        return f"(?:{_element(part.strip('[]'))})?"
    return " (?:" + "|".join(_words(word) for word in part.split("/")) + ")"


def _words(word: str) -> str:
    if word.startswith("<"):
        return _class(word.strip("<>"))
    return re.escape(word).replace("_", " ").replace(r"\*", r"\S*").replace("%d", r"\d+")


def phrases(table: Iterable[str]) -> re.Pattern[str]:
    """One expression that finds any of the phrases, one per line or item."""
    lines = [line.strip() for item in table for line in item.splitlines()]
    return re.compile("|".join(f"(?:{phrase(line)})" for line in lines if line))


def affirmed(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the pattern occurs at least once without a "no" or "not" shortly before it."""
    return any(not _NEGATION.search(text[: found.start()]) for found in pattern.finditer(text))
