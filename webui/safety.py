"""The safety queue: what may have been dangerous, until a person says what it was and what was done."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.store import calls, judging, safety
from appliance.store.safety import SafetyItem
from webui.clips import clip_of
from webui.forms import Form
from webui.policy import Person
from webui.reviews import tabs_of
from webui.security import note, note_view


@get("/review/safety", name="safety_show", opt={"action": "view_review"}, sync_to_thread=True)
def safety_show(
    request: Request[Any, Any, Any], db: Database, now: datetime, person: Person
) -> Template:
    """Items that are open, or those that are closed."""
    closed = request.query_params.get("show") == "closed"
    before = request.query_params.get("before", "")[:80]
    note_view(db, person, "view_review", "safety", now=now)
    items, cursor = safety.list_items(db, open_only=not closed, before=before)
    here = "/review/safety?show=closed" if closed else "/review/safety"
    context = {
        **tabs_of(db, "safety"), "closed": closed, "back": here, "now": now,
        "items": [entry_of(db, item) for item in items],
        "more": f"{here}{'&' if closed else '?'}before={cursor}" if cursor else "",
        "paged": bool(before),
    }  # fmt: skip
    return Template("safety.html", context=context)


def entry_of(db: Database, item: SafetyItem) -> dict[str, Any]:
    """One item with its quote, what people said of it and what was done."""
    return {
        "item": item,
        "call": calls.get_call(db, item.call_id),
        "standing": judging.standing_of(db, item.call_id, item.name),
        "clip": clip_of(db, item.call_id, item.first_segment, item.last_segment),
        "acts": safety.acts_of(db, item.call_id, item.name),
    }


@post(
    "/calls/{ref:str}/safety", name="safety_handle", opt={"action": "handle_safety"},
    sync_to_thread=True,
)  # fmt: skip
def safety_handle(ref: str, db: Database, now: datetime, person: Person, data: Form) -> Redirect:
    """Say what was done about an item, or that it is not dealt with after all."""
    name, again = data.get("name", ""), data.get("act") == "reopen"
    item = safety.get_item(db, calls.get_call_by_ref(db, ref).id, name)
    by = person.user.name
    try:
        with writing(db):
            if again:
                safety.reopen(db, item, by, now=now)
            else:
                safety.handle(db, item, data.get("note", ""), by, now=now)
            act = "reopen_safety" if again else "handle_safety"
            note(db, person, act, ref, now=now, detail={"label": name})
    except Refused as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    return Redirect(f"/review/safety{'' if again else '?show=closed'}", status_code=303)


ROUTES = [safety_show, safety_handle]
