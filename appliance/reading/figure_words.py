"""Figures in words, the same on pages and on paper."""

from datetime import date
from typing import Final

from appliance.facts.figures import Period
from appliance.reading import figures
from appliance.reading.intervals import wilson

_STEPS: Final = (1, 2, 3, 4, 5, 6, 8, 10)


def share_words(part: int, whole: int) -> str:
    """87 %, or 4 of 5 where a percentage would pretend to know."""
    if not whole:
        return "–"
    return f"{round(100 * part / whole)}\u00a0%" if figures.enough(whole) else f"{part} of {whole}"


def range_words(part: int, whole: int) -> str:
    """82–91 %: where the share lies with 95 % certainty; "" where there is too little."""
    if not figures.enough(whole):
        return ""
    low, high = wilson(part, whole)
    return f"{round(100 * low)}–{round(100 * high)}\u00a0%"


def change_words(part: int, whole: int, part_before: int, whole_before: int) -> str:
    """Whether a share is another one than before, as far as chance allows to say."""
    told = figures.change(part, whole, part_before, whole_before)
    return {"up": "higher", "down": "lower", "same": "no clear change"}.get(
        told, "too few to compare"
    )


def axis_top(most: int) -> int:
    """A round number at or above the highest column."""
    size = 1
    while 10 * size < most:
        size *= 10
    return next(step * size for step in _STEPS if step * size >= most)


def days_words(first: date, last: date) -> str:
    """Mon, Nov 9, or Nov 9 – Nov 15."""
    if first == last:
        return f"{first:%a, %b} {first.day}"
    return f"{short_day(first)} – {short_day(last)}"


def short_day(day: date) -> str:
    """Nov 9."""
    return f"{day:%b} {day.day}"


def period_words(period: Period) -> str:
    """November 9 – 15, 2026."""
    first, last = period.first, period.last
    if first == last:
        return f"{first:%A, %B} {first.day}, {first.year}"
    year = "" if first.year == last.year else f", {first.year}"
    end = (
        f"{last.day}"
        if (first.month, first.year) == (last.month, last.year)
        else f"{last:%B} {last.day}"
    )
    return f"{first:%B} {first.day}{year} – {end}, {last.year}"


def time_words(seconds: int | None) -> str:
    """12 s, 2 min 5 s."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(seconds, 60)
    told = [f"{minutes} min"] if minutes else []
    return " ".join([*told, f"{rest} s"] if rest or not minutes else told)


def hours_words(milliseconds: int | None) -> str:
    """40 minutes, or 3.5 hours."""
    if milliseconds is None:
        return "–"
    minutes = round(milliseconds / 60_000)
    if minutes < 90:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{milliseconds / 3_600_000:.1f} hours".replace(".0 ", " ")
