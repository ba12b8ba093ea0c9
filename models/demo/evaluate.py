"""Word error rates, invented text and word times of the demo model, through faster-whisper."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from scipy.signal import resample_poly

from models.demo import grammar, voices
from models.demo.convert import OPTIONS as CARD_OPTIONS
from models.demo.convert import WEIGHTS, write_card
from models.demo.synthesize import SHARDS, SIZE, one, training_texts
from models.vad import speech_spans
from models.windows import cut_long, pack

CALLS = Path(__file__).parent / "calls"
RATE, PAD_MS, WINDOW_MS = 16000, 200, round(CARD_OPTIONS["window_s"] * 1000)
OPTIONS: dict[str, Any] = {
    "language": "en", "temperature": 0.0, "condition_on_previous_text": False,
    "log_prob_threshold": None, "compression_ratio_threshold": None,
    **{key: CARD_OPTIONS[key] for key in ("beam_size", "without_timestamps")},
    "no_speech_threshold": CARD_OPTIONS["no_speech_threshold"],
}  # fmt: skip


@dataclass
class Score:
    """Word errors against reference words, names left out on both sides."""

    errors: int = 0
    words: int = 0

    def add(self, reference: str, heard: str) -> int:
        """Count one text; returns its errors."""
        said, got = _plain(reference), _plain(heard)
        errors = distance(said, got)
        self.errors, self.words = self.errors + errors, self.words + len(said)
        return errors

    @property
    def rate(self) -> float:
        """Word error rate in per cent."""
        return 100 * self.errors / max(1, self.words)


_NAMES = grammar.name_words()


def _plain(text: str) -> list[str]:
    spoken = grammar.words(text.replace("Mr.", "mister"))
    return [w for w in spoken if w.removesuffix("'s") not in _NAMES]


def distance(a: list[str], b: list[str]) -> int:
    """Least number of words to put in, take out or change."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def wide(audio: np.ndarray) -> np.ndarray:
    """8 kHz int16 as the float32 at 16 kHz that faster-whisper works on."""
    return resample_poly(audio.astype(np.float32) / 32768, 2, 1).astype(np.float32)


def listen(model: WhisperModel, sound: np.ndarray, **more: Any) -> list[Any]:
    """Segments of one window."""
    found, _ = model.transcribe(sound, **{**OPTIONS, **more})
    return list(found)


def text_of(segments: Iterable[Any]) -> str:
    """The text of segments."""
    return " ".join(segment.text.strip() for segment in segments)


def sentences(model: WhisperModel, names: Iterable[str], seed: int, count: int, show: int) -> Score:
    """Unseen grammar sentences, each said alone in one of the voices."""
    score = Score()
    seen = [text for k in range(SHARDS) for text in training_texts(k, SIZE)]
    for i, text in enumerate(grammar.heldout_text(seed, count, seen)):
        _, name, audio = one(seed * 7919 + i, text, tuple(names))
        heard = hear_channel(model, wide(audio))
        if score.add(text, heard) and show > 0:
            show -= 1
            print(f"  {name}: {text}\n  {'':{len(name)}}> {heard}")
    return score


def hear_channel(model: WhisperModel, sound: np.ndarray) -> str:
    """One channel of a call as the product hears it: speech found, packed, transcribed."""
    pcm = np.int16(np.clip(sound, -1, 1) * 32767)
    spans = cut_long(speech_spans(pcm), pcm, WINDOW_MS - 2 * PAD_MS)
    windows = pack(0, spans, PAD_MS, WINDOW_MS)
    return " ".join(text_of(listen(model, window.sound(pcm))) for window in windows)


