"""Phone systems that are asked over a network, behind one bench: what a bad answer must come to.

Each stands for an emulator of its own: it lays a call in there as the phone system would, spoils
what it gives, and looks as the core does.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

from appliance.facts.calls import FoundCall, FoundRecording
from connectors.interface import Checkpoint, Connector, Discovery
from connectors.kinds import Line, Means
from connectors.registry import open_connector
from tests.connectors import grandstream, threecx, yeastar, yeastar_pbx
from tests.connectors.families import call_at
from tests.connectors.servers import Certificate, serving
from tests.connectors.simulated import MONDAY, TrueCall
from tests.connectors.world import wav

AUDIO = wav(1)
PAGE = b"<html><body>Please sign in to go on</body></html>"
ALLOWED = ("127.0.0.1",)
NOON = MONDAY + timedelta(hours=18)


class Emulator(Protocol):
    """What every emulator can be made to do."""

    def add(self, call: TrueCall, now: datetime) -> None:
        """Tell of a call and its recording from now on."""
        ...

    def fill(self, audio: bytes) -> None:
        """Give this as every recording."""
        ...

    def spoil(self, how: str) -> None:
        """Cut the recordings (``short``: without their length), or give a page instead; "": not."""
        ...

    def expire(self) -> None:
        """Whoever was let in must sign in again."""
        ...

    def take_back(self) -> None:
        """Nobody's session is good for anything."""
        ...

    def lose(self) -> None:
        """Delete all recordings."""
        ...

    def repeat(self) -> None:
        """Tell once more what was told, in the same words."""
        ...

    def change_password(self) -> None:
        """Ours is wrong from now on."""
        ...

    def name_caller(self, name: str) -> None:
        """So the phones of those who called name themselves."""
        ...

    def forget_epochs(self) -> None:
        """Leave nothing but the wall clock of what was told, as old firmware does."""
        ...

    def set_clock(self, now: datetime) -> None:
        """What time it is there."""
        ...


