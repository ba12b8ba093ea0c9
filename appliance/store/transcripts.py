"""Transcripts and their segments; triggers keep the search index true to the segments."""

from datetime import datetime

import msgspec

from appliance.db import Database, execute, row, rows, value
from appliance.facts import to_ms
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
    words = [(w.start_ms, w.end_ms, w.text, round(w.confidence, 3)) for w in segment.words]
    execute(
        db,
        "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            msgspec.json.encode(words).decode(),
        ),
    )


def get_transcript(db: Database, call_id: int) -> Transcript | None:
    """The transcript of a call, or None where there is none (yet)."""
    head = row(db, "SELECT * FROM transcript WHERE call_id = ?", (call_id,))
    if head is None:
        return None
    found = rows(db, "SELECT * FROM segment WHERE call_id = ? ORDER BY idx", (call_id,))
    return Transcript(
        language=head["language"],
        duration_ms=head["duration_ms"],
        provenance=msgspec.json.decode(head["provenance"], type=Provenance),
        segments=tuple(
            Segment(
                index=r["idx"],
                speaker=r["speaker"],
                speaker_why=r["speaker_why"],
                channel=r["channel"],
                start_ms=r["start_ms"],
                end_ms=r["end_ms"],
                confidence=r["confidence"],
                text=r["text"],
                words=tuple(
                    Word(start_ms=s, end_ms=e, text=t, confidence=c)
                    for s, e, t, c in msgspec.json.decode(r["words"], type=_WORDS)
                ),
            )
            for r in found
        ),
    )


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
            "UPDATE segment SET speaker = ?, speaker_why = ? WHERE call_id = ? AND idx = ?",
            (speaker, why, call_id, index),
        )
