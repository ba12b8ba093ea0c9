"""Yeastar P-Series over its API: lists of calls and recordings, joined, each call once."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO, Literal
from zoneinfo import ZoneInfo

from msgspec import structs

from appliance.errors import NotFound, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
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
from connectors.kinds import Means
from connectors.ledger import GIVE_UP_S, Candidate, Ledger, checkpoint_of, recall, settle, since
from connectors.looking import shown
from connectors.mount import suffix_of
from connectors.places import Place
from connectors.settling import Patience
from connectors.telling import zone_named
from connectors.wav import AUDIO, HEADERLESS, HINTS
from connectors.yeastar_api import Answered, Api
from connectors.yeastar_legs import (
    Leg,
    Take,
    leg_of_event,
    leg_of_row,
    moment_of_name,
    take_of,
    whole,
)
from connectors.yeastar_probe import probe_api
from connectors.yeastar_telling import Group, House, group_legs, key_of, tell, with_sides

NEW_CDR = 30012
OVERLAP_S = 6 * 3600.0
_SLACK_S = 3600.0  # legs of one call may begin that long after each other
_ALONE_S = 3600.0  # a recording without a row, an event without a row: told as it is after this
_HOUSE_S = 6 * 3600.0
_LISTS = {"extensions": "/extension/list", "queues": "/queue/list", "others": "/ivr/list",
          "groups": "/ring_group/list"}  # fmt: skip

Side = Literal["", "caller", "staff"]


class Settings(Fact, frozen=True):
    """How the phone system is reached and read.

    ``url`` (``https://192.168.1.10:8088``) with ``client_id``, or ``place``, the archive, alone.
    ``certificate``: pinned SHA-256. ``zone``: IANA name of the phone system's clock. ``listen_port``
    takes pushed call records, 0 for none. ``extensions``, ``queues``, ``dids``: the clinic's own
    numbers; with none given they are asked for. ``left_in`` and ``left_out``: who is heard on the
    left of a call that came in, or went out, "" where nobody has listened. ``sweep`` and
    ``immediate``: everything the phone system still has, not only the last days. ``max_bytes``:
    larger recordings are not taken.
    """

    url: str = ""
    client_id: str = ""
    certificate: str = ""
    place: Place | None = None
    zone: str = "UTC"
    listen_port: int = 0
    extensions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    left_in: Side = ""
    left_out: Side = ""
    sweep: bool = False
    immediate: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class Yeastar:
    """The connector over the phone system's API. Raises Misconfigured for an unknown zone."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings, self.feed = settings, means.feed
        self.zone = ZoneInfo(zone_named(settings.zone))
        secret = means.secrets.get("client_secret", "")
        self.api = Api(
            settings.url, settings.client_id, secret, means.allowed, settings.certificate
        )
        self.allowed = means.allowed

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        return probe_api(self.api, self.settings, self.allowed, self.zone, now)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        ledger, notes = recall(checkpoint), Counter[str]()
        house = self._house(ledger, now)
        edge = self._edge(ledger, now)
        takes = [t for row in self._read("/recording/list", edge) if (t := take_of(row, self.zone))]
        rows = [(row, leg_of_row(row, self.zone)) for row in self._read("/cdr/list", edge)]
        legs = [leg for _, leg in rows if leg is not None]
        if len(legs) < len(rows):
            notes["cdr_malformed"] += len(rows) - len(legs)
        events = self._events(ledger, legs, notes)
        groups = group_legs([*legs, *events, *(take.leg for take in takes)])
        candidates = self._candidates(ledger, groups, takes, house, edge, now)
        calls = settle(ledger, candidates, now)
        self._move_feed_mark(ledger, events)
        notes["vanished"] += _forget_vanished(ledger, candidates, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(ledger),
            waiting=len(ledger.waiting),
            notes=told_of(+notes),
        )

    def _edge(self, ledger: Ledger, now: datetime) -> float:
        """Epoch seconds: what began before is old. -1 for everything there is."""
        if self.settings.sweep or self.settings.immediate:
            return -1
        if (edge := since(ledger, OVERLAP_S)) >= 0:
            return edge
        return now.timestamp() - 86400 * max(1.0, self.settings.patience.lookback_days)

    def _read(self, path: str, edge: float) -> list[dict[str, Any]]:
        def is_old(row: dict[str, Any]) -> bool:
            at = float(whole(row.get("timestamp"))) or moment_of_name(str(row.get("file") or ""))
            if not at and (leg := leg_of_row(row, self.zone)):
                at = leg.at
            return at < edge - _SLACK_S

        try:
            return self.api.read_back(path, is_old)
        except Answered as answered:
            raise Unavailable(
                f"the phone system does not answer {path} (its error {answered.code}); may this"
                " Client ID read call records and recordings? See Integrations → API"
            ) from answered

    def _house(self, ledger: Ledger, now: datetime) -> House:
        """The clinic's numbers: as entered, else as the phone system lists them."""
        settings, known = self.settings, ledger.more.get("house", "")
        asked_at = float(ledger.more.get("house_at", "0"))
        if not settings.extensions and not 0 <= now.timestamp() - asked_at < _HOUSE_S:
            known = self._ask_house(known)
            ledger.more |= {"house": known, "house_at": str(now.timestamp())}
        found: dict[str, list[str]] = json.loads(known) if known else {}
        others = (*found.get("others", ()), *found.get("groups", ()))
        return House(
            extensions=settings.extensions or tuple(found.get("extensions", ())),
            queues=settings.queues or tuple(found.get("queues", ())),
            others=others,
            dids=settings.dids,
        )

    def _ask_house(self, known: str) -> str:
        """What can be had of the lists of numbers; not every one may be open to us."""
        found: dict[str, list[str]] = json.loads(known) if known else {}
        for name, path in _LISTS.items():
            try:
                rows = self.api.read_back(path, lambda row: False)
            except Answered:
                continue
            found[name] = sorted({str(row["number"]) for row in rows if row.get("number")})
        return json.dumps(found)

    def _events(self, ledger: Ledger, legs: list[Leg], notes: Counter[str]) -> list[Leg]:
        """Pushed records of calls that are in no row and were not told."""
        after = int(ledger.more.get("feed", "0"))
        known = {name for leg in legs for name in leg.ids} | ledger.told.keys()
        near = {(leg.from_number, round(leg.at) + off) for leg in legs for off in (-2, -1, 0, 1, 2)}
        found: list[Leg] = []
        for line in self.feed.lines(after) if self.feed is not None else ():
            ledger.more["feed"] = str(line.id)
            event = event_of(line.data)
            leg = leg_of_event(event, self.zone, line.id) if event is not None else None
            if leg is None:
                notes["push_malformed"] += 1
            elif known.isdisjoint(leg.ids) and (leg.from_number, round(leg.at)) not in near:
                found.append(leg)
        return found

    def _move_feed_mark(self, ledger: Ledger, events: Iterable[Leg]) -> None:
        """Never past an event whose call still waits for its row."""
        open_ones = [leg.order for leg in events if ledger.told.keys().isdisjoint(leg.ids)]
        if open_ones:
            ledger.more["feed"] = str(min(open_ones) - 1)

    def _candidates(
        self, ledger: Ledger, groups: list[Group], takes: list[Take], house: House,
        edge: float, now: datetime,
    ) -> list[Candidate]:  # fmt: skip
        by_leg = {take.leg: take for take in takes}
        known = {**ledger.waiting, **ledger.told}
        found = []
        for group in groups:
            key, start = key_of(group, known), group.legs[0].at
            # Of a call that began before the edge some legs may lie on pages that were not read.
            if key in ledger.told and start < edge:
                continue
            own = [by_leg[leg] for leg in group.legs if leg in by_leg]
            first = ledger.waiting[key].since if key in ledger.waiting else now.timestamp()
            found.append(self._candidate(key, group, own, house, min(first, now.timestamp()), now))
        return found

    def _candidate(
        self, key: str, group: Group, takes: list[Take], house: House, first: float, now: datetime
    ) -> Candidate:
        """The call of a group; ``first``: when it was first seen, epoch seconds of our clock."""
        settings, moment = self.settings, now.timestamp()
        rows = [leg for leg in group.legs if leg.source == "row"]
        heard = sorted((t for t in takes if t.size > 0), key=lambda take: (take.leg.at, take.id))
        unique = {take.name: take for take in heard}.values()
        legs = rows or [leg for leg in group.legs if leg.source == "event"] or list(group.legs)
        call = tell(key, legs, tuple(_recording(take) for take in unique), house)
        call = with_sides(call, settings.left_in, settings.left_out, {})
        ended = call.ended_at.timestamp() if call.ended_at else call.started_at.timestamp()
        quiet = 0.0 if settings.immediate else settings.patience.quiet_s
        over = ended + quiet <= moment or first + max(quiet, 60.0) <= moment
        if rows:
            missing = _missing(rows, unique)
            return Candidate(call, call.started_at.timestamp(), over and not missing)
        warning = ("file_without_cdr",) if takes else ()
        level = "filename" if takes else "cdr"
        if any(leg.names for leg in legs) and not takes:
            warning = ("cdr_without_file",)
        told = structs.replace(call, warnings=(*call.warnings, *warning), metadata_level=level)
        alone = moment - (ended if takes else first) >= _ALONE_S * (1 if takes else 6)
        return Candidate(told, call.started_at.timestamp(), alone)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        quiet = self.settings.patience.quiet_s
        if call.ended_at and 0 < (wait := call.ended_at.timestamp() + quiet - now.timestamp()) < 60:
            return NotYet(retry_after_s=round(wait + 0.5), why="quiet")
        try:
            self.api.find(number_of(recording))
        except NotFound:
            return Gone()
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        number, suffix = number_of(recording), suffix_of(recording.name)
        return self.api.fetch(number, suffix, recording.size, self.settings.max_bytes)


def number_of(recording: FoundRecording) -> int:
    """The phone system's number of a recording. Raises NotFound for a locator that is not ours."""
    kind, _, number = recording.locator.partition("/")
    if kind != "recording" or not number.isascii() or not number.isdigit():
        raise NotFound("this is no recording of this phone system")
    return int(number)


def _recording(take: Take) -> FoundRecording:
    suffix = suffix_of(take.name)
    return FoundRecording(
        locator=f"recording/{take.id}",
        name=shown(take.name),
        size=take.size,
        modified_ns=int(take.leg.at) * 10**9,
        container_hint=HINTS.get(suffix, suffix) if suffix in AUDIO else "",
        rate_hint=HEADERLESS[suffix][0] if suffix in HEADERLESS else 0,
        warnings=() if suffix in AUDIO else ("unknown_codec",),
    )


def _forget_vanished(ledger: Ledger, candidates: list[Candidate], now: datetime) -> int:
    """Give up calls that waited and that the phone system itself has deleted meanwhile."""
    here = {candidate.call.native_key for candidate in candidates}
    edge = now.timestamp() - 2 * GIVE_UP_S
    gone = [k for k, w in ledger.waiting.items() if k not in here and w.since < edge]
    for key in gone:
        del ledger.waiting[key]
    return len(gone)


def _missing(rows: Iterable[Leg], takes: Iterable[Take]) -> bool:
    """Whether rows name a recording that is not in the list yet; its ending may differ there."""
    here = {take.name.rpartition(".")[0] for take in takes}
    return any(name.rpartition(".")[0] not in here for leg in rows for name in leg.names)


def event_of(data: bytes) -> dict[str, Any] | None:
    """The call record in a pushed event, which is JSON in a text within JSON; None if there is none."""
    try:
        outer = read_json(data)
        if not is_call_record(outer):
            return None
        inner = outer.get("msg")
        found = read_json(inner.encode()) if isinstance(inner, str) else inner
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_call_record(event: Any) -> bool:
    """Whether a pushed event is about a finished call."""
    return isinstance(event, dict) and str(event.get("type")) == str(NEW_CDR)
