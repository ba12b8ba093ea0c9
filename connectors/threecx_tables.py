"""Rows of 3CX's call tables as records: one per call, with its legs and what was recorded.

Pure: rows are dictionaries by column, and any column but the few in SCHEMAS may be missing.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import structs

from connectors.threecx_calls import Expected, Leg, Party, Record, kind_of
from connectors.threecx_names import is_short

Row = dict[str, Any]

_ENDS = ("entity_type", "dn_number", "dn_type", "dn_name", "participant_name",
         "participant_phone_number", "participant_trunk_did")  # fmt: skip

WANTED: Final[dict[str, tuple[str, ...]]] = {
    "cdroutput": (
        "cdr_id", "call_history_id", "main_call_history_id", "continued_in_cdr_id",
        "creation_method", "termination_reason", "cdr_started_at", "cdr_answered_at",
        "cdr_ended_at", *(f"source_{end}" for end in _ENDS),
        *(f"destination_{end}" for end in _ENDS),
    ),
    "cdrrecordings": ("cdr_id", "recording_id"),
    "recordings": (
        "id_recording", "cl_participants_id", "recording_url", "start_time", "end_time",
        "archived", "archived_url",
    ),
    "cl_calls": ("id", "start_time", "end_time", "is_answered"),
    "cl_segments": (
        "id", "call_id", "seq_order", "src_part_id", "dst_part_id", "start_time", "end_time",
        "type",
    ),
    "cl_participants": ("id", "call_id", "answer_time", "recording_url"),
    "cl_party_info": ("dn_type", "dn", "caller_number", "display_name", "did_number"),
    "callhistory3": (
        "idcallhistory3", "callid", "starttime", "answertime", "endtime", "is_answ",
        "is_fromoutside", "from_no", "to_no", "callerid", "dialednumber",
    ),
}  # fmt: skip

# Each with the table that holds its calls and the columns without which nothing can be told.
SCHEMAS: Final = (
    ("v20", "cdroutput", frozenset({"cdr_id", "main_call_history_id", "cdr_started_at"})),
    ("v18", "cl_calls", frozenset({"id", "start_time"})),
    ("history", "callhistory3", frozenset({"idcallhistory3", "starttime"})),
)
_CONNECTED = 2  # cl_segments.type: 1 rings, 2 talks


def utc(moment: datetime | None) -> datetime | None:
    """A moment in UTC; 3CX writes UTC also where a column has no zone."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _begun(row: Mapping[str, Any], column: str) -> datetime:
    return utc(row[column]) or datetime(1970, 1, 1, tzinfo=UTC)


def _text(row: Mapping[str, Any], column: str) -> str:
    return str(row.get(column) or "").strip()


def records_v20(rows: Iterable[Row], links: Iterable[Row]) -> list[Record]:
    """The calls in rows of ``cdroutput``, with ``links`` from recordings to their legs."""
    calls: dict[str, list[Row]] = {}
    call_of_leg: dict[str, str] = {}
    for row in rows:
        key = str(row.get("main_call_history_id") or row.get("call_history_id") or row["cdr_id"])
        calls.setdefault(key, []).append(row)
        call_of_leg[str(row["cdr_id"])] = key
    recordings: dict[str, list[Row]] = {}
    for link in links:
        if told := call_of_leg.get(str(link["cdr_id"])):
            recordings.setdefault(told, []).append(link)
    return [
        Record(
            key=key,
            legs=tuple(_leg_v20(row) for row in _in_order(found)),
            over=_is_over(found) and all(_is_closed(link) for link in recordings.get(key, ())),
            expected=_expected(recordings.get(key, ())),
        )
        for key, found in calls.items()
    ]


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (_begun(row, "cdr_started_at"), str(row["cdr_id"])))


def _is_over(rows: list[Row]) -> bool:
    """Whether every leg has ended and none goes on in one that is not there yet."""
    there = {str(row["cdr_id"]) for row in rows}
    going_on = {str(row["continued_in_cdr_id"]) for row in rows if row.get("continued_in_cdr_id")}
    return all(row.get("cdr_ended_at") for row in rows) and going_on <= there


def _is_closed(recording: Row) -> bool:
    return "end_time" not in recording or recording["end_time"] is not None


def _leg_v20(row: Row) -> Leg:
    return Leg(
        started_at=_begun(row, "cdr_started_at"),
        answered_at=utc(row.get("cdr_answered_at")),
        ended_at=utc(row.get("cdr_ended_at")),
        source=_party_v20(row, "source"),
        target=_party_v20(row, "destination"),
        how="transfer" if _text(row, "creation_method") == "transfer" else "",
    )


def _party_v20(row: Row, end: str) -> Party:
    # A voicemail has the number of the extension it belongs to; the entity is the truth.
    kind = kind_of(row.get(f"{end}_entity_type")) or kind_of(row.get(f"{end}_dn_type"))
    return Party(
        kind=kind,
        number=_text(row, f"{end}_dn_number"),
        outside=_text(row, f"{end}_participant_phone_number"),
        name=_text(row, f"{end}_participant_name"),
        did=_text(row, f"{end}_participant_trunk_did"),
    )


