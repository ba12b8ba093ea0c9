"""A make-believe FreeSWITCH: rows of FusionPBX on a real PostgreSQL, CDR files, recordings.

The table has the columns read in FusionPBX's source; values are invented.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from tests.connectors.servers import free_port
from tests.connectors.simulated import DID, STAFF, TrueCall
from tests.connectors.world import wav

DOMAIN = "clinic.test"
PASSWORD = "correct horse"
SCHEMA = """
CREATE TABLE v_extensions (extension_uuid uuid PRIMARY KEY, extension text);
CREATE TABLE v_xml_cdr (
  xml_cdr_uuid uuid PRIMARY KEY, domain_uuid uuid, extension_uuid uuid, sip_call_id text,
  domain_name text, accountcode text, direction text, context text, caller_id_name text,
  caller_id_number text, caller_destination text, source_number text, destination_number text,
  start_epoch numeric, start_stamp timestamptz, answer_stamp timestamptz, answer_epoch numeric,
  end_epoch numeric, end_stamp timestamptz, duration numeric, mduration numeric, billsec numeric,
  billmsec numeric, bridge_uuid text, record_path text, record_name text, record_length numeric,
  leg char(1), originating_leg_uuid uuid, last_app text, last_arg text, voicemail_message boolean,
  missed_call boolean, call_center_queue_uuid uuid, cc_side text, cc_member_uuid uuid,
  cc_member_session_uuid uuid, cc_queue text, cc_agent text, cc_agent_bridged text, waitsec numeric,
  status text, hangup_cause text, hangup_cause_q850 numeric, ring_group_uuid uuid,
  ivr_menu_uuid uuid, json jsonb, insert_date timestamptz);