def sample_calls(model: WhisperModel, show: int) -> dict[str, Score]:
    """Every channel of every rendered sample call against its script."""
    if not (CALLS / "times.json").is_file():
        return {}
    scripts = {c["id"]: c for c in map(json.loads, _lines(CALLS / "scripts.jsonl"))}
    scores = {"all": Score(), "split": Score(), "mixed": Score()}
    for name, call in json.loads((CALLS / "times.json").read_text("utf-8")).items():
        path, split = CALLS / "audio" / call["file"], call["channel_map"] is not None
        if not call["segments"] or not path.is_file():
            continue
        sound = decode_audio(str(path), sampling_rate=RATE, split_stereo=split)
        for channel, part in enumerate(sound if split else [sound]):
            said = [s["text"] for s, t in zip(scripts[name]["segments"], call["segments"],
                    strict=True) if not split or t["channel"] == channel]  # fmt: skip
            heard = hear_channel(model, part)
            before = scores["all"].errors
            for score in (scores["all"], scores["split" if split else "mixed"]):
                score.add(" ".join(said), heard)
            if show:
                print(f"  {name}/{channel}: {scores['all'].errors - before} errors > {heard}")
    return scores


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def invented(model: WhisperModel, count: int) -> dict[str, float]:
    """Share of clips without speech that yield text, in per cent, by what is done against it."""
    rng = np.random.default_rng(11)
    clips = [wide(np.int16(np.clip(voices.non_speech(voices.RATE * 8, rng)[1], -1, 1) * 32767))
             for _ in range(count)]  # fmt: skip
    ways: dict[str, Callable[[np.ndarray], str]] = {
        "plain": lambda c: text_of(listen(model, c, no_speech_threshold=None)),
        "no_speech_threshold 0.6": lambda c: text_of(listen(model, c)),
        "voice detection": lambda c: hear_channel(model, c),
    }
    return {way: 100 * sum(bool(hear(c).strip()) for c in clips) / count
            for way, hear in ways.items()}  # fmt: skip


def word_times(model: WhisperModel, count: int) -> dict[str, float]:
    """Median error in ms of the first word's start and the last word's end of placed sentences."""
    rng, texts = np.random.default_rng(12), grammar.heldout_text(13, 6 * count, ())
    starts, ends = [], []
    for i, text in enumerate(texts):
        _, _, audio = one(90_000 + i, text, tuple(voices.DEMO_VOICES))
        if len(audio) > 3.5 * voices.RATE or len(starts) == count:
            continue
        begin, loud = int(rng.uniform(0.1, 0.9) * voices.RATE), np.nonzero(np.abs(audio) > 600)[0]
        sound = np.concatenate([np.zeros(begin, np.int16), audio, np.zeros(1600, np.int16)])
        words = [w for s in listen(model, wide(sound), word_timestamps=True) for w in s.words]
        if len(words) == len(text.split()):  # else it is not known which word is which
            starts.append(1000 * abs(words[0].start - (begin + loud[0]) / voices.RATE))
            ends.append(1000 * abs(words[-1].end - (begin + loud[-1]) / voices.RATE))
    if not starts:
        return {}
    return {"start": statistics.median(starts), "end": statistics.median(ends), "n": len(starts)}


def evaluate(weights: Path, count: int, show: int) -> dict[str, Any]:
    """All measurements of one model folder."""
    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=2)
    calls = sample_calls(model, show)
    sets = {
        "demo voices, unseen sentences": sentences(model, voices.DEMO_VOICES, 7, count, show),
        "sample calls, per channel": calls.get("split"),
        "sample calls, both in one channel": calls.get("mixed"),
        "sample calls, all": calls.get("all"),
        "flite kal16, kal (never trained on)": sentences(
            model, voices.UNSEEN_VOICES, 8, max(10, count // 3), 0),
    }  # fmt: skip
    return {
        "wer": {k: {"percent": round(s.rate, 2), "words": s.words} for k, s in sets.items() if s},
        "invented_text_percent": invented(model, max(20, count // 2)),
        "word_time_error_ms": word_times(model, max(10, count // 4)),
        "options": {**OPTIONS, "window_s": WINDOW_MS / 1000},
    }


def record(weights: Path, found: dict[str, Any]) -> None:
    """Write the measurements into the card of the model."""
    card = json.loads((weights / "CARD.json").read_text("utf-8"))
    write_card(weights, card["parameters"], found)


def print_table(found: dict[str, Any]) -> None:
    """The measurements for people."""
    print(f"{'word error rate, names left out':<40}{'%':>8}{'words':>8}")
    for name, row in found["wer"].items():
        print(f"{name:<40}{row['percent']:>8.2f}{row['words']:>8}")
    for way, share in found["invented_text_percent"].items():
        print(f"{'no speech, yet text: ' + way:<45}{share:>6.1f} %")
    for edge, value in found["word_time_error_ms"].items():
        print(f"{'word times, median error: ' + edge:<45}{value:>6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--count", type=int, default=150, help="unseen sentences to say")
    parser.add_argument("--show", type=int, default=0, help="mistakes to print")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--card", action="store_true", help="write the rates into CARD.json")
    args = parser.parse_args()
    found = evaluate(args.weights, args.count, args.show)
    if args.card:
        record(args.weights, found)
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        print_table(found)


if __name__ == "__main__":
    main()
