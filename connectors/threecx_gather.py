"""From records and files at hand to calls that are told, each under one key for ever.

A file told before its record came keeps its key, and the record takes it over: no call comes twice.
A file told once stays part of its call after 3CX has moved it away: no call shrinks.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

import msgspec
from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundRecording
from connectors.files import Entry
from connectors.gathering import is_empty
from connectors.grouping import key_of_file
from connectors.ledger import Candidate, Ledger
from connectors.looking import Seen, is_settled, recording_of
from connectors.mount import path_of
from connectors.settling import Patience
from connectors.threecx_calls import Record, tell_record
from connectors.threecx_join import File, Joined
from connectors.threecx_names import digits_of, moments_of, parse_name
from connectors.threecx_told import Spans, spans_by_number, tell_name
from connectors.watching import Memory

_ALONE = ("name:", "file:")  # keys of calls that only files tell of begin so
_AS = "as:"
_APART_S = 4 * 3600.0  # one call's files begin no further apart
_REST_S = 8 * 3600.0  # the rest of a call whose beginning is told already is not later than this
_TOGETHER_S = 1800.0  # a final file waits so long for the others of its call
_GAP_S = 30.0  # the part after a transfer begins so soon after the one before it


class State(msgspec.Struct):
    """All the connector remembers: the files it watches and the calls it told."""

    files: Memory = msgspec.field(default_factory=Memory)
    ledger: Ledger = msgspec.field(default_factory=Ledger)


class Rules(Fact, frozen=True, kw_only=True):
    """How calls are told. ``source``: what records take their times from, "" where there are none.

    ``zone``: what names tell their time in; ``doubt``: whether that is only assumed.
    ``hold_orphans``: tell no file without its record in this look; ``orphan_s``: wait so long.
    """

    patience: Patience
    source: str
    zone: tzinfo
    doubt: bool
    extensions: tuple[str, ...]
    immediate: bool
    hold_orphans: bool
    orphan_s: float
    has_place: bool


class Told(NamedTuple):
    """A candidate with the files that are told with it."""

    candidate: Candidate
    files: list[File]


def gather(
    state: State, records: Sequence[Record], joined: Joined, rules: Rules, now: datetime
) -> list[Told]:
    """Every call there is something to say about now, told before or not."""
    keyed: list[tuple[str, Record, list[File], int]] = []
    orphans = list(joined.orphans)
    for number, record in enumerate(records):
        files = joined.of_record.get(number, [])
        key, kept, others = _key_for(state, record, files)
        orphans += others
        keyed.append((key, record, kept, joined.missing.get(number, 0)))
    homes, left, adopted = _homes(keyed), [], adopted_keys(state)
    for file in orphans:
        told = _told_key(state, file)
        home = homes.get((told,) if told else _same_call(file))
        if home is not None and (told or _is_near(file, keyed[home][2])):
            keyed[home][2].append(file)
        elif not told or (told.startswith(_ALONE) and told not in adopted):
            left.append(file)  # else its record was told long ago, and is not read again
    found = [
        _told_record(state, key, record, files, missing, rules, now)
        for key, record, files, missing in keyed
    ]
    if not rules.hold_orphans:
        found += _orphans(state, left, spans_by_number(records), rules, now)
    return found


def _homes(keyed: Sequence[tuple[str, Record, list[File], int]]) -> dict[tuple[str, ...], int]:
    """Which call a file belongs to: by the key it was told under, or by 3CX's number of the call.

    Of a transferred call, one recording may have found its call before the other's leg is told.
    """
    found: dict[tuple[str, ...], int] = {}
    for index, (key, _, files, _) in enumerate(keyed):
        found[(key,)] = index
        for file in files:
            if file.name and file.name.other:
                found.setdefault(_same_call(file), index)
    return found


def adopted_keys(state: State) -> set[str]:
    """The keys of calls told without a record that a record has taken over since."""
    return {key for name, key in state.ledger.more.items() if name.startswith(_AS)}


def forget_adopted(state: State) -> None:
    """Drop what was taken over by records long ago, when no file of it is watched any more."""
    ledger = state.ledger
    known = ledger.told.keys() | ledger.waiting.keys()
    known |= {taken.key for taken in state.files.taken.values()}
    for name, key in list(ledger.more.items()):
        if name.startswith(_AS) and key not in known:
            del ledger.more[name]


def gone_files(state: State, here: Iterable[File]) -> list[File]:
    """Files told without a record and moved away since: their records may still come."""
    locators = {file.locator for file in here}
    keys = {t.key for t in state.files.taken.values() if t.key.startswith(_ALONE)}
    items = [item for key in sorted(keys) for item in _gone(state, key, locators)]
    return [File(item, parse_name(item.entry.name)) for item in items]


def _told_key(state: State, file: File) -> str:
    taken = state.files.taken.get(file.locator)
    return taken.key if taken else ""


def _key_for(state: State, record: Record, files: list[File]) -> tuple[str, list[File], list[File]]:
    """The key of a record's call, its files, and those that were told as another call."""
    ledger = state.ledger
    key = ledger.more.get(f"{_AS}{record.key}", record.key)
    own = {_told_key(state, file) for file in files} - {""}
    if key == record.key and key not in ledger.told and own and key not in own:
        first = min((f for f in files if _told_key(state, f)), key=_by_stamp)
        key = _told_key(state, first)
        ledger.more[f"{_AS}{record.key}"] = key
    kept = [file for file in files if _told_key(state, file) in ("", key)]
    return key, kept, [file for file in files if _told_key(state, file) not in ("", key)]


