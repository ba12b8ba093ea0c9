"""Listening: the sound of a recording in pieces, straight from its sealed file, and its waveform.

No byte leaves before the log says who plays what. A player seeks with many small requests, so the
log gets one row per person, recording and ten minutes.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from litestar import HttpMethod, Request, get, route
from litestar.response import Stream

from appliance.db import Database
from appliance.errors import NotFound, Tampered
from appliance.facts import Fact
from appliance.facts.calls import Recording
from appliance.seal import SealedReader
from appliance.store.calls import get_call
from appliance.store.recordings import get_recording, peaks_of
from appliance.vault import Vault
from webui.policy import Person
from webui.security import Box, note_view

PIECE = 256 * 1024
_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)
_SOUND = re.compile(r"audio/[a-z0-9.+-]+", re.ASCII)

Asked = Request[Any, Any, Any]


@route(
    "/recordings/{ref:str}/audio",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    name="audio_play",
    opt={"action": "play"},
    sync_to_thread=True,
)
def audio_play(
    box: Box, db: Database, now: datetime, person: Person, ref: str, request: Asked
) -> Stream:
    """The sound, whole or the range asked for."""
    player = Player(box, person, get_recording(db, ref), now)
    reader = player.open(db)
    version = f'"{ref}-{reader.size:x}"'
    head = request.scope["method"] == "HEAD"  # ranges are for GET
    span = find_span("" if head else range_header(request, version), reader.size)
    silent = head or span.status == 416
    return Stream(
        iter(()) if silent else player.play(db, reader, span),
        status_code=span.status,
        headers={"Content-Disposition": "inline", "ETag": version, **span.headers(reader.size)},
        media_type=player.media_type,
    )


class Span(Fact, frozen=True, kw_only=True):
    """Which bytes are sent, ``end`` exclusive, and under which status: 200, 206 or 416."""

    status: int
    start: int
    end: int

    def headers(self, size: int) -> dict[str, str]:
        """What HTTP says about it."""
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self.end - self.start)}
        if self.status == 206:
            told["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{size}"
        if self.status == 416:
            told["Content-Range"] = f"bytes */{size}"
        return told


def range_header(request: Asked, version: str) -> str:
    """The range, unless it was meant for another version of the sound."""
    fits = request.headers.get("if-range", version) == version
    return request.headers.get("range", "") if fits else ""


def find_span(header: str, size: int) -> Span:
    """The range asked for; a header nobody can read, or several ranges, ask for all of it."""
    found = _RANGE.fullmatch(header)
    first, last = found.groups() if found else ("", "")
    if (first and last and int(last) < int(first)) or not (first or last):
        return Span(status=200, start=0, end=size)
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        return Span(status=416, start=0, end=0)
    return Span(status=206, start=start, end=end)


class Player:
    """One request to hear one recording."""

    def __init__(self, box: Box, person: Person, recording: Recording, now: datetime) -> None:
        self.box, self.person, self.recording, self.now = box, person, recording, now
        known = _SOUND.fullmatch(recording.playable_type)
        self.media_type = recording.playable_type if known else "application/octet-stream"

    def open(self, db: Database) -> SealedReader:
        """The sealed sound a browser can play; raises NotFound or Tampered."""
        try:
            return open_sound(self.box.vault, self.recording)
        except Tampered:
            self._alarm(db)
            raise

    def play(self, db: Database, reader: SealedReader, span: Span) -> Iterator[bytes]:
        """The bytes piece by piece, once the log knows.

        The first piece is read now, while the answer can still be an error. Raises Unavailable
        when the log cannot be written, and then nobody hears anything.
        """
        self._note(db)
        try:
            first = reader.read_range(span.start, min(PIECE, span.end - span.start))
        except Tampered:
            self._alarm(db)
            raise
        return self._pieces(reader, first, span.start + len(first), span.end)

    def _note(self, db: Database) -> None:
        subject = f"recording:{self.recording.ref}"
        with self.box.plays.once((self.person.user.id, subject), self.now) as first:
            if first:
                detail = {"call": get_call(db, self.recording.call_id).ref}
                note_view(db, self.person, "play", subject, now=self.now, detail=detail)

    def _pieces(self, reader: SealedReader, piece: bytes, start: int, end: int) -> Iterator[bytes]:
        with closing(reader):
            while piece:
                yield piece
                try:
                    piece = reader.read_range(start, min(PIECE, end - start))
                except Tampered:  # the answer breaks off: its length was promised
                    with closing(self.box.open_db()) as db:
                        self._alarm(db)
                    raise
                start += len(piece)

    def _alarm(self, db: Database) -> None:
        note_view(db, self.person, "tampered", f"recording:{self.recording.ref}", now=self.now)


def open_sound(vault: Vault, recording: Recording) -> SealedReader:
    """The sealed file a browser can play: the recording itself, or what was made of it."""
    if not recording.playable_type or not recording.file:
        raise NotFound("this recording cannot be played; the call's page says why")
    if recording.playable_file:
        return vault.open(recording.playable_file, recording.wrapped_key, f"{recording.ref}.play")
    return vault.open(recording.file, recording.wrapped_key, recording.ref)


@get("/recordings/{ref:str}/peaks", name="audio_peaks", opt={"action": "play"}, sync_to_thread=True)
def audio_peaks(db: Database, ref: str) -> dict[str, Any]:
    """The waveform for drawing, as JSON.

    ``channels`` holds, per channel, ``buckets`` pairs lowest, highest, lowest, highest … from -128
    to 127 over equal stretches of ``duration_ms``; empty before the recording was decoded.
    """
    recording = get_recording(db, ref)
    drawn = memoryview(peaks_of(db, recording.id)).cast("b")
    length = len(drawn) // max(1, recording.channels)
    channels = [drawn[at : at + length].tolist() for at in range(0, len(drawn), length or 1)]
    return {
        "channels": channels,
        "buckets": length // 2,
        "duration_ms": recording.duration_ms,
    }


ROUTES = [audio_play, audio_peaks]
