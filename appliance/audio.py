"""Recordings become sound here: decoded in a caged child process, from an open file only."""

import errno
import json
import mmap
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from appliance.errors import Unavailable, Unusable

SPEECH_RATE = 16_000  # Hz, what recognition and voice activity detection work at
_REPORT_BYTES = 65_536
_SEAL_WAITS_S = (0.05, 0.1, 0.2, 0.4, 0.8)
_ROOT = str(Path(__file__).resolve().parent.parent)
_BOOT = "import sys; sys.path.append(sys.argv[1]); from appliance import audio_child as c; c.main()"
_MESSAGES = {
    "empty": "The recording holds no sound; nothing to do.",
    "too_short": "The recording is shorter than 0.3 seconds; nothing to do.",
    "too_long": "The recording is longer than the limit; raise the limit or split the file.",
    "unknown_codec": "The sound format is not one the box decodes; record in WAV instead.",
    "unreadable": "The file is not a readable recording; check it on the phone system.",
}


@dataclass(frozen=True)
class Hints:
    """What the phone system says of a file; used only where the content does not tell.

    ``container``: ulaw, alaw, sln (s16le), gsm, g722, g729, raw (s16le) or anything else for "look
    at the content". ``rate`` in Hz and ``channels`` matter for ulaw, alaw, sln and raw; 0 = default
    (8,000 Hz, one channel).
    """

    container: str = ""
    rate: int = 0
    channels: int = 0


@dataclass(frozen=True)
class Limits:
    """Caps of one decoding; beyond them the recording is refused or the child is killed."""

    seconds: int = 4 * 3600
    channels: int = 8
    output_bytes: int = 2 << 30  # speech and playable sound together
    memory_bytes: int = 1 << 30  # address space of the child
    cpu_seconds: int = 120
    wall_seconds: float = 300.0


@dataclass(frozen=True, eq=False)
class Decoded:
    """One recording as sound.

    ``speech`` is int16 of shape (channels, samples) at 16 kHz, read-only, each row contiguous; it
    lies in shared memory that is freed with the object. ``playable_type`` is the media type when a
    browser plays the original bytes as they are; otherwise it is "" and ``playable`` holds a 16-bit
    PCM WAV at the original rate. ``warnings`` are outcome codes (``truncated_header``: header
    repaired; ``damaged``: parts skipped). ``jail`` names the walls that stood around the child.
    """

    speech: NDArray[np.int16] = field(repr=False)
    codec: str
    container: str
    rate: int
    channels: int
    duration_ms: int
    playable_type: str = ""
    playable: memoryview = field(default=memoryview(b""), repr=False)
    warnings: tuple[str, ...] = ()
    jail: tuple[str, ...] = ()


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    """The child's word; it read hostile bytes, so nothing here is believed unchecked."""

    outcome: str = ""
    codec: str = ""
    container: str = ""
    rate: int = 0
    channels: int = 0
    samples: int = 0
    stride: int = 0
    duration_ms: int = 0
    playable_type: str = ""
    playable_bytes: int = 0
    warnings: tuple[str, ...] = ()
    jail: tuple[str, ...] = ()


def decode(file: BinaryIO, hints: Hints | None = None, limits: Limits | None = None) -> Decoded:
    """Decode an open regular file or memfd; the position of ``file`` is neither used nor moved.

    Raises Unusable with ``outcome`` empty, too_short, too_long, unknown_codec or unreadable (also
    when the child had to be killed), Unavailable when no child could be started.
    """
    limits = limits or Limits()
    fds = [_shared(name) for name in ("report", "speech", "playable")]
    try:
        _run_child(file.fileno(), fds, hints or Hints(), limits)
        return _collect(fds, limits)
    finally:
        for fd in fds:
            os.close(fd)


