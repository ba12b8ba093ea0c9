"""A watched tree: what was seen of each file, what was told of each call, and what to tell now.

The memory lives in the checkpoint. Files not told yet are pending and are never forgotten while
they exist; told ones are compared for as long as they lie inside the look-back.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.ahead import marked
from connectors.files import Entry, Files, Root, from_share
from connectors.interface import Checkpoint
from connectors.looking import Seen, look_at
from connectors.mount import path_of, suffix_of
from connectors.names import epoch_of, number_of, parse_name
from connectors.settling import Look, Patience
from connectors.wav import AUDIO


class Taken(Fact, frozen=True, array_like=True):
    """A file that was told, under which call."""

    look: Look
    key: str


class Told(Fact, frozen=True, array_like=True):
    """A call that was told: its fingerprint, when it was last seen (epoch s), rows and files.

    ``ahead``: its time (epoch s), where that lay ahead of our clock; else 0.
    """

    fingerprint: str
    seen: float
    rows: int
    files: int
    ahead: float = 0


class Memory(msgspec.Struct):
    """All a connector remembers. ``days``: folder → digest of its old files, for the sweep.

    ``logs``: inode of a call record file → bytes of it that are of no interest any more.
    ``logs_since``: the moment (epoch s) for which they are of none. ``looked``: the last look that
    went well, 0 before the first; ``since``: the date from which everything was taken once; both in
    epoch s. ``site``: digest of what the settings say of the house.
    """

    root: Root | None = None
    pending: dict[str, Look] = {}
    taken: dict[str, Taken] = {}
    told: dict[str, Told] = {}
    days: dict[str, str] = {}
    logs: dict[str, int] = {}
    logs_since: float = 0
    looked: float = 0
    since: float = 0
    site: str = ""


class Survey(NamedTuple):
    """One look at the tree. ``elsewhere``: uniqueid numbers of old files that need no thought."""

    seen: list[Seen]
    elsewhere: frozenset[str]
    notes: Counter[str]


def horizon_of(patience: Patience, now: datetime) -> datetime:
    """What was written before this is old: taken already, or left to a sweep."""
    return now - timedelta(days=max(1.0, patience.lookback_days))


def begin_of(since: str, zone: str) -> datetime | None:
    """Midnight of an ISO date in a zone, None for "". Raises Misconfigured when it is none."""
    try:
        return datetime.fromisoformat(since).replace(tzinfo=ZoneInfo(zone)) if since else None
    except ValueError as error:
        raise Misconfigured("enter the date to begin with like 2026-01-31") from error


def reach_back(
    memory: Memory, patience: Patience, since: datetime | None, now: datetime
) -> Patience:
    """Patience that looks as far back as is needed now, for one look.

    After days without a look, back to before the last one; back to ``since`` when that is new.
    The memory learns that it was done: call this for a look whose checkpoint is kept if it works.
    """
    days = patience.lookback_days
    if memory.looked:
        days += max(0.0, now.timestamp() - memory.looked) / 86400
    if since and since.timestamp() != memory.since:
        days = max(days, (now - since).total_seconds() / 86400)
        memory.since = since.timestamp()
    memory.looked = now.timestamp()
    return msgspec.structs.replace(patience, lookback_days=days)


def oldest_pending(memory: Memory) -> datetime | None:
    """When the oldest of the files not told yet was written, or its call begun."""
    moments = [look.modified_ns / 1e9 for look in memory.pending.values()]
    names = (parse_name(path_of(locator)[-1]) for locator in memory.pending)
    epochs = (epoch_of(name.uniqueid) for name in names if name)
    moments += [float(epoch) for epoch in epochs if epoch]
    if not moments:
        return None
    return datetime.fromtimestamp(min(max(0.0, min(moments)), 4e9), UTC)


def recall(checkpoint: Checkpoint) -> Memory:
    """The memory in a checkpoint ({}: none yet), the checkpoint itself left alone."""
    return msgspec.convert(checkpoint, Memory)


def checkpoint_of(memory: Memory) -> Checkpoint:
    """The memory as plain JSON values."""
    found: Checkpoint = msgspec.to_builtins(memory)
    return found


@from_share()
def check_root(memory: Memory, mount: Files) -> None:
    """Believe the root only if it is the one we know. Raises Unavailable, changing nothing.

    A mount point without its share is an empty folder on another device. A share mounted anew may
    get another device number: it is known by any file we remember.
    """
    root, known = mount.look(), memory.root
    if known is not None and not known.bare:
        if root.bare:
            raise Unavailable("the recordings folder is suddenly empty; is the share mounted?")
        same = (root.device, root.inode) == (known.device, known.inode)
        if not same and not _has_witness(memory, mount):
            raise Unavailable("another folder lies where the recordings were; is it the share?")
    memory.root = root


def _has_witness(memory: Memory, mount: Files) -> bool:
    """Whether any of some remembered files is there; True when there is nothing to lose."""
    looks = memory.pending | {locator: taken.look for locator, taken in memory.taken.items()}
    found = (mount.find(locator) for locator in list(looks)[-50:])
    return not looks or any(found)


@from_share()
def survey(memory: Memory, mount: Files, patience: Patience, now: datetime, sweep: bool) -> Survey:
    """Every file to think about, with a fresh look at each. Updates ``pending``.

    ``sweep``: also the old files in folders that changed since the last sweep. Raises Unavailable.
    """
    notes: Counter[str] = Counter()
    since = horizon_of(patience, now)
    entries = {e.locator: e for e in mount.walk(since, notes, old=sweep) if _is_audio(e, notes)}
    old = {key: entry for key, entry in entries.items() if not entry.recent}
    for locator in _changed_days(memory, old.values()):
        memory.pending.setdefault(locator, Look(size=-1, modified_ns=0, since=now.timestamp()))
    entries = {key: entry for key, entry in entries.items() if entry.recent}
    for locator in memory.pending.keys() - entries.keys():
        if entry := old.get(locator) or mount.find(locator):
            entries[locator] = entry
        else:
            del memory.pending[locator]
            memory.days.pop(locator.rpartition("/")[0], None)
            notes["vanished"] += 1
    seen = [_seen(memory, mount, entry, now) for entry in entries.values()]
    told = (parse_name(entry.name) for key, entry in old.items() if key not in memory.pending)
    return Survey(
        seen=[item for item in seen if item is not None],
        elsewhere=frozenset(number_of(name.uniqueid) for name in told if name),
        notes=notes,
    )


def _is_audio(entry: Entry, notes: Counter[str]) -> bool:
    if suffix_of(entry.name) in AUDIO:
        return True
    notes["no_audio"] += 1
    return False


def _changed_days(memory: Memory, old: Iterable[Entry]) -> Iterator[str]:
    """The old files of folders that are not as the last sweep left them."""
    folders: dict[str, list[Entry]] = {}
    for entry in old:
        folders.setdefault(entry.locator.rpartition("/")[0], []).append(entry)
    for folder, entries in folders.items():
        told = sorted((e.locator, e.size, e.modified_ns) for e in entries)
        digest = hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]
        if memory.days.get(folder) != digest:
            memory.days[folder] = digest
            yield from (e.locator for e in entries)


def _seen(memory: Memory, mount: Files, entry: Entry, now: datetime) -> Seen | None:
    """Look at one file and remember it; None when it vanished in between."""
    taken = memory.taken.get(entry.locator)
    known = memory.pending.get(entry.locator) or (taken.look if taken else None)
    try:
        look = look_at(mount, entry, known, now)
    except NotFound:
        return None
    if taken is None or (look.size, look.modified_ns) != (taken.look.size, taken.look.modified_ns):
        memory.pending[entry.locator] = look
    return Seen(entry=entry, look=look, name=parse_name(entry.name))


def calls_with_losses(memory: Memory, seen: Iterable[Seen]) -> frozenset[str]:
    """Calls of which told files are missing now: the phone system cleans up after itself."""
    here = {item.entry.locator for item in seen}
    lost = (taken.key for locator, taken in memory.taken.items() if locator not in here)
    return frozenset(lost)


def is_known(memory: Memory, key: str, rows: int, files: list[Seen], now: datetime) -> bool:
    """Whether just these rows and files were told already and none of the files has changed."""
    before = memory.told.get(key)
    if before is None or (before.rows, before.files) != (rows, len(files)):
        return False
    if any(item.entry.locator in memory.pending for item in files):
        return False
    memory.told[key] = msgspec.structs.replace(before, seen=now.timestamp())
    return True


def tell(
    memory: Memory, call: FoundCall, rows: int, files: list[Seen], now: datetime,
    *, lossy: bool, old: bool,
) -> FoundCall | None:  # fmt: skip
    """Note a settled call as told; None when it says nothing new, or less than before.

    What lies ahead of our clock is told with the warning ``future_time``.

    A call never shrinks: old rows fall out of the look-back and the phone system deletes files
    (``lossy``: some told ones are missing). An ``old`` one, found by a sweep, need not be
    remembered: only a sweep comes across it again.
    """
    key = call.native_key
    for item in files:
        memory.pending.pop(item.entry.locator, None)
        if item.entry.recent:
            memory.taken[item.entry.locator] = Taken(look=item.look, key=key)
    before = memory.told.get(key)
    call, ahead = marked(call, before.ahead if before else 0, now)
    fingerprint = hashlib.sha256(msgspec.json.encode(call)).hexdigest()[:16]
    if before is not None:
        shrunk = lossy or rows < before.rows or len(files) < before.files
        if shrunk or before.fingerprint == fingerprint:
            memory.told[key] = msgspec.structs.replace(before, seen=now.timestamp())
            return None
    if not old or before is not None:
        memory.told[key] = Told(
            fingerprint=fingerprint,
            seen=now.timestamp(),
            rows=rows,
            files=len(files),
            ahead=ahead,
        )
    return call


def forget_old(memory: Memory, seen: Iterable[Seen], patience: Patience, now: datetime) -> None:
    """Drop what lies outside the look-back and was told. Pending files are never dropped here."""
    recent = {item.entry.locator for item in seen}
    horizon = horizon_of(patience, now).timestamp()
    memory.taken = {
        locator: taken
        for locator, taken in memory.taken.items()
        if locator in recent or taken.look.since >= horizon
    }
    memory.told = {
        key: told for key, told in memory.told.items() if told.seen >= horizon - 3 * 86400
    }
