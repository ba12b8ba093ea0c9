"""From sealed recordings to a card: legs, doubled channels, what cannot be heard, and redoing."""

import hashlib
import io
import wave
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from appliance import pipeline
from appliance.db import rows, writing
from appliance.errors import NotFound, Refused
from appliance.facts.calls import CallFilter, FoundRecording
from appliance.facts.speech import Segment, Word
from appliance.facts.vocabulary import Term
from appliance.stages import transcribe
from appliance.stages.analyze import is_after_hours
from appliance.stages.publish import FIRST_WORDS, first_words
from appliance.store import analyses, calls, connectors, recordings, transcripts, vocabulary
from appliance.store.settings import ClinicSettings
from models.scripted import ScriptedRecognizer
from tests.world import World, found_call

RATE = 8000
TALK = (
    Segment(index=0, start_ms=0, end_ms=900, channel=1, text="Lakeside Clinic, this is Finn."),
    Segment(index=1, start_ms=950, end_ms=1900, channel=0, text="Hi, my dog is limping."),
)


def tones(*hertz: int, seconds: float = 2.0) -> bytes:
    """A WAV with one tone per channel; 0 Hz is silence."""
    at = np.arange(int(RATE * seconds)) / RATE
    sound = np.stack([9000 * np.sin(2 * np.pi * f * at) for f in hertz], axis=1)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((len(hertz), 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())
    return out.getvalue()


def take(world: World, name: str, content: bytes, **facts: Any) -> FoundRecording:
    """A recording in the folder, as its connector would point at it."""
    path = world.spool / name
    path.write_bytes(content)
    found = world_connector(world).discover({}, world.now).calls
    pointed = next(r for c in found for r in c.recordings if r.name == name)
    return FoundRecording(
        locator=pointed.locator, name=name, size=pointed.size, modified_ns=pointed.modified_ns,
        **facts,
    )  # fmt: skip


def world_connector(world: World) -> Any:
    row = connectors.get_connector_by_name(world.db, "phones")
    return world.tools().phone(world.db, row)


def walk(world: World, *takes: FoundRecording, talk: tuple[Segment, ...] = TALK) -> int:
    """One call with these recordings, walked to the end; returns its number."""
    (call_id,) = world.receive(found_call("talk", recordings=takes))
    assert call_id is not None
    world.work(recognizer=lambda: ScriptedRecognizer(talk))
    assert world.call(call_id).state == "ready"
    return call_id


def speakers(world: World, call_id: int) -> list[tuple[str, str]]:
    told = transcripts.get_transcript(world.db, call_id)
    assert told is not None
    return [(s.speaker, s.speaker_why) for s in told.segments]


def test_stereo_is_told_apart_by_its_channel_map(world: World) -> None:
    sides = {"0": "caller", "1": "staff"}
    call_id = walk(world, take(world, "a.wav", tones(500, 900), channel_map=sides))
    assert speakers(world, call_id) == [("staff", "channel"), ("caller", "channel")]


def test_a_mono_mix_stored_as_stereo_is_not_told_apart_by_its_channels(world: World) -> None:
    sides = {"0": "caller", "1": "staff"}
    talk = (Segment(index=0, start_ms=0, end_ms=900, channel=0, text="Yes, that is fine."),)
    call_id = walk(world, take(world, "a.wav", tones(500, 500), channel_map=sides), talk=talk)
    assert speakers(world, call_id) == [("unknown", "")]


def test_two_legs_become_two_channels_of_one_sound(world: World) -> None:
    legs = (
        take(world, "in.wav", tones(500, seconds=2), channel_map={"0": "caller"}),
        take(world, "out.wav", tones(900, seconds=3), channel_map={"0": "staff"}),
    )
    call_id = walk(world, *legs)
    assert speakers(world, call_id) == [("staff", "leg"), ("caller", "leg")]
    first, second = recordings.list_recordings(world.db, call_id)
    assert (first.channels, first.duration_ms, first.playable_type) == (2, 3000, "audio/wav")
    assert second.problem == ""
    key = f"{first.ref}.{transcribe.PLAYABLE}"
    with world.vault.open(first.playable_file, first.wrapped_key, key) as played:
        sound = io.BytesIO(played.read_range(0, played.size))
    with wave.open(sound) as file:
        assert file.getnchannels() == 2


def test_recordings_of_one_call_that_are_no_legs_follow_one_another(world: World) -> None:
    parts = (take(world, "1.wav", tones(500)), take(world, "2.wav", tones(900, seconds=1)))
    call_id = walk(world, *parts)
    told = transcripts.get_transcript(world.db, call_id)
    assert told is not None
    assert told.duration_ms == 3000


def test_what_a_browser_cannot_play_gets_a_copy_it_can_and_the_rest_is_kept_once(
    world: World,
) -> None:
    plain = walk(world, take(world, "a.wav", tones(500)))
    assert recordings.list_recordings(world.db, plain)[0].playable_file == ""
    raw = take(
        world, "b.ulaw", bytes(range(256)) * 63, container_hint="ulaw", rate_hint=RATE,
        channels_hint=1,
    )  # fmt: skip
    (call_id,) = world.receive(found_call("headerless", recordings=(raw,)))
    world.work(recognizer=lambda: ScriptedRecognizer(TALK[:0]))
    (heard,) = recordings.list_recordings(world.db, call_id or 0)
    assert heard.playable_file
    assert heard.playable_type == "audio/wav"


def test_a_recording_that_is_no_sound_says_so_and_the_call_is_ready(world: World) -> None:
    call_id = walk(world, take(world, "a.wav", b"this is not a recording " * 400))
    (told,) = recordings.list_recordings(world.db, call_id)
    assert told.problem == "unreadable"
    assert transcripts.get_transcript(world.db, call_id) is None


def test_a_ready_call_has_a_card_by_which_filters_find_it(world: World) -> None:
    sides = {"0": "caller", "1": "staff"}
    call_id = walk(world, take(world, "a.wav", tones(500, 900), channel_map=sides))
    analysis = analyses.get_analysis(world.db, call_id)
    assert analysis and analysis.intent in ("sick_visit", "triage_question")
    (found,) = calls.list_calls(world.db, CallFilter(intent=analysis.intent))[0]
    assert found.first_words == "Hi, my dog is limping."
    assert calls.list_calls(world.db, CallFilter(intent="boarding"))[0] == []


def test_a_call_nobody_recorded_is_read_from_the_facts_alone(world: World) -> None:
    world.receive(found_call("missed", recorded=False, answer_state="ring_abandon"))
    world.work()
    analysis = analyses.get_analysis(world.db, world.call("missed").id)
    assert analysis is not None
    assert analysis.turnaway is not None
    assert analysis.turnaway.reason == "no_connect"


@pytest.mark.parametrize(
    ("moment", "after"),
    [
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), False),  # Monday 08:00 in Chicago
        (datetime(2026, 11, 23, 13, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), True),  # Monday 18:00
        (datetime(2026, 11, 22, 18, 0, tzinfo=UTC), True),  # Sunday
        (datetime(2026, 6, 1, 13, 30, tzinfo=UTC), False),  # daylight saving time
    ],
)
def test_opening_hours_are_those_of_the_clinics_zone(moment: datetime, after: bool) -> None:
    week = {str(day): ("08:00", "18:00") for day in range(5)}
    assert is_after_hours(moment, ClinicSettings(zone="America/Chicago", hours=week)) is after


