"""Speech packed into windows for the recognizer, and the way back from window time to call time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.vad import RATE, Span

_PER_MS = RATE // 1000
_QUIET_MS = 100  # resolution when looking for a quiet place to cut a long stretch
_SLACK_MS = 60  # a word may stick out of the speech under it by so much


@dataclass(frozen=True)
class Piece:
    """One stretch of speech inside a window: where it lies in the window and in the call (ms)."""

    at: int
    start: int
    end: int
    speech: Span  # the part of start..end that is speech without its padding


@dataclass(frozen=True)
class Window:
    """Stretches of one channel laid end to end, never longer than the recognizer takes."""

    channel: int
    pieces: tuple[Piece, ...]

    @property
    def length_ms(self) -> int:
        """How long the packed window is."""
        last = self.pieces[-1]
        return last.at + last.end - last.start

    def sound(self, pcm: NDArray[np.int16]) -> NDArray[np.float32]:
        """The packed samples as float32 in -1 to 1."""
        parts = [pcm[piece.start * _PER_MS : piece.end * _PER_MS] for piece in self.pieces]
        return np.concatenate(parts).astype(np.float32) / np.float32(32768)

    def place(self, start: int, end: int) -> Span | None:
        """Call time of a word at ``start``..``end`` of the window, or None.

        A word belongs to the stretch with most speech under it; a word with no speech under it is
        the recognizer's invention and has no place.
        """
        best = max(self.pieces, key=lambda piece: _under(piece, start, end))
        if _under(best, start, end) <= 0:
            return None
        shift = best.start - best.at
        begin = min(max(start + shift, best.start), best.end)
        return begin, max(begin, min(end + shift, best.end))


def pack(channel: int, spans: list[Span], pad_ms: int, longest_ms: int) -> list[Window]:
    """Fill windows of at most ``longest_ms`` with padded stretches, in order of time."""
    windows: list[Window] = []
    pieces: list[Piece] = []
    at = 0
    for place, (start, end) in enumerate(spans):
        before = spans[place - 1][1] if place else 0
        after = spans[place + 1][0] if place + 1 < len(spans) else end + 2 * pad_ms
        wide_start = max(start - pad_ms, (start + before) // 2 if place else 0, 0)
        wide_end = min(end + pad_ms, (end + after) // 2)
        if pieces and at + wide_end - wide_start > longest_ms:
            windows.append(Window(channel, tuple(pieces)))
            pieces, at = [], 0
        pieces.append(Piece(at, wide_start, wide_end, (start, end)))
        at += wide_end - wide_start
    return [*windows, Window(channel, tuple(pieces))] if pieces else windows


def cut_long(spans: list[Span], pcm: NDArray[Any], longest_ms: int) -> list[Span]:
    """Cut stretches longer than ``longest_ms`` at the quietest place of their last third."""
    out: list[Span] = []
    for span in spans:
        start, end = span
        while end - start > longest_ms:
            cut = _quietest(pcm, start + longest_ms * 2 // 3, start + longest_ms)
            out.append((start, cut))
            start = cut
        out.append((start, end))
    return out


def _quietest(pcm: NDArray[Any], start: int, end: int) -> int:
    part = pcm[start * _PER_MS : end * _PER_MS].astype(np.float32)
    size = _QUIET_MS * _PER_MS
    frames = part[: part.shape[0] // size * size].reshape(-1, size)
    return start + int(np.argmin(np.square(frames).mean(axis=1))) * _QUIET_MS + _QUIET_MS // 2


def _under(piece: Piece, start: int, end: int) -> int:
    """Milliseconds of speech of a piece under a word given in window time."""
    shift = piece.start - piece.at
    first = max(start + shift, piece.speech[0] - _SLACK_MS, piece.start)
    last = min(max(end, start + 1) + shift, piece.speech[1] + _SLACK_MS, piece.end)
    return last - first
