"""Synthetic telephone voices and line sounds for the demo model, all at 8 kHz."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt, sosfiltfilt

RATE = 8000
CODECS = ("none", "ulaw", "alaw", "gsm")
NOISE_SHAPES = ("white", "pink", "brown", "hum", "speech_shaped", "crackle", "bark")
TONES = ("ringback", "busy", "dial", "special", "dtmf", "beep", "hold_beep")
_SCRATCH = "/dev/shm" if Path("/dev/shm").is_dir() else None  # RAM when there is some


@dataclass(frozen=True)
class Voice:
    """One synthetic speaker: an engine, its voice, and where rate and pitch sit."""

    engine: str  # "flite" or "espeak"
    voice: str
    sex: str  # "f" or "m"; used only to choose a voice for a person
    rate: float  # espeak: words a minute; flite: duration stretch (1 = as built)
    pitch: int = 50  # espeak only, 0..99


DEMO_VOICES: dict[str, Voice] = {
    "ava": Voice("espeak", "en-us+f3", "f", 172, 52),
    "beth": Voice("espeak", "en-us+f5", "f", 178, 48),
    "sara": Voice("espeak", "en-us+f2", "f", 175, 50),
    "carl": Voice("espeak", "en-us+m3", "m", 172, 45),
    "dean": Voice("espeak", "en-us", "m", 168, 48),
    "eric": Voice("espeak", "en-us+m7", "m", 175, 50),
}
# Heard in the first part of the training only: they are twice as hard for so small a model, which
# then knows no voice well.
EARLY_VOICES: dict[str, Voice] = {
    "slt": Voice("flite", "slt", "f", 1.0),
    "rms": Voice("flite", "rms", "m", 0.92),
    "awb": Voice("flite", "awb", "m", 1.0),
}
# Never trained on: what the model does with them shows how little it knows beyond its own voices.
UNSEEN_VOICES: dict[str, Voice] = {
    "kal16": Voice("flite", "kal16", "m", 1.0),
    "kal": Voice("flite", "kal", "m", 1.0),
}


def voice_spec(voice: str | Voice) -> Voice:
    """The spec of a voice given by name, or the spec itself."""
    if isinstance(voice, Voice):
        return voice
    return (DEMO_VOICES | EARLY_VOICES | UNSEEN_VOICES)[voice]


def speak(text: str, voice: str | Voice, rng: np.random.Generator | None = None) -> np.ndarray:
    """Say the text: int16 at 8 kHz, telephone band, trimmed, peak at 0.5 of full scale.

    With a generator, rate, pitch and vocal-tract length vary a little; without, always the same.
    """
    spec = voice_spec(voice)

    def vary(spread: float) -> float:
        return float(rng.uniform(-spread, spread)) if rng is not None else 0.0

    if spec.engine == "flite":
        audio, rate = _flite(text, spec.voice, spec.rate * (1 + vary(0.05)))
        audio = stretch(audio, 1 + vary(0.015))
    else:
        words, pitch = round(spec.rate * (1 + vary(0.05))), round(spec.pitch + vary(4))
        audio, rate = _espeak(text, spec.voice, words, pitch)
        audio = stretch(audio, 1 + vary(0.01))
    return telephone(trim(audio), rate)


def _espeak(text: str, voice: str, words: int, pitch: int) -> tuple[np.ndarray, int]:
    command = ["espeak-ng", "-v", voice, "-s", str(words), "-p", str(pitch), "--stdout"]
    out = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    # The header of a piped WAV has no lengths, so it is skipped rather than parsed.
    return np.frombuffer(out[44 : len(out) - len(out) % 2], "<i2").astype(np.float32) / 32768, 22050


def _flite(text: str, voice: str, slower: float) -> tuple[np.ndarray, int]:
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=_SCRATCH) as out:
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={slower:.3f}"]
        command += ["-t", text + " ", "-o", out.name]
        subprocess.run(command, capture_output=True, check=True)
        with wave.open(out.name) as wav:
            raw, rate = wav.readframes(wav.getnframes()), wav.getframerate()
    return np.frombuffer(raw, "<i2").astype(np.float32) / 32768, rate


def stretch(audio: np.ndarray, factor: float) -> np.ndarray:
    """Play faster (> 1) or slower by resampling: moves tempo, pitch and formants together."""
    if abs(factor - 1) < 1e-3:
        return audio
    at = np.arange(0, len(audio) - 1, factor)
    return np.interp(at, np.arange(len(audio)), audio).astype(np.float32)


def trim(audio: np.ndarray, level: float = 0.004, pad: int = 300) -> np.ndarray:
    """Cut leading and trailing silence, so that a start time is the start of the sound."""
    loud = np.nonzero(np.abs(audio) > level)[0]
    return audio[max(0, loud[0] - pad) : loud[-1] + pad] if len(loud) else audio[:0]


def telephone(audio: np.ndarray, rate: int) -> np.ndarray:
    """Bring audio to the 300-3400 Hz band at 8 kHz, int16, peak at half of full scale."""
    if not len(audio):
        return np.zeros(0, np.int16)
    step = int(np.gcd(rate, RATE))
    audio = resample_poly(audio, RATE // step, rate // step) if rate != RATE else audio
    band = butter(4, [300, 3400], btype="band", fs=RATE, output="sos")
    audio = sosfilt(band, audio)
    return np.int16(np.clip(audio / (np.abs(audio).max() + 1e-9) * 0.5, -1, 1) * 32767)


def ulaw(audio: np.ndarray) -> np.ndarray:
    """G.711 mu-law there and back (int16 to int16)."""
    x = np.clip(audio.astype(np.int32), -32635, 32635)
    magnitude = np.abs(x) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    back = (((mantissa << 3) + 132) << exponent) - 132
    return np.int16(np.sign(x) * back)


def alaw(audio: np.ndarray) -> np.ndarray:
    """G.711 A-law there and back (int16 to int16)."""
    x = audio.astype(np.int32)
    magnitude = np.where(x >= 0, x, -x - 1) >> 3
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 1)
    low = magnitude < 32
    mantissa = np.where(low, magnitude >> 1, (magnitude >> exponent) & 15)
    high_back = ((mantissa << 1) + 33) << (exponent - 1)
    back = np.where(low, (mantissa << 1) + 1, high_back) << 3
    return np.int16(np.where(x >= 0, back, -back))


def gsm(audio: np.ndarray) -> np.ndarray:
    """GSM full rate there and back through sox; the codec is lossy and easily heard."""
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    coded = ["-t", "gsm", "-r", str(RATE), "-c", "1", "-"]
    data = audio.tobytes()
    for way in ([*raw, *coded], [*coded, *raw]):
        data = subprocess.run(["sox", *way], input=data, capture_output=True, check=True).stdout
    back = np.frombuffer(data, "<i2")
    return np.pad(back[: len(audio)], (0, max(0, len(audio) - len(back))))


def code(audio: np.ndarray, codec: str) -> np.ndarray:
    """A coding round trip by name (see CODECS)."""
    return {"none": lambda a: a, "ulaw": ulaw, "alaw": alaw, "gsm": gsm}[codec](audio)


def noise(samples: int, shape: str, rng: np.random.Generator) -> np.ndarray:
    """Noise of a shape (see NOISE_SHAPES), float32 with RMS 1."""
    t = np.arange(samples) / RATE
    if shape in ("white", "pink", "brown", "speech_shaped"):
        spectrum = np.fft.rfft(rng.standard_normal(samples))
        f = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20.0)
        tilt = {"white": 0.0, "pink": 0.5, "brown": 1.0, "speech_shaped": 0.9}[shape]
        out = np.fft.irfft(spectrum / np.maximum(f, 300.0) ** tilt, samples)
        if shape == "speech_shaped":  # swells like talk in another room, without words
            beat = rng.uniform(2, 5)
            out = out * (1 + 0.8 * np.sin(2 * np.pi * beat * t + rng.uniform(0, 6)))
    elif shape == "hum":
        out = sum(
            np.sin(2 * np.pi * 60 * k * t + rng.uniform(0, 6)) * rng.uniform(0.2, 1) / k
            for k in (2, 3, 5, 6, 7, 9)
        ) + 0.05 * rng.standard_normal(samples)
    elif shape == "crackle":
        out = 0.02 * rng.standard_normal(samples)
        hits = rng.integers(0, max(samples, 1), max(1, samples // 1500))
        out[hits] += rng.standard_normal(len(hits))
    else:
        out = _barks(samples, rng)
    out = np.asarray(out, np.float32)
    return out / (np.sqrt(np.mean(out**2)) + 1e-9)


def _barks(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A dog in the waiting room: short falling harmonic bursts over faint noise."""
    out = 0.02 * rng.standard_normal(samples)
    at = int(rng.uniform(0, 0.6) * RATE)
    while at < samples:
        n = min(int(rng.uniform(0.12, 0.3) * RATE), samples - at)
        t = np.arange(n) / RATE
        phase = 2 * np.pi * np.cumsum(rng.uniform(350, 700) * np.exp(-2.5 * t)) / RATE
        burst = sum(np.sin(k * phase) / k for k in range(1, 6)) + 0.3 * rng.standard_normal(n)
        out[at : at + n] += burst * np.exp(-10 * t) * np.minimum(1, t * 200)
        at += n + int(rng.uniform(0.1, 1.5) * RATE)
    return out


