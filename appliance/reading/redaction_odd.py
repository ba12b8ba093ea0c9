"""Which words are ordinary speech, whatever their ending; the others may be names."""

from typing import Final

from appliance.reading.redaction_numbers import DIGITS, TEENS, TENS
from appliance.reading.redaction_words import CLINIC_WORDS, ORDINARY, PROPER

NUMBERS: Final = frozenset((*DIGITS, *TEENS, *TENS))
_TAILS: Final = (
    ("ing", ("", "e")), ("in", ("", "e")), ("in'", ("", "e")), ("ed", ("", "e")), ("s", ("",)),
    ("es", ("",)), ("er", ("", "e")), ("ly", ("",)), ("est", ("", "e")), ("n't", ("",)),
    ("ies", ("y",)), ("y", ("", "e")), ("ness", ("",)), ("ful", ("",)), ("less", ("",)),
)  # fmt: skip


def is_odd(word: str) -> bool:
    """Whether a word is not one of every day, nor built from one."""
    if not word.isalpha() or word in ORDINARY or word in PROPER or word in CLINIC_WORDS:
        return False
    return word not in NUMBERS and not is_bent(word)


def is_bent(word: str) -> bool:
    """Whether a word is an ordinary one with an ending, doubled letters included, or a contraction."""
    if "'" in word and word.partition("'")[0] in ORDINARY | {"i"}:
        return True
    for tail, forms in _TAILS:
        stem = word.removesuffix(tail)
        if stem == word or len(stem) < 3:
            continue
        if any(stem + form in ORDINARY for form in forms):
            return True
        if stem[-1] == stem[-2] and stem[:-1] in ORDINARY:
            return True
    return False
