"""Where Asterisk's call records come from: one shape for files, SQLite and MariaDB."""

from collections import Counter
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol

from msgspec import structs

from appliance.errors import Misconfigured
from appliance.facts import Fact
from connectors.cdr import Row
from connectors.cel import NOTHING, Signs
from connectors.files import Files
from connectors.kinds import Means
from connectors.mount import Mount, locate
from connectors.places import Drop, Mounted, Place, open_place


class Found(NamedTuple):
    """The rows of the days asked for, and what the event log says of them."""

    rows: list[Row]
    signs: Signs = NOTHING


class Report(Fact, frozen=True):
    """What is to be known of a source of call records; see ``Probe``."""

    problems: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    clock_skew_s: float | None = None


class Records(Protocol):
    """A source of call records, read only."""

    def read(
        self, since: datetime | None, skips: dict[str, int], now: datetime, notes: Counter[str]
    ) -> Found:
        """All rows that ended at or after ``since`` (None: all there are), in any order.

        ``skips`` remembers how much lies before ``since``, by source, so that it is not read
        again. Raises Unavailable when the source is away, Misconfigured when it refuses us.
        """
        ...

    def probe(self, now: datetime) -> Report:
        """What it can tell and what is wrong with it. Raises as ``read`` does."""
        ...


def tree_of(place: Place, path: str, means: Means) -> tuple[Files, str]:
    """The tree that holds the file at ``path``, and the file's locator in it.

    A relative path lies below the place, an absolute one anywhere on the same machine, reached
    the same way. Raises Misconfigured for a path that leads nowhere.
    """
    parts = PurePosixPath(path).parts
    names = [part for part in parts if part not in ("/", "//")]
    if not names or ".." in names:
        raise Misconfigured("enter the full path of the file with the call records")
    if not path.startswith("/"):
        return open_place(place, means), locate(*names)
    folder = str(PurePosixPath(path).parent)
    if isinstance(place, Mounted):
        return Mount(folder), locate(names[-1])
    if isinstance(place, Drop):
        raise Misconfigured("enter the path of the call records below the delivery folder")
    return open_place(structs.replace(place, path=folder), means), locate(names[-1])
