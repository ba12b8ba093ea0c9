"""The recognizer on faster-whisper: the only file that knows it and ctranslate2."""

import math
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ctranslate2
import msgspec
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray

from appliance import __version__
from appliance.errors import Misconfigured
from appliance.facts.models import ModelCard, Plan
from appliance.facts.speech import Provenance, Segment
from models import echo, guards
from models.engine import Progress
from models.hotwords import count_fitting, is_recited
from models.installed import verify_model
from models.turns import Heard, interleave, split_turns
from models.vad import RATE, speech_spans
from models.windows import Window, cut_long, pack

AUTO = "auto"
# The detector is up to 0.3 s late on soft consonants: so much on both sides counts as speech too, and
# a little more is kept around it. Measured on the sample calls: without it their first words go.
_LATE_MS, _PAD_MS = 320, 160
_SLOT_S = 32  # windows lie so far apart in a batch, a little more than the longest one
_REAL_VOCABULARY = 50_000  # below, a model has a vocabulary of its own and no symbols to suppress
_CONTROL = (
    "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nospeech|>",
)  # fmt: skip


class Options(msgspec.Struct, frozen=True):
    """What a card may set, under faster-whisper's names; other names in a card have no effect.

    Previous text, voice detection and word times are not options: they are always off, on and on.
    ``fitted``: the encoder is given a window as long as it is, in whole seconds, instead of 30
    seconds of mostly silence. Many times quicker for short windows, but only for models that were
    trained so: Whisper's own were not, and what it does to their accuracy was not measured.
    ``hotwords``: whether the model was trained on text that goes before. One that was not repeats
    it, or falls silent: the demo model errs in 2 words of 100 without, in 94 with twelve hotwords.
    """

    beam_size: int = 5
    batched: bool = True
    window_s: float = 28.0
    fitted: bool = False
    hotwords: bool = True
    without_timestamps: bool = True
    no_speech_threshold: float = 0.6
    log_prob_threshold: float = -1.0
    compression_ratio_threshold: float = 2.4


class FittedPipeline(BatchedInferencePipeline):  # type: ignore[misc]
    """faster-whisper's batches without the silence that fills each window up to 30 seconds."""

    def forward(
        self, features: NDArray[np.float32], tokenizer: Any, chunks_metadata: Any, options: Any
    ) -> Any:
        """See the library; features are (windows, mel bands, frames of 10 ms)."""
        seconds = max(math.ceil(chunk["duration"]) for chunk in chunks_metadata)
        frames = seconds * self.model.frames_per_second
        cut = np.ascontiguousarray(features[:, :, :frames])
        return super().forward(cut, tokenizer, chunks_metadata, options)


