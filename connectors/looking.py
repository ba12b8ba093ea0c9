"""One file as it is now: a look at it, whether it may be believed, and opening it as it was found."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import BinaryIO

from msgspec import structs

from appliance.errors import NotFound, Unavailable, Unusable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.ahead import is_ahead
from connectors.files import Entry, Files
from connectors.interface import Final, Finality, Gone, NotYet
from connectors.mount import suffix_of
from connectors.names import FileName, is_sound
from connectors.settling import Look, Patience, is_broken_off, verdict_of
from connectors.wav import HEAD_BYTES, TAIL_BYTES, inspect

# States in which a file is opened at every look, though neither size nor time changed.
_OPEN_AGAIN = ("", "writing", "forbidden")


class Seen(Fact, frozen=True):
    """One audio file as it is now. ``name`` is None where its name says nothing."""

    entry: Entry
    look: Look
    name: FileName | None


def look_at(mount: Files, entry: Entry, known: Look | None, now: datetime) -> Look:
    """A look at ``entry``, from what is ``known`` where nothing changed.

    Only a new, a changed or an unfinished file is opened. Raises NotFound, Unavailable.
    """
    moment = now.timestamp()
    same = known and (known.size, known.modified_ns) == (entry.size, entry.modified_ns)
    # Looks from a clock that has since been set back would never grow old.
    since = min(known.since, moment) if known and same else moment
    if known and same and known.state not in _OPEN_AGAIN:
        return known if since == known.since else structs.replace(known, since=since)
    try:
        head, tail, _ = mount.read_ends(entry.locator, HEAD_BYTES, TAIL_BYTES)
    except Unusable:
        head, tail = b"", b""
    except Unavailable as error:
        if not isinstance(error.__cause__, PermissionError):
            raise
        return Look(size=entry.size, modified_ns=entry.modified_ns, since=since, state="forbidden")
    found = inspect(suffix_of(entry.name), entry.size, head, tail)
    if known and known.state == "writing" != found.state:
        since = moment  # closed within one tick of the file system's clock: that is a change too
    return Look(
        size=entry.size,
        modified_ns=entry.modified_ns,
        since=since,
        state=found.state,
        hint=found.hint,
        rate=found.rate,
        channels=found.channels,
    )


def is_settled(
    files: Iterable[Seen],
    ended_at: datetime | None,
    patience: Patience,
    now: datetime,
    immediate: bool,
) -> bool:
    """Whether a call is over and every file of it is final.

    A row is written when its call has ended: an end that lies ahead is a wrong zone or clock, and
    the files alone decide.
    """
    if ended_at and is_ahead(ended_at, now):
        ended_at = None
    if ended_at and not immediate and ended_at + timedelta(seconds=patience.quiet_s) > now:
        return False
    verdicts = (verdict_of(patience, item.look, ended_at, now, immediate) for item in files)
    return all(isinstance(verdict, Final) for verdict in verdicts)


def verdict_now(
    mount: Files, patience: Patience, call: FoundCall, recording: FoundRecording,
    now: datetime, immediate: bool,
) -> Finality:  # fmt: skip
    """Finality of a recording that was told, looked at anew. Raises Unavailable, Unusable."""
    entry = mount.find(recording.locator)
    if entry is None:
        mount.look()
        return Gone()
    if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
        return NotYet(retry_after_s=max(1, round(patience.quiet_s)), why="changed")
    try:
        look = look_at(mount, entry, None, now)
    except NotFound:
        return Gone()
    # Having been told is the first look, and it was the look gap ago or it would not be told.
    look = structs.replace(look, since=look.modified_ns / 1e9)
    ended_at = call.ended_at if call.metadata_level == "cdr" else None
    return verdict_of(patience, look, ended_at, now, immediate)


def open_found(mount: Files, recording: FoundRecording, max_bytes: int) -> BinaryIO:
    """The file of a recording, exactly as it was found. Raises as ``Connector.open`` says."""
    try:
        handle, entry = mount.open(recording.locator, max_bytes)
    except NotFound:
        mount.look()
        raise
    if (entry.size, entry.modified_ns) != (recording.size, recording.modified_ns):
        handle.close()
        raise Unavailable("the recording changed since it was found; it will be found anew")
    return handle


def recording_of(item: Seen, patience: Patience, now: datetime) -> FoundRecording:
    """The recording a file is, with hints for the decoder and outcome codes as warnings."""
    broken = is_broken_off(patience, item.look, now)
    return FoundRecording(
        locator=item.entry.locator,
        name=shown(item.entry.name),
        size=item.look.size,
        modified_ns=item.look.modified_ns,
        container_hint=item.look.hint,
        rate_hint=item.look.rate,
        channels_hint=item.look.channels,
        warnings=doubts_of(item.entry.name, "writing" if broken else item.look.state),
    )


def doubts_of(name: str, state: str) -> tuple[str, ...]:
    """Outcome codes of a file by its name and by what its header says (see wav.py).

    ``state`` is "writing" only for a file that nobody writes any more.
    """
    found = []
    if state == "writing":
        found.append("truncated_header")
    if state == "unreadable":
        found.append("unreadable")
    if not is_sound(name):
        found.append("bad_name")
    if not name.isascii() and any("\ud800" <= c <= "\udfff" for c in name):
        found.append("encoding")
    return tuple(found)


def shown(name: str) -> str:
    """A file name fit for a page: no control characters, no broken bytes, not endless."""
    if name.isascii() and name.isprintable():
        return name[:255]
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in clean)[:255]
