"""Transcribe: decode the sealed recordings in the cage and turn speech into words."""

import hashlib
import io
import os
import wave
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from appliance import __version__, audio
from appliance.db import Database
from appliance.errors import Unusable
from appliance.facts import Fact
from appliance.facts.calls import Recording
from appliance.facts.speech import Provenance, Transcript
from appliance.reading.redaction_cards import hide_cards
from appliance.store import calls, corrections, recordings, settings, transcripts, vocabulary
from appliance.store.recordings import Listened
from appliance.tools import Tools
from models.echo import is_doubled
from models.hotwords import join_hotwords

LANE = "speech"
PLAYABLE = "play"  # the second sealed file of a recording is bound to "<ref>.play"

Sound = NDArray[np.int16]  # (channels, samples) at 16 kHz


class Heard(Fact, frozen=True, kw_only=True):
    """What was said, and what decoding told of each recording."""

    call_id: int
    listened: tuple[Listened, ...]
    transcript: Transcript | None


def work(db: Database, tools: Tools, call_id: int) -> Heard:
    """Listen to all recordings of a call as one.

    A recording that cannot be decoded is noted as such; the call goes on without it. Raises
    Tampered when a sealed file is not what was written. Nobody listens to a call that a rule
    keeps from being analyzed: it is only made fit to be played.
    """
    takes: list[tuple[Recording, audio.Decoded]] = []
    listened: list[Listened] = []
    for recording in recordings.list_recordings(db, call_id):
        if not recording.file:
            continue
        try:
            takes.append((recording, _decode(tools, recording)))
        except Unusable as error:
            listened.append(_unheard(recording, error.outcome))
    if not takes:
        return Heard(call_id=call_id, listened=tuple(listened), transcript=None)
    sound = arrange([(r.channel_map, decoded.speech) for r, decoded in takes])
    if is_doubled(sound):  # a mono mix stored as stereo: its channels tell nobody apart
        sound = sound[:1]
    ruled = bool(calls.get_call(db, call_id).rule)
    transcript = None if ruled else _recognize(db, tools, sound)
    with tools.vault.removing_on_error() as written:
        for number, (recording, decoded) in enumerate(takes):
            whole = sound if number == 0 else decoded.speech
            combined = sound if number == 0 and len(takes) > 1 else None
            listened.append(_listened(tools, recording, decoded, whole, combined))
            written.append(listened[-1].playable_file)
    return Heard(call_id=call_id, listened=tuple(listened), transcript=transcript)


def _recognize(db: Database, tools: Tools, sound: Sound) -> Transcript:
    recognizer = tools.recognizer()
    speech = tools.config.speech
    told = list(dict.fromkeys((*settings.get_settings(db).vocabulary, *speech.hotwords)))
    taken = told[: recognizer.fit_hotwords(told)]
    segments = recognizer.recognize(
        sound,
        language=speech.language,
        hotwords=join_hotwords(taken) or None,
        progress=tools.progress,
    )
    known = recognizer.provenance
    return Transcript(
        language=speech.language,
        segments=hide_cards(tuple(segments)),
        duration_ms=sound.shape[1] // 16,
        provenance=Provenance(
            engine=known.engine,
            model=known.model,
            checksum=known.checksum,
            options=known.options | _listened_for(db, taken),
            software=f"petsvet {__version__}",
        ),
    )


def _listened_for(db: Database, taken: Sequence[str]) -> dict[str, str | int | float | bool]:
    """What the provenance tells of the words that were listened for; nothing where there are none."""
    terms = vocabulary.count_terms(db)
    if not terms and not taken:
        return {}
    digest = hashlib.sha256("\n".join(taken).encode()).hexdigest()
    return {"hotwords_taken": len(taken), "vocabulary": terms, "hotwords_sha256": digest}