class WhisperRecognizer:
    """One model in memory; see ``models.engine.Recognizer``. Not for use by two threads at once."""

    def __init__(
        self, model: WhisperModel, card: ModelCard, plan: Plan, checksum: str, options: Options
    ) -> None:
        self.plan = plan  # what it really runs on
        self._model, self._card, self._options = model, card, options
        self._pipeline = (
            FittedPipeline(model) if options.fitted else BatchedInferencePipeline(model)
        )
        self._suppress = _suppressed(model)
        self._provenance = _provenance(card, plan, checksum, options)

    @property
    def provenance(self) -> Provenance:
        """Engine, model, checksum and options of every transcript it makes."""
        return self._provenance

    def fit_hotwords(self, terms: Sequence[str]) -> int:
        """See ``models.engine.Recognizer``; counted by the model's own tokenizer.

        faster-whisper cuts what takes half of the model's window of text or more, in the middle of
        a word where it happens to fall.
        """
        room = self._model.max_length // 2 - 1 if self._options.hotwords else 0
        return count_fitting(terms, self._count_tokens, room)

    def _count_tokens(self, text: str) -> int:
        return len(self._model.hf_tokenizer.encode(f" {text}", add_special_tokens=False).ids)

    def recognize(
        self,
        channels: NDArray[np.int16],
        *,
        language: str,
        hotwords: str | None = None,
        progress: Progress | None = None,
    ) -> list[Segment]:
        """See ``models.engine.Recognizer.recognize``."""
        self._check_language(language)
        hotwords = hotwords if self._options.hotwords else None
        if echo.is_doubled(channels):
            channels = channels[:1]
        windows = [w for c in range(channels.shape[0]) for w in self._windows(channels[c], c)]
        heard: dict[int, list[Heard]] = {}
        if not windows and progress:
            progress(1.0)
        if windows:
            language = self._settle_language(language, windows[0], channels)
        for done, (window, words) in enumerate(
            self._listen(windows, channels, language, hotwords), 1
        ):
            heard.setdefault(window.channel, []).extend(words)
            if progress:
                progress(done / len(windows))
        segments = [s for channel, words in heard.items() for s in split_turns(words, channel)]
        segments = [segment for segment in segments if not guards.is_stock_phrase(segment)]
        return interleave(echo.drop_echo(segments, channels))

    def _windows(self, pcm: NDArray[np.int16], channel: int) -> list[Window]:
        longest = int(self._options.window_s * 1000)
        spans = speech_spans(pcm, pad_ms=_LATE_MS)
        spans = cut_long(spans, pcm, longest - 2 * _PAD_MS)
        return pack(channel, spans, _PAD_MS, longest)

    def _listen(
        self, windows: list[Window], channels: NDArray[np.int16], language: str, hot: str | None
    ) -> Iterator[tuple[Window, list[Heard]]]:
        """The words of each window in call time; words without speech under them are left out."""
        size = max(1, self.plan.batch)
        for first in range(0, len(windows), size):
            batch = windows[first : first + size]
            sounds = [window.sound(channels[window.channel]) for window in batch]
            for window, sound, said in zip(
                batch, sounds, self._hear(sounds, language, hot), strict=True
            ):
                trusted = self._trusted(said, sound, language, hot)
                yield window, list(_placed(trusted, window))

    def _hear(
        self, sounds: Sequence[NDArray[np.float32]], language: str, hot: str | None
    ) -> list[list[Any]]:
        """faster-whisper's segments of each sound, in times of that sound."""
        if not self._options.batched:
            return [self._hear_alone(sound, language, hot, (0.0,)) for sound in sounds]
        slots = np.zeros(len(sounds) * _SLOT_S * RATE, np.float32)
        clips = []
        for place, sound in enumerate(sounds):
            at = place * _SLOT_S
            slots[at * RATE : at * RATE + sound.shape[0]] = sound
            clips.append({"start": at, "end": at + sound.shape[0] / RATE})
        found, _ = self._pipeline.transcribe(
            slots,
            language=language,
            temperature=0.0,
            clip_timestamps=clips,
            batch_size=len(sounds),
            hotwords=hot,
            **self._common(),
        )
        said: list[list[Any]] = [[] for _ in sounds]
        for segment in found:
            slot = segment.seek // (_SLOT_S * self._model.frames_per_second)
            said[slot].append(_shifted(segment, slot * _SLOT_S))
        return said

    def _hear_alone(
        self, sound: NDArray[np.float32], language: str, hot: str | None, heat: tuple[float, ...]
    ) -> list[Any]:
        """One window by itself; higher temperatures are tried while the guards object."""
        ctranslate2.set_random_seed(0)  # the same call gives the same transcript again
        found, _ = self._model.transcribe(
            sound,
            language=language,
            temperature=heat,
            condition_on_previous_text=False,
            hotwords=hot,
            no_speech_threshold=self._options.no_speech_threshold,
            log_prob_threshold=self._options.log_prob_threshold,
            compression_ratio_threshold=self._options.compression_ratio_threshold,
            **self._common(),
        )
        return [_shifted(segment, 0) for segment in found]

    def _common(self) -> dict[str, Any]:
        return {
            "beam_size": self._options.beam_size,
            "without_timestamps": self._options.without_timestamps,
            "suppress_tokens": self._suppress,
            "word_timestamps": True,
            "vad_filter": False,  # done before, once for both channels' windows
        }

    def _trusted(
        self, said: list[Any], sound: NDArray[np.float32], language: str, hot: str | None
    ) -> list[Any]:
        """What was heard, heard again more carefully where it looks invented, or nothing.

        Words to listen for are among what makes a model invent, so nothing is heard again with them.
        """
        limits = (
            self._options.no_speech_threshold,
            self._options.log_prob_threshold,
            self._options.compression_ratio_threshold,
        )
        if is_recited(" ".join(s.text for s in said), hot):
            (said,) = self._hear([sound], language, None)
        if guards.is_plausible(said, *limits):
            return said
        if self._options.fitted:  # heard alone it would be padded to 30 s, which it does not know
            return said if not guards.is_invented(said, *limits) else []
        again = self._hear_alone(sound, language, None, (0.0, 0.2, 0.4))
        return again if not guards.is_invented(again, *limits) else []

    def _check_language(self, language: str) -> None:
        if language != AUTO and language not in self._card.languages:
            raise Misconfigured(
                f"The speech model {self._card.id} does not know the language {language}; "
                f"choose another model or one of: {', '.join(self._card.languages[:8])}."
            )

    def _settle_language(self, language: str, window: Window, channels: NDArray[np.int16]) -> str:
        if language != AUTO:
            return language
        if not self._model.model.is_multilingual or len(self._card.languages) == 1:
            return self._card.languages[0]
        sound = window.sound(channels[window.channel])
        _, _, ranked = self._model.detect_language(sound)
        return next(str(code) for code, _ in ranked if code in self._card.languages)


