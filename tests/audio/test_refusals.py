"""What is not a recording is refused by name, early and cheaply."""

import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from appliance.audio import Hints, Limits, decode
from appliance.audio_sniff import sniff
from appliance.errors import Unusable
from tests.audio import recordings as make


def outcome(directory: Path, data: bytes, hint: str = "wav", limits: Limits | None = None) -> str:
    path = make.saved(directory, data)
    with path.open("rb") as file, pytest.raises(Unusable) as caught:
        decode(file, Hints(hint), limits)
    assert str(path) not in str(caught.value)
    return caught.value.outcome


def test_a_header_without_sound_is_empty(tmp_path: Path) -> None:
    assert outcome(tmp_path, make.wav(make.tones(0, 8_000), 8_000)) == "empty"
    assert outcome(tmp_path, b"") == "empty"


def test_less_than_a_third_of_a_second_is_too_short(tmp_path: Path) -> None:
    assert outcome(tmp_path, make.wav_as("s16", 0.25, 8_000)) == "too_short"


def test_text_named_wav_is_unreadable(tmp_path: Path) -> None:
    assert outcome(tmp_path, b"<!DOCTYPE html><title>404 Not Found</title>" * 20) == "unreadable"
    assert outcome(tmp_path, b"<!DOCTYPE html><title>404 Not Found</title>" * 20, "ulaw") == (
        "unreadable"
    )


@pytest.mark.parametrize("head", [b"#!AMR\n", b"\x1aE\xdf\xa3"])
def test_a_format_the_box_does_not_know_is_named_so(tmp_path: Path, head: bytes) -> None:
    assert outcome(tmp_path, head + bytes(4_000)) == "unknown_codec"


def test_an_unknown_codec_inside_a_wav_is_named_so(tmp_path: Path) -> None:
    data = make.wav(make.tones(1, 8_000), 8_000, tag=0x0160)  # Windows Media Audio
    assert outcome(tmp_path, data) == "unknown_codec"


PLAYLISTS = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n",
    b"ffconcat version 1.0\nfile /etc/passwd\n",
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
    b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>',
)


@pytest.mark.parametrize("script", PLAYLISTS)
def test_a_playlist_is_never_followed_whatever_it_is_called(tmp_path: Path, script: bytes) -> None:
    data = script + b"\n" * 60
    assert outcome(tmp_path, data, "wav") == "unreadable"

    def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    for hint in ("mp3", "ulaw", "g729", "m3u8", "concat", "http://127.0.0.1:9/a"):
        with pytest.raises(Unusable):
            sniff(read, len(data), hint, 8_000, 1)


@pytest.mark.parametrize(("rate", "channels"), [(4_000_000_000, 1), (1, 1), (8_000, 255)])
def test_an_impossible_rate_or_number_of_channels_is_refused(
    tmp_path: Path, rate: int, channels: int
) -> None:
    data = bytearray(make.wav_as("s16", 1, 8_000))
    data[22:24], data[24:28] = channels.to_bytes(2, "little"), rate.to_bytes(4, "little")
    assert outcome(tmp_path, bytes(data)) == "unreadable"


def test_a_flac_that_says_it_lasts_a_day_is_refused_before_decoding(tmp_path: Path) -> None:
    data = bytearray(make.encoded("flac", "flac", make.tones(1, 8_000), 8_000))
    packed = int.from_bytes(data[18:26], "big") & ~((1 << 36) - 1)
    data[18:26] = (packed | 24 * 3600 * 8_000).to_bytes(8, "big")
    assert outcome(tmp_path, bytes(data)) == "too_long"


def test_a_flac_that_hides_its_length_is_stopped_at_the_limit(tmp_path: Path) -> None:
    silence = np.zeros((120 * 8_000, 1), "<i2")
    data = bytearray(make.encoded("flac", "flac", silence, 8_000))
    packed = int.from_bytes(data[18:26], "big") & ~((1 << 36) - 1)
    data[18:26] = packed.to_bytes(8, "big")
    assert outcome(tmp_path, bytes(data), limits=Limits(seconds=60)) == "too_long"


def test_output_beyond_its_cap_is_stopped(tmp_path: Path) -> None:
    data = make.encoded("flac", "flac", np.zeros((120 * 8_000, 1), "<i2"), 8_000)
    assert outcome(tmp_path, data, limits=Limits(output_bytes=1 << 20)) == "too_long"


def test_long_silence_in_a_small_flac_costs_no_memory_of_ours(tmp_path: Path) -> None:
    data = make.encoded("flac", "flac", np.zeros((1800 * 8_000, 1), "<i2"), 8_000)
    assert len(data) < 400_000
    before = psutil.Process().memory_info().rss
    with make.saved(tmp_path, data).open("rb") as file:
        found = decode(file)
    assert found.duration_ms == 1_800_000
    assert psutil.Process().memory_info().rss - before < 50_000_000


def test_endless_id3_tags_are_refused_in_time(tmp_path: Path) -> None:
    huge = b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(100_000)
    many = (b"ID3\x04\x00\x00\x00\x00\x07\x76" + bytes(1_014)) * 2_000
    began = time.monotonic()
    assert outcome(tmp_path, huge, "mp3") == "unreadable"
    assert outcome(tmp_path, many, "mp3") == "unreadable"
    assert time.monotonic() - began < 20


def test_random_bytes_never_raise_anything_but_unusable(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    heads = (
        b"RIFF\0\0\0\0WAVE",
        b"OggS\0\2",
        b"fLaC\0\0\0\x22",
        b"\0\0\0\x20ftypM4A ",
        b"ID3\4\0\0",
    )
    codes = ("unreadable", "unknown_codec", "too_long")
    for head in heads:
        noise = rng.integers(0, 256, 20_000).astype("u1").tobytes()
        assert outcome(tmp_path, head + noise, "wav") in codes
