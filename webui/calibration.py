"""Calibration: sessions of calls drawn by lot, labeled with the suggestion out of sight."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Response, Template

from appliance.db import Database, writing
from appliance.errors import NotFound, Refused
from appliance.facts.calibrations import LABELS, Session
from appliance.facts.calls import Call
from appliance.facts.codes import INTENT_GROUPS, OUTCOMES, TURNAWAY_KINDS
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.store import calibration_results, calibrations, calls, recordings, transcripts
from appliance.store.agreement import get_bar
from appliance.store.rubrics import get_rubric
from appliance.store.settings import get_settings, zone_of
from webui.calls import is_playable, lanes_of, problems_of, turns_of
from webui.forms import Form
from webui.policy import Person
from webui.reviews import tabs_of
from webui.security import note, note_view

HERE = "/review/calibration"
USUAL = frozenset((
    "greeting_name", "pet_name", "empathy", "offers_appointment", "confirms_details",
    "no_medical_advice",
))  # fmt: skip
MOST_ITEMS = 10


@get(HERE, name="calibrations_list", opt={"action": "calibrate"}, sync_to_thread=True)
def calibrations_list(db: Database, person: Person) -> Template:
    """All sessions, and the form that begins one."""
    return _list(db, person)


def _list(db: Database, person: Person, problem: str = "") -> Template:
    context = {
        **tabs_of(db, "calibration"),
        "sessions": calibrations.list_sessions(db),
        "sizes": calibrations.SIZES,
        "items": [item for item in get_rubric(db).items if item.on],
        "usual": USUAL,
        "zone": zone_of(get_settings(db).zone),
        "problem": problem,
        "me": person.user.name,
    }
    return Template("calibrations.html", context=context, status_code=400 if problem else 200)


@post(HERE, name="calibration_begin", opt={"action": "calibrate"}, sync_to_thread=True)
def calibration_begin(
    data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Draw calls and start with the first."""
    try:
        size, items = read_wish(data, {item.name for item in get_rubric(db).items})
        with writing(db):
            number = calibrations.begin(db, size, items, by=person.user.name, now=now)
            note(db, person, "begin_calibration", f"calibration {number}", now=now)
    except Refused as error:
        return _list(db, person, str(error))
    return Redirect(f"{HERE}/{number}", status_code=303)


def read_wish(data: Mapping[str, str], known: set[str]) -> tuple[int, tuple[str, ...]]:
    """How many calls, and which items of the rubric; raises Refused for what there is not."""
    items = tuple(name.removeprefix("item.") for name in data if name.startswith("item."))
    size = data.get("size", "")
    if not set(items) <= known or len(items) > MOST_ITEMS:
        raise Refused(f"choose at most {MOST_ITEMS} things to listen for")
    return int(size) if size.isascii() and size.isdecimal() and len(size) < 5 else 0, items


