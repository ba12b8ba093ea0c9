"""Sweep: files without a row are removed, rows without a file are said to be lost."""

from datetime import datetime, timedelta

from appliance.db import Database, execute, rows
from appliance.facts import Fact
from appliance.store import recordings
from appliance.tools import Tools

LANE = "chores"
LOST = "lost"
YOUNG = timedelta(hours=1)  # a file is sealed before its row is written: leave the young alone


Place = tuple[int, str]  # a recording and its file: a number alone may be another's by now


class Swept(Fact, frozen=True, kw_only=True):
    """Files removed, and the sealed files of recordings that are gone, or back."""

    removed: int
    lost: tuple[Place, ...]
    back: tuple[Place, ...] = ()


def work(db: Database, tools: Tools, subject: int, young: timedelta = YOUNG) -> Swept:
    """Collect orphans both ways."""
    known = recordings.known_files(db)
    limit = (tools.now() - young).timestamp()
    orphans = [name for name, at in tools.vault.files() if name not in known and at <= limit]
    for name in orphans:
        tools.vault.remove(name)
    lost: list[Place] = []
    back: list[Place] = []
    for r in rows(db, "SELECT id, file, problem FROM recording WHERE file <> ''"):
        held, known_lost = tools.vault.holds(r["file"]), r["problem"] == LOST
        if held == known_lost:
            (back if held else lost).append((r["id"], r["file"]))
    return Swept(removed=len(orphans), lost=tuple(lost), back=tuple(back))


def save(db: Database, swept: Swept, now: datetime) -> bool:
    """Mark the lost, so that the page says so instead of failing; clear what was restored."""
    for problem, places in ((LOST, swept.lost), ("", swept.back)):
        for place in places:
            execute(
                db, "UPDATE recording SET problem = ? WHERE id = ? AND file = ?", (problem, *place)
            )
    return True
