"""Which rows and which files make one call."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import PurePath

from msgspec import structs

from appliance.facts import Fact
from connectors.cdr import Row, distinct, moment_of
from connectors.mount import path_of
from connectors.names import FileName, epoch_of, number_of
from connectors.transfers import tie_calls


class Part(Fact, frozen=True):
    """A file to be grouped: its locator, what its name says, the call it was told under or ""."""

    locator: str
    name: FileName | None
    told_as: str = ""


class Group(Fact, frozen=True):
    """One call: its key, its rows in order of time (none: no call record) and its locators.

    ``doubts``: warning codes about what belongs to it.
    """

    key: str
    rows: tuple[Row, ...] = ()
    locators: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def group_calls(
    rows: Iterable[Row], parts: Iterable[Part], zone: tzinfo, *,
    told: Container[str] = (), pairs: Iterable[tuple[str, str]] = (),
    notes: Counter[str] | None = None,
) -> list[Group]:  # fmt: skip
    """Rows joined by linkedid, files joined to them by their names.

    What was told under a key (``told``, or a part's own word) stays with it, even when a late row
    would now say otherwise: a call must not come twice. ``pairs`` are uniqueids of calls that the
    phone system itself joined. ``zone`` is that of the rows' times. ``notes`` counts duplicates.
    """
    parts = list(parts)
    by_key, key_of_uniqueid = _join_rows(adopt_uniqueids(distinct(rows, notes), parts, zone))
    key_of_part = _join_parts(parts, by_key, key_of_uniqueid)
    known: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        if part.told_as:
            known[key_of_part[part.locator]].add(part.told_as)
    for key in by_key:
        if key in told:
            known[key].add(key)
    joined = [(key_of_uniqueid.get(a, a), key_of_uniqueid.get(b, b)) for a, b in pairs]
    lead, doubts = tie_calls(by_key, known, joined)
    groups: dict[str, tuple[list[Row], list[str]]] = defaultdict(lambda: ([], []))
    for key, found in by_key.items():
        groups[lead.get(key, key)][0].extend(found)
    for part in parts:
        key = key_of_part[part.locator]
        groups[part.told_as or lead.get(key, key)][1].append(part.locator)
    return [
        Group(
            key=key,
            rows=tuple(sorted(found, key=_order)),
            locators=tuple(sorted(locators)),
            doubts=(doubts[key],) if key in doubts else (),
        )
        for key, (found, locators) in groups.items()
    ]


def _order(row: Row) -> tuple[object, ...]:
    return (row.start, row.sequence, row.end, row)


def _join_rows(rows: Iterable[Row]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows by key of their call, and the key for every uniqueid in them."""
    by_key: dict[str, list[Row]] = {}
    keys: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.linkedid in ("", row.uniqueid)):
        # A row that links nowhere else may still be the first channel of a call linked above.
        key = keys.get(row.uniqueid) or row.linkedid or key_of_row(row)
        by_key.setdefault(key, []).append(row)
        for uniqueid in filter(None, (row.uniqueid, row.linkedid)):
            keys.setdefault(uniqueid, key)
    return by_key, keys


def _join_parts(
    parts: Sequence[Part], by_key: Mapping[str, Sequence[Row]], keys: Mapping[str, str]
) -> dict[str, str]:
    """The key of every file, by locator. Exact names first: they tell the others their system.

    First what the call records name, then the uniqueid in the name; where several records name
    one file the uniqueid decides among them, and a name that lies twice says nothing.
    """
    named = _named_files(by_key)
    stems = Counter(_stem_of(part) for part in parts if part.name is None)
    numbers = {number_of(uniqueid): key for uniqueid, key in keys.items()}
    found: dict[str, str] = {}
    for part in sorted(parts, key=lambda part: not (part.name and part.name.exact)):
        name, stem = part.name, _stem_of(part)
        by_record = named.get(stem, [])
        if name is None:
            only = len(by_record) == 1 and stems[stem] == 1
            found[part.locator] = by_record[0] if only else key_of_file(part.locator)
            continue
        own = keys if name.exact else numbers
        by_name = own.get(name.uniqueid, name.uniqueid)
        clear = len(by_record) == 1 and by_name not in by_record
        found[part.locator] = by_record[0] if clear else by_name
        if name.exact:
            numbers.setdefault(number_of(name.uniqueid), found[part.locator])
    return found


def _named_files(by_key: Mapping[str, Sequence[Row]]) -> dict[str, list[str]]:
    """Stem of a recording's name → keys of the calls whose records name it.

    Without its ending: a record says ``.wav49`` where the file is ``.WAV``, and many a phone
    system turns its ``.wav`` into ``.mp3`` afterwards.
    """
    found: dict[str, list[str]] = {}
    for key, rows in by_key.items():
        for row in rows:
            if row.recordingfile:
                keys = found.setdefault(PurePath(row.recordingfile).stem, [])
                if key not in keys:
                    keys.append(key)
    return found


def _stem_of(part: Part) -> str:
    return part.name.stem if part.name else PurePath(path_of(part.locator)[-1]).stem


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
    return "file:" + hashlib.sha256(locator.encode("utf-8", "surrogatepass")).hexdigest()[:24]
