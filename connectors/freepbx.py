"""FreePBX, Issabel and plain Asterisk: a mounted monitor folder, paired with ``Master.csv``.

Copy this file for the next phone system: its settings, its call records, and the same road.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import msgspec

from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.cdr import Row
from connectors.gathering import Rules, gather, newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Finality, Probe
from connectors.kinds import Field, Kind, Means
from connectors.logs import read_rows
from connectors.mount import Mount
from connectors.settling import Patience
from connectors.telling import Site, zone_named
from connectors.watching import (
    Memory,
    check_root,
    checkpoint_of,
    forget_old,
    horizon_of,
    open_found,
    recall,
    survey,
    told_of,
    verdict_now,
)


class Settings(Fact, frozen=True):
    """Where the recordings and call records lie and how to read them.

    ``root``: the monitor folder as mounted here. ``master_csv``: cdr_csv's file, None without one.
    ``zone``: IANA name of the phone system's clock. ``usegmtime``: the setting of that name in its
    cdr.conf (call records in UTC). ``dids`` and ``extensions``: the clinic's own numbers, when
    known; with no ``extensions`` two to six digits are one. ``immediate``: a one-off import of
    everything, where a valid header alone decides. ``sweep``: look at all days once more, not only
    at the last ones. ``max_bytes``: larger files are not opened.
    """

    root: str
    master_csv: str | None = None
    zone: str = "UTC"
    usegmtime: bool = False
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class FreePbx:
    """The connector. Raises Misconfigured for a zone nobody knows."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.mount = Mount(settings.root)
        self.sweep = settings.sweep or settings.immediate
        site = Site(
            zone=zone_named(settings.zone),
            rows_in_utc=settings.usegmtime,
            dids=settings.dids,
            extensions=settings.extensions,
        )
        self.rules = Rules(
            site=site,
            patience=settings.patience,
            immediate=settings.immediate,
            sweep=self.sweep,
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        memory, problems = Memory(), []
        notes: Counter[str] = Counter()
        try:
            check_root(memory, self.mount)
            found = survey(memory, self.mount, self.settings.patience, now, sweep=False)
            rows = self._rows(memory, now, notes)
        except PetsvetError as error:
            return Probe(problems=(str(error),), zone=self.settings.zone)
        if not found.seen:
            problems.append("No recording was written in the last days; is this the right folder?")
        if notes["cdr_missing"]:
            problems.append("The file of call records is not there; is cdr_csv turned on?")
        elif self.settings.master_csv and not rows:
            problems.append("No call record of the last days was found in the file of records.")
        if rows and not any(row.uniqueid for row in rows):
            problems.append("The call records have no uniqueid; set loguniqueid=yes in cdr.conf.")
        if (skew := skew_of(found, now)) and skew > 60:
            problems.append(f"The phone system's clock is {skew:.0f} seconds ahead of this box.")
        return Probe(
            problems=tuple(problems),
            capabilities=self._capabilities(rows),
            newest=newest_of(found),
            clock_skew_s=skew,
            zone=self.settings.zone,
        )

    def _capabilities(self, rows: list[Row]) -> tuple[str, ...]:
        found = ["recordings", "filename"]
        if rows:
            found.append("cdr")
        if any(row.sequence >= 0 for row in rows):
            found.append("linkedid")
        return tuple(found)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        memory = recall(checkpoint)
        check_root(memory, self.mount)
        found = survey(memory, self.mount, self.settings.patience, now, self.sweep)
        rows = self._rows(memory, now, found.notes)
        calls = gather(memory, found, rows, self.rules, now)
        forget_old(memory, found.seen, self.settings.patience, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(memory),
            waiting=len(memory.pending),
            notes=told_of(found.notes),
        )

    def _rows(self, memory: Memory, now: datetime, notes: Counter[str]) -> list[Row]:
        """The call records of the look-back and two days more: folders are taken by whole days."""
        if self.settings.master_csv is None:
            return []
        since = horizon_of(self.settings.patience, now) - timedelta(days=2)
        edge_ns = since.timestamp() * 1e9
        everything = self.sweep or any(o.modified_ns < edge_ns for o in memory.pending.values())
        zone = self.rules.site.row_zone
        limit = None if everything else since
        return read_rows(self.settings.master_csv, memory.logs, limit, zone, notes)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        settings = self.settings
        return verdict_now(self.mount, settings.patience, call, recording, now, settings.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_found(self.mount, recording, self.settings.max_bytes)


def _make(settings: dict[str, Any], means: Means) -> FreePbx:
    return FreePbx(msgspec.convert(settings, Settings))


KIND = Kind(
    name="freepbx",
    title="FreePBX, Issabel or plain Asterisk",
    level="real",
    make=_make,
    fields=(
        Field(name="root", label="Folder of the recordings", required=True),
        Field(name="master_csv", label="Call records (Master.csv)"),
        Field(name="zone", label="Time zone of the phone system", default="UTC"),
    ),
)
