"""Worker processes that shoot themselves at named moments, and the parent that starts them again.

The hooks live here and are put in place after the fork: the product knows nothing of them. Nobody
may hold a connection while forking, since SQLite's locks do not survive it.
"""

import ctypes
import os
import random
import signal
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from appliance import audio, pipeline, queue, seal
from appliance.db import value
from appliance.facts.analysis import CallContext
from appliance.facts.jobs import LANES, ROAD, Job
from appliance.reading import read
from appliance.store import audit
from appliance.tools import Tools, utc_now
from appliance.worker import Worker
from tests.world import World, said_in

# claiming: inside the claim · sealing: a file is written, not renamed · saving, enqueued: inside
# the transaction, before its commit · saved: right after it.
MOMENTS = ("claiming", "claimed", "worked", "saving", "enqueued", "saved")
PATIENCE_S = 150.0
Plan = Callable[[Job], tuple[str, ...]]


def one_of_each(job: Job) -> tuple[str, ...]:
    """Where to die during a job: every stage at every moment, in turn; never more than twice."""
    if job.kind not in ROAD:
        return ("worked", "saving") if job.kind == "discover" else ()
    turn = MOMENTS[(job.subject + ROAD.index(job.kind)) % len(MOMENTS)]
    return (turn, "sealing") if job.kind == "receive" and job.subject % 5 == 0 else (turn,)


def always_at_work(job: Job) -> tuple[str, ...]:
    """Three deaths of one job: what a poisonous recording does."""
    return ("claimed", "worked", "saving") if job.kind == "transcribe" else ()


class Gun:
    """Kills its own process once at every planned moment, and notes it before."""

    def __init__(self, notes: Path, plan: Plan) -> None:
        self.notes, self.plan, self.job = notes, plan, None
        notes.mkdir(exist_ok=True)

    def fire(self, moment: str) -> None:
        """Die here if that is planned and has not happened yet."""
        if self.job is None or moment not in self.plan(self.job):
            return
        note = self.notes / f"{self.job.kind}-{self.job.subject}-{moment}"
        try:
            note.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def load(self) -> None:
        """Put the hooks in place; only ever in a process of its own."""
        claim, next_, sealed = queue.claim, pipeline.enqueue_next, seal.seal
        stage_of, save = pipeline.stage_of, Worker._save

        def claiming(*args: Any, **named: Any) -> Job | None:
            self.job = claim(*args, **named)
            self.fire("claiming")
            return self.job

        def sealing(*args: Any) -> seal.SealedInfo:
            info = sealed(*args)
            self.fire("sealing")
            return info

        def enqueued(*args: Any) -> None:
            next_(*args)
            self.fire("enqueued")

        def saved(worker: Worker, job: Job, fact: object) -> None:
            save(worker, job, fact)
            self.fire("saved")

        queue.claim, seal.seal, Worker._save = claiming, sealing, saved
        audio.decode = decode_here
        pipeline.enqueue_next = enqueued
        pipeline.stage_of = lambda job: _Staged(stage_of(job), self)


def decode_here(file: BinaryIO, *_: object) -> audio.Decoded:
    """Decode without a child: starting a hundred Pythons would take most of the time."""
    file.seek(0)
    with wave.open(file, "rb") as source:
        sound = np.frombuffer(source.readframes(source.getnframes()), "<i2").repeat(2)
    return audio.Decoded(
        speech=sound[None, :], codec="pcm_s16le", container="wav", rate=8000, channels=1,
        duration_ms=len(sound) // 16, playable_type="audio/wav",
    )  # fmt: skip


class _Staged:
    """A stage with a gun at its work and its save; every save leaves a row in the audit log."""

    def __init__(self, stage: pipeline.Stage, gun: Gun) -> None:
        self.stage, self.gun = stage, gun

    def work(self, db: Any, tools: Tools, subject: int) -> Any:
        self.gun.fire("claimed")
        fact = self.stage.work(db, tools, subject)
        self.gun.fire("worked")
        return fact

    def save(self, db: Any, fact: Any, now: Any) -> bool:
        going_on = self.stage.save(db, fact, now)
        job = self.gun.job
        audit.record(db, "worker", "system", job.kind, str(job.subject), now=now)
        self.gun.fire("saving")
        return going_on


def run_until_done(
    world: World, notes: Path, plan: Plan = lambda job: (), random_kills: int = 0
) -> int:
    """A worker process per lane, started again whenever one dies, until nothing is left to do.

    Returns how many of them were killed; ``random_kills`` come from outside at any moment.
    """
    world.close()
    read(said_in(0), CallContext())  # compiles its phrases here, once, for all that are forked
    dice, killed, done = random.Random(7), 0, False
    living = {_start(world, lane, notes, plan): lane for lane in LANES}
    deadline, next_shot = time.monotonic() + PATIENCE_S, time.monotonic() + 0.3
    while living:
        if time.monotonic() > deadline:
            for pid in living:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            raise AssertionError("the work does not come to an end")
        for pid, status in _ended(living):
            lane = living.pop(pid)
            killed += os.WIFSIGNALED(status)
            done = done or status == 0
            if not done:
                living[_start(world, lane, notes, plan)] = lane
        if killed < random_kills and living and time.monotonic() > next_shot:
            os.kill(dice.choice(list(living)), signal.SIGKILL)
            next_shot = time.monotonic() + dice.uniform(0.02, 0.2)
        time.sleep(0.005)
    return killed


def _ended(living: dict[int, str]) -> list[tuple[int, int]]:
    looked = [os.waitpid(pid, os.WNOHANG) for pid in living]
    return [(pid, status) for pid, status in looked if pid]


def _start(world: World, lane: str, notes: Path, plan: Plan) -> int:
    if pid := os.fork():
        return pid
    try:
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # a test that is broken off leaves nobody
        Gun(notes, plan).load()
        _work(world, lane)
        os._exit(0)
    finally:
        os._exit(1)


def _work(world: World, lane: str) -> None:
    """What ``run_worker`` does, but ended when no lane has anything left."""
    worker = Worker(world.tools(now=utc_now), (lane,), f"{lane}-1")
    worker.release()
    while worker.step() or value(worker.db, f"SELECT count(*) FROM job WHERE {queue.OPEN}"):
        time.sleep(0.05)  # a claim holds the write lock: idle ones must not starve the others
