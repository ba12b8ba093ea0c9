"""The filters that figures lead to: how they stand in an address, and the words for them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from appliance.facts.codes import (
    CALLER_RELATIONS,
    DISCLOSURE,
    SAFETY,
    SPECIES,
    URGENCIES,
)
from appliance.reading import periods
from appliance.reading.figures import EDGES
from webui import show

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOODS: Final = ("negative", "neutral", "positive")
SECONDS: Final = tuple(f"{low}-{high}" for low, high in pairwise(EDGES))
STEPS: Final = {
    "wanted": "Wanted care",
    "offered": "Was offered a visit",
    "booked": "Booked a visit",
}
SAID: Final = {"confirmed": "Confirmed by people", "open": "Not looked at yet"}
DANGERS: Final = {
    "any": "Any",
    "red_flag_late": "Emergency not seen the same day",
    "advice": "Medical advice from the desk",
    "card_aloud": "Card number said aloud",
    "identity": "Records given without asking who calls",
}
WAYS: Final = {"in": "Incoming", "out": "Outgoing", "internal": "Between extensions"}
HISTORY: Final = timedelta(days=3650)  # how far back clock changes matter to weekday and hour

# Name in the address, what may stand there. All are one code each.
CODES: Final[dict[str, tuple[str, ...]]] = {
    "direction": tuple(WAYS),
    "urgency": URGENCIES,
    "relation": CALLER_RELATIONS,
    "species": SPECIES,
    "disclosure": DISCLOSURE,
    "safety": ("any", *SAFETY),
    "mood_start": MOODS,
    "mood_end": MOODS,
    "step": tuple(STEPS),
    "said": tuple(SAID),
    "weekday": tuple(str(day) for day in range(7)),
    "hour": tuple(str(hour) for hour in range(24)),
    "ring": SECONDS,
    "waited": SECONDS,
}
# Those people choose from a list, with the words of their codes; figures lead to the others.
CHOSEN: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("direction", "Direction", WAYS),
    ("urgency", "Urgency", {code: show.label(code) for code in URGENCIES if code != "none"}),
    ("relation", "Caller is", {code: show.label(code) for code in CALLER_RELATIONS}),
    ("species", "Animal", {code: show.species_label(code) for code in SPECIES}),
    ("disclosure", "Recording notice", {"yes": "Heard", "no": "Not heard", "cannot_tell": "Cannot tell"}),
    ("safety", "Safety", DANGERS),
)  # fmt: skip
_LINE = re.compile(r"[+*#\w .-]{1,40}", re.ASCII)


def read_more(query: Mapping[str, str]) -> dict[str, str]:
    """What an address narrows besides the common filters; what makes no sense is left out."""
    told = {name: query[name] for name, codes in CODES.items() if query.get(name) in codes}
    if _LINE.fullmatch(query.get("line", "")):
        told["line"] = query["line"]
    return told


def narrowed(
    more: Mapping[str, str],
    zone: ZoneInfo,
    now: datetime,
    first: datetime | None,
    last: datetime | None,
) -> dict[str, Any]:
    """The fields of CallFilter for what an address narrows."""
    told: dict[str, Any] = {n: v for n, v in more.items() if n not in ("ring", "waited")}
    for name in ("weekday", "hour"):
        if name in told:
            told[name] = int(told[name])
            begin, end = first or now - HISTORY, last or now + timedelta(days=1)
            told["offsets"] = periods.offsets_of(zone, begin.astimezone(UTC), end.astimezone(UTC))
    for name in ("ring", "waited"):
        if name in more:
            low, _, high = more[name].partition("-")
            told[f"{name}_s"] = (int(low), int(high))
    return told


def chips(more: Mapping[str, str], address: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Words for what was narrowed by coming from a figure, and the address without it."""
    listed = {name for name, _, _ in CHOSEN}
    for name, code in more.items():
        if name not in listed:
            rest = {n: v for n, v in address.items() if n != name}
            yield words(name, code), f"/calls?{urlencode(rest)}" if rest else "/calls"


def words(name: str, code: str) -> str:
    """What one filter means."""
    if name == "weekday":
        return f"{WEEKDAYS[int(code)]}s"
    if name == "hour":
        return hour_words(int(code))
    if name in ("ring", "waited"):
        verb = "Rang" if name == "ring" else "Waited"
        return f"{verb} {seconds_words(*(int(part) for part in code.split('-')))}"
    if name in ("mood_start", "mood_end"):
        return f"Words {show.label(code).lower()} at the {name.removeprefix('mood_')}"
    if name == "line":
        return f"Called {code}"
    return {**STEPS, **SAID}.get(code) or show.label(code)


def hour_words(hour: int, *, short: bool = False) -> str:
    """8–9 AM: one hour of the day; 8 AM where there is little room."""
    ends = [f"{(h - 1) % 12 + 1} {'AM' if h % 24 < 12 else 'PM'}" for h in (hour, hour + 1)]
    if short:
        return ends[0]
    begin = ends[0][:-3] if ends[0][-2:] == ends[1][-2:] else ends[0]
    return f"{begin}–{ends[1]}"


def seconds_words(low: int, high: int) -> str:
    """5 to 15 seconds, whole seconds counted from ``low`` to below ``high``."""
    if high == EDGES[-1]:
        return f"{low} seconds or more" if low < 60 else "a minute or more"
    return f"{low} to {high - 1} seconds" if low else f"less than {high} seconds"
