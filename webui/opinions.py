"""The second opinion: its settings, its test, and what a person makes of it on the page of a call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from appliance import opinion_forms, pipeline
from appliance.db import Database, value, writing
from appliance.errors import PetsvetError, Refused
from appliance.facts.calls import Call
from appliance.facts.codes import KIND_OF_REASON
from appliance.facts.opinions import LABELS, Compared, OpinionServer
from appliance.opinion_server import base_of
from appliance.store import calls, opinion_servers, opinions, reviews
from webui import show
from webui.forms import Form
from webui.policy import Person, may
from webui.security import Box, note

SCOPES = (
    ("off", "Off", "Nothing is sent."),
    ("hand", "By hand", "Only calls for which somebody asks on the page of the call."),
    ("turnaways", "Turnaways and unclear calls", "Calls read as turned away, or that the box could not read."),
    ("all", "All calls", "Every call with words, as soon as the box has read it."),
)  # fmt: skip
FORMS = {
    "json_schema": "Keeps to the form",
    "guided_json": "Keeps to the form",
    "json_object": "Answers in JSON, in any form",
    "plain": "Cannot be held to a form",
}
LABEL_TITLES = {
    "intent": "About", "outcome": "Ended with", "turnaway": "Turned away", "urgency": "Urgency",
    "caller_relation": "Caller is",
}  # fmt: skip
EXAMPLE = "http://192.168.1.50:11434/v1"
LONGEST_TEST_MS = 120_000


@get("/settings/opinion", name="opinion_show", opt={"action": "view_settings"}, sync_to_thread=True)
def opinion_show(db: Database, now: datetime, saved: str = "") -> Template:
    """The server as it is set, how it goes with it, and how far both readings agree."""
    return _page(db, now, saved=bool(saved))


@post("/settings/opinion", name="opinion_save", opt={"action": "set_opinion"}, sync_to_thread=True)
def opinion_save(
    data: Form, db: Database, box: Box, now: datetime, person: Person
) -> Template | Redirect:
    """Put it in force; what was typed stays on the page when something is wrong with it."""
    try:
        server = opinion_forms.read_server(data, person.user.name)
        key = opinion_forms.read_new_key(data)
    except PetsvetError as error:
        return _page(db, now, problem=str(error), typed=data)
    with writing(db):
        key = "" if key is None and moves(opinion_servers.get_server(db), server) else key
        opinion_servers.save_server(db, server)
        if key is not None:
            opinion_servers.save_key(db, box.keys.connectors, key)
        if server.scope in ("off", "hand"):
            opinions.drop_wishes(db)
        if server.scope != "off":
            opinions.revive(db, now=now)
        note(db, person, "set_opinion", server.scope, now=now, detail={"to": server.allowed})
    return Redirect("/settings/opinion?saved=1", status_code=303)


def moves(before: OpinionServer, after: OpinionServer) -> bool:
    """Whether another server is meant, which must not be shown the key of this one."""
    return bool(before.url) and (
        not after.url
        or base_of(before.url) != base_of(after.url)
        or before.allowed != after.allowed
    )


@post(
    "/settings/opinion/test",
    name="opinion_test",
    opt={"action": "change_settings"},
    sync_to_thread=True,
)
def opinion_test(db: Database, now: datetime, person: Person) -> Redirect:
    """Have the courier try the server with a made-up call."""
    with writing(db):
        if not opinion_servers.get_server(db).url:
            raise Refused("enter and save the address of the server first")
        pipeline.start_chore(db, "try_opinion", now=now)
        note(db, person, "test_opinion", now=now)
    return Redirect("/settings/opinion#test", status_code=303)


@get(
    "/settings/opinion/test",
    name="opinion_tested",
    opt={"action": "view_settings", "poll": True},
    sync_to_thread=True,
)
def opinion_tested(db: Database, now: datetime) -> Template:
    """The part of the page that waits for the result."""
    return Template("_opinion_test.html", context=_test_context(db, now))


def _test_context(db: Database, now: datetime) -> dict[str, Any]:
    begun = value(
        db,
        "SELECT created_at FROM job WHERE kind = 'try_opinion' AND state IN ('waiting', 'running')",
    )
    return {
        "state": opinion_servers.get_state(db),
        "testing": begun is not None,
        "stuck": begun is not None and now.timestamp() * 1000 - begun > LONGEST_TEST_MS,
        "now": now,
        "forms": FORMS,
        "asked_labels": len(LABELS),
    }


def _page(
    db: Database,
    now: datetime,
    *,
    problem: str = "",
    saved: bool = False,
    typed: Mapping[str, str] | None = None,
) -> Template:
    server = opinion_servers.get_server(db)
    waiting, given_up = opinions.count_waiting(db)
    kept = {name: text for name, text in (typed or {}).items() if name not in ("key", "csrf")}
    context = {
        **_test_context(db, now),
        "server": server,
        "filled": opinion_forms.show_server(server) | kept,
        "has_key": opinion_servers.has_key(db),
        "problem": problem,
        "saved": saved,
        "scopes": SCOPES,
        "example": EXAMPLE,
        "waiting": waiting,
        "given_up": given_up,
        "asked": opinions.count_opinions(db),
        "agreements": opinions.agreements(db),
        "titles": LABEL_TITLES,
    }
    return Template("opinion.html", context=context, status_code=400 if problem else 200)


def opinion_context(db: Database, call: Call, now: datetime, person: Person) -> dict[str, Any]:
    """What the page of a call needs of its second opinion."""
    opinion = opinions.get_opinion(db, call.id)
    judged = reviews.current(db, call.id)
    compared = opinions.compared(db, call.id)
    state = opinion_servers.get_state(db)
    return {
        "opinion": opinion,
        "differing": [(c, judged.get(c.label)) for c in compared if c.differs],
        "agreeing": [c.label for c in compared if not c.differs and c.theirs != "unknown"],
        "abstaining": [c.label for c in compared if c.theirs == "unknown"],
        "opinion_wish": opinions.get_wish(db, call.id),
        "opinion_paused": state.problem if state.rests_at(now) else "",
        "may_ask_opinion": may(person, "ask_opinion")
        and opinion_servers.get_server(db).scope != "off",
        "opinion_titles": LABEL_TITLES,
        "say_label": say_label,
    }


def say_label(compared: Compared, whose: str) -> str:
    """One reading of a label in words, "Capacity: no opening that day"."""
    code = compared.theirs if whose == "theirs" else compared.ours
    if code == "unknown":
        return "could not tell"
    if compared.label == "turnaway":
        kind = KIND_OF_REASON.get(code)
        return show.turnaway_label(kind, code) if kind else "Not turned away"
    return show.label(code)


@post(
    "/calls/{ref:str}/opinion", name="opinion_ask", opt={"action": "ask_opinion"}, sync_to_thread=True
)  # fmt: skip
def opinion_ask(ref: str, db: Database, now: datetime, person: Person) -> Redirect:
    """Have this call asked about, before those that wait."""
    with writing(db):
        if opinion_servers.get_server(db).scope == "off":
            raise Refused("second opinions are switched off in the settings")
        opinions.wish(db, calls.get_call_by_ref(db, ref).id, person.user.name, now=now)
        pipeline.start_chore(db, "ask_opinion", now=now)
        note(db, person, "ask_opinion", ref, now=now)
    return Redirect(f"/calls/{ref}#opinion", status_code=303)


ROUTES = [opinion_show, opinion_save, opinion_test, opinion_tested, opinion_ask]