CREATE ROLE reader LOGIN PASSWORD 'correct horse';
GRANT SELECT ON v_xml_cdr, v_extensions TO reader;
"""


def uuid_of(number: int, leg: int) -> str:
    return f"{number:08x}-0000-4000-8000-{leg:012x}"


def number_of(key: str) -> int | None:
    return int(key[:8], 16) if len(key) == 36 else None


def extension_uuid(extension: str) -> str:
    return uuid_of(0xEEE, int(extension))


def legs_of(call: TrueCall) -> list[dict[str, Any]]:
    """The channels of a true call as rows, the one that began it first, without import times."""
    first = uuid_of(call.number, 0)
    epoch = call.start.timestamp()
    end = call.end.timestamp()
    talked = call.recorded and call.answer_state != "voicemail_left"
    way = {"in": "inbound", "out": "outbound", "internal": "local"}[call.direction]
    caller = DID if call.direction == "out" else call.outside
    a_leg = {
        "xml_cdr_uuid": first, "direction": way, "caller_id_number": caller,
        "caller_id_name": "WIRELESS CALLER", "source_number": caller, "leg": "a",
        "destination_number": "600", "start_epoch": epoch, "end_epoch": end,
        "answer_epoch": epoch + call.ring_s if call.recorded else 0,
        "missed_call": not call.recorded, "voicemail_message": call.answer_state == "voicemail_left",
        "hangup_cause": "NORMAL_CLEARING" if call.recorded else "ORIGINATOR_CANCEL",
        "last_app": "bridge", "domain_name": DOMAIN, "caller_destination": DID,
        "cc_queue": f"{call.queue}@{DOMAIN}" if call.queue else None,
    }  # fmt: skip
    found: list[dict[str, Any]] = [a_leg]
    if call.answer_state == "voicemail_left":
        a_leg |= {"last_app": "voicemail", "missed_call": True}
    if call.queue and not call.recorded:
        a_leg |= {"answer_epoch": epoch + 1}  # a queue picks up and plays music
    if call.direction == "out":
        a_leg |= {"destination_number": call.outside, "caller_destination": call.outside,
                  "extension_uuid": extension_uuid(call.staff[0]), "source_number": call.staff[0]}  # fmt: skip
    elif call.direction == "internal":
        a_leg |= {"extension_uuid": extension_uuid(call.outside), "caller_destination": None}
    rang = call.staff if call.direction != "out" else (call.outside,)
    losers = [x for x in STAFF if x not in call.staff] if call.direction == "in" and talked else []
    shares = [call.talk_s // len(rang)] * len(rang) if rang and talked else []
    at = epoch + call.ring_s
    for index, (phone, talk) in enumerate(zip(rang, shares, strict=False), 1):
        last = end if index == len(rang) else at + talk
        found.append(_b_leg(call, index, phone, at - (call.ring_s if index == 1 else 0), at, last))
        at = last
    for index, phone in enumerate(losers, 8):
        lost = _b_leg(call, index, phone, epoch, 0, epoch + call.ring_s)
        found.append(lost | {"hangup_cause": "LOSE_RACE"})
    if talked:
        a_leg["bridge_uuid"] = uuid_of(call.number, len(rang))
    return found


def _b_leg(
    call: TrueCall, index: int, phone: str, start: float, answer: float, end: float
) -> dict[str, Any]:
    return {
        "xml_cdr_uuid": uuid_of(call.number, index), "direction": "outbound", "leg": "b",
        "caller_id_number": call.outside, "destination_number": phone, "start_epoch": start,
        "answer_epoch": answer, "end_epoch": end, "hangup_cause": "NORMAL_CLEARING",
        "originating_leg_uuid": uuid_of(call.number, 0), "bridge_uuid": uuid_of(call.number, 0),
        "extension_uuid": extension_uuid(phone) if phone in STAFF else None,
        "domain_name": DOMAIN, "missed_call": False, "voicemail_message": False,
    }  # fmt: skip


def write_recording(root: Path, call: TrueCall, ext: str = "wav") -> Path:
    """The recording of a call where record_all puts it, the month in English or not."""
    month = "Nov" if call.number % 4 else "nov."
    folder = root / DOMAIN / "archive" / f"2026/{month}/{call.start:%d}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid_of(call.number, 0)}.{ext}"
    path.write_bytes(wav(0.05, channels=2))
    os.utime(path, (call.end.timestamp(), call.end.timestamp()))
    return path


def cdr_json(leg: dict[str, Any], encoded: bool, files: tuple[str, ...] = ()) -> bytes:
    """A leg as mod_json_cdr writes it."""
    told = _variables(leg)
    if encoded:
        told = {name: quote(value, safe="") for name, value in told.items()}
    steps = [{"app_name": "record_session", "app_data": quote(f) if encoded else f} for f in files]
    return json.dumps(
        {"core-uuid": uuid_of(1, 1), "switchname": "clinic", "variables": told,
         "channel_data": {"state": "CS_REPORTING", "direction": "inbound"},
         "app_log": {"applications": steps}, "callflow": [{"dialplan": "XML"}]}
    ).encode()  # fmt: skip


def cdr_xml(leg: dict[str, Any]) -> bytes:
    """A leg as mod_xml_cdr writes it."""
    texts = {name: quote(value, safe="") for name, value in _variables(leg).items()}
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())
    head = '<?xml version="1.0"?>\n<cdr core-uuid="x"><channel_data><state>CS_REPORTING</state>'
    return f"{head}</channel_data><variables>{inner}</variables></cdr>".encode()


def _variables(leg: dict[str, Any]) -> dict[str, str]:
    names = {"xml_cdr_uuid": "uuid", "direction": "call_direction"}
    told = {names.get(name, name): str(value) for name, value in leg.items()
            if value is not None and name not in ("extension_uuid", "voicemail_message", "leg")}  # fmt: skip
    told["direction"] = "inbound" if leg["leg"] == "a" else "outbound"
    for name in ("start_epoch", "answer_epoch", "end_epoch"):
        told[name] = str(int(leg[name]))
    told["start_stamp"] = "2026-11-02 09:00:00"
    if leg["voicemail_message"]:
        told["voicemail_action"] = "save"
    if leg["leg"] == "b" and leg.get("extension_uuid"):
        told["dialed_user"] = leg["destination_number"]
    if leg["leg"] == "a" and leg["direction"] != "inbound" and leg.get("extension_uuid"):
        told["user_name"] = str(int(leg["extension_uuid"][-12:], 16))
    return told


def write_cdr(folder: Path, leg: dict[str, Any], rng: random.Random, at: datetime) -> Path:
    """The file of one leg, as if written at ``at``."""
    prefix = "a_" if leg["leg"] == "a" else ""
    xml = rng.random() < 0.1
    path = folder / f"{prefix}{leg['xml_cdr_uuid']}.cdr.{'xml' if xml else 'json'}"
    path.write_bytes(cdr_xml(leg) if xml else cdr_json(leg, rng.random() < 0.5))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@contextmanager
def postgres() -> Iterator[int]:
    """A PostgreSQL of the test's own at 127.0.0.1, run by nobody; gives its port."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("postgresql is not installed")
    programs, home = found[-1].parent, Path(tempfile.mkdtemp(prefix="fusion-"))
    become: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(home, "nobody", "nogroup")
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    secret, data, port = home / "secret", home / "data", free_port()
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o644)
    subprocess.run(
        [*become, str(programs / "initdb"), "-D", str(data), "-U", "fusionpbx", "-A",
         "scram-sha-256", f"--pwfile={secret}", "--no-sync", "--locale=C", "-E", "UTF8"],
        check=True, capture_output=True, cwd=home,
    )  # fmt: skip
    server = subprocess.Popen(
        [*become, str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(home),
         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB"],
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        connection = connect(port, "postgres")
        connection.execute("CREATE DATABASE fusionpbx")
        connection.close()
        yield port
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def connect(port: int, database: str = "fusionpbx") -> Any:
    """A connection of FusionPBX's own, which may write."""
    import psycopg

    for _ in range(300):
        try:
            return psycopg.connect(
                host="127.0.0.1", port=port, dbname=database, user="fusionpbx", password=PASSWORD,
                autocommit=True,
            )  # fmt: skip
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the database does not start")


def create_tables(connection: Any) -> None:
    """FusionPBX's tables, new."""
    connection.execute("DROP TABLE IF EXISTS v_xml_cdr, v_extensions; DROP ROLE IF EXISTS reader")
    connection.execute(SCHEMA)
    for phone in STAFF:
        connection.execute(
            "INSERT INTO v_extensions VALUES (%s, %s)", (extension_uuid(phone), phone)
        )


def insert(connection: Any, legs: list[tuple[dict[str, Any], datetime]]) -> None:
    """Rows with the moment of their import, as FusionPBX fills them."""
    with connection.cursor() as cursor:
        for leg, at in legs:
            given = leg | {"insert_date": at}
            names = ", ".join(given)
            values = ", ".join(f"%({name})s" for name in given)
            cursor.execute(
                f"INSERT INTO v_xml_cdr ({names}) VALUES ({values})"
                " ON CONFLICT (xml_cdr_uuid) DO NOTHING",
                given,
            )


HOUR = timedelta(hours=1)
