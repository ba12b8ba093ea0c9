"""Attended transfers: which calls are one, though the phone system numbers them apart.

Whoever asks a colleague before handing a caller over makes a call of its own. It is joined to the
caller's only where that is certain: the phone system says so itself (CEL), or one channel, whose
name it gives but once, takes part in both without a pause. What only looks so is left two calls.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.cdr import Row, peer_of

# A counter of eight hex digits goes up with every channel. DAHDI and IAX2 use names again.
_COUNTED = re.compile(r"(?:PJSIP|SIP|SCCP)/.+-[0-9a-fA-F]{8}", re.ASCII)
_PAUSE = timedelta(seconds=3)


class Ties(NamedTuple):
    """``lead``: under which key each call is told. ``doubts``: warning codes by that key."""

    lead: dict[str, str]
    doubts: dict[str, str]


def tie_calls(
    by_key: Mapping[str, Sequence[Row]],
    told: Mapping[str, Iterable[str]],
    pairs: Iterable[tuple[str, str]] = (),
) -> Ties:
    """Calls that are one, each told under one key.

    ``told``: the keys under which something of a call was told before; a call goes on under that
    one. Two that were both told stay two (``transfer_split``): neither can be taken back.
    ``pairs``: keys of calls the phone system itself joined.
    """
    lead: dict[str, str] = {}
    doubts: dict[str, str] = {}
    known = by_key.keys() | told.keys()
    edges = [*_shared_channels(by_key), *((a, b) for a, b in pairs if {a, b} <= known)]
    for members in _families(known, edges):
        keys = {key: _first(set(told.get(key, ())), key) for key in members}
        before = {key for key in keys.values() if key}
        first = min(members, key=lambda key: (_start(by_key.get(key, ())), key))
        fallback = keys[first] or min(before, default=first)
        lead |= {key: keys[key] or fallback for key in members}
        if len(before) > 1 and len(members) > 1:
            doubts |= dict.fromkeys(before, "transfer_split")
    for one, other in _likely(by_key):
        if lead[one] != lead[other]:
            doubts.setdefault(lead[one], "transfer_uncertain")
            doubts.setdefault(lead[other], "transfer_uncertain")
    return Ties(lead, doubts)


def _first(told: set[str], key: str) -> str:
    return key if key in told else min(told, default="")


def _start(rows: Sequence[Row]) -> str:
    return min((row.start for row in rows), default="9")


def _families(keys: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The keys in groups that hang together."""
    family = {key: [key] for key in keys}
    for one, other in edges:
        if family[one] is not family[other]:
            joined = family[one] + family[other]
            family |= dict.fromkeys(joined, joined)
    return list({id(members): members for members in family.values()}.values())


def _shared_channels(by_key: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str]]:
    uses: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key, rows in by_key.items():
        for row in rows:
            for channel in {row.channel, row.dstchannel}:
                if channel:
                    uses[channel].append((row.start, row.end, key))
    for channel, spans in uses.items():
        if len({key for _, _, key in spans}) > 1 and _COUNTED.fullmatch(channel):
            yield from _touching(sorted(spans))


def _touching(spans: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Keys of spans, in order of time, that follow each other without a pause."""
    last_end, last_key = "", ""
    for start, end, key in spans:
        if last_key and key != last_key and _moment(start) <= _moment(last_end) + _PAUSE:
            yield last_key, key
        if end > last_end:
            last_end, last_key = end, key


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _likely(by_key: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str]]:
    """Calls that look like one: a phone asks another, which then talks with the first's caller."""
    asked: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    answered = {key: [row for row in rows if row.answered] for key, rows in by_key.items()}
    for key, rows in answered.items():
        for row in rows:
            if (peer := peer_of(row.channel)).isdigit() and len(peer) <= 6:
                asked[peer].append((key, row))
    for key, rows in answered.items():
        if len(rows) < 2:
            continue
        for talk in rows:
            for other, question in asked.get(peer_of(talk.dstchannel), ()):
                if other != key and _went_on(talk, question, rows):
                    yield key, other


def _went_on(talk: Row, question: Row, rows: Sequence[Row]) -> bool:
    """Whether the one asked while ``talk`` went on was on the caller's line afterwards."""
    during = talk.start <= question.start <= talk.end
    peer = peer_of(question.dstchannel)
    return during and any(
        row.start >= question.start and peer_of(row.dstchannel) == peer for row in rows
    )
