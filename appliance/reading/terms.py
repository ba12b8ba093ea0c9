"""Terms of the vocabulary: what may be one, and how many of them the recognizer has room for."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from appliance.errors import Refused
from appliance.facts.vocabulary import GROUPS

LONGEST: Final = 60  # characters of a term
LONGEST_NOTE: Final = 100
MOST_WORDS: Final = 6
# Of Whisper's window of 448 tokens, half less one is left for what to listen for.
ROOM: Final = 223
MOST_LISTENED: Final = 250  # terms; more than fit, as each takes a token and a comma

_BETWEEN: Final = ",;|<>"  # what parts terms from each other, in a list or for the recognizer
_SPACES = re.compile(r"\s+")
_PIECES = re.compile(r"\w+|[^\w\s]")
_LETTERS_A_TOKEN: Final = 2  # of names and products; words of every day take more


def read_term(text: str) -> str:
    """A typed term; raises Refused with what is wrong with it."""
    term = read_plain(text)
    if not any(sign.isalpha() for sign in term):
        raise Refused("a term is a word or a name; type one with letters")
    if len(term) > LONGEST or len(term.split()) > MOST_WORDS:
        raise Refused(
            f"a term has at most {LONGEST} characters and {MOST_WORDS} words; type the name alone"
        )
    if not term[0].isalnum():
        raise Refused("a term begins with a letter or a digit; leave out the sign before it")
    if any(sign in _BETWEEN for sign in term):
        raise Refused("a term has no commas, semicolons or brackets; give each term a line")
    return term


def read_note(text: str) -> str:
    """A typed "sounds like"; raises Refused with what is wrong with it."""
    note = read_plain(text)
    if len(note) > LONGEST_NOTE:
        raise Refused(f"how it sounds is told in at most {LONGEST_NOTE} characters")
    return note


def read_plain(text: str) -> str:
    """Text in one form with single blanks; raises Refused where it holds what nobody can see."""
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if any(unicodedata.category(sign)[0] == "C" for sign in plain):
        raise Refused("it holds signs that cannot be seen; type it instead of pasting it")
    return plain


def read_group(text: str) -> str:
    """The group of a term; raises Refused for another."""
    group = text.strip().casefold()
    if group not in GROUPS:
        raise Refused(f"there is no such group; choose one of: {', '.join(GROUPS)}")
    return group


def term_key(text: str) -> str:
    """What two ways of writing the same term have in common."""
    return unicodedata.normalize("NFC", text).casefold()


def estimate_tokens(term: str) -> int:
    """About how many tokens a term takes, rather too many: only the model itself can tell.

    A token for every two letters of a word, for every sign, and for the comma behind the term;
    letters beyond those of English count as two.
    """
    tokens = 1
    for piece in _PIECES.findall(term):
        letters = len(piece.encode())
        tokens += -(-letters // _LETTERS_A_TOKEN)
    return tokens


def count_fitting(terms: Sequence[str], room: int = ROOM) -> int:
    """How many of the first terms fit, by estimate; what follows one that does not is cut too."""
    for number, term in enumerate(terms):
        room -= estimate_tokens(term)
        if room < 0:
            return number
    return len(terms)
