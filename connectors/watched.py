"""The connector of a phone system that leaves nothing but files: sound, its name, its sidecar."""

from datetime import datetime
from typing import BinaryIO, NamedTuple

import msgspec

from appliance.errors import PetsvetError
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.files import Files
from connectors.gathering import Rules, newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Finality, Probe, told_of
from connectors.looking import open_found, verdict_now
from connectors.patterns import Pattern
from connectors.takes import Beside, Notebook, Take, Ways, find_takes, recall, tell_takes
from connectors.watching import Survey, check_root, checkpoint_of, forget_old, reach_back, survey


class Reading(NamedTuple):
    """How the files are read. ``since``: take everything from then on once, None: from now on."""

    rules: Rules
    ways: Ways
    pattern: Pattern | None = None
    since: datetime | None = None
    max_bytes: int = 2 * 1024**3


class Watched:
    """The connector over a tree of files."""

    def __init__(self, files: Files, reading: Reading) -> None:
        self.files, self.reading = files, reading

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        zone = self.reading.rules.site.zone
        try:
            found, takes = self._look(Notebook(), self.reading.rules, now)
        except PetsvetError as error:
            return Probe(problems=(str(error),), zone=zone)
        skew = skew_of(found, now)
        capabilities = ["recordings", "filename"]
        if any(take.level == "sidecar" for take in takes):
            capabilities.append("sidecar")
        return Probe(
            problems=tuple(_problems(takes, self.reading, skew)),
            capabilities=tuple(capabilities),
            newest=newest_of(found),
            clock_skew_s=skew,
            zone=zone,
        )

    def _look(self, book: Notebook, rules: Rules, now: datetime) -> tuple[Survey, list[Take]]:
        beside = Beside(self.files) if self.reading.ways.sidecars else self.files
        check_root(book, beside)
        found = survey(book, beside, rules.patience, now, rules.sweep)
        pattern, ways = self.reading.pattern, self.reading.ways
        return found, find_takes(book, beside, found, pattern, ways, rules, now)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        book = recall(checkpoint)
        patience = reach_back(book, self.reading.rules.patience, self.reading.since, now)
        rules = msgspec.structs.replace(self.reading.rules, patience=patience)
        found, takes = self._look(book, rules, now)
        calls = tell_takes(book, found, takes, rules, now)
        forget_old(book, found.seen, patience, now)
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(book),
            waiting=len(book.pending),
            notes=told_of(found.notes),
        )

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        rules = self.reading.rules
        return verdict_now(self.files, rules.patience, call, recording, now, rules.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_found(self.files, recording, self.reading.max_bytes)


def _problems(takes: list[Take], reading: Reading, skew: float | None) -> list[str]:
    """What a person should know, in words."""
    problems = []
    if not takes:
        problems.append("No recording was written in the last days; is this the right folder?")
    if skew and skew > 60:
        problems.append(f"The clock of the files is {skew:.0f} seconds ahead of this box.")
    if reading.pattern and takes and all(take.level == "" for take in takes):
        problems.append("The file-name pattern fits none of the files; try it on their names.")
    if reading.ways.sidecars and takes and all(take.level != "sidecar" for take in takes):
        problems.append("No sidecar says anything of a recording; are they in the same folder?")
    if any(take.doubts for take in takes):
        problems.append("Some sidecars cannot be read; what they say is left out.")
    return problems
