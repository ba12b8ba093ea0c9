"""Whether a download is whole where nothing told its length: by what it holds, and by a second try.

A server may send a recording without its length and hang up at the end. A connection that breaks
looks the same, so the recording itself must say where it ends: the sizes in a WAV's header, the
last frame of an mp3, the last page of an Ogg, the size in the phone system's list. What ends at the
very same byte when it is asked for again was left so by the phone system; more is not to be had.
"""

import hashlib
import threading

from appliance.errors import Unavailable, Unusable
from appliance.facts import Fact
from connectors.wav import AUDIO, HEAD_BYTES, TAIL_BYTES, inspect

_KNOWN_STARTS = (b"RIFF", b"OggS", b"ID3", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xfa")
_MOST = 1000

_lock = threading.Lock()
_ended_before: dict[str, int] = {}  # digest of what was asked for → the byte at which it ended


class Part(Fact, frozen=True, kw_only=True):
    """What is known of a recording before it comes.

    ``name``: what tells it from others of this phone system. ``suffix``: the ending of its name
    without dot. ``listed``: its bytes as the phone system lists them, 0 for unknown; they may be
    those of another format than comes, so the recording itself is believed first.
    """

    name: str
    suffix: str
    listed: int = 0

    def check_format(self, beginning: bytes) -> None:
        """Raise Unusable (unknown_codec) for a format nobody but the vendor can read."""
        if self.suffix not in AUDIO and not beginning.startswith(_KNOWN_STARTS):
            raise Unusable(
                "this recording is in a format of the vendor's own; choose wav on the phone system",
                "unknown_codec",
            )


class Ending:
    """What has come of a recording so far, and whether it may end there."""

    def __init__(self, server: str, part: Part) -> None:
        told = f"{server}\0{part.name}".encode("utf-8", "surrogatepass")
        self._asked, self._part = hashlib.sha256(told).hexdigest(), part
        self._head, self._tail, self._count = b"", b"", 0

    def note(self, data: bytes) -> None:
        """More of it came."""
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self._count += len(data)

    def judge(self) -> None:
        """It ended. Raises Unavailable (partial_http) where it was cut, once for each place."""
        with _lock:
            before = _ended_before.pop(self._asked, -1)
            if not self._is_cut() or before == self._count:
                return
            _ended_before[self._asked] = self._count
            while len(_ended_before) > _MOST:
                del _ended_before[next(iter(_ended_before))]
        raise Unavailable("the phone system broke off the recording (partial_http)", "partial_http")

    def _is_cut(self) -> bool:
        if self._head[:4] == b"RIFF":
            # A header without a length was left so by a crash; no more of it is to be had.
            told = int.from_bytes(self._head[4:8], "little")
            return 0 < told < 0xFFFFFFFF and self._count < told + 8
        found = inspect(self._part.suffix, self._count, self._head, self._tail)
        if found.state == "headerless":
            return self._count < self._part.listed
        return found.state == "writing"


def forget_endings() -> None:
    """As after a start of the process."""
    with _lock:
        _ended_before.clear()
