"""Which recordings belong to which calls of an SMDR: by number, extension and time.

A recorder knows nothing of the phone system's records. A recording is joined to a call where one
call fits and no other does; else it is left by itself and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.said import is_same, moment_said
from connectors.smdr_records import SmdrCall
from connectors.takes import Take
from connectors.telling import Site

WINDOW = timedelta(seconds=120)
_CLOSE = timedelta(seconds=5)
_CLEARLY = timedelta(seconds=30)
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
    for take in takes:
        key = told.get(take.key, "")
        if key not in known:
            key, doubt = _find(calls, take, site, timedelta(seconds=slack_s))
            if not key:
                joined.apart.append((take, doubt))
                continue
        joined.by_call.setdefault(key, []).append(take)
    return joined


def _find(calls: Sequence[SmdrCall], take: Take, site: Site, slack: timedelta) -> tuple[str, str]:
    """The key of the one call that fits, or "" and why none does."""
    at, source, _ = moment_said(take.said, take.modified_at, site)
    if source == "mtime":
        return "", ""
    near = [(call, _distance(call, at)) for call in calls]
    rated = [
        (_score(call, take, site), distance, call)
        for call, distance in near
        if distance <= WINDOW + slack
    ]
    fits = sorted((r for r in rated if r[0] > 0), key=lambda r: (-r[0], r[1]))
    if not fits:
        return "", ""
    best = fits[0]
    rivals = [rival for rival in fits[1:] if rival[0] == best[0]]
    if rivals:
        certain = best[1] <= _CLOSE + slack
        if not certain or rivals[0][1] < best[1] + _CLEARLY + slack:
            return "", AMBIGUOUS
    return best[2].key, ""


def _distance(call: SmdrCall, at: datetime) -> timedelta:
    """How far a moment lies from the time of a call; a recording may begin in the middle of it."""
    return max(call.start - at, at - call.end, timedelta())


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
