"""A plain watched folder: any audio files, told by their names where these say anything."""

from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.gathering import Rules, gather, newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Finality, Probe
from connectors.kinds import Field, Kind, Means
from connectors.mount import Mount
from connectors.settling import Patience
from connectors.telling import Site, zone_named
from connectors.watching import (
    Memory,
    check_root,
    checkpoint_of,
    forget_old,
    open_found,
    recall,
    survey,
    told_of,
    verdict_now,
)


class Settings(Fact, frozen=True):
    """Where the files lie and how to read them.

    ``root``: the folder as mounted here. ``zone``: IANA name of the zone in which file names tell
    the time. ``dids`` and ``extensions``: the clinic's own numbers, when known. ``immediate``: a
    one-off import of everything, where a valid header alone decides. ``sweep``: look at all files
    once more, not only at the last days. ``max_bytes``: larger files are not opened.
    """

    root: str
    zone: str = "UTC"
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class Folder:
    """The connector. Raises Misconfigured for a zone nobody knows."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.mount = Mount(settings.root)
        self.rules = Rules(
            site=Site(
                zone=zone_named(settings.zone),
                dids=settings.dids,
                extensions=settings.extensions,
            ),
            patience=settings.patience,
            immediate=settings.immediate,
            sweep=settings.sweep or settings.immediate,
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        memory, problems = Memory(), []
        try:
            check_root(memory, self.mount)
            found = survey(memory, self.mount, self.settings.patience, now, sweep=False)
        except PetsvetError as error:
            return Probe(problems=(str(error),), zone=self.settings.zone)
        if not found.seen:
            problems.append("No recording was written in the last days; is this the right folder?")
        if (skew := skew_of(found, now)) and skew > 60:
            problems.append(f"The clock of the files is {skew:.0f} seconds ahead of this box.")
        return Probe(
            problems=tuple(problems),
            capabilities=("recordings", "filename"),
            newest=newest_of(found),
            clock_skew_s=skew,
            zone=self.settings.zone,
        )

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        memory = recall(checkpoint)
        check_root(memory, self.mount)
        found = survey(memory, self.mount, self.settings.patience, now, self.rules.sweep)
        calls = gather(memory, found, (), self.rules, now)
        forget_old(memory, found.seen, self.settings.patience, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(memory),
            waiting=len(memory.pending),
            notes=told_of(found.notes),
        )

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        settings = self.settings
        return verdict_now(self.mount, settings.patience, call, recording, now, settings.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_found(self.mount, recording, self.settings.max_bytes)


def _make(settings: dict[str, Any], means: Means) -> Folder:
    return Folder(msgspec.convert(settings, Settings))


KIND = Kind(
    name="folder",
    title="Any folder with recordings",
    level="real",
    make=_make,
    fields=(
        Field(name="root", label="Folder of the recordings", required=True),
        Field(name="zone", label="Time zone of the file names", default="UTC"),
    ),
)
