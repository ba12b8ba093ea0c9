"""A mounted tree of files: walked, read and opened without ever leaving its root.

Every step down is an ``openat`` with ``O_NOFOLLOW`` below an open directory, so neither a link, nor
``..``, nor somebody swapping a folder for a link in between leads out.
"""

import errno
import io
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from appliance.errors import NotFound, Unavailable, Unusable
from connectors.files import Entry, Root
from connectors.walking import (
    Item,
    Path,
    entry_of,
    is_passed_over,
    last_day,
    locate,
    path_of,
    walk_tree,
)

__all__ = ["Bounded", "Mount", "last_day", "locate", "path_of", "suffix_of"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a named pipe somebody put there must not wait for its writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# A path that cannot be there any more, or never could; everything else means the share is away.
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL)


class Mount:
    """One root folder; ``own``: the box's own drop, which no share can be missing from."""

    def __init__(self, root: str, own: bool = False) -> None:
        self.root, self.own = root, own

    @contextmanager
    def _descend(self, names: Path) -> Iterator[int]:
        """A descriptor of the folder ``names`` below the root. The root itself may be a link."""
        try:
            at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(f"the recordings folder is away: {error.strerror}") from error
        try:
            for name in names:
                below = os.open(name, _DIRECTORY, dir_fd=at)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)

    def look(self) -> Root:
        """The root as it is now. Raises Unavailable when it is missing or unreadable."""
        try:
            with self._descend(()) as at, os.scandir(at) as entries:
                if self.own:  # after a restore it is another inode and may be bare, and all is well
                    return Root(device=0, inode=0, bare=False)
                info = os.fstat(at)
                return Root(device=info.st_dev, inode=info.st_ino, bare=next(entries, None) is None)
        except OSError as error:
            raise Unavailable(f"the recordings folder cannot be read: {error.strerror}") from error

    def walk(self, since: datetime, notes: Counter[str], old: bool = False) -> Iterator[Entry]:
        """All plain files written since ``since``, or in a folder of a day since then.

        ``old``: the older ones too, marked as not recent. Folders of earlier days are not entered
        otherwise. ``notes`` counts what was left out. Raises Unavailable when the share goes away.
        """
        return walk_tree(self._list, since, notes, old)

    def _list(self, parts: Path, notes: Counter[str]) -> list[Item]:
        """The plain files and folders in one folder, hidden and unfinished ones left out."""
        try:
            with self._descend(parts) as at, os.scandir(at) as entries:
                found = []
                for entry in entries:
                    if is_passed_over(entry.name):
                        continue
                    if entry.is_symlink():
                        notes["symlink"] += 1
                    elif entry.is_dir(follow_symlinks=False) or entry.is_file(
                        follow_symlinks=False
                    ):
                        with _vanishing():
                            found.append(_item(entry.name, entry.stat(follow_symlinks=False)))
                    else:
                        notes["no_plain_file"] += 1
                return found
        except PermissionError:
            notes["unreadable"] += 1
            return []
        except OSError as error:
            if error.errno in _ABSENT and parts:
                return []
            raise Unavailable(f"the recordings folder went away: {error.strerror}") from error

    def find(self, locator: str) -> Entry | None:
        """The file behind ``locator`` as it is now, None when it is gone or no plain file."""
        *folder, name = path_of(locator)
        try:
            with self._descend(tuple(folder)) as at:
                info = os.stat(name, dir_fd=at, follow_symlinks=False)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise Unavailable(f"the recording cannot be reached: {error.strerror}") from error
        plain = stat.S_ISREG(info.st_mode)
        return entry_of((*folder, name), _item(name, info)) if plain else None

    def open(self, locator: str, max_bytes: int) -> tuple[BinaryIO, Entry]:
        """The file opened for reading, never more than the bytes it has now, and what it is.

        Raises NotFound, Unavailable, or Unusable (path_escape, symlink, too_long, unreadable).
        """
        *folder, name = path_of(locator)
        try:
            with self._descend(tuple(folder)) as at:
                handle = os.fdopen(os.open(name, _FILE, dir_fd=at), "rb", buffering=0)
        except OSError as error:
            raise _refusal(error) from error
        info = os.fstat(handle.fileno())
        if not stat.S_ISREG(info.st_mode) or info.st_size > max_bytes:
            handle.close()
            regular = stat.S_ISREG(info.st_mode)
            outcome = "too_long" if regular else "unreadable"
            raise Unusable("the recording is too large or no plain file", outcome)
        bounded = io.BufferedReader(Bounded(handle, info.st_size))
        return bounded, entry_of((*folder, name), _item(name, info))

    def read_ends(self, locator: str, head: int, tail: int) -> tuple[bytes, bytes, Entry]:
        """The first ``head`` and last ``tail`` bytes. Raises as ``open`` does."""
        handle, entry = self.open(locator, 1 << 62)
        with handle:
            first = handle.read(head)
            handle.seek(max(0, entry.size - tail))
            return first, handle.read(tail), entry


class Bounded(io.RawIOBase):
    """A raw file that ends after ``size`` bytes, however much is appended meanwhile."""

    def __init__(self, handle: io.FileIO, size: int) -> None:
        self._handle, self._size = handle, size

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: plain files only."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill ``buffer`` up to the bound. A share that fails meanwhile raises Unavailable."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        left = max(0, self._size - self._handle.tell())
        try:
            return self._handle.readinto(view[:left]) or 0
        except OSError as error:
            raise Unavailable(f"the share failed while reading: {error.strerror}") from error

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any file; the end is the bound."""
        if whence == os.SEEK_END:
            offset, whence = self._size + offset, os.SEEK_SET
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        """The position in bytes."""
        return self._handle.tell()

    def close(self) -> None:
        """Close the file below too."""
        self._handle.close()
        super().close()


def _item(name: str, info: os.stat_result) -> Item:
    changed = max(info.st_mtime_ns, info.st_ctime_ns)
    return Item(name, stat.S_ISDIR(info.st_mode), info.st_size, info.st_mtime_ns, changed)


def suffix_of(name: str) -> str:
    """The ending of a name without its dot, in lower case, "" without one."""
    last = name.rpartition("/")[2]
    at = last.rfind(".")
    return last[at + 1 :].lower() if at > 0 else ""


@contextmanager
def _vanishing() -> Iterator[None]:
    """A file may go between being listed and being looked at; that is no trouble."""
    try:
        yield
    except FileNotFoundError:
        return


def _refusal(error: OSError) -> Exception:
    if error.errno == errno.ELOOP:
        return Unusable("the recording is a link, which is never followed", "symlink")
    if error.errno in _ABSENT:
        return NotFound("the recording is not there any more")
    if isinstance(error, PermissionError):
        return Unavailable("the recording may not be read; give the box read permission")
    return Unavailable(f"the recording cannot be reached: {error.strerror}")
