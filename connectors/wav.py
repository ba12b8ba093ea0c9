"""Header checks: is this recording whole, empty, still being written, or nothing we can read?

Pure functions over the first and last bytes of a file. A phone system writes the sizes into a WAV
header only when it closes the file, so the header, not the size, tells that writing has ended.
"""

from appliance.facts import Fact

HEAD_BYTES = 4096
TAIL_BYTES = 65536  # one Ogg page is at most 65,307 bytes

# Sample rate in Hz and channels of files that do not say it themselves. ``raw`` is what MixMonitor
# writes with option D: s16le, two channels interleaved.
HEADERLESS: dict[str, tuple[int, int]] = {
    "ulaw": (8000, 1), "ul": (8000, 1), "mu": (8000, 1), "pcm": (8000, 1),
    "alaw": (8000, 1), "al": (8000, 1), "alw": (8000, 1),
    "gsm": (8000, 1), "g722": (16000, 1), "g729": (8000, 1), "raw": (8000, 2),
    "sln": (8000, 1), "sln12": (12000, 1), "sln16": (16000, 1), "sln24": (24000, 1),
    "sln32": (32000, 1), "sln44": (44100, 1), "sln48": (48000, 1), "sln96": (96000, 1),
    "sln192": (192000, 1),
}  # fmt: skip
HINTS = {"ul": "ulaw", "mu": "ulaw", "pcm": "ulaw", "al": "alaw", "alw": "alaw", "wave": "wav"}
HEADED = ("wav", "wave", "wav49", "mp3", "ogg", "opus", "oga")
OPAQUE = ("flac", "m4a", "aac", "amr", "wma", "webm", "mp4")
AUDIO = frozenset((*HEADERLESS, *HEADED, *OPAQUE))

_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP3_KBPS_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBPS_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


class Container(Fact, frozen=True):
    """What a file says of itself.

    ``state``: whole, writing, empty, headerless (nothing to check; only time can tell) or
    unreadable. ``rate`` in Hz and ``channels`` are 0 where unknown.
    """

    state: str
    hint: str = ""
    rate: int = 0
    channels: int = 0


def inspect(suffix: str, size: int, head: bytes, tail: bytes) -> Container:
    """The container of a file of ``size`` bytes.

    ``suffix`` is the name's ending without dot; ``head`` its first ``HEAD_BYTES``, ``tail`` its
    last ``TAIL_BYTES`` (less where the file is shorter). Content wins over the ending.
    """
    suffix = suffix.lower()
    hint = HINTS.get(suffix, suffix)
    if size == 0:
        return Container(state="writing", hint=hint)
    if head[:4] == b"RIFF":
        return _riff(size, head)
    if head[:4] == b"OggS":
        return Container(state="whole" if _ogg_ends(tail) else "writing", hint="ogg")
    if suffix == "mp3":
        return Container(state="whole" if mp3_ends_whole(tail) else "writing", hint="mp3")
    if suffix in HEADERLESS:
        rate, channels = HEADERLESS[suffix]
        return Container(state="headerless", hint=hint, rate=rate, channels=channels)
    if suffix in OPAQUE:
        return Container(state="headerless", hint=hint)
    # A copy that has only just begun may not have its four letters yet.
    return Container(state="writing" if size < 12 else "unreadable", hint=hint)


def _riff(size: int, head: bytes) -> Container:
    """A WAV: PCM, GSM 6.10 (``.WAV``) or G.711, told apart later by the decoder."""
    riff = int.from_bytes(head[4:8], "little")
    rate, channels, data_at, data = _riff_chunks(head)
    if not data_at:
        state = "writing" if riff == 0 or size < 44 else "unreadable"
    elif riff + 8 == size and data == 0 and size <= data_at:
        state = "empty"
    elif riff == 0xFFFFFFFF or data == 0xFFFFFFFF:
        state = "headerless"  # written to a pipe: the sizes never come
    elif riff + 8 == size and 0 < data <= size - data_at:
        state = "whole"
    else:
        state = "writing"
    return Container(state=state, hint="wav", rate=rate, channels=channels)


def _riff_chunks(head: bytes) -> tuple[int, int, int, int]:
    """Rate, channels, where the data begin (0: not found in the head) and their stated size."""
    rate = channels = 0
    at = 12
    while at + 8 <= len(head):
        size = int.from_bytes(head[at + 4 : at + 8], "little")
        if head[at : at + 4] == b"data":
            return rate, channels, at + 8, size
        if head[at : at + 4] == b"fmt " and at + 16 <= len(head):
            channels = int.from_bytes(head[at + 10 : at + 12], "little")
            rate = int.from_bytes(head[at + 12 : at + 16], "little")
        at += 8 + size + size % 2
    return rate, channels, 0, 0


def _ogg_ends(tail: bytes) -> bool:
    """Whether the last Ogg page is complete and carries the end-of-stream flag."""
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return False
    segments = tail[at + 26]
    body = sum(tail[at + 27 : at + 27 + segments])
    return bool(tail[at + 5] & 4) and at + 27 + segments + body == len(tail)


def mp3_ends_whole(tail: bytes) -> bool:
    """Whether MPEG audio frames chain up to exactly the end of ``tail`` (an ID3v1 tag aside)."""
    end = len(tail)
    if end >= 128 and tail[end - 128 : end - 125] == b"TAG":
        end -= 128
    for start in range(max(0, end - 6000), end):
        at, frames = start, 0
        while at < end and (length := _mp3_frame(tail[at : at + 4])):
            at, frames = at + length, frames + 1
        # One frame alone could be chance, unless it is all there is.
        if at == end and frames and (frames > 1 or start == 0):
            return True
    return False


def _mp3_frame(header: bytes) -> int:
    """Length in bytes of the layer III frame with this header, 0 when it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate == 3 or not 0 < bitrate < 15:
        return 0
    kbps = (_MP3_KBPS_1 if version == 3 else _MP3_KBPS_2)[bitrate - 1]
    return (144 if version == 3 else 72) * kbps * 1000 // _MP3_RATES[version][rate] + (
        header[2] >> 1 & 1
    )
