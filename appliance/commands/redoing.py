"""``petsvet calls redo --all``: many calls again, with a preview, counts only, and fit for Ctrl-C."""

import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from appliance import pipeline, queue
from appliance.commands.box import Box, print_rows
from appliance.db import Database, writing
from appliance.errors import Misconfigured, Refused
from appliance.facts.reanalyses import APPLY, FROM_SOUND, PREVIEW, RUNNING, Choice, Run
from appliance.store import audit, reanalyses
from appliance.tools import utc_now
from appliance.worker import Worker, worker_name

BY = "console"
COLUMNS = ("field", "was", "becomes", "calls", "kept")
GOES_ON = "the box goes on with it; see Settings, or end it: petsvet calls redo --all --stop"
PAUSED = "it is paused; resume it in Settings, or end it: petsvet calls redo --all --stop"


def read_choice(start: str, since: datetime | None, until: datetime | None) -> Choice:
    """What the options mean; raises Misconfigured."""
    first, last = _day(since), _day(until)
    if first and last and first > last:
        raise Misconfigured("the first day lies behind the last one; swap --since and --until")
    if start not in ("analyze", FROM_SOUND):
        raise Misconfigured("many calls are redone from analyze, or from transcribe")
    return Choice(since=first, until=last, start=start)


def _day(moment: datetime | None) -> str:
    day: date | None = moment.date() if moment else None
    return day.isoformat() if day else ""


def redo_all(box: Box, choice: Choice, *, preview: bool, as_json: bool) -> None:
    """Begin a run and do it here and now; the box's own workers help where they are up."""
    with writing(box.db):
        run = reanalyses.begin(box.db, PREVIEW if preview else APPLY, choice, BY, now=utc_now())
        pipeline.redo_many(box.db, run, now=utc_now())
        detail = {"from": choice.start, "since": choice.since, "until": choice.until}
        action = "preview_reanalysis" if preview else "start_reanalysis"
        audit.record(box.db, BY, "system", action, f"run {run.id}", now=utc_now(), detail=detail)
    run = _walk(box, run)
    print_run(run, as_json)
    if run.is_open:
        stuck = queue.parked_error(box.db, run.chore, run.id)
        raise click.ClickException(stuck or (GOES_ON if run.state == RUNNING else PAUSED))


def _walk(box: Box, run: Run) -> Run:
    """Work on a run until it is over; Ctrl-C ends the work after the slice at hand."""
    lane = pipeline.CHORES[run.chore].LANE
    worker = Worker(box.tools, (lane,), worker_name(BY))
    before = signal.signal(signal.SIGINT, worker.stop)
    show = _line(box.db)
    try:
        worker.release()
        while run.state == RUNNING and not worker.stopping.is_set():
            if not worker.step():
                if queue.parked_error(box.db, run.chore, run.id):
                    break
                worker.stopping.wait(0.2)  # others have it, or fresh calls come first
            run = reanalyses.get_run(box.db, run.id)
            show(run)
    finally:
        signal.signal(signal.SIGINT, before)
        worker.db.close()
        if sys.stderr.isatty():
            click.echo("", err=True)
    return run


def _line(db: Database) -> Callable[[Run], None]:
    """A line with calls done, pace and time left, drawn again on a terminal."""
    seen = [-1]
    tty = sys.stderr.isatty()

    def show(run: Run) -> None:
        if run.total is None or run.done == seen[0]:
            return
        seen[0], left = run.done, run.time_left(utc_now())
        text = f"{run.done}/{run.total} calls  {run.per_minute(utc_now()):.0f} a minute" + (
            f"  {left.total_seconds():.0f} s left" if left is not None else ""
        )
        click.echo(f"\r{text:<60}" if tty else text, err=True, nl=not tty)

    return show


def print_run(run: Run, as_json: bool) -> None:
    """What a run found: numbers and codes, nothing of what was said."""
    table = [
        {"field": c.field, "was": c.was, "becomes": c.becomes, "calls": c.changed, "kept": c.kept}
        for c in run.table
    ]
    if as_json:
        print_rows([describe(run), *table], (), True)
        return
    verb = "would change" if run.kind == PREVIEW else "changed"
    told = f"{run.done} of {run.total or 0} calls read again: {run.changed} {verb}"
    told += f", in {run.kept} a person's word holds"
    told += f", {run.gone} were gone" if run.gone else ""
    told += f", {run.failed} could not be read" if run.failed else ""
    click.echo(f"{told}.")
    if run.is_sample:
        click.echo(f"These are {run.total} calls drawn by lot from {run.whole}.")
    if run.work_ms:
        click.echo(f"Listening to them again takes about {run.work_ms / 3_600_000:.1f} hours.")
    if table:
        print_rows(table, COLUMNS, False)


def describe(run: Run) -> dict[str, Any]:
    """A run in one line; the kinds of change follow, a line each."""
    same = ("kind", "state", "total", "whole", "done", "changed", "kept", "gone", "failed")
    return {"run": run.id, **{name: getattr(run, name) for name in same}, "work_ms": run.work_ms}


def stop_all(box: Box) -> None:
    """End the run that is open; calls that were read again stay so. Raises Refused."""
    with writing(box.db):
        run = reanalyses.find_open(box.db)
        if run is None:
            raise Refused("no run is open, so there is nothing to stop")
        run = pipeline.steer_many(box.db, run.id, "stop", now=utc_now())
        audit.record(
            box.db, BY, "system", "stop_reanalysis", f"run {run.id}", now=utc_now(),
            detail={"done": str(run.done)},
        )  # fmt: skip
    click.echo(f"Stopped after {run.done} of {run.total or 0} calls; what was done stays.")
