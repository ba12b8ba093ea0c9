"""One item of the worklist and what people do with it; every act is in the log."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import NotFound, Refused, Unusable
from appliance.facts.fees import FeeList
from appliance.facts.work import LOST, RECOVERED, WorkItem
from appliance.reading.money import estimate
from appliance.store import calls, lost, work_acts, worklist
from appliance.store.settings import get_settings, zone_of
from appliance.store.users import User, list_users
from webui.forms import Form
from webui.policy import RULES, Person, may, visible_extensions
from webui.security import note, note_view
from webui.worklist import fees_for, seen

LONGEST_NOTE = 1000
NOTES = ("note", "called")
ENDS = (RECOVERED, LOST)


@get("/worklist/{ref:str}", name="work_view", opt={"action": "view_worklist"}, sync_to_thread=True)
def work_view(ref: str, db: Database, now: datetime, person: Person) -> Template:
    """The item; its number is hidden until it is asked for."""
    item = find_item(db, ref, person)
    note_view(db, person, "view_item", subject_of(item), now=now)
    return show_item(db, item, person, now)


def find_item(db: Database, ref: str, person: Person) -> WorkItem:
    """An item the person may see; raises NotFound for any other."""
    mine = visible_extensions(person.user)
    return worklist.get_item(db, ref, user_id=person.user.id, extensions=mine)


def subject_of(item: WorkItem) -> str:
    """What the log calls an item."""
    return f"item:{item.ref}"


def show_item(
    db: Database, item: WorkItem, person: Person, now: datetime, *, number: str = ""
) -> Template:
    """The page of an item; ``number`` where it may be shown in full."""
    fees: FeeList = fees_for(db, person)
    is_leader = visible_extensions(person.user) is None
    told = seen(db, item, person, fees, now)
    context = {
        "seen": told, "item": item, "now": now, "zone": zone_of(get_settings(db).zone),
        "number": number, "fees": fees, "worth": estimate(fees, item.intent, item.kind),
        "is_leader": is_leader, "works": item.to_do and may_work(item, person),
        "may_take": item.to_do and may_take(item, person),
        "may_reveal": told.knows and may(person, "reveal_number") and bool(item.number),
        "people": workers(db) if is_leader else [], "me": person.user.id,
        "calls": [c for c in worklist.calls_of(db, item.id) if is_leader or sees(c[3], person)],
        "shows": is_leader and item.shown_ref,
        "notes": work_acts.list_notes(db, item.id) if told.knows else [],
    }  # fmt: skip
    return Template("work_item.html", context=context)


def sees(extension: str, person: Person) -> bool:
    """Whether a call taken at an extension is one the person may see."""
    mine = visible_extensions(person.user)
    return mine is None or (extension != "" and extension in mine)


def may_work(item: WorkItem, person: Person) -> bool:
    """Leaders work on every item, others on their own."""
    return visible_extensions(person.user) is None or item.owner_id == person.user.id


def may_take(item: WorkItem, person: Person) -> bool:
    """Nobody takes from another what a leader may give."""
    if item.owner_id == person.user.id:
        return False
    return item.owner_id is None or visible_extensions(person.user) is None


def workers(db: Database) -> list[User]:
    """Who can be given an item."""
    return [u for u in list_users(db) if u.role in RULES["work_items"] and not u.disabled]


def only_own(item: WorkItem, person: Person) -> None:
    """Raises Refused for an item somebody else works on."""
    if not may_work(item, person):
        raise Refused("take this item first; then it is yours to work on")


def back_to(item: WorkItem) -> Redirect:
    """The item's page."""
    return Redirect(f"/worklist/{item.ref}", status_code=303)


@post(
    "/worklist/{ref:str}/take", name="work_take", opt={"action": "work_items"}, sync_to_thread=True
)
def work_take(ref: str, db: Database, now: datetime, person: Person) -> Redirect:
    """It is mine from now on."""
    with writing(db):
        item = find_item(db, ref, person)
        if not may_take(item, person):
            raise Refused("somebody has taken this item already; the office manager can move it")
        work_acts.assign(db, item, person.user.id, person.user.name, now=now, text=person.user.name)
        note(db, person, "take_item", subject_of(item), now=now)
    return back_to(item)


