"""What one call was, out of its Asterisk rows and file names: who, which way, when, answered by.

Pure reasoning. Rows win over names; where neither says, the answer is "unknown" or "".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.errors import Misconfigured
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.cdr import Row, caller_id, end_of, moment_of, peer_of
from connectors.names import FileName, epoch_of, is_extension, person

# A greeting and its beep take longer: who hung up sooner left no message.
SHORTEST_MESSAGE_S = 10


class Site(Fact, frozen=True):
    """The clinic's phone system: the zone of its clock, of its rows, and its own numbers."""

    zone: str = "UTC"
    rows_in_utc: bool = False
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()

    @property
    def row_zone(self) -> tzinfo:
        """The zone of the times in call records."""
        return UTC if self.rows_in_utc else ZoneInfo(self.zone)

    def is_staff(self, number: str) -> bool:
        """Whether a number or peer is a phone of the house."""
        return number not in self.dids and is_extension(number, self.extensions)


def zone_named(zone: str) -> str:
    """``zone`` when it is a known IANA name. Raises Misconfigured when not."""
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"unknown time zone {zone!r}; use an IANA name such as America/Chicago"
        raise Misconfigured(message) from error


class Times(NamedTuple):
    """When a call was; ``source`` is epoch, csv, filename or mtime, ``doubts`` warning codes."""

    started_at: datetime
    ended_at: datetime | None
    source: str
    doubts: tuple[str, ...]


class Parties(NamedTuple):
    """Who took part; texts may be ""."""

    direction: str
    caller: str = ""
    dialed: str = ""
    staff: str = ""
    queue: str = ""


def tell_call(
    key: str, rows: Sequence[Row], name: FileName | None, modified_at: datetime, site: Site
) -> FoundCall:
    """The call of ``rows`` (in order of time) and of its file's ``name``, without recordings.

    ``modified_at`` stands in for its time where nothing else tells one.
    """
    times = times_of(key, rows, name, modified_at, site)
    by_name = parties_of_name(name, site)
    if not rows:
        return FoundCall(
            native_key=key,
            started_at=times.started_at,
            time_source=times.source,
            direction=by_name.direction,
            answer_state="internal" if by_name.direction == "internal" else "answered",
            caller_number=by_name.caller,
            dialed=by_name.dialed,
            staff_extension=by_name.staff,
            queue=by_name.queue,
            metadata_level="filename" if name else "none",
            warnings=times.doubts,
        )
    by_rows = parties_of_rows(rows, by_name, site)
    answered = reached_rows(rows)
    state = answer_state(rows, by_rows.direction)
    ended_at = times.ended_at or times.started_at
    return FoundCall(
        native_key=key,
        started_at=times.started_at,
        time_source=times.source,
        ended_at=ended_at,
        duration_ms=max(0, round((ended_at - times.started_at).total_seconds() * 1000)),
        talk_ms=1000 * _talk_s(answered, by_rows.direction, site),
        ring_ms=ring_ms(rows, answered, state),
        direction=by_rows.direction,
        answer_state=state,
        caller_number=by_rows.caller,
        caller_name=_caller_name(rows, by_rows.caller),
        dialed=by_rows.dialed,
        staff_extension=by_rows.staff,
        queue=by_rows.queue,
        legs=_legs(answered, by_rows, site),
        metadata_level="cdr",
        warnings=times.doubts,
    )


def _talk_s(answered: Sequence[Row], direction: str, site: Site) -> int:
    """Seconds talked with the one outside; staff asking each other meanwhile do not count."""
    if direction == "in":
        ends = [(row, peer_of(row.channel)) for row in answered]
    else:
        ends = [(row, peer_of(row.dstchannel)) for row in answered]
    outside = [row for row, end in ends if not site.is_staff(end)]
    return sum(row.billsec for row in (outside or answered))


