"""Corrections on the page of a call: a word, a speaker, who took it, and taking that back."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from appliance import pipeline, queue
from appliance.db import Database, writing
from appliance.errors import NotFound, Refused
from appliance.facts.calls import Call
from appliance.facts.corrections import Correction
from appliance.facts.speech import Segment
from appliance.reading.revising import touches
from appliance.store import calls, corrections, transcripts
from appliance.store.settings import get_settings, zone_of
from appliance.store.transcripts import Stored
from webui.forms import Form
from webui.policy import Person, may
from webui.security import note, note_view

Asked = Request[Any, Any, Any]

SPEAKERS: Final = (
    ("caller", "Caller"),
    ("staff", "Staff"),
    ("ivr", "Announcement"),
    ("unknown", "Cannot tell"),
)
_OTHER_SIDE: Final = {"caller": "staff", "staff": "caller"}
_CHANGED: Final = (
    "this line was changed meanwhile, by another person or by the box; compare, and save again"
)
_RENAMED: Final = "the name was changed meanwhile; look at the call again"


def seen_of(segment: Segment) -> str:
    """What a person who corrects a line looks at; sent back with the correction."""
    told = f"{segment.channel}|{segment.start_ms}|{segment.end_ms}|{segment.speaker}|{segment.text}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def seen_of_all(segments: Sequence[Segment]) -> str:
    """The same for who speaks in the whole call."""
    told = "|".join(seen_of(segment) for segment in segments)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def correction_context(db: Database, call: Call, person: Person, fixed: bool) -> dict[str, Any]:
    """What the page of a call needs of its corrections."""
    standing = corrections.list_corrections(db, call.id)
    stored = transcripts.list_segments(db, call.id)
    return {
        "may_correct": may(person, "correct_call"),
        "marks": {s.holds.index: (s.heard, about(s, standing)) for s in stored if s.heard},
        "unplaced": [c for c in standing if not c.placed],
        "swappable": {s.holds.speaker for s in stored} & set(_OTHER_SIDE) != set(),
        "all_seen": seen_of_all([s.holds for s in stored]),
        "renamed": next((c for c in reversed(standing) if c.kind == "staff_name"), None),
        "staff_seen": _staff_seen(standing),
        "staff_names": [name for _, name in calls.list_staff(db) if not name.isdigit()],
        "rereading": fixed and queue.has_open(db, pipeline.NAMES, call.id),
    }


def about(stored: Stored, standing: Sequence[Correction]) -> list[Correction]:
    """The corrections of a line, the newest first; none where the vocabulary changed it."""
    return [c for c in reversed(standing) if c.placed and touches(c, stored.holds)]


def _staff_seen(standing: Sequence[Correction]) -> str:
    return str(max((c.id for c in standing if c.kind == "staff_name"), default=0))


@get(
    "/calls/{ref:str}/lines/{number:int}",
    name="line_edit",
    opt={"action": "correct_call"},
    sync_to_thread=True,
)
def line_edit(ref: str, number: int, db: Database, now: datetime, person: Person) -> Template:
    """One line to correct, as a page and as the part of one."""
    note_view(db, person, "view_call", ref, now=now)
    call = calls.get_call_by_ref(db, ref)
    return _line_page(db, call, _line_of(db, call, number))


def _line_of(db: Database, call: Call, index: int) -> Stored:
    stored = transcripts.list_segments(db, call.id)
    if not 0 <= index < len(stored):
        raise NotFound("there is no such line; the call may have been listened to again")
    return stored[index]


def _line_page(
    db: Database,
    call: Call,
    line: Stored,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
) -> Template:
    segments = [s.holds for s in transcripts.list_segments(db, call.id)]
    kept = typed or {}
    context = {
        "call": call,
        "zone": zone_of(get_settings(db).zone),
        "line": line.holds,
        "heard": line.heard,
        "seen": seen_of(line.holds),
        "alike": sum(s.speaker == line.holds.speaker for s in segments),
        "text": kept.get("text", line.holds.text),
        "speaker": kept.get("speaker", line.holds.speaker),
        "scope": kept.get("scope", "line"),
        "speakers": SPEAKERS,
        "longest": corrections.LONGEST,
        "problem": problem,
    }
    return Template("line.html", context=context, status_code=409 if problem else 200)


@post(
    "/calls/{ref:str}/lines/{number:int}",
    name="line_correct",
    opt={"action": "correct_call"},
    sync_to_thread=True,
)
def line_correct(
    ref: str, number: int, request: Asked, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Keep what was really said in a line, and by whom."""
    call = calls.get_call_by_ref(db, ref)
    with writing(db):
        line = _line_of(db, call, number)
        stale = data.get("seen") != seen_of(line.holds)
        if not stale:
            keep_line(db, call, line.holds, data, now, person)
    if stale and "hx-request" in request.headers:  # the form stays where it is, with the words
        raise HTTPException(status_code=409, detail=_CHANGED)
    if stale:
        return _line_page(db, call, line, data, _CHANGED)
    return _back(ref, number)


