"""``petsvet worklist``: who is to be called back, from the shell."""

from typing import Any
from zoneinfo import ZoneInfo

import click

from appliance.commands.box import Box, command, json_option, mask_number, print_rows
from appliance.db import writing
from appliance.facts.codes import TURNAWAY_KINDS
from appliance.facts.work import WorkFilter, WorkItem
from appliance.store import audit
from appliance.store.settings import get_settings, zone_of
from appliance.store.worklist import list_items
from appliance.tools import utc_now


@click.group()
def worklist() -> None:
    """Callers who left without the visit they wanted."""


COLUMNS = ("ref", "due", "caller", "calls", "intent", "kind", "reason", "state", "owner", "after_h")


@worklist.command("list")
@click.option("--done", is_flag=True, help="Those that are closed instead of those to do.")
@click.option(
    "--kind", default="", type=click.Choice(["", *TURNAWAY_KINDS]), help="Only this kind."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@command
def list_command(box: Box, done: bool, kind: str, limit: int, as_json: bool) -> None:
    """What is due first, or what was done last."""
    found, _ = list_items(box.db, WorkFilter(done=done, kind=kind), limit=limit)
    with writing(box.db):
        audit.record(box.db, "console", "system", "view_worklist", now=utc_now())
    zone = zone_of(get_settings(box.db).zone)
    print_rows([describe(item, zone) for item in found], COLUMNS, as_json)


def describe(item: WorkItem, zone: ZoneInfo) -> dict[str, Any]:
    """One line of a table; numbers are masked. ``after_h`` is how long a recovery took, in hours."""
    return {
        "ref": item.ref,
        "due": f"{item.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "caller": mask_number(item.number),
        "calls": item.calls,
        "intent": item.intent,
        "kind": item.kind,
        "reason": item.reason,
        "state": item.state,
        "owner": item.owner,
        "after_h": None if item.after_ms is None else round(item.after_ms / 3_600_000, 1),
    }
