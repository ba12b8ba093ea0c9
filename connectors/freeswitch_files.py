"""The recordings of a FreeSWITCH: found by name or by the uuid in it, and believed when whole."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from msgspec import structs

from appliance.errors import NotFound, Unavailable, Unusable
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.ahead import is_ahead
from connectors.files import Entry, Files, check_filled, from_share
from connectors.freeswitch_legs import UUID
from connectors.freeswitch_telling import Group, compose
from connectors.grouping import key_of_file
from connectors.interface import Final, Finality, Gone, NotYet
from connectors.ledger import Candidate, Ledger
from connectors.looking import doubts_of, shown
from connectors.mount import suffix_of
from connectors.settling import Patience
from connectors.telling import Site
from connectors.wav import AUDIO, HEAD_BYTES, TAIL_BYTES, Container, inspect

ORPHAN_S = 3600.0  # a recording that no record names is told alone after this
ALONE_S = 6 * 3600.0  # so are legs without the one that began their call
ALL_SIDES = {"0": "caller", "1": "staff"}


class Shelf:
    """The recordings at hand, by the names under which calls know them. Raises Unavailable."""

    def __init__(
        self, files: Files | None, since: datetime, notes: Counter[str], ledger: Ledger
    ) -> None:
        self.files = files
        self.by_id: dict[str, list[Entry]] = {}
        if files is None:
            return
        with from_share():
            check_filled(ledger.more, files.look())
            for entry in files.walk(since, notes):
                if suffix_of(entry.name) in AUDIO:
                    for name in names_of(entry):
                        self.by_id.setdefault(name, []).append(entry)

    def of(self, ids: Iterable[str]) -> list[Entry]:
        """The recordings of a call, in the order in which they were written."""
        found = {e.locator: e for name in ids for e in self.by_id.get(name, ())}
        return sorted(found.values(), key=lambda e: (e.modified_ns, e.locator))

    def left(self, taken: Iterable[str]) -> list[Entry]:
        """Recordings of no call."""
        known = set(taken)
        every = {e.locator: e for entries in self.by_id.values() for e in entries}
        return [entry for locator, entry in every.items() if locator not in known]


def names_of(entry: Entry) -> tuple[str, ...]:
    """The uuids in a recording's name, and what stands for the name itself."""
    return (*UUID.findall(entry.name.lower()), key_of_file(entry.name))


def look_into(files: Files, entry: Entry) -> Container | None:
    """What a file is; None when it vanished: FreeSWITCH deletes short ones when they end.

    Of one that may not be read, ``state`` is "forbidden".
    """
    try:
        head, tail, seen = files.read_ends(entry.locator, HEAD_BYTES, TAIL_BYTES)
    except (NotFound, Unusable):
        return None
    except Unavailable as error:
        if not isinstance(error.__cause__, PermissionError):
            raise
        return Container(state="forbidden")
    if seen.size != entry.size:
        return Container(state="writing")
    return inspect(suffix_of(entry.name), entry.size, head, tail)


def is_settled(found: Container, entry: Entry, patience: Patience, now: datetime) -> bool:
    """Whether a recording may be believed; a write time ahead of our clock says nothing."""
    age = now.timestamp() - entry.modified_ns / 1e9
    if found.state == "forbidden":
        return False
    if found.state == "writing":
        return age >= patience.salvage_after_s
    return age < 0 or age >= patience.quiet_s


def recording_of(entry: Entry, found: Container, sides: dict[str, str] | None) -> FoundRecording:
    """The recording a file is."""
    return FoundRecording(
        locator=entry.locator,
        name=shown(entry.name),
        size=entry.size,
        modified_ns=entry.modified_ns,
        container_hint=found.hint,
        rate_hint=found.rate,
        channels_hint=found.channels,
        channel_map=sides if found.channels == 2 else None,
        warnings=doubts_of(entry.name, found.state),
    )


def sides_of(group: Group, direction: str) -> dict[str, str] | None:
    """Who is heard on which channel of a stereo recording; None where it cannot be told.

    The left one is what the recorded channel hears come in. FusionPBX swaps outgoing calls, so
    that the one outside is always on the left.
    """
    if direction == "internal":
        return {"0": "staff", "1": "staff"}
    if direction == "in" or (direction == "out" and group.legs[0].swapped):
        return ALL_SIDES
    return {"0": "staff", "1": "caller"} if direction == "out" else None


