"""A box to try things on: real keys, database, vault and workers; clock, spool and ears are toys."""

import io
import os
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import numpy as np

from appliance import clock
from appliance.chores.discover import receive
from appliance.config import Config
from appliance.db import Database, open_db, row, value, writing
from appliance.facts.calls import Call, FoundCall, FoundRecording
from appliance.facts.jobs import LANES
from appliance.facts.speech import Provenance, Segment, Transcript, Word
from appliance.keys import Keys, create_keys
from appliance.migrations import migrate
from appliance.store import calls, connectors, recordings, transcripts, users
from appliance.tools import DATABASE, Tools
from appliance.vault import Vault
from appliance.worker import Worker
from models.engine import Progress

BEGIN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
PEOPLE = {
    "Olivia": ("owner", ""),
    "Maria": ("manager", ""),
    "Finn": ("frontdesk", "101"),
    "Ingrid": ("it", ""),
}
PROVENANCE = Provenance(engine="scripted", model="tones")
LOWEST_HZ, STEP_HZ, MOST_TONES = 300, 20, 170
NORMAL = 60.0  # seconds a box on this clock waits before it tries an outside again


def tone_wav(number: int, seconds: float = 0.6, rate: int = 8000) -> bytes:
    """A recording that says its number by its pitch, 16-bit mono."""
    at = np.arange(int(seconds * rate)) / rate
    sound = 9000 * np.sin(2 * np.pi * (LOWEST_HZ + STEP_HZ * (number % MOST_TONES)) * at)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())
    return out.getvalue()


def word_of(number: int) -> str:
    """A word that is said in call ``number`` and nowhere else."""
    return f"quokka{number:04d}"


def said_in(number: int) -> tuple[Segment, ...]:
    """What the toy recognizer hears in the tone of ``number``."""
    texts = (
        "Thank you for calling Lakeside Animal Hospital, this is Finn speaking",
        f"Hi, my cat {word_of(number)} needs a checkup",
        "I can offer you tomorrow at ten",
        "That works, thank you, goodbye",
    )
    return tuple(
        Segment(index=i, text=text, start_ms=i * 2000, end_ms=i * 2000 + 1500, words=_words(text))
        for i, text in enumerate(texts)
    )


def _words(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(start_ms=n * 100, end_ms=n * 100 + 90, text=word, confidence=0.9)
        for n, word in enumerate(text.split())
    )


class ToneRecognizer:
    """Hears which tone it is and says what belongs to it, so that mixed-up calls are noticed."""

    provenance = PROVENANCE

    def fit_hotwords(self, terms: Sequence[str]) -> int:
        """See ``models.engine.Recognizer``."""
        return len(terms)

    def recognize(
        self,
        channels: Any,
        *,
        language: str,
        hotwords: str | None = None,
        progress: Progress | None = None,
    ) -> list[Segment]:
        """See ``models.engine.Recognizer``; silence has no words."""
        sound = channels[0].astype(np.float64)
        if not np.abs(sound).max(initial=0):
            return []
        loudest = int(np.abs(np.fft.rfft(sound, 16_000 * 2)).argmax()) / 2
        return list(said_in(round((loudest - LOWEST_HZ) / STEP_HZ)))


