"""What Yeastar says of calls: rows of its list, pushed events, names of recordings, as one shape.

Times written as people read them follow a display setting (day or month first, 12 or 24 hours) and
are never trusted: the moment comes from ``timestamp``, from the epoch in the number of a call or in
the name of a recording, and last from the digits of ``uid``, which are local time.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from appliance.facts import Fact
from connectors.cdr import moment_of
from connectors.names import FileName, is_sound, person

_NAME = re.compile(
    r"(?P<stamp>\d{14})-(?P<call>\d{9,11}\.\d+)-(?P<parties>.+)-(?P<kind>Inbound|Outbound|Internal)"
    r"(?:[-_( ]\d{1,3}\)?)?\.(?P<suffix>\w{2,8})",
    re.ASCII | re.IGNORECASE,
)
_CALL_ID = re.compile(r"(\d{9,11})\.\d+", re.ASCII)
_UID = re.compile(r"(?P<day>(?:19|20)\d{6})(?P<time>\d{6})\d*", re.ASCII)
_YEAR_FIRST = re.compile(r"(?:19|20)\d\d([-/])\d\d\1\d\d \d\d:\d\d:\d\d", re.ASCII)
_DIRECTIONS = {"inbound": "in", "outbound": "out", "internal": "internal"}
_KINDS = {"inbound": "external", "outbound": "out", "internal": "internal"}
_DISPOSITIONS = {
    "ANSWERED": "answered",
    "ANSWERD": "answered",  # as one of the vendor's own lists spells it
    "NO ANSWER": "no_answer",
    "NO ANSWERED": "no_answer",
    "BUSY": "busy",
    "FAILED": "failed",
    "VOICEMAIL": "voicemail",
}
_LONGEST_S = 7 * 86400
_SANE = (946684800, 4102444800)  # the years 2000 to 2099


class Leg(Fact, frozen=True, kw_only=True):
    """One attempt to reach somebody within a call.

    ``order`` sorts legs of one moment. ``at`` is epoch seconds. ``ids`` are all the numbers under
    which the phone system knows the call (``call:…``, ``uid:…``): legs that share one are one call.
    ``disposition`` is answered, no_answer, busy, failed, voicemail or "". ``names`` are the
    recordings it speaks of. ``source``: row, event or recording. ``doubt``: a warning code about
    its time, "" for none.
    """

    source: str
    order: int
    at: float
    time_source: str
    ids: tuple[str, ...]
    from_name: str = ""
    from_number: str = ""
    to_name: str = ""
    to_number: str = ""
    seconds: int = 0
    ring_s: int = 0
    talk_s: int = 0
    disposition: str = ""
    direction: str = "unknown"
    did: str = ""
    names: tuple[str, ...] = ()
    doubt: str = ""


class Take(Fact, frozen=True, kw_only=True):
    """One recording in the phone system's list, with what the list says of its call."""

    id: int
    name: str
    size: int
    leg: Leg


class Parsed(NamedTuple):
    """The parts of a recording's name."""

    stamp: str
    call: str
    source: str
    to: str
    kind: str
    suffix: str


def parse_recording(name: str) -> Parsed | None:
    """``20220112173629-1641980184.14-5566-5556-Internal.wav`` taken apart, None for other names."""
    match = _NAME.fullmatch(name) if is_sound(name) else None
    if match is None:
        return None
    words = match["parties"].split("-")
    # A hyphen in a number of somebody outside: the side in the house is one word.
    cut = len(words) - 1 if match["kind"].lower() == "inbound" else 1
    source, to = "-".join(words[:cut]), "-".join(words[cut:])
    kind = match["kind"].lower()
    return Parsed(match["stamp"], match["call"], source, to, kind, match["suffix"].lower())


def moment_of_name(name: str) -> float:
    """The epoch in a recording's name, 0 where there is none."""
    parsed = parse_recording(name)
    return float(parsed.call.partition(".")[0]) if parsed else 0.0


def file_name_of(name: str, queues: tuple[str, ...] = ()) -> FileName | None:
    """A recording's name in the words every connector of files shares."""
    parsed = parse_recording(name)
    if parsed is None:
        return None
    queue = parsed.kind == "inbound" and parsed.to in queues
    return FileName(
        stem=name.rpartition(".")[0],
        suffix=parsed.suffix,
        kind="q" if queue else _KINDS[parsed.kind],
        to=person(parsed.to),
        source=person(parsed.source),
        stamp=f"{parsed.stamp[:8]}T{parsed.stamp[8:]}",
        uniqueid=parsed.call,
        exact=True,
    )


def party(text: Any) -> tuple[str, str]:
    """Name and number of ``Evelyn<5566>``, ``<5566>`` or ``5566``; either may be ""."""
    words = str(text or "").strip()
    name, bracket, number = words.rpartition("<")
    if bracket:
        return name.strip().strip('"').strip(), person(number.strip().rstrip(">").strip())
    bare = re.sub(r"[\s().\-]", "", words)
    if bare and bare.lstrip("+*#").isdigit():
        return "", bare
    return person(words), ""


