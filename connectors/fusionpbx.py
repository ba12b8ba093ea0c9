"""FusionPBX: its table of calls in PostgreSQL, and the recordings FreeSWITCH writes."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from appliance.errors import NotFound, PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.freeswitch_files import Shelf, candidate_of, open_recording, orphans, verdict
from connectors.freeswitch_legs import Leg
from connectors.freeswitch_telling import group_legs
from connectors.fusionpbx_sql import COLUMNS, clock_of, columns_of, connected, read_legs
from connectors.interface import Checkpoint, Discovery, Finality, Gone, Probe, told_of
from connectors.kinds import Field, Kind, Means
from connectors.ledger import Ledger, checkpoint_of, recall, settle, since
from connectors.places import Place, open_place
from connectors.settling import Patience
from connectors.telling import Site

OVERLAP_S = 3600.0  # rows are seen when their import is committed
SPAN_S = 8 * 3600.0  # the legs of one call are written as far apart as it is long
_PROBE_S = 3 * 86400.0


class Settings(Fact, frozen=True):
    """Where the database and the recordings are.

    ``domain``: the tenant, "" for all of them. ``place``: the recordings, None without any.
    ``tls``: refuse a database that speaks no TLS. ``lookback_days``: how far back the first look
    goes. ``max_bytes``: larger recordings are not opened.
    """

    host: str
    port: int = 5432
    database: str = "fusionpbx"
    user: str = "fusionpbx"
    domain: str = ""
    tls: bool = False
    place: Place | None = None
    extensions: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    sweep: bool = False
    immediate: bool = False
    lookback_days: float = 2
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class FusionPbx:
    """The connector."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings, self.means = settings, means
        self.site = Site(dids=settings.dids, extensions=settings.extensions)
        self.files = open_place(settings.place, means) if settings.place else None
        patience = settings.patience
        self.patience = (
            msgspec.structs.replace(patience, quiet_s=0) if settings.immediate else patience
        )

    def _connected(self) -> Any:
        settings, password = self.settings, self.means.secrets.get("password", "")
        return connected(
            settings.host, settings.port, settings.database, settings.user, password,
            settings.tls, self.means.allowed,
        )  # fmt: skip

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        try:
            with self._connected() as connection:
                has = columns_of(connection, "v_xml_cdr")
                legs = read_legs(connection, now.timestamp() - _PROBE_S, self.settings.domain)
                ahead = (clock_of(connection) - now).total_seconds()
            notes: Counter[str] = Counter()
            begin = datetime.fromtimestamp(now.timestamp() - _PROBE_S, UTC)
            shelf = Shelf(self.files, begin, notes, Ledger())
        except PetsvetError as error:
            return Probe(problems=(str(error),))
        newest = sorted(
            {e.locator: e for found in shelf.by_id.values() for e in found}.values(),
            key=lambda entry: entry.modified_ns,
            reverse=True,
        )
        return Probe(
            problems=tuple(_problems(legs, shelf, ahead, self.settings.domain)),
            capabilities=("cdr", *(("recordings",) if newest else ())),
            columns=tuple(name for name in COLUMNS if name in has),
            newest=tuple(entry.locator for entry in newest[:5]),
            clock_skew_s=ahead,
            zone="UTC",
        )

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        ledger, notes = recall(checkpoint), Counter[str]()
        edge = since(ledger, OVERLAP_S)
        if self.settings.sweep or self.settings.immediate:
            edge = SPAN_S
        elif edge < 0:
            edge = now.timestamp() - 86400 * max(1.0, self.settings.lookback_days)
        with self._connected() as connection:
            legs = read_legs(connection, edge - SPAN_S, self.settings.domain)
        begin = datetime.fromtimestamp(max(0.0, edge - SPAN_S - 86400), UTC)
        shelf = Shelf(self.files, begin, notes, ledger)
        groups = group_legs(legs, {**ledger.waiting, **ledger.told})
        candidates = [
            candidate_of(group, shelf, ledger, self.site, self.patience, now)
            for group in groups
            if max(leg.position for leg in group.legs) >= edge
        ]
        candidates += orphans(shelf, groups, ledger, self.patience, edge - SPAN_S / 2, now)
        calls = settle(ledger, candidates, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(ledger),
            waiting=len(ledger.waiting),
            notes=told_of(notes),
        )

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        if self.files is None:
            return Gone()
        return verdict(self.files, recording, self.patience, now)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        if self.files is None:
            raise NotFound("no place of recordings is set up any more")
        return open_recording(self.files, recording, self.settings.max_bytes)


def _problems(legs: list[Leg], shelf: Shelf, ahead: float, domain: str) -> list[str]:
    found = []
    if not legs:
        of = f" of the domain {domain}" if domain else ""
        found.append(f"No call of the last days{of} is in the database; has anybody called?")
    if shelf.files is not None and not shelf.by_id:
        found.append(
            "No recording was written in the last days; is this the recordings folder, and is"
            " recording turned on for the extensions or the inbound destinations?"
        )
    named = {name for leg in legs for name in leg.ids}
    if legs and shelf.by_id and named.isdisjoint(shelf.by_id):
        found.append("No recording here belongs to any call in the database; is it the same one?")
    if abs(ahead) > 60:
        way = "ahead of" if ahead > 0 else "behind"
        found.append(f"The phone system's clock is {abs(ahead):.0f} seconds {way} this box.")
    return found


def _make(given: dict[str, Any], means: Means) -> FusionPbx:
    return FusionPbx(msgspec.convert(given, Settings), means)


KIND = Kind(
    name="fusionpbx",
    title="FusionPBX",
    level="emulated",
    make=_make,
    fields=(
        Field(name="host", label="Address of the database", required=True),
        Field(
            name="user",
            label="Database user",
            default="fusionpbx",
            help="Best one that may only read: GRANT SELECT ON v_xml_cdr, v_extensions.",
        ),
        Field(name="password", label="Password of the database user", secret=True),
        Field(
            name="place",
            label="Recordings",
            type="place",
            help="FreeSWITCH's recordings folder, mostly /var/lib/freeswitch/recordings.",
        ),
        Field(
            name="domain",
            label="Domain",
            help="Where one FusionPBX serves several clinics: the name of this one's domain.",
        ),
        Field(name="database", label="Database", default="fusionpbx", advanced=True),
        Field(name="port", label="Port", type="number", default="5432", advanced=True),
        Field(name="tls", label="Insist on TLS", type="bool", advanced=True),
        Field(
            name="extensions",
            label="Extensions",
            type="list",
            help="The phones of the clinic; left empty, two to six digits are one.",
            advanced=True,
        ),
        Field(name="dids", label="The clinic's own outside numbers", type="list", advanced=True),
    ),
    stereo=(
        "FusionPBX already records in stereo: its dialplan record_all sets record_stereo=true, and"
        " record_stereo_swap=true for outgoing calls (Dialplan → Dialplan Manager → record_all). If"
        " yours are mono, set both there again; an upgrade of the default dialplans keeps changed"
        " ones. That the left side is then the one outside was read in its source, not heard on a"
        " real system: listen to one recording each way. Where the direction of a call is not known"
        " no side is named."
    ),
    notes=(
        "Calls come from the table v_xml_cdr; PostgreSQL must listen for this box (listen_addresses,"
        " pg_hba.conf). FusionPBX imports and deletes FreeSWITCH's XML records itself, so this box"
        " leaves that folder alone. A recording that no row names is told an hour later, without"
        " facts. Very short recordings are deleted by FreeSWITCH itself, all after 90 days."
    ),
)
