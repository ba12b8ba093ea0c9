"""The file names of 3CX recordings, and the tree they lie in.

``<ext>/[<Name>]_<ext>-<other>_<YYYYMMDDHHMMSS>(<callid>).wav``: the name in brackets is free text
with commas, brackets and underscores of its own, so only the right end is firm ground.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import BinaryIO

from msgspec import structs

from appliance.facts import Fact
from connectors.cdr import moment_of
from connectors.files import Entry, Files, Root
from connectors.mount import path_of
from connectors.names import is_sound

_NAME = re.compile(
    r"\[(?P<shown>.*)\]_(?P<ext>[^_\[\]()-]*)-(?P<other>[^_\[\]()]*)"
    r"_(?P<stamp>\d{14})\((?P<callid>[0-9A-Za-z_-]{1,40})\)\.(?P<suffix>\w{1,5})",
    re.ASCII | re.DOTALL,
)
_DIGITS = re.compile(r"\D+", re.ASCII)
_EXTENSION = re.compile(r"\d{2,5}", re.ASCII)
_LENGTH = 10  # digits by which two spellings of one outside number are known: +1512… and 512…


class RecordingName(Fact, frozen=True):
    """What a name says. ``stamp``: ``YYYYMMDDTHHMMSS``, UTC or local, which the name does not say.

    ``extension`` is the one that was recorded, ``other`` whom it talked to, "" where withheld.
    Neither says who called whom.
    """

    extension: str
    other: str
    stamp: str
    callid: str


def parse_name(name: str) -> RecordingName | None:
    """The parts of a name, None where it is not of this grammar or tells an impossible time."""
    if not is_sound(name) or not (match := _NAME.fullmatch(name)):
        return None
    stamp = f"{match['stamp'][:8]}T{match['stamp'][8:]}"
    try:
        year = datetime.fromisoformat(stamp).year
    except ValueError:
        return None
    if not 1990 < year < 2100:
        return None
    return RecordingName(
        extension=match["ext"].strip(),
        other=match["other"].strip(),
        stamp=stamp,
        callid=match["callid"],
    )


def moments_of(stamp: str, zone: tzinfo) -> list[datetime]:
    """The moments (UTC) a stamp can mean in ``zone``: two in the hour that comes twice."""
    early = moment_of(stamp, zone)[0]
    late = datetime.fromisoformat(stamp).replace(tzinfo=zone, fold=1).astimezone(UTC)
    return [early] if early == late else [early, late]


def digits_of(number: str) -> str:
    """The digits that tell a number: the last ten, "" for a withheld one."""
    return _DIGITS.sub("", number)[-_LENGTH:]


def same_number(one: str, other: str) -> bool:
    """Whether two spellings mean one number; two withheld ones count as the same."""
    return digits_of(one) == digits_of(other)


def is_short(number: str) -> bool:
    """Whether a number has the shape of one of the house."""
    return bool(_EXTENSION.fullmatch(number))


def tail_of(path: str) -> tuple[str, str]:
    """Folder and name at the end of a path as 3CX writes it (``116/…wav``, ``116\\…wav``)."""
    folder, _, name = path.replace("\\", "/").rpartition("/")
    return folder.rpartition("/")[2], name


def tail_of_locator(locator: str) -> tuple[str, str]:
    """Folder and name of a file in our tree."""
    parts = path_of(locator)
    return (parts[-2] if len(parts) > 1 else "", parts[-1])


class Flat:
    """A tree in which folders are extensions: ``2019`` is a phone, not a year."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def look(self) -> Root:
        """See Files."""
        return self._files.look()

    def walk(self, since: datetime, notes: Counter[str], old: bool = False) -> Iterator[Entry]:
        """See Files. Every folder is entered; times alone tell what is recent."""
        edge_ns = since.timestamp() * 1e9
        for entry in self._files.walk(since, notes, old=True):
            recent = entry.modified_ns >= edge_ns or (entry.recent and not _in_a_year(entry))
            if recent or old:
                yield structs.replace(entry, recent=recent)

    def find(self, locator: str) -> Entry | None:
        """See Files."""
        return self._files.find(locator)

    def open(self, locator: str, max_bytes: int) -> tuple[BinaryIO, Entry]:
        """See Files."""
        return self._files.open(locator, max_bytes)

    def read_ends(self, locator: str, head: int, tail: int) -> tuple[bytes, bytes, Entry]:
        """See Files."""
        return self._files.read_ends(locator, head, tail)


def _in_a_year(entry: Entry) -> bool:
    """Whether the tree below took a folder of this file for a year, so that ``recent`` is void."""
    return any(re.fullmatch(r"(?:19|20)\d\d", part) for part in path_of(entry.locator)[:-1])


def started_by_file(modified_ns: int, size: int, rate: int, channels: int) -> datetime | None:
    """When a PCM file of 16 bits was begun, told by when it was closed and how long it plays."""
    if rate <= 0 or channels <= 0:
        return None
    seconds = max(0, size - 44) / (2 * rate * channels)
    return datetime.fromtimestamp(modified_ns / 1e9, UTC) - timedelta(seconds=seconds)