@post(
    "/worklist/{ref:str}/assign",
    name="work_assign",
    opt={"action": "assign_items"},
    sync_to_thread=True,
)
def work_assign(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Give it to somebody, or back to all."""
    with writing(db):
        item = find_item(db, ref, person)
        owner = next((u for u in workers(db) if str(u.id) == data.get("owner", "")), None)
        if owner is None and data.get("owner"):
            raise Unusable("choose somebody who may work on the list")
        name = owner.name if owner else ""
        work_acts.assign(
            db, item, owner.id if owner else None, person.user.name, now=now, text=name
        )
        note(db, person, "assign_item", subject_of(item), now=now, detail={"to": name})
    return back_to(item)


@post("/worklist/{ref:str}/due", name="work_due", opt={"action": "work_items"}, sync_to_thread=True)
def work_due(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Say when it is due."""
    due = read_moment(data.get("due", ""), zone_of(get_settings(db).zone))
    with writing(db):
        item = find_item(db, ref, person)
        only_own(item, person)
        work_acts.set_due(db, item, due, person.user.name, now=now)
        detail = {"due": due.isoformat(timespec="minutes")}
        note(db, person, "set_due", subject_of(item), now=now, detail=detail)
    return back_to(item)


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment typed on the clinic's clock, in UTC; raises Unusable."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable("give a day and a time, like 2026-11-22T16:00") from None
    if local.tzinfo or not 2000 <= local.year < 2200:
        raise Unusable("give a day and a time of this century")
    return local.replace(tzinfo=zone).astimezone(UTC)


@post(
    "/worklist/{ref:str}/note", name="work_note", opt={"action": "work_items"}, sync_to_thread=True
)
def work_note(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """A note, a try to call, or how it ended."""
    what, text = data.get("what", ""), typed(data, "text")
    with writing(db):
        item = find_item(db, ref, person)
        only_own(item, person)
        if what in ENDS:
            work_acts.close(db, item, what, person.user.name, now=now, text=text)
        elif what in NOTES and (text or what != "note"):
            work_acts.add_note(db, item, what, person.user.name, now=now, text=text)
        else:
            raise Unusable("write the note before you save it")
        note(db, person, "work_on_item", subject_of(item), now=now, detail={"what": what})
    return Redirect(f"/worklist?closed={ref}", status_code=303) if what in ENDS else back_to(item)


def typed(data: dict[str, str], name: str) -> str:
    """What was written in a field, as long as a note may be."""
    return data.get(name, "").strip()[:LONGEST_NOTE]


@post(
    "/worklist/{ref:str}/reject",
    name="work_reject",
    opt={"action": "judge_items"},
    sync_to_thread=True,
)
def work_reject(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """It was no lost booking: a verdict on its calls, with a reason."""
    reason = typed(data, "reason")
    if not reason:
        raise Unusable("say in a few words why this was no lost booking")
    with writing(db):
        item = find_item(db, ref, person)
        work_acts.reject(db, item, person.user.name, reason, now=now)
        note(db, person, "reject_item", subject_of(item), now=now)
    return Redirect(f"/worklist?closed={ref}", status_code=303)


@post(
    "/worklist/{ref:str}/reopen",
    name="work_reopen",
    opt={"action": "work_items"},
    sync_to_thread=True,
)
def work_reopen(ref: str, db: Database, now: datetime, person: Person) -> Redirect:
    """It is not done after all."""
    with writing(db):
        item = find_item(db, ref, person)
        only_own(item, person)
        work_acts.open_again(db, item, person.user.name, now=now)
        note(db, person, "reopen_item", subject_of(item), now=now)
    return back_to(item)


@post(
    "/worklist/{ref:str}/number",
    name="work_number",
    opt={"action": "reveal_number"},
    sync_to_thread=True,
)
def work_number(
    ref: str, request: Request[Any, Any, Any], db: Database, now: datetime, person: Person
) -> Template:
    """The number in full; the log knows before it is shown."""
    item = find_item(db, ref, person)
    if not seen(db, item, person, FeeList(), now).knows:
        raise Refused("take this item first; then you see the number to call")
    note_view(db, person, "reveal_number", subject_of(item), now=now)
    if "hx-request" in request.headers:
        return Template("_work_number.html", context={"number": item.number})
    return show_item(db, item, person, now, number=item.number)


@post("/missed/{ref:str}/add", name="missed_add", opt={"action": "work_items"}, sync_to_thread=True)
def missed_add(ref: str, db: Database, now: datetime, person: Person) -> Redirect:
    """Put a missed caller on the list, as one's own."""
    call = calls.get_call_by_ref(db, ref)
    if call.direction != "in" or call.answer_state in ("answered", "internal"):
        raise NotFound("there is no such missed call")
    with writing(db):
        lost.settle_call(db, call.id, now=now, by_hand=True)
        item = worklist.item_of_call(db, call.id)
        if item is None:
            raise Refused(
                "this call cannot be put on the list; somebody said it was none to return"
            )
        note(db, person, "add_missed", ref, now=now, detail={"item": item.ref})
        if item.to_do and may_take(item, person):
            me = person.user
            work_acts.assign(db, item, me.id, me.name, now=now, text=me.name)
    return back_to(item)


ROUTES = [
    work_view, work_take, work_assign, work_due, work_note, work_reject, work_reopen, work_number,
    missed_add,
]  # fmt: skip
