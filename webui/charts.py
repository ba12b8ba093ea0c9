"""Figures as pictures: widths, heights and tints for the templates, and the words beside them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from appliance.facts.figures import Column, HourCell, Mood, Notice, Period, Times, Totals
from appliance.reading import figures
from appliance.reading.figure_words import (
    axis_top,
    change_words,
    days_words,
    hours_words,
    period_words,
    range_words,
    share_words,
    short_day,
    time_words,
)
from webui import narrow

TINTS: Final = 5


class Bar(NamedTuple):
    """One row of a chart: its words, how many, before, where it leads; ``kind`` colors it."""

    words: str
    n: int
    href: str
    before: int | None = None
    kind: str = ""
    confirmed: int = 0
    note: str = ""


def calls_href(period: Period | Column | Notice, **narrowing: str) -> str:
    """The address of the calls of a period that a figure counts."""
    days = {"when": "dates", "from": str(period.first), "to": str(period.last)}
    return f"/calls?{urlencode(days | {name: told for name, told in narrowing.items() if told})}"


def width(n: int, most: int) -> str:
    """How wide a bar is, of 100; what is there at all can be seen."""
    return f"{max(100 * n / most, 1.5):.1f}" if n and most else "0"


def tint(n: int, most: int) -> int:
    """How dark a cell is: 0 for none, then 1 to 5."""
    return 0 if not n or not most else 1 + min(TINTS - 1, TINTS * (n - 1) // most)


class Pillar(NamedTuple):
    """A column of a chart in a picture of 100 by 100: from left, and heights of its two parts."""

    column: Column
    x: float
    width: float
    answered: float
    missed: float
    words: str


def pillars(columns: tuple[Column, ...]) -> list[Pillar]:
    """Where the columns stand; answered below, missed on top."""
    top = axis_top(max((c.answered + c.missed for c in columns), default=0))
    slot = 100 / max(1, len(columns))
    return [
        Pillar(
            column=c,
            x=round(number * slot + slot * 0.12, 2),
            width=round(slot * 0.76, 2),
            answered=round(100 * c.answered / top, 2),
            missed=round(100 * c.missed / top, 2),
            words=f"{days_words(c.first, c.last)}: {c.answered} answered, {c.missed} missed",
        )
        for number, c in enumerate(columns)
    ]


class Grid(NamedTuple):
    """Hours down, weekdays across: cells of what is shown, and the most in one of them."""

    hours: list[int]
    cells: Mapping[tuple[int, int], HourCell]
    most: int
    shown: Callable[[HourCell], int]


def grid(cells: tuple[HourCell, ...], tab: str) -> Grid:
    """The heat map, from the first hour with calls to the last; ``tab`` is calls or missed."""
    hours = sorted({cell.hour for cell in cells})
    shown: Callable[[HourCell], int] = (
        (lambda c: c.missed) if tab == "missed" else (lambda c: c.calls)
    )
    return Grid(
        hours=list(range(hours[0], hours[-1] + 1)) if hours else [],
        cells={(cell.weekday, cell.hour): cell for cell in cells},
        most=max((shown(cell) for cell in cells), default=0),
        shown=shown,
    )


def time_bars(times: Times, period: Period, name: str, state: str) -> list[Bar]:
    """How long it took, as bars that lead to their calls."""
    return [
        Bar(
            words=narrow.seconds_words(b.low, b.high).capitalize(),
            n=b.n,
            href=calls_href(period, direction="in", answer=state, **{name: f"{b.low}-{b.high}"}),
        )
        for b in times.buckets
    ]


def funnel_bars(totals: Totals, period: Period) -> list[Bar]:
    """From incoming calls to booked visits, each step a part of the one before."""
    steps: tuple[tuple[str, int, dict[str, str]], ...] = (
        ("Calls that came in", totals.calls, {}),
        ("Answered", totals.answered, {"answer": "answered"}),
        ("Wanted care", totals.wanted, {"answer": "answered", "step": "wanted"}),
        ("Were offered a visit", totals.offered, {"answer": "answered", "step": "offered"}),
        ("Booked", totals.booked, {"answer": "answered", "step": "booked"}),
    )
    bars, whole = [], 0
    for words, n, narrowing in steps:
        note = (
            share_words(n, whole) + (" of those" if figures.enough(whole) else "") if whole else ""
        )
        href = calls_href(period, direction="in", **narrowing)
        bars.append(Bar(words=words, n=n, href=href, note=note))
        whole = n
    return bars


def tallest(column: Column) -> int:
    """How high a column stands."""
    return column.answered + column.missed


def danger_words(name: str) -> str:
    """What a safety flag says."""
    return narrow.DANGERS.get(name.removeprefix("safety."), name)


def mood_cells(moods: tuple[Mood, ...]) -> dict[tuple[str, str], int]:
    """Calls by the caller's words at the start and at the end."""
    return {(mood.start, mood.end): mood.n for mood in moods}


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    shower.__name__: shower
    for shower in (
        axis_top, change_words, danger_words, days_words, hours_words, period_words, range_words, share_words,
        short_day, tallest, time_words, tint, width,
    )
}  # fmt: skip
