"""What is meant for what is heard, and words that the box suggests for the vocabulary."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.facts.vocabulary import GROUP_TITLES
from appliance.store import replacements, vocabulary, word_suggestions
from appliance.store.search import MOST_COUNTED, count_lines
from appliance.store.settings import get_settings, zone_of
from appliance.store.word_suggestions import Suggestion
from webui.forms import Form
from webui.policy import Person, may
from webui.security import note
from webui.vocabulary import HERE as VOCABULARY

HERE: Final = f"{VOCABULARY}/replacements"
SUGGESTIONS: Final = f"{VOCABULARY}/suggestions"
_VIEW: Final = {"action": "view_vocabulary"}
_CHANGE: Final = {"action": "change_vocabulary"}
_WEIGH: Final = {"action": "weigh_words"}


@get(HERE, name="replacements_show", opt=_VIEW, sync_to_thread=True)
def replacements_show(db: Database, told: str = "") -> Template:
    """All of them, and a form for another."""
    return _page(db, told=_TOLD.get(told, ""))


_TOLD: Final = {
    "added": "Added. It counts for calls from now on.",
    "removed": "Removed. Calls heard from now on are left as they are heard.",
}


def _page(
    db: Database, *, problem: str = "", told: str = "",
    typed: Mapping[str, str] | None = None, lines: int | None = None,
) -> Template:  # fmt: skip
    context = {
        "tab": "replacements", "pairs": replacements.list_replacements(db),
        "most": replacements.MOST_PAIRS, "problem": problem, "told": told, "lines": lines,
        "capped": MOST_COUNTED, "filled": {"heard": "", "meant": ""} | dict(typed or {}),
        "zone": zone_of(get_settings(db).zone), "looked": typed is not None and not problem,
    }  # fmt: skip
    return Template("replacements.html", context=context, status_code=400 if problem else 200)


@post(HERE, name="replacement_add", opt=_CHANGE, sync_to_thread=True)
def replacement_add(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Look at what it would change, or put it in force."""
    heard, meant = data.get("heard", ""), data.get("meant", "")
    try:
        if data.get("do") != "save":
            return _look(db, data, heard, meant, person, now)
        with writing(db):
            number = replacements.add_replacement(db, heard, meant, person.user.name, now=now)
            note(
                db, person, "change_vocabulary", f"replacement {number}", now=now,
                detail={"act": "add"},
            )  # fmt: skip
    except Refused as error:
        return _page(db, problem=str(error), typed=data)
    return Redirect(f"{HERE}?told=added", status_code=303)


def _look(
    db: Database, data: Mapping[str, str], heard: str, meant: str, person: Person, now: datetime
) -> Template:
    """How many lines hold it: a number alone, and only for those who may read the lines."""
    said, _ = replacements.check_pair(db, heard, meant)
    lines = None
    if may(person, "weigh_words"):
        lines = count_lines(db, said, now - vocabulary.LATELY)
    with writing(db):
        note(db, person, "look_at_terms", "replacement", now=now)
    return _page(db, typed=data, lines=lines)


@post(
    f"{HERE}/{{number:int}}/remove", name="replacement_remove", opt=_CHANGE, sync_to_thread=True
)  # fmt: skip
def replacement_remove(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Leave it as it is heard from now on."""
    with writing(db):
        replacements.remove_replacement(db, number)
        note(
            db, person, "change_vocabulary", f"replacement {number}", now=now,
            detail={"act": "remove"},
        )  # fmt: skip
    return Redirect(f"{HERE}?told=removed", status_code=303)


@get(SUGGESTIONS, name="suggestions_show", opt=_WEIGH, sync_to_thread=True)
def suggestions_show(db: Database) -> Template:
    """Out of corrections and out of the phone system, to take or to dismiss."""
    return _suggestions(db)


def _suggestions(db: Database, problem: str = "") -> Template:
    context: dict[str, Any] = {
        "tab": "suggestions", "problem": problem, "groups": GROUP_TITLES,
        "suggestions": word_suggestions.list_suggestions(db),
    }  # fmt: skip
    return Template(
        "word_suggestions.html", context=context, status_code=400 if problem else 200
    )  # fmt: skip


@post(SUGGESTIONS, name="suggestion_settle", opt=_WEIGH, sync_to_thread=True)
def suggestion_settle(
    data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:  # fmt: skip
    """Take one, or never suggest it again."""
    told = Suggestion(
        kind="change" if data.get("heard") else "extension",
        heard=data.get("heard", ""),
        meant=data.get("meant", ""),
    )
    try:
        with writing(db):
            act, subject = _settle(db, told, data, person, now)
            note(db, person, "change_vocabulary", subject, now=now, detail={"act": act})
    except Refused as error:
        return _suggestions(db, str(error))
    return Redirect(SUGGESTIONS, status_code=303)


def _settle(
    db: Database, told: Suggestion, data: Mapping[str, str], person: Person, now: datetime
) -> tuple[str, str]:
    """Do what the button says; returns what was done, and to what."""
    by = person.user.name
    if told not in [_bare(s) for s in word_suggestions.list_suggestions(db)]:
        raise Refused("this was settled meanwhile; look at the list again")
    if data.get("do") == "dismiss":
        word_suggestions.dismiss(db, told, by, now=now)
        return "dismiss", "suggestion"
    if told.heard:
        number = replacements.add_replacement(db, told.heard, told.meant, by, now=now)
        return "take", f"replacement {number}"
    term = vocabulary.check_term(data.get("group", ""), told.meant)
    return "take", f"term {vocabulary.add_term(db, term, by, now=now)}"


def _bare(suggestion: Suggestion) -> Suggestion:
    return Suggestion(kind=suggestion.kind, heard=suggestion.heard, meant=suggestion.meant)


ROUTES = [
    replacements_show, replacement_add, replacement_remove, suggestions_show, suggestion_settle,
]  # fmt: skip
