"""The weekly report on paper: letter size, own letters, text that can be selected and searched.

fpdf2 draws it: pure Python and nothing of the system's, where WeasyPrint wants Pango and its kin
on the box, and ReportLab brings a second language for layouts. What callers said never comes here,
nor, unless the clinic wants it so, their names and numbers; ``tell_week`` leaves them out.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import DocumentCompliance, XPos, YPos

from appliance.facts.calls import Call
from appliance.facts.codes import KIND_OF_REASON, UNKNOWN
from appliance.facts.figures import Column, Count, Totals, Trends, WeekReport
from appliance.reading.figure_words import (
    axis_top,
    change_words,
    hours_words,
    period_words,
    range_words,
    share_words,
    time_words,
)
from appliance.reading.words import UNTOLD

FONTS: Final = Path(__file__).parent / "fonts"
FONT: Final = "DejaVu"
MARGIN: Final = 18.0
WIDE: Final = 215.9 - 2 * MARGIN  # mm
INK, MUTED, LINE = (24, 37, 42), (82, 99, 106), (219, 226, 228)
ACCENT, MISSED = (11, 100, 112), (196, 120, 52)
KIND_INKS: Final = {
    "capacity": (42, 79, 163), "skill": (116, 51, 127), "policy": (92, 83, 38),
    "caller": (138, 74, 12), "technical": (122, 82, 0),
}  # fmt: skip
MOST_ROWS: Final = 10
TABLE, FULL_TABLE = (37, 22, 47, 42, 32), (35, 34, 43, 38, 30)  # shares of the width

# It would write letters of clinic names that our fonts lack into the log.
logging.getLogger("fpdf").setLevel(logging.ERROR)

Label = Callable[[str], str]


class Sheet(FPDF):
    """Letter paper with our letters; each page says whose it is and which."""

    def __init__(self, title: str, clinic: str, masked: bool = True) -> None:
        super().__init__(format="letter", enforce_compliance=DocumentCompliance.PDFA_3U)
        self.clinic, self.masked = clinic, masked
        self.set_lang("en-US")
        self.set_title(title)
        self.set_subject(f"Calls of a week; {self.whose}")
        self.set_author(clinic or "PetsVet")
        self.set_creator("PetsVet Call Intelligence")
        self.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, 20)
        self.add_page()

    @property
    def whose(self) -> str:
        """How careful one must be with the paper."""
        return "callers are masked" if self.masked else "with callers’ names: keep it safe"

    def footer(self) -> None:
        """What the library asks for at the end of each page."""
        self.set_y(-14)
        self.set_font(FONT, "", 8)
        self.set_text_color(*MUTED)
        told = f"{self.clinic or 'Weekly report'} · {self.whose} · page {self.page_no()}"
        self.cell(0, 5, told, align="C")


def render_week(report: WeekReport, label: Label, zone: ZoneInfo) -> bytes:
    """The report as a PDF; ``label`` gives the plain words of a code."""
    trends = report.trends
    words = period_words(trends.period)
    sheet = Sheet(f"Weekly report, {words}", report.clinic_name, masked=not report.full)
    _heading(sheet, report, words)
    _tiles(sheet, trends)
    _days(sheet, trends.columns)
    _turnaways(sheet, trends, label)
    _funnel(sheet, trends.totals)
    _lost(sheet, report, label, zone)
    _dangers(sheet, report.dangers)
    _waits(sheet, trends)
    _counts(sheet, "What callers asked for", trends.services, label, trends.comparable)
    _counts(sheet, "Animals", trends.species, label, trends.comparable)
    _notice(sheet, trends)
    return bytes(sheet.output())


def write(
    sheet: Sheet,
    text: str,
    size: float = 10,
    *,
    bold: bool = False,
    ink: tuple[int, int, int] = INK,
) -> None:
    """A paragraph over the width of the page."""
    sheet.set_font(FONT, "B" if bold else "", size)
    sheet.set_text_color(*ink)
    sheet.multi_cell(
        WIDE, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )  # mm per line for points


note = partial(write, size=8.5, ink=MUTED)


def part(sheet: Sheet, title: str, height: float) -> None:
    """The title of a part that wants so many mm; on the next page where this one has not got them."""
    if sheet.will_page_break(height + 16):
        sheet.add_page()
    sheet.ln(6)
    sheet.start_section(title)
    write(sheet, title, 12.5, bold=True)
    sheet.ln(1.5)


def _heading(sheet: Sheet, report: WeekReport, words: str) -> None:
    write(sheet, report.clinic_name or "Weekly report", 10, ink=MUTED)
    sheet.ln(1)
    write(sheet, f"Calls, {words}", 18, bold=True)
    sheet.ln(1)
    if not report.complete:
        note(sheet, "This week is not over; figures will still grow.")
    note(
        sheet,
        "Labels are suggested by software. Nothing counts against a person before a person"
        " confirmed it.",
    )
    sheet.ln(3)


def _tiles(sheet: Sheet, trends: Trends) -> None:
    """The main figures side by side, each with the week before where the box knows it."""
    wide, top = WIDE / 5, sheet.get_y()
    for number, (words, told, ago) in enumerate(_main_figures(trends)):
        before = f"before: {ago}" if trends.comparable else ""
        for text, size, ink, down in (
            (words, 7.5, MUTED, 0.0), (told, 16.0, INK, 4.5), (before, 7.5, MUTED, 12.0),
        ):  # fmt: skip
            sheet.set_xy(MARGIN + number * wide, top + down)
            sheet.set_font(FONT, "B" if text == told else "", size)
            sheet.set_text_color(*ink)
            sheet.cell(wide, size * 0.5, text)
    sheet.set_xy(MARGIN, top + 17)
    this, last = trends.totals, trends.before
    likely = range_words(this.answered, this.calls)
    if likely:
        note(sheet, f"Share answered: likely between {likely}.")
    if trends.comparable:
        told = change_words(this.answered, this.calls, last.answered, last.calls)
        note(sheet, f"Against the week before: {told}.")


def _main_figures(trends: Trends) -> list[tuple[str, str, str]]:
    """Words, this week's figure, and that of the week before."""

    def told(of: Totals) -> tuple[str, ...]:
        return (
            f"{of.calls:,}", share_words(of.answered, of.calls), f"{of.booked:,}", f"{of.lost:,}",
            share_words(of.follow_up.recovered, of.follow_up.missed),
        )  # fmt: skip

    words = ("Calls in", "Answered", "Booked", "Left without care", "Missed, reached in a day")
    return list(zip(words, told(trends.totals), told(trends.before), strict=True))


