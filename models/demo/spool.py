"""Lays the sample calls out as a FreePBX box would: a monitor spool and its Master.csv."""

from __future__ import annotations

import json
import os
import shutil
import wave
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np

CALLS = Path(__file__).parent / "calls"
CLINIC_NUMBER = "+15125550100"
QUEUE = "400"
RATE = 8000
ANSWER_COLUMN = 10
Row = list[str | int]
Times = tuple[datetime, datetime | None, datetime]  # start, answer, end
Leg = tuple[  # dst, dcontext, (channel, dstchannel), (lastapp, lastdata), times, answered
    str, str, tuple[str, str], tuple[str, str], Times, bool
]


@dataclass(frozen=True)
class SpooledCall:
    """One call as laid out: where its recording lies (None: none was made) and its CDR rows."""

    id: str
    uniqueid: str
    started_at: datetime
    ended_at: datetime
    path: Path | None
    rows: tuple[Row, ...]


def write_spool(
    target: Path, now: datetime, calls: Collection[str] | None = None
) -> list[SpooledCall]:
    """Write the sample calls (or those with the given ids) under target, oldest first.

    ``now`` says today and the box's zone: an aware time is taken in its own zone, a naive one in
    the system's. ``days_ago`` of a script counts back working days (Monday to Friday), so that a
    call falls into opening hours whenever the demo is made. Every call ends before ``now``.

    Recordings lie in ``YYYY/MM/DD/<type>-<a>-<b>-<YYYYMMDD>-<HHMMSS>-<epoch>.<n>.wav`` (PCM s16le;
    the wav49 call as ``.WAV``), name and folder in local time, the epoch in UTC, modification time
    the end of the call. ``Master.csv`` in target holds the rows in the order of Asterisk's cdr_csv
    with uniqueid, userfield, peeraccount, linkedid and sequence, local times, written as calls end:
    two rows for the queue call and for the call nobody answered, which has no recording. Files of
    an earlier spool with the same names are replaced; Master.csv is written anew.
    """
    target.mkdir(parents=True, exist_ok=True)
    picked = [s for s in read_scripts() if calls is None or s["id"] in calls]
    picked.sort(key=lambda script: started_at(script, now))
    times = json.loads((CALLS / "times.json").read_text(encoding="utf-8"))
    spooled, channel = [], 0
    for script in picked:
        made = _spool(script, times.get(script["id"]), target, now, channel)
        channel += 2 + len(made.rows)
        spooled.append(made)
    (target / "Master.csv").write_bytes(master_csv(spooled))
    return spooled


def read_scripts() -> list[dict[str, Any]]:
    """The scripted calls with their labels, in file order."""
    lines = (CALLS / "scripts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def started_at(script: dict[str, Any], now: datetime) -> datetime:
    """When the call comes in: its local time of day, so many working days before now."""
    local = now.astimezone() if now.tzinfo is None else now
    day = local.date()
    for _ in range(script["start"]["days_ago"]):
        day -= timedelta(days=1)
        while day.weekday() > 4:
            day -= timedelta(days=1)
    clock = datetime.strptime(script["start"]["time"], "%H:%M:%S").time()
    naive = datetime.combine(day, clock)
    return naive.astimezone() if now.tzinfo is None else naive.replace(tzinfo=now.tzinfo)


def _spool(
    script: dict[str, Any], times: dict[str, Any] | None, target: Path, now: datetime, channel: int
) -> SpooledCall:
    start = started_at(script, now)
    uniqueid = f"{int(start.timestamp())}.{channel}"
    answer, end = _answer_and_end(script, times, start)
    path = None
    if times:
        folder = target / start.strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / recording_name(script, start, uniqueid)
        _write_recording(CALLS / "audio" / times["file"], path)
        os.utime(path, (end.timestamp(), end.timestamp()))
    rows = _rows(script, start, answer, end, uniqueid, channel)
    return SpooledCall(script["id"], uniqueid, start, end, path, rows)


def _answer_and_end(
    script: dict[str, Any], times: dict[str, Any] | None, start: datetime
) -> tuple[datetime | None, datetime]:
    """When the PBX answered (a notice answers at once) and when the call ended."""
    rung = timedelta(seconds=script["ring_s"])
    if times is None:
        return None, start + rung
    talk = timedelta(seconds=round(times["duration_ms"] / 1000))
    if _pbx_picks_up(script):
        return start, start + talk
    heard = times["events"][0]["end_ms"] // 1000 if _rings_on_tape(script) else 0
    return start + rung, start + rung + talk - timedelta(seconds=heard)


def _pbx_picks_up(script: dict[str, Any]) -> bool:
    """Whether the notice is played before anyone rings: queue and menu, but not voicemail."""
    return bool(script["answered"] and script["segments"][0]["speaker"] == "ivr")


def _rings_on_tape(script: dict[str, Any]) -> bool:
    return any(e["kind"] == "ring" and e["after"] < 0 for e in script["effects"])


def recording_name(script: dict[str, Any], start: datetime, uniqueid: str) -> str:
    """The FreePBX name of the recording; in and q carry the number called, out the one dialed."""
    caller, kind = script["caller_number"], script["file_type"]
    first, second = {
        "in": (CLINIC_NUMBER, caller),
        "q": (QUEUE, caller),
        "out": (caller.lstrip("+"), str(script["staff_ext"])),
        "external": (str(script["staff_ext"] or 101), caller),
    }[kind]
    ending = "WAV" if script["layout"] == "wav49" else "wav"
    return f"{kind}-{first}-{second}-{start:%Y%m%d-%H%M%S}-{uniqueid}.{ending}"


def _write_recording(source: Path, path: Path) -> None:
    if source.suffix == ".WAV":
        shutil.copyfile(source, path)
        return
    samples = read_audio(source)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(samples))
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.ascontiguousarray(samples.T).astype("<i2").tobytes())


