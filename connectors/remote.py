"""A tree of files on another machine: the walk of any tree over a transport's few questions.

A transport is a shelf: it lists one folder, looks at one file, opens one file. It keeps one
connection for all of them. A connection that broke is made anew once, since servers hang up on
guests who are silent for long; then the phone system is away.
"""

import errno
import hashlib
import io
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, TypeVar

from appliance.errors import NotFound, Unavailable, Unusable
from connectors.files import Entry, Root
from connectors.walking import Item, Path, entry_of, is_passed_over, path_of, walk_tree

READ_AHEAD = 1 << 20
# A whole file of this size is fetched at once, where its two ends are asked for.
SMALL = 1 << 16

Kind = Literal["file", "folder", "link", "other"]
T = TypeVar("T")


class Lost(Exception):
    """The connection broke. Never leaves a ``Remote``."""


class Thing(NamedTuple):
    """What lies at one place, never what a link there points to."""

    name: str
    kind: Kind
    size: int
    modified_ns: int


class Handle(Protocol):
    """One file opened for reading."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Some bytes from ``offset`` on, b"" past the end. Raises Lost, OSError."""
        ...

    def close(self) -> None:
        """Close it; never raises."""
        ...


class Shelf(Protocol):
    """One folder on a server.

    Everything raises Lost for a broken connection, FileNotFoundError (NotADirectoryError) and
    PermissionError for the file alone, and Misconfigured or Unavailable when it cannot connect.
    """

    def identity(self) -> tuple[str, str]:
        """Texts that tell this server and this folder from others."""
        ...

    def list(self, parts: Path) -> list[Thing]:
        """All there is in a folder, but ``.`` and ``..``."""
        ...

    def look(self, parts: Path) -> Thing:
        """One place as it is now."""
        ...

    def open(self, parts: Path) -> tuple[Handle, Thing]:
        """A plain file. Raises ``not_plain`` for what is none; no link on the way is followed."""
        ...

    def drop(self) -> None:
        """Forget the connection; never raises."""
        ...


class Remote:
    """A shelf as a tree of files."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._lock = threading.RLock()

    def look(self) -> Root:
        """See Files."""
        server, folder = self._ask(self.shelf.identity)
        try:
            bare = not self._ask(lambda: self.shelf.list(()))
        except OSError as error:
            raise Unavailable(_why_away(error)) from error
        return Root(device=_number(server), inode=_number(folder), bare=bare)

    def walk(self, since: datetime, notes: Counter[str], old: bool = False) -> Iterator[Entry]:
        """See Files."""
        return walk_tree(self._list, since, notes, old)

    def _list(self, parts: Path, notes: Counter[str]) -> list[Item]:
        try:
            things = self._ask(lambda: self.shelf.list(parts))
        except PermissionError as error:
            if not parts:
                raise Unavailable(_why_away(error)) from error
            notes["unreadable"] += 1
            return []
        except OSError as error:
            if parts:
                return []
            raise Unavailable(_why_away(error)) from error
        return [_item(thing) for thing in things if _is_wanted(thing, notes)]

    def find(self, locator: str) -> Entry | None:
        """See Files."""
        parts = path_of(locator)
        try:
            thing = self._ask(lambda: self.shelf.look(parts))
        except PermissionError as error:
            raise Unavailable("the recording may not be looked at") from error
        except OSError:
            return None
        return entry_of(parts, _item(thing)) if thing.kind == "file" else None

    def open(self, locator: str, max_bytes: int) -> tuple[BinaryIO, Entry]:
        """See Files."""
        handle, entry = self._open(locator)
        if entry.size > max_bytes:
            handle.close()
            raise Unusable("the recording is too large", "too_long")
        return io.BufferedReader(Stream(handle, entry.size, self._lock), READ_AHEAD), entry

    def read_ends(self, locator: str, head: int, tail: int) -> tuple[bytes, bytes, Entry]:
        """See Files."""
        with self._lock:
            handle, entry = self._open(locator)
            with Stream(handle, entry.size, self._lock) as stream:
                if entry.size <= max(SMALL, head + tail):
                    whole = stream.read_all()
                    return whole[:head], whole[max(0, entry.size - tail) :], entry
                first = stream.read_fully(head)
                stream.seek(entry.size - tail)
                return first, stream.read_fully(tail), entry

    def _open(self, locator: str) -> tuple[Handle, Entry]:
        parts = path_of(locator)
        try:
            handle, thing = self._ask(lambda: self.shelf.open(parts))
        except PermissionError as error:
            raise Unavailable(
                "the recording may not be read; give the box read permission"
            ) from error
        except IsADirectoryError as error:
            raise Unusable("the recording is no plain file") from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                message = "the recording is a link, which is never followed"
                raise Unusable(message, "symlink") from error
            raise NotFound("the recording is not there any more") from error
        return handle, entry_of(parts, _item(thing))

    def _ask(self, question: Callable[[], T]) -> T:
        with self._lock:
            try:
                return question()
            except Lost:
                self.shelf.drop()
            try:
                return question()
            except Lost as error:
                self.shelf.drop()
                raise Unavailable("the connection to the phone system broke") from error


class Stream(io.RawIOBase):
    """A file being read, which ends after ``size`` bytes however much is appended meanwhile."""

    def __init__(self, handle: Handle, size: int, lock: Any) -> None:
        self._handle, self._size, self._at, self._lock = handle, size, 0, lock

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` up to the bound. Raises Unavailable when the rest cannot be had."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size - self._at)
        if wanted <= 0:
            return 0
        try:
            with self._lock:
                data = self._handle.read_at(self._at, wanted)
        except (Lost, OSError) as error:
            raise Unavailable("the connection broke while a recording was read") from error
        if not data:
            raise Unavailable("the recording became shorter while it was read")
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def read_fully(self, size: int) -> bytes:
        """``size`` bytes, fewer only at the end."""
        found = bytearray()
        while len(found) < size and (data := self.read(size - len(found))):
            found += data
        return bytes(found)

    def read_all(self) -> bytes:
        """All bytes."""
        return self.read_fully(self._size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any file; the end is the bound."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """The position in bytes."""
        return self._at

    def close(self) -> None:
        """Close the file on the server too."""
        if not self.closed:
            with self._lock:
                self._handle.close()
        super().close()


def not_plain(kind: Kind) -> OSError:
    """What a shelf raises for a thing that is no file: IsADirectoryError, or ELOOP for a link."""
    return OSError(errno.ELOOP if kind in ("file", "link") else errno.EISDIR, "no plain file")


def _is_wanted(thing: Thing, notes: Counter[str]) -> bool:
    if is_passed_over(thing.name):
        return False
    if thing.kind == "link":
        notes["symlink"] += 1
    elif thing.kind == "other" or not _is_name(thing.name):
        notes["no_plain_file"] += 1
    else:
        return True
    return False


def _is_name(name: str) -> bool:
    """Whether this can be the name of one thing in a folder, which a hostile server may not say."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return bool(name) and "/" not in name and "\0" not in name


def _item(thing: Thing) -> Item:
    # Other machines tell but one time, and some let the sender of a file choose it.
    folder = thing.kind == "folder"
    return Item(thing.name, folder, thing.size, thing.modified_ns, thing.modified_ns)


def _number(text: str) -> int:
    """A number of 48 bits for a text, so that it fits wherever a checkpoint is kept."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _why_away(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "the recordings folder may not be read; give the account read permission"
    return "there is no such folder at the phone system; is the path right?"