def _by_stamp(file: File) -> tuple[str, str]:
    return (file.name.stamp if file.name else "", file.locator)


def _told_record(
    state: State, key: str, record: Record, files: list[File], missing: int, rules: Rules,
    now: datetime,
) -> Told:  # fmt: skip
    call = structs.replace(tell_record(record, rules.source), native_key=key)
    files = _without_copies(state, files, len(record.expected))
    before = state.ledger.told.get(key)
    files, held = _at_hand(files, record.ended_at, rules, now)
    # Told once with all of them, or told as lost: what is not there any more is not waited for.
    # What is at hand is told at once, before it is archived away too; the rest comes with news.
    waits = missing and rules.has_place and before is None and not files
    final = is_settled([], record.ended_at, rules.patience, now, rules.immediate) and not held
    ready = record.over and final and not waits and not _is_young(record, files, rules, now)
    recordings, warnings = _recordings(state, key, files, rules, now)
    if missing and len(recordings) < len(record.expected):
        warnings = (*warnings, "cdr_without_file")
    call = structs.replace(
        call, recordings=recordings, warnings=(*call.warnings, *dict.fromkeys(warnings))
    )
    return Told(Candidate(call, min(record.started_at, now).timestamp(), bool(ready)), files)


def _at_hand(
    files: list[File], ended_at: datetime | None, rules: Rules, now: datetime
) -> tuple[list[File], bool]:
    """The files that are final, and whether the others are so fresh that they are waited for."""
    settled: list[File] = []
    fresh: list[File] = []
    for file in files:
        done = is_settled([file.seen], ended_at, rules.patience, now, rules.immediate)
        (settled if done else fresh).append(file)
    since = min((file.seen.look.since for file in settled), default=now.timestamp())
    return settled, bool(fresh) and since + _TOGETHER_S > now.timestamp()


def _is_young(record: Record, files: list[File], rules: Rules, now: datetime) -> bool:
    """Whether a talk may still get the file that nothing but the folder tells of."""
    if files or record.expected or not rules.has_place or rules.immediate:
        return False
    talked = any(leg.answered_at for leg in record.legs)
    return talked and record.ended_at + timedelta(seconds=rules.patience.orphan_quiet_s) > now


def _without_copies(state: State, files: list[File], expected: int) -> list[File]:
    """Files in order of time; of the same name and size in two folders one, unless both are told.

    The one that was taken before is kept.
    """
    ordered = sorted(files, key=lambda f: (_by_stamp(f)[0], f.locator not in state.files.taken,
                                           f.locator))  # fmt: skip
    if len(ordered) <= expected:
        return ordered
    seen: dict[tuple[str, int], File] = {}
    for file in ordered:
        seen.setdefault((file.seen.entry.name, file.seen.look.size), file)
    return list(seen.values())


def _recordings(
    state: State, key: str, files: list[File], rules: Rules, now: datetime
) -> tuple[tuple[FoundRecording, ...], tuple[str, ...]]:
    """The recordings of a call: the files at hand, and those told earlier that are gone since."""
    here = {(file.seen.entry.name, file.seen.look.size) for file in files}
    locators = {file.locator for file in files}
    gone = [
        item
        for item in _gone(state, key, locators)
        if (item.entry.name, item.look.size) not in here
    ]
    full = [f.seen for f in files if not is_empty(f.seen, rules.patience, now)]
    full = [item for item in full if is_settled([item], None, rules.patience, now, True)]
    found = sorted((*full, *gone), key=_stamp_of)
    recordings = tuple(recording_of(item, rules.patience, now) for item in found)
    return recordings, ("empty",) if any(
        is_empty(f.seen, rules.patience, now) for f in files
    ) else ()


