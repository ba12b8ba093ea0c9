"""Which recordings belong to which calls: by the path 3CX noted, else by extension, number and time.

A file's name tells a time without its zone; what it means is found by comparing with the call
records, or with when the file was closed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from connectors.looking import Seen
from connectors.threecx_calls import Expected, Record
from connectors.threecx_names import (
    RecordingName,
    digits_of,
    moments_of,
    parse_name,
    started_by_file,
    tail_of,
    tail_of_locator,
)

NEAR_S = 2  # a recording begins this close to the moment its call was answered
_CLOSED_S = 30  # a file is closed this soon after the last word of it
_SURE = 3  # a zone is believed with so many times more votes than the other one has


class File(NamedTuple):
    """A file with what its name says, None where it says nothing."""

    seen: Seen
    name: RecordingName | None

    @property
    def locator(self) -> str:
        """Where it is."""
        return self.seen.entry.locator


class Joined(NamedTuple):
    """The files of each record by its index, the files of none, and how many are still missed."""

    of_record: Mapping[int, list[File]]
    orphans: list[File]
    missing: Mapping[int, int]


def files_of(seen: Iterable[Seen]) -> list[File]:
    """The files with their names read, in order of their locators."""
    found = [File(item, parse_name(item.entry.name)) for item in seen]
    return sorted(found, key=lambda file: file.locator)


def join(records: Sequence[Record], files: Sequence[File], zones: Sequence[tzinfo]) -> Joined:
    """Every file to at most one record. ``zones``: those a name's time may be in, likeliest first.

    What fits two records by its name alone is left alone: better no facts than another call's.
    """
    of_record: dict[int, list[File]] = {}
    taken, missing = _by_path(records, files, of_record)
    rest = [file for file in files if file.locator not in taken]
    orphans = []
    index = _Index(records)
    for file in rest:
        number = index.find(file.name, zones) if file.name else None
        if number is None:
            orphans.append(file)
        else:
            of_record.setdefault(number, []).append(file)
    for number in missing.keys() & of_record.keys():
        # A path that leads nowhere, and a name that fits: archiving moved and renamed it.
        told = len(records[number].expected)
        missing[number] = max(0, told - len(of_record[number]))
    return Joined(of_record, orphans, {key: count for key, count in missing.items() if count})


def _by_path(
    records: Sequence[Record], files: Sequence[File], of_record: dict[int, list[File]]
) -> tuple[set[str], dict[int, int]]:
    """Join what was noted with its path. Gives the locators used, and what was not found."""
    by_tail: dict[tuple[str, str], list[File]] = {}
    by_name: dict[str, list[File]] = {}
    for file in files:
        tail = tail_of_locator(file.locator)
        by_tail.setdefault(tail, []).append(file)
        by_name.setdefault(tail[1], []).append(file)
    taken: set[str] = set()
    open_ends: list[tuple[int, Expected]] = []
    for number, record in enumerate(records):
        for expected in record.expected:
            tails = (by_tail.get(tail_of(path), []) for path in expected.paths)
            found = [file for tail in tails for file in tail if file.locator not in taken]
            if found:
                taken.add(found[0].locator)
                of_record.setdefault(number, []).append(found[0])
            else:
                open_ends.append((number, expected))
    missing: Counter[int] = Counter()
    for number, expected in open_ends:
        names = {tail_of(path)[1] for path in expected.paths}
        left = [f for name in names for f in by_name.get(name, []) if f.locator not in taken]
        if left:
            taken.add(left[0].locator)
            of_record.setdefault(number, []).append(left[0])
        else:
            missing[number] += 1
    return taken, dict(missing)


class _Index:
    """Records by who talked and when."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._moments: dict[tuple[str, int], set[int]] = {}
        self._numbers: list[frozenset[str]] = []
        for number, record in enumerate(records):
            self._numbers.append(frozenset(_numbers_of(record)))
            for extension in _extensions_of(record):
                for moment in _moments_in(record):
                    self._moments.setdefault((extension, int(moment)), set()).add(number)

    def find(self, name: RecordingName, zones: Sequence[tzinfo]) -> int | None:
        """The one record that a name fits."""
        for zone in zones:
            for moment in moments_of(name.stamp, zone):
                found = self._at(name, int(moment.timestamp()))
                if len(found) == 1:
                    return found.pop()
        return None

    def _at(self, name: RecordingName, second: int) -> set[int]:
        near = range(second - NEAR_S, second + NEAR_S + 1)
        found: set[int] = set()
        for at in near:
            found |= self._moments.get((name.extension, at), set())
        return {number for number in found if digits_of(name.other) in self._numbers[number]}


def _extensions_of(record: Record) -> set[str]:
    """The numbers of the house that took part, queues too: a queue can be what is recorded."""
    ends = (end for leg in record.legs for end in (leg.source, leg.target))
    return {end.number for end in ends if end.number and end.kind != "line"}


def _numbers_of(record: Record) -> set[str]:
    ends = [end for leg in record.legs for end in (leg.source, leg.target)]
    return {digits_of(number) for end in ends for number in (end.outside, end.told, end.number)}


def _moments_in(record: Record) -> set[float]:
    """When something began that a recording may begin with, as whole seconds."""
    told = [moment for leg in record.legs for moment in (leg.started_at, leg.answered_at)]
    told += [expected.started_at for expected in record.expected]
    return {float(int(moment.timestamp())) for moment in told if moment}


def vote(records: Sequence[Record], files: Sequence[File], zone: tzinfo) -> str:
    """Whether names tell UTC or the zone's time: "utc", "local", or "" where nothing tells.

    Call records decide; where there are none, when a file was closed and how long it plays.
    """
    index = _Index(records)
    by_records: Counter[str] = Counter()
    by_files: Counter[str] = Counter()
    for file in files:
        if file.name is None:
            continue
        in_utc, local = moments_of(file.name.stamp, UTC), moments_of(file.name.stamp, zone)
        if in_utc == local:
            continue
        for word, at in (("utc", UTC), ("local", zone)):
            by_records[word] += index.find(file.name, [at]) is not None
        begun = _begun(file)
        for word, moments in (("utc", in_utc), ("local", local)):
            by_files[word] += begun is not None and any(_is_near(begun, m) for m in moments)
    return _winner(by_records) or _winner(by_files)


def _begun(file: File) -> datetime | None:
    look = file.seen.look
    if look.hint != "wav" or look.state != "whole":
        return None
    return started_by_file(look.modified_ns, look.size, look.rate, look.channels)


def _is_near(one: datetime, other: datetime) -> bool:
    return abs((one - other).total_seconds()) <= _CLOSED_S


def _winner(votes: Counter[str]) -> str:
    (one, most), (_, least) = (
        max(votes.items(), key=_count, default=("", 0)),
        min(votes.items(), key=_count, default=("", 0)),
    )
    return one if most and most >= _SURE * least else ""


def _count(vote: tuple[str, int]) -> int:
    return vote[1]