@pytest.mark.parametrize(
    "clinic", [ClinicSettings(), ClinicSettings(zone="Mars/Olympus", hours={"0": ("1", "2")})]
)
def test_without_hours_or_a_zone_nothing_is_called_after_hours(clinic: ClinicSettings) -> None:
    assert is_after_hours(datetime(2026, 11, 22, 3, tzinfo=UTC), clinic) is None


def test_the_first_words_are_the_callers_and_are_cut_between_words() -> None:
    said = [
        Segment(index=0, text="Lakeside Clinic.", speaker="staff"),
        Segment(index=1, text="word " * 60, speaker="caller"),
    ]
    text = first_words(said)
    assert text.startswith("word word")
    assert text.endswith("word…")
    assert len(text) <= FIRST_WORDS
    assert first_words(said[:1]) == "Lakeside Clinic."
    assert first_words([]) == ""


def test_a_redo_starts_where_it_is_told_and_refuses_what_makes_no_sense(world: World) -> None:
    call_id = walk(world, take(world, "a.wav", tones(500, 900)))
    with writing(world.db):
        pipeline.redo(world.db, call_id, "attribute", now=world.now)
    assert world.work() == 3
    with pytest.raises(Refused), writing(world.db):
        pipeline.redo(world.db, call_id, "receive", now=world.now)
    with pytest.raises(NotFound), writing(world.db):
        pipeline.redo(world.db, 999, "analyze", now=world.now)
    (fresh,) = world.receive(found_call("fresh"))
    with pytest.raises(Refused), writing(world.db):
        pipeline.redo(world.db, fresh or 0, "analyze", now=world.now)


