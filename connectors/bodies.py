"""The body of an answer as it comes in: unpacked in steps, bounded, and cut with an error."""

import contextlib
import io
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from appliance.errors import PetsvetError, Unavailable, Unusable
from connectors.whole import Ending

STEP = 1 << 16
_DOWNLOAD_S = 3600


def unpacked(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Unpacked in steps: a small answer can hold a huge one, and the reader must see it grow."""
    unpacker = zlib.decompressobj(wbits=47)
    try:
        for part in parts:
            rest, given = part, b""
            while not unpacker.eof and (rest or len(given) == STEP):
                given = unpacker.decompress(rest, STEP)
                rest = unpacker.unconsumed_tail
                yield given
    except zlib.error as error:
        raise Unavailable("the phone system's packed answer is broken") from error
    if not unpacker.eof:
        raise Unavailable("the phone system broke off its answer (partial_http)", "partial_http")


def is_text(beginning: bytes) -> bool:
    """Whether this is markup or JSON. Headerless audio may begin with any byte, not go on so."""
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"<", b"{", b"[")):
        return False
    try:
        shown = text[:512].decode("utf-8", "ignore")
    except ValueError:
        return False
    return len(shown.encode()) >= len(text[:512]) - 3 and all(
        sign.isprintable() or sign.isspace() for sign in shown
    )


class Download(io.RawIOBase):
    """A body being read. It ends with an error, not silently, where it was cut.

    ``ending``: what judges its end where its length was not told before; None where it was.
    """

    def __init__(self, parts: Iterator[bytes], max_bytes: int, ending: Ending | None) -> None:
        self._parts, self._left, self._ending = parts, max_bytes, ending
        self._until = time.monotonic() + _DOWNLOAD_S
        self.ready = bytearray()
        self.closing = contextlib.ExitStack()

    def fill(self, size: int) -> None:
        """Have at least ``size`` bytes ready, fewer only at the end."""
        while len(self.ready) < size:
            part = next(self._parts, None)
            if part is None:
                return
            self._left -= len(part)
            if self._left < 0:
                raise Unusable("the recording is longer than any may be", "too_long")
            if time.monotonic() > self._until:
                raise Unavailable("the phone system gives the recording too slowly")
            self.ready += part
            if self._ending:
                self._ending.note(part)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``; 0 at the end."""
        view = memoryview(buffer).cast("B")
        self.fill(1)
        if not self.ready and self._ending and len(view):
            ending, self._ending = self._ending, None
            ending.judge()
        count = min(len(view), len(self.ready))
        view[:count] = self.ready[:count]
        del self.ready[:count]
        return count

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(httpx.HTTPError, PetsvetError):
            self.closing.close()
        super().close()
