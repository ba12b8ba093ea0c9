"""Words the clinic might want in its vocabulary: out of corrections, and out of the phone system."""

from datetime import datetime
from typing import Final

from appliance.db import Database, execute, rows
from appliance.errors import Refused
from appliance.facts import Fact, to_ms
from appliance.reading.pairs import pair_key, read_pair
from appliance.reading.terms import read_term, term_key
from appliance.store import corrections, vocabulary
from appliance.store.replacements import list_pairs

MOST_SHOWN: Final = 50
_EXTENSION: Final = "extension"
_CHANGE: Final = "change"


class Suggestion(Fact, frozen=True, kw_only=True):
    """A name to listen for (``heard`` is ""), or a pair; ``calls`` where it was corrected so."""

    kind: str
    heard: str = ""
    meant: str
    calls: int = 0


def list_suggestions(db: Database) -> list[Suggestion]:
    """What is neither in the vocabulary nor dismissed, corrections first."""
    gone = {r["key"] for r in rows(db, "SELECT key FROM word_dismissed")}
    found = (*_from_corrections(db), *_from_phones(db))
    return [s for s in found if key_of(s) not in gone][:MOST_SHOWN]


def word_changes(db: Database) -> list[tuple[str, str, int]]:
    """What people corrected: heard, meant, and in how many calls."""
    return corrections.list_word_changes(db)


def _from_corrections(db: Database) -> list[Suggestion]:
    """Changes that would do as a replacement beside those there are."""
    pairs = list_pairs(db)
    return [
        Suggestion(kind=_CHANGE, heard=heard, meant=meant, calls=calls)
        for heard, meant, calls in word_changes(db)
        if _holds(heard, meant, pairs)
    ]


def _holds(heard: str, meant: str, pairs: tuple[tuple[str, str], ...]) -> bool:
    try:
        read_pair(heard, meant, pairs)
    except Refused:
        return False
    return True


def _from_phones(db: Database) -> list[Suggestion]:
    """Names of extensions that are in no group yet."""
    known = {key for _, key in vocabulary.known_keys(db)}
    found = rows(db, "SELECT name FROM staff ORDER BY name")
    names = (r["name"] for r in found if term_key(r["name"].strip()) not in known)
    return [Suggestion(kind=_EXTENSION, meant=name) for name in names if _is_term(name)]


def _is_term(name: str) -> bool:
    try:
        return bool(read_term(name))
    except Refused:
        return False


def key_of(suggestion: Suggestion) -> str:
    """By what a suggestion is remembered when nobody wants it."""
    return "|".join((suggestion.kind, pair_key(suggestion.heard), pair_key(suggestion.meant)))


def dismiss(db: Database, suggestion: Suggestion, by: str, *, now: datetime) -> None:
    """Never suggest it again. Belongs inside ``writing()``."""
    execute(
        db,
        "INSERT OR IGNORE INTO word_dismissed VALUES (?, ?, ?)",
        (key_of(suggestion), by, to_ms(now)),
    )
