"""Saved filters: kept under a name from the list of calls, and forgotten again."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from litestar import post
from litestar.response import Redirect

from appliance.db import Database, writing
from appliance.store import saved
from webui.calls import read_chosen
from webui.forms import Form
from webui.policy import Person
from webui.security import note

LONGEST_QUERY = 2000


@post("/filters", name="filter_save", opt={"action": "keep_filters"}, sync_to_thread=True)
def filter_save(data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Keep what stands in the address; only filters that mean something are kept."""
    given = dict(parse_qsl(data.get("query", "")[:LONGEST_QUERY]))
    address = urlencode(read_chosen(given).address())
    with writing(db):
        saved.save_filter(db, person.user.id, data.get("name", ""), address, now=now)
        note(db, person, "save_filter", now=now)
    return Redirect(f"/calls?{address}", status_code=303)


@post(
    "/filters/{number:int}/remove",
    name="filter_remove",
    opt={"action": "keep_filters"},
    sync_to_thread=True,
)
def filter_remove(number: int, db: Database, now: datetime, person: Person) -> Redirect:
    """Forget one of one's own."""
    with writing(db):
        saved.remove_filter(db, person.user.id, number)
        note(db, person, "remove_filter", now=now)
    return Redirect("/calls", status_code=303)


ROUTES = [filter_save, filter_remove]