def times_of(
    key: str, rows: Sequence[Row], name: FileName | None, modified_at: datetime, site: Site
) -> Times:
    """When the call was. The epoch in the uniqueid is UTC and settles zone and daylight saving."""
    doubts: list[str] = []
    # A call told under the key of its consultation began with the earliest of its channels.
    epochs = [epoch_of(u) for row in rows for u in (row.uniqueid, row.linkedid)] if rows else []
    epoch = min((e for e in (epoch_of(key), *epochs) if e is not None), default=None)
    if epoch is None and name:
        epoch = epoch_of(name.uniqueid)
    known = None
    # A phone number in a name of one's own making can look like an epoch; a file is never older.
    certain = bool(rows) or (name is not None and name.exact)
    if epoch is not None and (certain or epoch < modified_at.timestamp() + 86400):
        known = datetime.fromtimestamp(epoch, UTC)
    if rows:
        zone = site.row_zone
        first, doubt = moment_of(rows[0].start, zone)
        ended_at = max(end_of(row, zone) for row in rows)
        if known is None:
            return Times(first, ended_at, "csv", (doubt,) if doubt else ())
        shift = _whole_half_hours(known - first)
        if shift and not doubt:
            doubts.append("zone_mismatch")
        return Times(known, max(known, ended_at + shift), "epoch", tuple(doubts))
    if known is not None:
        return Times(known, None, "epoch", ())
    if name and name.stamp:
        try:
            at, doubt = moment_of(name.stamp, ZoneInfo(site.zone))
            return Times(at, None, "filename", (doubt,) if doubt else ())
        except ValueError:
            doubts.append("bad_name")
    return Times(modified_at, None, "mtime", tuple(doubts))


def _whole_half_hours(off: timedelta) -> timedelta:
    """The part of a difference that is a wrong zone, not a second row or a slow start."""
    halves = round(off.total_seconds() / 1800)
    shift = timedelta(seconds=halves * 1800)
    return shift if halves and abs(off - shift) <= timedelta(seconds=120) else timedelta(0)


def parties_of_name(name: FileName | None, site: Site) -> Parties:
    """Who a file name says took part: the meaning of its two numbers goes by its type."""
    if name is None or not name.kind:
        return Parties("unknown")
    to, source = name.to, name.source
    if name.kind == "in":
        return Parties("in", caller=source, dialed=to)
    if name.kind == "external":
        return Parties("in", caller=source, staff=to)
    if name.kind == "out":
        return Parties("out", dialed=to, staff=source)
    if name.kind == "internal":
        return Parties("internal", caller=source, dialed=to, staff=to)
    if name.kind in ("q", "rg"):
        # Older versions write the queue's number where the caller should be.
        caller = "" if source == to else source
        return Parties("in", caller=caller, dialed=to, queue=to if name.kind == "q" else "")
    if name.kind == "conference":
        return Parties("unknown", dialed=to)
    return _parties_of_numbers(to, source, site)


def _parties_of_numbers(to: str, source: str, site: Site) -> Parties:
    """For types that do not say the direction: force, generic, exten, parked, ondemand …"""
    if site.is_staff(to) and site.is_staff(source):
        return Parties("internal", caller=source, dialed=to, staff=to)
    if site.is_staff(source):
        return Parties("out", dialed=to, staff=source)
    if site.is_staff(to):
        return Parties("in", caller=source, staff=to)
    return Parties("unknown", caller=source, dialed=to)


def parties_of_rows(rows: Sequence[Row], by_name: Parties, site: Site) -> Parties:
    """Who took part by the channels; ``dst`` is overwritten by transfers and is the last resort."""
    first = rows[0]
    direction = direction_of(rows, site)
    if direction == "unknown":
        direction = by_name.direction
    answered = reached_rows(rows)
    staff = _first_staff((peer_of(row.dstchannel) for row in answered), site)
    if direction == "out":
        staff = _first_staff((peer_of(row.channel) for row in rows), site) or by_name.staff
    elif direction == "internal" and not staff:
        staff = by_name.staff
    queues = [row.lastdata.partition(",")[0] for row in rows if row.lastapp == "Queue"]
    return Parties(
        direction=direction,
        caller=person(first.src)
        or person(caller_id(first.clid)[1])
        or person(first.cnum)
        or by_name.caller,
        dialed=_dialed(rows, by_name, site, direction),
        staff=staff,
        queue=queues[0] if queues else by_name.queue,
    )


def _legs(answered: Sequence[Row], parties: Parties, site: Site) -> tuple[str, ...]:
    """The extensions that talked, in order, each once."""
    if parties.direction == "out":
        return (parties.staff,) if parties.staff and answered else ()
    peers = dict.fromkeys(peer_of(row.dstchannel) for row in answered)
    return tuple(peer for peer in peers if site.is_staff(peer))


def _first_staff(peers: Iterable[str], site: Site) -> str:
    return next((peer for peer in peers if site.is_staff(peer)), "")