def read_audio(path: Path) -> np.ndarray[Any, Any]:
    """The samples of one of our audio files: int16, (channels, samples), 8 kHz."""
    with av.open(str(path)) as container:
        blocks = [
            frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
            for frame in container.decode(audio=0)
        ]
    return np.concatenate(blocks).T.astype(np.int16)


def _rows(
    script: dict[str, Any],
    start: datetime,
    answer: datetime | None,
    end: datetime,
    uniqueid: str,
    channel: int,
) -> tuple[Row, ...]:
    """The CDR rows of one call, in the order Asterisk writes them."""
    ext, caller, kind = script["staff_ext"] or 101, script["caller_number"], script["file_type"]
    trunk, phone = f"PJSIP/trunk-{channel:08x}", f"PJSIP/{ext}-{channel + 1:08x}"
    dialed = caller.lstrip("+")
    whole: Times = (start, answer, end)
    legs: list[Leg]
    src = str(ext) if kind == "out" else caller
    if kind == "out":
        away = (f"PJSIP/{ext}-{channel:08x}", f"PJSIP/trunk-{channel + 1:08x}")
        legs = [
            (dialed, "from-internal", away, ("Dial", f"PJSIP/{dialed}@trunk,60,T"), whole, True)
        ]
    elif kind == "q":
        other = f"PJSIP/{102 if ext == 101 else 101}-{channel + 2:08x}"
        second = timedelta(seconds=1)
        # Asterisk bills a phone that lost the race in a queue, and still says NO ANSWER.
        lost = (start + second, start + second, start + 3 * second)
        app = ("Queue", f"{QUEUE},t,,,40")
        legs = [(QUEUE, "ext-queues", (trunk, phone), app, whole, True)]
        legs.append((QUEUE, "ext-queues", (trunk, other), app, lost, False))
    elif answer and not script["answered"]:
        app = ("VoiceMail", f"{ext}@default,u")
        legs = [(f"vmu{ext}", "ext-local", (trunk, ""), app, whole, True)]
    else:
        app = ("Dial", f"PJSIP/{ext},40,Tt")
        legs = [(str(ext), "ext-local", (trunk, phone), app, whole, bool(answer))]
        if not answer:
            over = (end, None, end)
            legs.append((str(ext), "ext-local", (trunk, ""), ("Hangup", ""), over, False))
    return tuple(_row(src, leg, uniqueid, channel + i) for i, leg in enumerate(legs))


def _row(src: str, leg: Leg, uniqueid: str, sequence: int) -> Row:
    """One row in the column order of cdr_csv with uniqueid, userfield and the new columns."""
    dst, context, channels, app, (began, picked, over), answered = leg
    stamps = [f"{t:%Y-%m-%d %H:%M:%S}" if t else "" for t in (began, picked, over)]
    duration = int((over - began).total_seconds())
    billed = int((over - picked).total_seconds()) if picked else 0
    state = "ANSWERED" if answered else "NO ANSWER"
    words = ["", src, dst, context, f'"" <{src}>', *channels, *app, *stamps]
    return [*words, duration, billed, state, "DOCUMENTATION", uniqueid, "", "", uniqueid, sequence]


def master_csv(spooled: list[SpooledCall]) -> bytes:
    """Master.csv as cdr_csv writes it: words quoted, numbers and empty answers bare, by end."""
    rows = [row for call in sorted(spooled, key=lambda one: one.ended_at) for row in call.rows]
    lines = (",".join(_field(i, value) for i, value in enumerate(row)) for row in rows)
    return "".join(line + "\n" for line in lines).encode()


def _field(index: int, value: str | int) -> str:
    if isinstance(value, int) or (index == ANSWER_COLUMN and not value):
        return str(value)
    return '"' + value.replace('"', '""') + '"'
