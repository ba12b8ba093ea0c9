"""Count terms: in how many lines of the last 90 days each word of the vocabulary stood.

A few hundred terms at a time, each slice a job of its own: a long list holds up nothing, and a kill
repeats one slice.
"""

from datetime import datetime
from typing import Final

from appliance import queue
from appliance.db import Database
from appliance.facts import Fact
from appliance.store import vocabulary
from appliance.store.search import count_lines
from appliance.tools import Tools

LANE = "chores"
AT_ONCE: Final = 250


class Counted(Fact, frozen=True, kw_only=True):
    """Number, text and lines of some terms, and after which term to go on; 0 at the end."""

    counts: tuple[tuple[int, str, int], ...]
    following: int


def work(db: Database, tools: Tools, after: int) -> Counted:
    """Count the next terms after that number."""
    since = tools.now() - vocabulary.LATELY
    found = vocabulary.list_uncounted(db, after, AT_ONCE)
    counts = tuple((number, text, count_lines(db, text, since)) for number, text in found)
    return Counted(counts=counts, following=found[-1][0] if len(found) == AT_ONCE else 0)


def save(db: Database, counted: Counted, now: datetime) -> bool:
    """Note the counts, and have the next terms counted."""
    vocabulary.save_counts(db, counted.counts)
    if counted.following:
        queue.enqueue(db, "count_terms", counted.following, LANE, now=now)
    return True
