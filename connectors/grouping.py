"""Which rows and which files make one call."""

import hashlib
from collections.abc import Iterable
from datetime import tzinfo

from msgspec import structs

from appliance.facts import Fact
from connectors.cdr import Row, distinct, moment_of
from connectors.names import FileName, epoch_of, number_of


class Part(Fact, frozen=True):
    """A file to be grouped: its locator, what its name says, the call it was told under or ""."""

    locator: str
    name: FileName | None
    told_as: str = ""


class Group(Fact, frozen=True):
    """One call: its key, its rows in order of time (none: no call record) and its locators."""

    key: str
    rows: tuple[Row, ...] = ()
    locators: tuple[str, ...] = ()


def group_calls(rows: Iterable[Row], parts: Iterable[Part], zone: tzinfo) -> list[Group]:
    """Rows joined by linkedid, files joined to them by the uniqueid in the name.

    A file that was told under a key stays with it, even when a late row would now say otherwise:
    the call must not come twice. An attended transfer between phones makes a second linkedid; that
    is left a second call. ``zone`` is that of the rows' times.
    """
    parts = list(parts)
    by_key, key_of_uniqueid = _join_rows(adopt_uniqueids(rows, parts, zone))
    key_of_part = _join_parts(parts, key_of_uniqueid)
    told_as = {key_of_part[part.locator]: part.told_as for part in parts if part.told_as}
    groups: dict[str, tuple[list[Row], list[str]]] = {}
    for key, found in by_key.items():
        groups.setdefault(told_as.get(key, key), ([], []))[0].extend(found)
    for locator, key in key_of_part.items():
        groups.setdefault(told_as.get(key, key), ([], []))[1].append(locator)
    return [
        Group(key=key, rows=tuple(distinct(found)), locators=tuple(sorted(locators)))
        for key, (found, locators) in groups.items()
    ]


def _join_rows(rows: Iterable[Row]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows by key of their call, and the key for every uniqueid in them."""
    by_key: dict[str, list[Row]] = {}
    keys: dict[str, str] = {}
    for row in sorted(distinct(rows), key=lambda row: row.linkedid in ("", row.uniqueid)):
        # A row that links nowhere else may still be the first channel of a call linked above.
        key = keys.get(row.uniqueid) or row.linkedid or key_of_row(row)
        by_key.setdefault(key, []).append(row)
        for uniqueid in filter(None, (row.uniqueid, row.linkedid)):
            keys.setdefault(uniqueid, key)
    return by_key, keys


def _join_parts(parts: Iterable[Part], keys: dict[str, str]) -> dict[str, str]:
    """The key of every file, by locator. Exact names first: they tell the others their system."""
    numbers = {number_of(uniqueid): key for uniqueid, key in keys.items()}
    found: dict[str, str] = {}
    for part in sorted(parts, key=lambda part: not (part.name and part.name.exact)):
        name = part.name
        if name is None:
            found[part.locator] = key_of_file(part.locator)
        elif name.exact:
            found[part.locator] = keys.get(name.uniqueid, name.uniqueid)
            numbers.setdefault(number_of(name.uniqueid), found[part.locator])
        else:
            found[part.locator] = numbers.get(name.uniqueid, name.uniqueid)
    return found


def adopt_uniqueids(rows: Iterable[Row], parts: Iterable[Part], zone: tzinfo) -> list[Row]:
    """Rows without uniqueid (loguniqueid is off) given that of the one file that fits.

    It fits when its channel was made within 3 s of the row's start and its name holds the caller.
    """
    by_second: dict[int, list[FileName]] = {}
    for name in (part.name for part in parts if part.name and part.name.exact):
        by_second.setdefault(epoch_of(name.uniqueid) or 0, []).append(name)
    return [row if row.uniqueid else _adopt(row, by_second, zone) for row in rows]


def _adopt(row: Row, by_second: dict[int, list[FileName]], zone: tzinfo) -> Row:
    try:
        start = int(moment_of(row.start, zone)[0].timestamp())
    except ValueError:
        return row
    near = [name for second in range(start - 3, start + 4) for name in by_second.get(second, [])]
    fits = {name.uniqueid for name in near if row.src and row.src in (name.to, name.source)}
    if len(fits) != 1:
        return row
    uniqueid = fits.pop()
    return structs.replace(row, uniqueid=uniqueid, linkedid=row.linkedid or uniqueid)


def key_of_row(row: Row) -> str:
    """The key of a call record without any uniqueid (loguniqueid is off)."""
    told = f"{row.start}|{row.channel}|{row.src}"
    return "row:" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def key_of_file(locator: str) -> str:
    """The key of a file whose name says nothing: itself."""
    return "file:" + hashlib.sha256(locator.encode()).hexdigest()[:24]
