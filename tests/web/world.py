"""A small clinic with five people and three calls, real to the last byte: database, vault, audio."""

import io
import math
import secrets
import shutil
import struct
import warnings
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from appliance.config import Config
from appliance.db import Database, open_db, rows, writing
from appliance.facts.analysis import Analysis
from appliance.facts.calls import Call, FoundCall, FoundRecording
from appliance.facts.speech import Provenance, Segment, Transcript
from appliance.keys import Keys
from appliance.migrations import migrate
from appliance.store import users
from appliance.store.analyses import Card, save_analysis, save_card
from appliance.store.calls import get_call, set_state
from appliance.store.receiving import receive_call
from appliance.store.recordings import Listened, Sealed, list_recordings, save_listened, save_sealed
from appliance.store.transcripts import save_transcript
from appliance.vault import Vault
from webui.app import create_app

BEGIN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"  # everybody's here: hashing is slow
PEOPLE = {
    "Olivia": ("owner", ""),
    "Maria": ("manager", ""),
    "Finn": ("frontdesk", "101"),
    "Ingrid": ("it", ""),
    "Ada": ("auditor", ""),
}
PROVENANCE = Provenance(engine="scripted", model="demo")
CANARY = "<script>alert('canary')</script>"


@dataclass
class World:
    """One box in a folder; ``now`` is its clock, ``calls`` are Finn's, another desk's, nobody's."""

    folder: Path
    keys: Keys
    now: datetime = BEGIN
    calls: list[Call] = field(default_factory=list)
    audio: bytes = b""

    @property
    def config(self) -> Config:
        return Config(data=self.folder)

    def open_db(self) -> Database:
        return open_db(self.folder / "petsvet.db", self.keys.database)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def copy(self, folder: Path) -> "World":
        """The same clinic in another folder."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)

    def app(self) -> Litestar:
        return create_app(self.config, self.keys, clock=lambda: self.now)

    def recording(self, number: int) -> str:
        """The reference of a call's recording."""
        db = self.open_db()
        try:
            return list_recordings(db, self.calls[number].id)[0].ref
        finally:
            db.close()

    def log(self, *actions: str) -> list[tuple[str, str, str]]:
        """(actor, action, subject) of the audit rows of these actions, oldest first."""
        db = self.open_db()
        try:
            found = rows(db, "SELECT actor, action, subject FROM audit ORDER BY seq")
        finally:
            db.close()
        return [
            (r["actor"], r["action"], r["subject"])
            for r in found
            if not actions or r["action"] in actions
        ]


def build_world(folder: Path, *, hostile: bool = False) -> World:
    """Make the clinic; ``hostile`` puts markup wherever an outsider can write."""
    world = World(folder, Keys(root=secrets.token_bytes(32)))
    db = open_db(folder / "petsvet.db", world.keys.database, create=True)
    migrate(db)
    _add_people(db, world.now)
    world.audio = sine_wav(seconds=40)
    for number, extension in enumerate(("101", "102", "")):
        world.calls.append(_add_call(db, world, number, extension, hostile))
    db.close()
    return world


def _add_people(db: Database, now: datetime) -> None:
    fast = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    slow, users._hasher = users._hasher, fast
    try:
        with writing(db):
            for name, (role, extension) in PEOPLE.items():
                users.add_user(db, name, role, PASSWORD, now=now, staff_extension=extension)
    finally:
        users._hasher = slow


def _add_call(db: Database, world: World, number: int, extension: str, hostile: bool) -> Call:
    mark = CANARY if hostile else ""
    recording = FoundRecording(locator=f"{number}", name=f"call-{number}{mark}.wav", size=9,
                               modified_ns=number)  # fmt: skip
    found = FoundCall(
        native_key=f"call-{number}",
        started_at=BEGIN - timedelta(hours=number + 1),
        duration_ms=40_000,
        talk_ms=38_000,
        direction="in",
        caller_number=f"+1555010{number}{mark}",
        caller_name=f"Caller {number}{mark}",
        dialed="100",
        staff_extension=extension,
        queue=f"desk{mark}",
        recordings=(recording,),
    )
    with writing(db):
        received = receive_call(db, "pbx", found, now=BEGIN)
        assert received
        call_id = received[0]
        _publish(db, call_id, number, mark)
        _seal(db, world, call_id)
    return get_call(db, call_id)