def test_the_clinics_vocabulary_reaches_the_recognizer(world: World) -> None:
    told: list[str | None] = []

    class Listening(ScriptedRecognizer):
        def recognize(self, channels: Any, **how: Any) -> list[Segment]:
            told.append(how["hotwords"])
            return super().recognize(channels, **how)

        def fit_hotwords(self, terms: Sequence[str]) -> int:
            return min(3, len(terms))

    speech = msgspec.structs.replace(world.config.speech, hotwords=("Rimadyl", "Cytopoint", "No"))
    world.config = msgspec.structs.replace(world.config, speech=speech)
    with writing(world.db):
        terms = [Term(group="drugs", text="Rimadyl"), Term(group="doctors", text="Dr. Alvarez")]
        vocabulary.add_terms(world.db, terms, "Maria", now=world.now)
    world.receive(found_call("talk", recordings=(take(world, "a.wav", tones(500)),)))
    world.work(recognizer=lambda: Listening(TALK))
    assert told == ["Dr. Alvarez, Rimadyl, Cytopoint"]
    call = calls.list_calls(world.db, CallFilter())[0][0].call
    kept = transcripts.get_transcript(world.db, call.id)
    assert kept is not None
    options = kept.provenance.options
    assert (options["hotwords_taken"], options["vocabulary"]) == (3, 2)
    taken = "Dr. Alvarez\nRimadyl\nCytopoint"
    assert options["hotwords_sha256"] == hashlib.sha256(taken.encode()).hexdigest()
    assert transcripts.last_options(world.db) == options


def test_without_words_to_listen_for_nothing_is_told_of_them(world: World) -> None:
    world.receive(found_call("talk", recordings=(take(world, "a.wav", tones(500)),)))
    world.work(recognizer=lambda: ScriptedRecognizer(TALK))
    assert "hotwords_taken" not in transcripts.last_options(world.db)


def test_arranging_never_loses_sound_of_the_longer_leg(tmp_path: Path) -> None:
    short, long = np.ones((1, 10), np.int16), np.full((1, 20), 2, np.int16)
    both = transcribe.arrange([({"0": "caller"}, short), ({"0": "staff"}, long)])
    assert both.shape == (2, 20)
    assert both[0].tolist() == [1] * 10 + [0] * 10
    assert both[1].tolist() == [2] * 20


def test_a_card_said_aloud_is_in_no_table(world: World) -> None:
    said = "Sure, the card is 4111 1111 1111 1111, code 731."
    words = tuple(
        Word(start_ms=100 * i, end_ms=100 * i + 90, text=w) for i, w in enumerate(said.split())
    )
    talk = (
        TALK[0],
        Segment(index=1, start_ms=950, end_ms=1900, channel=0, text=said, words=words),
        Segment(
            index=2, start_ms=2000, end_ms=2900, channel=1, text="So that ends in one one one one."
        ),
    )
    sides = {"0": "caller", "1": "staff"}
    found = take(world, "card.wav", tones(300, 440), channel_map=sides)
    call_id = walk(world, found, talk=talk)
    told = transcripts.get_transcript(world.db, call_id)
    assert told is not None
    assert told.segments[1].text == "Sure, the card is [card number], code [card number]."
    assert [w.text for w in told.segments[1].words[-3:]] == [
        "[card number]", "code", "[card number]",
    ]  # fmt: skip
    tables = [
        r["name"] for r in rows(world.db, "SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    everything = " ".join(
        str(list(r.values())) for name in tables for r in rows(world.db, f'SELECT * FROM "{name}"')
    )
    assert "4111" not in everything and "731" not in everything and "one one" not in everything
    for word in ("4111", "1111", "731"):
        hits = rows(world.db, "SELECT rowid FROM segment_fts WHERE segment_fts MATCH ?", (word,))
        assert not hits
    assert rows(world.db, "SELECT rowid FROM segment_fts WHERE segment_fts MATCH 'sure'")