def load_recognizer(directory: Path, plan: Plan, beam: int = 0) -> WhisperRecognizer:
    """Verify the model in ``directory`` and load it as ``plan`` says; ``beam`` 0 = as the card says.

    A CUDA device that fails after all is replaced by the CPU; the recognizer's ``plan`` says so.
    Raises NotFound, Tampered (see ``verify_model``) or Misconfigured when it does not load.
    """
    manifest = verify_model(directory)
    options = _options(manifest.card)
    options = msgspec.structs.replace(options, beam_size=beam) if beam else options
    try:
        model = _open(directory, plan)
    except (RuntimeError, ValueError) as error:
        if plan.device == "cuda":
            return load_recognizer(directory, _without_cuda(plan), beam)
        raise Misconfigured(
            f"The speech model {manifest.card.id} does not load on {plan.device} as "
            f"{plan.compute_type}; choose another model or device."
        ) from error
    return WhisperRecognizer(model, manifest.card, plan, manifest.checksum, options)


def try_device(directory: Path, device: str, compute_type: str, threads: int) -> dict[str, Any]:
    """Load a model and time its encoder on five seconds of fixed noise, for ``models.probe``.

    Returns devices (CUDA count), seconds (best of three) and a fingerprint of the output.
    """
    devices = int(ctranslate2.get_cuda_device_count())
    if device == "cuda" and devices == 0:
        return {"devices": 0}
    plan = Plan(device=device, compute_type=compute_type, threads=threads, workers=1, batch=1)
    model = _open(directory, plan)
    noise = np.random.default_rng(0).normal(0, 0.1, 5 * RATE).astype(np.float32)
    features = np.pad(model.feature_extractor(noise), ((0, 0), (0, 1)))
    seconds, output = [], None
    for _ in range(3):
        began = time.perf_counter()
        output = np.asarray(model.model.encode(_storage(features), to_cpu=True))
        seconds.append(time.perf_counter() - began)
    spread = np.asarray(output, np.float32).reshape(-1)[::977][:64]
    return {"devices": devices, "seconds": min(seconds), "fingerprint": spread.tolist()}


def _without_cuda(plan: Plan) -> Plan:
    warning = "The speech model failed to load on CUDA; using the CPU."
    warnings = (*plan.warnings, warning)
    return msgspec.structs.replace(plan, device="cpu", compute_type="int8", warnings=warnings)


def _open(directory: Path, plan: Plan) -> WhisperModel:
    return WhisperModel(
        str(directory),
        device=plan.device,
        compute_type=plan.compute_type,
        cpu_threads=plan.threads,
        num_workers=1,
        local_files_only=True,
    )


def _storage(features: NDArray[np.float32]) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None]))


def _options(card: ModelCard) -> Options:
    known = {key: card.options[key] for key in Options.__struct_fields__ if key in card.options}
    try:
        options = msgspec.convert(known, Options)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"The card of the speech model {card.id}: {error}.") from error
    if not 2.0 <= options.window_s <= 30.0:
        raise Misconfigured(f"The card of the speech model {card.id}: window_s is 2 to 30.")
    return options


def _suppressed(model: WhisperModel) -> list[int]:
    """Token ids never to be written; [-1] is faster-whisper's own list for real vocabularies."""
    tokenizer = model.hf_tokenizer
    if tokenizer.get_vocab_size() >= _REAL_VOCABULARY:
        return [-1]
    ids = [tokenizer.token_to_id(token) for token in _CONTROL]
    return sorted(token for token in ids if token is not None)


def _provenance(card: ModelCard, plan: Plan, checksum: str, options: Options) -> Provenance:
    used = {**msgspec.structs.asdict(options), "device": plan.device}
    used |= {"compute_type": plan.compute_type, "batch": plan.batch}
    libraries = f"faster-whisper {version('faster-whisper')}, ctranslate2 {version('ctranslate2')}"
    return Provenance(
        engine="faster-whisper",
        model=card.id,
        checksum=checksum,
        options=used,
        software=f"petsvet {__version__}, {libraries}",
    )


def _shifted(segment: Any, seconds: int) -> guards.Said:
    words = segment.words or ()
    return guards.Said(
        text=segment.text,
        average_log_probability=segment.avg_logprob,
        no_speech=segment.no_speech_prob,
        words=tuple(
            Heard(
                round((word.start - seconds) * 1000),
                round((word.end - seconds) * 1000),
                word.word,
                min(1.0, max(0.0, float(word.probability))),
            )
            for word in words
        ),
    )


def _placed(said: Sequence[guards.Said], window: Window) -> Iterator[Heard]:
    for word in (word for segment in said for word in segment.words):
        place = window.place(word.start_ms, word.end_ms)
        if place is not None and word.text.strip():
            yield Heard(*place, word.text, word.confidence)