def _stamp_of(item: Seen) -> tuple[str, str]:
    name = parse_name(item.entry.name)
    return (name.stamp if name else "", item.entry.locator)


def _gone(state: State, key: str, here: set[str]) -> list[Seen]:
    """What was told under this key and is not where it was."""
    found = []
    for locator, taken in state.files.taken.items():
        if taken.key == key and locator not in here:
            look = taken.look
            entry = Entry(
                locator=locator, name=path_of(locator)[-1], size=look.size,
                modified_ns=look.modified_ns,
            )  # fmt: skip
            found.append(Seen(entry=entry, look=look, name=None))
    return found


def _patience_for(file: File, spans: Spans, rules: Rules) -> float:
    """How long a file waits for its record: longer where the rest of its call may only be late."""
    if file.name is None:
        return rules.orphan_s
    at = moments_of(file.name.stamp, rules.zone)[0].timestamp()
    told = spans.get(digits_of(file.name.other), ())
    within = any(start - _GAP_S <= at <= end + _GAP_S for start, end in told)
    return _REST_S if within else rules.orphan_s


def _orphans(
    state: State, files: list[File], spans: Spans, rules: Rules, now: datetime
) -> list[Told]:
    """The calls that only a folder tells of."""
    found = []
    for whole in _groups(state, files):
        group, held = _at_hand(whole, None, rules, now)
        if held or not group:
            continue
        written = max(file.seen.look.since for file in group)
        told = any(_told_key(state, file) for file in group)
        waits = rules.source and not told and not rules.immediate
        wait = max(_patience_for(file, spans, rules) for file in group) if waits else 0
        if written + wait > now.timestamp():
            continue
        found.append(_told_orphan(state, group, rules, now))
    return found


def _groups(state: State, files: Iterable[File]) -> list[list[File]]:
    """Files of one call: 3CX's number of it is in their names, with the same other party.

    A transferred call leaves a file for each extension. A number that was reused after a restart
    is told apart by the other party and by time.
    """
    groups: dict[tuple[str, ...], list[list[File]]] = {}
    for file in sorted(files, key=_by_stamp):
        runs = groups.setdefault(_same_call(file), [])
        last = runs[-1][-1] if runs else None
        if last and last.name and file.name and _apart(last, file) <= _APART_S:
            runs[-1].append(file)
        else:
            runs.append([file])
    return [run for runs in groups.values() for run in runs]


def _same_call(file: File) -> tuple[str, ...]:
    name = file.name
    if name is None or not name.other:
        return (file.locator,)
    if len(digits_of(name.other)) >= 7:
        return (name.callid, digits_of(name.other))
    return (name.callid, *sorted((name.extension, name.other)))


def _apart(one: File, other: File) -> float:
    assert one.name and other.name
    early = datetime.fromisoformat(one.name.stamp)
    return (datetime.fromisoformat(other.name.stamp) - early).total_seconds()


def _is_near(file: File, others: Iterable[File]) -> bool:
    return any(o.name and abs(_apart(o, file)) <= _APART_S for o in others)


def _orphan_key(state: State, files: list[File]) -> str:
    """The key of a call without record: the one it was told by, else one made of its first name."""
    known = [key for file in files if (key := _told_key(state, file))]
    if known:
        return known[0]
    first = files[0]
    if first.name is None:
        return key_of_file(first.locator)
    for locator, taken in state.files.taken.items():
        name = parse_name(path_of(locator)[-1])
        if taken.key.startswith("name:") and name:
            gone = File(first.seen, name)
            if _same_call(gone) == _same_call(first) and abs(_apart(gone, first)) <= _APART_S:
                return taken.key
    name = first.name
    told = "|".join((name.extension, digits_of(name.other), name.stamp, name.callid))
    return "name:" + hashlib.sha256(told.encode()).hexdigest()[:24]


def _told_orphan(state: State, files: list[File], rules: Rules, now: datetime) -> Told:
    key = _orphan_key(state, files)
    files = _without_copies(state, files, 0)
    recordings, warnings = _recordings(state, key, files, rules, now)
    if rules.source:
        warnings = (*warnings, "file_without_cdr")
    gone = _gone(state, key, {file.locator for file in files})
    every = sorted((*files, *(File(g, parse_name(g.entry.name)) for g in gone)), key=_by_stamp)
    call = tell_name(key, every, rules.zone, rules.doubt, rules.extensions)
    call = structs.replace(call, recordings=recordings, warnings=(*call.warnings, *warnings))
    return Told(Candidate(call, -1, True), files)
