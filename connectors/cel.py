"""Asterisk's channel event log: the best word on whether a call is over, and who was joined to whom.

It may be turned off, or log fewer events than we ask for; then it says nothing and the rows and
files decide alone.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.facts import Fact
from connectors.cdr import moment_of

KINDS = ("CHAN_START", "LINKEDID_END", "BLINDTRANSFER", "ATTENDEDTRANSFER")
_UNIQUEID = re.compile(r"(?:.*-)?\d{9,11}\.\d+", re.ASCII)
_LONGEST = timedelta(hours=24)


class Event(Fact, frozen=True):
    """One event as logged; ``at`` as written, ``extra`` JSON or ""."""

    id: int
    kind: str
    at: str
    uniqueid: str
    linkedid: str
    extra: str = ""


class Signs(Fact, frozen=True):
    """What the events say: calls begun and not over, when the others ended, which were joined.

    Calls by linkedid; ``pairs`` by the uniqueids of two of their channels.
    """

    open: frozenset[str] = frozenset()
    ended: dict[str, datetime] = {}
    pairs: tuple[tuple[str, str], ...] = ()


NOTHING = Signs()


def read_signs(events: Iterable[Event], zone: tzinfo, now: datetime) -> Signs:
    """The signs in events, in any order. ``zone`` is that of their times.

    A log without a single LINKEDID_END does not log it: then nothing is known to go on.
    """
    started: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    pairs: set[tuple[str, str]] = set()
    for event in events:
        moment = _moment(event.at, zone)
        if event.kind == "ATTENDEDTRANSFER":
            pairs.update(_pairs_of(event))
        elif moment and event.kind == "LINKEDID_END":
            ended[event.linkedid] = max(moment, ended.get(event.linkedid, moment))
        elif moment and event.kind == "CHAN_START" and event.uniqueid == event.linkedid:
            started[event.linkedid] = moment
    going = {key for key, at in started.items() if key not in ended and at + _LONGEST > now}
    joined = tuple(sorted(pairs))
    return Signs(open=frozenset(going if ended else ()), ended=ended, pairs=joined)


def _moment(stamp: str, zone: tzinfo) -> datetime | None:
    try:
        if stamp.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(stamp), UTC)
        return moment_of(stamp[:19], zone)[0]
    except (ValueError, OverflowError, OSError):
        return None


def _pairs_of(event: Event) -> Iterator[tuple[str, str]]:
    """The channels an attended transfer brought together: those whose uniqueids it names."""
    try:
        told = json.loads(event.extra or "{}")
    except (ValueError, RecursionError):
        return
    if not isinstance(told, dict):
        return
    for name, other in told.items():
        if name.endswith("_uniqueid") and isinstance(other, str) and _UNIQUEID.fullmatch(other):
            yield event.uniqueid, other
