"""Rows of 3CX's API as records: the call log's legs, and recordings where no log tells of them.

Pure. The names of the fields are those of the published description and of records of one unit.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connectors.ahead import is_ahead
from connectors.threecx_calls import Expected, Leg, Party, Record, kind_of
from connectors.threecx_names import digits_of, parse_name, tail_of

Row = dict[str, Any]

LONE = "rec:"  # keys of calls that only their recordings tell of begin so
_ORPHAN_S = 3600.0
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_LASTS = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", re.ASCII)
_CALL_TYPES = {
    "extension": "extension", "queue": "queue", "digital receptionist": "menu",
    "external": "line", "voicemail": "voicemail", "ring group": "group", "ivr": "menu",
}  # fmt: skip


def text_of(row: Row, field: str) -> str:
    return str(row.get(field) or "").strip()


def moment_of(told: object) -> datetime | None:
    """A time as 3CX writes it, with up to seven digits after the second; UTC without a zone."""
    match = _STAMP.fullmatch(str(told or ""))
    if not match:
        return None
    fraction = (match[2] or "")[:7]
    zone = {"Z": "+00:00", None: "+00:00"}.get(match[3], match[3])
    try:
        return datetime.fromisoformat(f"{match[1]}{fraction}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def lasting(told: object) -> timedelta:
    """A length as 3CX writes it: ``PT1M12.577027S``."""
    match = _LASTS.fullmatch(str(told or ""))
    if not match:
        return timedelta()
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def records_of_log(rows: Iterable[Row]) -> list[Record]:
    """The calls in rows of the call log; rows without a time are passed over."""
    calls: dict[str, dict[str, Row]] = {}
    for row in rows:
        key = text_of(row, "MainCallHistoryId") or text_of(row, "CallHistoryId")
        if key and moment_of(row.get("StartTime")):
            part = text_of(row, "CdrId") or msgspec.json.encode(row).decode()
            calls.setdefault(key, {})[part] = row
    return [_record_of_log(key, list(legs.values())) for key, legs in calls.items()]


def _record_of_log(key: str, rows: list[Row]) -> Record:
    urls = dict.fromkeys(url for row in rows if (url := text_of(row, "RecordingUrl")))
    legs = sorted((_leg_of_log(row) for row in rows), key=lambda leg: leg.started_at)
    return Record(key=key, legs=tuple(legs), expected=tuple(Expected(paths=(url,)) for url in urls))


def _leg_of_log(row: Row) -> Leg:
    started = moment_of(row.get("StartTime")) or datetime(1970, 1, 1, tzinfo=UTC)
    reached = started + lasting(row.get("RingingDuration"))
    source, target = _ends_of_log(row)
    return Leg(
        started_at=started,
        answered_at=reached if row.get("Answered") is True else None,
        ended_at=reached + lasting(row.get("TalkingDuration")),
        source=source,
        target=target,
    )


def _ends_of_log(row: Row) -> tuple[Party, Party]:
    """Who began a leg and whom it went to, by its direction and its type.

    The numbers of SourceType and DestinationType are not documented, so they are not read.
    """
    direction = text_of(row, "Direction").lower()
    coming = direction.startswith("inbound")
    first = "line" if coming else "extension" if direction in ("outbound", "internal") else ""
    last = _CALL_TYPES.get(text_of(row, "CallType").lower(), "")
    if direction == "outbound" and last in ("", "extension"):
        last = "line"
    return _party(row, "Source", first), _party(row, "Destination", last)


def _party(row: Row, end: str, kind: str) -> Party:
    return Party(
        kind=kind,
        number=text_of(row, f"{end}Dn"),
        outside=text_of(row, f"{end}CallerId") if kind == "line" else "",
        name=text_of(row, f"{end}DisplayName"),
    )


def records_of_rest(
    rows: Iterable[Row], records: Sequence[Record], told_before: Collection[int], now: datetime,
    waits: bool,
) -> list[Record]:  # fmt: skip
    """A record for each recording the log does not tell of.

    ``waits``: the log is to be had, and may only be late; those told before need not wait again.
    """
    told = {tail_of(path) for r in records for e in r.expected for path in e.paths}
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row["Id"])):
        if tail_of(text_of(row, "RecordingUrl")) not in told:
            groups.setdefault(_same_call(row), []).append(row)
    found = []
    for group in groups.values():
        if all(int(row["Id"]) in told_before for row in group):
            continue  # and the beginning of its call may not be among these rows any more
        known = any(int(row["Id"]) in told_before for row in group)
        ended = moment_of(group[-1].get("EndTime")) or now
        late = ended + timedelta(seconds=_ORPHAN_S) <= now or is_ahead(ended, now)
        if not waits or known or late:
            found.append(_record_of_recordings(group))
    return found


def _same_call(row: Row) -> tuple[str, ...]:
    """What recordings of one transferred call share: 3CX's number of it, the other party, a day."""
    name = parse_name(tail_of(text_of(row, "RecordingUrl"))[1])
    if name is None or len(digits_of(name.other)) < 7:
        return (str(row["Id"]),)
    return (name.callid, digits_of(name.other), name.stamp[:8])


def _record_of_recordings(rows: list[Row]) -> Record:
    first = text_of(rows[0], "RecordingUrl")
    told = "|".join(tail_of(first)).encode("utf-8", "surrogatepass")
    key = LONE + hashlib.sha256(told).hexdigest()[:24]
    return Record(
        key=key,
        legs=tuple(_leg_of_recording(row) for row in rows),
        over=all(moment_of(row.get("EndTime")) for row in rows),
        expected=tuple(
            Expected(paths=(text_of(row, "RecordingUrl"),), started_at=moment_of(row["StartTime"]))
            for row in rows
        ),
    )


def _leg_of_recording(row: Row) -> Leg:
    """A recording as a leg. A recording begins when somebody answers."""
    begun = moment_of(row["StartTime"]) or datetime(1970, 1, 1, tzinfo=UTC)
    return Leg(
        started_at=begun,
        answered_at=begun,
        ended_at=moment_of(row.get("EndTime")),
        source=_end_of_recording(row, "From"),
        target=_end_of_recording(row, "To"),
    )


def _end_of_recording(row: Row, end: str) -> Party:
    kind = kind_of(row.get(f"{end}DnType"))
    return Party(
        kind=kind,
        number=text_of(row, f"{end}Dn"),
        outside=text_of(row, f"{end}CallerNumber") if kind == "line" else "",
        name=text_of(row, f"{end}DisplayName"),
        did=text_of(row, f"{end}DidNumber"),
    )
