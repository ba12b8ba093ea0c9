"""Transcripts and their segments; triggers keep the search index true to the segments."""

from datetime import datetime

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.facts import Fact, to_ms
from appliance.facts.speech import Provenance, Segment, Transcript, Word

MAX_SEGMENTS = 4096
_WORDS = list[tuple[int, int, str, float]]


def segment_id(started_ms: int, call_id: int, index: int) -> int:
    """A number that orders segments by the start of their call, then by call and place.

    32 bits of seconds, 19 of the call's number, 12 of the place: newest first is then simply
    descending order, whatever the order in which calls were transcribed.
    """
    return ((started_ms // 1000) & 0xFFFFFFFF) << 31 | (call_id & 0x7FFFF) << 12 | index


def save_transcript(db: Database, call_id: int, transcript: Transcript, *, now: datetime) -> None:
    """Put a transcript in place of what was there; belongs inside ``writing()``."""
    started = int(value(db, "SELECT started_at FROM call WHERE id = ?", (call_id,)))
    execute(db, "DELETE FROM segment WHERE call_id = ?", (call_id,))
    execute(
        db,
        "INSERT OR REPLACE INTO transcript VALUES (?, ?, ?, ?, ?)",
        (
            call_id,
            transcript.language,
            transcript.duration_ms,
            msgspec.json.encode(transcript.provenance).decode(),
            to_ms(now),
        ),
    )
    for segment in transcript.segments[:MAX_SEGMENTS]:
        _insert(db, call_id, started, segment)


def _insert(db: Database, call_id: int, started_ms: int, segment: Segment) -> None:
    execute(
        db,
        "INSERT INTO segment (id, call_id, idx, speaker, speaker_why, channel, start_ms, end_ms,"
        " confidence, text, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            segment_id(started_ms, call_id, segment.index),
            call_id,
            segment.index,
            segment.speaker,
            segment.speaker_why,
            segment.channel,
            segment.start_ms,
            segment.end_ms,
            round(segment.confidence, 3),
            segment.text,
            _encode_words(segment),
        ),
    )


def _encode_words(segment: Segment) -> str:
    words = [(w.start_ms, w.end_ms, w.text, round(w.confidence, 3)) for w in segment.words]
    return msgspec.json.encode(words).decode()


def last_options(db: Database) -> dict[str, str | int | float | bool]:
    """With what options the newest call with words was recognized; empty where there is none."""
    newest = "SELECT call_id FROM segment ORDER BY id DESC LIMIT 1"
    told = value(db, f"SELECT provenance FROM transcript WHERE call_id = ({newest})")
    return msgspec.json.decode(told, type=Provenance).options if told else {}


def get_transcript(db: Database, call_id: int) -> Transcript | None:
    """The transcript of a call, or None where there is none (yet)."""
    head = row(db, "SELECT * FROM transcript WHERE call_id = ?", (call_id,))
    if head is None:
        return None
    return Transcript(
        language=head["language"],
        duration_ms=head["duration_ms"],
        provenance=msgspec.json.decode(head["provenance"], type=Provenance),
        segments=tuple(stored.holds for stored in list_segments(db, call_id)),
    )


class Stored(Fact, frozen=True, kw_only=True):
    """A segment as it holds; ``heard`` is what was recognized where that is something else."""

    holds: Segment
    heard: Segment | None = None


def list_segments(db: Database, call_id: int) -> list[Stored]:
    """The segments of a call in their order, with what was recognized."""
    found = rows(db, "SELECT * FROM segment WHERE call_id = ? ORDER BY idx", (call_id,))
    return [_stored(r) for r in found]


def list_heard(db: Database, call_id: int) -> list[Segment]:
    """The segments of a call as they were recognized and attributed."""
    return [stored.heard or stored.holds for stored in list_segments(db, call_id)]


def _stored(r: Row) -> Stored:
    holds = Segment(
        index=r["idx"],
        speaker=r["speaker"],
        speaker_why=r["speaker_why"],
        channel=r["channel"],
        start_ms=r["start_ms"],
        end_ms=r["end_ms"],
        confidence=r["confidence"],
        text=r["text"],
        words=_decode_words(r["words"]),
    )
    if not r["heard"]:
        return Stored(holds=holds)
    was = msgspec.json.decode(r["heard"], type=_Heard)
    return Stored(
        holds=holds,
        heard=msgspec.structs.replace(
            holds, text=was.text, words=_decode_words(was.words), speaker=was.speaker,
            speaker_why=was.speaker_why,
        ),
    )  # fmt: skip


def _decode_words(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(start_ms=s, end_ms=e, text=t, confidence=c)
        for s, e, t, c in msgspec.json.decode(text, type=_WORDS)
    )


class _Heard(msgspec.Struct, frozen=True):
    """What was recognized, as it is kept beside what holds."""

    text: str
    words: str
    speaker: str
    speaker_why: str


def hold_segment(
    db: Database, call_id: int, stored: Stored, heard: Segment, holds: Segment
) -> bool:
    """Let a segment hold this, and keep what was heard beside it; returns whether it changed."""
    same = _told(holds) == _told(heard)
    if _told(holds) == _told(stored.holds) and same == (stored.heard is None):
        return False
    was = _Heard(heard.text, _encode_words(heard), heard.speaker, heard.speaker_why)
    execute(
        db,
        "UPDATE segment SET text = ?, words = ?, speaker = ?, speaker_why = ?, heard = ?"
        " WHERE call_id = ? AND idx = ?",
        (
            *_told(holds), "" if same else msgspec.json.encode(was).decode(), call_id, holds.index,
        ),
    )  # fmt: skip
    return True


def _told(segment: Segment) -> tuple[str, str, str, str]:
    return segment.text, _encode_words(segment), segment.speaker, segment.speaker_why


def quote(db: Database, call_id: int, first: int, last: int) -> tuple[Segment, ...]:
    """The sentences first to last, without their words: for showing a few of many calls."""
    found = rows(
        db,
        "SELECT idx, speaker, speaker_why, channel, start_ms, end_ms, confidence, text"
        " FROM segment WHERE call_id = ? AND idx BETWEEN ? AND ? ORDER BY idx",
        (call_id, first, last),
    )
    return tuple(Segment(index=r.pop("idx"), **r) for r in found)


def save_speakers(db: Database, call_id: int, speakers: dict[int, tuple[str, str]]) -> None:
    """Note who speaks in each segment and how that is known: {index: (speaker, why)}."""
    for index, (speaker, why) in speakers.items():
        execute(
            db,
            "UPDATE segment SET speaker = ?, speaker_why = ?, heard = iif(heard = '', '',"
            " json_set(heard, '$.speaker', ?, '$.speaker_why', ?)) WHERE call_id = ? AND idx = ?",
            (speaker, why, speaker, why, call_id, index),
        )
