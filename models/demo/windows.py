"""Training windows: utterances packed with gaps, noise and line sounds, and what to say to them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.utils.data import IterableDataset
from transformers import WhisperFeatureExtractor

from models.demo import voices
from models.demo.synthesize import Shard
from models.demo.tokens import ctc_ids

FRAMES = 1500  # encoder positions of a full 30 s window
IGNORE = -100
NOWHERE = -1.0  # the place of a label that is not heard anywhere
PAUSES = {",": 4, ".": 7, "?": 7, "!": 7}  # a pause in letters, to guess where a word is said


@dataclass
class Stage:
    """One step of the curriculum: how many steps, how large, and what is learnt."""

    steps: int
    batch: int
    seconds: float
    lr: tuple[float, float]  # from, to
    ctc: float = 1.0
    guide: float = 0.0  # weight of the loss that shows one attention head where to listen
    ce: float = 1.0
    head_only: bool = False  # train the CTC head alone
    moved: float = 0.5  # share of windows placed anywhere on the 30 s time line
    padded: float = 0.5  # share of windows that end early and are padded as faster-whisper does
    longest: float = 30.0  # seconds of sound at most; the rest of a window is padding
    timed: float = 0.5  # share of windows written with timestamps
    full_every: int = 0  # every so many steps the windows are padded to the full 30 s


@dataclass
class Window:
    """One packed window before it becomes a tensor row."""

    sound: np.ndarray  # float32, 8 kHz
    used: float  # seconds after which faster-whisper would pad
    offset: int  # encoder frames before the window on the 30 s time line
    timed: float = 0.5
    tokens: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    places: list[float] = field(default_factory=list)  # seconds at which each label is heard
    chars: list[int] = field(default_factory=list)


class LogMel:
    """Whisper's log-mel features straight from 8 kHz: a 16 kHz copy has nothing above 4 kHz."""

    def __init__(self) -> None:
        filters = torch.tensor(WhisperFeatureExtractor().mel_filters, dtype=torch.float32).T
        # An STFT of half the size over 8 kHz has the same bins 0..100 at half the magnitude.
        self.filters, self.window = filters[:, :101] * 4.0, torch.hann_window(200)

    def __call__(self, sound: torch.Tensor, louder: torch.Tensor | None = None) -> torch.Tensor:
        power = torch.stft(sound, 200, 80, window=self.window, return_complex=True)[..., :-1]
        power = power.abs() ** 2
        mel = torch.clamp(self.filters @ power, min=1e-10).log10()
        top = mel.amax(dim=(1, 2), keepdim=True)
        top = top if louder is None else top + louder[:, None, None]
        return (torch.maximum(mel, top - 8.0) + 4) / 4


