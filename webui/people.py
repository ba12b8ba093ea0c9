"""People: how everybody does on the phone, fairly; one person; and one's own page.

Leaders see everybody. Somebody of the front desk sees the same facts of their own and nothing of
others: what others get is told to them only where it does not give a single colleague away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from litestar import get
from litestar.response import Template

from appliance.db import Database
from appliance.facts.people import FEWEST, HANDLING, PEOPLE_ITEMS, Comparison, ItemRow, Rate
from appliance.reading.flags import SAFETY_OF_RUBRIC
from appliance.reading.standings import WEEKS, Board, is_crowd, key_of, people_rows
from appliance.store import coaching, examples, standings
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.policy import Person, visible_extensions
from webui.reviews import Chosen
from webui.security import note_view

FIRST_ITEM: Final = "offers_appointment"
ITEM_LABELS: Final = {HANDLING: "Keeps callers who want a visit"}
VERDICTS: Final = {
    "above": "Above usual", "below": "Below usual", "usual": "About usual",
    "open": "Open until reviewed", "few": "Too few to compare",
}  # fmt: skip


@get("/people", name="people_list", opt={"action": "view_people"}, sync_to_thread=True)
def people_list(db: Database, now: datetime, person: Person, item: str = "") -> Template:
    """Everybody by name, with one item beside them, and a table of all items."""
    items = standings.countable_items(db)
    chosen = next((code for code in (item, FIRST_ITEM, *items) if code in items), "")
    note_view(db, person, "view_people", now=now, detail={"item": chosen} if chosen else None)
    board = standings.get_board(db, now=now)
    ready, few = people_rows(board, chosen or HANDLING)
    context = {
        "items": items, "item": chosen, "ready": ready, "few": few, "weeks": WEEKS,
        "fewest": FEWEST, "table": table_of(board, items),
        "desks": {row.who: standings.extension_of(db, row.who) for row in (*ready, *few)},
        "left_out": len(PEOPLE_ITEMS) - len(items),
        "clinic": standings.clinic_turnaways(db, now=now), "handles": HANDLING in items,
    }  # fmt: skip
    return Template("people.html", context=context)


def table_of(board: Board, items: list[str]) -> list[tuple[str, list[Rate]]]:
    """Each item with everybody's rate, items nobody was judged on left out."""
    rows = [(item, list(board.rates(item).values())) for item in items]
    return [(item, rates) for item, rates in rows if any(r.judged or r.waiting for r in rates)]


@get("/people/me", name="person_me", opt={"action": "view_me"}, sync_to_thread=True)
def person_me(db: Database, now: datetime, person: Person) -> Template:
    """One's own page."""
    who = own_name(db, person)
    if not who:
        return Template("person_none.html")
    return show_person(db, who, person, now)


def own_name(db: Database, person: Person) -> str:
    """Who the person is on the phone, "" for somebody without an extension."""
    return standings.person_of(db, person.user.staff_extension, person.user.name)


@get("/people/{key:str}", name="person_view", opt={"action": "view_people"}, sync_to_thread=True)
def person_view(key: str, db: Database, now: datetime, person: Person) -> Template:
    """One person."""
    return show_person(db, standings.find_person(db, key, now=now), person, now)


def show_person(db: Database, who: str, person: Person, now: datetime) -> Template:
    """Items, types of calls, notes, goals and examples of somebody; the look is in the log."""
    note_view(db, person, "view_person", f"person:{who}", now=now)
    board, items = standings.get_board(db, now=now), standings.countable_items(db)
    leads = visible_extensions(person.user) is None
    calls, talk_ms = board.calls().get(who, (0, 0))
    notes = coaching.list_notes(db, who)
    context = {
        "who": who, "key": key_of(who), "leads": leads, "now": now, "weeks": WEEKS,
        "zone": zone_of(get_settings(db).zone), "calls": calls, "talk_ms": talk_ms,
        "rows": rows_of(board, items, who), "compares": leads or is_crowd(board),
        "types": board.types(who) if calls else [], "fewest": FEWEST,
        "left_out": len(PEOPLE_ITEMS) - len(items),
        "notes": [n for n in notes if n.kind == "note"],
        "goals": [n for n in notes if n.kind == "goal"],
        "may_edit": lambda entry: coaching.may_edit(entry, person.user, now),
        "examples": examples.list_of_person(db, who),
        "extension": standings.extension_of(db, who),
    }  # fmt: skip
    return Template("person.html", context=context)


def rows_of(board: Board, items: list[str], who: str) -> list[ItemRow]:
    """The items this person was seen at."""
    if who not in board.people:
        return []
    rows = [board.rows(item)[who] for item in items]
    return [row for row in rows if row.rate.judged or row.rate.waiting]


def item_label(item: str, words: Mapping[str, str]) -> str:
    """What an item asks; ``words`` are what the clinic calls its items."""
    return ITEM_LABELS.get(item) or show.rubric_label(item, words)


def rate_words(rate: Rate) -> str:
    """92 %; or that there are too few."""
    return f"{show.percent(rate.share)}\u00a0%" if rate.enough else few_words(rate)


def few_words(rate: Rate) -> str:
    """n = 7, too few."""
    return f"n = {rate.judged}, too few"


def interval_words(rate: Rate) -> str:
    """85–96 %."""
    return f"{show.percent(rate.low)}–{show.percent(rate.high)}\u00a0%"


def review_href(item: str, extension: str) -> str:
    """Where what waits of one item and one person is reviewed; "" for a person without extension."""
    what = item if item == HANDLING else SAFETY_OF_RUBRIC.get(item, f"rubric.{item}")
    return Chosen(when="weeks", staff=extension, what=what).address() if extension else ""


def waiting_words(rate: Rate) -> str:
    """12 waiting, at least 86 %: what the share would be if all of them were confirmed."""
    told = f"{rate.waiting} waiting for review"
    return f"{told}, at least {show.percent(rate.least)}\u00a0%" if rate.enough else told


def comparison_words(comparison: Comparison) -> str:
    """How a rate stands to what this mix of calls usually gets."""
    return VERDICTS[comparison.verdict]


def gap_words(comparison: Comparison) -> str:
    """−3 to +4 points: the 95 % interval of the difference to what is usual."""
    low, high = (round(100 * end) for end in (comparison.low, comparison.high))
    return f"{low:+d} to {high:+d} points".replace("-", "\u2212").replace("+0", "0")


def weeks_words(weeks: tuple[Rate, ...]) -> str:
    """The weeks for those who do not see the drawing."""
    told = (
        f"{show.percent(w.share)}\u00a0% of {w.judged}" if w.tells else f"{w.judged}, too few"
        for w in weeks
    )  # fmt: skip
    return "By week, oldest first: " + "; ".join(told)


def height(share: float) -> str:
    """Where a share is drawn, from 4 at the top to 44."""
    return f"{44 - 40 * share:.1f}"


def talk_words(milliseconds: int) -> str:
    """3 h 12 min."""
    hours, minutes = divmod(round(milliseconds / 60_000), 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min"


def note_day(value: Any) -> str:
    """December 4, 2026, of a date."""
    return f"{value:%B} {value.day}, {value.year}"


FILTERS = {
    shower.__name__: shower
    for shower in (
        item_label, review_href, rate_words, few_words, waiting_words, interval_words, comparison_words, gap_words, weeks_words, height,
        talk_words, note_day, key_of,
    )
}  # fmt: skip
ROUTES = [people_list, person_me, person_view]
