"""The decoding child reaches nothing: no network, no files, no processes; and dying is harmless."""

import json
import mmap
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from appliance import audio
from appliance.audio import Limits, decode
from appliance.errors import Unavailable, Unusable
from tests.audio import recordings as make

TRIES = """
import sys, os, json, socket, ctypes
sys.path.append(sys.argv[1])
from appliance import audio_jail as jail
walls = jail.limit_resources(1 << 30, 10, 1 << 20)
if sys.argv[2] == "descriptors":
    jail._filter_calls = lambda: False
walls += jail.close_doors(3)
found = {"walls": walls}
def attempt(name, act):
    try:
        act()
        found[name] = "worked"
    except OSError as error:
        found[name] = error.errno
attempt("inet", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
attempt("unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
attempt("open", lambda: os.open("/etc/hostname", os.O_RDONLY))
if "syscall_filter" in walls:
    attempt("fork", os.fork)
    attempt("exec", lambda: os.execv("/bin/true", ["true"]))
    attempt("kill", lambda: os.kill(os.getppid(), 0))
os.write(1, json.dumps(found).encode())
os._exit(0)
"""


def caged(walls: str = "all") -> dict[str, object]:
    command = [sys.executable, "-I", "-c", TRIES, audio._ROOT, walls]
    done = subprocess.run(command, capture_output=True, timeout=30, check=True)
    return json.loads(done.stdout)


def decode_tone(directory: Path, limits: Limits | None = None) -> audio.Decoded:
    with make.saved(directory, make.wav_as("s16", 1, 8_000)).open("rb") as file:
        return decode(file, limits=limits)


def test_the_child_cannot_open_a_socket_a_file_or_a_process() -> None:
    found = caged()
    if "syscall_filter" not in found["walls"]:
        pytest.skip("this kernel has no system call filter")
    for what in ("inet", "unix", "open", "fork", "exec", "kill"):
        assert found[what] == 1, what  # EPERM


def test_without_a_system_call_filter_there_is_still_no_socket_and_no_file() -> None:
    found = caged("descriptors")
    assert found["inet"] == found["unix"] == found["open"] == 24  # EMFILE


def test_the_walls_that_stood_are_told(tmp_path: Path) -> None:
    walls = decode_tone(tmp_path).jail
    assert {"no_new_privs", "limits", "no_files"} <= set(walls)


def test_the_child_gets_no_environment_no_path_and_only_its_descriptors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}
    real = subprocess.Popen

    def spy(command: list[str], **how: object) -> subprocess.Popen[bytes]:
        seen.update(how, command=command)
        return real(command, **how)

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(audio.subprocess, "Popen", spy)
    decode_tone(tmp_path)
    assert set(seen["env"]) == {"PATH", "LC_ALL", "OPENBLAS_NUM_THREADS"}
    assert str(tmp_path) not in " ".join(seen["command"])
    assert len(seen["pass_fds"]) == 3
    assert "-I" in seen["command"]


def test_the_position_of_the_file_is_left_alone(tmp_path: Path) -> None:
    with make.saved(tmp_path, make.wav_as("s16", 1, 8_000)).open("rb") as file:
        file.seek(17)
        decode(file)
        assert file.tell() == 17 == os.lseek(file.fileno(), 0, os.SEEK_CUR)


def test_a_sealed_memory_file_is_decoded_like_any_other() -> None:
    fd = os.memfd_create("recording")
    with os.fdopen(fd, "w+b") as file:
        file.write(make.wav_as("s16", 1, 8_000))
        file.flush()
        assert decode(file).duration_ms == 1_000


def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    began, before = time.monotonic(), psutil.Process().children()
    with pytest.raises(Unusable) as caught:
        decode_tone(tmp_path, Limits(wall_seconds=0.02))
    assert caught.value.outcome == "unreadable" and time.monotonic() - began < 20
    assert psutil.Process().children() == before


def test_a_child_without_enough_memory_dies_alone(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        decode_tone(tmp_path, Limits(memory_bytes=60 << 20))
    assert caught.value.outcome == "unreadable"
    assert decode_tone(tmp_path).duration_ms == 1_000


@pytest.mark.parametrize(
    "misdeed",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import ctypes; ctypes.string_at(0)",
        "import sys; sys.path.append(sys.argv[1]); from appliance import audio_jail\n"
        "audio_jail.limit_resources(1 << 30, 1, 1 << 20)\nwhile True: pass",
        "import os, sys, json; f = json.loads(sys.argv[-1])['fds'];"
        'os.write(f[0], b\'{"channels":8,"samples":9000000000,"stride":9000000000}\')',
        "import os, sys, json; f = json.loads(sys.argv[-1])['fds'];"
        'os.write(f[0], b\'{"channels":1,"samples":16000,"stride":16000}\')',
        "import os, sys, json; f = json.loads(sys.argv[-1])['fds'];"
        'os.write(f[0], b\'{"channels":1,"samples":16000,"stride":-5}\')',
        "import os, sys, json; f = json.loads(sys.argv[-1])['fds'];os.write(f[0], b'[' * 60000)",
    ],
    ids=["killed", "crashed", "spinning", "huge", "no sound behind it", "negative", "no report"],
)
def test_a_child_that_dies_or_lies_makes_the_file_unreadable_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misdeed: str
) -> None:
    monkeypatch.setattr(audio, "_BOOT", misdeed)
    open_before = psutil.Process().num_fds()
    with pytest.raises(Unusable) as caught:
        decode_tone(tmp_path)
    assert caught.value.outcome == "unreadable"
    assert psutil.Process().num_fds() == open_before


def test_a_box_that_cannot_start_a_child_tries_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio.sys, "executable", "/nonexistent/python")
    with pytest.raises(Unavailable):
        decode_tone(tmp_path)


def test_the_parent_never_loads_the_decoder() -> None:
    code = "import sys, appliance.audio; print('av' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=audio._ROOT, check=True
    )
    assert done.stdout.strip() == "False"


def test_what_the_kernel_holds_for_a_moment_is_sealed_a_moment_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page of the memory file is still mapped for writing when the child has ended."""
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, b"sound")
    held = mmap.mmap(fd, 5)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            held.close()

    monkeypatch.setattr(audio.time, "sleep", wait)
    assert bytes(audio._mapped(fd, 5)) == b"sound"
    assert len(waited) == 2
    with pytest.raises(PermissionError):
        os.write(fd, b"other")
    os.close(fd)


def test_what_the_kernel_holds_for_good_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, b"sound")
    held = mmap.mmap(fd, 5)
    monkeypatch.setattr(audio.time, "sleep", lambda _: None)
    with pytest.raises(OSError, match="busy"):
        audio._mapped(fd, 5)
    held.close()
    os.close(fd)
