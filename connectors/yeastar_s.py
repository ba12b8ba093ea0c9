"""Yeastar S-Series: call records only as they are pushed, recordings fetched one by one."""

from collections import Counter
from datetime import datetime
from threading import Event, Thread
from typing import Any, BinaryIO, Literal
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from appliance.errors import NotFound, PetsvetError, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from appliance.logs import get_log
from connectors.interface import (
    Checkpoint,
    Discovery,
    Final,
    Finality,
    Gone,
    NotYet,
    Probe,
    told_of,
)
from connectors.jsons import read_json
from connectors.kinds import Field, Kind, Line, Means, Receive
from connectors.ledger import Candidate, Ledger, checkpoint_of, recall, settle
from connectors.looking import shown
from connectors.mount import suffix_of
from connectors.names import is_sound
from connectors.settling import Patience
from connectors.telling import zone_named
from connectors.wav import AUDIO, HINTS
from connectors.yeastar_fields import CERTIFICATE, HOUSE_FIELDS, LEFT_FIELDS, PUSH_PATH
from connectors.yeastar_legs import Leg, leg_of_event
from connectors.yeastar_push import serve
from connectors.yeastar_s_api import SApi
from connectors.yeastar_telling import Group, House, group_legs, key_of, tell, with_sides

log = get_log(__name__)

OVERLAP_S = 6 * 3600.0
HEARTBEAT_S = 20 * 60.0
RETRY_S = 60.0
_BATCH = 10_000

Side = Literal["", "caller", "staff"]


