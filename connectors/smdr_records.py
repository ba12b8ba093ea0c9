"""SMDR records as segments of calls, and segments as calls: what every such phone system shares.

A phone system writes a line when a part of a call is over: one for each phone that had it. Pure
reasoning.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.cdr import moment_of, text_of
from connectors.kinds import Line
from connectors.said import is_same
from connectors.telling import SHORTEST_MESSAGE_S, Site

LONGEST = 1000
_APART = timedelta(seconds=120)


class Segment(Fact, frozen=True, kw_only=True):
    """One line: one phone's part in a call; "" where it says nothing.

    ``call_id``: the phone system's number of the call, where it has one. ``start`` and ``end`` are
    UTC. ``staff``: the extension; ``peers``: further ones that had the call. ``more``: another
    segment follows. ``tail``: another one came before. ``mailbox``: voice mail had it. ``doubt``:
    a warning code about its time.
    """

    start: datetime
    end: datetime
    direction: str
    ring_s: int
    talk_s: int
    caller: str = ""
    dialed: str = ""
    staff: str = ""
    peers: tuple[str, ...] = ()
    trunk: str = ""
    call_id: str = ""
    more: bool = False
    tail: bool = False
    mailbox: bool = False
    doubt: str = ""

    @property
    def outside(self) -> str:
        """The number outside the house."""
        return {"in": self.caller, "out": self.dialed}.get(self.direction, "")


class Clock(NamedTuple):
    """How a phone system tells the time: its zone, and whether the day comes before the month."""

    zone: str
    day_first: bool = False

    def moment(self, stamp: str) -> tuple[datetime, str]:
        """UTC, and "" or why it is uncertain. Raises ValueError for no moment."""
        return moment_of(stamp, ZoneInfo(self.zone))


# The segment in a line that came at a moment; None for heads, rulers and blank lines. Raises
# ValueError for a damaged one.
Parse = Callable[[str, datetime, Clock], Segment | None]


class Dialect(NamedTuple):
    """One phone system's lines. ``slack_s``: how far off its times may be, by rounding."""

    name: str
    parse: Parse
    slack_s: int = 1


class Parsed(NamedTuple):
    """A segment, the number of the pushed record it came in, and when that came.

    ``last``: the number of the latest record in which it came again.
    """

    segment: Segment
    line: int
    at: datetime
    last: int


