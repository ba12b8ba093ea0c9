"""Panasonic KX-TDE, NS700 and NS1000: SMDR in columns, over a login like telnet's.

Lines are 80 or 120 signs wide. The time is that of the end of a call, in whole minutes.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from connectors.kinds import Field, Kind, Means
from connectors.names import person
from connectors.smdr import Smdr
from connectors.smdr_form import FIELDS, Settings, listen_with, wants_listener
from connectors.smdr_records import Clock, Dialect, Segment

_HEAD = re.compile(
    r"(\d\d)/(\d\d)/(\d\d) +(\d\d):(\d\d)([AP]M|  )? *([*DTdt]?\d{1,5}) +(\d{2,4}) (.*)",
    re.ASCII | re.DOTALL,
)
# Ring m'ss, length hh:mm'ss, account code, condition code.
_TAIL = re.compile(
    r"(?:(\d)'(\d\d)|    ) (\d\d):(\d\d)'(\d\d)(?: +(\S{1,10}))?(?: +([A-Z]{2}))? *", re.ASCII
)
_WIDTHS = (25, 20, 50)
_CODES = ("TR", "FW", "D0", "D1", "RM", "NA", "RC", "AN", "VR", "VA", "CB", "BV")
_ON_THE_WAY = ("RC", "AN", "VR", "VA")


def parse(line: str, at: datetime, clock: Clock) -> Segment | None:
    """The segment in one line; None for heads and for what is no call with the outside.

    Raises ValueError for a damaged line, a call record with a piece missing.
    """
    if not re.match(r"\d\d/\d\d/\d\d ", line):
        return None
    head = _HEAD.fullmatch(line.rstrip("\r\n"))
    if head is None:
        # Phones logging in and out have no line to the outside.
        if re.match(r"\d\d/\d\d/\d\d .{8} +\d{1,5} {2,}(?:LOG |Check |Timed |EXT|In the)", line):
            return None
        raise ValueError("no record of Panasonic")
    number, tail = _split(head[9])
    code = tail[7] or (tail[6] if tail[6] in _CODES else "")
    if code in _ON_THE_WAY:
        return None  # the call goes on; its end has a line of its own
    end, doubt = clock.moment(_stamp(head, clock))
    ring = int(tail[1] or 0) * 60 + int(tail[2] or 0)
    talk = int(tail[3]) * 3600 + int(tail[4]) * 60 + int(tail[5])
    incoming = "<I>" in number or "<D>" in number
    called, _, caller = number.partition("<I>") if incoming else (number, "", "")
    return Segment(
        start=end - timedelta(seconds=ring + talk),
        end=end,
        direction="in" if incoming else "out",
        ring_s=ring,
        talk_s=0 if code == "NA" else talk,
        caller=_digits(caller) if incoming else head[7],
        dialed=_digits(called.removeprefix("<D>")) if incoming else _digits(number),
        staff=head[7] if head[7].isdigit() else "",
        trunk=head[8],
        more=code in ("TR",),
        doubt=doubt,
    )


def _split(rest: str) -> tuple[str, re.Match[str]]:
    """The number and what follows it: it ends where the column does, 20, 25 or 50 signs on."""
    for width in _WIDTHS:
        for gap in (1, 2):
            match = _TAIL.fullmatch(rest[width + gap :])
            if match and not rest[width : width + gap].strip():
                return rest[:width].strip(), match
    raise ValueError("no record of Panasonic")


def _stamp(head: re.Match[str], clock: Clock) -> str:
    month, day = (head[2], head[1]) if clock.day_first else (head[1], head[2])
    hour = int(head[4])
    if head[6] and head[6].strip():
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a clock with AM and PM")
        hour = hour % 12 + (12 if head[6] == "PM" else 0)
    return f"20{head[3]}-{month}-{day} {hour:02}:{head[5]}:00"


def _digits(text: str) -> str:
    """The number in a column that may hold a name before it, dots for what is kept secret."""
    match = re.search(r"\+?[0-9*#]+\Z", text.strip().partition("-")[0], re.ASCII)
    return person(match[0]) if match else ""


DIALECT = Dialect("panasonic", parse, slack_s=60)


def _make(settings: dict[str, Any], means: Means) -> Smdr:
    return Smdr(msgspec.convert(settings, Settings), means, DIALECT)


KIND = Kind(
    name="panasonic",
    title="Panasonic KX-TDE, NS700, NS1000",
    level="documents",
    make=_make,
    fields=(
        *(structs.replace(field, default="2300") if field.name == "port" else field
          for field in FIELDS),
        Field(name="user", label="User for SMDR", default="SMDR"),
        Field(name="password", label="Password for SMDR", secret=True),
        Field(
            name="day_first",
            label="The day is written before the month",
            type="bool",
            advanced=True,
        ),
    ),
    stereo="Two-way recording goes into a voice mailbox, both sides in one channel; there is no way"
    " to have them apart.",
    notes="Enter the phone system's address and its SMDR port (2300), and its SMDR password. Have"
    " it print incoming calls too. Its times are whole minutes, so a recording is only joined to a"
    " call where nothing else fits.",
    listen=listen_with(DIALECT),
    wants_listener=wants_listener,
)  # fmt: skip
