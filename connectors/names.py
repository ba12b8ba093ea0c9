"""The file names of FreePBX and Asterisk recordings, read from the right.

``<type>-<to>-<from>-<YYYYMMDD>-<HHMMSS>-<uniqueid>.<format>``; numbers may hold hyphens, and a
system name puts one more word before the uniqueid, so only the right end is firm ground.
"""

import re

from appliance.facts import Fact

_DATED = re.compile(
    r"(?P<left>.*)-(?P<day>\d{8})-(?P<time>\d{6})-(?P<uid>(?:[^/]+-)?\d{9,11}\.\d+)"
    r"(?:-(?P<leg>in|out))?\.(?P<suffix>\w+)"
)
# Names of one's own making (MixMonitor(legs-${UNIQUEID}.wav)): only the number is certain.
_BARE = re.compile(
    r"(?:.*[^\d.])?(?P<uid>\d{9,11}\.\d+)(?:-(?P<leg>in|out))?\.(?P<suffix>\w+)", re.ASCII
)
_UNIQUEID = re.compile(r"(?:.*-)?((\d{9,11})\.\d+)", re.ASCII)
_NOBODY = ("unknown", "anonymous", "unavailable", "restricted", "private", "s", "")
_LONGEST = 255


class FileName(Fact, frozen=True):
    """What a recording's name says; "" where it says nothing.

    ``to`` and ``source`` are the two numbers as written. ``stamp`` is local time as
    ``YYYYMMDDTHHMMSS``. ``uniqueid`` is bare digits when ``exact`` is False (a system name may
    belong before it). ``stem`` is the name without leg and format: the same for all files of one
    recording.
    """

    stem: str
    suffix: str
    kind: str = ""
    to: str = ""
    source: str = ""
    stamp: str = ""
    uniqueid: str = ""
    exact: bool = False
    leg: str = ""


def is_sound(name: str) -> bool:
    """Whether a name can be trusted to be shown and parsed: printable, of sane length, no path."""
    return 0 < len(name) <= _LONGEST and name.isprintable() and "/" not in name


def parse_name(name: str) -> FileName | None:
    """The parts of a recording's file name, None when it holds no uniqueid we understand."""
    if not is_sound(name):
        return None
    if match := _DATED.fullmatch(name):
        kind, to, source = split_left(match["left"])
        return FileName(
            stem=_stem(name, match["leg"], match["suffix"]),
            suffix=match["suffix"],
            kind=kind,
            to=to,
            source=source,
            stamp=f"{match['day']}T{match['time']}",
            uniqueid=match["uid"],
            exact=True,
            leg=match["leg"] or "",
        )
    if match := _BARE.fullmatch(name):
        return FileName(
            stem=_stem(name, match["leg"], match["suffix"]),
            suffix=match["suffix"],
            uniqueid=match["uid"],
            leg=match["leg"] or "",
        )
    return None


def _stem(name: str, leg: str | None, suffix: str) -> str:
    return name.removesuffix("." + suffix).removesuffix("-" + leg if leg else "")


def split_left(left: str) -> tuple[str, str, str]:
    """Type, called and calling number of the part left of the date.

    One hyphen between two numbers is certain. With more of them the side that must be an extension
    or queue is taken to be one word; two outside numbers are split where they are equally long.
    """
    kind, _, rest = left.partition("-")
    if kind.isdigit() and rest.partition("-")[0] == kind:
        return "conference", kind, ""  # ConfBridge: <room>-<room>-<mode>
    words = rest.split("-")
    if len(words) < 2:
        return kind, person(rest), ""
    if kind in ("external", "q", "rg", "exten"):
        cut = 1
    elif kind == "out":
        cut = len(words) - 1
    else:
        cut = min(range(1, len(words)), key=lambda i: _imbalance(words[:i], words[i:]))
    return kind, person("-".join(words[:cut])), person("-".join(words[cut:]))


def _imbalance(one: list[str], other: list[str]) -> int:
    return abs(len("".join(one).strip("+")) - len("".join(other).strip("+")))


def person(number: str) -> str:
    """A number as told by the phone system, "" for its many words for nobody."""
    number = number.strip()
    return "" if number.lower() in _NOBODY else number


def number_of(uniqueid: str) -> str:
    """The digits of a uniqueid, without system name: ``clinic-1795359560.0`` → ``1795359560.0``."""
    match = _UNIQUEID.fullmatch(uniqueid)
    return match[1] if match else uniqueid


def epoch_of(uniqueid: str) -> int | None:
    """Seconds since 1970 (UTC) when the channel of this uniqueid was made, None if it has none."""
    match = _UNIQUEID.fullmatch(uniqueid)
    return int(match[2]) if match else None


def is_extension(number: str, extensions: tuple[str, ...] = ()) -> bool:
    """Whether a number is one of the house: listed, or, with no list, two to six digits."""
    if extensions:
        return number in extensions
    return number.isascii() and number.isdigit() and 2 <= len(number) <= 6
