"""The audit log as a page: who did what to what, when, newest first."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter
from litestar.response import Template

from appliance.db import Database
from appliance.store.audit import list_entries
from appliance.store.settings import get_settings, zone_of

PAGE = 100

Cursor = Annotated[int, Parameter(ge=1, le=2**62)]


@get("/audit", name="audit_show", opt={"action": "view_audit"}, sync_to_thread=True)
def audit_show(db: Database, before: Cursor = 2**62) -> Template:
    """A page of the log; looking at it writes nothing, or it would never end."""
    entries = list_entries(db, before=before, limit=PAGE + 1)
    older = entries[PAGE - 1].seq if len(entries) > PAGE else None
    zone = zone_of(get_settings(db).zone)
    context = {"entries": entries[:PAGE], "older": older, "zone": zone}
    return Template("audit.html", context=context)


ROUTES = [audit_show]