def _days(sheet: Sheet, columns: Sequence[Column]) -> None:
    """Incoming calls by day: answered below, missed on top, the numbers written above."""
    part(sheet, "Calls that came in, by day", 52)
    top, high = sheet.get_y() + 5, 38.0
    most = axis_top(max((c.answered + c.missed for c in columns), default=0))
    slot = WIDE / max(1, len(columns))
    sheet.set_draw_color(*LINE)
    sheet.line(MARGIN, top + high, MARGIN + WIDE, top + high)
    for number, c in enumerate(columns):
        left, base = MARGIN + number * slot, top + high
        for n, ink in ((c.answered, ACCENT), (c.missed, MISSED)):
            tall = high * n / most
            base -= tall
            sheet.set_fill_color(*ink)
            sheet.rect(left + slot * 0.2, base, slot * 0.6, tall, style="F")
        _centered(sheet, left, base - 4.5, slot, str(c.answered + c.missed))
        _centered(sheet, left, top + high + 1, slot, f"{c.first:%a} {c.first.day}")
    sheet.set_xy(MARGIN, top + high + 7)
    told = ", ".join(f"{c.first:%a} {c.answered} and {c.missed}" for c in columns)
    note(sheet, f"Answered (below) and missed (on top): {told}.")


def _centered(sheet: Sheet, left: float, top: float, wide: float, text: str) -> None:
    sheet.set_xy(left, top)
    sheet.set_font(FONT, "", 8)
    sheet.set_text_color(*INK)
    sheet.cell(wide, 4, text, align="C")


