"""One parent for web, clock and workers: restarts what dies, drains on SIGTERM."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from appliance.logs import get_log
from models.plan import QUIET

log = get_log(__name__)

DRAIN_S = 30.0
SLOWEST_RESTART_S = 30.0
STEADY_S = 60.0  # a child that lived this long starts again at once


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self) -> None:
        """Start it as a process that ends with its parent, not with its terminal."""
        self.started = time.monotonic()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "appliance", *self.arguments],
                env={**os.environ, **QUIET, **self.environment},
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                preexec_fn=end_with_parent,  # noqa: PLW1509  (this process has one thread)
            )
        except OSError as error:  # no memory or processes left: the others must live on
            self._fell(error.errno)

    def check(self) -> None:
        """Note a death and say when to start again; start when that moment has come."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self._fell(code)
        if time.monotonic() >= self.due:
            self.start()

    def _fell(self, code: int | None) -> None:
        steady = time.monotonic() - self.started > STEADY_S
        self.failures = 0 if steady else self.failures + 1
        self.due = time.monotonic() + restart_delay(self.failures)
        self.process = None
        log.warning("process ended", process=self.name, code=code, count=self.failures)


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent dies: a second set of workers must not arise."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def restart_delay(failures: int) -> float:
    """Seconds to wait before starting a child again: none at first, then doubling to 30."""
    return 0.0 if failures <= 1 else min(SLOWEST_RESTART_S, 0.5 * 2 ** (failures - 2))


class Supervisor:
    """Keeps its children alive until it is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until SIGTERM or SIGINT; then every child may finish what it has at hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    child.check()
                self.stopping.wait(0.2)
        finally:
            self.drain()

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask for the end; fit to be a signal handler."""
        self.stopping.set()

    def drain(self, seconds: float = DRAIN_S) -> None:
        """Ask all children to end, wait, then kill what is left: the queue survives a kill."""
        running = [c.process for c in self.children if c.process and c.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process did not end in time")
                process.kill()
                process.wait()