def _publish(db: Database, call_id: int, number: int, mark: str) -> None:
    said = (f"Hello, this is the clinic {mark}", f"my dog Rex number {number} is limping {mark}")
    segments = tuple(
        Segment(index=i, text=text, speaker=who, start_ms=i * 4000, end_ms=i * 4000 + 3500)
        for i, (who, text) in enumerate(zip(("staff", "caller"), said, strict=True))
    )
    transcript = Transcript(language="en", segments=segments, provenance=PROVENANCE,
                            duration_ms=40_000)  # fmt: skip
    analysis = Analysis(intent="sick_visit", outcome="booked", urgency="same_day",
                        staff_name=f"Finn{mark}", provenance=PROVENANCE)  # fmt: skip
    card = Card(intent="sick_visit", outcome="booked", urgency="same_day",
                staff_name=f"Finn{mark}", first_words=said[1])  # fmt: skip
    save_transcript(db, call_id, transcript, now=BEGIN)
    save_analysis(db, call_id, analysis, now=BEGIN)
    save_card(db, call_id, card)
    set_state(db, call_id, "ready", now=BEGIN)


def _seal(db: Database, world: World, call_id: int) -> None:
    recording = list_recordings(db, call_id)[0]
    vault = Vault(world.folder, world.keys.recordings)
    key, wrapped = vault.new_key(recording.ref)
    file, info = vault.put(io.BytesIO(world.audio), key, recording.ref)
    save_sealed(
        db,
        Sealed(recording_id=recording.id, digest=info.sha256, size=info.size, file=file,
               wrapped_key=wrapped),
    )  # fmt: skip
    save_listened(
        db,
        Listened(recording_id=recording.id, codec="pcm_s16le", rate=8000, channels=1,
                 duration_ms=40_000, peaks=bytes((200, 50) * 2000), playable_file="",
                 playable_type="audio/wav"),
    )  # fmt: skip


def sine_wav(*, seconds: int, rate: int = 8000) -> bytes:
    """A quiet tone as 16-bit WAV: more than two sealed chunks long."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        samples = (int(9000 * math.sin(n / 7)) for n in range(seconds * rate))
        file.writeframes(b"".join(struct.pack("<h", s) for s in samples))
    return out.getvalue()


def browser(app: Litestar) -> TestClient[Litestar]:
    """A browser on the clinic's network that follows no redirect by itself.

    Use it without ``with``: an app shared by several browsers cannot be started by each of them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wonders about a name without a dot
        client = TestClient(app, base_url="https://localhost", raise_server_exceptions=False)
    client.follow_redirects = False
    client.headers["sec-fetch-site"] = "same-origin"
    return client


def sign_in(
    client: TestClient[Litestar], name: str, password: str = PASSWORD, **fields: str
) -> Response:
    """Fill in the form as a person would; returns the answer."""
    form = {"name": name, "password": password, "csrf": form_token(client), **fields}
    return client.post("/sign-in", data=form)


def form_token(client: TestClient[Litestar], path: str = "/sign-in") -> str:
    """The token in the first form of a page."""
    page = client.get(path, headers={"accept": "text/html"})
    return page.text.partition('name="csrf" value="')[2].partition('"')[0]


def all_routes(app: Litestar) -> Iterator[tuple[str, str, str]]:
    """(method, path template, handler name) of every handler but the framework's OPTIONS."""
    for route in app.routes:
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                yield method, route.path, handler.name or str(handler)
