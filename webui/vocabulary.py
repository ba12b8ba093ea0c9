"""The clinic's vocabulary: the words the recognizer listens for, in the order in which they matter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.facts.vocabulary import GROUP_TITLES, GROUPS, Term
from appliance.reading.terms import ROOM, count_fitting
from appliance.store import transcripts, vocabulary
from appliance.store.settings import get_settings
from appliance.store.vocabulary import check_term, seen_of
from webui import show
from webui.forms import Form
from webui.policy import Person
from webui.security import note

Asked = Request[Any, Any, Any]
HERE: Final = "/settings/vocabulary"
PAGE: Final = 100
_VIEW: Final = {"action": "view_vocabulary"}
_CHANGE: Final = {"action": "change_vocabulary"}


@get(HERE, name="vocabulary_show", opt=_VIEW, sync_to_thread=True)
def vocabulary_show(request: Asked, db: Database) -> Template:
    """A page of terms, those that matter most first."""
    return _page(db, request.query_params)


def _page(
    db: Database, asked: Mapping[str, str], *, problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Template:  # fmt: skip
    group = asked.get("group", "")
    group = group if group in GROUPS else ""
    text = show.straight(asked.get("q", "")).strip()[:100]
    pages = asked.get("page", "1")
    place = min(int(pages), 1000) if pages.isascii() and pages.isdecimal() and len(pages) < 6 else 1
    skip = (max(1, place) - 1) * PAGE
    found = vocabulary.list_terms(db, group=group, text=text, skip=skip, limit=PAGE + 1)
    choice = {"group": group, "q": text}
    context = {
        **budget(db), "pairs_count": len(get_settings(db).replacements), "tab": "terms", "terms": found[:PAGE], "group": group,
        "q": text, "found": vocabulary.count_terms(db, group=group, text=text),
        "groups": GROUP_TITLES, "counts": vocabulary.count_groups(db), "skip": skip,
        "later": _address(choice, skip // PAGE + 2) if len(found) > PAGE else "",
        "earlier": _address(choice, skip // PAGE) if skip else "",
        "problem": problem, "filled": {**_BLANK, "group": group or "other", **(typed or {})},
        "told": _TOLD.get(asked.get("told", ""), ""),
    }  # fmt: skip
    return Template("vocabulary.html", context=context, status_code=400 if problem else 200)


_BLANK: Final = {"text": "", "note": "", "pinned": ""}
_TOLD: Final = {
    "added": "Added. It counts for calls from now on.",
    "changed": "Saved. It counts for calls from now on.",
    "removed": "Removed. Transcripts made so far stay as they are.",
    "taken": "The list was taken in. It counts for calls from now on.",
}


def _address(choice: Mapping[str, str], place: int) -> str:
    kept = {name: chosen for name, chosen in choice.items() if chosen} | {"page": str(place)}
    return f"{HERE}?{urlencode(kept)}"


def budget(db: Database) -> dict[str, Any]:
    """How much of the vocabulary fits, by estimate, and what the last call really listened for.

    The model alone can count exactly, and the pages never load it.
    """
    listened = get_settings(db).vocabulary
    fitting = count_fitting(listened)
    options = transcripts.last_options(db)
    return {
        "total": vocabulary.count_terms(db),
        "fitting": fitting,
        "fits": frozenset(listened[:fitting]),
        "room": ROOM,
        "taken": options.get("hotwords_taken"),
        "taken_of": options.get("vocabulary"),
    }


@post(HERE, name="term_add", opt=_CHANGE, sync_to_thread=True)
def term_add(
    data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:  # fmt: skip
    """Listen for another term."""
    try:
        term = _typed(data)
        with writing(db):
            number = vocabulary.add_term(db, term, person.user.name, now=now)
            note(
                db, person, "change_vocabulary", f"term {number}", now=now, detail=_act("add", term)
            )
    except Refused as error:
        return _page(db, {}, problem=str(error), typed=data)
    return Redirect(f"{HERE}?told=added&group={term.group}", status_code=303)


def _typed(data: Mapping[str, str]) -> Term:
    return check_term(
        data.get("group", ""), data.get("text", ""), data.get("note", ""),
        pinned="pinned" in data,
    )  # fmt: skip


def _act(act: str, term: Term) -> dict[str, str]:
    return {"act": act, "group": term.group}


@get(f"{HERE}/terms/{{number:int}}", name="term_show", opt=_CHANGE, sync_to_thread=True)
def term_show(number: int, db: Database) -> Template:
    """One term, to be changed or removed."""
    return _term_page(vocabulary.get_term(db, number))


def _term_page(
    term: Term, *, problem: str = "", typed: Mapping[str, str] | None = None
) -> Template:  # fmt: skip
    filled: Mapping[str, Any] = typed or msgspec.structs.asdict(term)
    context = {
        "term": term, "seen": seen_of(term), "groups": GROUP_TITLES, "problem": problem,
        "filled": {**_BLANK, "group": term.group, **filled},
    }  # fmt: skip
    return Template("vocabulary_term.html", context=context, status_code=400 if problem else 200)


@post(f"{HERE}/terms/{{number:int}}", name="term_save", opt=_CHANGE, sync_to_thread=True)
def term_save(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Put what was typed in its place, unless somebody changed it meanwhile."""
    try:
        term = _typed(data)
        with writing(db):
            vocabulary.change_term(db, number, data.get("seen", ""), term)
            note(
                db, person, "change_vocabulary", f"term {number}", now=now,
                detail=_act("change", term),
            )  # fmt: skip
    except Refused as error:
        return _term_page(vocabulary.get_term(db, number), problem=str(error), typed=data)
    return Redirect(f"{HERE}?told=changed&group={term.group}", status_code=303)


@post(f"{HERE}/terms/{{number:int}}/remove", name="term_remove", opt=_CHANGE, sync_to_thread=True)
def term_remove(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Listen for it no more."""
    with writing(db):
        term = vocabulary.get_term(db, number)
        vocabulary.remove_term(db, number)
        note(
            db, person, "change_vocabulary", f"term {number}", now=now, detail=_act("remove", term)
        )  # fmt: skip
    return Redirect(f"{HERE}?told=removed&group={term.group}", status_code=303)


@post(f"{HERE}/terms/{{number:int}}/star", name="term_star", opt=_CHANGE, sync_to_thread=True)
def term_star(number: int, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Listen for it before all others, or no more so."""
    starred = data.get("star") == "yes"
    with writing(db):
        vocabulary.pin_term(db, number, starred)
        term = vocabulary.get_term(db, number)
        act = "star" if starred else "unstar"
        note(db, person, "change_vocabulary", f"term {number}", now=now, detail=_act(act, term))
    group = data.get("back", "")
    return Redirect(f"{HERE}?group={group if group in GROUPS else ''}", status_code=303)


ROUTES = [vocabulary_show, term_add, term_show, term_save, term_remove, term_star]
