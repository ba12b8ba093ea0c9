"""The worker: claims a job of its lane, does it, and saves result and successor in one transaction.

A crash at any point loses nothing and repeats nothing: before the commit the job is still open and
is done again, after it the next stage is already waiting.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from appliance import pipeline, queue
from appliance.db import Database, writing
from appliance.errors import PetsvetError, Refused, Unavailable
from appliance.facts.jobs import LANES, Job
from appliance.logs import get_log
from appliance.tools import Tools

log = get_log(__name__)

IDLE_S = 1.0
AWAY_S = 60.0  # how long to leave a phone system or a full disk alone
UNEXPECTED = "an unexpected error ({}); the log tells where, support can help with it"


class Worker:
    """One worker of one or more lanes; ``name`` tells its leases apart from others'."""

    def __init__(self, tools: Tools, lanes: Sequence[str], name: str) -> None:
        unknown = set(lanes) - set(LANES)
        if unknown:
            raise Refused(f"there is no lane {', '.join(sorted(unknown))}; use {', '.join(LANES)}")
        self.tools, self.lanes, self.name = tools, tuple(lanes), name
        self.db = tools.open_db()
        self.stopping = threading.Event()

    def release(self) -> None:
        """Let go of what an earlier life of this worker had claimed."""
        with writing(self.db):
            queue.release(self.db, self.name, now=self.tools.now())

    def step(self) -> bool:
        """Do one job of any lane; False when there is none to do."""
        job = self._claim()
        if job is None:
            return False
        started = time.monotonic()
        try:
            with self._heartbeat(job) as tools:
                fact = pipeline.stage_of(job).work(self.db, tools, job.subject)
            self._save(job, fact)
        except PetsvetError as error:
            self._failed(job, error)
        except Exception as error:  # noqa: BLE001  (a job must never take its worker down)
            log.error("job broke", kind=job.kind, job=job.id, error=error)
            self._fail(job, UNEXPECTED.format(type(error).__name__), retry=True)
        else:
            log.info("job done", kind=job.kind, job=job.id, seconds=time.monotonic() - started)
        return True

    def _claim(self) -> Job | None:
        settings = self.tools.config.queue
        for lane in self.lanes:
            with writing(self.db):
                job = queue.claim(
                    self.db,
                    lane,
                    self.name,
                    now=self.tools.now(),
                    lease_s=settings.lease_s,
                    max_attempts=settings.max_attempts,
                )
            if job:
                return job
        return None

    def _save(self, job: Job, fact: object) -> None:
        """Finish, save and enqueue the next stage: all of it or nothing."""
        now = self.tools.now()
        with writing(self.db):
            queue.finish(self.db, job, now=now)
            if pipeline.stage_of(job).save(self.db, fact, now):
                pipeline.enqueue_next(self.db, job, now)

    def _failed(self, job: Job, error: PetsvetError) -> None:
        log.warning("job failed", kind=job.kind, job=job.id, error=error)
        if not error.retry:
            self._fail(job, str(error), retry=False)
            return
        try:
            with writing(self.db):
                queue.postpone(self.db, job, str(error), now=self.tools.now(), seconds=AWAY_S)
        except Unavailable:
            self._wait(IDLE_S)  # the disk is full for us too; the lease will run out

    def _fail(self, job: Job, error: str, *, retry: bool) -> None:
        with writing(self.db):
            queue.fail(
                self.db,
                job,
                error,
                retry=retry,
                now=self.tools.now(),
                max_attempts=self.tools.config.queue.max_attempts,
            )

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[Tools]:
        """Prolong the lease from a thread of its own, with a connection of its own."""
        share = [0.0]
        done = threading.Event()
        settings = self.tools.config.queue

        def report(part: float) -> None:
            share[0] = max(0.0, min(1.0, part))

        def beat(db: Database) -> None:
            while not done.wait(settings.heartbeat_s):
                try:
                    with writing(db):
                        queue.beat(
                            db, job, share[0], now=self.tools.now(), lease_s=settings.lease_s
                        )
                except PetsvetError as error:
                    log.warning("heartbeat failed", job=job.id, error=error)

        db = self.tools.open_db()
        thread = threading.Thread(target=beat, args=(db,), daemon=True)
        thread.start()
        try:
            yield replace(self.tools, progress=report)
        finally:
            done.set()
            thread.join()
            db.close()

    def run(self) -> None:
        """Work until told to stop; the job at hand is finished first."""
        self.release()
        log.info("worker ready", lane=",".join(self.lanes))
        while not self.stopping.is_set():
            if not self._step_or_rest():
                self.tools.kept.let_go()
                self._wait(IDLE_S)
        self.tools.kept.let_go(0)

    def _step_or_rest(self) -> bool:
        try:
            return self.step()
        except Unavailable as error:  # the database itself is away: a full disk, a busy writer
            log.warning("worker waits", error=error)
            return False

    def run_until_idle(self, each: Callable[[], None] = lambda: None) -> None:
        """Work until no job could be started any more; ``each`` is called after every job."""
        self.release()
        while not self.stopping.is_set() and self.step():
            each()
        self.tools.kept.let_go(0)

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask the worker to end after the job at hand; fit to be a signal handler."""
        self.stopping.set()

    def _wait(self, seconds: float) -> None:
        self.stopping.wait(seconds)


def run_worker(tools: Tools, lane: str, number: int = 1) -> None:
    """A worker process: until SIGTERM or SIGINT."""
    worker = Worker(tools, (lane,), f"{lane}-{number}")
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


def worker_name(lane: str) -> str:
    """A name for a worker that is not one of the supervisor's."""
    return f"{lane}-{os.getpid()}"
