"""Every format a phone system writes becomes 16 kHz speech, and something a browser can play."""

import io
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.audio import Decoded, Hints, decode
from tests.audio import recordings as make

SECONDS = 1.5
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg for GSM")


def heard(directory: Path, data: bytes, hints: Hints | None = None) -> Decoded:
    with make.saved(directory, data).open("rb") as file:
        return decode(file, hints)


def assert_tones(found: Decoded, channels: int = 1, slack_ms: int = 60) -> None:
    assert found.speech.dtype == np.int16
    assert found.speech.shape[0] == channels == found.channels
    assert abs(found.duration_ms - SECONDS * 1000) <= slack_ms
    for place, row in enumerate(found.speech):
        assert abs(make.pitch(row[1600:]) - make.TONES[place]) < 8


@pytest.mark.parametrize(
    ("kind", "rate"),
    [("u8", 8_000), ("s16", 8_000), ("s16", 16_000), ("s24", 8_000), ("f32", 16_000),
     ("mulaw", 8_000), ("alaw", 16_000)],
)  # fmt: skip
def test_a_wav_of_any_sample_type_is_decoded(tmp_path: Path, kind: str, rate: int) -> None:
    found = heard(tmp_path, make.wav_as(kind, SECONDS, rate))
    assert_tones(found, slack_ms=5)
    assert found.rate == rate and found.container == "wav"
    assert found.playable_type == ("audio/wav" if kind == "s16" else "")


def test_the_two_legs_of_a_stereo_call_stay_apart_and_in_order(tmp_path: Path) -> None:
    found = heard(tmp_path, make.wav_as("s16", SECONDS, 8_000, channels=2))
    assert_tones(found, channels=2, slack_ms=5)


@pytest.mark.parametrize(
    ("codec", "container", "rate", "playable"),
    [
        ("libmp3lame", "mp3", 8_000, "audio/mpeg"),
        ("libopus", "ogg", 48_000, "audio/ogg"),
        ("flac", "flac", 8_000, "audio/flac"),
        ("aac", "ipod", 16_000, "audio/mp4"),
        ("alac", "ipod", 16_000, ""),
        ("pcm_s16le", "w64", 8_000, ""),
    ],
)
def test_a_compressed_recording_is_decoded(
    tmp_path: Path, codec: str, container: str, rate: int, playable: str
) -> None:
    data = make.encoded(codec, container, make.tones(SECONDS, rate, 2), rate)
    found = heard(tmp_path, data)
    assert_tones(found, channels=2, slack_ms=160)
    assert found.playable_type == playable
    assert bool(found.playable) == (playable == "")


@pytest.mark.parametrize(
    ("hint", "codec", "container", "rate"),
    [
        ("ulaw", "pcm_mulaw", "mulaw", 8_000),
        ("alaw", "pcm_alaw", "alaw", 8_000),
        ("sln", "pcm_s16le", "s16le", 8_000),
        ("raw", "pcm_s16le", "s16le", 16_000),
        ("g722", "g722", "g722", 16_000),
    ],
)
def test_a_file_without_a_header_is_decoded_by_its_hint(
    tmp_path: Path, hint: str, codec: str, container: str, rate: int
) -> None:
    data = make.encoded(codec, container, make.tones(SECONDS, rate), rate)
    found = heard(tmp_path, data, Hints(hint, 0 if hint == "g722" else rate, 1))
    assert_tones(found)
    assert found.container == hint and found.playable_type == ""


def test_a_raw_stereo_file_of_mixmonitor_is_decoded_by_its_hint(tmp_path: Path) -> None:
    found = heard(tmp_path, make.tones(SECONDS, 8_000, 2).tobytes(), Hints("raw", 8_000, 2))
    assert_tones(found, channels=2, slack_ms=5)


def test_silence_in_ulaw_is_not_taken_for_mp3(tmp_path: Path) -> None:
    found = heard(tmp_path, b"\xff" * 16_000, Hints("ulaw"))
    assert found.codec == "pcm_mulaw" and not found.speech.any()


def test_g729_is_decoded(tmp_path: Path) -> None:
    frames = np.random.default_rng(3).integers(0, 256, 150 * 10).astype("u1").tobytes()
    found = heard(tmp_path, frames, Hints("g729"))
    assert found.codec == "g729" and abs(found.duration_ms - 1_500) <= 20


@needs_ffmpeg
@pytest.mark.parametrize(
    ("codec", "container", "name"), [("libgsm", "gsm", "gsm"), ("libgsm_ms", "wav", "wav49")]
)
def test_gsm_is_decoded_bare_and_in_a_wav(
    tmp_path: Path, codec: str, container: str, name: str
) -> None:
    source = make.saved(tmp_path, make.wav_as("s16", SECONDS, 8_000), "source.wav")
    command = ["ffmpeg", "-v", "error", "-i", str(source), "-c:a", codec, "-f", container, "-"]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this ffmpeg cannot encode GSM")
    found = heard(tmp_path, made.stdout, Hints("gsm" if name == "gsm" else "wav"))
    assert_tones(found)
    assert found.container == name


def test_what_a_browser_cannot_play_comes_with_a_wav_at_its_own_rate(tmp_path: Path) -> None:
    found = heard(tmp_path, make.wav_as("mulaw", SECONDS, 8_000, channels=2))
    with wave.open(io.BytesIO(bytes(found.playable))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 2, 2)
        assert file.getnframes() == SECONDS * 8_000
        left = np.frombuffer(file.readframes(12_000), "<i2")[::2]
    assert abs(make.pitch(left, 8_000) - make.TONES[0]) < 8


@pytest.mark.parametrize(("kind", "unclosed"), [("s16", 0), ("alaw", 0), ("s16", 0xFFFFFFFF)])
def test_a_wav_whose_header_was_never_closed_is_saved(
    tmp_path: Path, kind: str, unclosed: int
) -> None:
    good = make.wav_as(kind, SECONDS, 8_000)
    size = unclosed.to_bytes(4, "little")
    found = heard(tmp_path, good[:4] + size + good[8:40] + size + good[44:])
    assert_tones(found, slack_ms=5)
    assert found.warnings == ("truncated_header",)
    assert found.playable_type == "" and len(found.playable) > 20_000


def test_a_wav_that_was_cut_off_gives_what_is_left_of_it(tmp_path: Path) -> None:
    whole = make.wav_as("s16", 3.0, 8_000)
    found = heard(tmp_path, whole[: 44 + 24_000])
    assert_tones(found, slack_ms=5)
    assert found.warnings == ("damaged",)


def test_broken_packets_in_the_middle_do_not_lose_the_rest(tmp_path: Path) -> None:
    data = bytearray(make.encoded("libmp3lame", "mp3", make.tones(6.0, 8_000), 8_000))
    middle = len(data) // 2
    data[middle : middle + 300] = b"\x00" * 300
    found = heard(tmp_path, bytes(data))
    assert found.duration_ms > 4_500


def test_speech_is_read_only_and_each_channel_contiguous(tmp_path: Path) -> None:
    found = heard(tmp_path, make.wav_as("s16", SECONDS, 8_000, channels=2))
    assert not found.speech.flags.writeable
    assert all(row.flags.c_contiguous for row in found.speech)
