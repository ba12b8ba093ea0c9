"""``petsvet work``: do what waits, in this process."""

import sys
import time
from dataclasses import dataclass, field
from datetime import datetime

import click

from appliance import queue
from appliance.commands.box import Box, command
from appliance.db import Database, row
from appliance.facts import to_ms
from appliance.facts.jobs import LANES
from appliance.worker import Worker, worker_name


@click.command()
@click.option("--until-idle", is_flag=True, help="Stop when nothing is left to do.")
@click.option("--lane", type=click.Choice(LANES), help="Only this lane (default: all).")
@command
def work(box: Box, until_idle: bool, lane: str | None) -> None:
    """Transcribe, attribute and analyze what waits in the queue."""
    box.db  # noqa: B018  (brings the schema up to date)
    lanes = (lane,) if lane else LANES
    worker = Worker(box.tools, lanes, worker_name("console"))
    if not until_idle:
        worker.run()
        return
    bar = Progress(box.db, box.tools.now())
    worker.run_until_idle(bar.show)
    bar.close()
    stuck = [job for job in queue.list_jobs(box.db, ("parked", "waiting")) if job.error]
    if stuck:
        raise click.ClickException(f"{len(stuck)} job(s) could not be done: {stuck[0].error}")


@dataclass
class Progress:
    """A line with calls done, audio minutes, speed against real time and time left."""

    db: Database
    since: datetime
    started: float = field(default_factory=time.monotonic)
    tty: bool = field(default_factory=sys.stderr.isatty)
    done: int = -1

    def show(self) -> None:
        """Draw the line again; without a terminal only when another call is done."""
        done = self._counts()[0]
        if not self.tty and done == self.done:
            return
        self.done, text = done, self.line()
        click.echo(f"\r{text:<78}" if self.tty else text, err=True, nl=not self.tty)

    def line(self) -> str:
        """Calls done of all, audio minutes, speed, time left."""
        done, total, audio_ms = self._counts()
        elapsed = time.monotonic() - self.started
        speed = audio_ms / 1000 / elapsed if elapsed else 0.0
        left = elapsed / done * (total - done) if done else 0.0
        filled = round(24 * done / total) if total else 24
        return (
            f"[{'#' * filled}{'.' * (24 - filled)}] {done}/{total} calls"
            f"  {audio_ms / 60_000:.1f} audio min  {speed:.1f}x real time  {left:.0f} s left"
        )

    def _counts(self) -> tuple[int, int, int]:
        """Ready calls, all calls, and milliseconds of audio of the ready ones, since the start."""
        found = row(
            self.db,
            "SELECT count(*) AS total, count(ready_at) AS done, COALESCE(sum(CASE WHEN ready_at"
            " IS NOT NULL THEN (SELECT max(duration_ms) FROM recording r WHERE r.call_id = c.id)"
            " END), 0) AS audio FROM call c WHERE (found_at >= ? OR ready_at >= ? OR state <>"
            " 'ready') AND duplicate_of IS NULL",
            (to_ms(self.since), to_ms(self.since)),
        )
        assert found is not None
        return found["done"], found["total"], found["audio"]

    def close(self) -> None:
        """End the line."""
        if self.tty and self.done >= 0:
            click.echo("", err=True)
