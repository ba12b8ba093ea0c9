"""A downloaded recording that ends with an error, not silently, where it was cut."""

import io
from typing import Any, BinaryIO

from appliance.errors import Unavailable, Unusable
from connectors.wav import AUDIO

_KNOWN_STARTS = (b"RIFF", b"OggS", b"ID3", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xfa")


def checked(stream: BinaryIO, suffix: str, listed: int = 0) -> BinaryIO:
    """``stream``, watched while it is read.

    ``listed``: the bytes the phone system's list gives, 0 for unknown. They may be those of
    another format than is downloaded, so a header that fits what came is believed as well. Raises
    Unusable (unknown_codec) for a format nobody but the vendor can read.
    """
    head = stream.read(12)
    if suffix not in AUDIO and not head.startswith(_KNOWN_STARTS):
        stream.close()
        raise Unusable(
            "this recording is in a format of the vendor's own; choose wav on the phone system",
            "unknown_codec",
        )
    return io.BufferedReader(_Watched(stream, head, listed))


class _Watched(io.RawIOBase):
    def __init__(self, stream: BinaryIO, head: bytes, listed: int) -> None:
        self._stream, self._head, self._listed = stream, head, listed
        riff = head[:4] == b"RIFF" and len(head) >= 8
        # A header without a length was left so by a crash; no more of it is to be had.
        self._expected = int.from_bytes(head[4:8], "little") + 8 if riff and any(head[4:8]) else 0
        self._count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``; 0 at the end. Raises Unavailable where it ends too early."""
        view = memoryview(buffer).cast("B")
        if self._head:
            part = self._head[: len(view)]
            self._head = self._head[len(part) :]
        else:
            part = self._stream.read(len(view))
        view[: len(part)] = part
        self._count += len(part)
        if not part and len(view) and self._count not in (self._listed, self._expected):
            self._judge()
        return len(part)

    def _judge(self) -> None:
        if self._count < self._expected or (not self._expected and self._count < self._listed // 2):
            raise Unavailable("the phone system broke off the recording (partial_http)")

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        super().close()