class Packer:
    """Draws windows at random from the rendered utterances."""

    def __init__(self, shards: list[Shard], tokenizer: Tokenizer, seed: int) -> None:
        self.shards, self.tokenizer = shards, tokenizer
        self.rng, self.np_rng = random.Random(seed), np.random.default_rng(seed)
        index = [(s, i, int(d)) for s, shard in enumerate(shards)
                 for i, d in enumerate(np.diff(shard.starts))]  # fmt: skip
        self.index = sorted(index, key=lambda item: item[2])
        self.lengths = np.array([item[2] for item in self.index]) / voices.RATE
        ids = {name: tokenizer.token_to_id(f"<|{name}|>")
               for name in ("endoftext", "startoftranscript", "nospeech", "notimestamps")}  # fmt: skip
        # Made once and cut at random: drawing fresh noise would cost more than the training step.
        long = (FRAMES // 50 + 1) * voices.RATE
        self.noises = {shape: voices.noise(long + voices.RATE, shape, self.np_rng)
                       for shape in voices.NOISE_SHAPES}  # fmt: skip
        self.others = [voices.non_speech(long, self.np_rng)[1].astype(np.float32)
                       for _ in range(24)]  # fmt: skip
        self.end, self.start = ids["endoftext"], ids["startoftranscript"]
        self.no_speech, self.untimed = ids["nospeech"], ids["notimestamps"]

    def _stamp(self, seconds: float, offset: int) -> int:
        return self.untimed + 1 + min(1500, offset + round(seconds / 0.02))

    def _cut(self, sound: np.ndarray, samples: int) -> np.ndarray:
        at = self.rng.randrange(len(sound) - samples)
        return sound[at : at + samples]

    def _other(self, samples: int) -> np.ndarray:
        return self._cut(self.rng.choice(self.others), samples)

    def _utterance(self, longest: float) -> tuple[np.ndarray, str] | None:
        fits = int(np.searchsorted(self.lengths, longest))
        if fits == 0:
            return None
        # The longer of two draws: short windows would else be mostly empty.
        shard, i, _ = self.index[max(self.rng.randrange(fits), self.rng.randrange(fits))]
        sound = self.shards[shard].clip(i).astype(np.float32) / 32768
        if self.rng.random() < 0.3:
            sound = voices.stretch(sound, self.rng.uniform(0.98, 1.02))
        return sound, self.shards[shard].text[i]

    def window(self, stage: Stage) -> Window:
        """One window of the stage, 7 % of them without any speech."""
        rng, seconds = self.rng, stage.seconds
        room = FRAMES - round(seconds * 50)
        offset = rng.randrange(room) if room > 0 and rng.random() < stage.moved else 0
        used = min(seconds, stage.longest)
        if rng.random() < stage.padded:
            used = rng.uniform(min(1.5, used / 2), used)
        w = Window(np.zeros(int(seconds * voices.RATE), np.float32), used, offset, stage.timed)
        if rng.random() < 0.07:
            self._no_speech(w)
        else:
            self._speech(w, cut=seconds >= 6)
        w.sound[int(used * voices.RATE) :] = 0
        return w

    def _no_speech(self, w: Window) -> None:
        w.sound += self._other(len(w.sound))
        # ctranslate2 reads the no-speech probability right after the start token, whatever the
        # prompt goes on with; the rest makes the text empty with and without timestamps.
        second = self.rng.choice([self.no_speech, self.untimed, self._stamp(0, w.offset)])
        w.tokens, w.labels = [self.start, second, self.end], [self.no_speech, self.end]
        w.places = [NOWHERE, NOWHERE]

    def _speech(self, w: Window, cut: bool) -> None:
        rng = self.rng
        timed, loud = rng.random() < w.timed, 10 ** (rng.uniform(-16, 3) / 20)
        at = rng.choice([0.0, rng.uniform(0, 0.6), rng.uniform(0, 1.2)])
        tokens, places, first = [], [], True
        while True:
            left = w.used - at - 0.05
            picked = self._utterance(left if w.used < 7 or first else 1e9)
            if picked is None:
                break
            sound, text = picked
            length, begin = len(sound) / voices.RATE, int(at * voices.RATE)
            if length > left:
                if timed and cut and left > 0.4 and tokens and rng.random() < 0.5:
                    piece = sound[: int((w.used - at) * voices.RATE)]
                    w.sound[begin : begin + len(piece)] += loud * piece[: len(w.sound) - begin]
                    tokens.append(self._stamp(at, w.offset))  # begun, not finished: no text yet
                    places.append(at)
                break
            w.sound[begin : begin + len(sound)] += loud * 10 ** (rng.uniform(-3, 3) / 20) * sound
            stamp = min(at, 1.0) if first and not w.offset else at
            ids, heard = self._spoken(text, at, length)
            end = at + length
            if timed:
                ids = [self._stamp(stamp, w.offset), *ids, self._stamp(end, w.offset)]
                heard = [at, *heard, end]
            tokens, places = tokens + ids, places + heard
            w.chars += ctc_ids(text)
            at, first = end, False
            at += self._gap(w, at, loud)
        self._finish(w, tokens, places, timed)
        self._line(w, loud)

    def _gap(self, w: Window, at: float, loud: float) -> float:
        """A pause, now and then with a beep, a ring or music in it."""
        rng = self.rng
        if w.used > 7 and rng.random() < 0.04:
            gap = rng.uniform(1.0, 5.0)
            begin = int((at + 0.2) * voices.RATE)
            n = max(0, min(int((gap - 0.4) * voices.RATE), len(w.sound) - begin))
            w.sound[begin : begin + n] += loud * self._other(n)
            return gap
        return rng.choice([rng.uniform(0.05, 0.4), rng.uniform(0.05, 0.5), rng.uniform(0.3, 1.5)])

    def _spoken(self, text: str, at: float, length: float) -> tuple[list[int], list[float]]:
        """Text tokens and about where each is heard, as if every letter took as long."""
        coded = self.tokenizer.encode(" " + text)
        weight = np.array([PAUSES.get(c, 1) for c in " " + text], float)
        weight[-1] = 1.0
        upto = np.concatenate([[0.0], np.cumsum(weight)]) / weight.sum()
        middles = [(upto[a] + upto[b]) / 2 for a, b in coded.offsets]
        return coded.ids, [at + length * float(m) for m in middles]

    def _finish(self, w: Window, tokens: list[int], places: list[float], timed: bool) -> None:
        if not w.chars:  # nothing fitted: a silent window
            second = self._stamp(0, w.offset)
            w.tokens, w.labels = [self.start, second, self.end], [self.no_speech, self.end]
            w.places = [NOWHERE, NOWHERE]
            return
        w.tokens = [self.start, *([] if timed else [self.untimed]), *tokens, self.end]
        w.labels = [*w.tokens[1:]] if timed else [IGNORE, *w.tokens[2:]]
        w.places = [*([] if timed else [NOWHERE]), *places, NOWHERE]

    def _line(self, w: Window, loud: float) -> None:
        shape = self.rng.choice(["white", "white", "pink", "brown", "hum", *voices.NOISE_SHAPES])
        snr = self.rng.choice([self.rng.uniform(15, 35), *[self.rng.uniform(30, 70)] * 3])
        w.sound += 0.1 * loud * 10 ** (-snr / 20) * self._cut(self.noises[shape], len(w.sound))
        if self.rng.random() < 0.2:
            pcm = np.int16(np.clip(w.sound, -1, 1) * 32767)
            w.sound = voices.ulaw(pcm).astype(np.float32) / 32768


class Batches(IterableDataset):  # type: ignore[type-arg]
    """Endless batches of one stage, made in a loader process."""

    def __init__(self, packer: Packer, stage: Stage) -> None:
        super().__init__()
        self.packer, self.stage, self.mel = packer, stage, LogMel()

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        torch.set_num_threads(1)
        while True:
            yield self.batch([self.packer.window(self.stage) for _ in range(self.stage.batch)])

    def batch(self, windows: list[Window]) -> dict[str, torch.Tensor]:
        """Stack windows: features, decoder input and labels, characters and their counts."""
        size = max(len(w.labels) for w in windows)
        ids = torch.full((len(windows), size), self.packer.end)
        labels = torch.full((len(windows), size), IGNORE)
        places = torch.full((len(windows), size), NOWHERE)
        for row, w in enumerate(windows):
            ids[row, : len(w.labels)] = torch.tensor(w.tokens[: len(w.labels)])
            labels[row, : len(w.labels)] = torch.tensor(w.labels)
            places[row, : len(w.labels)] = torch.tensor(w.places)
        sound = torch.from_numpy(np.stack([w.sound for w in windows]))
        louder = torch.tensor([random.choice([0.0, 0.0, random.random()]) for _ in windows])
        features = self.mel(sound, louder)
        for row, w in enumerate(windows):
            features[row, :, round(w.used * 100) :] = 0.0  # the padding faster-whisper puts there
        chars = [w.chars for w in windows]
        return {
            "features": features, "ids": ids, "labels": labels, "places": places,
            "offset": torch.tensor([w.offset for w in windows]),
            "chars": torch.tensor([c for row in chars for c in row], dtype=torch.long),
            "counts": torch.tensor([len(row) for row in chars]),
        }  # fmt: skip
