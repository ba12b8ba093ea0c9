"""Which records of a Grandstream UCM make one call, and what that call was.

Pure reasoning. A UCM is an Asterisk inside, so its legs are told as Asterisk's; what it says beyond
(direction, who answered) wins where it says anything.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.cdr import Row, end_of
from connectors.grandstream_records import Named, Record
from connectors.telling import Site, answer_state, tell_call


class Group(Fact, frozen=True):
    """The legs of one call in order of time, and its key."""

    key: str
    records: tuple[Record, ...]

    @property
    def at(self) -> float:
        """Epoch seconds when the call began."""
        return min(record.at for record in self.records)

    @property
    def files(self) -> tuple[Named, ...]:
        """Its recordings in the order in which they were begun, each once."""
        named: dict[str, Named] = {}
        for file in (file for record in self.records for file in record.files):
            named[file.path] = max(file, named.get(file.path, file), key=lambda file: file.size)
        return tuple(sorted(named.values(), key=lambda file: (file.at, file.path)))


def group_records(records: Iterable[Record], told: Collection[str]) -> list[Group]:
    """Records that share a uniqueid or a session, together. ``told``: keys that were used before.

    A parked call is picked up in a session of its own that bears the first one's uniqueid.
    """
    groups: dict[int, list[Record]] = {}
    owner: dict[str, int] = {}
    for index, record in enumerate(records):
        merged = [record]
        for other in {owner[name] for name in record.ids if name in owner}:
            merged = groups.pop(other) + merged
        groups[index] = merged
        for name in {name for member in merged for name in member.ids}:
            owner[name] = index
    return [_group(members, told) for members in groups.values()]


def _group(members: list[Record], told: Collection[str]) -> Group:
    members.sort(key=lambda record: (record.at, record.row.start, record.number, record.identity))
    names = list(dict.fromkeys(name for member in members for name in member.ids))
    names.sort(key=lambda name: name.startswith("session:"))
    key = next((name for name in names if name in told), names[0])
    return Group(key, tuple(members))


def _rows(group: Group) -> list[Row]:
    return sorted(
        (record.row for record in group.records),
        key=lambda row: (row.start, row.answer or row.start, row.end),
    )


def compose(group: Group, site: Site) -> FoundCall:
    """The call of a group, without recordings."""
    rows = _rows(group)
    started_at = datetime.fromtimestamp(group.at, UTC)
    call = tell_call(group.key, rows, None, started_at, site)
    direction = _direction(group.records) or call.direction
    if direction != call.direction:
        call = structs.replace(
            call, direction=direction, answer_state=answer_state(rows, direction)
        )
    if call.answer_state in ("ring_abandon", "ivr_abandon") and any(
        row.lastapp == "Queue" for row in rows
    ):
        call = structs.replace(call, answer_state="hold_abandon")
    staff = call.staff_extension or _staff(group.records, direction, site)
    return structs.replace(
        call, staff_extension=staff, legs=call.legs or ((staff,) if staff and call.talk_ms else ())
    )


def _direction(records: Sequence[Record]) -> str:
    """As the UCM says; staff asking each other in a call with somebody outside do not count."""
    told = [record.direction for record in records if record.direction]
    return next(
        (direction for direction in told if direction != "internal"), told[0] if told else ""
    )


def _staff(records: Sequence[Record], direction: str, site: Site) -> str:
    """Who talked, where the channels do not show it."""
    if direction == "out":
        return next((r.row.src for r in records if site.is_staff(r.row.src)), "")
    reached = (r for r in records if r.row.answered and r.row.billsec and r.row.dstchannel)
    return next((r.answered_by for r in reached if site.is_staff(r.answered_by)), "")


def zone_off_s(records: Iterable[Record], site: Site) -> float:
    """By how many seconds the written times differ from the epochs in the ids, in half hours.

    0 where they fit or nothing tells: the zone in our settings is the phone system's.
    """
    offs = []
    for record in records:
        if record.row.uniqueid:
            written = end_of(record.row, site.row_zone) - timedelta(seconds=record.row.duration)
            offs.append(1800 * round((written.timestamp() - record.at) / 1800))
    return float(max(set(offs), key=offs.count)) if offs else 0.0
