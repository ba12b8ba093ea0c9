"""What FreeSWITCH says of calls: rows of FusionPBX's table and its own CDR files, as one shape.

Pure parsers. Every channel is one leg. Times are epochs and settle every zone.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from appliance.facts import Fact
from connectors.grouping import key_of_file
from connectors.jsons import read_json
from connectors.names import person
from connectors.telling import SHORTEST_MESSAGE_S

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_DIRECTIONS = {"inbound": "in", "outbound": "out", "local": "internal", "internal": "internal"}
_SANE = (631152000.0, 4102444800.0)
_LARGEST_XML = 3_000_000


class Leg(Fact, frozen=True, kw_only=True):
    """One channel. ``uuid`` is its own, ``root`` the one it was made for ("": it began the call).

    ``others``: further uuids it names. ``position`` orders what was read (epoch seconds). ``start``
    and ``end`` are epoch seconds, ``answer`` 0 when nobody picked up. ``extension``: the phone it
    belongs to, where that is certain. ``files``: names of recordings. ``swapped``: its stereo
    recording has the far side on the left although the call went out.
    """

    uuid: str
    position: float
    start: float
    end: float
    answer: float = 0
    root: str = ""
    others: tuple[str, ...] = ()
    direction: str = ""
    caller: str = ""
    caller_name: str = ""
    source: str = ""
    dialed: str = ""
    did: str = ""
    extension: str = ""
    cause: str = ""
    bridged: bool = False
    missed: bool = False
    message: bool = False
    queue: str = ""
    agent: str = ""
    menu: bool = False
    app: str = ""
    files: tuple[str, ...] = ()
    swapped: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """All names under which this call is known."""
        names = (self.root, self.uuid, *self.others, *map(key_of_file, self.files))
        return tuple(dict.fromkeys(filter(None, names)))


def leg_of_row(row: Mapping[str, Any], position: float) -> Leg | None:
    """The leg in a row of ``v_xml_cdr``, None when it has no uuid or time."""
    told = {name: _text(value) for name, value in row.items()}
    uuid, start = _uuid(told.get("xml_cdr_uuid")), _moment(row, "start")
    if not uuid or not start:
        return None
    agent = told.get("cc_agent", "").partition("@")[0]
    return Leg(
        uuid=uuid,
        position=position,
        start=start,
        end=_moment(row, "end") or start + _number(told.get("duration")),
        answer=_moment(row, "answer"),
        root=_uuid(told.get("originating_leg_uuid")),
        others=_uuids(told, "bridge_uuid", "cc_member_session_uuid"),
        direction=_DIRECTIONS.get(told.get("direction", "").lower(), ""),
        caller=person(told.get("caller_id_number", "")),
        caller_name=told.get("caller_id_name", ""),
        source=person(told.get("source_number", "")),
        dialed=person(told.get("destination_number", "")),
        did=person(told.get("caller_destination", "")),
        extension=told.get("extension", ""),
        cause=told.get("hangup_cause", ""),
        bridged=bool(_uuid(told.get("bridge_uuid"))),
        missed=told.get("missed_call", "").lower() in ("true", "1", "t"),
        message=told.get("voicemail_message", "").lower() in ("true", "1", "t"),
        queue=told.get("cc_queue", "").partition("@")[0],
        agent=agent if not UUID.fullmatch(agent) else "",
        menu=bool(told.get("ivr_menu_uuid")),
        app=told.get("last_app", ""),
        files=tuple(filter(None, [_base(told.get("record_name", ""))])),
    )


def leg_of_file(content: bytes, name: str, position: float) -> Leg | None:
    """The leg in a file of mod_json_cdr or mod_xml_cdr, None when it is none."""
    variables = _variables(content)
    uuid, start = _uuid(variables.get("uuid")), _moment(variables, "start")
    if not uuid or not start:
        return None
    direction = variables.get("call_direction") or variables.get("direction") or ""
    recorded = [_base(variables.get(key, "")) for key in ("record_name", "record_file",
                "sofia_record_file", "cc_record_filename")]  # fmt: skip
    if variables.get("last_app") == "record_session":
        recorded.append(_base(variables.get("last_arg", "")))
    recorded += [_base(path) for path in variables.get(_RECORDED, "").split("\n")]
    root = _uuid(variables.get("originating_leg_uuid") or variables.get("originator"))
    b_leg = bool(root) or not name.startswith("a_")
    return Leg(
        uuid=uuid,
        position=position,
        start=start,
        end=_moment(variables, "end") or start + _number(variables.get("duration")),
        answer=_moment(variables, "answer"),
        root=root or (_uuid(variables.get("bridge_uuid")) if b_leg else ""),
        others=_uuids(variables, "bridge_uuid", "cc_member_session_uuid"),
        direction=_DIRECTIONS.get(direction.lower(), ""),
        caller=person(variables.get("caller_id_number", "")),
        caller_name=variables.get("caller_id_name", ""),
        source=person(variables.get("sip_from_user", "")),
        dialed=person(variables.get("destination_number") or variables.get("sip_to_user", "")),
        did=person(variables.get("caller_destination", "")),
        extension=variables.get("dialed_user", "") if b_leg else variables.get("user_name", ""),
        cause=variables.get("hangup_cause", ""),
        bridged=bool(_uuid(variables.get("bridge_uuid"))),
        missed=variables.get("missed_call", "").lower() == "true",
        message=variables.get("voicemail_action") == "save"
        or _number(variables.get("voicemail_message_len")) >= SHORTEST_MESSAGE_S,
        queue=variables.get("cc_queue", "").partition("@")[0],
        agent=variables.get("cc_agent", "").partition("@")[0],
        menu=bool(variables.get("ivr_menu_uuid")),
        app=variables.get("last_app", ""),
        files=tuple(dict.fromkeys(filter(None, recorded))),
        swapped=variables.get("RECORD_STEREO_SWAP", "").lower() == "true",
    )


_RECORDED = "\0recorded"


def _variables(content: bytes) -> dict[str, str]:
    """The channel's variables, decoded; what record_session was asked to write is added.

    Values are URL-encoded unless encode-values=false was set; a plain plus stays one.
    """
    text = content.decode("utf-8", "replace")
    try:
        told = _of_xml(text) if text.lstrip().startswith("<") else read_json(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict) or not isinstance(told.get("variables"), dict):
        return {}
    found = {str(k): unquote(str(v)) for k, v in told["variables"].items()}
    applications = told.get("app_log") or {}
    steps = applications.get("applications", []) if isinstance(applications, dict) else []
    asked = [
        unquote(str(step.get("app_data", "")))
        for step in steps if isinstance(step, dict) and step.get("app_name") == "record_session"
    ]  # fmt: skip
    found[_RECORDED] = "\n".join(asked)
    _add_profile(found, told.get("callflow"))
    return found


def _add_profile(found: dict[str, str], callflow: Any) -> None:
    """Who called whom, where the variables do not say it: the last entry is the first in time."""
    flows = callflow if isinstance(callflow, list) else [callflow]
    profile = flows[-1].get("caller_profile") if flows and isinstance(flows[-1], dict) else None
    for name in ("caller_id_number", "caller_id_name", "destination_number"):
        if isinstance(profile, dict) and not found.get(name) and isinstance(profile.get(name), str):
            found[name] = unquote(profile[name])


def _of_xml(text: str) -> dict[str, Any]:
    """The parts of an XML record that matter. Raises ValueError for bombs and broken ones."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import (
        ParseError,
        fromstring,
    )

    if len(text) > _LARGEST_XML:
        raise ValueError("no call record is as long")
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise ValueError("no sound XML") from error
    variables = {child.tag: child.text or "" for child in root.findall("variables/*")}
    steps = [dict(child.attrib) for child in root.findall("app_log/application")]
    flows = [
        {
            "caller_profile": {
                child.tag: child.text or "" for child in flow.findall("caller_profile/*")
            }
        }
        for flow in root.findall("callflow")
    ]
    return {"variables": variables, "app_log": {"applications": steps}, "callflow": flows}


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:2000]


def _uuid(value: Any) -> str:
    text = _text(value).strip().lower()
    return text if UUID.fullmatch(text) else ""


def _uuids(told: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(filter(None, (_uuid(told.get(name)) for name in names)))


def _number(value: Any) -> float:
    try:
        found = float(value or 0)
    except (TypeError, ValueError):
        return 0.0
    return found if math.isfinite(found) and 0 <= found < _SANE[1] else 0.0


def _moment(row: Mapping[str, Any], which: str) -> float:
    """Epoch seconds; 0 for never, which is written as no value, as 0 and as 1970."""
    epoch = _number(row.get(f"{which}_epoch"))
    stamp = row.get(f"{which}_stamp")
    if not epoch and isinstance(stamp, datetime) and stamp.tzinfo is not None:
        epoch = stamp.timestamp()
    return epoch if _SANE[0] < epoch < _SANE[1] else 0.0


def _base(path: str) -> str:
    return path.strip().strip("}").rpartition("/")[2].partition("?")[0]
