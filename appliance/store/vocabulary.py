"""The clinic's words: the terms the recognizer listens for, in the order in which they matter."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.vocabulary import Line, Term
from appliance.reading.terms import MOST_LISTENED, read_group, read_note, read_term, term_key

MOST_TERMS: Final = 20_000
LATELY: Final = timedelta(days=90)  # words heard before that say little about the calls of today

_RANKED = "ORDER BY pinned DESC, place, heard DESC, key, id"
_GONE = "this term was removed meanwhile; look at the list again"
_CHANGED = "this term was changed meanwhile; look at it again"
_FULL = f"the vocabulary holds {MOST_TERMS:,} terms at most; remove some first"


def list_listened(db: Database) -> tuple[str, ...]:
    """The terms that matter most, each once: more than a recognizer has room for."""
    found = rows(db, f"SELECT text, key FROM term {_RANKED} LIMIT {MOST_LISTENED}")
    first: dict[str, str] = {}
    for each in found:
        first.setdefault(each["key"], each["text"])
    return tuple(first.values())


def list_names(db: Database, group: str) -> list[str]:
    """The terms of a group as they are written, in order of the alphabet."""
    return [
        r["text"]
        for r in rows(db, "SELECT text FROM term WHERE kind = ? ORDER BY key", (group,))
    ]  # fmt: skip


def list_terms(
    db: Database, *, group: str = "", text: str = "", skip: int = 0, limit: int = 100
) -> list[Term]:
    """Terms of a group that hold a text, those that matter most first."""
    where, params = _where(group, text)
    found = rows(
        db, f"SELECT * FROM term WHERE {where} {_RANKED} LIMIT ? OFFSET ?", (*params, limit, skip)
    )
    return [_term(r) for r in found]


def count_terms(db: Database, *, group: str = "", text: str = "") -> int:
    """How many there are."""
    where, params = _where(group, text)
    return int(value(db, f"SELECT count(*) FROM term WHERE {where}", params))


def count_groups(db: Database) -> dict[str, int]:
    """How many terms each group has."""
    found = rows(db, "SELECT kind, count(*) AS terms FROM term GROUP BY kind")
    return {r["kind"]: r["terms"] for r in found}


def _where(group: str, text: str) -> tuple[str, tuple[str, ...]]:
    parts, params = ["1"], []
    if group:
        parts.append("kind = ?")
        params.append(group)
    if text:
        parts.append("instr(key, ?)")
        params.append(term_key(text))
    return " AND ".join(parts), tuple(params)


def get_term(db: Database, number: int) -> Term:
    """One term; raises NotFound."""
    found = row(db, "SELECT * FROM term WHERE id = ?", (number,))
    if found is None:
        raise NotFound(_GONE)
    return _term(found)


def _term(found: Row) -> Term:
    return Term(
        group=found["kind"],
        pinned=bool(found["pinned"]),
        added_at=from_ms(found["added_at"]),
        **{name: found[name] for name in ("id", "text", "note", "heard", "added_by")},
    )


def check_term(group: str, text: str, note: str = "", *, pinned: bool = False) -> Term:
    """A typed term; raises Refused with what is wrong with it."""
    return Term(
        group=read_group(group), text=read_term(text), note=read_note(note), pinned=pinned
    )  # fmt: skip


def add_term(db: Database, term: Term, by: str, *, now: datetime) -> int:
    """Keep a term; returns its number, raises Refused where it is there. Inside ``writing()``."""
    if count_terms(db) >= MOST_TERMS:
        raise Refused(_FULL)
    if not _insert(db, term, by, now):
        raise Refused("this term stands in this group already")
    return int(value(db, "SELECT last_insert_rowid()"))


def add_terms(db: Database, terms: Sequence[Term], by: str, *, now: datetime) -> int:
    """Keep those that are new, and return how many were; all or nothing. Inside ``writing()``."""
    added = sum(_insert(db, term, by, now) for term in terms)
    if count_terms(db) > MOST_TERMS:
        raise Refused(_FULL)
    return added


def _insert(db: Database, term: Term, by: str, now: datetime) -> int:
    return execute(
        db,
        "INSERT OR IGNORE INTO term (kind, text, key, note, pinned, added_by, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            term.group, term.text, term_key(term.text), term.note, int(term.pinned), by, to_ms(now),
        ),
    )  # fmt: skip


def change_term(db: Database, number: int, was: str, term: Term) -> None:
    """Put a term in place of what a person saw there. Inside ``writing()``.

    Raises NotFound where it is gone, Refused where somebody changed it or the group has it already.
    """
    before = get_term(db, number)
    if seen_of(before) != was:
        raise Refused(_CHANGED)
    key = term_key(term.text)
    same = "SELECT 1 FROM term WHERE kind = ? AND key = ? AND id <> ?"
    if value(db, same, (term.group, key, number)):
        raise Refused("this term stands in this group already")
    heard = before.heard if key == term_key(before.text) else 0
    execute(
        db,
        "UPDATE term SET kind = ?, text = ?, key = ?, note = ?, pinned = ?, heard = ? WHERE id = ?",
        (term.group, term.text, key, term.note, int(term.pinned), heard, number),
    )


def seen_of(term: Term) -> str:
    """What a person who changes a term looks at; sent back with the change."""
    return "|".join((term.group, term.text, term.note, str(int(term.pinned))))


def pin_term(db: Database, number: int, pinned: bool) -> None:
    """Put a term before all others, or back among them. Inside ``writing()``."""
    if not execute(db, "UPDATE term SET pinned = ? WHERE id = ?", (int(pinned), number)):
        raise NotFound(_GONE)


def remove_term(db: Database, number: int) -> None:
    """Listen for it no more; raises NotFound where it is gone. Inside ``writing()``."""
    if not execute(db, "DELETE FROM term WHERE id = ?", (number,)):
        raise NotFound(_GONE)


def find_term(db: Database, group: str, text: str) -> Term | None:
    """The term of a group that is written so, whatever the case."""
    found = row(db, "SELECT * FROM term WHERE kind = ? AND key = ?", (group, term_key(text)))
    return _term(found) if found else None


def known_keys(db: Database) -> set[tuple[str, str]]:
    """Group and key of all terms."""
    return {(r["kind"], r["key"]) for r in rows(db, "SELECT kind, key FROM term")}


def split_lines(
    db: Database, lines: Iterable[Line]
) -> tuple[list[Term], list[Line], list[Line]]:  # fmt: skip
    """The lines of a list by what becomes of them: new terms, doubles, and what is refused."""
    known = known_keys(db)
    new, doubles, refused = list[Term](), list[Line](), list[Line]()
    for line in lines:
        if line.term is None:
            refused.append(line)
            continue
        key = (line.term.group, term_key(line.term.text))
        if key in known:
            doubles.append(line)
        else:
            known.add(key)
            new.append(line.term)
    return new, doubles, refused


def list_uncounted(db: Database, after: int, limit: int) -> list[tuple[int, str]]:
    """The next terms to be counted, as number and text."""
    found = rows(
        db, "SELECT id, text FROM term WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
    )  # fmt: skip
    return [(r["id"], r["text"]) for r in found]


def save_counts(db: Database, counts: Iterable[tuple[int, str, int]]) -> None:
    """Note in how many lines terms stood, where they are still written so. Inside ``writing()``."""
    for number, text, heard in counts:
        execute(
            db, "UPDATE term SET heard = ? WHERE id = ? AND text = ?", (heard, number, text)
        )  # fmt: skip
