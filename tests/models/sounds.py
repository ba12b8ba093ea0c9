"""What a telephone line carries when nobody speaks, and a demo call in which somebody does."""

import functools
from pathlib import Path

import numpy as np

from appliance.audio import decode

RATE = 16_000
CALLS = Path(__file__).parents[2] / "models" / "demo" / "calls" / "audio"


@functools.lru_cache
def demo_call(name: str = "demo-03.flac", seconds: int = 30) -> np.ndarray:
    """int16 (channels, samples) of the beginning of a demo call."""
    with (CALLS / name).open("rb") as file:
        return np.ascontiguousarray(decode(file).speech[:, : seconds * RATE])


@functools.lru_cache
def wordless(seconds: int = 20) -> dict[str, np.ndarray]:
    """int16 channels by name: silence, tones, music and noises, none of them speech."""
    at = np.arange(seconds * RATE) / RATE
    rng = np.random.default_rng(5)
    sounds = {
        "silence": np.zeros(len(at)),
        "ringing": 0.1 * _tones(at, 440, 480) * (at % 6 < 2),
        "busy": 0.1 * _tones(at, 480, 620) * (at % 1 < 0.5),
        "dial tones": 0.2 * _tones(at, 770, 1336) * (at % 0.2 < 0.1),
        "fax": 0.2 * _tones(at, 1100) * (at % 3.5 < 0.5),
        "hold music": _telephone(_melody(len(at), rng)),
        "hiss": _telephone(rng.normal(0, 0.1, len(at))),
        "hum": 0.2 * np.sign(_tones(at, 120)),
        "clicks": (rng.random(len(at)) > 0.9995) * 0.8,
        "barking": _barks(at, rng),
    }
    return {name: (32767 * np.clip(x, -1, 1)).astype(np.int16) for name, x in sounds.items()}


def _tones(at: np.ndarray, *hertz: float) -> np.ndarray:
    return sum((np.sin(2 * np.pi * f * at) for f in hertz), np.zeros(len(at)))


def _melody(length: int, rng: np.random.Generator) -> np.ndarray:
    """Plucked chords of many harmonics over a wandering bass."""
    at = np.arange(int(0.5 * RATE)) / RATE
    bars = []
    for root in rng.choice([45, 48, 50, 52, 55], length // len(at) + 1):
        notes = [440 * 2 ** ((root + step - 69) / 12) for step in (0, 12, 16, 19)]
        chord = sum(_tones(at * f, *range(1, 7)) / 6 for f in notes)
        bars.append(0.1 * chord * np.exp(-3 * at) * np.minimum(1, 40 * at))
    return np.concatenate(bars)[:length]


def _barks(at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rough = _telephone(rng.normal(0, 0.4, len(at))) + 0.3 * _tones(at, 480, 960)
    return rough * np.maximum(0, np.sin(2 * np.pi * 2 * at)) ** 8


def _telephone(sound: np.ndarray) -> np.ndarray:
    """Only what lies between 200 and 3,400 Hz."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < 200) | (hertz > 3_400)] = 0
    return np.fft.irfft(spectrum, len(sound))
