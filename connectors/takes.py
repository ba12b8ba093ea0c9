"""What lies in a folder, as takes: all files of one recording, and what is said of its call.

Names are read by a person's pattern or as a phone system's own; sidecars may come before or after
the sound, and bring facts to a call that was told already under the same key.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from msgspec import structs

from appliance.errors import Unusable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.asides import Aside, Beside, Notebook, find_asides, listed_of, near_to, recall
from connectors.files import Files
from connectors.gathering import Rules, compose
from connectors.grouping import Group, Part, group_calls
from connectors.looking import Seen, is_settled
from connectors.mount import path_of, suffix_of
from connectors.names import FileName
from connectors.patterns import NoFit, Pattern, compile_pattern, read_path, strip_leg
from connectors.said import NOTHING, Said, parties_said, tell_said, together
from connectors.watching import Survey, calls_with_losses, horizon_of, tell

__all__ = [
    "Beside",
    "Notebook",
    "Take",
    "Ways",
    "call_of",
    "find_takes",
    "recall",
    "recordings_of",
    "tell_takes",
]


class Ways(Fact, frozen=True, kw_only=True):
    """How a folder is read. ``wait_s``: how long a sidecar may come after the sound."""

    sidecars: bool = False
    wait_s: float = 600


class Take(NamedTuple):
    """All files of one recording. ``level``: what it is known from; ``ready``: nothing more is due.

    ``modified_at``: when the last of its files was written.
    """

    key: str
    files: list[Seen]
    said: Said
    level: str
    ready: bool
    doubts: tuple[str, ...]
    modified_at: datetime


def find_takes(
    book: Notebook, tree: Files, found: Survey, pattern: Pattern | None, ways: Ways,
    rules: Rules, now: datetime,
) -> list[Take]:  # fmt: skip
    """The takes in what was seen, each with what its name and its sidecars say.

    ``tree``: the one that was surveyed, a Beside where sidecars count.
    """
    groups, names = _group(book, found.seen, pattern, rules)
    asides: dict[str, list[Aside]] = {}
    lists: list[dict[str, Said]] = []
    if ways.sidecars and isinstance(tree, Beside):
        asides, lists = find_asides(book, tree, found, now)
    takes = []
    for key, files in groups.items():
        near = [aside for item in files for aside in near_to(item, asides)]
        told = [said for item in files for said in listed_of(item, lists)]
        takes.append(_take(key, files, names, near, told, ways, rules, now))
    return takes


def _group(
    book: Notebook, seen: Sequence[Seen], pattern: Pattern | None, rules: Rules
) -> tuple[dict[str, list[Seen]], dict[str, Said]]:
    """Files by the key of their call, and what the pattern reads in each of their names."""
    names: dict[str, Said] = {}
    groups: dict[str, list[Seen]] = {}
    plain: list[Seen] = []
    for item in seen:
        said = _read_name(item, pattern) if pattern else None
        if said is None:
            plain.append(item)
            continue
        names[item.entry.locator] = said
        taken = book.taken.get(item.entry.locator)
        key = taken.key if taken else _key_of(item, said)
        groups.setdefault(key, []).append(_renamed(item, said, rules))
    by_locator = {item.entry.locator: item for item in plain}
    for group in group_calls((), [_part(book, item) for item in plain], rules.site.row_zone):
        groups.setdefault(group.key, []).extend(by_locator[at] for at in group.locators)
    return groups, names


def _part(book: Notebook, item: Seen) -> Part:
    taken = book.taken.get(item.entry.locator)
    return Part(locator=item.entry.locator, name=item.name, told_as=taken.key if taken else "")


def _read_name(item: Seen, pattern: Pattern) -> Said | None:
    return _read_locator(pattern.text, item.entry.locator)


@lru_cache(maxsize=4096)
def _read_locator(pattern: str, locator: str) -> Said | None:
    """Names do not change, and the files of some days are looked at again and again."""
    try:
        return read_path(compile_pattern(pattern), path_of(locator))
    except (NoFit, Unusable):
        return None


def _key_of(item: Seen, said: Said) -> str:
    """The phone system's number of the call with its day, or the file without the mark of a side.

    Numbers begin anew after a restart; the day keeps two calls apart.
    """
    if said.id:
        day = said.stamp[:8] or (f"{datetime.fromtimestamp(said.epoch, UTC):%Y%m%d}"
                                 if said.epoch else "")  # fmt: skip
        return f"id:{said.id}:{day}" if day else f"id:{said.id}"
    folder, stem = _place_of(item, said)
    return "file:" + hashlib.sha256(f"{folder}/{stem}".encode("utf-8", "replace")).hexdigest()[:24]


def _place_of(item: Seen, said: Said) -> tuple[str, str]:
    stem = item.entry.name.rpartition(".")[0]
    return item.entry.locator.rpartition("/")[0], strip_leg(stem) if said.leg else stem


def _renamed(item: Seen, said: Said, rules: Rules) -> Seen:
    """The file with a name that says its side and the way of its call, as phone systems' do."""
    direction = parties_said(said, rules.site).direction
    _, stem = _place_of(item, said)
    kind = "" if direction == "unknown" else direction
    suffix = suffix_of(item.entry.name)
    return structs.replace(item, name=FileName(stem=stem, suffix=suffix, kind=kind, leg=said.leg))


