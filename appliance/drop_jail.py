"""One account's folder in the drop: every step stays inside it, within its quota, and is kept.

Every step down is an ``openat`` with ``O_NOFOLLOW`` below an open directory, and nothing here makes
a link, so nothing leads out. Errors are OSErrors whose text is fit for whoever uploads. What was
acknowledged by ``finish`` is on the disk: the phone system may delete its own copy after that.

Two hands are kept apart by locks: while a file is open for writing it is shared-locked, and the
chore that clears the drop removes only what it can lock for itself (see ``clear``).
"""

import errno
import fcntl
import io
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.facts import Fact

MARKER = ".petsvet"  # keeps the folder from ever looking like a share that is not mounted
DEEPEST = 12  # folders below are not looked into by any connector
MOST_OPEN = 128
LONGEST_READ = 1 << 18
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_COUNT_AGAIN_S = 5.0


class Limits(Fact, frozen=True, kw_only=True):
    """What one account may fill, and how many bytes must stay free on the disk."""

    size: int
    entries: int
    free: int


def parts_of(path: str) -> tuple[str, ...]:
    """The names of a path as a client wrote it; ``..`` at the top stays at the top."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(_checked(part))
    if len(parts) > DEEPEST:
        raise OSError(errno.ENAMETOOLONG, "there are too many folders inside each other")
    return tuple(parts)


def _checked(name: str) -> str:
    if name == MARKER:
        raise OSError(errno.EACCES, "this name belongs to the box")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in name):
        raise OSError(errno.EILSEQ, "the name holds signs that no file may have")
    if len(os.fsencode(name)) > 255:
        raise OSError(errno.ENAMETOOLONG, "the name is too long")
    return name


def make_room(root: Path, below: tuple[str, ...] = ()) -> None:
    """Make the folder of an account, and the one below it that is read, each with its marker."""
    root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (root, *(root.joinpath(*below[: n + 1]) for n in range(len(below)))):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    for folder in {root, root.joinpath(*below)}:
        at = os.open(folder, _DIRECTORY)
        try:
            os.close(os.open(MARKER, os.O_RDWR | os.O_CREAT | _FILE, 0o600, dir_fd=at))
        finally:
            os.close(at)


class Jail:
    """The folder of one account; all sessions of the account share one."""

    def __init__(self, root: Path, limits: Limits) -> None:
        make_room(root)
        self.root, self.limits = root, limits
        self._top = os.open(root, _DIRECTORY)
        self._marker = os.open(MARKER, os.O_RDWR | _FILE, dir_fd=self._top)
        self._open: set[io.FileIO] = set()
        self.trouble = ""  # what was refused last, "" again once something fits
        self._used, self._entries, self._counted = 0, 0, 0.0
        self._count()

    @property
    def is_gone(self) -> bool:
        """Whether somebody removed the whole folder: what is put into it would be lost."""
        return os.fstat(self._top).st_nlink == 0

    def close(self) -> None:
        """Let go of the folder and of what is still open in it."""
        for file in list(self._open):
            file.close()
        self._open.clear()
        os.close(self._marker)
        os.close(self._top)

    @contextmanager
    def _down(self, names: tuple[str, ...]) -> Iterator[int]:
        """A descriptor of the folder of these names."""
        if self.is_gone:
            raise OSError(errno.ENOENT, "the folder was removed meanwhile; connect again")
        at = os.dup(self._top)
        try:
            for name in names:
                below = os.open(name, _DIRECTORY, dir_fd=at)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The folder something lies in, and its name there."""
        *folder, name = parts_of(path) or ("",)
        if not name:
            raise OSError(errno.EACCES, "this is your own top folder")
        with self._down(tuple(folder)) as at:
            yield at, name

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the clearing chore out for a moment."""
        fcntl.flock(self._marker, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._marker, fcntl.LOCK_UN)

    def open_read(self, path: str) -> io.FileIO:
        """A file for reading."""
        with self._parent(path) as (at, name):
            return self._held(os.open(name, os.O_RDONLY | _FILE, dir_fd=at), "r")

    def open_write(
        self, path: str, *, create: bool, exclusive: bool, truncate: bool, flags: int = os.O_WRONLY
    ) -> io.FileIO:
        """A file for writing, created for this account alone; ``flags`` may add O_APPEND.

        Raises OSError ENOSPC or EDQUOT before anything is touched: what is there is not emptied
        for the sake of something that could not be stored.
        """
        flags |= _FILE | (os.O_CREAT if create else 0) | (os.O_EXCL if exclusive else 0)
        with self._parent(path) as (at, name), self._alone():
            is_new = create and not _exists(at, name)
            self._claim(0, int(is_new))
            self._check_disk(0)
            mode = "r+" if flags & os.O_RDWR else "w"
            file = self._held(os.open(name, flags, 0o600, dir_fd=at), mode)
            fcntl.flock(file.fileno(), fcntl.LOCK_SH)
            self._entries += is_new
        if truncate:
            self.resize(file, 0)
        return file

    def _held(self, descriptor: int, mode: str) -> io.FileIO:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode) or info.st_nlink > 1 or len(self._open) >= MOST_OPEN:
            os.close(descriptor)
            if stat.S_ISDIR(info.st_mode):
                raise OSError(errno.EISDIR, "this is a folder")
            if stat.S_ISREG(info.st_mode) and info.st_nlink <= 1:
                raise OSError(errno.EMFILE, "too many files are open; close some")
            raise OSError(errno.EACCES, "this is no plain file")
        file = io.FileIO(descriptor, mode)
        self._open.add(file)
        return file

    def read(self, file: io.FileIO, offset: int, size: int) -> bytes:
        """Some bytes of an open file; empty at its end."""
        return os.pread(file.fileno(), min(size, LONGEST_READ), offset)

    def write(self, file: io.FileIO, offset: int, data: bytes) -> int:
        """Put bytes at ``offset``; holes count as if they were full."""
        descriptor = file.fileno()
        info = os.fstat(descriptor)
        if info.st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was deleted meanwhile; send it again")
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
            offset = info.st_size
        growth = max(0, offset + len(data) - info.st_size)
        self._claim(growth, 0)
        left = memoryview(data)
        while left:
            done = os.pwrite(descriptor, left, offset)
            left, offset = left[done:], offset + done
        self._used += growth
        return len(data)

    def resize(self, file: io.FileIO, size: int) -> None:
        """Cut an open file, or stretch it within the quota."""
        growth = size - os.fstat(file.fileno()).st_size
        self._claim(max(0, growth), 0)
        os.ftruncate(file.fileno(), size)
        self._used += growth

    def finish(self, file: io.FileIO) -> None:
        """Close a file. One that was written is on the disk then, or OSError says it is not."""
        self._open.discard(file)
        try:
            if file.writable():
                os.fsync(file.fileno())  # on ext4, XFS and Btrfs this keeps a new name as well
                if os.fstat(file.fileno()).st_nlink == 0:
                    raise OSError(errno.ENOENT, "the file was deleted meanwhile; send it again")
        finally:
            file.close()

    def look(self, path: str) -> os.stat_result:
        """What a file or folder is."""
        names = parts_of(path)
        if not names:
            return os.fstat(self._top)
        with self._down(names[:-1]) as at:
            return os.stat(names[-1], dir_fd=at, follow_symlinks=False)

    def entries(self, path: str) -> list[tuple[str, os.stat_result]]:
        """What lies in a folder: plain files and folders."""
        found = []
        with self._down(parts_of(path)) as at, os.scandir(at) as entries:
            for entry in entries:
                plain = entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)
                if plain and entry.name != MARKER:
                    with suppress(FileNotFoundError):
                        found.append((entry.name, entry.stat(follow_symlinks=False)))
        return found

    def make_folder(self, path: str) -> None:
        """Make one folder."""
        if len(parts_of(path)) >= DEEPEST:
            raise OSError(errno.ENAMETOOLONG, "there are too many folders inside each other")
        with self._parent(path) as (at, name):
            self._claim(0, 1)
            os.mkdir(name, 0o700, dir_fd=at)
            self._entries += 1
            os.fsync(at)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        with self._parent(path) as (at, name):
            os.rmdir(name, dir_fd=at)
            self._entries -= 1

    def remove(self, path: str) -> None:
        """Remove a file of one's own."""
        with self._parent(path) as (at, name), self._alone():
            self._unlink(at, name)

    def _unlink(self, at: int, name: str) -> None:
        info = os.stat(name, dir_fd=at, follow_symlinks=False)
        if stat.S_ISDIR(info.st_mode):
            raise OSError(errno.EISDIR, "this is a folder")
        os.unlink(name, dir_fd=at)
        self._used -= info.st_size
        self._entries -= 1

    def rename(self, old: str, new: str, *, replace: bool) -> None:
        """Give a file its final name; a folder keeps its place and only changes its name.

        Raises OSError EEXIST where something has the new name, unless a file may ``replace`` it.
        """
        with self._parent(old) as (source, before), self._parent(new) as (target, after):
            info = os.stat(before, dir_fd=source, follow_symlinks=False)
            folder = stat.S_ISDIR(info.st_mode)
            if folder and parts_of(old)[:-1] != parts_of(new)[:-1]:
                raise OSError(errno.EACCES, "folders cannot be moved into other folders")
            with self._alone():
                if parts_of(old) != parts_of(new) and _exists(target, after):
                    if folder or not replace:
                        raise OSError(errno.EEXIST, "there is something of that name already")
                    self._forget(target, after)
                os.rename(before, after, src_dir_fd=source, dst_dir_fd=target)
            os.fsync(target)

    def _forget(self, at: int, name: str) -> None:
        """Take what is about to be replaced out of the count."""
        info = os.stat(name, dir_fd=at, follow_symlinks=False)
        if stat.S_ISDIR(info.st_mode):
            raise OSError(errno.EISDIR, "a folder has that name")
        self._used -= info.st_size
        self._entries -= 1

    def set_times(self, path: str, modified: float) -> None:
        """Let a file bear the time of its recording; never one that is still to come."""
        with self._parent(path) as (at, name):
            moment = min(max(0.0, modified), time.time())
            os.utime(name, (moment, moment), dir_fd=at, follow_symlinks=False)

    def _claim(self, size: int, entries: int) -> None:
        """Make sure that so much more fits. Raises OSError EDQUOT, and ENOSPC."""
        if self._is_over(size, entries) and time.monotonic() - self._counted > _COUNT_AGAIN_S:
            self._count()  # the chore may have cleared something
        if self._is_over(size, entries):
            self.trouble = (
                "the quota of this account is used up; more fits when calls were received"
            )
            raise OSError(errno.EDQUOT, self.trouble)
        if size or entries:
            self._check_disk(size)
            self.trouble = ""

    def _check_disk(self, size: int) -> None:
        if shutil.disk_usage(self._top).free - size < self.limits.free:
            self.trouble = "the disk of the box is nearly full; try again later"
            raise OSError(errno.ENOSPC, self.trouble)

    def _is_over(self, size: int, entries: int) -> bool:
        # What makes nothing larger is let through: it may be the way back under the quota.
        too_large = size > 0 and self._used + size > self.limits.size
        return too_large or (entries > 0 and self._entries + entries > self.limits.entries)

    def _count(self) -> None:
        self._used = self._entries = 0
        for folder, folders, files in os.walk(self.root):
            self._entries += len(folders) + len(files) - (MARKER in files)
            for name in files:
                with suppress(FileNotFoundError):
                    self._used += Path(folder, name).lstat().st_size
        self._counted = time.monotonic()


def _exists(at: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def clear(root: Path, path: tuple[str, ...], size: int, modified_ns: int, before: float) -> bool:
    """Remove one file if it still is what it was, unchanged since ``before`` (epoch seconds).

    Nobody may have it open for writing; the change time counts, which no uploader can set.
    """
    at = os.open(root, _DIRECTORY)
    marker = os.open(MARKER, os.O_RDWR | _FILE, dir_fd=at)
    try:
        for name in path[:-1]:
            below = os.open(name, _DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        fcntl.flock(marker, fcntl.LOCK_EX)
        return _clear_one(at, path[-1], size, modified_ns, before)
    except (FileNotFoundError, NotADirectoryError):
        return False
    finally:
        os.close(marker)
        os.close(at)


def _clear_one(at: int, name: str, size: int, modified_ns: int, before: float) -> bool:
    file = os.open(name, os.O_RDONLY | _FILE, dir_fd=at)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        info = os.fstat(file)
        same = (info.st_size, info.st_mtime_ns) == (size, modified_ns)
        quiet = max(info.st_mtime, info.st_ctime) <= before
        if not (same and quiet and stat.S_ISREG(info.st_mode)):
            return False
        os.unlink(name, dir_fd=at)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True
