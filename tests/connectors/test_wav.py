"""Containers: whole, empty, being written, and without any header."""

import pytest

from connectors.wav import inspect, mp3_ends_whole
from tests.connectors.world import DATA, wav

MONITOR = DATA / "monitor"
FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes


def state_of(content: bytes, suffix: str = "wav") -> str:
    return inspect(suffix, len(content), content[:4096], content[-65536:]).state


def ogg_page(flags: int, body: bytes = b"x" * 40) -> bytes:
    return b"OggS\0" + bytes([flags]) + b"\0" * 20 + bytes([1, len(body)]) + body


def test_real_asterisk_files_are_whole() -> None:
    files = [*MONITOR.rglob("*.wav"), *MONITOR.rglob("*.WAV")]
    states = {path.name: state_of(path.read_bytes(), path.suffix[1:]) for path in files}
    empty = {name for name, state in states.items() if state == "empty"}
    assert len(states) == 11
    assert [name[:12] for name in empty] == ["external-109"]
    assert set(states.values()) == {"whole", "empty"}


def test_gsm_in_riff_is_told_with_its_rate() -> None:
    path = next(MONITOR.rglob("*.WAV"))
    head = path.read_bytes()
    found = inspect("WAV", len(head), head, head)
    assert (found.hint, found.rate, found.channels, found.state) == ("wav", 8000, 1, "whole")


def test_zero_sizes_in_the_header_mean_still_writing() -> None:
    assert state_of(wav(1, closed=False)) == "writing"
    assert state_of(wav(0, closed=False)) == "writing"
    assert state_of(b"") == "writing"


def test_a_copy_in_progress_is_still_writing() -> None:
    assert state_of(wav(1)[:-100]) == "writing"
    assert state_of(wav(1) + b"more") == "writing"
    assert state_of(b"RI") == "writing"


def test_a_header_and_nothing_else_is_empty() -> None:
    assert state_of(wav(0)) == "empty"


def test_two_channels_are_seen_in_the_header() -> None:
    content = wav(1, channels=2)
    assert inspect("wav", len(content), content, content).channels == 2


def test_a_page_instead_of_audio_is_unreadable() -> None:
    assert state_of(b"<html><body>401 Authentication required</body></html>") == "unreadable"
    assert state_of(b"RIFF" + b"\xff" * 60) == "unreadable"


@pytest.mark.parametrize("suffix", ["ulaw", "alaw", "sln", "sln16", "gsm", "g722", "g729", "raw"])
def test_headerless_formats_carry_hints(suffix: str) -> None:
    found = inspect(suffix, 160, b"\0" * 160, b"\0" * 160)
    assert (found.state, found.hint) == ("headerless", suffix)
    assert found.rate == (16000 if suffix in ("g722", "sln16") else 8000)
    assert found.channels == (2 if suffix == "raw" else 1)


def test_an_mp3_is_whole_when_its_last_frame_is() -> None:
    assert mp3_ends_whole(FRAME * 30)
    assert mp3_ends_whole(FRAME)
    assert mp3_ends_whole(FRAME * 3 + b"TAG" + b" " * 125)
    assert not mp3_ends_whole((FRAME * 30)[:-1])
    assert not mp3_ends_whole(b"")
    assert state_of((FRAME * 300)[:-200], "mp3") == "writing"


def test_an_ogg_is_whole_when_its_last_page_ends_the_stream() -> None:
    assert state_of(ogg_page(2) + ogg_page(4), "ogg") == "whole"
    assert state_of(ogg_page(2) + ogg_page(0), "ogg") == "writing"
    assert state_of((ogg_page(2) + ogg_page(4))[:-5], "ogg") == "writing"
