"""Words a recognizer is told to listen for: how many fit, and when it merely recites them.

Whisper reads them as if they had been said just before. Commas keep "Dr. Alvarez" apart from what
stands beside it, as they would in a text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final

BETWEEN: Final = ", "
_FEWEST = 3  # terms in a row; a caller may well name two
_WORD = re.compile(r"[^\W_]+")


def join_hotwords(terms: Sequence[str]) -> str:
    """The terms as a recognizer is told of them."""
    return BETWEEN.join(terms)


def count_fitting(terms: Sequence[str], tokens: Callable[[str], int], room: int) -> int:
    """How many of the first terms take no more tokens than there is room for."""
    return bisect_right(
        range(1, len(terms) + 1), room, key=lambda n: tokens(join_hotwords(terms[:n]))
    )


def is_recited(text: str, hotwords: str | None) -> bool:
    """True when a text is nothing but hotwords, three or more of them in the order of the list."""
    said = _plain(text)
    terms = [term for term in map(_plain, (hotwords or "").split(BETWEEN)) if term]
    if len(said) < _FEWEST:
        return False
    for first in range(len(terms)):
        words: list[str] = []
        for count, term in enumerate(terms[first:], 1):
            words += term
            if words != said[: len(words)]:
                break
            if words == said:
                return count >= _FEWEST
    return False


def _plain(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