def leg_of_row(row: Mapping[str, Any], zone: ZoneInfo) -> Leg | None:
    """A row of ``cdr/list``, None when it is none or tells no time."""
    names = names_in(row.get("record_file"))
    return _leg(
        row,
        zone,
        uid=row.get("uid"),
        call=row.get("call_id") or "",
        names=names,
        status=row.get("disposition") or row.get("last_status"),
        kind=row.get("call_type"),
        did=row.get("did_number"),
        source="row",
    )


def leg_of_event(event: Mapping[str, Any], zone: ZoneInfo, order: int) -> Leg | None:
    """A pushed call record of the P-Series (``call_from``) or the S-Series (``callfrom``)."""
    plain = {key.replace("_", ""): value for key, value in event.items()}
    row = {
        "id": order,
        "call_from": plain.get("callfrom"),
        "call_to": plain.get("callto"),
        "duration": plain.get("callduration", plain.get("callduraction")),
        "talk_duration": plain.get("talkduration", plain.get("talkduraction")),
        "ring_duration": plain.get("agentringtime"),
        "start": plain.get("timestart"),
    }
    if not row["ring_duration"] or not whole(row["ring_duration"]):
        row["ring_duration"] = max(0, whole(row["duration"]) - whole(row["talk_duration"]))
    return _leg(
        row,
        zone,
        uid=plain.get("uid"),
        call=plain.get("callid"),
        names=names_in(plain.get("recording")),
        status=plain.get("status"),
        kind=plain.get("type"),
        did=plain.get("didnumber"),
        source="event",
    )


def take_of(row: Mapping[str, Any], zone: ZoneInfo) -> Take | None:
    """A row of ``recording/list``, None when it is none or tells no time."""
    name = str(row.get("file") or "")
    uid, number = row.get("uid"), whole(row.get("id"))
    leg = _leg(
        row,
        zone,
        uid=uid,
        call="",
        names=(name,),
        status="ANSWERED",
        kind=row.get("call_type"),
        source="recording",
    )
    if leg is None or not name or number <= 0:
        return None
    return Take(id=number, name=name, size=whole(row.get("size")), leg=leg)


def _leg(
    row: Mapping[str, Any],
    zone: ZoneInfo,
    *,
    uid: Any,
    call: Any,
    names: tuple[str, ...],
    status: Any,
    kind: Any,
    source: str,
    did: Any = "",
) -> Leg | None:
    ids = _ids(uid, call, names)
    at, time_source, doubt = _moment(row, ids, zone)
    if not ids or time_source == "":
        return None
    from_name, from_number = party(row.get("call_from"))
    to_name, to_number = party(row.get("call_to"))
    return Leg(
        source=source,
        order=whole(row.get("id")),
        at=at,
        time_source=time_source,
        ids=ids,
        from_name=from_name,
        from_number=person(str(row.get("call_from_number") or "")) or from_number,
        to_name=to_name,
        to_number=person(str(row.get("call_to_number") or "")) or to_number,
        seconds=whole(row.get("duration") or row.get("call_duration")),
        ring_s=whole(row.get("ring_duration")),
        talk_s=whole(row.get("talk_duration")),
        disposition=_DISPOSITIONS.get(str(status or "").strip().upper(), ""),
        direction=_DIRECTIONS.get(str(kind or "").strip().lower(), "unknown"),
        did=person(str(did or "")),
        names=names,
        doubt=doubt,
    )


def _ids(uid: Any, call: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    found = [f"uid:{uid}"] if uid and str(uid).strip() else []
    if call and str(call).strip():
        found.append(f"call:{call}")
    found += [f"call:{parsed.call}" for name in names if (parsed := parse_recording(name))]
    return tuple(dict.fromkeys(found))


def _moment(row: Mapping[str, Any], ids: tuple[str, ...], zone: ZoneInfo) -> tuple[float, str, str]:
    """Epoch seconds, where they come from ("": nowhere), and why they are uncertain or ""."""
    stamp = whole(row.get("timestamp"))
    if _SANE[0] < stamp < _SANE[1]:
        return float(stamp), "epoch", ""
    for name in ids:
        kind, _, number = name.partition(":")
        if kind == "call" and (match := _CALL_ID.fullmatch(number)):
            return float(match[1]), "epoch", ""
    for name in ids:
        if match := _UID.fullmatch(name.removeprefix("uid:")):
            try:
                at, doubt = moment_of(f"{match['day']}T{match['time']}", zone)
                return at.timestamp(), "filename", doubt
            except ValueError:
                continue
    return _moment_written(str(row.get("start") or row.get("time") or ""), zone)


def _moment_written(text: str, zone: ZoneInfo) -> tuple[float, str, str]:
    """A time as people read it, only where it can be read in one way: year first, 24 hours."""
    if not _YEAR_FIRST.fullmatch(text):
        return 0.0, "", ""
    try:
        at, doubt = moment_of(text.replace("/", "-"), zone)
    except ValueError:
        return 0.0, "", ""
    return at.timestamp(), "csv", doubt


def names_in(text: Any) -> tuple[str, ...]:
    """The recordings named in a field, which may hold several."""
    words = re.split(r"[@,;|\s]+", str(text or ""))
    return tuple(dict.fromkeys(word.rpartition("/")[2] for word in words if word))


def whole(value: Any) -> int:
    """A whole number out of what JSON held, 0 for anything else."""
    try:
        return max(0, min(int(float(str(value or 0).strip())), _SANE[1]))
    except (ValueError, OverflowError):
        return 0