def peaks(pcm: NDArray[np.int16], buckets: int = 2000) -> bytes:
    """The waveform of ``pcm`` (int16, shape (channels, samples)) for drawing.

    Bytes: for each channel, for each of ``buckets`` equal stretches of time, a signed byte of the
    lowest and one of the highest sample (sample // 256). Length = channels * buckets * 2.
    """
    channels, samples = pcm.shape
    out = np.zeros((channels, buckets, 2), np.int8)
    if samples:
        edges = np.arange(buckets, dtype=np.int64) * samples // buckets
        for row, drawn in zip(pcm, out, strict=True):
            drawn[:, 0] = np.minimum.reduceat(row, edges) >> 8
            drawn[:, 1] = np.maximum.reduceat(row, edges) >> 8
    return out.tobytes()


def _shared(name: str) -> int:
    return os.memfd_create(f"petsvet-{name}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def _run_child(source: int, fds: Sequence[int], hints: Hints, limits: Limits) -> None:
    order = {"hints": asdict(hints), "limits": asdict(limits), "fds": list(fds)}
    command = [sys.executable, "-I", "-c", _BOOT, _ROOT, json.dumps(order)]
    scrubbed = {"PATH": "/nonexistent", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
    try:
        child = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=fds,
            env=scrubbed,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable("The decoder could not be started; free memory and retry.") from error
    try:
        child.wait(limits.wall_seconds)
    except subprocess.TimeoutExpired:
        raise _unusable("unreadable") from None
    finally:
        child.kill()
        child.wait()


def _collect(fds: Sequence[int], limits: Limits) -> Decoded:
    report_fd, speech_fd, playable_fd = fds
    report = _read_report(report_fd)
    if report.outcome:
        raise _unusable(report.outcome)
    speech = _speech(speech_fd, report, limits)
    return Decoded(
        speech=speech,
        codec=report.codec[:40],
        container=report.container[:40],
        rate=report.rate,
        channels=report.channels,
        duration_ms=report.duration_ms,
        playable_type=report.playable_type[:40],
        playable=_mapped(playable_fd, report.playable_bytes),
        warnings=report.warnings,
        jail=report.jail,
    )


def _read_report(fd: int) -> _Report:
    try:
        return msgspec.json.decode(os.pread(fd, _REPORT_BYTES, 0), type=_Report)
    except msgspec.MsgspecError:  # the child died before its last word
        raise _unusable("unreadable") from None


def _speech(fd: int, report: _Report, limits: Limits) -> NDArray[np.int16]:
    """Rows lie ``stride`` samples apart in a sparse file, so each is contiguous and uncopied."""
    rows, samples, stride = report.channels, report.samples, report.stride
    sane = 0 < rows <= limits.channels and 0 < samples <= stride
    if not sane or samples > (limits.seconds + 1) * SPEECH_RATE:
        raise _unusable("unreadable")
    view = _mapped(fd, 2 * ((rows - 1) * stride + samples))
    flat = np.frombuffer(view, np.int16)
    return np.lib.stride_tricks.as_strided(flat, (rows, samples), (2 * stride, 2), writeable=False)


def _mapped(fd: int, length: int) -> memoryview:
    """The first ``length`` bytes of a memfd as read-only memory that nobody can change any more."""
    if length == 0:
        return memoryview(b"")
    _seal(fd)
    if not 0 < length <= os.fstat(fd).st_size:
        raise _unusable("unreadable")
    return memoryview(mmap.mmap(fd, length, access=mmap.ACCESS_READ))


def _seal(fd: int) -> None:
    """Let nobody write any more. A busy kernel may hold pages for a moment and refuse until then."""
    for wait_s in (*_SEAL_WAITS_S, None):
        try:
            fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
            return
        except OSError as error:
            if error.errno != errno.EBUSY or wait_s is None:
                raise
            time.sleep(wait_s)


def _unusable(outcome: str) -> Unusable:
    known = outcome if outcome in _MESSAGES else "unreadable"
    return Unusable(_MESSAGES[known], known)
