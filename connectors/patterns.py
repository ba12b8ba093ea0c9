"""File-name patterns as a person writes them, and what they read in a name.

``{date:YYYYMMDD}-{time:HHMMSS}_{direction}_{caller}_{extension}.wav``: text stands for itself,
``{*}`` for anything, folders may be part of it. No regular expression is made of what a person
typed: names are read piece by piece, every position tried at most once, and a name that could be
read in two ways is not read at all.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from msgspec import structs

from appliance.facts import Fact
from connectors.mount import suffix_of
from connectors.names import is_sound
from connectors.pattern_pieces import FIELDS, PIECES, Pattern, Piece, compile_pattern
from connectors.said import DIRECTIONS, Said
from connectors.wav import AUDIO

__all__ = ["FIELDS", "Pattern", "compile_pattern", "read_path", "try_pattern"]

_LONGEST_PATH = 1024
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LEGS = {"in": "in", "rx": "in", "out": "out", "tx": "out"}
_LEG_ENDING = re.compile(r"(.+)[-_.](in|out|rx|tx)", re.ASCII | re.IGNORECASE | re.DOTALL)


class Tried(Fact, frozen=True):
    """What a pattern reads in one name: ``fields`` to show, or ``why`` it does not fit."""

    name: str
    fields: dict[str, str] = {}
    why: str = ""


class Suggestion(Fact, frozen=True):
    """A pattern that fits ``fits`` of the names, and whose names look like that."""

    pattern: str
    title: str
    fits: int


class NoFit(Exception):
    """A name that a pattern does not read.

    Says why, to a person; with "" come the pieces and the text that do not fit each other.
    """


def read_path(pattern: Pattern, path: Sequence[str]) -> Said:
    """What the pattern reads in a path of folders and a name. Raises NoFit."""
    if len(path) < len(pattern.parts):
        raise NoFit("the file lies in fewer folders than the pattern has")
    *folders, name = path[len(path) - len(pattern.parts) :]
    if not all(map(is_sound, (*folders, name))):
        raise NoFit("the name holds signs that cannot be shown, or is too long")
    if suffix_of(name) not in AUDIO:
        raise NoFit("by its ending this is no recording")
    stem = name.rpartition(".")[0]
    found: dict[str, str] = {}
    for part, text in zip(pattern.parts, folders, strict=False):
        _agree(found, _read_part(part, text))
    try:
        _agree(found, _read_part(pattern.parts[-1], stem))
    except NoFit:
        ending = _LEG_ENDING.fullmatch(stem)
        if ending is None or "leg" in {piece.field for piece in pattern.parts[-1]}:
            raise
        _agree(found, _read_part(pattern.parts[-1], ending[1]))
        found["leg"] = ending[2]
    return _said(found)


def strip_leg(stem: str) -> str:
    """A name without its ending, and without the mark of a side it is the record of."""
    ending = _LEG_ENDING.fullmatch(stem)
    return ending[1] if ending else stem


def _agree(found: dict[str, str], more: dict[str, str]) -> None:
    for field, text in more.items():
        if found.setdefault(field, text) != text:
            raise NoFit(f"{{{field}}} says two different things in one name")


def _read_part(part: Sequence[Piece], text: str) -> dict[str, str]:
    """The fields of one folder or name. Raises NoFit."""
    lazy = _fields(part, text, _cut(part, text, greedy=False))
    if lazy is None:
        raise NoFit("", part, text)
    if lazy != _fields(part, text, _cut(part, text, greedy=True)):
        raise NoFit("the name can be read in two ways; put more plain text into the pattern")
    return lazy


def _cut(part: Sequence[Piece], text: str, *, greedy: bool) -> tuple[int, ...] | None:
    """Where each piece ends, None when they do not fit. No position is tried twice by a piece."""
    dead: set[tuple[int, int]] = set()

    def fit(number: int, start: int) -> tuple[int, ...] | None:
        if number == len(part):
            return () if start == len(text) else None
        if (number, start) in dead:
            return None
        for end in _ends(part[number], text, start, greedy):
            if (rest := fit(number + 1, end)) is not None:
                return (end, *rest)
        dead.add((number, start))
        return None

    return fit(0, 0)


def _ends(piece: Piece, text: str, start: int, greedy: bool) -> Iterable[int]:
    """The places at which a piece that begins at ``start`` may end."""
    if piece.text:
        end = start + len(piece.text)
        return (end,) if text[start:end].lower() == piece.text else ()
    furthest = min(len(text), start + piece.high)
    if piece.signs is not None:
        last = start
        while last < furthest and text[last] in piece.signs:
            last += 1
        furthest = last
    ends = range(start + piece.low, furthest + 1)
    steps = reversed(ends) if greedy else ends
    return (end for end in steps if _holds(piece.field, text[start:end]))


def _holds(field: str, text: str) -> bool:
    """Whether a text can be what its field says."""
    if field == "direction":
        return text.lower() in DIRECTIONS
    if field == "leg":
        return text.lower() in LEGS
    if field == "half":
        return text.lower() in ("am", "pm")
    if field == "month_name":
        return text.lower() in _MONTHS
    if field in ("caller", "dialed", "number"):
        return text[0] in "+*#0123456789" or text.isalpha()
    return field not in _MOST or int(text) <= _MOST[field]


_MOST = {"month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}


def _fields(
    part: Sequence[Piece], text: str, ends: tuple[int, ...] | None
) -> dict[str, str] | None:
    if ends is None:
        return None
    found: dict[str, str] = {}
    starts = (0, *ends)
    for piece, start, end in zip(part, starts, ends, strict=False):
        if piece.field not in ("", "*"):
            _agree(found, {piece.field: text[start:end]})
    return found


def _why(part: Sequence[Piece], text: str) -> str:
    """Where the fit ends: the longest beginning of the pattern that the name still follows."""
    for count in range(len(part) - 1, 0, -1):
        if _cut((*part[:count], PIECES["*"]), text, greedy=False) is not None:
            return f"it fits until {_shown(part[count])}, which is not there"
    return f"it does not begin with {_shown(part[0])}"


def _shown(piece: Piece) -> str:
    return f'"{piece.text}"' if piece.text else f"{{{piece.field}}}"


def _said(found: dict[str, str]) -> Said:
    """Raises NoFit where the day or time there is none."""
    said = Said(
        stamp=_stamp(found),
        epoch=_epoch(found.get("epoch", "")),
        direction=DIRECTIONS[found.get("direction", "").lower()] if "direction" in found else "",
        caller_name=found.get("name", ""),
        id=found.get("uuid", "").lower() or found.get("id", ""),
        leg=LEGS[found["leg"].lower()] if "leg" in found else "",
    )
    plain = ("caller", "dialed", "number", "extension", "queue")
    return structs.replace(said, **{name: found.get(name, "") for name in plain})


def _epoch(text: str) -> float:
    if not text:
        return 0
    if not 946684800 <= int(text) < 4102444800:
        raise NoFit("{epoch} is no time of this century")
    return int(text)


def _stamp(found: dict[str, str]) -> str:
    """The local time as text; "" unless both a whole day and at least hour and minute are told."""
    if "hour" not in found or "minute" not in found:
        return ""
    year = found.get("year") or ("20" + found["short_year"] if "short_year" in found else "")
    month = int(found.get("month", "0"))
    if "month_name" in found:
        month = _MONTHS.index(found["month_name"].lower()) + 1
    if not year or not month or "day" not in found:
        return ""
    hour = int(found["hour"])
    if "half" in found:
        if not 1 <= hour <= 12:
            raise NoFit("the hour is none of a 12-hour clock")
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        day = date(int(year), month, int(found["day"]))
    except ValueError as error:
        raise NoFit("there is no such day") from error
    return f"{day:%Y%m%d}T{hour:02}{found['minute']}{found.get('second', '00')}"


def try_pattern(pattern: str, names: Sequence[str]) -> list[Tried]:
    """What a pattern reads in each name or path. Raises Misconfigured for a pattern that is none."""
    compiled = compile_pattern(pattern)
    return [_try(compiled, name) for name in names]


def _try(pattern: Pattern, name: str) -> Tried:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:255]
    try:
        if len(name) > _LONGEST_PATH:
            raise NoFit("the name holds signs that cannot be shown, or is too long")
        return Tried(shown, _to_show(read_path(pattern, name.strip("/").split("/"))))
    except NoFit as reason:
        why, *misfit = reason.args
        return Tried(shown, why=why or _why(*misfit))


def _to_show(said: Said) -> dict[str, str]:
    found = {
        "started": said.stamp and f"{datetime.fromisoformat(said.stamp):%Y-%m-%d %H:%M:%S}",
        "epoch": said.epoch and f"{datetime.fromtimestamp(said.epoch, UTC):%Y-%m-%d %H:%M:%S} UTC",
        **{name: getattr(said, name) for name in (
            "direction", "caller", "dialed", "number", "extension", "queue", "caller_name", "id",
            "leg",
        )},
    }  # fmt: skip
    return {name: str(text) for name, text in found.items() if text}