class Settings(Fact, frozen=True):
    """How the phone system is reached and read.

    ``url``: ``https://192.168.1.10:8088``. ``version``: of its API, as in its address.
    ``listen_port``: where it pushes to. The rest as for the P-Series; its numbers cannot be asked
    for, so ``extensions`` and ``queues`` are worth entering.
    """

    url: str
    username: str = "api"
    version: Literal["v1.0.0", "v1.0.1", "v1.1.0", "v2.0.0"] = "v2.0.0"
    listen_port: int = 8260
    certificate: str = ""
    zone: str = "UTC"
    extensions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    left_in: Side = ""
    left_out: Side = ""
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class YeastarS:
    """The connector. Raises Misconfigured for a zone nobody knows."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings, self.feed = settings, means.feed
        self.zone = ZoneInfo(zone_named(settings.zone))
        self.api = _api(settings, means)
        self._trouble: Unavailable | None = None
        self.house = House(
            extensions=settings.extensions, queues=settings.queues, dids=settings.dids
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        problems = []
        try:
            self.api.stay()
        except PetsvetError as error:
            problems.append(str(error))
        lines = self._lines(0)
        pairs = [(line, leg) for line in lines[-200:] if (leg := self._leg(line))]
        skew = max(
            (leg.at + leg.seconds - line.at.timestamp() for line, leg in pairs), default=None
        )
        if not lines:
            problems.append(
                "No call was pushed to this box yet. This phone system tells calls in no other way:"
                " make one, and if nothing comes, see that its network lets it reach this box at"
                f" port {self.settings.listen_port}."
            )
        if skew and skew > 60:
            problems.append(f"The phone system's clock is {skew:.0f} seconds ahead of this box.")
        if any(suffix_of(name) not in AUDIO for _, leg in pairs for name in leg.names):
            problems.append("Recordings come in a format of the vendor's own; choose wav there.")
        return Probe(
            problems=tuple(problems),
            capabilities=("push", *(("cdr",) if pairs else ())),
            newest=tuple(_locator(name) for _, leg in pairs[::-1] for name in leg.names)[:5],
            clock_skew_s=skew if skew and skew > 0 else None,
            zone=self.settings.zone,
        )

    def _lines(self, after: int) -> list[Line]:
        found: list[Line] = []
        while self.feed is not None:
            lines = self.feed.lines(after, _BATCH)
            found += lines
            if len(lines) < _BATCH:
                break
            after = lines[-1].id
        return found

    def _leg(self, line: Line) -> Leg | None:
        event = event_of(line.data)
        return leg_of_event(event, self.zone, line.id) if event is not None else None

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        ledger, notes, self._trouble = recall(checkpoint), Counter[str](), None
        lines = self._lines(int(ledger.more.get("feed", "0")))
        legs = self._distinct(lines, notes)
        groups = group_legs(legs)
        candidates = []
        for group in groups:
            key = key_of(group, {**ledger.waiting, **ledger.told})
            # Of a call told long ago, earlier records were read for the last time.
            if key not in ledger.told or not _is_straggler(group, legs):
                heard_at = max(legs[leg].at.timestamp() for leg in group.legs)
                candidates.append(self._candidate(ledger, key, group, heard_at, now))
        calls = settle(ledger, candidates, now)
        if self._trouble and not calls:
            raise self._trouble
        self._move_mark(ledger, lines, groups, legs, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(ledger),
            waiting=len(ledger.waiting),
            notes=told_of(+notes),
        )

    def _distinct(self, lines: list[Line], notes: Counter[str]) -> dict[Leg, Line]:
        """The legs in the order they came, each once however often it was pushed."""
        known: set[Leg] = set()
        legs: dict[Leg, Line] = {}
        for line in lines:
            leg = self._leg(line)
            if leg is None:
                notes["push_malformed"] += 1
            elif (same := structs.replace(leg, order=0)) in known:
                notes["duplicate_row"] += 1
            else:
                known.add(same)
                legs[leg] = line
        return legs

    def _candidate(
        self, ledger: Ledger, key: str, group: Group, heard_at: float, now: datetime
    ) -> Candidate:
        """``heard_at``: when its last record came, epoch seconds of our clock."""
        names = list(dict.fromkeys(name for leg in group.legs for name in leg.names))
        told = ledger.told.get(key)
        here = [n for n in names if (told and told.recordings >= len(names)) or self._has(n)]
        at = int(group.legs[0].at) * 10**9
        call = tell(key, group.legs, tuple(_recording(name, at) for name in here), self.house)
        call = with_sides(call, self.settings.left_in, self.settings.left_out, {})
        over = heard_at + self.settings.patience.quiet_s <= now.timestamp()
        return Candidate(call, group.legs[0].at, over and len(here) == len(names))

    def _has(self, name: str) -> bool:
        """Whether the phone system gives a recording now; it may come later than its record.

        After one question went wrong no other is asked: what is known already is told, the rest
        waits for the next look.
        """
        if self._trouble or not is_sound(name):
            return False
        try:
            return bool(self.api.word_for(name))
        except NotFound:
            return False
        except Unavailable as error:
            self._trouble = error
            return False

    def _move_mark(
        self, ledger: Ledger, lines: list[Line], groups: list[Group], legs: dict[Leg, Line],
        now: datetime,
    ) -> None:  # fmt: skip
        """Up to the last record that is old; calls that wait or go on are kept whole."""
        edge, held = now.timestamp() - OVERLAP_S, []
        for group in groups:
            own = [legs[leg] for leg in group.legs]
            fresh = any(line.at.timestamp() >= edge for line in own)
            if fresh or not ledger.waiting.keys().isdisjoint(group.ids):
                held += [line.id for line in own]
        held += [line.id for line in lines if line.at.timestamp() >= edge]
        stop = min(held, default=lines[-1].id + 1 if lines else 0)
        if done := [line.id for line in lines if line.id < stop]:
            ledger.more["feed"] = str(done[-1])

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        quiet = self.settings.patience.quiet_s
        if call.ended_at and 0 < (wait := call.ended_at.timestamp() + quiet - now.timestamp()) < 60:
            return NotYet(retry_after_s=round(wait + 0.5), why="quiet")
        try:
            self.api.word_for(_name_of(recording))
        except NotFound:
            return Gone()
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return self.api.fetch(_name_of(recording), self.settings.max_bytes)


def _is_straggler(group: Group, legs: dict[Leg, Line]) -> bool:
    """Whether all that is at hand of a call was pushed hours after its end."""
    late = (legs[leg].at.timestamp() - leg.at - leg.seconds for leg in group.legs)
    return min(late) > OVERLAP_S


def _locator(name: str) -> str:
    return "recording/" + quote(name, safe="")


def _name_of(recording: FoundRecording) -> str:
    kind, _, name = recording.locator.partition("/")
    if kind != "recording" or not is_sound(unquote(name)):
        raise NotFound("this is no recording of this phone system")
    return unquote(name)


def _recording(name: str, modified_ns: int) -> FoundRecording:
    """A recording by its name, which is all that is known of it (``size`` 0: unknown)."""
    suffix = suffix_of(name)
    return FoundRecording(
        locator=_locator(name),
        name=shown(name),
        size=0,
        modified_ns=modified_ns,
        container_hint=HINTS.get(suffix, suffix) if suffix in AUDIO else "",
        warnings=() if suffix in AUDIO else ("unknown_codec",),
    )


def event_of(data: bytes) -> dict[str, Any] | None:
    """The call record that was pushed, None when it is none."""
    try:
        found = read_json(data)
    except (ValueError, RecursionError):
        return None
    return found if is_call_record(found) else None


def is_call_record(event: Any) -> bool:
    """Whether a pushed event is about a finished call; version 2 writes another word for it."""
    return isinstance(event, dict) and (event.get("action") or event.get("event")) == "NewCdr"


def _api(settings: Settings, means: Means) -> SApi:
    return SApi(
        settings.url,
        settings.username,
        means.secrets.get("password", ""),
        settings.version,
        settings.listen_port,
        means.allowed,
        settings.certificate,
    )


def _make(given: dict[str, Any], means: Means) -> YeastarS:
    return YeastarS(msgspec.convert(given, Settings), means)


def _listen(given: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    settings = msgspec.convert(given, Settings)
    keeper = Thread(target=_stay_subscribed, args=(_api(settings, means), stop), daemon=True)
    keeper.start()
    serve(
        settings.listen_port,
        means.secrets.get("push_path", ""),
        means.allowed,
        is_call_record,
        receive,
        stop,
    )
    keeper.join(5)


def _stay_subscribed(api: SApi, stop: Event) -> None:
    """The phone system pushes only while somebody is signed in who told it the port."""
    wait = 0.0
    while not stop.wait(wait):
        try:
            api.stay()
            wait = HEARTBEAT_S
        except PetsvetError as error:
            log.warning("the phone system was not asked to push", error=error)
            wait = RETRY_S


KIND = Kind(
    name="yeastar_s",
    title="Yeastar S-Series",
    level="emulated",
    make=_make,
    fields=(
        Field(name="url", label="Address", help="https://…:8088", required=True),
        Field(name="username", label="User of the API", default="api"),
        Field(name="password", label="Password of the API", secret=True, required=True),
        Field(
            name="version",
            label="Version of the API",
            type="choice",
            choices=tuple((v, v) for v in ("v2.0.0", "v1.1.0", "v1.0.1", "v1.0.0")),
            default="v2.0.0",
            advanced=True,
        ),
        Field(
            name="listen_port",
            label="Port at which this box takes call records",
            type="number",
            default="8260",
        ),
        PUSH_PATH,
        CERTIFICATE,
        *HOUSE_FIELDS,
        *LEFT_FIELDS,
    ),
    notes=(
        "This phone system tells of a call only once, when it ends: calls made while this box is"
        " off are not seen. Enable the API under Settings → PBX → General → API; after five wrong"
        " passwords it locks the sender out for ten minutes, so we stop after two. Choose wav for"
        " recordings. It cannot say which numbers are phones: enter extensions and queues."
    ),
    listen=_listen,
    wants_listener=lambda given: True,
)
