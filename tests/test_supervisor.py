"""The supervisor restarts what dies, drains on SIGTERM, and takes its children with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.supervisor import restart_delay

# A supervisor whose children are small programs instead of `python -m appliance …`.
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from appliance import supervisor
def tiny(arguments):
    return [sys.executable, "-c", {child!r}, *arguments]
real = supervisor.subprocess.Popen
supervisor.subprocess.Popen = lambda command, **k: real(tiny(command[3:]), **k)
children = [supervisor.Child(name, [{folder!r}, name]) for name in {names!r}]
supervisor.DRAIN_S = 1.5
sup = supervisor.Supervisor(children)
sup.drain.__func__.__defaults__ = (1.5,)
sup.run()
"""
CHILD = """
import os, signal, sys, time
from pathlib import Path
folder, name = Path(sys.argv[1]), sys.argv[2]
def note(what):
    with (folder / name).open("a") as file:
        file.write(f"{what} {os.getpid()}\\n")
def end(*_):
    if name != "stubborn":
        note("ended"); sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("started")
while True:
    time.sleep(0.05)
"""


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.02)


def notes(path: Path, what: str) -> list[int]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith(what)]


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def supervise(folder: Path, *names: str) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[1])
    code = PROGRAM.format(root=root, child=CHILD, folder=str(folder), names=names)
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    until(lambda: all(notes(folder / name, "started") for name in names))
    return process


def test_a_child_that_is_killed_starts_again_and_the_others_are_left_alone(tmp_path: Path) -> None:
    process = supervise(tmp_path, "one", "two")
    os.kill(notes(tmp_path / "one", "started")[0], signal.SIGKILL)
    until(lambda: len(notes(tmp_path / "one", "started")) == 2)
    assert len(notes(tmp_path / "two", "started")) == 1
    process.terminate()
    assert process.wait(20) == 0


def test_on_sigterm_every_child_may_end_what_it_does_and_a_stubborn_one_is_killed(
    tmp_path: Path,
) -> None:
    process = supervise(tmp_path, "one", "stubborn")
    process.terminate()
    assert process.wait(20) == 0
    assert len(notes(tmp_path / "one", "ended")) == 1
    assert gone(notes(tmp_path / "stubborn", "started")[0])
    assert len(notes(tmp_path / "one", "started")) == 1, "nothing is started while draining"


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    process = supervise(tmp_path, "one")
    process.kill()
    process.wait()
    until(lambda: gone(notes(tmp_path / "one", "started")[0]))


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 0), (2, 0.5), (5, 4), (50, 30)])
def test_what_dies_again_and_again_is_started_less_and_less_often(
    failures: int, seconds: float
) -> None:
    assert restart_delay(failures) == seconds
