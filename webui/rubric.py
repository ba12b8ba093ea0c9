"""The rubric: what calls are scored by, in versions; questions of the clinic's own, tried first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Misconfigured, NotFound, Refused
from appliance.facts.codes import INTENT_GROUPS, INTENTS
from appliance.facts.rubrics import Check, Item, Rubric
from appliance.reading.questions import read_phrases
from appliance.reading.rubrics import (
    HEAVIEST,
    MOST_OWN,
    SOLEMN_INTENTS,
    SOLEMN_ITEMS,
    check_item,
    item_of,
    own_name,
)
from appliance.store import rubric_previews, rubrics
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.forms import Form
from webui.policy import Person
from webui.security import Box, note, note_view

Asked = Request[Any, Any, Any]
HERE = "/settings/rubric"
NEW = "new"


@get(HERE, name="rubric_show", opt={"action": "change_rubric"}, sync_to_thread=True)
def rubric_show(db: Database, saved: str = "") -> Template:
    """All items of the version in force, and the versions before it."""
    return _page(db, saved=bool(saved))


def _page(db: Database, *, saved: bool = False, problem: str = "") -> Template:
    versions = rubrics.list_versions(db)
    context = {
        "rubric": versions[0], "versions": versions, "heaviest": HEAVIEST, "most_own": MOST_OWN,
        "own": sum(item.check is not None for item in versions[0].items),
        "solemn": SOLEMN_ITEMS, "zone": zone_of(get_settings(db).zone),
        "saved": saved, "problem": problem,
    }  # fmt: skip
    return Template("rubric.html", context=context, status_code=400 if problem else 200)


@post(HERE, name="rubric_save", opt={"action": "change_rubric"}, sync_to_thread=True)
def rubric_save(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Switches, weights and which items are critical, all at once, as a new version."""
    try:
        items = [_weighed(item, data) for item in rubrics.get_rubric(db).items]
        _save(db, items, data, person, now)
    except (Misconfigured, Refused) as error:
        return _page(db, problem=str(error))
    return Redirect(f"{HERE}?saved=1", status_code=303)


def _weighed(item: Item, data: Mapping[str, str]) -> Item:
    weight = data.get(f"weight.{item.name}", str(item.weight))
    changed = msgspec.structs.replace(
        item,
        on=f"on.{item.name}" in data,
        weight=int(weight) if weight in _WEIGHTS else -1,
        critical=f"critical.{item.name}" in data,
    )
    check_item(changed)
    return changed


_WEIGHTS = {str(weight) for weight in range(HEAVIEST + 1)}


def _save(
    db: Database, items: list[Item], data: Mapping[str, str], person: Person, now: datetime
) -> Rubric:
    """A new version, unless somebody saved another since the page was shown."""
    seen = data.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
    with writing(db):
        saved = rubrics.save_version(db, items, seen=number, by=person.user.name, now=now)
        note(db, person, "change_rubric", f"version {saved.number}", now=now)
    return saved


@get(
    f"{HERE}/items/{{item:str}}",
    name="rubric_item_show",
    opt={"action": "change_rubric"},
    sync_to_thread=True,
)
def rubric_item_show(item: str, db: Database, person: Person, box: Box, now: datetime) -> Template:
    """One item: its words, the calls it does not apply to, and the phrases of an own question."""
    rubric = rubrics.get_rubric(db)
    shown = _find(rubric, item)
    context = _item_context(rubric, shown, filled_of(shown))
    return Template("rubric_item.html", context=context | _look(db, person, box, now, shown))


def _find(rubric: Rubric, name: str) -> Item:
    """The item of an address; a new question of the clinic's own where it says so."""
    if name == NEW:
        return Item(name=NEW, words="", check=Check(phrases=()))
    found = item_of(rubric, name)
    if found is None:
        raise NotFound("the rubric has no such item")
    return found


def filled_of(item: Item) -> dict[str, str]:
    """An item as its form is filled in."""
    filled = {"words": item.words, "weight": str(item.weight)}
    filled |= {f"not_for.{intent}": "1" for intent in item.not_for}
    filled |= {"on": "1"} if item.on else {}
    filled |= {"critical": "1"} if item.critical else {}
    if item.check:
        check = item.check
        filled |= {"speaker": check.speaker, "present": check.present}
        filled |= {"phrases": "\n".join(check.phrases)}
    return filled


def read_item(data: Mapping[str, str], before: Item) -> Item:
    """The item a person typed; raises Misconfigured with what is wrong."""
    weight = data.get("weight", "")
    item = msgspec.structs.replace(
        before,
        on="on" in data,
        weight=int(weight) if weight in _WEIGHTS else -1,
        critical="critical" in data,
        not_for=tuple(intent for intent in INTENTS if f"not_for.{intent}" in data),
        words=" ".join(data.get("words", "").split()),
        check=before.check and read_check(data),
    )
    check_item(item)
    return item


