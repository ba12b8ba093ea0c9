"""Render training and held-out utterances in the demo voices to compressed shards."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from models.demo import grammar, voices

# What the weights were trained on: first the early shards, in all eight voices and with twice the
# spread of pitch and pace, then these, in the demo voices alone.
EARLY_SHARDS, SHARDS, SIZE = range(7), range(30, 38), 4000


@dataclass
class Shard:
    """Utterances end to end: audio (int16, 8 kHz), where each begins, its text and its voice."""

    audio: np.ndarray
    starts: np.ndarray
    text: list[str]
    voice: list[str]

    def __len__(self) -> int:
        return len(self.text)

    def clip(self, i: int) -> np.ndarray:
        """The samples of one utterance."""
        return self.audio[self.starts[i] : self.starts[i + 1]]


def one(seed: int, text: str, names: tuple[str, ...]) -> tuple[str, str, np.ndarray]:
    """Speak one text in a voice of the list, vary it a little and code it as a call would be."""
    rng = np.random.default_rng(seed)
    name = str(rng.choice(names))
    audio = voices.speak(text, name, rng)
    codec = str(rng.choice(voices.CODECS, p=[0.25, 0.5, 0.2, 0.05]))
    return text, name, voices.code(audio, codec) if len(audio) else audio


def _render(job: tuple[int, str], names: tuple[str, ...]) -> tuple[str, str, np.ndarray]:
    return one(job[0], job[1], names)


def render(texts: list[str], seed: int, names: tuple[str, ...], workers: int = 2) -> Shard:
    """Render all texts in parallel."""
    jobs = [(seed * 1_000_003 + i, text) for i, text in enumerate(texts)]
    with ProcessPoolExecutor(workers) as pool:
        done = [r for r in pool.map(partial(_render, names=names), jobs, chunksize=25) if len(r[2])]
    starts = np.concatenate([[0], np.cumsum([len(r[2]) for r in done])])
    audio = np.concatenate([r[2] for r in done])
    return Shard(audio, starts, [r[0] for r in done], [r[1] for r in done])


def save(shard: Shard, path: Path) -> None:
    """Write a shard under its final name only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.stem + ".part.npz")
    np.savez(part, audio=shard.audio, starts=shard.starts, text=np.array(shard.text),
             voice=np.array(shard.voice))  # fmt: skip
    part.rename(path)


def load(path: Path) -> Shard:
    """Read a shard back."""
    with np.load(path) as data:
        return Shard(data["audio"], data["starts"], data["text"].tolist(), data["voice"].tolist())


def training_texts(shard: int, size: int) -> list[str]:
    """The texts of a training shard; the same each time, so that others can keep clear of them."""
    rng = random.Random(f"train-{shard}")
    return [grammar.training_text(rng) for _ in range(size)]


def training_shards(folder: Path, shards: Iterable[int], size: int, workers: int) -> Iterator[Path]:
    """Render the training shards that are not there yet; none may leak a sample-call sentence."""
    for k in shards:
        path = folder / f"train-{k:02d}.npz"
        if not path.exists():
            texts = training_texts(k, size)
            if found := grammar.leaks(texts):
                raise RuntimeError(f"sample-call sentences in the training text: {found[:3]}")
            save(render(texts, 100 + k, tuple(voices.DEMO_VOICES), workers), path)
        yield path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=len(SHARDS))
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    for path in training_shards(args.data, SHARDS[: args.shards], args.size, args.workers):
        shard = load(path)
        hours = len(shard.audio) / voices.RATE / 3600
        print(f"{path.name}: {len(shard)} utterances, {hours:.1f} h", flush=True)


if __name__ == "__main__":
    main()