def tone(samples: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """A line tone (see TONES), float32 with peak about 1, starting anywhere in its cadence."""
    if kind == "special":
        return _sequence(samples, [(950,), (1400,), (1800,)], 0.33, 0.0, rng)
    if kind == "dtmf":
        keys = [(lo, hi) for lo in (697, 770, 852, 941) for hi in (1209, 1336, 1477)]
        picked = [keys[i] for i in rng.integers(0, 12, 8)]
        return _sequence(samples, picked, rng.uniform(0.08, 0.2), rng.uniform(0.05, 0.4), rng)
    pitches, on, off = {
        "ringback": ((440, 480), 2.0, 4.0) if rng.random() < 0.7 else ((400, 450), 0.4, 0.6),
        "busy": ((480, 620), 0.5, 0.5),
        "dial": ((350, 440), 60.0, 0.0),
        "beep": ((float(rng.choice([1000, 1400, 800])),), 0.4, 12.0),
        "hold_beep": ((1400,), 0.3, 8.0),
    }[kind]
    return _sequence(samples, [pitches], on, off, rng)


def _sequence(
    samples: int, chords: list[tuple[float, ...]], on: float, off: float, rng: np.random.Generator
) -> np.ndarray:
    t = np.arange(samples) / RATE + rng.uniform(0, 0.5)
    slot = on + off
    which = np.floor(t / slot).astype(int) % len(chords)
    sounding = (t % slot) < on
    out = np.zeros(samples, np.float32)
    for i, chord in enumerate(chords):
        wave_ = sum(np.sin(2 * np.pi * f * t) for f in chord) / len(chord)
        out += np.where((which == i) & sounding, wave_, 0).astype(np.float32)
    return out


def music(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Hold music: a slow chord progression with a wandering melody, float32, peak 1."""
    out = np.zeros(samples + RATE, np.float32)
    beat = int(rng.uniform(0.25, 0.6) * RATE)
    root, at, step = float(rng.uniform(150, 300)), 0, 0
    chords = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (-3, 0, 4)]
    rng.shuffle(chords)
    bright = rng.uniform(0.2, 0.7)
    while at < samples:
        chord = chords[(step // 4) % len(chords)]
        notes = [(c, 0.5, 4) for c in chord] if step % 4 == 0 else []
        if rng.random() < 0.8:
            notes.append((12 + int(rng.choice([0, 2, 4, 5, 7, 9, 11])), 1.0, rng.integers(1, 3)))
        for semitone, loud, beats in notes:
            n = min(int(beats * beat), len(out) - at)
            t = np.arange(n) / RATE
            f = root * 2 ** (semitone / 12)
            note = sum(bright ** (k - 1) * np.sin(2 * np.pi * f * k * t) for k in range(1, 6))
            note *= np.exp(-t * rng.uniform(0.8, 3)) * np.minimum(1, t * 80)
            out[at : at + n] += loud * note
        at, step = at + beat, step + 1
    out = sosfiltfilt(butter(2, 3400, fs=RATE, output="sos"), out[:samples]).astype(np.float32)
    return out / (np.abs(out).max() + 1e-9)


def non_speech(samples: int, rng: np.random.Generator) -> tuple[str, np.ndarray]:
    """A clip nobody speaks in, at a telephone level: (kind, float32 in -1..1)."""
    kind = str(rng.choice(["silence", "noise", "tone", "music"], p=[0.2, 0.3, 0.25, 0.25]))
    level = 10 ** (rng.uniform(-40, -8) / 20)
    floor = 10 ** (rng.uniform(-80, -50) / 20) * noise(samples, "white", rng)
    if kind == "silence":
        return kind, floor * float(rng.random() < 0.8)
    if kind == "noise":
        shape = str(rng.choice(NOISE_SHAPES))
        return kind, np.clip(floor + 0.3 * level * noise(samples, shape, rng), -1, 1)
    if kind == "tone":
        return kind, floor + level * tone(samples, str(rng.choice(TONES)), rng)
    return kind, floor + level * music(samples, rng)
