"""Renders the sample calls to telephone audio, with exact times: python -m models.demo.render."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from models.demo.voices import RATE, music, noise, speak, ulaw

CALLS = Path(__file__).parent / "calls"
AUDIO = CALLS / "audio"
MUSIC_PEAK, TONE_PEAK = 0.08, 0.05  # of full scale; speech peaks near 0.17
FLAC = {  # the smallest of what was tried; a low coefficient precision suits short G.711 blocks
    "compression_level": "12",
    "lpc_type": "cholesky",
    "lpc_passes": "4",
    "lpc_coeff_precision": "8",
    "exact_rice_parameters": "1",
}
Event = tuple[str, int, int, str]  # kind, first sample, last sample, side


def main() -> None:
    """Render every call, or only the ids named on the command line."""
    AUDIO.mkdir(parents=True, exist_ok=True)
    times = {}
    for call in read_scripts():
        if call["layout"] == "none":
            continue
        sides, segments, events = lay_out(call)
        channels = mix(call, sides)
        times[call["id"]] = describe(call, channels, segments, events)
        if not sys.argv[1:] or call["id"] in sys.argv[1:]:
            path = write_audio(call, channels)
            print(f"{call['id']} {channels.shape[1] / RATE:6.1f} s {path.stat().st_size:8d} bytes")
    (CALLS / "times.json").write_text(json.dumps(times, indent=1) + "\n")


def read_scripts() -> list[dict[str, Any]]:
    """The scripted calls, in file order."""
    lines = (CALLS / "scripts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def side_of(speaker: str) -> str:
    """The recorded side a speaker is on: what the PBX plays comes from the clinic's side."""
    return "caller" if speaker == "caller" else "staff"


def left_side(call: dict[str, Any]) -> str:
    """Left is the audio from the recorded channel: the trunk inbound, the extension outbound."""
    return "staff" if call["direction"] == "out" else "caller"


def seeded(*key: str) -> np.random.Generator:
    """A generator that depends on the words of the key alone."""
    return np.random.default_rng(zlib.crc32("/".join(key).encode()))


def lay_out(
    call: dict[str, Any],
) -> tuple[dict[str, np.ndarray], list[tuple[int, int]], list[Event]]:
    """Place turns and effects on a time line: a float side each, segment bounds, events."""
    rng = seeded(call["id"], "gaps")
    placed: list[tuple[int, str, np.ndarray]] = []
    segments: list[tuple[int, int]] = []
    events: list[Event] = []
    at = 0

    def add_effects(after: int) -> None:
        nonlocal at
        for effect in call["effects"]:
            if effect.get("after") == after and effect["kind"] != "line_noise":
                sound = effect_sound(call["id"], effect)
                placed.append((at, "staff", sound))
                events.append((effect["kind"], at, at + len(sound), "staff"))
                at += len(sound)

    add_effects(-1)
    at += int(rng.uniform(0.3, 0.7) * RATE)
    for index, segment in enumerate(call["segments"]):
        sound = turn_sound(call, segment)
        start = at if index == 0 or events_end_at(events, at) else at + gap(call, index, rng)
        start = max(start, 0)
        placed.append((start, side_of(segment["speaker"]), sound))
        segments.append((start, start + len(sound)))
        at = start + len(sound)
        if any(effect.get("after") == index for effect in call["effects"]):
            at += int(rng.uniform(0.4, 0.8) * RATE)
            add_effects(index)
    return fill(placed, at + int(rng.uniform(0.5, 0.9) * RATE)), segments, events


def events_end_at(events: list[Event], at: int) -> bool:
    """Whether an effect ends right here, so that speech may follow at once."""
    return bool(events) and events[-1][2] == at


def gap(call: dict[str, Any], index: int, rng: np.random.Generator) -> int:
    """Samples between two turns; negative when the next speaker comes in early."""
    before, now = call["segments"][index - 1]["speaker"], call["segments"][index]["speaker"]
    if "ivr" in (before, now):
        return int(rng.uniform(0.6, 1.2) * RATE)
    if before == now:
        return int(rng.uniform(0.4, 0.8) * RATE)
    if rng.random() < 0.12:
        return -int(rng.uniform(0.05, 0.3) * RATE)
    return int(rng.uniform(0.2, 0.9) * RATE)


def turn_sound(call: dict[str, Any], segment: dict[str, Any]) -> np.ndarray:
    """One turn as float samples; the same speaker keeps one rate and pitch through a call."""
    speaker = segment["speaker"]
    voice = call["voices"][speaker]
    sound = speak(segment["text"], voice, seeded(call["id"], speaker)) / 32768
    loudness = seeded(call["id"], speaker, "gain").uniform(0.25, 0.45)
    return np.asarray(sound * loudness, np.float32)