def _bars(
    sheet: Sheet, bars: Iterable[tuple[str, int, str, tuple[int, int, int]]], most: int
) -> None:
    """Rows of words, a bar and its number with what belongs to it."""
    for words, n, told, ink in bars:
        if sheet.will_page_break(6):
            sheet.add_page()
        top = sheet.get_y()
        sheet.set_font(FONT, "", 9)
        sheet.set_text_color(*INK)
        sheet.cell(62, 5.5, words)
        room = WIDE - 62 - 48
        sheet.set_fill_color(*ink)
        if n and most:
            sheet.rect(MARGIN + 62, top + 1, max(0.6, room * n / most), 3.5, style="F")
        sheet.set_xy(MARGIN + 62 + room + 2, top)
        sheet.cell(46, 5.5, told, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _turnaways(sheet: Sheet, trends: Trends, label: Label) -> None:
    part(sheet, "Turned away, by reason", 30)
    if not trends.reasons:
        write(sheet, "Nobody was turned away as far as the software could tell.")
        return
    n, confirmed = sum(c.n for c in trends.reasons), sum(c.confirmed for c in trends.reasons)
    note(sheet, f"{n} suggested by software, {confirmed} of them confirmed by people.")
    sheet.ln(1)
    bars = [
        (
            label(c.code) if c.code != UNKNOWN else UNTOLD["reason"],
            c.n,
            _beside(c, trends.comparable),
            KIND_INKS.get(KIND_OF_REASON.get(c.code, ""), MUTED),
        )
        for c in trends.reasons[: MOST_ROWS + 5]
    ]
    _bars(sheet, bars, max(c.n for c in trends.reasons))


def _funnel(sheet: Sheet, now: Totals) -> None:
    part(sheet, "From call to booking", 34)
    steps = (
        ("Calls that came in", now.calls), ("Answered", now.answered),
        ("Wanted care", now.wanted), ("Were offered a visit", now.offered), ("Booked", now.booked),
    )  # fmt: skip
    bars, whole = [], 0
    for words, n in steps:
        bars.append((words, n, f"{n}   {share_words(n, whole)}" if whole else str(n), ACCENT))
        whole = n
    _bars(sheet, bars, now.calls)
    note(sheet, "Each share is of the step before. End-of-life calls are left out.")


def _lost(sheet: Sheet, report: WeekReport, label: Label, zone: ZoneInfo) -> None:
    """Who wanted care and left without it: when, why, whether reached since."""
    part(sheet, "Wanted care and left without it", 24)
    lost = report.lost
    if not lost:
        write(sheet, "Nobody, as far as the software could tell.")
        return
    shown = lost[: 2 * MOST_ROWS]
    sheet.set_font(FONT, "", 8.5)
    sheet.set_text_color(*INK)
    sheet.set_draw_color(*LINE)
    sheet.set_fill_color(255, 255, 255)  # the table fills its cells with the last color
    with sheet.table(col_widths=FULL_TABLE if report.full else TABLE, line_height=4.6, borders_layout="HORIZONTAL_LINES", text_align="LEFT") as table:  # fmt: skip
        table.row(("When", "Caller", "Reason", "About", "Since then"))
        for told in shown:
            at = told.row.call.started_at.astimezone(zone)
            table.row((
                f"{at:%a} {at:%b} {at.day}, {at:%I:%M %p}".replace(", 0", ", "),
                _who(told.row.call),
                label(told.row.turnaway_reason),
                "" if told.row.intent == UNKNOWN else label(told.row.intent),
                "Reached" if told.reached else "Tried, not reached" if told.tried else "Not reached",
            ))  # fmt: skip
    if len(lost) > len(shown):
        note(sheet, f"The newest of {report.trends.totals.lost:,} such calls.")


def _who(call: Call) -> str:
    parts = (call.caller_name, call.caller_number)
    return ", ".join(part for part in parts if part) or "No number"


def _dangers(sheet: Sheet, dangers: Sequence[Count]) -> None:
    part(sheet, "Safety", 16)
    if not dangers:
        write(sheet, "Nothing was flagged.")
    for count in dangers:
        write(sheet, f"{count.n} × {SAFETY_WORDS[count.code]}")
    if dangers:
        note(sheet, "Suggested by software; those a person rejected are left out.")


SAFETY_WORDS: Final = {
    "safety.red_flag_late": "an emergency may not have been seen the same day",
    "safety.advice": "medical advice may have come from the desk",
    "safety.card_aloud": "a card number was said aloud",
    "safety.identity": "records may have been given without asking who calls",
}


def _waits(sheet: Sheet, trends: Trends) -> None:
    part(sheet, "Reaching the clinic", 22)
    good = trends.totals.follow_up
    ring, waited = trends.ring, trends.waited
    write(sheet, f"Missed calls: {good.missed}, reached within a day: {good.recovered}"
          f" (half of them within {hours_words(good.median_ms)})." if good.recovered else
          f"Missed calls: {good.missed}, reached within a day: {good.recovered}.")  # fmt: skip
    if ring.n:
        write(sheet, f"Answered calls rang {time_words(ring.median_s)} in the middle; nine of ten"
              f" were answered within {time_words(ring.p90_s)}.")  # fmt: skip
    if waited.n:
        write(sheet, f"Callers who hung up while it rang had waited {time_words(waited.median_s)}"
              " in the middle.")  # fmt: skip


def _beside(count: Count, comparable: bool) -> str:
    return f"{count.n:,}   before: {count.before:,}" if comparable else f"{count.n:,}"


def _counts(
    sheet: Sheet, title: str, counts: Sequence[Count], label: Label, comparable: bool
) -> None:
    """The commonest codes as bars; nothing where there are none."""
    shown = [c for c in counts if c.n][:MOST_ROWS]
    if not shown:
        return
    part(sheet, title, 6.0 * len(shown))
    bars = [(label(c.code), c.n, _beside(c, comparable), ACCENT) for c in shown]
    _bars(sheet, bars, max(c.n for c in shown))


def _notice(sheet: Sheet, trends: Trends) -> None:
    part(sheet, "Recording notice", 14)
    yes, no = sum(n.yes for n in trends.notices), sum(n.no for n in trends.notices)
    open_ = sum(n.cannot_tell for n in trends.notices)
    write(sheet, f"Heard in {share_words(yes, yes + no)} of answered calls where it can be told"
          f" ({yes} heard, {no} not heard, {open_} cannot tell).")  # fmt: skip