def _dialed(rows: Sequence[Row], by_name: Parties, site: Site, direction: str) -> str:
    own = [row.dst for row in rows if row.dst in site.dids]
    if own:
        return own[0]
    if direction == "in":
        dids = [row.did for row in rows if person(row.did)]
        if dids:
            return dids[0]
        # A blind transfer writes its target over the number that was dialed.
        targets = {peer_of(row.dstchannel) for row in rows[1:]} - {peer_of(rows[0].dstchannel)}
        return by_name.dialed or ("" if rows[0].dst in targets else person(rows[0].dst))
    return person(rows[0].dst) or by_name.dialed


def direction_of(rows: Sequence[Row], site: Site) -> str:
    """Which way the call went: from a phone of the house or from a trunk, and to which of them."""
    source = next((p for row in rows if (p := _outer_peer(row.channel))), "")
    if not source:
        return "unknown"
    if not site.is_staff(source):
        return "in"
    targets = [p for row in rows if (p := peer_of(row.dstchannel))]
    if not targets:
        return "internal" if len(rows[0].dst.lstrip("*#")) <= 6 else "out"
    return "internal" if all(site.is_staff(target) for target in targets) else "out"


def _outer_peer(channel: str) -> str:
    return "" if channel.startswith("Local/") else peer_of(channel)


def reached_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows in which the other side was really reached: answered, with a channel at the end.

    Losers of ring-all are NO ANSWER even where they were billed a second or two. FreePBX calls
    queue members through a Local channel, whose own row tells the same talk a second time.
    """
    reached = [row for row in rows if row.answered and peer_of(row.dstchannel)]
    return [row for row in reached if _outer_peer(row.channel)] or reached


def answer_state(rows: Sequence[Row], direction: str) -> str:
    """One of the house's answer states. An outgoing call nobody took is ``ring_abandon`` too."""
    answered = reached_rows(rows)
    if answered:
        ended = answered[-1].end
        tried = any(not row.answered and row.dstchannel and row.start >= ended for row in rows)
        if tried and direction == "in":
            return "transfer_abandon"
        return "internal" if direction == "internal" else "answered"
    if messages := [row for row in rows if row.lastapp == "VoiceMail" and row.answered]:
        long = max(row.billsec for row in messages) >= SHORTEST_MESSAGE_S
        return "voicemail_left" if long else "voicemail_empty"
    if direction == "internal":
        return "internal"
    if any(row.lastapp == "Queue" and row.answered for row in rows):
        return "hold_abandon"
    # Picked up by the phone system itself and by nobody else: a menu or an announcement.
    return "ivr_abandon" if any(row.answered for row in rows) else "ring_abandon"


def ring_ms(rows: Sequence[Row], answered: Sequence[Row], state: str) -> int | None:
    """How long it rang: until the first answer, or for as long as it did when nobody came."""
    if answered and answered[0].answer:
        start, _ = moment_of(answered[0].start, UTC)
        answer, _ = moment_of(answered[0].answer, UTC)
        return max(0, round((answer - start).total_seconds() * 1000))
    if state == "ring_abandon":
        return 1000 * max(row.duration for row in rows)
    return None


def _caller_name(rows: Sequence[Row], number: str) -> str:
    """The caller's name, where it is one and not the number again."""
    name = caller_id(rows[0].clid)[0] or rows[0].cnam
    return "" if person(name) in ("", number) else name


def channel_maps(direction: str) -> tuple[str, str] | None:
    """Who is heard on the left (r: audio *from* the recorded channel) and right (t: *to* it).

    MixMonitor sits on the channel that runs the dialplan, the calling one. On a call coming in that
    is the trunk, so from it comes the caller. On a call going out it is the staff phone: left is
    staff. Between two phones of the house both are staff. Unknown: better none than a wrong one.
    """
    return {
        "in": ("caller", "staff"),
        "out": ("staff", "caller"),
        "internal": ("staff", "staff"),
    }.get(direction)


def with_channel_map(recording: FoundRecording, leg: str, direction: str) -> dict[str, str] | None:
    """The channel map of one recording: a leg, two channels, or None for a mix."""
    sides = channel_maps(direction)
    if sides is None:
        return None
    if leg:
        return {"0": sides[0] if leg == "in" else sides[1]}
    return {"0": sides[0], "1": sides[1]} if recording.channels_hint == 2 else None