def _expected(recordings: Iterable[Row]) -> tuple[Expected, ...]:
    """What was recorded, each file once, in order of time."""
    found: dict[str, Expected] = {}
    for row in sorted(recordings, key=lambda row: int(row.get("id_recording") or 0)):
        paths = tuple(filter(None, (_text(row, "recording_url"), _text(row, "archived_url"))))
        if paths:
            found.setdefault(paths[0], Expected(paths=paths, started_at=utc(row.get("start_time"))))
    return tuple(found.values())


def records_v18(
    calls: Iterable[Row], segments: Iterable[Row], parties: Iterable[Row], recordings: Iterable[Row]
) -> list[Record]:
    """The calls in the tables of v18; ``parties`` are participants joined with what is known."""
    people = {row["id"]: row for row in parties}
    by_call: dict[int, list[Row]] = {}
    for row in segments:
        by_call.setdefault(row["call_id"], []).append(row)
    recorded: dict[int, list[Row]] = {}
    for row in (*recordings, *_urls_v18(people.values())):
        if party := people.get(row["cl_participants_id"]):
            recorded.setdefault(party["call_id"], []).append(row)
    found = (
        _record_v18(call, by_call.get(call["id"], []), people, recorded.get(call["id"], []))
        for call in calls
    )
    return [record for record in found if record is not None]


def _urls_v18(parties: Iterable[Row]) -> list[Row]:
    return [
        {"cl_participants_id": row["id"], "recording_url": row["recording_url"]}
        for row in parties
        if row.get("recording_url")
    ]


def _record_v18(
    call: Row, segments: list[Row], people: Mapping[int, Row], recorded: list[Row]
) -> Record | None:
    """None for a call that has no segment yet."""
    answered = call.get("is_answered")
    claims = {True: "answered", False: "missed"}.get(answered, "")  # type: ignore[arg-type]
    legs = [_leg_v18(row, people) for row in sorted(segments, key=_order_v18)]
    if not legs:
        return None
    ended = "end_time" not in call or call["end_time"] is not None
    over = ended and all(_is_closed(row) for row in recorded)
    record = Record(key=f"cl:{call['id']}", legs=tuple(legs), over=over, claims=claims)
    return structs.replace(record, expected=_expected(recorded))


def _order_v18(row: Row) -> tuple[int, int]:
    return int(row.get("seq_order") or 0), int(row["id"])


def _leg_v18(row: Row, people: Mapping[int, Row]) -> Leg:
    started_at, ended_at = _begun(row, "start_time"), utc(row.get("end_time"))
    target = people.get(row.get("dst_part_id") or -1, {})
    if "type" in row:
        answered_at = started_at if row["type"] == _CONNECTED else None
    else:
        answer = utc(target.get("answer_time"))
        within = answer and started_at <= answer and (ended_at is None or answer < ended_at)
        answered_at = answer if within else None
    return Leg(
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        source=_party_v18(people.get(row.get("src_part_id") or -1, {})),
        target=_party_v18(target),
    )


def _party_v18(row: Mapping[str, Any]) -> Party:
    kind = kind_of(row.get("dn_type"))
    return Party(
        kind=kind,
        number=_text(row, "dn"),
        outside=_text(row, "caller_number") if kind == "line" else "",
        name=_text(row, "display_name"),
        did=_text(row, "did_number"),
    )


def records_history(rows: Iterable[Row], extensions: tuple[str, ...]) -> list[Record]:
    """Calls of the oldest table, one row each.

    It does not tell a queue from a phone, so staff is named only out of the list of extensions.
    """
    return [_record_history(row, extensions) for row in rows]


def _record_history(row: Row, extensions: tuple[str, ...]) -> Record:
    outside = row.get("is_fromoutside")
    source, target = _text(row, "from_no"), _text(row, "to_no")
    answered = row.get("is_answ")
    leg = Leg(
        started_at=_begun(row, "starttime"),
        answered_at=utc(row.get("answertime")) if answered else None,
        ended_at=utc(row.get("endtime")),
        source=Party(
            kind="" if outside is None else "line" if outside else "extension",
            number="" if outside else source,
            outside=(_text(row, "callerid") or source) if outside else "",
        ),
        target=_target_history(target, _text(row, "dialednumber"), extensions),
    )
    return Record(
        key=f"ch3:{row['idcallhistory3']}",
        legs=(leg,),
        over="endtime" not in row or row["endtime"] is not None,
        claims="" if answered is None else "answered" if answered else "missed",
    )


def _target_history(number: str, dialed: str, extensions: tuple[str, ...]) -> Party:
    if number in extensions:
        return Party(kind="extension", number=number)
    if is_short(number):
        return Party(number=number, outside=dialed)
    return Party(kind="line", outside=dialed or number)
