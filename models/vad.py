"""Where somebody speaks: Silero voice activity detection over one channel, in constant memory.

Tones, hold music and line noise do not count as speech, and what does not count here is never
shown to the recognizer: no text is invented over it.
"""

import functools
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.errors import Misconfigured

RATE = 16_000
_WINDOW = 512  # samples the network looks at; its answers lie 32 ms apart
_CONTEXT = 64
_BLOCK = 4096  # windows per run, about two minutes of sound
_ASSET = "assets/silero_vad_v6.onnx"
_ENTER, _LEAVE = 0.5, 0.35  # probability at which speech begins, and below which it may end
_SHORTEST_MS, _PAUSE_MS = 190, 320

Span = tuple[int, int]  # start and end in ms


def speech_spans(pcm: NDArray[Any], *, pad_ms: int = 0) -> list[Span]:
    """Stretches of speech of one channel (int16, or float32 in -1 to 1; 16 kHz) in order, apart.

    A pause of 0.32 s ends a stretch, shorter speech than 0.19 s is left out; ``pad_ms`` widens
    each stretch on both sides as far as the neighbors allow. Raises Misconfigured when the
    detector is not installed.
    """
    total_ms = pcm.shape[0] * 1000 // RATE
    spans = _spans_of(speech_probabilities(pcm))
    return _padded([(start, min(end, total_ms)) for start, end in spans], pad_ms, total_ms)


def speech_probabilities(pcm: NDArray[Any]) -> NDArray[np.float32]:
    """Probability of speech, one per 32 ms; the state is carried from block to block."""
    session = _session()
    h = np.zeros((1, 1, 128), np.float32)
    c = np.zeros((1, 1, 128), np.float32)
    tail = np.zeros(_CONTEXT, np.float32)
    found = []
    for start in range(0, pcm.shape[0], _BLOCK * _WINDOW):
        block = _as_float(pcm[start : start + _BLOCK * _WINDOW])
        windows, tail = _with_context(block, tail)
        out, h, c = session.run(None, {"input": windows, "h": h, "c": c})
        found.append(out.reshape(-1))
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def _with_context(
    block: NDArray[np.float32], tail: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each window preceded by the last 64 samples before it, as the network was trained."""
    block = np.pad(block, (0, -block.shape[0] % _WINDOW)).reshape(-1, _WINDOW)
    context = np.empty((block.shape[0], _CONTEXT), np.float32)
    context[0] = tail
    context[1:] = block[:-1, -_CONTEXT:]
    return np.concatenate([context, block], axis=1), block[-1, -_CONTEXT:]


def _spans_of(probabilities: NDArray[np.float32]) -> list[Span]:
    step = _WINDOW * 1000 // RATE
    pause = _PAUSE_MS // step
    spans: list[Span] = []
    begin = quiet = -1  # window where speech began, and where it last fell silent; -1 = not
    for place, probability in enumerate(probabilities.tolist()):
        if begin < 0:
            if probability >= _ENTER:
                begin, quiet = place, -1
        elif probability >= _ENTER:
            quiet = -1
        elif probability < _LEAVE:
            quiet = place if quiet < 0 else quiet
            if place - quiet >= pause:
                spans.append((begin * step, quiet * step))
                begin = -1
    if begin >= 0:
        spans.append((begin * step, (quiet if quiet >= 0 else len(probabilities)) * step))
    return [(start, end) for start, end in spans if end - start >= _SHORTEST_MS]


def _padded(spans: list[Span], pad_ms: int, total_ms: int) -> list[Span]:
    out = []
    for place, (start, end) in enumerate(spans):
        before = spans[place - 1][1] if place else -pad_ms
        after = spans[place + 1][0] if place + 1 < len(spans) else total_ms + pad_ms
        wider = min(pad_ms, (start - before) // 2), min(pad_ms, (after - end) // 2)
        out.append((max(0, start - wider[0]), min(total_ms, end + wider[1])))
    return out


def _as_float(pcm: NDArray[Any]) -> NDArray[np.float32]:
    if pcm.dtype == np.int16:
        return pcm.astype(np.float32) / np.float32(32768)
    return pcm.astype(np.float32, copy=False)


@functools.lru_cache(maxsize=1)
def _session() -> Any:
    import onnxruntime

    spec = importlib.util.find_spec("faster_whisper")  # finds its files without importing it
    path = Path(spec.origin).parent / _ASSET if spec and spec.origin else None
    if path is None or not path.is_file():
        raise Misconfigured("The speech detector is missing; install the appliance again.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(str(path), options, providers=providers)
