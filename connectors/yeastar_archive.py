"""A Yeastar's archive of recordings: files whose names alone tell of the call."""

from datetime import datetime
from typing import BinaryIO

from msgspec import structs

from appliance.errors import PetsvetError
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.files import Files
from connectors.gathering import Rules, gather, newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Finality, Probe, told_of
from connectors.looking import open_found, verdict_now
from connectors.settling import Patience
from connectors.telling import Site
from connectors.watching import (
    Memory,
    Survey,
    check_root,
    checkpoint_of,
    forget_old,
    recall,
    survey,
)
from connectors.yeastar_legs import file_name_of
from connectors.yeastar_telling import House, with_sides


class Archive:
    """The connector of an archive folder. Missed calls leave no file and are not told."""

    def __init__(
        self,
        files: Files,
        house: House,
        zone: str,
        patience: Patience,
        max_bytes: int,
        left: tuple[str, str],
    ) -> None:
        self.files, self.house, self.patience = files, house, patience
        self.max_bytes, self.left = max_bytes, left
        site = Site(zone=zone, dids=house.dids, extensions=house.extensions)
        self.rules = Rules(site=site, patience=patience)

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        memory, zone = Memory(), self.rules.site.zone
        try:
            check_root(memory, self.files)
            found = self._survey(memory, now)
        except PetsvetError as error:
            return Probe(problems=(str(error),), zone=zone)
        problems = []
        if not found.seen:
            problems.append(
                "No recording was archived in the last days; is the archive turned on under"
                " Call Features → Recording, and does it write into this folder?"
            )
        elif not any(item.name for item in found.seen):
            problems.append("No file here is named as a Yeastar names its recordings.")
        if (skew := skew_of(found, now)) and skew > 60:
            problems.append(f"The clock of the files is {skew:.0f} seconds ahead of this box.")
        stereo = any(item.look.channels == 2 for item in found.seen)
        if stereo and not any(self.left):
            problems.append(
                "Recordings with two channels were seen. Listen to one and enter who is heard on"
                " the left: then every speaker is exact."
            )
        return Probe(
            problems=tuple(problems),
            capabilities=("recordings", "filename", *(("stereo",) if stereo else ())),
            newest=newest_of(found),
            clock_skew_s=skew,
            zone=zone,
        )

    def _survey(self, memory: Memory, now: datetime) -> Survey:
        found = survey(memory, self.files, self.patience, now, sweep=False)
        seen = [
            structs.replace(item, name=file_name_of(item.entry.name, self.house.queues))
            for item in found.seen
        ]
        return found._replace(seen=seen)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        memory = recall(checkpoint)
        check_root(memory, self.files)
        found = self._survey(memory, now)
        calls = gather(memory, found, (), self.rules, now)
        forget_old(memory, found.seen, self.patience, now)
        return Discovery(
            calls=tuple(self._with_facts(call, found) for call in calls),
            checkpoint=checkpoint_of(memory),
            waiting=len(memory.pending),
            notes=told_of(found.notes),
        )

    def _with_facts(self, call: FoundCall, found: Survey) -> FoundCall:
        """The call with what this phone system alone knows of it.

        Whoever is named may be a group or a menu: only a phone of the house is staff.
        """
        staff = call.staff_extension if self.house.is_staff(call.staff_extension) else ""
        plain = tuple(structs.replace(r, channel_map=None) for r in call.recordings)
        channels = {item.entry.locator: item.look.channels for item in found.seen}
        told = structs.replace(call, staff_extension=staff, recordings=plain)
        if len(plain) > 1:
            return told
        return with_sides(told, *self.left, channels)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        return verdict_now(self.files, self.patience, call, recording, now, immediate=False)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_found(self.files, recording, self.max_bytes)