def keep_line(
    db: Database, call: Call, line: Segment, data: Mapping[str, str], now: datetime, person: Person
) -> None:
    """Keep each change of a line as a correction of its own."""
    by, speaker = person.user.name, data.get("speaker", line.speaker)
    text = corrections.read_line(data.get("text", line.text))
    changed = []
    if text != corrections.read_line(line.text):
        corrections.correct_words(db, call.id, line, text, by, now=now)
        changed.append("words")
    if speaker != line.speaker:
        told = _same_side(db, call, line) if data.get("scope") == "all" else [line]
        corrections.correct_speaker(db, call.id, [(s, speaker) for s in told], by, now=now)
        changed.append("speaker")
    if changed:
        _reread(db, call, now, person, changed)


def _same_side(db: Database, call: Call, line: Segment) -> list[Segment]:
    stored = transcripts.list_segments(db, call.id)
    return [s.holds for s in stored if s.holds.speaker == line.speaker]


def _reread(
    db: Database,
    call: Call,
    now: datetime,
    person: Person,
    changed: Sequence[str],
    act: str = "correct_call",
) -> None:
    note(db, person, act, call.ref, now=now, detail={"what": " and ".join(changed)})
    pipeline.reread(db, call.id, now=now)


@post(
    "/calls/{ref:str}/speakers",
    name="speakers_swap",
    opt={"action": "correct_call"},
    sync_to_thread=True,
)
def speakers_swap(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Caller and staff were taken for each other in the whole call."""
    call = calls.get_call_by_ref(db, ref)
    with writing(db):
        segments = [s.holds for s in transcripts.list_segments(db, call.id)]
        if data.get("seen") != seen_of_all(segments):
            raise HTTPException(status_code=409, detail=_CHANGED)
        told = [(s, _OTHER_SIDE[s.speaker]) for s in segments if s.speaker in _OTHER_SIDE]
        if not told:
            raise Refused(
                "nobody in this call is marked as caller or staff; correct a line instead"
            )
        corrections.correct_speaker(db, call.id, told, person.user.name, now=now)
        _reread(db, call, now, person, ["speakers"])
    return _back(ref)


@post(
    "/calls/{ref:str}/staff", name="staff_correct", opt={"action": "correct_call"}, sync_to_thread=True
)  # fmt: skip
def staff_correct(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Somebody else took the call."""
    call = calls.get_call_by_ref(db, ref)
    with writing(db):
        if data.get("seen") != _staff_seen(corrections.list_corrections(db, call.id)):
            raise HTTPException(status_code=409, detail=_RENAMED)
        was = corrections.staff_name_of(db, call.id) or call.staff_name
        name = data.get("staff_name", "")
        corrections.correct_staff_name(db, call.id, was, name, person.user.name, now=now)
        _reread(db, call, now, person, ["staff name"])
    return _back(ref)


@post(
    "/calls/{ref:str}/corrections/{number:int}/undo",
    name="correction_undo",
    opt={"action": "correct_call"},
    sync_to_thread=True,
)
def correction_undo(ref: str, number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Take a correction back; what was recognized, or an earlier correction, holds again."""
    call = calls.get_call_by_ref(db, ref)
    with writing(db):
        kind = corrections.withdraw(db, call.id, number, person.user.name, now=now)
        _reread(db, call, now, person, [kind.replace("_", " ")], "undo_correction")
    return _back(ref)


def _back(ref: str, index: int | None = None) -> Redirect:
    place = "" if index is None else f"#s={index}"
    return Redirect(f"/calls/{ref}?fixed=1{place}", status_code=303)


ROUTES = [line_edit, line_correct, speakers_swap, staff_correct, correction_undo]
