"""Runs that read calls again, for boxes that are made to be looked at and measured."""

from contextlib import closing
from dataclasses import replace

from appliance import pipeline
from appliance.db import Database, execute, writing
from appliance.facts.reanalyses import Choice, Run
from appliance.store import reanalyses
from appliance.tools import Tools, make_tools
from tests.pages.seed import NOW, Box


def read_again(box: Box, kind: str = "preview", *, slices: int = 10_000) -> Run:
    """Walk a run here, to its end or for some slices, without the queue."""
    tools = replace(make_tools(box.config, box.keys), now=lambda: NOW)
    with closing(box.open_db()) as db:
        with writing(db):
            begun = reanalyses.begin(db, kind, Choice(), "Maria", now=NOW)
        while (run := reanalyses.get_run(db, begun.id)).state == "running" and slices:
            walk(db, tools, run)
            slices -= 1
    return run


def walk(db: Database, tools: Tools, run: Run) -> None:
    """One slice; its job is taken out of the queue again."""
    chore = pipeline.CHORES[run.chore]
    step = chore.work(db, tools, run.id)
    with writing(db):
        chore.save(db, step, NOW)
        execute(db, "DELETE FROM job WHERE kind = ?", (run.chore,))
