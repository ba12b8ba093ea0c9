"""What kind of sound file is this? Told by its first bytes; hints count only for bare payloads."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from appliance.errors import Unusable

Read = Callable[[int, int], bytes]  # (offset, length) -> bytes, fewer at the end of the file
_OPEN_SIZES = (0, 0xFFFFFFFF)  # what a recorder leaves in a header that it never came to close
_RATES = range(4_000, 192_001)
_PCM_TAGS = {1: "pcm", 3: "float", 6: "alaw", 7: "mulaw"}
# hint -> (demuxer, does it need rate and channels)
_BARE = {
    "ulaw": ("mulaw", True),
    "mulaw": ("mulaw", True),
    "ul": ("mulaw", True),
    "pcmu": ("mulaw", True),
    "alaw": ("alaw", True),
    "al": ("alaw", True),
    "pcma": ("alaw", True),
    "sln": ("s16le", True),
    "slin": ("s16le", True),
    "raw": ("s16le", True),
    "gsm": ("gsm", False),
    "g722": ("g722", False),
    "g729": ("g729", False),
}
_OTHERS = (b"#!AMR", b"\x1aE\xdf\xa3", b"FLV", b".snd", b"FORM", b"caff", b"MThd", b"\x30\x26\xb2")


@dataclass(frozen=True)
class Source:
    """How to open a file: the demuxer, its options, and what its header already tells."""

    demuxer: str
    container: str
    options: dict[str, str]
    seconds: float = 0.0  # 0 = not known before decoding
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Riff:
    """The facts of a RIFF WAVE header; ``payload`` is what is really there, in bytes."""

    tag: int
    channels: int
    rate: int
    byte_rate: int
    declared: int
    payload: int
    unclosed: bool


def sniff(read: Read, size: int, hint: str, rate: int, channels: int) -> Source:
    """Choose a demuxer for a file of ``size`` bytes; raises Unusable with a stable outcome."""
    head = read(0, 512)
    if size <= 44:
        raise Unusable("no sound", "empty")
    if (source := _by_magic(head, read, size)) is not None:
        return source
    if head.startswith(_OTHERS):
        raise Unusable("a format the box does not decode", "unknown_codec")
    bare = _BARE.get(hint.lower().lstrip("."))
    if bare is not None and not _is_text(head):
        return _bare(hint.lower().lstrip("."), *bare, rate, channels, head)
    if _is_mp3_frame(head):
        return Source("mp3", "mp3", {})
    raise Unusable("not a sound file", "unreadable")


def check_shape(rate: int, channels: int, most_channels: int) -> None:
    """Refuse impossible rates and channel counts before anything is allocated for them."""
    if rate not in _RATES or not 0 < channels <= most_channels:
        raise Unusable("impossible rate or number of channels", "unreadable")


def read_riff(read: Read, size: int) -> Riff:
    """Walk the chunks of a WAVE file up to its data; raises Unusable when there are none."""
    riff_size = struct.unpack("<I", read(4, 4))[0]
    offset, shape = 12, None
    for _ in range(64):
        header = read(offset, 8)
        if len(header) < 8:
            break
        name, length = header[:4], struct.unpack("<I", header[4:])[0]
        if name == b"fmt ":
            shape = _read_fmt(read(offset + 8, 40))
        if name == b"data" and shape is not None:
            there = size - offset - 8
            unclosed = length in _OPEN_SIZES or riff_size in _OPEN_SIZES
            payload = there if length in _OPEN_SIZES else min(length, there)
            return Riff(*shape, declared=length, payload=payload, unclosed=unclosed)
        offset += 8 + length + (length & 1)
    raise Unusable("a WAVE file without sound data", "unreadable")


def _by_magic(head: bytes, read: Read, size: int) -> Source | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _wave(read_riff(read, size))
    if head[:4] in (b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return Source("wav", "wav", {})
    if head[:16] == b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00":
        return Source("w64", "w64", {})
    if head[:4] == b"OggS":
        return Source("ogg", "ogg", {})
    if head[:4] == b"fLaC":
        return Source("flac", "flac", {}, seconds=_flac_seconds(head))
    if head[4:8] == b"ftyp":
        return Source("mov", "mp4", {})
    if head[:3] == b"ID3":
        return Source("mp3", "mp3", {})
    return None


def _wave(riff: Riff) -> Source:
    check_shape(riff.rate, riff.channels, 255)
    warnings: tuple[str, ...] = ()
    if riff.unclosed:
        warnings = ("truncated_header",)
    elif riff.declared > riff.payload:
        warnings = ("damaged",)
    container = "wav49" if riff.tag == 0x31 else "wav"
    seconds = riff.payload / riff.byte_rate if riff.byte_rate and riff.tag in _PCM_TAGS else 0.0
    # The demuxer is told to read to the end of the file where the length was never written.
    options = {"ignore_length": "1"} if riff.declared in _OPEN_SIZES else {}
    return Source("wav", container, options, seconds, warnings)


def _read_fmt(chunk: bytes) -> tuple[int, int, int, int]:
    if len(chunk) < 16:
        raise Unusable("a WAVE file with a broken format chunk", "unreadable")
    tag, channels, rate, byte_rate = struct.unpack("<HHII", chunk[:12])
    if tag == 0xFFFE and len(chunk) >= 26:
        tag = struct.unpack("<H", chunk[24:26])[0]
    return tag, channels, rate, byte_rate


def _bare(name: str, demuxer: str, shaped: bool, rate: int, channels: int, head: bytes) -> Source:
    if demuxer == "gsm" and any(byte >> 4 != 0xD for byte in head[:495:33]):
        raise Unusable("not GSM 06.10", "unreadable")
    if not shaped:
        return Source(demuxer, name, {})
    rate, channels = rate or 8_000, channels or 1
    check_shape(rate, channels, 255)
    layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
    return Source(demuxer, name, {"sample_rate": str(rate), "ch_layout": layout})


def _flac_seconds(head: bytes) -> float:
    """From STREAMINFO, which must come first: 20 bits of rate, 36 bits of samples."""
    packed = int.from_bytes(head[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    return samples / rate if rate else 0.0


def _is_text(head: bytes) -> bool:
    """An error page or a script under a sound file's name."""
    return all(byte in (9, 10, 13) or 32 <= byte < 127 for byte in head)


def _is_mp3_frame(head: bytes) -> bool:
    """A frame header of MPEG audio layer III whose fields are all allowed values."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and bitrate not in (0, 15) and rate != 3
