"""Whole lists of terms: pasted or out of a file, looked at before they count, and as a file again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.facts.vocabulary import GROUP_TITLES, Line, Term
from appliance.reading.term_lists import MOST_BYTES, MOST_LINES, decode_list, read_list, write_list
from appliance.store import vocabulary
from webui.forms import Form
from webui.policy import Person
from webui.security import note, note_view
from webui.vocabulary import HERE

SHOWN: Final = 50  # lines of each kind; the rest is counted
LARGEST: Final = 3 * MOST_BYTES  # of a request: what is sent back is wrapped for the way
_EVERYTHING: Final = vocabulary.MOST_TERMS
_CHANGE: Final = {"action": "change_vocabulary"}

Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]


@get(f"{HERE}/import", name="terms_choose", opt=_CHANGE, sync_to_thread=True)
def terms_choose() -> Template:
    """Where a list is pasted or a file is chosen."""
    return _choose({})


def _choose(typed: Mapping[str, Any], problem: str = "") -> Template:
    context = {
        "groups": GROUP_TITLES, "problem": problem, "most": MOST_LINES, "group": "pets",
        "pasted": typed.get("pasted", ""),
    } | ({"group": typed["group"]} if typed.get("group") in GROUP_TITLES else {})  # fmt: skip
    return Template("vocabulary_import.html", context=context, status_code=400 if problem else 200)


@post(
    f"{HERE}/import", name="terms_look", opt=_CHANGE, sync_to_thread=True,
    request_max_body_size=LARGEST,
)  # fmt: skip
def terms_look(data: Upload, db: Database, now: datetime, person: Person) -> Template:
    """What would become of each line; nothing is taken in yet."""
    note_view(db, person, "look_at_terms", "import", now=now)
    try:
        lines = read_list(_told(data), str(data.get("group", "")))
    except Refused as error:
        return _choose(data, str(error))
    new, doubles, refused = vocabulary.split_lines(db, lines)
    return Template("vocabulary_preview.html", context=_preview(new, doubles, refused))


def _told(data: Mapping[str, Any]) -> str:
    """The file where one was chosen, else what was pasted."""
    file = data.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return decode_list(file.file.read(MOST_BYTES + 1))
    return str(data.get("pasted", ""))


def _preview(new: list[Term], doubles: list[Line], refused: list[Line]) -> dict[str, Any]:
    return {
        "new": new, "doubles": doubles, "refused": refused, "shown": SHOWN,
        "groups": GROUP_TITLES, "list": write_list(new),
        "by_group": _by_group(new),
    }  # fmt: skip


def _by_group(terms: Iterable[Term]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for term in terms:
        counted[term.group] = counted.get(term.group, 0) + 1
    return counted


@post(
    f"{HERE}/import/take", name="terms_take", opt=_CHANGE, sync_to_thread=True,
    request_max_body_size=LARGEST,
)  # fmt: skip
def terms_take(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Take in what was looked at; what somebody added meanwhile is left as it is."""
    try:
        lines = read_list(data.get("list", ""), "other")
        with writing(db):
            new, _, _ = vocabulary.split_lines(db, lines)
            vocabulary.add_terms(db, new, person.user.name, now=now)
            detail = {"act": "import", "terms": str(len(new))}
            note(db, person, "change_vocabulary", "import", now=now, detail=detail)
    except Refused as error:
        return _choose({"pasted": data.get("list", "")}, str(error))
    return Redirect(f"{HERE}?told=taken", status_code=303)


@get(
    f"{HERE}/export", name="terms_export", opt={"action": "view_vocabulary"}, sync_to_thread=True
)  # fmt: skip
def terms_export(db: Database, now: datetime, person: Person) -> Response[bytes]:
    """All terms as CSV; the mark in front makes Excel read it as UTF-8."""
    note_view(db, person, "export_vocabulary", now=now)
    content = write_list(vocabulary.list_terms(db, limit=_EVERYTHING))
    return Response(
        content.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="vocabulary.csv"'},
    )


ROUTES = [terms_choose, terms_look, terms_take, terms_export]
