"""The folder into which a Grandstream UCM copies its recordings, where the API gives no audio."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import BinaryIO

from appliance.errors import NotFound, Unavailable
from appliance.facts.calls import FoundRecording
from connectors.files import Entry, Files, check_filled, from_share
from connectors.grandstream_records import Record
from connectors.interface import Final, Finality, Gone, NotYet
from connectors.ledger import Ledger
from connectors.looking import shown
from connectors.mount import suffix_of
from connectors.settling import Patience
from connectors.wav import HEAD_BYTES, TAIL_BYTES, inspect

PLACE = "place:"


class Archive:
    """One such folder, wherever it lies."""

    def __init__(self, files: Files, patience: Patience, max_bytes: int) -> None:
        self.files, self.patience, self.max_bytes = files, patience, max_bytes

    def find(
        self, records: Iterable[Record], ledger: Ledger, notes: Counter[str]
    ) -> dict[str, Entry]:
        """The files that records name, by name, whatever folder they were copied into.

        Raises Unavailable when the folder is away.
        """
        wanted = {file.path.rpartition("/")[2]: r.at for r in records for file in r.files}
        if not wanted:
            return {}
        begin = datetime.fromtimestamp(max(0.0, min(wanted.values()) - 86400), UTC)
        with from_share():
            check_filled(ledger.more, self.files.look())
            walked = self.files.walk(begin, notes)
            return {entry.name: entry for entry in walked if entry.name in wanted}

    def is_whole(self, entry: Entry, now: datetime) -> bool:
        """Whether a file is all there: by its header, or by its age where it has none."""
        age = now.timestamp() - entry.modified_ns / 1e9
        try:
            head, tail, seen = self.files.read_ends(entry.locator, HEAD_BYTES, TAIL_BYTES)
        except NotFound:
            return False
        except Unavailable as error:
            if not isinstance(error.__cause__, PermissionError):
                raise
            return False
        if seen.size != entry.size:
            return False
        state = inspect(suffix_of(entry.name), seen.size, head, tail).state
        if state == "whole":
            return True
        patience = self.patience
        return age >= (patience.salvage_after_s if state == "writing" else patience.quiet_s)

    def verdict(self, recording: FoundRecording) -> Finality:
        """Whether the file of a recording is still what was found."""
        entry = self.files.find(recording.locator.removeprefix(PLACE))
        if entry is None:
            self.files.look()
            return Gone()
        if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
            return NotYet(retry_after_s=60, why="changed")
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        """The file of a recording exactly as it was found."""
        where = recording.locator.removeprefix(PLACE)
        handle, entry = self.files.open(where, self.max_bytes)
        if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
            handle.close()
            raise Unavailable("the recording changed since it was found; it is found anew")
        return handle


def recording_of(entry: Entry) -> FoundRecording:
    """The recording a file is."""
    return FoundRecording(
        locator=f"{PLACE}{entry.locator}",
        name=shown(entry.name),
        size=entry.size,
        modified_ns=entry.modified_ns,
        container_hint=suffix_of(entry.name),
    )