def read_check(data: Mapping[str, str]) -> Check:
    """Phrases, who says them, and what that means."""
    return Check(
        phrases=read_phrases(data.get("phrases", "")),
        speaker=data.get("speaker", ""),
        present=data.get("present", ""),
    )


def _item_context(
    rubric: Rubric, item: Item, filled: Mapping[str, str], problem: str = ""
) -> dict[str, Any]:
    groups = {
        group: [code for code in codes if code not in SOLEMN_INTENTS]
        for group, codes in INTENT_GROUPS.items()
    }
    return {
        "rubric": rubric, "item": item, "filled": dict(filled), "problem": problem,
        "heaviest": HEAVIEST, "groups": groups, "preview": None, "zone": None,
    }  # fmt: skip


def _look(db: Database, person: Person, box: Box, now: datetime, item: Item) -> dict[str, Any]:
    """What an own question would say of the newest calls; each person's looks are logged now and then."""
    if not item.check or not item.check.phrases:
        return {}
    with box.plays.once((person.user.id, "preview_rubric"), now) as first:
        if first:
            note_view(db, person, "preview_rubric", now=now)
    zone = zone_of(get_settings(db).zone)
    return {"preview": rubric_previews.preview(db, item), "zone": zone}


@post(
    f"{HERE}/items/{{item:str}}",
    name="rubric_item_save",
    opt={"action": "change_rubric"},
    sync_to_thread=True,
)
def rubric_item_save(
    item: str, data: Form, db: Database, now: datetime, person: Person, box: Box
) -> Template | Redirect:
    """Save one item as a new version, or only try it where that button was pressed."""
    rubric = rubrics.get_rubric(db)
    before = _find(rubric, item)
    try:
        typed = read_item(data, before)
        if data.get("to") == "try":
            context = _item_context(rubric, before, data) | _look(db, person, box, now, typed)
            return Template("rubric_item.html", context=context)
        _save(db, placed(rubric, typed), data, person, now)
    except (Misconfigured, Refused) as error:
        context = _item_context(rubric, before, data, str(error))
        return Template("rubric_item.html", context=context, status_code=400)
    return Redirect(f"{HERE}?saved=1", status_code=303)


def placed(rubric: Rubric, item: Item) -> list[Item]:
    """All items with this one in its place; raises Misconfigured when there is none left."""
    if item.name != NEW:
        return [item if other.name == item.name else other for other in rubric.items]
    if sum(other.check is not None for other in rubric.items) >= MOST_OWN:
        raise Misconfigured(f"a rubric has at most {MOST_OWN} questions of your own")
    name = own_name(rubric, item.words)
    return [*rubric.items, msgspec.structs.replace(item, name=name)]


@post(
    f"{HERE}/preview", name="rubric_preview", opt={"action": "change_rubric"}, sync_to_thread=True
)
def rubric_preview(data: Form, db: Database, now: datetime, person: Person, box: Box) -> Template:
    """What the phrases as typed so far would say; nothing is saved."""
    context: dict[str, Any] = {"preview": None, "zone": None, "problem": ""}
    try:
        intents = tuple(intent for intent in INTENTS if f"not_for.{intent}" in data)
        item = Item(name=NEW, not_for=intents, check=read_check(data))
        context |= _look(db, person, box, now, item)
    except Misconfigured as error:
        context["problem"] = str(error)
    return Template("_rubric_preview.html", context=context)


@get(
    f"{HERE}/versions/{{number:int}}",
    name="rubric_version_show",
    opt={"action": "change_rubric"},
    sync_to_thread=True,
)
def rubric_version_show(number: int, db: Database) -> Template:
    """One version as it was."""
    context = {"rubric": rubrics.get_version(db, number), "zone": zone_of(get_settings(db).zone)}
    return Template("rubric_version.html", context=context)


def rubric_note(note: str, words: Mapping[str, str]) -> str:
    """What a version changed, with the items by their plain names."""
    return "; ".join(_named(change, words) for change in note.split("; "))


def _named(change: str, words: Mapping[str, str]) -> str:
    name, colon, what = change.partition(": ")
    return f"{show.rubric_label(name, words)}: {what}" if colon else change


FILTERS = {"rubric_note": rubric_note}
ROUTES = [
    rubric_show, rubric_save, rubric_item_show, rubric_item_save, rubric_preview,
    rubric_version_show,
]  # fmt: skip
