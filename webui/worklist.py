"""The worklist: callers who left without what they wanted, by tab, with the week in one sentence."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Template

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.codes import TURNAWAY_KINDS
from appliance.facts.fees import FeeList, WeekSum
from appliance.facts.work import Quote, WorkFilter, WorkItem, WorkNote
from appliance.reading.money import as_range, estimate, monday, week_sums
from appliance.store import worklist
from appliance.store.fees import get_fees
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.policy import Person, may, visible_extensions
from webui.security import note_view

TABS: Final = (
    ("todo", "To do"),
    ("mine", "Mine"),
    ("missed", "Missed, not reached"),
    ("done", "Done"),
)
WEEKS: Final = 4
MISSED_DAYS: Final = 14
CURSOR = re.compile(r"\d{1,14}\.\d{1,15}", re.ASCII)
REF = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Seen(Fact, frozen=True, kw_only=True):
    """An item as one person may see it.

    ``knows``: who called and why, for leaders, the owner and those who took one of the calls;
    ``hears``: the words too, for leaders and whoever took that very call.
    """

    item: WorkItem
    knows: bool
    hears: bool
    late: bool
    quote: Quote | None = None
    worth: str = ""


def seen(db: Database, item: WorkItem, person: Person, fees: FeeList, now: datetime) -> Seen:
    """What of an item is shown to a person; ``fees`` must be empty for those who see no money."""
    mine = visible_extensions(person.user)
    knows = (
        mine is None
        or item.owner_id == person.user.id
        or worklist.takes_part(db, item.id, mine)
    )  # fmt: skip
    hears = mine is None or (item.staff_extension != "" and item.staff_extension in mine)
    worth = estimate(fees, item.intent, item.kind)
    return Seen(
        item=item,
        knows=knows,
        hears=hears,
        late=item.to_do and item.due_at < now,
        quote=worklist.quote_of(db, item.call_id) if hears else None,
        worth=as_range(worth.low, worth.high, fees.currency) if worth else "",
    )


def fees_for(db: Database, person: Person) -> FeeList:
    """The fee list, empty for those who are shown no money."""
    return get_fees(db) if may(person, "view_fees") else FeeList()


@get("/worklist", name="worklist_show", opt={"action": "view_worklist"}, sync_to_thread=True)
def worklist_show(
    request: Request[Any, Any, Any], db: Database, now: datetime, person: Person
) -> Template:
    """A tab of the list, or the rows alone when more of them follow."""
    query = request.query_params
    tab = query.get("tab", "") if query.get("tab") in dict(TABS) else "todo"
    kind = query.get("kind", "") if query.get("kind") in TURNAWAY_KINDS else ""
    after = query.get("after", "") if CURSOR.fullmatch(query.get("after", "")) else ""
    note_view(db, person, "view_worklist", now=now, detail={"tab": tab})
    context = {
        "tab": tab, "tabs": TABS, "kind": kind, "kinds": list(TURNAWAY_KINDS), "now": now,
        "zone": zone_of(get_settings(db).zone), "counts": count_tabs(db, person),
        "closed": query.get("closed", "") if REF.fullmatch(query.get("closed", "")) else "",
        "is_leader": visible_extensions(person.user) is None,
    }  # fmt: skip
    rows, cursor = rows_of(db, tab, kind, after, person, now)
    address = {"tab": tab, "kind": kind, "after": cursor}
    told = {"rows": rows, "more": f"/worklist?{_query(address)}" if cursor else ""}
    if "hx-request" in request.headers and request.headers.get("hx-target") == "more":
        return Template("_worklist_rows.html", context=context | told)
    return Template("worklist.html", context=context | told | tell_week(db, person, now))


def _query(parts: dict[str, str]) -> str:
    return urlencode({name: told for name, told in parts.items() if told})


def filter_of(tab: str, kind: str, person: Person) -> WorkFilter:
    """What of the list a tab shows to a person."""
    return WorkFilter(
        done=tab == "done",
        kind=kind,
        owner_id=person.user.id if tab == "mine" else None,
        user_id=person.user.id,
        extensions=visible_extensions(person.user),
    )


def rows_of(
    db: Database, tab: str, kind: str, after: str, person: Person, now: datetime
) -> tuple[list[Any], str]:
    """A page of a tab, and the cursor of the next."""
    if tab == "missed":
        return worklist.list_missed(db, now - timedelta(days=MISSED_DAYS), before=after)
    found, cursor = worklist.list_items(db, filter_of(tab, kind, person), after=after)
    fees = fees_for(db, person)
    return [seen(db, item, person, fees, now) for item in found], cursor


def count_tabs(db: Database, person: Person) -> dict[str, str]:
    """How much there is to do, as the tabs tell it."""
    counted = {
        tab: worklist.count_items(db, filter_of(tab, "", person), most=100)
        for tab in ("todo", "mine")
    }
    return {tab: "99+" if count > 99 else str(count) for tab, count in counted.items()}


def tell_week(db: Database, person: Person, now: datetime) -> dict[str, Any]:
    """This week and the ones before it, for those who see everybody's calls."""
    if visible_extensions(person.user) is not None:
        return {"weeks": [], "fees": FeeList()}
    fees, zone = get_fees(db), zone_of(get_settings(db).zone)
    return {"weeks": last_weeks(db, fees, zone, now), "fees": fees}


