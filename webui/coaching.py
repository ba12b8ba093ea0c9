"""Coaching: notes and goals, written by leaders and by the person they are about."""

from datetime import date, datetime

from litestar import post
from litestar.response import Redirect

from appliance.db import Database, writing
from appliance.errors import NotFound, Unusable
from appliance.facts.people import CoachingNote
from appliance.reading.standings import key_of
from appliance.store import coaching, standings
from webui.forms import Form
from webui.people import own_name
from webui.policy import Person, visible_extensions
from webui.security import note

LONGEST_NOTE = 2000
KINDS = ("note", "goal")


@post("/people/{key:str}/notes", name="note_add", opt={"action": "coach"}, sync_to_thread=True)
def note_add(key: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Write a note or set a goal."""
    kind, text, until = data.get("kind", ""), read_text(data), read_day(data.get("until", ""))
    if kind not in KINDS:
        raise Unusable("write a note or a goal")
    with writing(db):
        who = find_person(db, key, person, now)
        coaching.add_note(db, who, kind, text, person.user, now=now, until=until)
        note(db, person, f"add_{kind}", f"person:{who}", now=now)
    return back_to(who, person)


@post("/people/notes/{number:int}", name="note_edit", opt={"action": "coach"}, sync_to_thread=True)
def note_edit(number: int, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Put other words in place, within a day."""
    text = read_text(data)
    with writing(db):
        entry = find_note(db, number, person)
        coaching.edit_note(db, entry, text, person.user, now=now)
        note(db, person, "edit_note", f"person:{entry.who}", now=now, detail={"note": str(number)})
    return back_to(entry.who, person)


@post(
    "/people/notes/{number:int}/reached",
    name="goal_reach",
    opt={"action": "coach"},
    sync_to_thread=True,
)
def goal_reach(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """A goal was reached."""
    with writing(db):
        entry = find_note(db, number, person)
        coaching.reach_goal(db, entry, person.user, now=now)
        note(db, person, "reach_goal", f"person:{entry.who}", now=now, detail={"note": str(number)})
    return back_to(entry.who, person)


def find_person(db: Database, key: str, person: Person, now: datetime) -> str:
    """Whose page this is; somebody of the front desk finds only themselves."""
    if visible_extensions(person.user) is None:
        return standings.find_person(db, key, now=now)
    who = own_name(db, person)
    if not who or key_of(who) != key:
        raise NotFound("there is nobody here of whom calls or notes are known")
    return who


def find_note(db: Database, number: int, person: Person) -> CoachingNote:
    """A note the person may see; any other does not exist for them."""
    entry = coaching.get_note(db, number)
    if visible_extensions(person.user) is not None and entry.who != own_name(db, person):
        raise NotFound("there is no such note")
    return entry


def read_text(data: dict[str, str]) -> str:
    """What was written; raises Unusable where nothing was."""
    text = data.get("text", "").strip()[:LONGEST_NOTE]
    if not text:
        raise Unusable("write something before you save it")
    return text


def read_day(text: str) -> date | None:
    """A day that was chosen, None for none; raises Unusable."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unusable("give a day like 2026-12-04") from None


def back_to(who: str, person: Person) -> Redirect:
    """The page it was written on."""
    leads = visible_extensions(person.user) is None
    return Redirect(f"/people/{key_of(who) if leads else 'me'}#notes", status_code=303)


ROUTES = [note_add, note_edit, goal_reach]
