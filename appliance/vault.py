"""The sealed recordings on disk: written whole or not at all, opened only with their own key."""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from appliance import seal
from appliance.errors import NotFound, Tampered, Unavailable

SUFFIX = ".pvs"
_TEMPORARY = ".new"
_NAME = re.compile(rf"[0-9a-f]{{32}}{re.escape(SUFFIX)}(?:{re.escape(_TEMPORARY)})?")


class Vault:
    """A directory of sealed files with names that say nothing; ``kek`` wraps the data keys."""

    def __init__(self, data: Path, kek: bytes) -> None:
        self.root = data / "recordings"
        self._kek = kek

    def new_key(self, ref: str) -> tuple[bytes, bytes]:
        """A fresh data key for a recording, and the same key wrapped for the database."""
        key = secrets.token_bytes(32)
        return key, seal.wrap_key(self._kek, key, ref)

    def put(self, source: BinaryIO, key: bytes, name: str) -> tuple[str, seal.SealedInfo]:
        """Seal ``source`` under ``name`` and return the file name it lies at.

        The file is complete and on the disk before its name is: a crash leaves an orphan that the
        sweep removes, never half a recording. Raises Unavailable when the disk is full.
        """
        file = f"{secrets.token_hex(16)}{SUFFIX}"
        folder = self.root / file[:2]
        target, temporary = folder / file, folder / (file + _TEMPORARY)
        with _disk_errors():
            self._make(folder)
            try:
                with temporary.open("xb") as out:
                    info = seal.seal(source, out, key, name)
                    out.flush()
                    os.fsync(out.fileno())
                temporary.rename(target)
                _sync_folder(folder)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        return file, info

    def _make(self, folder: Path) -> None:
        """Make a folder of the vault; its name must be on the disk before anything in it counts."""
        for path in (self.root, folder):
            if not path.is_dir():
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
                _sync_folder(path.parent)

    def open(self, file: str, wrapped_key: bytes, name: str) -> seal.SealedReader:
        """A seekable reader of a sealed file.

        Raises NotFound when the file is gone, Tampered when it, its key or its name do not fit.
        """
        if not wrapped_key:
            raise NotFound("this recording was erased")
        key = seal.unwrap_key(self._kek, wrapped_key, name.partition(".")[0])
        try:
            opened = self._path(file).open("rb")
        except FileNotFoundError:
            raise NotFound(
                "the audio of this recording is missing on the disk; restore it from a backup"
            ) from None
        try:
            return seal.open_sealed(opened, key, name)
        except BaseException:
            opened.close()
            raise

    def unwrap(self, wrapped_key: bytes, ref: str) -> bytes:
        """The data key of a recording, to seal more under it."""
        return seal.unwrap_key(self._kek, wrapped_key, ref)

    @contextmanager
    def removing_on_error(self) -> Iterator[list[str]]:
        """Collects the names of files; they are removed when what follows fails.

        Otherwise an outside that stays away would leave more of them at every attempt.
        """
        written: list[str] = []
        try:
            yield written
        except BaseException:
            for file in filter(None, written):
                self.remove(file)
            raise

    def remove(self, file: str) -> None:
        """Remove a file whose key is already destroyed."""
        self._path(file).unlink(missing_ok=True)

    def files(self) -> Iterator[tuple[str, float]]:
        """Every file of the vault, temporary ones too, as (name, modification time in s).

        What lies there under a name the vault does not give was put there by somebody else.
        """
        for path in self.root.glob("??/*"):
            with suppress(FileNotFoundError):  # renamed or removed since it was listed
                if _NAME.fullmatch(path.name) and path == self._path(path.name):
                    yield path.name, path.stat().st_mtime

    def holds(self, file: str) -> bool:
        """Whether the file is there."""
        return self._path(file).is_file()

    def _path(self, file: str) -> Path:
        if not _NAME.fullmatch(file):
            raise Tampered("the database names a file outside the vault")
        return self.root / file[:2] / file


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
            raise Unavailable(
                "the disk is full or failing; free some space, work goes on by itself",
                "disk_full",
            ) from error
        raise
