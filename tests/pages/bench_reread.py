"""How fast calls are read again: ``python -m tests.pages.bench_reread [CALLS]``.

Prints calls per minute and peak memory of a preview and of applying it, and how long the longest
slice holds the database for itself. Shown, not asserted: a busy machine says nothing.
"""

import resource
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from appliance import pipeline
from appliance.db import Database, execute, writing
from appliance.facts.reanalyses import Choice
from appliance.store import reanalyses
from appliance.tools import Tools, make_tools
from tests.pages.seed import NOW, seed_box


def main(count: int) -> None:
    """Seed, preview, apply."""
    with tempfile.TemporaryDirectory() as folder:
        box = seed_box(Path(folder), many=count, samples=False)
        tools = replace(make_tools(box.config, box.keys), now=lambda: NOW)
        print(f"{_memory():.0f} MB before")
        with closing(box.open_db()) as db:
            for kind in ("preview", "apply"):
                measure(db, tools, kind)


def measure(db: Database, tools: Tools, kind: str) -> None:
    """One run from beginning to end."""
    with writing(db):
        begun = reanalyses.begin(db, kind, Choice(), "Maria", now=NOW)
    began, held, slices = time.monotonic(), 0.0, 0
    while (run := reanalyses.get_run(db, begun.id)).is_open:
        held, slices = max(held, step(db, tools, run)), slices + 1
    minutes = (time.monotonic() - began) / 60
    print(
        f"{kind}: {run.done} calls, {run.changed} change, {run.done / minutes:.0f} a minute,"
        f" {slices} slices, database held {held:.2f} s at most, {_memory():.0f} MB at most"
    )


def step(db: Database, tools: Tools, run: reanalyses.Run) -> float:
    """One slice; returns for how many seconds nobody else could write."""
    chore = pipeline.CHORES[run.chore]
    done = chore.work(db, tools, run.id)
    began = time.monotonic()
    with writing(db):
        chore.save(db, done, NOW)
        execute(db, "DELETE FROM job WHERE kind = ?", (run.chore,))
    return time.monotonic() - began


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
