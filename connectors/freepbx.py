"""FreePBX, Issabel and plain Asterisk: recordings over any transport, paired with call records.

Copy this file for the next phone system: its settings, its call records, and the same road.
"""

from collections import Counter
from datetime import datetime, timedelta
from threading import Event
from typing import Any, BinaryIO, Literal

import msgspec

from appliance.errors import Misconfigured
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import ami
from connectors.cdr_sql import Database, SqlRecords
from connectors.cdr_sqlite import SqliteRecords
from connectors.freepbx_advice import FIELDS, NOTES, STEREO
from connectors.freepbx_probe import probe_all
from connectors.gathering import Rules, gather
from connectors.interface import Checkpoint, Discovery, Finality, Probe, told_of
from connectors.kinds import Kind, Means, Receive
from connectors.logs import LocalCsv, RemoteCsv
from connectors.looking import open_found, verdict_now
from connectors.mount import Mount
from connectors.places import Mounted, Place, open_place
from connectors.records import Found, Records, tree_of
from connectors.settling import Patience
from connectors.telling import Site, zone_named
from connectors.watching import (
    Memory,
    begin_of,
    check_root,
    checkpoint_of,
    forget_old,
    oldest_pending,
    reach_back,
    recall,
    survey,
)


class Settings(Fact, frozen=True):
    """Where the recordings and call records lie and how to read them.

    ``place``: the monitor folder; ``root``: the same, as mounted here. ``records``: auto (the first
    of db_host, database_file, master_csv that is given), none, mysql, csv or sqlite. ``master_csv``
    and ``database_file`` are absolute on the machine of the place, or below the place. ``db_…``:
    MariaDB or MySQL (secret ``db_password``). ``ami_…``: the manager, which tells us to look at
    once (secret ``ami_password``). ``zone``: IANA name of the phone system's clock.
    ``usegmtime``: call records in UTC. ``dids`` and ``extensions``: the clinic's own numbers, when
    known; with no ``extensions`` two to six digits are one. ``since``: an ISO date from which to
    take all calls once. ``immediate``: a one-off import of everything, where a valid header alone
    decides. ``sweep``: look at all days once more, not only at the last ones. ``max_bytes``: larger
    files are not opened.
    """

    place: Place | None = None
    root: str = ""
    records: Literal["auto", "none", "mysql", "csv", "sqlite"] = "auto"
    master_csv: str | None = None
    database_file: str = ""
    database_table: str = "cdr"
    db_host: str = ""
    db_port: int = 3306
    db_user: str = ""
    db_name: str = "asteriskcdrdb"
    db_table: str = "cdr"
    db_cel_table: str = "cel"
    db_tls: bool = False
    db_certificate: str = ""
    ami_host: str = ""
    ami_port: int = 5038
    ami_user: str = ""
    zone: str = "UTC"
    usegmtime: bool = False
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    since: str = ""
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class FreePbx:
    """The connector. Raises Misconfigured for settings that cannot be right."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings, self.means = settings, means
        place = settings.place or (Mounted(path=settings.root) if settings.root else None)
        if place is None:
            raise Misconfigured("say where the recordings are: a folder, SFTP, SMB or FTPS")
        self.mount = open_place(place, means)
        self.sweep = settings.sweep or settings.immediate
        site = Site(
            zone=zone_named(settings.zone),
            rows_in_utc=settings.usegmtime,
            dids=settings.dids,
            extensions=settings.extensions,
        )
        self.since = begin_of(settings.since, settings.zone)
        self.records = records_of(settings, place, site, means)
        self.rules = Rules(
            site=site,
            patience=settings.patience,
            immediate=settings.immediate,
            sweep=self.sweep,
            records=self.records is not None,
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        return probe_all(self.mount, self.records, self.rules, self._check_manager, now)

    def _check_manager(self) -> None:
        """Raises Misconfigured or Unavailable when the manager does not let us in."""
        if self.settings.ami_host:
            ami.Manager(*_manager_of(self.settings, self.means)).close()

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        memory = recall(checkpoint)
        check_root(memory, self.mount)
        patience = reach_back(memory, self.settings.patience, self.since, now)
        rules = msgspec.structs.replace(self.rules, patience=patience)
        found = survey(memory, self.mount, patience, now, self.sweep)
        records = self._read(memory, patience, now, found.notes)
        calls = gather(memory, found, records.rows, rules, now, records.signs)
        forget_old(memory, found.seen, patience, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(memory),
            waiting=len(memory.pending),
            notes=told_of(found.notes),
        )

    def _read(
        self, memory: Memory, patience: Patience, now: datetime, notes: Counter[str]
    ) -> Found:
        """The call records of the look-back and two days more: folders are taken by whole days."""
        if self.records is None:
            return Found([])
        if self.sweep:
            return self.records.read(None, memory.logs, now, notes)
        since = row_horizon(memory, patience, now)
        if since.timestamp() < memory.logs_since:
            memory.logs = dict.fromkeys(memory.logs, 0)
        memory.logs_since = since.timestamp()
        return self.records.read(since, memory.logs, now, notes)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        settings = self.settings
        return verdict_now(self.mount, settings.patience, call, recording, now, settings.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_found(self.mount, recording, self.settings.max_bytes)


def records_of(settings: Settings, place: Place, site: Site, means: Means) -> Records | None:
    """The source of call records that the settings name, None for none."""
    kind, zone = settings.records, site.row_zone
    if kind == "auto":
        kind = _given(settings)
    if kind == "mysql":
        return SqlRecords(_database_of(settings), means, zone)
    if kind == "sqlite":
        files, locator = tree_of(place, settings.database_file, means)
        return SqliteRecords(files, locator, zone, settings.database_table)
    if kind == "csv":
        path = settings.master_csv or ""
        files, locator = tree_of(place, path, means)
        if isinstance(files, Mount) and isinstance(place, Mounted):
            return LocalCsv(path if path.startswith("/") else f"{place.path}/{path}", zone)
        return RemoteCsv(files, locator, zone)
    return None


def _given(settings: Settings) -> Literal["mysql", "sqlite", "csv", "none"]:
    if settings.db_host:
        return "mysql"
    if settings.database_file:
        return "sqlite"
    return "csv" if settings.master_csv else "none"


def _database_of(settings: Settings) -> Database:
    return Database(
        host=settings.db_host,
        port=settings.db_port,
        user=settings.db_user,
        name=settings.db_name,
        table=settings.db_table,
        cel_table=settings.db_cel_table,
        tls=settings.db_tls,
        certificate=settings.db_certificate,
    )


def row_horizon(memory: Memory, patience: Patience, now: datetime) -> datetime:
    """From when on rows are needed: two days before the look-back, and before all that waits."""
    since = now - timedelta(days=patience.lookback_days + 2)
    oldest = oldest_pending(memory)
    return min(since, oldest - timedelta(days=1)) if oldest else since


def _manager_of(settings: Settings, means: Means) -> tuple[str, int, str, str, tuple[str, ...]]:
    password = means.secrets.get("ami_password", "")
    return settings.ami_host, settings.ami_port, settings.ami_user, password, means.allowed


def _make(settings: dict[str, Any], means: Means) -> FreePbx:
    return FreePbx(msgspec.convert(settings, Settings), means)


def _listen(settings: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    """Look at once when the manager says that a call has ended."""
    ami.ring(*_manager_of(msgspec.convert(settings, Settings), means), receive, stop)


def _wants_listener(settings: dict[str, Any]) -> bool:
    return bool(settings.get("ami_host"))


KIND = Kind(
    name="freepbx",
    title="FreePBX, Issabel or plain Asterisk",
    level="real",
    make=_make,
    fields=FIELDS,
    stereo=STEREO,
    notes=NOTES,
    listen=_listen,
    wants_listener=_wants_listener,
    only_rings=True,
)
