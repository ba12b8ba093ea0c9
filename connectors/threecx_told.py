"""What the names of 3CX's recordings say of a call where nothing else tells of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.facts.calls import FoundCall
from connectors.names import person
from connectors.threecx_calls import Record
from connectors.threecx_join import File
from connectors.threecx_names import digits_of, moments_of, started_by_file

_NEAR = timedelta(minutes=20)

Spans = Mapping[str, Sequence[tuple[float, float]]]


def tell_name(
    key: str, files: Sequence[File], zone: tzinfo, doubt: bool, extensions: tuple[str, ...]
) -> FoundCall:
    """What names alone say. The other party stands as the caller; who called whom is not told."""
    first = files[0]
    closed = datetime.fromtimestamp(first.seen.look.modified_ns / 1e9, UTC)
    name = first.name
    if name is None:
        return FoundCall(native_key=key, started_at=closed, time_source="mtime")
    moment, twice = _begun(first, name.stamp, zone)
    both = {name.extension, name.other} <= set(extensions)
    phones = dict.fromkeys(file.name.extension for file in files if file.name)
    staff = tuple(phone for phone in phones if phone)
    return FoundCall(
        native_key=key,
        started_at=moment,
        time_source="filename",
        direction="internal" if both else "unknown",
        answer_state="internal" if both else "answered",
        caller_number=person(name.other),
        staff_extension=staff[0] if staff else "",
        legs=staff,
        metadata_level="filename",
        warnings=(("zone_mismatch",) if doubt else ()) + ((twice,) if twice else ()),
    )


def _begun(file: File, stamp: str, zone: tzinfo) -> tuple[datetime, str]:
    """When a recording began, and "" or ``dst_fold``.

    In the hour that comes twice, when the file was closed and how long it plays tell which one it
    was; a copy may bear the time of its copying, and then nothing tells.
    """
    moments, look = moments_of(stamp, zone), file.seen.look
    if len(moments) == 1:
        return moments[0], ""
    begun = started_by_file(look.modified_ns, look.size, look.rate, look.channels)
    near = [moment for moment in moments if begun and abs(begun - moment) <= _NEAR]
    return (near[0], "") if len(near) == 1 else (moments[0], "dst_fold")


def spans_by_number(records: Sequence[Record]) -> Spans:
    """From when until when there was a call with an outside number, as far as told."""
    found: dict[str, list[tuple[float, float]]] = {}
    for record in records:
        ends = {end.outside for leg in record.legs for end in (leg.source, leg.target)}
        for number in {digits_of(outside) for outside in ends if len(outside) >= 7}:
            found.setdefault(number, []).append(
                (record.started_at.timestamp(), record.ended_at.timestamp())
            )
    return found
