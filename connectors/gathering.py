"""From the files and rows at hand to settled calls: the road every connector of files shares."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.cdr import Row, moment_of
from connectors.cel import NOTHING, Signs
from connectors.grouping import Group, Part, group_calls
from connectors.looking import Seen, is_settled, recording_of
from connectors.mount import suffix_of
from connectors.names import FileName, epoch_of, number_of
from connectors.settling import Patience, is_broken_off
from connectors.telling import Site, tell_call, with_channel_map
from connectors.watching import Memory, Survey, calls_with_losses, horizon_of, is_known, tell

# Of one recording kept in several formats, the one closest to what was heard.
_BEST = ("wav", "wave", "sln192", "sln96", "sln48", "sln44", "sln32", "sln24", "sln16", "sln12",
         "sln", "raw", "ulaw", "alaw", "g722", "flac")  # fmt: skip


class Rules(Fact, frozen=True):
    """How calls are told and when they are believed. ``records``: there should be call records."""

    site: Site
    patience: Patience
    immediate: bool = False
    sweep: bool = False
    records: bool = False


def gather(
    memory: Memory, survey: Survey, rows: Iterable[Row], rules: Rules, now: datetime,
    signs: Signs = NOTHING,
) -> tuple[FoundCall, ...]:  # fmt: skip
    """The settled calls with news, oldest first; ``memory`` learns what was told."""
    by_locator = {item.entry.locator: item for item in survey.seen}
    horizon = horizon_of(rules.patience, now)
    same_site = _is_same_site(memory, rules.site)
    losses = calls_with_losses(memory, survey.seen)
    parts = [_part(memory, item) for item in survey.seen]
    calls = []
    for group in group_calls(
        rows, parts, rules.site.row_zone, told=memory.told, pairs=signs.pairs, notes=survey.notes
    ):
        if not group.locators and _has_files_elsewhere(group, survey):
            continue
        files = [by_locator[locator] for locator in group.locators]
        certain = same_site and not group.doubts
        if certain and is_known(memory, group.key, len(group.rows), files, now):
            continue
        if goes_on(group, signs, rules, now) or is_fresh(files, rules, now):
            continue
        call = compose(group, files, rules, now)
        ended_at = _end_of(group, call, signs)
        old = not any(item.entry.recent for item in files) and (ended_at or horizon) <= horizon
        if old and not files and not rules.sweep:
            continue
        if not is_settled(files, ended_at, rules.patience, now, rules.immediate):
            continue
        lossy = group.key in losses
        if news := tell(memory, call, len(group.rows), files, now, lossy=lossy, old=old):
            calls.append(news)
    return tuple(sorted(calls, key=lambda call: (call.started_at, call.native_key)))


def _is_same_site(memory: Memory, site: Site) -> bool:
    """Whether the house is as it was at the last look; if not, all calls are told by it anew."""
    before, memory.site = memory.site, hashlib.sha256(msgspec.json.encode(site)).hexdigest()[:16]
    return before == memory.site


def goes_on(group: Group, signs: Signs, rules: Rules, now: datetime) -> bool:
    """Whether the phone system says that this call is not over, though a record is written.

    It may have restarted meanwhile and never say so: after ``salvage_after_s`` the rows count.
    """
    if rules.immediate or not signs.open:
        return False
    if not group.rows:
        return group.key in signs.open
    if signs.open.isdisjoint(u for row in group.rows for u in (row.linkedid, row.uniqueid)):
        return False
    zone = rules.site.row_zone
    last = max(moment_of(row.end, zone)[0] for row in group.rows)
    return last + timedelta(seconds=rules.patience.salvage_after_s) > now


def is_fresh(files: Iterable[Seen], rules: Rules, now: datetime) -> bool:
    """Whether a file was only just seen to change: nothing else about its call matters yet."""
    edge = now.timestamp() - rules.patience.look_gap_s
    return not rules.immediate and any(item.look.since > edge for item in files)


def _end_of(group: Group, call: FoundCall, signs: Signs) -> datetime | None:
    if not group.rows or call.ended_at is None:
        return None
    said = (signs.ended.get(row.linkedid) for row in group.rows)
    return max([call.ended_at, *(moment for moment in said if moment)])


def _has_files_elsewhere(group: Group, survey: Survey) -> bool:
    """Whether a call without files at hand has one that was taken long ago."""
    uniqueids = {u for row in group.rows for u in (row.uniqueid, row.linkedid)}
    return not survey.elsewhere.isdisjoint(number_of(uniqueid) for uniqueid in uniqueids)


def _part(memory: Memory, item: Seen) -> Part:
    taken = memory.taken.get(item.entry.locator)
    return Part(locator=item.entry.locator, name=item.name, told_as=taken.key if taken else "")


def compose(group: Group, files: Sequence[Seen], rules: Rules, now: datetime) -> FoundCall:
    """The call of a group as it stands now, settled or not."""
    name = _best_name(files)
    newest = max((item.look.modified_ns for item in files), default=0) / 1e9
    modified_at = datetime.fromtimestamp(newest, UTC) if files else now
    call = tell_call(group.key, group.rows, name, modified_at, rules.site)
    recordings, warnings = _recordings(files, call.direction, rules.patience, now)
    # An empty file and no call record: it rang, and nobody's voice was ever recorded.
    silent = not recordings and not group.rows and call.direction in ("in", "out")
    doubts = [*group.doubts]
    if rules.records and not group.rows:
        doubts.append("file_without_cdr")
    named = any(row.recordingfile for row in group.rows)
    if named and call.talk_ms and not files and call.answer_state != "ring_abandon":
        doubts.append("cdr_without_file")
    return structs.replace(
        call,
        answer_state="ring_abandon" if silent else call.answer_state,
        recordings=recordings,
        warnings=(*call.warnings, *warnings, *doubts),
    )


def _best_name(files: Sequence[Seen]) -> FileName | None:
    """The name that says most."""
    names = [item.name for item in files if item.name]
    return max(names, key=lambda name: (name.exact, name.kind != ""), default=None)


def _recordings(
    files: Sequence[Seen], direction: str, patience: Patience, now: datetime
) -> tuple[tuple[FoundRecording, ...], tuple[str, ...]]:
    """What is worth taking, with its channel map, and outcome codes of what is not."""
    warnings: Counter[str] = Counter()
    full = [item for item in files if not is_empty(item, patience, now)]
    if len(full) < len(files):
        warnings["empty"] += 1
    chosen = prefer_legs(best_formats(full))
    recordings = []
    for item in chosen:
        found = recording_of(item, patience, now)
        leg = item.name.leg if item.name else ""
        channel_map = with_channel_map(found, leg, direction)
        recordings.append(structs.replace(found, channel_map=channel_map))
    return tuple(recordings), tuple(warnings)


def is_empty(item: Seen, patience: Patience, now: datetime) -> bool:
    """Whether a file holds a header at most: recording was set up and nobody was ever bridged."""
    if item.look.state == "empty":
        return True
    return item.look.size <= 60 and is_broken_off(patience, item.look, now)


def best_formats(files: Sequence[Seen]) -> list[Seen]:
    """One file per stem and leg: a phone system that also keeps an mp3 gives the same talk twice."""
    best: dict[tuple[str, ...], Seen] = {}
    for item in sorted(files, key=_format_rank):
        folder = item.entry.locator.rpartition("/")[0]
        if item.name is None:
            key: tuple[str, ...] = (item.entry.locator,)
        else:
            key = (folder, item.name.stem, item.name.leg)
        best.setdefault(key, item)
    return sorted(best.values(), key=lambda item: item.entry.locator)


def _format_rank(item: Seen) -> tuple[int, str]:
    suffix = suffix_of(item.entry.name)
    return (_BEST.index(suffix) if suffix in _BEST else len(_BEST), item.entry.locator)


def prefer_legs(files: Sequence[Seen]) -> list[Seen]:
    """The two legs of a recording instead of its mix; a lone leg gives way to the mix."""
    legs: dict[tuple[str, str], set[str]] = {}
    for item in files:
        if item.name:
            legs.setdefault(_stem_of(item), set()).add(item.name.leg)
    return [item for item in files if item.name is None or _wanted(item.name, legs[_stem_of(item)])]


def _stem_of(item: Seen) -> tuple[str, str]:
    return item.entry.locator.rpartition("/")[0], item.name.stem if item.name else ""


def _wanted(name: FileName, found: set[str]) -> bool:
    both = {"in", "out"} <= found
    if name.leg:
        return both or "" not in found
    return not both


def newest_of(survey: Survey, count: int = 10) -> tuple[str, ...]:
    """The locators of the files written last, newest first."""
    latest = sorted(survey.seen, key=lambda item: item.look.modified_ns, reverse=True)
    return tuple(item.entry.locator for item in latest[:count])


def skew_of(survey: Survey, now: datetime) -> float | None:
    """Seconds the phone system's clock is ahead of ours; None where nothing tells.

    Only being ahead can be told: a file written, or a call begun, after now.
    """
    moments = [item.look.modified_ns / 1e9 for item in survey.seen]
    moments += [epoch_of(item.name.uniqueid) or 0 for item in survey.seen if item.name]
    ahead = max(moments, default=0) - now.timestamp()
    return ahead if ahead > 0 else None
