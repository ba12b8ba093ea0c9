"""ESI: SMDR as quoted, comma-separated lines, one for each part of a call."""

import csv
import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.kinds import Kind, Means
from connectors.names import person
from connectors.smdr import Smdr
from connectors.smdr_form import FIELDS, Settings, listen_with, wants_listener
from connectors.smdr_records import Clock, Dialect, Segment

_TYPES = {"I": "in", "O": "out", "T": "in"}
_EIGHT, _SIX = re.compile(r"\d{8}", re.ASCII), re.compile(r"\d{6}", re.ASCII)


def parse(line: str, at: datetime, clock: Clock) -> Segment | None:
    """The segment in one line. Raises ValueError for a damaged one.

    Type (O, I, or T for a part after a transfer), MMDDYYYY, HHMMSS, length HHMMSS, extension,
    number, name, line.
    """
    try:
        cells = next(csv.reader([line.strip()], strict=True))
    except csv.Error as error:
        raise ValueError("no record of ESI") from error
    if len(cells) != 8 or cells[0] not in _TYPES:
        raise ValueError("no record of ESI")
    kind, day, time, length, extension, number, _, trunk = (cell.strip() for cell in cells)
    if not _EIGHT.fullmatch(day) or not _SIX.fullmatch(time) or not _SIX.fullmatch(length):
        raise ValueError("no record of ESI")
    if extension and not (extension.isascii() and extension.isdigit()):
        raise ValueError("no record of ESI")
    begin, doubt = clock.moment(f"{day[4:]}-{day[:2]}-{day[2:4]} {time[:2]}:{time[2:4]}:{time[4:]}")
    talk = int(length[:2]) * 3600 + int(length[2:4]) * 60 + int(length[4:])
    direction = _TYPES[kind]
    number = person(number)
    # Two short numbers without a line: a talk between two phones of the house.
    if not trunk and number and len(number) <= 6 and kind == "O":
        direction = "internal"
    return Segment(
        start=begin,
        end=begin + timedelta(seconds=talk),
        direction=direction,
        ring_s=0,
        talk_s=talk,
        caller=extension if direction != "in" else number,
        dialed="" if direction == "in" else number,
        staff=number if direction == "internal" else extension,
        trunk=trunk,
        tail=kind == "T",
        doubt=doubt,
    )


DIALECT = Dialect("esi", parse)


def _make(settings: dict[str, Any], means: Means) -> Smdr:
    return Smdr(msgspec.convert(settings, Settings), means, DIALECT)


KIND = Kind(
    name="esi",
    title="ESI (eSIP, Communications Server)",
    level="documents",
    make=_make,
    fields=FIELDS,
    stereo="ESI records into a mailbox, both sides in one channel; there is no way to have them"
    " apart.",
    notes="Let the phone system send SMDR as CSV over the network to this box, or enter its address"
    " where it waits for a reader. A part of a call after a transfer comes as a line of its own and"
    " is joined by line, number and time.",
    listen=listen_with(DIALECT),
    wants_listener=wants_listener,
)
