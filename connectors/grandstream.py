"""Grandstream UCM62xx and UCM63xx: its HTTPS API, the records it pushes, and its archive."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, BinaryIO

import msgspec
from msgspec import structs

from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import grandstream_push
from connectors.ahead import is_ahead
from connectors.files import Entry
from connectors.grandstream_api import API, Api, recording_at
from connectors.grandstream_archive import PLACE, Archive, recording_of
from connectors.grandstream_probe import probe_api, probe_feed
from connectors.grandstream_records import Named, Record, distinct_records, read_pushed, record_of
from connectors.grandstream_telling import Group, compose, group_records
from connectors.interface import Checkpoint, Discovery, Final, Finality, NotYet, Probe, told_of
from connectors.kinds import Field, Kind, Means, Receive
from connectors.ledger import Candidate, Ledger, checkpoint_of, recall, settle, since
from connectors.places import Place, open_place
from connectors.settling import Patience
from connectors.telling import Site, zone_named

OVERLAP_S = 6 * 3600.0  # a record is written when its call has ended
KEEP_S = 8 * 3600.0  # pushed records are read again for as long
SLACK_S = 15 * 3600.0  # in which zone the filter takes its time is not known
_BURST_S = 15.0
_LINES = 5000


class Settings(Fact, frozen=True):
    """How the phone system is reached and read.

    ``host`` with ``user`` for its API; "" where it only pushes. ``certificate``: pinned SHA-256.
    ``zone``: IANA name of its clock. ``listen_port`` takes pushed records, 0 for none, under
    ``push_user``. ``place``: its archive of recordings, read instead of asking the API for audio.
    ``lookback_days``: how far back the first look goes. ``max_bytes``: larger recordings are not
    taken.
    """

    host: str = ""
    port: int = 8089
    user: str = "cdrapi"
    certificate: str = ""
    zone: str = "UTC"
    listen_port: int = 0
    push_user: str = ""
    place: Place | None = None
    extensions: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    sweep: bool = False
    immediate: bool = False
    lookback_days: float = 2
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class Grandstream:
    """The connector. Raises Misconfigured when nothing to read is named."""

    def __init__(self, settings: Settings, means: Means) -> None:
        if not settings.host and not settings.listen_port:
            raise Misconfigured("enter the phone system's address, or a port for pushed records")
        self.settings, self.means = settings, means
        self.site = Site(
            zone=zone_named(settings.zone), dids=settings.dids, extensions=settings.extensions
        )
        self.archive = (
            Archive(open_place(settings.place, means), settings.patience, settings.max_bytes)
            if settings.place
            else None
        )
        self.api = (
            Api(
                settings.host, settings.port, settings.user, means.secrets.get("password", ""),
                means.allowed, settings.certificate,
            )
            if settings.host
            else None
        )  # fmt: skip

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        settings = self.settings
        if self.api is None:
            files = self.archive.files if self.archive else None
            return probe_feed(self.means.feed, files, self.site, now)
        return probe_api(self.api, settings.host, settings.port, self.means.allowed, self.site, now)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        ledger, notes = recall(checkpoint), Counter[str]()
        edge = self._edge(ledger, now)
        pushed, arrived = self._pushed(ledger, notes)
        polled = self._polled(ledger, edge, notes)
        records = distinct_records([*pushed, *polled])
        archive = self.archive.find(records, ledger, notes) if self.archive else {}
        seen, mark = int(ledger.more.get("seen", "0")), ledger.mark
        candidates = [
            self._candidate(group, archive, arrived, ledger, now)
            for group in group_records(records, {**ledger.waiting, **ledger.told})
            if group.at >= edge or any(record.line > seen for record in group.records)
        ]
        calls = settle(ledger, candidates, now)
        if notes["api_away"]:
            ledger.mark = mark  # what it did not push is still to be asked for
        _pass_lines(ledger, pushed, arrived, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(ledger),
            waiting=len(ledger.waiting),
            notes=told_of(+notes),
        )

    def _edge(self, ledger: Ledger, now: datetime) -> float:
        """Epoch seconds: calls that began before are old. -1 for everything there is."""
        if self.settings.sweep or self.settings.immediate:
            return -1
        if (edge := since(ledger, OVERLAP_S)) >= 0:
            return edge
        return now.timestamp() - 86400 * max(1.0, self.settings.lookback_days)

    def _polled(self, ledger: Ledger, edge: float, notes: Counter[str]) -> list[Record]:
        """The API's records. Where it is away, pushed ones alone must do, if there are any."""
        if self.api is None:
            return []
        zone = self.site.row_zone
        kept: dict[int, Record] = {}

        def is_recent(told: dict[str, str]) -> bool:
            record = record_of(told, zone)
            if record is None:
                notes["cdr_malformed"] += 1
                return False
            if record.at < edge - OVERLAP_S:
                return False
            kept[len(kept)] = record
            return True

        given = {}
        asks_all = edge < 0 or ledger.more.get("filter") == "no"
        if not asks_all:
            begin = datetime.fromtimestamp(max(0.0, edge - SLACK_S), UTC).astimezone(zone)
            given = {"startTime": f"{begin:%Y-%m-%dT%H:%M:%S}"}
        try:
            self.api.read_back(given, is_recent)
            if given and not kept and ledger.more.get("filter") != "yes":
                # Nothing since the edge, or a firmware that does not know this filter?
                self.api.read_back({}, is_recent)
                ledger.more |= {"filter": "no"} if kept else {}
            elif given and kept:
                ledger.more["filter"] = "yes"
        except (Unavailable, Misconfigured):
            if not self.settings.listen_port or self.means.feed is None:
                raise
            notes["api_away"] += 1
            return []
        return list(kept.values())

    def _pushed(self, ledger: Ledger, notes: Counter[str]) -> tuple[list[Record], dict[int, float]]:
        """Pushed records of lines not passed, and when (epoch s) each of these lines came."""
        feed, after = self.means.feed, int(ledger.more.get("line", "0"))
        found: list[Record] = []
        arrived: dict[int, float] = {}
        while feed is not None:
            lines = feed.lines(after, _LINES)
            for line in lines:
                records, broken = read_pushed(line.data, self.site.row_zone, line.id)
                found += records
                notes["push_malformed"] += broken
                arrived[line.id] = line.at.timestamp()
            if len(lines) < _LINES:
                break
            after = lines[-1].id
        return found, arrived

    def _candidate(
        self,
        group: Group,
        archive: dict[str, Entry],
        arrived: dict[int, float],
        ledger: Ledger,
        now: datetime,
    ) -> Candidate:
        patience = self.settings.patience
        call, moment = compose(group, self.site), now.timestamp()
        end = call.ended_at or call.started_at
        # A clock that is ahead must not hold a call back.
        ended = 0.0 if is_ahead(end, now) else end.timestamp()
        quiet = 0.0 if self.settings.immediate else patience.quiet_s
        last = max(min(arrived.get(r.line, 0.0), moment) for r in group.records)
        over = ended + quiet <= moment and last + _BURST_S <= moment
        known = group.key in ledger.told
        recordings, missing = self._recordings(group.files, archive, known, now)
        told = structs.replace(call, recordings=recordings)
        if missing and not self._can_come:
            told = structs.replace(told, warnings=(*told.warnings, "cdr_without_file"))
            missing = False
        return Candidate(told, min(group.at, moment), over and not missing)

    @property
    def _can_come(self) -> bool:
        """Whether there is anywhere a recording could come from."""
        return self.archive is not None or self.api is not None

    def _recordings(
        self, files: Iterable[Named], archive: dict[str, Entry], known: bool, now: datetime
    ) -> tuple[tuple[FoundRecording, ...], bool]:
        """What can be taken, and whether a named recording is not at hand.

        ``known``: the call was told, so its files were looked into.
        """
        found, missing = [], False
        for file in files:
            if self.archive is not None:
                entry = archive.get(file.path.rpartition("/")[2])
                if entry is not None and (known or self.archive.is_whole(entry, now)):
                    found.append(recording_of(entry))
                    continue
            elif self.api is not None:
                found.append(recording_at(file))
                continue
            missing = True
        return tuple(found), missing

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector. A recording exists as soon as a record names it, and is whole then."""
        if recording.locator.startswith(PLACE) and self.archive is not None:
            verdict = self.archive.verdict(recording)
            if not isinstance(verdict, Final):
                return verdict
        quiet = self.settings.patience.quiet_s
        ended = (call.ended_at or call.started_at) + timedelta(seconds=quiet)
        if (wait := (ended - now).total_seconds()) > 0 and not is_ahead(ended, now):
            return NotYet(retry_after_s=max(1, round(wait)), why="quiet")
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        if recording.locator.startswith(PLACE) and self.archive is not None:
            return self.archive.open(recording)
        if not recording.locator.startswith(API) or self.api is None:
            raise NotFound("this recording cannot be reached with these settings any more")
        where = recording.locator.removeprefix(API)
        return self.api.download(where, recording.size, self.settings.max_bytes)


def _pass_lines(
    ledger: Ledger, pushed: Iterable[Record], arrived: dict[int, float], now: datetime
) -> None:
    """Never past a line whose call still waits, nor past one that came a short while ago."""
    waiting = {r.line for r in pushed if not ledger.waiting.keys().isdisjoint(r.ids)}
    keep = now.timestamp() - KEEP_S
    for line in sorted(arrived):
        if line in waiting or arrived[line] > keep:
            break
        ledger.more["line"] = str(line)
    if arrived:
        ledger.more["seen"] = str(max(arrived))


def _make(given: dict[str, Any], means: Means) -> Grandstream:
    return Grandstream(msgspec.convert(given, Settings), means)


def _listen(given: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    settings = msgspec.convert(given, Settings)
    login = (settings.push_user, means.secrets.get("push_password", ""))
    grandstream_push.listen(settings.listen_port, login, means.allowed, receive, stop)


def _wants_listener(given: dict[str, Any]) -> bool:
    return bool(given.get("listen_port"))


KIND = Kind(
    name="grandstream",
    title="Grandstream UCM62xx, UCM63xx",
    level="emulated",
    make=_make,
    fields=(
        Field(
            name="host",
            label="Address",
            help="A name or an IP address. Leave it empty where the phone system only pushes.",
        ),
        Field(name="port", label="Port of its HTTPS API", type="number", default="8089"),
        Field(
            name="user",
            label="API user",
            default="cdrapi",
            help="From Integrations → API Configuration → HTTPS API, not a user of its web page.",
        ),
        Field(name="password", label="Password of the API user", secret=True),
        Field(
            name="certificate",
            label="Fingerprint of its certificate",
            help="SHA-256. The test shows it; compare it with what a browser shows of the phone"
            " system's page, then enter it here.",
        ),
        Field(name="zone", label="Time zone of the phone system", default="UTC"),
        Field(
            name="listen_port",
            label="Port for pushed call records",
            type="number",
            help="On the phone system: Integrations → API Configuration → CDR Real-Time Output"
            " Settings, to this box and port, over TCP or HTTP, as JSON or XML. 0: none.",
            default="0",
            advanced=True,
        ),
        Field(name="push_user", label="User for pushed call records", advanced=True),
        Field(
            name="push_password",
            label="Password for pushed call records",
            secret=True,
            advanced=True,
        ),
        Field(
            name="place",
            label="Archive of its recordings",
            type="place",
            help="Where recordings are not fetched through the API: the folder into which the"
            " phone system's file storage sync copies them.",
            advanced=True,
        ),
        Field(
            name="extensions",
            label="Extensions",
            type="list",
            help="The phones of the clinic; left empty, two to six digits are one.",
            advanced=True,
        ),
        Field(name="dids", label="The clinic's own outside numbers", type="list", advanced=True),
    ),
    stereo="",
    notes=(
        "The API user must be allowed CDR and recordings (cdrapi, recapi), and this box must stand"
        " among its permitted IPs. UCM62xx need firmware of the HTTPS API (1.0.19 or later)."
        " Pushed records make calls appear sooner and bridge hours in which the API is away; over"
        " TCP the phone system's user and password cannot be checked reliably, only its address."
        " No way is known to have both sides recorded apart: its recordings mix them."
    ),
    listen=_listen,
    wants_listener=_wants_listener,
)