class Bench:
    """An emulator, and the core's memory of it."""

    def __init__(self, emulator: Emulator, make: Callable[..., Connector]) -> None:
        self.emulator, self.make, self.now = emulator, make, NOON
        self.more: dict[str, Any] = {}
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []

    @property
    def connector(self) -> Connector:
        return self.make(**self.more)

    def add(self, start: datetime, number: int = 1) -> TrueCall:
        call = call_at(start, number)
        self.emulator.add(call, self.now)
        return call

    def look(self, **later: float) -> Discovery:
        self.now += timedelta(**later)
        self.emulator.set_clock(self.now)
        found = self.connector.discover(json.loads(json.dumps(self.checkpoint)), self.now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found

    def settle(self, hours: float = 1, looks: int = 6) -> list[FoundCall]:
        """The latest version of every call after some hours, in which it looked now and then."""
        for _ in range(looks):
            self.look(hours=hours / looks)
        return list({call.native_key: call for call in self.told}.values())

    def fetch(self, recording: FoundRecording) -> bytes:
        with self.connector.open(recording) as stream:
            return stream.read()


class Grandstream:
    """A UCM."""

    def __init__(self) -> None:
        self.ucm = grandstream.Ucm()

    def add(self, call: TrueCall, now: datetime) -> None:
        for leg in self.ucm.add(call):
            self.ucm.audio |= {path: AUDIO for path in leg["recordfiles"].split("@") if path}
        self.ucm.calls[-1] = (now, self.ucm.calls[-1][1])

    def fill(self, audio: bytes) -> None:
        self.ucm.audio = dict.fromkeys(self.ucm.audio, audio)

    def spoil(self, how: str) -> None:
        self.ucm.faults = {"": [], "page": ["html"]}.get(how, [how])

    def expire(self) -> None:
        self.ucm.cookies.clear()

    def take_back(self) -> None:
        self.ucm.cookies.clear()
        self.ucm.uses = 0

    def lose(self) -> None:
        self.ucm.audio.clear()

    def repeat(self) -> None:
        self.ucm.calls *= 2

    def change_password(self) -> None:
        self.ucm.password = "changed"

    def name_caller(self, name: str) -> None:
        self.ucm.calls = [
            (at, record | {"clid": f'"{name}" <{record["src"]}>', "caller_name": name})
            for at, record in self.ucm.calls
        ]

    def forget_epochs(self) -> None:
        blank = {"uniqueid": "", "session": "", "recordfiles": ""}
        self.ucm.calls = [(at, record | blank) for at, record in self.ucm.calls]

    def set_clock(self, now: datetime) -> None:
        self.ucm.now = now


class Yeastar:
    """What both series share."""

    def __init__(self, pbx: Any) -> None:
        self.pbx = pbx

    def spoil(self, how: str) -> None:
        self.pbx.cut_every = lambda path: how in ("cut", "short")
        self.fill(PAGE if how == "page" else AUDIO)

    def fill(self, audio: bytes) -> None:
        raise NotImplementedError

    def expire(self) -> None:
        self.pbx.tokens.clear()

    def take_back(self) -> None:
        self.pbx.is_known = lambda token: False

    def change_password(self) -> None:
        self.pbx.password = "changed"

    def set_clock(self, now: datetime) -> None:
        self.pbx.now = now.timestamp()


class PSeries(Yeastar):
    """A P-Series."""

    def add(self, call: TrueCall, now: datetime) -> None:
        self.pbx.audio = AUDIO
        late = (now - call.end).total_seconds()
        self.pbx.add(call, late, late)

    def fill(self, audio: bytes) -> None:
        self.pbx.takes = [(at, listed, audio) for at, listed, _ in self.pbx.takes]

    def spoil(self, how: str) -> None:
        super().spoil(how)
        self.pbx.tell_length = how != "short"

    def lose(self) -> None:
        self.pbx.takes = [(9e12, listed, audio) for _, listed, audio in self.pbx.takes]

    def repeat(self) -> None:
        self.pbx.twice = True

    def name_caller(self, name: str) -> None:
        for _, row in self.pbx.rows:
            row["call_from"] = f"{name}<{row['call_from']}>"

    def forget_epochs(self) -> None:
        self.pbx.takes = []
        for _, row in self.pbx.rows:
            row |= {"timestamp": "", "call_id": "", "record_file": ""}


class SSeries(Yeastar):
    """An S-Series, with what it pushed."""

    def __init__(self, pbx: Any) -> None:
        super().__init__(pbx)
        self.pushed = yeastar.Pushed(pbx)

    def add(self, call: TrueCall, now: datetime) -> None:
        self.set_clock(now)
        for record in self.pbx.add(call, (now - call.end).total_seconds()):
            self.pushed.receive(record)
        self.fill(AUDIO)

    def fill(self, audio: bytes) -> None:
        self.pbx.takes = {name: (at, audio) for name, (at, _) in self.pbx.takes.items()}

    def spoil(self, how: str) -> None:
        super().spoil(how)
        self.pbx.short = set(self.pbx.takes) if how == "short" else set()

    def lose(self) -> None:
        self.pbx.takes = {name: (9e12, audio) for name, (_, audio) in self.pbx.takes.items()}

    def repeat(self) -> None:
        for line in list(self.pushed.kept):
            self.pushed.receive(line.data)

    def name_caller(self, name: str) -> None:
        self._change(lambda record: {"callfrom": f"{name}<{record['callfrom']}>"})

    def forget_epochs(self) -> None:
        self._change(lambda record: {"callid": "77", "recording": ""})

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        for index, line in enumerate(self.pushed.kept):
            record = json.loads(line.data)
            changed = json.dumps(record | change(record)).encode()
            self.pushed.kept[index] = Line(line.id, line.at, changed)


class ThreeCx:
    """A 3CX with its API."""

    def __init__(self) -> None:
        self.api = threecx.Api()
        self.api.audio = AUDIO

    def add(self, call: TrueCall, now: datetime) -> None:
        self.api.add(call)
        for talk in threecx.talks_of(call):
            self.api.record(call, talk)

    def fill(self, audio: bytes) -> None:
        self.api.audio = audio

    def spoil(self, how: str) -> None:
        self.api.cut, self.api.short = how == "cut", how == "short"
        self.api.html = how == "page"

    def expire(self) -> None:
        self.api.token = "given to somebody else"

    def take_back(self) -> None:
        self.api.takes_back = True

    def lose(self) -> None:
        self.api.kept = False
        self.api.recordings.clear()

    def repeat(self) -> None:
        self.api.log *= 2
        self.api.recordings *= 2

    def change_password(self) -> None:
        self.api.secret = "changed"

    def name_caller(self, name: str) -> None:
        for row in self.api.log:
            row["SourceDisplayName"] = name

    def set_clock(self, now: datetime) -> None:
        """It tells what happened, whatever time it is."""


@contextmanager
def exchange(name: str, certificate: Certificate) -> Iterator[Bench]:
    """One of ``NAMES``, answering on loopback."""
    with _MADE[name](certificate) as bench:
        yield bench


@contextmanager
def _grandstream(certificate: Certificate) -> Iterator[Bench]:
    emulator = Grandstream()
    with emulator.ucm.served(certificate) as port:
        given = {"host": "127.0.0.1", "port": port, "certificate": certificate.fingerprint,
                 "zone": "America/Chicago"}  # fmt: skip
        means = Means(secrets={"password": emulator.ucm.password}, allowed=ALLOWED)
        yield Bench(emulator, lambda **more: open_connector("grandstream", given | more, means))


@contextmanager
def _yeastar(certificate: Certificate) -> Iterator[Bench]:
    emulator = PSeries(yeastar_pbx.PSeries())
    with yeastar_pbx.serving(emulator.pbx) as url:
        given, means = {**yeastar.P_SETTINGS, "url": url}, Means(**yeastar.P_MEANS)
        yield Bench(emulator, lambda **more: open_connector("yeastar", given | more, means))


@contextmanager
def _yeastar_s(certificate: Certificate) -> Iterator[Bench]:
    emulator = SSeries(yeastar_pbx.SSeries())
    with yeastar_pbx.serving(emulator.pbx) as url:
        given = {**yeastar.S_SETTINGS, "url": url}
        secrets = {"password": yeastar_pbx.SECRET}
        means = Means(secrets=secrets, allowed=ALLOWED, feed=emulator.pushed)
        yield Bench(emulator, lambda **more: open_connector("yeastar_s", given | more, means))


@contextmanager
def _threecx(certificate: Certificate) -> Iterator[Bench]:
    emulator = ThreeCx()
    with serving(emulator.api.serve, certificate) as port:
        given = {"url": f"https://127.0.0.1:{port}", "client_id": "box",
                 "certificate": certificate.fingerprint}  # fmt: skip
        means = Means(secrets={"client_secret": emulator.api.secret}, allowed=ALLOWED)
        yield Bench(emulator, lambda **more: open_connector("3cx-xapi", given | more, means))


_MADE = {
    "grandstream": _grandstream,
    "yeastar": _yeastar,
    "yeastar_s": _yeastar_s,
    "3cx-xapi": _threecx,
}
NAMES = sorted(_MADE)