@post(
    f"{HERE}/{{number:int}}/join",
    name="calibration_join",
    opt={"action": "calibrate"},
    sync_to_thread=True,
)
def calibration_join(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Label the same calls as a second person."""
    with writing(db):
        calibrations.join(db, number, person.user.name, now=now)
        note(db, person, "join_calibration", f"calibration {number}", now=now)
    return Redirect(f"{HERE}/{number}", status_code=303)


@get(
    f"{HERE}/{{number:int}}",
    name="calibration_show",
    opt={"action": "calibrate"},
    sync_to_thread=True,
)
def calibration_show(
    number: int, db: Database, now: datetime, person: Person, at: str = ""
) -> Template | Redirect:
    """The call to label: where the person stopped, or the one that ``at`` names."""
    session = calibrations.get_session(db, number)
    me = session.reader(person.user.name)
    if me is None or me.finished:
        return Redirect(f"{HERE}/{number}/results" if me else HERE, status_code=303)
    place = int(at) if at.isascii() and at.isdecimal() and len(at) < 6 else 0
    chosen = place if place in session.places else session.next_for(me.name)
    if chosen is None:
        context = {"session": session, "done": len(me.done), "call": None}
        return Template("calibration.html", context=context)
    return Template("calibration.html", context=_tell_call(db, session, chosen, person, now))


def _tell_call(
    db: Database, session: Session, place: int, person: Person, now: datetime
) -> dict[str, Any]:
    """One call with everything but what software says of it."""
    call = calls.get_call(db, calibrations.get_place(db, session.number, place).call_id)
    note_view(db, person, "view_call", call.ref, now=now, detail={"for": "calibration"})
    heard = recordings.list_recordings(db, call.id)
    transcript = transcripts.get_transcript(db, call.id)
    me = session.reader(person.user.name)
    told = calibrations.list_answers(db, session.number, person.user.name).get(place, {})
    return {
        "session": session, "place": place, "call": call, "recordings": heard,
        "done": len(me.done) if me else 0, "told": told, "spot": session.places.index(place) + 1,
        "before": max((p for p in session.places if p < place), default=None),
        "after": min((p for p in session.places if p > place), default=None),
        "playable": next((r for r in heard if is_playable(r)), None), "lanes": lanes_of(heard),
        "problems": problems_of(call, heard), "transcript": transcript, "job_problem": "",
        "turns": turns_of(transcript.segments if transcript else ()),
        "zone": zone_of(get_settings(db).zone),
        "items": session.labels[len(LABELS):],
        "kinds": TURNAWAY_KINDS, "intents": INTENT_GROUPS, "outcomes": OUTCOMES,
    }  # fmt: skip


@post(
    f"{HERE}/{{number:int}}/calls/{{place:int}}",
    name="calibration_answer",
    opt={"action": "calibrate"},
    sync_to_thread=True,
)
def calibration_answer(
    number: int, place: int, data: Form, db: Database, now: datetime, person: Person,
    request: Request[Any, Any, Any],
) -> Response[Any]:  # fmt: skip
    """Keep the answers so far; the page sends them at each change, a button goes on."""
    session, by = calibrations.get_session(db, number), person.user.name
    told = read_answers(data, session)
    with writing(db):
        calibrations.save_answers(db, number, place, by, told, now=now)
        note(db, person, "label_call", f"calibration {number}", now=now, detail=_at(place))
    if "hx-request" in request.headers:
        left = len(session.labels) - len(told)
        words = f"Saved. {left} still to answer." if left else "Saved. All answered."
        return Response(words, media_type="text/html", status_code=200)
    after = calibrations.get_session(db, number).next_for(by, place)
    return Redirect(f"{HERE}/{number}{f'?at={after}' if after else ''}", status_code=303)


def _at(place: int) -> dict[str, str]:
    return {"place": str(place)}


def read_answers(data: Mapping[str, str], session: Session) -> dict[str, str]:
    """The labels of a form that are answered; a turnaway needs its reason."""
    told = {label: data[label] for label in session.labels if data.get(label)}
    if told.get("turnaway") == "yes":
        told["turnaway"] = data.get("reason", "")
    return {label: said for label, said in told.items() if said}


@post(
    f"{HERE}/{{number:int}}/finish",
    name="calibration_finish",
    opt={"action": "calibrate"},
    sync_to_thread=True,
)
def calibration_finish(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Let the answers count, and show what software said."""
    with writing(db):
        calibrations.finish(db, number, person.user.name, now=now)
        note(db, person, "finish_calibration", f"calibration {number}", now=now)
    return Redirect(f"{HERE}/{number}/results", status_code=303)


@get(
    f"{HERE}/{{number:int}}/results",
    name="calibration_results",
    opt={"action": "calibrate"},
    sync_to_thread=True,
)
def calibration_results_show(
    number: int, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """What was found; closed to those who still label, because it tells the suggestions."""
    session = calibrations.get_session(db, number)
    me = session.reader(person.user.name)
    finished = [reader for reader in session.readers if reader.finished]
    if (me and not me.finished) or not finished:
        return Redirect(HERE, status_code=303)
    note_view(db, person, "view_calibration", f"calibration {number}", now=now)
    differences = calibration_results.list_differences(db, session)
    context = {
        "session": session, "readers": finished, "bar": get_bar(db),
        "results": calibration_results.tell_results(db, session),
        "labeled": len(finished[0].done), "differences": differences,
        "calls": _calls_of(db, {d.call_id for d in differences}),
        "zone": zone_of(get_settings(db).zone), "none": NOT_TURNED_AWAY,
    }  # fmt: skip
    return Template("calibration_results.html", context=context)


def _calls_of(db: Database, numbers: set[int]) -> dict[int, Call]:
    found: dict[int, Call] = {}
    for number in numbers:
        try:
            found[number] = calls.get_call(db, number)
        except NotFound:  # erased this very moment
            continue
    return found


ROUTES = [
    calibrations_list, calibration_begin, calibration_join, calibration_show, calibration_answer,
    calibration_finish, calibration_results_show,
]  # fmt: skip
