"""Recordings: what is sealed where, under which wrapped key, and what the decoder learned."""

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound
from appliance.facts import Fact
from appliance.facts.calls import FoundRecording, Recording


class Sealed(Fact, frozen=True, kw_only=True):
    """A recording that now lies in the vault."""

    recording_id: int
    digest: str
    size: int
    file: str
    wrapped_key: bytes
    problem: str = ""


class Listened(Fact, frozen=True, kw_only=True):
    """What decoding a recording told; ``peaks`` is the waveform (appliance.audio.peaks)."""

    recording_id: int
    codec: str
    rate: int
    channels: int
    duration_ms: int
    peaks: bytes
    playable_file: str
    playable_type: str
    problem: str = ""


def list_recordings(db: Database, call_id: int) -> list[Recording]:
    """The recordings of a call in the order of their legs."""
    return [
        _recording(r)
        for r in rows(db, "SELECT * FROM recording WHERE call_id = ? ORDER BY leg", (call_id,))
    ]


def get_recording(db: Database, ref: str) -> Recording:
    """One recording by its reference; raises NotFound."""
    found = row(db, "SELECT * FROM recording WHERE ref = ?", (ref,))
    if found is None:
        raise NotFound("there is no such recording; it may have been erased")
    return _recording(found)


def found_recording(db: Database, recording_id: int) -> FoundRecording:
    """The recording as its connector pointed at it."""
    found = row(db, "SELECT * FROM recording WHERE id = ?", (recording_id,))
    if found is None:
        raise NotFound("there is no such recording; it may have been erased")
    return FoundRecording(
        locator=found["locator"],
        name=found["name"],
        size=found["size"],
        modified_ns=found["modified_ns"],
        container_hint=found["container_hint"],
        rate_hint=found["rate_hint"],
        channels_hint=found["channels_hint"],
        channel_map=_map(found["channel_map"]),
    )


def save_sealed(db: Database, sealed: Sealed) -> None:
    """Note where a recording lies and under which key."""
    execute(
        db,
        "UPDATE recording SET digest = ?, file = ?, wrapped_key = ?, problem = ? WHERE id = ?",
        (sealed.digest, sealed.file, sealed.wrapped_key, sealed.problem, sealed.recording_id),
    )


def save_listened(db: Database, heard: Listened) -> None:
    """Note what decoding told."""
    execute(
        db,
        "UPDATE recording SET codec = ?, rate = ?, channels = ?, duration_ms = ?, peaks = ?,"
        " playable_file = ?, playable_type = ?, problem = ? WHERE id = ?",
        (
            heard.codec,
            heard.rate,
            heard.channels,
            heard.duration_ms,
            heard.peaks,
            heard.playable_file,
            heard.playable_type,
            heard.problem,
            heard.recording_id,
        ),
    )


def original_of(db: Database, digest: str, call_id: int) -> int | None:
    """The call that already holds the very same recording, if it is another one."""
    found = value(
        db,
        "SELECT r.call_id FROM recording r JOIN call c ON c.id = r.call_id"
        " WHERE r.digest = ? AND r.call_id <> ? AND r.file <> '' AND c.duplicate_of IS NULL"
        " ORDER BY r.call_id LIMIT 1",
        (digest, call_id),
    )
    return None if found is None else int(found)


def forget_files(db: Database, call_id: int) -> list[str]:
    """Destroy the keys of a call's recordings and return the file names that are now garbage."""
    files = [
        name
        for r in rows(db, "SELECT file, playable_file FROM recording WHERE call_id=?", (call_id,))
        for name in (r["file"], r["playable_file"])
        if name
    ]
    execute(
        db,
        "UPDATE recording SET file = '', playable_file = '', wrapped_key = x'', peaks = NULL"
        " WHERE call_id = ?",
        (call_id,),
    )
    return files


def peaks_of(db: Database, recording_id: int) -> bytes:
    """The waveform of a recording; empty before it was decoded."""
    return bytes(value(db, "SELECT peaks FROM recording WHERE id = ?", (recording_id,)) or b"")


def known_files(db: Database) -> set[str]:
    """Every file name the database knows, for the sweep."""
    return {
        name
        for r in rows(db, "SELECT file, playable_file FROM recording")
        for name in (r["file"], r["playable_file"])
        if name
    }


def _map(text: str | None) -> dict[str, str] | None:
    return msgspec.json.decode(text, type=dict[str, str]) if text else None


def _recording(found: Row) -> Recording:
    return Recording(
        id=found["id"],
        ref=found["ref"],
        call_id=found["call_id"],
        leg=found["leg"],
        name=found["name"],
        container_hint=found["container_hint"],
        rate_hint=found["rate_hint"],
        channels_hint=found["channels_hint"],
        channel_map=_map(found["channel_map"]),
        digest=found["digest"],
        size=found["size"],
        file=found["file"],
        wrapped_key=found["wrapped_key"],
        codec=found["codec"],
        rate=found["rate"],
        channels=found["channels"],
        duration_ms=found["duration_ms"],
        playable_file=found["playable_file"],
        playable_type=found["playable_type"],
        problem=found["problem"],
    )
