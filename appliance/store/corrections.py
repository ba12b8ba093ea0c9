"""Corrections of transcripts: what people say was said, by whom, and who took the call.

A row is never changed but for being withdrawn and for whether it has a place; the segments hold
what follows from all that stand, and keep what was recognized beside it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.calls import Call
from appliance.facts.corrections import Correction, Place
from appliance.facts.speech import Segment
from appliance.reading.revising import Pairs, revise
from appliance.store.settings import get_settings
from appliance.store.transcripts import (
    MAX_SEGMENTS,
    hold_segment,
    list_heard,
    list_segments,
    quote,
)

LONGEST: Final = 1000  # characters of one line
LONGEST_NAME: Final = 40
SPEAKERS: Final = ("caller", "staff", "ivr", "unknown")

_GONE = "this correction was withdrawn meanwhile; look at the call again"
_PLACES = list[Place]
_SPACES = re.compile(r"\s+")


def list_corrections(db: Database, call_id: int) -> list[Correction]:
    """The corrections of a call that stand, the oldest first."""
    found = rows(
        db,
        "SELECT * FROM correction WHERE call_id = ? AND withdrawn_at IS NULL ORDER BY id",
        (call_id,),
    )
    return [_correction(r) for r in found]


def list_all(db: Database, call_id: int) -> list[tuple[Correction, str, datetime | None]]:
    """Every correction ever made of a call, with who withdrew it and when."""
    found = rows(db, "SELECT * FROM correction WHERE call_id = ? ORDER BY id", (call_id,))
    return [
        (_correction(r), r["withdrawn_by"], from_ms(r["withdrawn_at"]) if r["withdrawn_at"] else None)
        for r in found
    ]  # fmt: skip


def _correction(found: Row) -> Correction:
    fields = ("id", "kind", "was", "value", "by")
    return Correction(
        places=tuple(msgspec.json.decode(found["places"], type=_PLACES)),
        at=from_ms(found["at"]),
        placed=bool(found["placed"]),
        **{name: found[name] for name in fields},
    )


def correct_words(
    db: Database, call_id: int, segment: Segment, text: str, by: str, *, now: datetime
) -> None:
    """Keep what was really said in a line; "" where nothing was said. Inside ``writing()``."""
    said = read_line(text)
    place = Place(channel=segment.channel, start_ms=segment.start_ms, end_ms=segment.end_ms)
    _add(db, call_id, "words", (place,), segment.text, said, by, now)


def correct_speaker(
    db: Database, call_id: int, told: Sequence[tuple[Segment, str]], by: str, *, now: datetime
) -> None:
    """Keep who really speaks in some lines; one correction, so one undo. Inside ``writing()``."""
    if not told or not all(speaker in SPEAKERS for _, speaker in told):
        raise Refused("choose who speaks: caller, staff, an announcement, or cannot tell")
    places = tuple(
        Place(channel=s.channel, start_ms=s.start_ms, end_ms=s.end_ms, speaker=speaker)
        for s, speaker in told
    )
    first, speaker = told[0]
    _add(db, call_id, "speaker", places, first.speaker, speaker, by, now)


def correct_staff_name(
    db: Database, call_id: int, was: str, name: str, by: str, *, now: datetime
) -> None:
    """Keep who really took the call. Belongs inside ``writing()``."""
    said = read_name(name)
    _add(db, call_id, "staff_name", (), was, said, by, now)


def read_line(text: str) -> str:
    """A typed line without what cannot be said; raises Refused where it is too long."""
    line = _plain(text)
    if len(line) > LONGEST:
        raise Refused(f"a line has at most {LONGEST} characters; this has {len(line)}")
    return line


def read_name(name: str) -> str:
    """A typed name; raises Refused where it is none."""
    plain = _plain(name)
    if not any(sign.isalpha() for sign in plain) or len(plain) > LONGEST_NAME:
        raise Refused(f"type the name of a person, at most {LONGEST_NAME} characters")
    return plain


def _plain(text: str) -> str:
    """Without control characters and marks that turn the direction of what follows."""
    kept = (" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def _add(
    db: Database, call_id: int, kind: str, places: Iterable[Place], was: str, said: str, by: str,
    now: datetime,
) -> None:  # fmt: skip
    execute(
        db,
        "INSERT INTO correction (call_id, kind, places, was, value, by, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            call_id, kind, msgspec.json.encode(tuple(places)).decode(), was, said, by, to_ms(now),
        ),
    )  # fmt: skip
    settle_transcript(db, call_id)


def withdraw(db: Database, call_id: int, number: int, by: str, *, now: datetime) -> str:
    """Undo a correction; returns its kind. Raises NotFound where it does not stand (any more).

    Belongs inside ``writing()``.
    """
    found = row(
        db,
        "UPDATE correction SET withdrawn_at = ?, withdrawn_by = ?"
        " WHERE id = ? AND call_id = ? AND withdrawn_at IS NULL RETURNING kind",
        (to_ms(now), by, number, call_id),
    )
    if found is None:
        raise NotFound(_GONE)
    settle_transcript(db, call_id)
    return str(found["kind"])


def segments_to_hold(db: Database, call_id: int, pairs: Pairs) -> Sequence[Segment]:
    """What the segments of a call would hold by these pairs; changes nothing.

    Where nothing was ever corrected, without their words.
    """
    standing = list_corrections(db, call_id)
    other = "SELECT 1 FROM segment WHERE call_id = ? AND heard <> '' LIMIT 1"
    if not standing and not pairs and row(db, other, (call_id,)) is None:
        return quote(db, call_id, 0, MAX_SEGMENTS)
    return revise(list_heard(db, call_id), pairs, standing).segments


def settle_transcript(db: Database, call_id: int) -> int:
    """Let the segments hold what follows from all that stands; returns how many changed.

    After another recognition, attribution, correction, or another vocabulary. Inside ``writing()``.
    """
    standing = list_corrections(db, call_id)
    pairs = get_settings(db).replacements
    held = list_segments(db, call_id)
    if not standing and not pairs and not any(s.heard for s in held):
        return 0
    heard = [stored.heard or stored.holds for stored in held]
    revised = revise(heard, pairs, standing)
    for correction in standing:
        placed = correction.id not in revised.unplaced
        if placed != correction.placed:
            execute(db, "UPDATE correction SET placed = ? WHERE id = ?", (placed, correction.id))
    changed = 0
    for stored, original, now_holds in zip(held, heard, revised.segments, strict=True):
        changed += hold_segment(db, call_id, stored, original, now_holds)
    return changed


def with_staff_name(db: Database, call: Call) -> Call:
    """A call with the name of who took it as a person corrected it."""
    said = staff_name_of(db, call.id)
    return msgspec.structs.replace(call, staff_name=said) if said else call


def staff_name_of(db: Database, call_id: int) -> str:
    """Who took the call, if a person said so; else ""."""
    return str(
        value(
            db,
            "SELECT value FROM correction WHERE call_id = ? AND kind = 'staff_name'"
            " AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1",
            (call_id,),
        )
        or ""
    )


def list_staff_names(db: Database) -> list[str]:
    """The names people gave to those who took calls."""
    found = rows(
        db,
        "SELECT DISTINCT value FROM correction WHERE kind = 'staff_name'"
        " AND withdrawn_at IS NULL ORDER BY value",
    )
    return [r["value"] for r in found]


def list_word_changes(db: Database, limit: int = 100) -> list[tuple[str, str, int]]:
    """What is heard, what people say is meant, and in how many calls; most frequent first."""
    found = rows(
        db,
        "SELECT call_id, was, value FROM correction WHERE kind = 'words'"
        " AND withdrawn_at IS NULL AND value <> '' ORDER BY id DESC LIMIT 5000",
    )
    told = {
        (r["call_id"], heard.casefold(), meant)
        for r in found
        for heard, meant in _changes(r["was"].split(), r["value"].split())
    }
    counted = Counter((heard, meant) for _, heard, meant in told)
    return [(heard, meant, calls) for (heard, meant), calls in counted.most_common(limit)]


_MOST_WORDS: Final = 4  # of a name or a product; what is longer was not a word misheard
_SIGNS: Final = ".,;:!?\"'()…"


def _changes(was: Sequence[str], said: Sequence[str]) -> list[tuple[str, str]]:
    """The few words in a row that were replaced by others."""
    bare = [[word.strip(_SIGNS) for word in words] for words in (was, said)]
    keys = [[word.casefold() for word in words] for words in bare]
    changes = []
    for what, i, j, k, m in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if what == "replace" and j - i <= _MOST_WORDS and m - k <= _MOST_WORDS:
            changes.append((" ".join(bare[0][i:j]).strip(), " ".join(bare[1][k:m]).strip()))
    return [(heard, meant) for heard, meant in changes if heard and meant]
