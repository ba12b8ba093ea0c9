"""Settle the worklist: look again at calls whose meaning changed, and at items that may close."""

from datetime import datetime

from appliance.db import Database, value
from appliance.facts import Fact
from appliance.store import lost
from appliance.tools import Tools

LANE = "chores"


class Unsettled(Fact, frozen=True, kw_only=True):
    """The calls to look at."""

    calls: tuple[int, ...]


def work(db: Database, tools: Tools, subject: int) -> Unsettled:
    """Find them; a long list is done in parts, a part with every tick of the clock."""
    return Unsettled(calls=tuple(lost.unsettled(db, tools.now())))


def save(db: Database, unsettled: Unsettled, now: datetime) -> bool:
    """Look at each; one that was erased meanwhile took its part of the list with it."""
    for call_id in unsettled.calls:
        if value(db, "SELECT 1 FROM call WHERE id = ?", (call_id,)):
            lost.settle_call(db, call_id, now=now)
    return True
