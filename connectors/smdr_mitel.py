"""Mitel (MiVoice Business, 3300): SMDR in columns, without a year.

The fields are the vendor's; the columns are remembered. A line that does not keep to them exactly
is counted as damaged instead of being guessed at.
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

_PARTY = r"[TX ]?\d+ *|ATT\d* *"


def _columns(party: int) -> re.Pattern[str]:
    """A line in which parties are ``party`` signs wide.

    Long-call mark, MM/DD, HH:MM[:SS] and p for afternoon, length, calling party, attendant, seconds
    to answer, digits, completion, speed-call mark, called party, transfer or conference, third
    party; far right, where it is turned on, the number that called and the one dialed.
    """
    return re.compile(
        r"[ %+-](?P<month>\d\d)/(?P<day>\d\d) (?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
        r"(?P<half>[pP ]) (?P<length>\d{2,4}:\d\d:\d\d) "
        rf"(?P<calling>(?={_PARTY}).{{{party}}}) [* ](?P<answer>\d\d\d|\*\*\*|   ) "
        r"(?P<digits>[0-9*# ]{26}) ?(?P<status>[A-Z ])(?P<speed>[A-Z ])"
        rf"(?P<called>(?:(?={_PARTY}).{{{party}}})| {{{party}}})"
        rf"(?: (?P<flag>[TCX ])(?P<third>(?:(?={_PARTY}).{{{party}}})| {{{party}}})?)?"
        r"(?P<rest>.*)",
        re.ASCII | re.DOTALL,
    )


_LINES = (_columns(4), _columns(7))
_ANI = re.compile(r"(?:^| )(\+?\d{7,15})(?: +(\d{3,15}))? *\Z", re.ASCII)


def parse(line: str, at: datetime, clock: Clock) -> Segment | None:
    """The segment in one line that came at ``at``. Raises ValueError for a damaged one."""
    line = line.rstrip("\r\n")
    if not re.match(r".?\d\d/\d\d ", line):
        return None
    match = next((m for form in _LINES if (m := form.fullmatch(line))), None)
    if match is None:
        raise ValueError("no record of Mitel")
    begin, doubt = _moment(match, at, clock)
    hours, minutes, seconds = map(int, match["length"].split(":"))
    length = hours * 3600 + minutes * 60 + seconds
    calling, called = match["calling"].strip(), match["called"].strip()
    third = (match["third"] or "").strip() if (match["flag"] or "") == "T" else ""
    incoming = calling[0] in "TX"
    answered = match["answer"].isdigit() if incoming else True
    ring = int(match["answer"]) if match["answer"].isdigit() else 0
    ani = _ANI.search(match["rest"]) if incoming else None
    digits = match["digits"].strip()
    outgoing = not incoming and called[:1] in ("T", "X")
    direction = "in" if incoming else "out" if outgoing else "internal"
    staff = calling if direction == "out" else called
    return Segment(
        start=begin,
        end=begin + timedelta(seconds=length),
        direction=direction,
        ring_s=min(ring, length) if answered else length,
        talk_s=max(0, length - ring) if answered else 0,
        caller=person(ani[1]) if ani else "" if incoming else calling,
        dialed=(ani[2] or "") if ani else "" if incoming else digits or called,
        staff=staff if staff.isdigit() else "",
        peers=(third,) if third.isdigit() else (),
        trunk=calling if incoming else called if outgoing else "",
        doubt=doubt,
    )


def _moment(match: re.Match[str], at: datetime, clock: Clock) -> tuple[datetime, str]:
    """When the call began: in the year that brings it closest to when its line came."""
    hour = int(match["hour"])
    if match["half"] in "pP" and match["half"] != " " and hour < 12:
        hour += 12
    month, day = match["month"], match["day"]
    clock_time = f"{hour:02}:{match['minute']}:{match['second'] or '00'}"
    found = []
    for year in (at.year - 1, at.year, at.year + 1):
        try:
            found.append(clock.moment(f"{year}-{month}-{day} {clock_time}"))
        except ValueError:
            continue  # February 29 is not in every year
    if not found:
        raise ValueError("no such day")
    return min(found, key=lambda moment: abs(moment[0] - at))


DIALECT = Dialect("mitel", parse, slack_s=60)


def _make(settings: dict[str, Any], means: Means) -> Smdr:
    return Smdr(msgspec.convert(settings, Settings), means, DIALECT)


KIND = Kind(
    name="mitel",
    title="Mitel MiVoice Business, 3300",
    level="documents",
    make=_make,
    fields=FIELDS,
    stereo="A Mitel does not record by itself; where a recorder stands beside it, have that one"
    " write both sides apart.",
    notes="Enter the phone system's address and its SMDR port. Turn on ANI/DNIS reporting, or"
    " callers have no number, and set its clock to 24 hours. The MiVoice Office 250 (5000) speaks otherwise and is not"
    " supported.",
    listen=listen_with(DIALECT),
    wants_listener=wants_listener,
)
