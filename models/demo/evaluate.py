"""Word error rates, invented text and word times of the demo model, as the box itself hears."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from scipy.signal import resample_poly

from appliance.facts.models import Plan
from models.catalogue import seal_demo
from models.demo import grammar, voices
from models.demo.card import WEIGHTS, write_card
from models.demo.synthesize import EARLY_SHARDS, SHARDS, SIZE, one, training_texts
from models.whisper import WhisperRecognizer, load_recognizer

CALLS = Path(__file__).parent / "calls"
RATE = 16000
PLAN = Plan(device="cpu", compute_type="int8", threads=2, workers=1, batch=8)


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
    """8 kHz int16 as the int16 at 16 kHz that the recognizer works on."""
    sound = resample_poly(audio.astype(np.float32), 2, 1)
    return np.int16(np.clip(sound, -32768, 32767))


def hear(box: WhisperRecognizer, channel: np.ndarray) -> str:
    """What the box writes down of one channel."""
    found = box.recognize(channel[None], language="en")
    return " ".join(segment.text.strip() for segment in found)


def sentences(
    box: WhisperRecognizer, names: Iterable[str], seed: int, count: int, show: int
) -> Score:
    """Unseen grammar sentences, each said alone in one of the voices."""
    score = Score()
    seen = [text for k in (*EARLY_SHARDS, *SHARDS) for text in training_texts(k, SIZE)]
    for i, text in enumerate(grammar.heldout_text(seed, count, seen)):
        _, name, audio = one(seed * 7919 + i, text, tuple(names))
        heard = hear(box, wide(np.pad(audio, (4000, 4000))))
        if score.add(text, heard) and show > 0:
            show -= 1
            print(f"  {name}: {text}\n  {'':{len(name)}}> {heard}")
    return score


def sample_calls(box: WhisperRecognizer, show: int) -> dict[str, Score]:
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
            heard = hear(box, np.int16(np.clip(part, -1, 1) * 32767))
            before = scores["all"].errors
            for score in (scores["all"], scores["split" if split else "mixed"]):
                score.add(" ".join(said), heard)
            if show:
                print(f"  {name}/{channel}: {scores['all'].errors - before} errors > {heard}")
    return scores


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def invented(weights: Path, box: WhisperRecognizer, count: int) -> dict[str, float]:
    """Share of clips without speech that yield text, in per cent: the bare model, then the box."""
    rng = np.random.default_rng(11)
    bare = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=2)
    found = {"bare model": 0, "no_speech_threshold 0.6": 0, "as the box hears": 0}
    for _ in range(count):
        clip = wide(np.int16(np.clip(voices.non_speech(voices.RATE * 8, rng)[1], -1, 1) * 32767))
        found["bare model"] += _says(bare, clip, None)
        found["no_speech_threshold 0.6"] += _says(bare, clip, 0.6)
        found["as the box hears"] += bool(hear(box, clip).strip())
    return {way: 100 * times / count for way, times in found.items()}


def _says(bare: WhisperModel, clip: np.ndarray, threshold: float | None) -> bool:
    found, _ = bare.transcribe(
        clip.astype(np.float32) / 32768, language="en", temperature=0.0, beam_size=5,
        without_timestamps=True, condition_on_previous_text=False, log_prob_threshold=None,
        compression_ratio_threshold=None, no_speech_threshold=threshold,
    )  # fmt: skip
    return bool("".join(segment.text for segment in found).strip())


def word_times(box: WhisperRecognizer, count: int) -> dict[str, float]:
    """Median error in ms of the first word's start and the last word's end of placed sentences."""
    rng, texts = np.random.default_rng(12), grammar.heldout_text(13, 6 * count, ())
    starts, ends = [], []
    for i, text in enumerate(texts):
        _, _, audio = one(90_000 + i, text, tuple(voices.DEMO_VOICES))
        if len(audio) > 6 * voices.RATE or len(starts) == count:
            continue
        begin, loud = int(rng.uniform(0.1, 0.9) * voices.RATE), np.nonzero(np.abs(audio) > 600)[0]
        sound = np.concatenate([np.zeros(begin, np.int16), audio, np.zeros(1600, np.int16)])
        found = box.recognize(wide(sound)[None], language="en")
        words = [word for segment in found for word in segment.words]
        if len(words) == len(text.split()):  # else it is not known which word is which
            starts.append(abs(words[0].start_ms - 1000 * (begin + loud[0]) / voices.RATE))
            ends.append(abs(words[-1].end_ms - 1000 * (begin + loud[-1]) / voices.RATE))
    if not starts:
        return {}
    return {"start": statistics.median(starts), "end": statistics.median(ends), "n": len(starts)}


def evaluate(weights: Path, count: int, show: int) -> dict[str, Any]:
    """All measurements of one model folder, whose digests are recorded first."""
    seal_demo(weights)
    box = load_recognizer(weights, PLAN)
    calls = sample_calls(box, show)
    few = max(10, count // 3)
    sets = {
        "demo voices, unseen sentences": sentences(box, voices.DEMO_VOICES, 7, count, show),
        "sample calls, per channel": calls.get("split"),
        "sample calls, both in one channel": calls.get("mixed"),
        "sample calls, all": calls.get("all"),
        "flite slt, rms, awb (heard early in training)": sentences(
            box, voices.EARLY_VOICES, 9, few, 0),
        "flite kal16, kal (never trained on)": sentences(box, voices.UNSEEN_VOICES, 8, few, 0),
    }  # fmt: skip
    return {
        "wer": {k: {"percent": round(s.rate, 2), "words": s.words} for k, s in sets.items() if s},
        "invented_text_percent": invented(weights, box, max(20, count // 2)),
        "word_time_error_ms": word_times(box, max(10, count // 4)),
        "window_s": json.loads((weights / "CARD.json").read_text("utf-8"))["options"]["window_s"],
    }


def record(weights: Path, found: dict[str, Any]) -> None:
    """Write the measurements into the card of the model."""
    card = json.loads((weights / "CARD.json").read_text("utf-8"))
    write_card(weights, card["parameters"], found)
    seal_demo(weights)


def print_table(found: dict[str, Any]) -> None:
    """The measurements for people."""
    print(f"{'word error rate, names left out':<48}{'%':>8}{'words':>8}")
    for name, row in found["wer"].items():
        print(f"{name:<48}{row['percent']:>8.2f}{row['words']:>8}")
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
