"""Which recordings belong to which calls of an SMDR: by number, extension and time.

A recorder knows nothing of the phone system's records. A recording is joined to a call where one
call fits and no other does; else it is left by itself and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.said import is_same, moment_said
from connectors.smdr_records import SmdrCall
from connectors.takes import Take
from connectors.telling import Site

WINDOW = timedelta(seconds=120)
_CLOSE = timedelta(seconds=5)
_CLEARLY = timedelta(seconds=30)
_RINGS = timedelta(seconds=60)  # where no record says how long it rang
_LONGEST = timedelta(days=1)  # a damaged duration must not put a call into every hour
AMBIGUOUS = "ambiguous_recording"


class Joined(NamedTuple):
    """Takes by the key of their call, and those by themselves with a warning or "" for none."""

    by_call: dict[str, list[Take]]
    apart: list[tuple[Take, str]]


def join_takes(
    calls: Sequence[SmdrCall], takes: Iterable[Take], told: Mapping[str, str], site: Site,
    slack_s: int,
) -> Joined:  # fmt: skip
    """``told``: the key of the call for each take that was told with one; that is not undone."""
    joined = Joined({}, [])
    known = {call.key for call in calls}
    slack = timedelta(seconds=slack_s)
    by_hour = _by_hour(calls, WINDOW + slack)
    for take in takes:
        key = told.get(take.key, "")
        if key not in known:
            key, doubt = _find(by_hour, take, site, slack)
            if not key:
                joined.apart.append((take, doubt))
                continue
        joined.by_call.setdefault(key, []).append(take)
    return joined


def _by_hour(calls: Iterable[SmdrCall], around: timedelta) -> dict[int, list[SmdrCall]]:
    """The calls that are or are nearly going on in each hour since 1970."""
    found: dict[int, list[SmdrCall]] = defaultdict(list)
    for call in calls:
        last = min(call.end, call.start + _LONGEST)
        for hour in range(_hour(call.start - around), _hour(last + around) + 1):
            found[hour].append(call)
    return found


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)


def _find(
    by_hour: Mapping[int, Sequence[SmdrCall]], take: Take, site: Site, slack: timedelta
) -> tuple[str, str]:
    """The key of the one call that fits, or "" and why none does."""
    at, source, _ = moment_said(take.said, take.modified_at, site)
    if source == "mtime":
        return "", ""
    near = [(call, _distance(call, at)) for call in by_hour.get(_hour(at), ())]
    rated = [
        (_score(call, take, site), distance, call)
        for call, distance in near
        if distance <= WINDOW + slack
    ]
    fits = sorted((r for r in rated if r[0] > 0), key=lambda r: (-r[0], r[1]))
    if not fits:
        return "", ""
    best = fits[0]
    tied = [fit for fit in fits if fit[0] == best[0]]
    if len(tied) == 1:
        return best[2].key, ""
    if best[1] <= _CLOSE + slack and tied[1][1] >= best[1] + _CLEARLY + slack:
        return best[2].key, ""
    key = _begun_with([call for _, _, call in tied], at, slack)
    return key, "" if key else AMBIGUOUS


def _begun_with(calls: Sequence[SmdrCall], at: datetime, slack: timedelta) -> str:
    """The key of the one call that was taken up at this moment; "" where another nearly was."""
    rated = sorted((min(_beside(part, at) for part in _openings(call, slack)), call.key)
                   for call in calls)  # fmt: skip
    alone = not rated[0][0] and rated[1][0] >= _CLEARLY
    return rated[0][1] if alone else ""


def _openings(call: SmdrCall, slack: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """From when to when a recording of each part of a call can have begun.

    Times in whole minutes are cut off, not rounded: only what is later than them is in doubt.
    """
    begin = call.start
    for segment in call.segments:
        begin = begin if segment.call_id else segment.start
        rang = timedelta(seconds=segment.ring_s) or _RINGS
        yield begin - _CLOSE, begin + rang + slack + _CLOSE
        begin += segment.end - segment.start


def _beside(span: tuple[datetime, datetime], at: datetime) -> timedelta:
    return max(span[0] - at, at - span[1], timedelta())


def _distance(call: SmdrCall, at: datetime) -> timedelta:
    """How far a moment lies from the time of a call; a recording may begin in the middle of it."""
    return _beside((call.start, call.end), at)


def _score(call: SmdrCall, take: Take, site: Site) -> int:
    """How many of the numbers a recording tells are those of the call; 0 when one contradicts."""
    segments, said = call.segments, take.said
    house = {s.staff for s in segments} | {p for s in segments for p in s.peers} - {""}
    first = segments[0]
    if said.direction and said.direction != first.direction:
        return 0
    score = 0
    for number in {said.caller, said.dialed, said.number, said.extension} - {""}:
        if number in site.dids:
            continue
        ours = (first.caller, first.dialed, *house)
        other = _is_outside(number) and _is_outside(first.outside) and number != said.dialed
        if any(number == own or (_is_outside(number) and is_same(number, own)) for own in ours):
            score += 1
        elif other or (number == said.extension and house - {""}):
            return 0
    return score


def _is_outside(number: str) -> bool:
    return sum(sign.isdigit() for sign in number) >= 7
