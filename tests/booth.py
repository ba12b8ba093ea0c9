"""A phone system in memory, registered as the kind ``booth``: what it tells, tests decide."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import msgspec
import pytest

from appliance.errors import NotFound, PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import registry
from connectors.interface import Checkpoint, Discovery, Final, Finality, Probe
from connectors.kinds import Field, Kind, Means
from tests.world import tone_wav


class Settings(Fact, frozen=True):
    """What a person would enter."""

    host: str = "192.168.1.20"
    port: int = 80
    since: str = ""


class Booth:
    """One phone system; ``calls`` are told once two looks lie ten seconds apart."""

    def __init__(self) -> None:
        self.calls: list[FoundCall] = []
        self.files: dict[str, bytes] = {}
        self.told_probe = Probe(capabilities=("recordings", "cdr"), zone="UTC", clock_skew_s=1.0)
        self.error: Exception | None = None
        self.looks: list[tuple[str, Mapping[str, str], tuple[str, ...]]] = []
        self.lookback = timedelta(days=2)

    def ring(self, found: FoundCall) -> FoundCall:
        """A call of which the phone system can tell, its recordings readable."""
        self.calls = [c for c in self.calls if c.native_key != found.native_key] + [found]
        for recording in found.recordings:  # each sounds like no other
            self.files.setdefault(recording.locator, tone_wav(len(self.files)))
        return found

    def kind(self) -> Kind:
        return Kind(
            name="booth",
            title="Phone booth",
            level="documents",
            make=lambda settings, means: View(self, msgspec.convert(settings, Settings), means),
            fields=(
                Field(name="host", label="Address", required=True),
                Field(name="port", label="Port", type="number", default="80"),
                Field(name="password", label="Password", secret=True, required=True),
                Field(name="since", label="From", advanced=True),
            ),
            stereo="Turn the knob.",
        )


class View:
    """The booth as one connector sees it."""

    def __init__(self, booth: Booth, settings: Settings, means: Means) -> None:
        self.booth, self.settings, self.means = booth, settings, means

    def probe(self, now: datetime) -> Probe:
        if isinstance(self.booth.error, PetsvetError):
            return Probe(problems=(str(self.booth.error),))
        return self.booth.told_probe

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        if self.booth.error:
            raise self.booth.error
        self.booth.looks.append((self.settings.since, self.means.secrets, self.means.allowed))
        first = checkpoint.get("first", now.timestamp())
        settled = now.timestamp() - first >= 10
        calls = tuple(c for c in self.booth.calls if settled and self._meant(c, now))
        waiting = 0 if settled else len(self.booth.calls)
        return Discovery(calls=calls, checkpoint={"first": first}, waiting=waiting)

    def _meant(self, call: FoundCall, now: datetime) -> bool:
        if self.settings.since:
            return call.started_at.date().isoformat() >= self.settings.since
        return call.started_at > now - self.booth.lookback

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        if recording.locator not in self.booth.files:
            raise NotFound("the recording is gone")
        return io.BytesIO(self.booth.files[recording.locator])


def install_booth(monkeypatch: pytest.MonkeyPatch) -> Booth:
    """A booth known to the registry while a test runs."""
    booth = Booth()
    monkeypatch.setitem(registry.KINDS, "booth", booth.kind())
    return booth


def usual_settings(**other: Any) -> dict[str, Any]:
    """The booth's settings."""
    return {"host": "192.168.1.20", **other}
