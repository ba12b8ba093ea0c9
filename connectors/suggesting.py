"""Patterns to propose for a folder, from some names in it: known phone systems first."""

import re
from collections.abc import Iterator, Sequence

from appliance.errors import Misconfigured
from connectors.mount import suffix_of
from connectors.names import parse_name
from connectors.patterns import Suggestion, try_pattern
from connectors.said import DIRECTIONS

# The names of these were read in their sources or in records of real units.
KNOWN = (
    ("{date}{time}-{id}-{caller}-{dialed}-{direction}.wav", "Yeastar"),
    ("auto-{epoch}-{caller}-{dialed}.wav", "Grandstream UCM"),
    ("[{*}]_{extension}-{number}_{date}{time}({id}).wav", "3CX (set the time zone to UTC)"),
    ("archive/{date:YYYY}/{date:MON}/{date:DD}/{uuid}.wav", "FusionPBX"),
    ("{date:YYYY}-UTC/{date:MM}/{date:DD}/{uuid}.wav", "FocalScope, with sidecars"),
)
_RUNS = re.compile(r"\+?[0-9]+|[A-Za-z]+|[^A-Za-z0-9+]+|\+")
_BUILT_IN = "FreePBX, Issabel and Asterisk: no pattern is needed"


def suggest_patterns(names: Sequence[str]) -> list[Suggestion]:
    """Patterns that fit at least half of the names, the best first; "" needs no pattern."""
    names = [name for name in names if name][:50]
    if not names:
        return []
    found = [Suggestion("", _BUILT_IN, sum(_is_built_in(name) for name in names))]
    found += [Suggestion(pattern, title, _fits(pattern, names)) for pattern, title in KNOWN]
    guesses = dict.fromkeys(guess for name in names[:10] if (guess := _guess(name, names)))
    tried = (Suggestion(guess, "made from these names", _fits(guess, names)) for guess in guesses)
    found += tried
    good = [one for one in found if one.fits * 2 >= len(names)]
    return sorted(good, key=lambda one: -one.fits)


def _is_built_in(name: str) -> bool:
    parsed = parse_name(name.rpartition("/")[2])
    return parsed is not None and parsed.exact


def _fits(pattern: str, names: Sequence[str]) -> int:
    try:
        return sum(not tried.why for tried in try_pattern(pattern, names))
    except Misconfigured:
        return 0


def _guess(name: str, names: Sequence[str]) -> str:
    """A pattern out of what the parts of one name look like; "" where nothing is recognized."""
    base = name.rpartition("/")[2]
    stem, _, suffix = base.rpartition(".")
    if not suffix_of(base) or not stem.isprintable():
        return ""
    others = [other.rpartition("/")[2].lower() for other in names]
    pieces, used = [], set[str]()
    for run in _RUNS.findall(stem):
        pieces += list(_recognize(run, others, used))
    return "".join(pieces) + "." + suffix if used else ""


def _recognize(run: str, others: Sequence[str], used: set[str]) -> Iterator[str]:
    for field, form in _SHAPES:
        if field not in used and re.fullmatch(form, run, re.ASCII):
            used.update(field.split("+"))
            yield "".join("{" + part + "}" for part in field.split("+"))
            return
    if run.lower() in DIRECTIONS and len(run) > 1 and "direction" not in used:
        used.add("direction")
        yield "{direction}"
    elif all(run.lower() in other for other in others) or not run[-1].isalnum():
        yield run.replace("{", "").replace("}", "")
    else:
        yield "{*}"


_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
# Which of two numbers called is not to be told from a name: one outside is {number}.
_SHAPES = (
    ("date+time", _DAY + _TIME),
    ("date", _DAY),
    ("time", _TIME),
    ("epoch", r"1[5-9]\d{8}|2[01]\d{8}"),
    ("number", r"\+?\d{7,15}"),
    ("extension", r"\d{2,6}"),
)
