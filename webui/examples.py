"""Good examples: marking a place in a call, and the library everybody at the desk may read.

A shared example gives nobody a way to a call that is not theirs: the sound and the caller's words
stay where they were. What is shared is a text. The box drafts it from what staff said, with names
and numbers masked, and a leader reads and corrects it before it goes out. Whoever may open the call
itself (leaders; the person whose call it is) finds a link that plays the place.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import NotFound, Unusable
from appliance.facts.calls import Call
from appliance.facts.people import PEOPLE_ITEMS
from appliance.facts.speech import Segment
from appliance.reading.masking import draft_quote
from appliance.reading.standings import is_grief
from appliance.store import analyses, calls, examples, transcripts
from appliance.store.reviews import current
from appliance.store.settings import get_settings, zone_of
from webui.forms import Form
from webui.policy import Person, visible_extensions
from webui.security import note, note_view

LONGEST_TEXT: Final = 2000
LONGEST_CLIP: Final = 30  # segments


@get("/people/examples", name="examples_list", opt={"action": "view_examples"}, sync_to_thread=True)
def examples_list(
    db: Database, now: datetime, person: Person, item: str = "", before: str = ""
) -> Template:
    """The library, newest first."""
    item = item if item in PEOPLE_ITEMS else ""
    note_view(db, person, "view_examples", now=now)
    since = int(before) if before.isascii() and before.isdecimal() and len(before) < 15 else 0
    found, further = examples.list_shared(db, item=item, before=since)
    context = {
        "examples": found, "item": item, "items": PEOPLE_ITEMS, "further": further,
        "zone": zone_of(get_settings(db).zone), "extensions": visible_extensions(person.user),
    }  # fmt: skip
    return Template("examples.html", context=context)


@get(
    "/calls/{ref:str}/example",
    name="example_new",
    opt={"action": "mark_example"},
    sync_to_thread=True,
)
def example_new(
    ref: str, db: Database, now: datetime, person: Person, first: str = "", last: str = ""
) -> Template:
    """Choose the lines; then read what would be shared."""
    call, said = find_call(db, ref)
    note_view(db, person, "view_call", ref, now=now)
    chosen = choose(said, first, last) if first else []
    context = {
        "call": call, "said": said, "chosen": chosen, "items": PEOPLE_ITEMS,
        "zone": zone_of(get_settings(db).zone), "draft": draft_of(db, call, said, chosen),
        "clip": LONGEST_CLIP, "marked": examples.list_of_call(db, call.id),
    }  # fmt: skip
    return Template("example_new.html", context=context)


@post(
    "/calls/{ref:str}/example",
    name="example_add",
    opt={"action": "mark_example"},
    sync_to_thread=True,
)
def example_add(ref: str, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Mark the place, with or without sharing its text."""
    call, said = find_call(db, ref)
    chosen = choose(said, data.get("first", ""), data.get("last", ""))
    item, quote = data.get("item", ""), data.get("quote", "").strip()[:LONGEST_TEXT]
    shared = data.get("shared") == "yes"
    if shared and not quote:
        raise Unusable("there is no text to share; write down what staff said, without names")
    with writing(db):
        examples.add_example(
            db, call.id, item=item if item in PEOPLE_ITEMS else "",
            segments=(chosen[0].index, chosen[-1].index), quote=quote, shared=shared,
            note=data.get("note", "").strip()[:LONGEST_TEXT], by=person.user.name, now=now,
        )  # fmt: skip
        note(db, person, "mark_example", ref, now=now, detail={"shared": "yes" if shared else "no"})
    return Redirect("/people/examples" if shared else f"/calls/{ref}", status_code=303)


@post(
    "/people/examples/{number:int}/remove",
    name="example_remove",
    opt={"action": "remove_example"},
    sync_to_thread=True,
)
def example_remove(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Take an example back."""
    with writing(db):
        example = examples.get_example(db, number)
        examples.remove_example(db, number)
        note(db, person, "remove_example", example.call_ref, now=now)
    back = "/people/examples" if example.shared else f"/calls/{example.call_ref}/example"
    return Redirect(back, status_code=303)


def find_call(db: Database, ref: str) -> tuple[Call, Sequence[Segment]]:
    """A call with words that may become an example; calls of grief never do."""
    call = calls.get_call_by_ref(db, ref)
    transcript, analysis = (
        transcripts.get_transcript(db, call.id),
        analyses.get_analysis(db, call.id),
    )
    if transcript is None or not transcript.segments:
        raise NotFound("this call has no words that could be an example")
    if analysis:
        said = current(db, call.id).get("intent")
        if is_grief(said.value if said else analysis.intent, analysis):
            raise NotFound("calls about the end of a life are left out of everything about people")
    return call, transcript.segments


def choose(said: Sequence[Segment], first: str, last: str) -> list[Segment]:
    """The lines from … to …; raises Unusable for none or too many."""
    known = {str(segment.index): segment.index for segment in said}
    if first not in known or last not in known or known[first] > known[last]:
        raise Unusable("choose the first and the last line; the last is not before the first")
    chosen = [s for s in said if known[first] <= s.index <= known[last]]
    if len(chosen) > LONGEST_CLIP:
        raise Unusable(f"an example is at most {LONGEST_CLIP} lines long")
    return chosen


def draft_of(db: Database, call: Call, said: Sequence[Segment], chosen: Sequence[Segment]) -> str:
    """What would be shared of these lines."""
    analysis, clinic = analyses.get_analysis(db, call.id), get_settings(db)
    staff = [name for _, name in calls.list_staff(db)]
    return draft_quote(
        chosen,
        analysis.pii if analysis else (),
        call=said,
        keep=(*staff, clinic.clinic_name, *clinic.clinic_names),
        hide=(call.caller_name,),
    )


def opens(example: Any, extensions: tuple[str, ...] | None) -> bool:
    """Whether somebody who sees these extensions may open the call of an example."""
    return extensions is None or (
        example.staff_extension != "" and example.staff_extension in extensions
    )


FILTERS = {"opens": opens}
ROUTES = [examples_list, example_new, example_add, example_remove]