def last_weeks(db: Database, fees: FeeList, zone: ZoneInfo, now: datetime) -> list[WeekSum]:
    """The sums of the last weeks, this one first."""
    first = monday(now, zone) - timedelta(days=7 * (WEEKS - 1))
    since = datetime.combine(first, time.min, zone).astimezone(UTC)
    return week_sums(worklist.week_rows(db, since), fees, zone, now, WEEKS)


def moment_words(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Today, 4:00 PM; Tomorrow, 10:00 AM; Mon, Nov 23, 6:00 PM."""
    local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    near = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get((local - today).days)
    year = "" if local.year == today.year else f", {local.year}"
    return f"{near or f'{local:%a, %b} {local.day}{year}'}, {show.clock(moment, zone)}"


def span_words(milliseconds: int) -> str:
    """25 min, 3 h, 2 days: how long something took, in one unit."""
    minutes = round(milliseconds / 60_000)
    if minutes < 90:
        return f"{max(1, minutes)} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def end_words(item: WorkItem) -> str:
    """How an item was closed: Recovered in 3 h, called back."""
    if item.state == "recovered":
        span = f" in {span_words(item.after_ms)}" if item.after_ms is not None else ""
        return f"Recovered{span}"
    return show.label(f"work.{item.state}")


def note_words(entry: WorkNote, zone: ZoneInfo, now: datetime) -> str:
    """What happened to an item, as a person would tell it."""
    told = NOTES.get(entry.what, "")
    if entry.what == "due":
        return f"{told} {moment_words(datetime.fromisoformat(entry.text), zone, now)}"
    if entry.what == "assigned":
        return f"{told} {entry.text}" if entry.text else "Given back to all"
    words = show.label(f"how.{entry.text}") if not entry.by and entry.text else entry.text
    return ": ".join(part for part in (told, words) if part)


def dialable(number: str) -> str:
    """A number as a telephone takes it: digits and a leading plus, nothing a caller made up."""
    digits = re.sub(r"[^0-9*#]", "", number, flags=re.ASCII)
    return f"+{digits}" if number.strip().startswith("+") else digits


NOTES: Final = {
    "assigned": "Given to",
    "due": "Due set to",
    "note": "",
    "called": "Called, not reached",
    "recovered": "Recovered",
    "lost": "Could not be recovered",
    "not_lost": "Not a lost booking",
    "rejected": "Not a lost booking",
    "reopened": "Opened again",
}
FILTERS = {
    "note_words": note_words,
    "dialable": dialable,
    "moment_words": moment_words,
    "span_words": span_words,
    "end_words": end_words,
    "as_range": as_range,
}
ROUTES = [worklist_show]