class SmdrCall(NamedTuple):
    """One call: its key and its segments in order of time. ``whole``: nothing more is to come.

    ``others``: the keys it would have if its first segments had never come.
    """

    key: str
    parts: tuple[Parsed, ...]
    whole: bool
    others: tuple[str, ...]
    start: datetime
    end: datetime

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Its segments."""
        return tuple(part.segment for part in self.parts)


def parse_lines(
    lines: Iterable[Line], dialect: Dialect, clock: Clock
) -> tuple[list[Parsed], int, int]:
    """The segments in pushed records, each once; how many lines were damaged, and how many doubled.

    After a lost connection phone systems send again what they had sent.
    """
    found: dict[Segment, Parsed] = {}
    damaged = doubled = 0
    for line in lines:
        for data in line.data.splitlines():
            try:
                segment = _parse(data, line.at, dialect, clock)
            except (ValueError, OverflowError):
                damaged += 1
                continue
            if segment is not None:
                doubled += segment in found
                before = found.setdefault(segment, Parsed(segment, line.id, line.at, line.id))
                found[segment] = before._replace(last=line.id)
    return list(found.values()), damaged, doubled


@lru_cache(maxsize=8192)
def _parse(data: bytes, at: datetime, dialect: Dialect, clock: Clock) -> Segment | None:
    """The same lines are read again at every look, for days."""
    if not data.strip():
        return None
    if len(data) > LONGEST or b"\0" in data:
        raise ValueError("no line of call records")
    segment = dialect.parse(text_of(data), at, clock)
    if segment is not None and not 1900 < segment.start.year < 9000:
        raise ValueError("no moment to reckon with")
    return segment


def join_segments(dialect: Dialect, parsed: Sequence[Parsed]) -> list[SmdrCall]:
    """Segments as calls: by the number of the call where there is one, else one after another.

    A segment that says it follows another one, or that one follows, goes with the one on the same
    line with the same number that fits in time; when two fit, it stays by itself.
    """
    calls: list[list[Parsed]] = []
    by_id: dict[tuple[str, datetime], list[Parsed]] = {}
    open_ones: list[list[Parsed]] = []
    for part in sorted(parsed, key=lambda p: (p.segment.start, p.segment.tail, p.segment.end)):
        segment = part.segment
        if segment.call_id:
            group = by_id.setdefault((segment.call_id, segment.start), [])
            if not group:
                calls.append(group)
            group.append(part)
            continue
        open_ones = [c for c in open_ones if c[-1].segment.end + 10 * _APART > segment.start]
        fits = [chain for chain in open_ones if _follows(chain[-1].segment, segment, dialect)]
        if len(fits) == 1:
            fits[0].append(part)
            continue
        chain = [part]
        calls.append(chain)
        open_ones.append(chain)
    return [_call(dialect, group) for group in calls]


def _follows(one: Segment, other: Segment, dialect: Dialect) -> bool:
    if not (one.more or other.tail) or one.trunk != other.trunk:
        return False
    same = is_same(one.outside, other.outside) if one.outside and other.outside else True
    apart = abs(other.start - one.end)
    return same and apart <= _APART + timedelta(seconds=dialect.slack_s)


def _call(dialect: Dialect, group: list[Parsed]) -> SmdrCall:
    # Segments of one number all begin with the call; they come in the order in which they ended.
    parts = sorted(group, key=lambda p: (p.segment.start, p.segment.more is False, p.line))
    keys = [_key_for(dialect, part.segment) for part in parts]
    first = parts[0].segment
    whole = not parts[-1].segment.more and not first.tail
    start, end = _times_of([part.segment for part in parts])
    return SmdrCall(keys[0], tuple(parts), whole, tuple(keys[1:]), start, end)


def _times_of(segments: Sequence[Segment]) -> tuple[datetime, datetime]:
    """When a call began and ended. Segments of one number all bear the time at which it began."""
    start = min(segment.start for segment in segments)
    if segments[0].call_id:
        return start, start + sum((s.end - s.start for s in segments), timedelta())
    return start, max(segment.end for segment in segments)


@lru_cache(maxsize=8192)
def _key_for(dialect: Dialect, first: Segment) -> str:
    """The key of a call that begins with this segment."""
    told = f"{first.call_id}|{first.start.isoformat()}"
    if not first.call_id:
        told += f"|{first.trunk}|{first.caller}|{first.dialed}|{first.staff}|{first.talk_s}"
    digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]
    return f"{dialect.name}:{digest}"


def tell_segments(call: SmdrCall, site: Site) -> FoundCall:
    """The call as its records tell it, without recordings."""
    segments = call.segments
    first = segments[0]
    direction = first.direction
    # Voice mail and menus have extensions too; with a list of people's, only theirs count.
    talked = [s for s in segments if s.talk_s > 0 and site.is_staff(s.staff) and not s.mailbox]
    state = answer_state(segments, talked)
    legs = dict.fromkeys(peer for s in talked for peer in (s.staff, *s.peers))
    own = first.dialed in site.dids
    ring = first.ring_s if talked or state == "ring_abandon" else None
    return FoundCall(
        native_key=call.key,
        started_at=call.start,
        time_source="csv",
        ended_at=call.end,
        duration_ms=round((call.end - call.start).total_seconds() * 1000),
        talk_ms=1000 * sum(s.talk_s for s in talked),
        ring_ms=None if ring is None else 1000 * ring,
        direction=direction,
        answer_state=state,
        caller_number=first.caller,
        dialed=first.dialed if direction != "in" or own or not site.is_staff(first.dialed) else "",
        staff_extension=_staff(segments, talked, direction),
        legs=tuple(legs),
        metadata_level="cdr",
        warnings=tuple(dict.fromkeys(s.doubt for s in segments if s.doubt)),
    )


def _staff(segments: Sequence[Segment], talked: Sequence[Segment], direction: str) -> str:
    if talked:
        return talked[0].staff
    return segments[0].staff if direction != "in" else ""


def answer_state(segments: Sequence[Segment], talked: Sequence[Segment]) -> str:
    """One of the house's answer states; an outgoing call nobody took is ``ring_abandon`` too."""
    direction, last = segments[0].direction, segments[-1]
    if direction == "internal":
        return "internal"
    if talked:
        lost = direction == "in" and len(segments) > 1 and not last.talk_s and not last.more
        return "transfer_abandon" if lost else "answered"
    if boxes := [s.talk_s for s in segments if s.mailbox and s.talk_s]:
        return "voicemail_left" if max(boxes) >= SHORTEST_MESSAGE_S else "voicemail_empty"
    if any(s.talk_s for s in segments):
        return "ivr_abandon" if direction == "in" else "answered"
    return "ring_abandon"
