"""The shape every tree of files takes, wherever it lies: a mounted folder, SFTP, SMB or FTPS.

Locators are percent-encoded relative paths: plain ASCII whatever bytes a name holds. A tree is
only ever read, never followed out of its root, and never believed when it suddenly looks empty.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Protocol

from appliance.errors import Unavailable
from appliance.facts import Fact


class Entry(Fact, frozen=True):
    """One plain file. ``recent``: inside the days asked for. Names may hold surrogate escapes."""

    locator: str
    name: str
    size: int
    modified_ns: int
    recent: bool = True


class Root(Fact, frozen=True):
    """What tells one share from another, and whether it is bare.

    ``device`` and ``inode`` are those of a mounted folder; a remote tree puts numbers derived from
    its host key and real path there.
    """

    device: int
    inode: int
    bare: bool


class Files(Protocol):
    """A tree of files below one root."""

    def look(self) -> Root:
        """The root as it is now. Raises Unavailable when it is missing, away or unreadable."""
        ...

    def walk(self, since: datetime, notes: Counter[str], old: bool = False) -> Iterator[Entry]:
        """All plain files written since ``since``, or in a folder of a day since then.

        ``old``: the older ones too, marked as not recent. Folders of earlier days are not entered
        otherwise. ``notes`` counts what was left out. Raises Unavailable when the share goes away.
        """
        ...

    def find(self, locator: str) -> Entry | None:
        """The file behind ``locator`` as it is now, None when it is gone or no plain file."""
        ...

    def open(self, locator: str, max_bytes: int) -> tuple[BinaryIO, Entry]:
        """The file opened for reading, never more than the bytes it has now, and what it is.

        Raises NotFound, Unavailable, or Unusable (path_escape, symlink, too_long, unreadable).
        """
        ...

    def read_ends(self, locator: str, head: int, tail: int) -> tuple[bytes, bytes, Entry]:
        """The first ``head`` and last ``tail`` bytes. Raises as ``open`` does."""
        ...


def check_filled(more: dict[str, str], root: Root) -> None:
    """Raise Unavailable when a folder that held something is suddenly empty: its share is away.

    ``more``: what a connector remembers beside its calls; that the folder was filled is noted.
    """
    if root.bare and "filled" in more:
        message = "the recordings folder is suddenly empty; is the share mounted?"
        raise Unavailable(message, "share_offline")
    if not root.bare:
        more["filled"] = "yes"


@contextmanager
def from_share() -> Iterator[None]:
    """Give what is away in here its code: it is the share (``share_offline``)."""
    try:
        yield
    except Unavailable as error:
        error.outcome = error.outcome or "share_offline"
        raise