def candidate_of(
    group: Group, shelf: Shelf, ledger: Ledger, site: Site, patience: Patience, now: datetime
) -> Candidate:
    """The call of a group with its recordings, and whether it is over and they are whole."""
    call, moment = compose(group, site), now.timestamp()
    recordings, empty, waits = _recordings(group, shelf, call.direction, patience, now)
    named = any(leg.files for leg in group.legs if leg.cause != "LOSE_RACE")
    ended = call.ended_at or now
    position = min(leg.position for leg in group.legs)
    over = is_ahead(ended, now) or ended.timestamp() + patience.quiet_s <= moment
    over = over and (group.whole or position + ALONE_S <= moment)
    missing = named and not recordings and not empty and group.key not in ledger.told
    warnings = ("empty",) if empty else ()
    told = structs.replace(call, recordings=recordings, warnings=(*call.warnings, *warnings))
    if shelf.files is None and missing:
        told = structs.replace(told, warnings=(*told.warnings, "cdr_without_file"))
        missing = False
    return Candidate(told, min(position, moment), over and not waits and not missing)


def _recordings(
    group: Group, shelf: Shelf, direction: str, patience: Patience, now: datetime
) -> tuple[tuple[FoundRecording, ...], bool, bool]:
    """The recordings of a call, whether one was empty, and whether one may still change."""
    sides, found = sides_of(group, direction), []
    empty = waits = False
    for entry in shelf.of(group.ids):
        assert shelf.files is not None
        container = look_into(shelf.files, entry)
        if container is None or container.state == "empty":
            empty = empty or container is not None
            continue
        waits = waits or not is_settled(container, entry, patience, now)
        found.append(recording_of(entry, container, sides))
    return tuple(found), empty, waits


def orphans(
    shelf: Shelf,
    groups: Sequence[Group],
    ledger: Ledger,
    patience: Patience,
    since: float,
    now: datetime,
) -> list[Candidate]:
    """Recordings that no record names: FusionPBX forgets those that were not there at import.

    Only those written after ``since`` (epoch seconds): the records of older ones were not read.
    """
    taken = {entry.locator for group in groups for entry in shelf.of(group.ids)}
    found = []
    for entry in shelf.left(taken):
        names = names_of(entry)
        key = next((name for name in names if name in ledger.told), names[0])
        written = entry.modified_ns / 1e9
        if key in ledger.told or shelf.files is None or written < since:
            continue
        container = look_into(shelf.files, entry)
        if container is None or container.state == "empty":
            continue
        at = datetime.fromtimestamp(written, UTC)
        call = FoundCall(
            native_key=key,
            started_at=at,
            time_source="mtime",
            metadata_level="none",
            recordings=(recording_of(entry, container, None),),
            warnings=("file_without_cdr",),
        )
        old = written + ORPHAN_S <= now.timestamp()
        # Not waited for by the ledger: until it is told, it may yet be given its call.
        if old and is_settled(container, entry, patience, now):
            found.append(Candidate(call, -1, True))
    return found


def verdict(files: Files, recording: FoundRecording, patience: Patience, now: datetime) -> Finality:
    """Finality of a recording that was told."""
    entry = files.find(recording.locator)
    if entry is None:
        files.look()
        return Gone()
    if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
        return NotYet(retry_after_s=max(1, round(patience.quiet_s)), why="changed")
    container = look_into(files, entry)
    if container is None:
        return Gone()
    if not is_settled(container, entry, patience, now):
        return NotYet(retry_after_s=max(1, round(patience.quiet_s)), why="still_writing")
    return Final()


def open_recording(files: Files, recording: FoundRecording, max_bytes: int) -> BinaryIO:
    """The file of a recording exactly as it was found."""
    try:
        handle, entry = files.open(recording.locator, max_bytes)
    except NotFound:
        files.look()
        raise
    if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
        handle.close()
        raise Unavailable("the recording changed since it was found; it will be found anew")
    return handle