@dataclass
class World:
    """One box in ``data``, a phone system's folder in ``spool``; ``now`` is the box's clock."""

    data: Path
    spool: Path
    keys: Keys
    recovery: str
    config: Config
    now: datetime = BEGIN
    recognizer: Callable[[], Any] = ToneRecognizer
    _open: list[Database] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The database file."""
        return self.data / DATABASE

    @property
    def vault(self) -> Vault:
        """The sealed recordings."""
        return Vault(self.data, self.keys.recordings)

    def tools(self, **other: Any) -> Tools:
        """Tools on the world's clock; ``other`` replaces any of them."""
        tools = {"recognizer": self.recognizer, "now": lambda: self.now, "vault": self.vault}
        return Tools(config=self.config, keys=self.keys, **(tools | other))

    def open_db(self) -> Database:
        """A connection that ends with the world."""
        db = open_db(self.path, self.keys.database)
        self._open.append(db)
        return db

    @property
    def db(self) -> Database:
        """The world's own connection."""
        return self._open[0] if self._open else self.open_db()

    def close(self) -> None:
        """Close every connection: a process must not fork with one open."""
        while self._open:
            self._open.pop().close()

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def drop(self, number: int, name: str = "", content: bytes | None = None) -> Path:
        """Put a recording into the phone system's folder, dated a minute per number ago."""
        at = BEGIN - timedelta(hours=1, minutes=number)
        uid = f"{int(at.timestamp())}.{number}"
        usual = f"external-101-+1555{number:07d}-{at:%Y%m%d-%H%M%S}-{uid}.wav"
        path = self.spool / (name or usual)
        path.write_bytes(tone_wav(number) if content is None else content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def poll(self) -> None:
        """Have the clock ask for a look at the phone systems."""
        clock.poll(self.tools())

    def work(self, lanes: Sequence[str] = LANES, **other: Any) -> int:
        """Do all that is due, in this process; returns how many jobs were tried."""
        worker, tried = Worker(self.tools(**other), lanes, "tests"), []
        try:
            worker.run_until_idle(lambda: tried.append(1))
        finally:
            worker.db.close()
        return len(tried)

    def receive(self, *found: FoundCall, connector: str = "phones") -> list[int | None]:
        """Receive calls as the discover chore does."""
        with writing(self.db):
            return [receive(self.db, connector, call, now=self.now) for call in found]

    def call(self, name_or_number: int | str) -> Call:
        """A call by its number in the database or by a part of its native key."""
        if isinstance(name_or_number, int):
            return calls.get_call(self.db, name_or_number)
        found = value(
            self.db, "SELECT id FROM call WHERE native_key LIKE ?", (f"%{name_or_number}%",)
        )
        return calls.get_call(self.db, found)

    def job(self, kind: str) -> dict[str, Any]:
        """The newest job of a kind, as a row."""
        found = row(self.db, "SELECT * FROM job WHERE kind = ? ORDER BY id DESC", (kind,))
        assert found, f"no job {kind}"
        return found


def make_world(folder: Path, **settings: Any) -> World:
    """A new box that watches a folder; ``settings`` are tables of the configuration."""
    data, spool = folder / "box", folder / "spool"
    spool.mkdir(parents=True)
    keys, recovery = create_keys(data)
    db = open_db(data / DATABASE, keys.database, create=True)
    migrate(db)
    with writing(db):
        watched = {"root": str(spool), "immediate": True}
        connectors.add_connector(db, "phones", "folder", watched, now=BEGIN)
    db.close()
    return World(data, spool, keys, recovery, Config(data=data, **settings))


def hire(db: Database) -> None:
    """Give the box its people; everybody has the same password, hashed the quick way."""
    slow, users._hasher = users._hasher, argon2.PasswordHasher(1, 64, 1)
    try:
        with writing(db):
            for name, (role, extension) in PEOPLE.items():
                users.add_user(db, name, role, PASSWORD, now=BEGIN, staff_extension=extension)
    finally:
        users._hasher = slow


def found_call(
    key: str, *, recorded: bool = True, minutes_ago: int = 60, **facts: Any
) -> FoundCall:
    """A call as a phone system tells it, with one recording unless told otherwise."""
    take = FoundRecording(locator=f"{key}.wav", name=f"{key}.wav", size=9000, modified_ns=1)
    usual: dict[str, Any] = {
        "started_at": BEGIN - timedelta(minutes=minutes_ago),
        "duration_ms": 40_000,
        "talk_ms": 38_000,
        "direction": "in",
        "caller_number": "+15550100",
        "staff_extension": "101",
        "recordings": (take,) if recorded else (),
    }
    return FoundCall(native_key=key, **(usual | facts))


def tell_transcript(db: Database, call_id: int, *texts: str) -> None:
    """Give a call a transcript without anybody listening."""
    segments = tuple(Segment(index=i, text=text) for i, text in enumerate(texts))
    told = Transcript(language="en", segments=segments, provenance=PROVENANCE, duration_ms=1000)
    with writing(db):
        transcripts.save_transcript(db, call_id, told, now=BEGIN)


def take_of(db: Database, call_id: int) -> recordings.Recording:
    """The first recording of a call."""
    return recordings.list_recordings(db, call_id)[0]
