"""Prune: forget finished jobs, ended sessions, old sign-in failures, pushed records, old mail."""

from datetime import datetime, timedelta

from appliance import queue
from appliance.db import Database, execute
from appliance.facts import Fact, to_ms
from appliance.store import happenings, hooks, kept_away, mail, pushed, reanalyses
from appliance.store.users import ABSOLUTE
from appliance.tools import Tools

LANE = "chores"
KEPT = timedelta(days=14)
LEFT_OUT = timedelta(days=30)  # no phone system tells of a call again after that


class Pruned(Fact, frozen=True, kw_only=True):
    """The moment before which finished work is forgotten."""

    before: datetime


def work(db: Database, tools: Tools, subject: int) -> Pruned:
    """Nothing slow to do."""
    return Pruned(before=tools.now() - KEPT)


def save(db: Database, pruned: Pruned, now: datetime) -> bool:
    """Delete what is no longer of use."""
    queue.prune_done(db, before=pruned.before)
    execute(db, "DELETE FROM session WHERE created_at < ?", (to_ms(now - ABSOLUTE),))
    execute(db, "DELETE FROM sign_in_failure WHERE failed_at < ?", (to_ms(now - KEPT),))
    pushed.prune_pushed(db, before=now - pushed.KEPT)
    kept_away.prune_left_out(db, before=now - LEFT_OUT)
    mail.prune_mail(db, now=now)
    hooks.prune_deliveries(db, now=now)
    happenings.prune_happenings(db, now=now)
    reanalyses.prune_runs(db, now=now)
    return True
