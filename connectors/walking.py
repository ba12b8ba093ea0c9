"""Walking a tree of recordings, wherever it lies: which folders are entered, which files are seen.

Locators are percent-encoded relative paths: plain ASCII whatever bytes a name holds.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from appliance.errors import Unusable
from connectors.files import Entry

_DEEPEST = 12
_UNFINISHED = (".part", ".tmp", ".temp", ".filepart", ".!ut", ".crdownload", ".partial", "~")
_DAY = re.compile(r"(?:.*/)?((?:19|20)\d\d)(?:/(\d\d)(?:/(\d\d))?)?", re.ASCII)
_DAY_IN_ONE = re.compile(r"(?:.*/)?((?:19|20)\d\d)-?(\d\d)-?(\d\d)", re.ASCII)

Path = tuple[str, ...]


class Item(NamedTuple):
    """One plain file or folder in a folder; ``changed_ns``: the later of all its times."""

    name: str
    is_folder: bool
    size: int
    modified_ns: int
    changed_ns: int


def locate(*parts: str) -> str:
    """The locator of a path of names below the root."""
    return "/".join(quote_from_bytes(os.fsencode(part), safe="+=,@ ") for part in parts)


def path_of(locator: str) -> Path:
    """The names behind a locator. Raises Unusable (path_escape) when it would leave the root."""
    parts = tuple(os.fsdecode(unquote_to_bytes(part)) for part in locator.split("/"))
    if any(part in ("", ".", "..") or "/" in part or "\0" in part for part in parts):
        raise Unusable("the locator does not stay inside the folder", "path_escape")
    return parts


def last_day(path: str) -> date | None:
    """The last day a folder such as ``2026/11`` can hold, None when its name is no date."""
    try:
        if match := _DAY_IN_ONE.fullmatch(path):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if not (match := _DAY.fullmatch(path)):
            return None
        year, month, day = int(match[1]), int(match[2] or 12), match[3]
        if day:
            return date(year, month, int(day))
        first = date(year, month, 1)
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except ValueError:
        return None


def is_passed_over(name: str) -> bool:
    """Whether a name is hidden, or that of a file still on its way."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def walk_tree(
    list_folder: Callable[[Path, Counter[str]], Iterable[Item]],
    since: datetime,
    notes: Counter[str],
    old: bool,
) -> Iterator[Entry]:
    """The files of a tree as ``Files.walk`` tells them; ``list_folder`` gives one folder's."""
    # With each folder: whether its day is recent, None where it has no day and times decide.
    pending: list[tuple[Path, bool | None]] = [((), None)]
    edge = since.timestamp()
    while pending:
        parts, dated = pending.pop()
        for item in list_folder(parts, notes):
            path = (*parts, item.name)
            if item.is_folder:
                day = last_day("/".join(path))
                fresh = None if day is None else day >= since.date() - timedelta(days=1)
                fresh = False if dated is False else fresh
                if (old or fresh is not False) and len(path) < _DEEPEST:
                    pending.append((path, fresh))
                continue
            recent = item.changed_ns / 1e9 >= edge if dated is None else dated
            if recent or old:
                yield entry_of(path, item, recent)


def entry_of(path: Path, item: Item, recent: bool = False) -> Entry:
    """The entry of a file at a path."""
    return Entry(
        locator=locate(*path),
        name=path[-1],
        size=item.size,
        modified_ns=item.modified_ns,
        recent=recent,
    )
