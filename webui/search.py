"""Search over everything that was said, grouped by call, newest first."""

import re
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.response import Template

from appliance.db import Database
from appliance.facts.calls import Call, SearchHit
from appliance.store.search import search_segments
from appliance.store.settings import get_settings, zone_of
from webui import show
from webui.policy import Person, visible_extensions
from webui.security import Box, note_view, search_detail

PAGE = 50
LAST = 2**63 - 1
CURSOR = re.compile(r"\d{1,19}", re.ASCII)


@get("/search", name="search_show", opt={"action": "search"}, sync_to_thread=True)
def search_show(
    request: Request[Any, Any, Any], db: Database, now: datetime, person: Person, box: Box
) -> Template:
    """The page, or further results alone when they are asked for."""
    q = show.straight(request.query_params.get("q", "")).strip()[:500]
    before = request.query_params.get("before", "")
    cursor = min(int(before), LAST) if CURSOR.fullmatch(before) else LAST
    hits: list[SearchHit] = []
    if q:
        note_view(db, person, "search", now=now, detail=search_detail(box.keys, q))
        mine = visible_extensions(person.user)
        hits = search_segments(db, q, extensions=mine, before=cursor, limit=PAGE)
    following = urlencode({"q": q, "before": hits[-1].cursor}) if len(hits) == PAGE else ""
    context = {
        "q": q,
        "groups": by_call(hits),
        "more": f"/search?{following}" if following else "",
        "zone": zone_of(get_settings(db).zone),
        "now": now,
    }
    partial = request.headers.get("hx-target") == "more"
    return Template("_search_hits.html" if partial else "search.html", context=context)


def by_call(hits: list[SearchHit]) -> list[tuple[Call, list[SearchHit]]]:
    """Hits of one call together, in the order they were said."""
    grouped = ((list(found)) for _, found in groupby(hits, key=lambda hit: hit.call.id))
    return [(found[0].call, sorted(found, key=lambda hit: hit.segment)) for found in grouped]


ROUTES = [search_show]