def effect_sound(call_id: str, effect: dict[str, Any]) -> np.ndarray:
    """Ring back (US cadence), hold music or the voicemail tone, as float samples."""
    count = int(effect["s"] * RATE)
    if effect["kind"] == "hold_music":
        return MUSIC_PEAK * music(count, seeded(call_id, "music", str(effect["after"])))
    t = np.arange(count) / RATE
    if effect["kind"] == "ring":
        both = np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)
        return np.float32(TONE_PEAK * np.where(t % 6 < 2, both / 2, 0))
    return np.float32(TONE_PEAK * np.sin(2 * np.pi * 1000 * t) * (t < effect["s"] - 0.15))


def fill(placed: list[tuple[int, str, np.ndarray]], samples: int) -> dict[str, np.ndarray]:
    """Two silent sides of the call's length with every sound added in its place."""
    sides = {side: np.zeros(samples, np.float32) for side in ("caller", "staff")}
    for start, side, sound in placed:
        sides[side][start : start + len(sound)] += sound
    return sides


def mix(call: dict[str, Any], sides: dict[str, np.ndarray]) -> np.ndarray:
    """Comfort noise and G.711 on each side, then the layout: int16 (channels, samples)."""
    level = next(e["dbfs"] for e in call["effects"] if e["kind"] == "line_noise")
    legs = {}
    for side, sound in sides.items():
        hiss = noise(len(sound), "white", seeded(call["id"], side, "noise"))
        legs[side] = ulaw(np.int16(np.clip(sound + 10 ** (level / 20) * hiss, -1, 1) * 32767))
    if call["layout"] == "stereo":
        left = left_side(call)
        return np.stack([legs[left], legs["staff" if left == "caller" else "caller"]])
    both = legs["caller"].astype(np.int32) + legs["staff"]
    return np.int16(np.clip(both, -32768, 32767))[None, :]


def describe(
    call: dict[str, Any],
    channels: np.ndarray,
    segments: list[tuple[int, int]],
    events: list[Event],
) -> dict[str, Any]:
    """What times.json says of one call; channel is 0 for everything in a mono recording."""
    stereo = len(channels) == 2
    left = left_side(call)
    right = "staff" if left == "caller" else "caller"

    def span(start: int, end: int, side: str) -> dict[str, int]:
        where = int(stereo and side != left)
        return {"start_ms": start * 1000 // RATE, "end_ms": end * 1000 // RATE, "channel": where}

    return {
        "file": audio_name(call),
        "duration_ms": channels.shape[1] * 1000 // RATE,
        "channel_map": {"0": left, "1": right} if stereo else None,
        "segments": [
            span(start, end, side_of(segment["speaker"]))
            for (start, end), segment in zip(segments, call["segments"], strict=True)
        ],
        "events": [{"kind": kind, **span(start, end, side)} for kind, start, end, side in events],
    }


def audio_name(call: dict[str, Any]) -> str:
    """The file a call is kept in, under audio/."""
    return f"{call['id']}.WAV" if call["layout"] == "wav49" else f"{call['id']}.flac"


def write_audio(call: dict[str, Any], channels: np.ndarray) -> Path:
    """Write FLAC, or GSM 6.10 in RIFF the way Asterisk's wav49 does."""
    path = AUDIO / audio_name(call)
    if call["layout"] == "wav49":
        path.write_bytes(wav49(channels))
    else:
        write_flac(path, channels)
    return path


def wav49(channels: np.ndarray) -> bytes:
    """GSM 6.10 in RIFF, cut to whole blocks as Asterisk's is (sox counts its padding as sound)."""
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    command = ["sox", "-V1", "-D", *raw, "-t", "wav", "-e", "gsm-full-rate", "-"]
    made = subprocess.run(command, input=channels.tobytes(), capture_output=True, check=True).stdout
    header, sound = made[:60], made[60:]
    sound = sound[: len(sound) // 65 * 65]
    riff, count = (52 + len(sound)).to_bytes(4, "little"), len(sound) // 65 * 320
    fact = count.to_bytes(4, "little") + b"data" + len(sound).to_bytes(4, "little")
    return header[:4] + riff + header[8:48] + fact + sound


def write_flac(path: Path, channels: np.ndarray) -> None:
    """Lossless 16-bit FLAC at 8 kHz."""
    layout = "stereo" if len(channels) == 2 else "mono"
    interleaved = np.ascontiguousarray(channels.T).reshape(1, -1)
    with av.open(str(path), "w", format="flac") as out:
        stream = out.add_stream("flac", rate=RATE, options=FLAC)
        stream.codec_context.layout = layout
        stream.codec_context.format = "s16"
        step = 4608 * len(channels)
        for start in range(0, interleaved.shape[1], step):
            block = np.ascontiguousarray(interleaved[:, start : start + step])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
            frame.sample_rate, frame.pts = RATE, start // len(channels)
            frame.time_base = Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


if __name__ == "__main__":
    main()
