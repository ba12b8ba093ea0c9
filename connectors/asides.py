"""Sidecars in a folder: found beside recordings, read once, and read again when they change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

import msgspec

from appliance.errors import NotFound, Unavailable, Unusable
from appliance.facts import Fact
from connectors.files import Entry, Files, Root
from connectors.interface import Checkpoint
from connectors.looking import Seen
from connectors.mount import suffix_of
from connectors.patterns import strip_leg
from connectors.said import NOTHING, Said
from connectors.sidecars import ENDINGS, MOST_BYTES, MOST_LIST_BYTES, read_list, read_sidecar
from connectors.watching import Memory, Survey

_MOST_LISTS = 8


class Aside(Fact, frozen=True, array_like=True):
    """A sidecar as it was read: bytes, mtime, first seen so (epoch s), what it says, its trouble.

    ``problem`` is "" or an outcome code. A list of many recordings is marked ``list``.
    """

    size: int
    modified_ns: int
    since: float
    said: Said = NOTHING
    problem: str = ""


class Notebook(Memory):
    """A Memory that also knows sidecars by locator, and what was told under another call's key.

    ``adopted``: key of a call record → key of the file it was told under before. ``lines``: the
    pushed records up to this number are of no interest any more.
    """

    asides: dict[str, Aside] = {}
    adopted: dict[str, str] = {}
    lines: int = 0


def recall(checkpoint: Checkpoint) -> Notebook:
    """The notebook in a checkpoint ({}: an empty one), the checkpoint itself left alone."""
    return msgspec.convert(checkpoint, Notebook)


class Beside:
    """A tree that keeps the sidecars it comes across to itself while it is walked."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.asides: dict[str, Entry] = {}

    def look(self) -> Root:
        """See Files."""
        return self._files.look()

    def walk(self, since: datetime, notes: Counter[str], old: bool = False) -> Iterator[Entry]:
        """See Files."""
        for entry in self._files.walk(since, notes, old):
            if suffix_of(entry.name) in ENDINGS:
                self.asides[entry.locator] = entry
            else:
                yield entry

    def find(self, locator: str) -> Entry | None:
        """See Files."""
        return self._files.find(locator)

    def open(self, locator: str, max_bytes: int) -> tuple[BinaryIO, Entry]:
        """See Files."""
        return self._files.open(locator, max_bytes)

    def read_ends(self, locator: str, head: int, tail: int) -> tuple[bytes, bytes, Entry]:
        """See Files."""
        return self._files.read_ends(locator, head, tail)


def find_asides(
    book: Notebook, beside: Beside, found: Survey, now: datetime
) -> tuple[dict[str, list[Aside]], list[dict[str, Said]]]:
    """Sidecars by the place they stand beside, in lower case, and what lists say."""
    stems = {_stem(item.entry.locator) for item in found.seen}
    stems |= {item.entry.locator.lower() for item in found.seen}
    stems |= {strip_leg(stem) for stem in stems}
    for item in found.seen:
        if not item.entry.recent:
            _look_beside(beside, item.entry.locator)
    near: dict[str, list[Aside]] = {}
    book.asides = {at: aside for at, aside in book.asides.items() if at in beside.asides}
    lists = []
    order = {ending: place for place, ending in enumerate(ENDINGS)}
    for entry in sorted(beside.asides.values(), key=lambda e: order[suffix_of(e.name)]):
        if (stem := _stem(entry.locator)) in stems:
            aside = _aside(book, beside, entry, now)
            near.setdefault(stem, []).append(aside)
            if aside.problem:
                found.notes[aside.problem] += 1
        elif suffix_of(entry.name) == "csv":
            lists.append(entry)
    newest = sorted(lists, key=lambda entry: -entry.modified_ns)[:_MOST_LISTS]
    return near, [_list(book, beside, entry, found.notes, now) for entry in newest]


def _stem(locator: str) -> str:
    return locator.rpartition(".")[0].lower()


def _look_beside(beside: Beside, locator: str) -> None:
    """An old file is not met on the walk, nor is what stands beside it."""
    for base in (locator.rpartition(".")[0], locator):
        for ending in ENDINGS:
            entry = beside.find(f"{base}.{ending}")
            if entry is not None:
                beside.asides[entry.locator] = entry


def _aside(book: Notebook, beside: Beside, entry: Entry, now: datetime) -> Aside:
    """A sidecar as known, or read anew where it changed."""
    known = book.asides.get(entry.locator)
    if known and (known.size, known.modified_ns) == (entry.size, entry.modified_ns):
        return known
    said, problem = NOTHING, ""
    try:
        said = read_sidecar(suffix_of(entry.name), _content(beside, entry, MOST_BYTES))
    except Unusable:
        problem = "sidecar_malformed"
    except NotFound:
        problem = "vanished"
    aside = Aside(entry.size, entry.modified_ns, now.timestamp(), said, problem)
    book.asides[entry.locator] = aside
    return aside


def _content(beside: Beside, entry: Entry, most: int) -> bytes:
    try:
        handle, _ = beside.open(entry.locator, most)
    except Unavailable as error:
        if isinstance(error.__cause__, PermissionError):
            raise Unusable("the file beside the recording may not be read") from error
        raise
    with handle:
        return handle.read(most + 1)


def _list(
    book: Notebook, beside: Beside, entry: Entry, notes: Counter[str], now: datetime
) -> dict[str, Said]:
    """What a list says now; one that was no list is not opened again until it changes."""
    known = book.asides.get(entry.locator)
    if known and (known.size, known.modified_ns) == (entry.size, entry.modified_ns):
        return {}
    try:
        found = read_list(_content(beside, entry, MOST_LIST_BYTES))
    except (Unusable, NotFound):
        notes["sidecar_malformed"] += 1
        found = {}
    if not found:
        book.asides[entry.locator] = Aside(entry.size, entry.modified_ns, now.timestamp())
    return found


def near_to(item: Seen, asides: Mapping[str, list[Aside]]) -> list[Aside]:
    stem = _stem(item.entry.locator)
    places = dict.fromkeys((stem, item.entry.locator.lower(), strip_leg(stem)))
    return [aside for place in places for aside in asides.get(place, ())]


def listed_of(item: Seen, lists: Iterable[Mapping[str, Said]]) -> list[Said]:
    name = item.entry.name.lower()
    return [known[name] for known in lists if name in known]
