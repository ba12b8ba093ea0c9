"""Probe: test a phone system and show its newest calls; nothing of it is kept but the showing."""

from datetime import datetime, timedelta
from urllib.parse import unquote

from appliance import phones
from appliance.db import Database
from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from appliance.facts.phones import Address, Probed, ProbedCall, ProbedRecording
from appliance.logs import get_log
from appliance.reading.rules import rule_for
from appliance.store import calls, connectors, settings
from appliance.store.connectors import ConnectorRow
from appliance.tools import Tools
from connectors.interface import Connector, Discovery
from connectors.wav import HEAD_BYTES, inspect

log = get_log(__name__)

LANE = "courier"
NEWEST = 5
LATER = timedelta(hours=1)  # far enough for what is at rest now to be believed
HINTS = {
    "cdr_without_file": "The call record names a recording that is not there.",
    "file_without_cdr": "No call record belongs to this recording.",
    "zone_mismatch": "The time zone in the settings does not fit the phone system's clock.",
    "future_time": "The call lies in the future; check the clock of the phone system.",
    "dst_fold": "The hour of this call happened twice that day (daylight saving time).",
    "bad_name": "The name of the file does not tell what it should.",
    "sidecar_malformed": "The file beside the recording cannot be read.",
}
MIXED = "Both sides are in one channel: who speaks can only be told by voice and words."
NAME_ONLY = "Only the name of the file tells about this call."
NOT_OURS = "the phone system answered something this version does not understand ({})"


class Seen(Fact, frozen=True, kw_only=True):
    """What a test showed."""

    connector_id: int
    probed: Probed
    addresses: tuple[Address, ...] = ()


def work(db: Database, tools: Tools, connector_id: int) -> Seen:
    """Test once. Whatever goes wrong is told in the result, in words."""
    known = connectors.get_connector(db, connector_id)
    addresses = phones.look_up(known.settings)
    try:
        phone = tools.phone(db, known)
        probed = _probed(db, tools, phone, known)
    except PetsvetError as error:
        probed = Probed(problems=(str(error),))
    except Exception as error:  # noqa: BLE001  (a hostile answer must end as a sentence)
        log.warning("a test of a phone system broke", connector=connector_id, error=error)
        probed = Probed(problems=(NOT_OURS.format(type(error).__name__),))
    return Seen(connector_id=connector_id, probed=probed, addresses=addresses)


def save(db: Database, seen: Seen, now: datetime) -> bool:
    """Keep what was seen beside the settings, and where its names lead now."""
    connectors.save_addresses(db, seen.connector_id, seen.addresses)
    connectors.save_tested(db, seen.connector_id, seen.probed, now=now)
    return True


def _probed(db: Database, tools: Tools, phone: Connector, known: ConnectorRow) -> Probed:
    now = tools.now()
    probe = phone.probe(now)
    problems, waiting = list(probe.problems), 0
    found: list[FoundCall] = []
    try:
        found, waiting = _newest(phone, now)
    except PetsvetError as error:
        problems += [] if str(error) in problems else [str(error)]
    staff = dict(calls.list_staff(db))
    zone = settings.get_settings(db).zone
    return Probed(
        problems=tuple(problems),
        capabilities=probe.capabilities,
        columns=probe.columns,
        clock_skew_s=probe.clock_skew_s,
        zone=probe.zone,
        quota_used=probe.quota_used,
        calls=tuple(_shown(phone, call, known, staff, zone) for call in found),
        names=tuple(_readable(locator) for locator in probe.newest),
        waiting=waiting,
    )


def _readable(locator: str) -> str:
    """The path behind a locator, as people read it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in unquote(locator))


def _newest(phone: Connector, now: datetime) -> tuple[list[FoundCall], int]:
    """The newest calls a first look tells, and how many recordings are not final yet.

    Files are believed at the second look; taking it an hour ahead shows at once what would come.
    Both checkpoints are thrown away.
    """
    first: Discovery = phone.discover({}, now)
    found = {call.native_key: call for call in first.calls}
    if len(found) < NEWEST:
        later = phone.discover(first.checkpoint, now + LATER)
        found |= {call.native_key: call for call in later.calls}
    newest = sorted(found.values(), key=lambda call: call.started_at, reverse=True)
    return newest[:NEWEST], first.waiting


def _shown(
    phone: Connector, call: FoundCall, known: ConnectorRow, staff: dict[str, str], zone: str
) -> ProbedCall:
    recordings = tuple(_recording(phone, recording) for recording in call.recordings)
    name = staff.get(call.staff_extension, "")
    return ProbedCall(
        started_at=call.started_at,
        direction=call.direction,
        answer_state=call.answer_state,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        dialed=call.dialed,
        staff_extension=call.staff_extension,
        staff_name="" if name == call.staff_extension else name,
        duration_ms=call.duration_ms,
        recordings=recordings,
        rule=rule_for(call, known.rules, zone),
        hints=_hints(call, recordings),
    )


def _recording(phone: Connector, recording: FoundRecording) -> ProbedRecording:
    """What the beginning of a recording says of it."""
    sides = recording.channel_map or {}
    try:
        with phone.open(recording) as stream:
            head = stream.read(HEAD_BYTES)
    except PetsvetError as error:
        return ProbedRecording(size=recording.size, sides=sides, problem=str(error))
    suffix = recording.container_hint or recording.name.rpartition(".")[2]
    told = inspect(suffix, recording.size, head, b"")
    channels = recording.channels_hint or told.channels
    return ProbedRecording(
        size=recording.size,
        channels=channels,
        length_ms=_length_ms(head, recording.size) if told.hint == "wav" else 0,
        sides=sides,
    )


def _length_ms(head: bytes, size: int) -> int:
    """How long a WAV lasts, by the bytes a second its header tells; 0 where it does not."""
    at = head.find(b"fmt ")
    a_second = int.from_bytes(head[at + 16 : at + 20], "little") if at > 0 else 0
    return size * 1000 // a_second if a_second else 0


def _hints(call: FoundCall, recordings: tuple[ProbedRecording, ...]) -> tuple[str, ...]:
    hints = [HINTS[code] for code in call.warnings if code in HINTS]
    if any(r.channels == 1 for r in recordings) and len(recordings) == 1:
        hints.append(MIXED)
    if call.metadata_level in ("filename", "none"):
        hints.append(NAME_ONLY)
    return tuple(dict.fromkeys(hints))