def _renamed_by(item: Seen, said: Said, own: Said | None, rules: Rules) -> Seen:
    """The file with a name by what is said of all its call; it bears one by its own already."""
    if own is None or (said := structs.replace(said, leg=own.leg)) == own:
        return item
    return _renamed(item, said, rules)


def _take(
    key: str, files: list[Seen], names: Mapping[str, Said], near: Sequence[Aside],
    listed: Sequence[Said], ways: Ways, rules: Rules, now: datetime,
) -> Take:  # fmt: skip
    by_name = NOTHING
    for item in files:
        by_name = together(by_name, names.get(item.entry.locator, NOTHING))
    moment, gap = now.timestamp(), 0 if rules.immediate else rules.patience.look_gap_s
    still = [aside for aside in near if aside.since + gap <= moment]
    beside = NOTHING
    for said in (*(aside.said for aside in still), *listed):
        beside = together(beside, said)
    waited = all(item.look.since + ways.wait_s <= moment for item in files) or rules.immediate
    bad = any(aside.problem for aside in still) and beside == NOTHING
    ready = not ways.sidecars or waited or beside != NOTHING
    level = "sidecar" if beside != NOTHING else "filename" if by_name != NOTHING else ""
    newest = max(item.look.modified_ns for item in files) / 1e9
    said = together(beside, by_name)
    return Take(
        key=key,
        files=[_renamed_by(item, said, names.get(item.entry.locator), rules) for item in files],
        said=said,
        level=level,
        ready=ready and len(still) == len(near),
        doubts=("sidecar_malformed",) if bad else (),
        modified_at=datetime.fromtimestamp(newest, UTC),
    )  # fmt: skip


def call_of(take: Take, rules: Rules, now: datetime) -> FoundCall:
    """The call of a take by itself."""
    locators = tuple(item.entry.locator for item in take.files)
    named = take.files
    if take.level and not any(item.name and item.name.exact for item in named):
        direction = parties_said(take.said, rules.site).direction
        named = [_directed(item, direction) for item in named]
    call = compose(Group(key=take.key, locators=locators), named, rules, now)
    if take.level:
        call = _overlaid(call, take, rules)
    return structs.replace(call, warnings=(*call.warnings, *take.doubts))


def recordings_of(
    takes: Iterable[Take], direction: str, rules: Rules, now: datetime
) -> tuple[tuple[FoundRecording, ...], tuple[str, ...]]:
    """The recordings of takes that belong to a call of this direction, and outcome codes."""
    recordings: list[FoundRecording] = []
    warnings: list[str] = []
    for take in takes:
        named = [_directed(item, direction) for item in take.files]
        locators = tuple(item.entry.locator for item in take.files)
        call = compose(Group(key=take.key, locators=locators), named, rules, now)
        recordings += call.recordings
        warnings += [w for w in call.warnings if w == "empty"]
        warnings += take.doubts
    return tuple(recordings), tuple(warnings)


def _directed(item: Seen, direction: str) -> Seen:
    """The same file with a name that knows the way of its call."""
    name = item.name or FileName(stem=item.entry.name, suffix=suffix_of(item.entry.name))
    kind = name.kind if direction == "unknown" else direction
    return structs.replace(item, name=structs.replace(name, kind=kind))


def _overlaid(call: FoundCall, take: Take, rules: Rules) -> FoundCall:
    """A call with what is said of it in place of what its files alone say."""
    said = tell_said(take.key, take.said, take.level, take.modified_at, rules.site)
    if said.time_source == "mtime" and call.time_source != "mtime":
        said = structs.replace(said, started_at=call.started_at, time_source=call.time_source)
    if said.direction == "unknown" and call.direction != "unknown":
        names = ("direction", "caller_number", "dialed", "staff_extension", "queue", "answer_state")
        said = structs.replace(said, **{name: getattr(call, name) for name in names})
    silent = call.answer_state == "ring_abandon"
    return structs.replace(
        said,
        answer_state="ring_abandon" if silent else said.answer_state,
        recordings=call.recordings,
        warnings=(*call.warnings, *said.warnings),
    )


def tell_takes(
    book: Notebook, found: Survey, takes: Iterable[Take], rules: Rules, now: datetime
) -> tuple[FoundCall, ...]:
    """The settled calls with news, oldest first; the notebook learns what was told."""
    losses = calls_with_losses(book, found.seen)
    told = (_tell(book, take, take.key in losses, rules, now) for take in takes)
    calls = [call for call in told if call is not None]
    return tuple(sorted(calls, key=lambda call: (call.started_at, call.native_key)))


def _tell(book: Notebook, take: Take, lossy: bool, rules: Rules, now: datetime) -> FoundCall | None:
    if not take.ready or not is_settled(take.files, None, rules.patience, now, rules.immediate):
        return None
    call = call_of(take, rules, now)
    horizon = horizon_of(rules.patience, now)
    old = not any(item.entry.recent for item in take.files) and take.modified_at <= horizon
    rows = 1 if take.level == "sidecar" else 0
    return tell(book, call, rows, take.files, now, lossy=lossy, old=old)
