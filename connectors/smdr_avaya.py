"""Avaya IP Office: SMDR as comma-separated lines, which it sends to a listener of ours.

The lines and the order of their fields are the vendor's own examples.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.kinds import Kind, Means
from connectors.names import person
from connectors.smdr import Smdr
from connectors.smdr_form import FIELDS, Settings, listen_with, wants_listener
from connectors.smdr_records import Clock, Dialect, Segment

_DEVICE = re.compile(r"([A-Z])(\d[\w.]*)", re.ASCII)
_LENGTH = re.compile(r"(\d{2,3}):(\d\d):(\d\d)", re.ASCII)
_START = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)
_FEWEST = 17


def parse(line: str, at: datetime, clock: Clock) -> Segment | None:
    """The segment in one line. Raises ValueError for a damaged one.

    Start, connected time, ring seconds, caller, I or O, called, dialed, account, internal, call
    number, continuation, device and name of both parties, hold and park time; later versions add
    more.
    """
    cells = [cell.strip() for cell in line.strip().split(",")]
    if cells[0].lower().startswith("call start"):
        return None
    start = _START.fullmatch(cells[0])
    length = _LENGTH.fullmatch(cells[1]) if len(cells) >= _FEWEST else None
    if not start or not length or cells[4] not in ("I", "O") or cells[8] not in ("0", "1"):
        raise ValueError("no record of Avaya IP Office")
    if cells[10] not in ("0", "1") or not cells[9].isdigit():
        raise ValueError("no record of Avaya IP Office")
    begin, doubt = clock.moment(f"{start[1]}-{start[2]}-{start[3]} {start[4]}")
    talk = int(length[1]) * 3600 + int(length[2]) * 60 + int(length[3])
    ring = int(cells[2])
    direction = "internal" if cells[8] == "1" else "in" if cells[4] == "I" else "out"
    kind, number = _device(cells[11])
    _, other = _other(cells[13:16]) if direction == "internal" else ("", "")
    staff = number if kind == "E" else ""
    if direction == "internal":
        staff = other or person(cells[5])
    # What a menu says is no message: voice mail had it where an extension was called.
    mailbox = kind == "V" and len(cells[5]) <= 6 and cells[5] != ""
    return Segment(
        start=begin,
        end=begin + timedelta(seconds=ring + talk),
        direction=direction,
        ring_s=ring,
        talk_s=talk,
        caller=person(cells[3]),
        dialed=person(cells[5]),
        staff=staff,
        call_id=cells[9],
        more=cells[10] == "1",
        mailbox=mailbox,
        doubt=doubt,
    )


def _device(text: str) -> tuple[str, str]:
    match = _DEVICE.fullmatch(text)
    return (match[1], match[2]) if match else ("", "")


def _other(cells: list[str]) -> tuple[str, str]:
    """The extension of the second party; a comma in a name moves it one field on."""
    found = (_device(cell) for cell in cells)
    return next((device for device in found if device[0] == "E"), ("", ""))


DIALECT = Dialect("avaya", parse)


def _make(settings: dict[str, Any], means: Means) -> Smdr:
    return Smdr(msgspec.convert(settings, Settings), means, DIALECT)


KIND = Kind(
    name="avaya",
    title="Avaya IP Office",
    level="documents",
    make=_make,
    fields=FIELDS,
    stereo="Voicemail Pro mixes both sides into one channel; there is no way to have them apart.",
    notes="In IP Office Manager, System, SMDR: choose SMDR Only, enter this box's address and the"
    " port entered here, and the most records to buffer. Recordings come from Voicemail Pro's"
    " Voice Recording Library; it stops when a call is transferred to another user and pauses on"
    " hold, so a call can have several recordings.",
    listen=listen_with(DIALECT),
    wants_listener=wants_listener,
)