def arrange(takes: Sequence[tuple[dict[str, str] | None, Sound]]) -> Sound:
    """All recordings of a call as one sound.

    Legs that each hold one side of the call ({"0": "caller"} and {"0": "staff"}) run in parallel
    and become channels in their order; anything else follows one after the other.
    """
    if len(takes) == 1:
        return takes[0][1]
    sides = [tuple((m or {}).values()) for m, _ in takes]
    parallel = all(len(s) == 1 for s in sides) and len(set(sides)) == len(sides)
    sounds = [sound for _, sound in takes]
    if parallel:
        longest = max(s.shape[1] for s in sounds)
        return np.concatenate([np.pad(s[:1], ((0, 0), (0, longest - s.shape[1]))) for s in sounds])
    channels = min(s.shape[0] for s in sounds)
    if channels == 1:
        sounds = [s.mean(axis=0, keepdims=True, dtype=np.float32).astype(np.int16) for s in sounds]
    return np.concatenate([s[:channels] for s in sounds], axis=1)


def _decode(tools: Tools, recording: Recording) -> audio.Decoded:
    limits = tools.config.decode
    with _plain_in_memory(tools, recording) as file:
        return audio.decode(
            file,
            audio.Hints(
                container=recording.container_hint,
                rate=recording.rate_hint,
                channels=recording.channels_hint,
            ),
            audio.Limits(
                seconds=int(limits.max_hours * 3600),
                memory_bytes=limits.memory_mb << 20,
                cpu_seconds=int(limits.cpu_s),
            ),
        )


def _plain_in_memory(tools: Tools, recording: Recording) -> BinaryIO:
    """The recording in anonymous memory: the cage needs a descriptor, the disk must stay sealed."""
    file = os.fdopen(os.memfd_create("recording", os.MFD_CLOEXEC), "w+b")
    try:
        with tools.vault.open(recording.file, recording.wrapped_key, recording.ref) as source:
            offset = 0
            while chunk := source.read_range(offset, 1 << 20):
                file.write(chunk)
                offset += len(chunk)
        file.flush()
        return file
    except BaseException:
        file.close()
        raise


def _listened(
    tools: Tools,
    recording: Recording,
    decoded: audio.Decoded,
    whole: Sound,
    combined: Sound | None,
) -> Listened:
    """``combined`` is set where what is played is made of several recordings."""
    file, playable_type = "", decoded.playable_type
    if combined is not None or not playable_type:
        plain = io.BytesIO(decoded.playable) if combined is None else io.BytesIO(wav_of(combined))
        key = tools.vault.unwrap(recording.wrapped_key, recording.ref)
        file, _ = tools.vault.put(plain, key, f"{recording.ref}.{PLAYABLE}")
        playable_type = "audio/wav"
    return Listened(
        recording_id=recording.id,
        codec=decoded.codec,
        rate=decoded.rate,
        channels=whole.shape[0],
        duration_ms=whole.shape[1] // 16,
        peaks=audio.peaks(whole),
        playable_file=file,
        playable_type=playable_type,
    )


def _unheard(recording: Recording, outcome: str) -> Listened:
    return Listened(
        recording_id=recording.id,
        codec="",
        rate=0,
        channels=0,
        duration_ms=0,
        peaks=b"",
        playable_file="",
        playable_type="",
        problem=outcome,
    )


def wav_of(sound: Sound) -> bytes:
    """A 16-bit PCM WAV of sound at 16 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.ascontiguousarray(sound.T).tobytes())
    return out.getvalue()


def save(db: Database, heard: Heard, now: datetime) -> bool:
    """Put the transcript in place of what was there; the road of a call under a rule ends."""
    for listened in heard.listened:
        recordings.save_listened(db, listened)
    if calls.get_call(db, heard.call_id).rule:
        calls.set_state(db, heard.call_id, "skipped", now=now)
        return False
    if heard.transcript is not None:
        transcripts.save_transcript(db, heard.call_id, heard.transcript, now=now)
        corrections.settle_transcript(db, heard.call_id)
    calls.set_state(db, heard.call_id, "transcribed", now=now)
    return True
