"""Makes recordings in every format a phone system may write: a tone per channel, nothing real."""

import io
import struct
from pathlib import Path

import av
import numpy as np

TONES = (440.0, 1000.0, 700.0, 550.0)  # Hz, by channel


def tones(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """int16 of shape (samples, channels): each channel its own tone at a third of full scale."""
    at = np.arange(int(seconds * rate)) / rate
    rows = [11_000 * np.sin(2 * np.pi * TONES[c % 4] * at) for c in range(channels)]
    return np.stack(rows, axis=1).astype("<i2")


def wav(pcm: np.ndarray, rate: int, *, tag: int = 1, bits: int = 16, data: bytes | None = None,
        riff_size: int | None = None, data_size: int | None = None) -> bytes:  # fmt: skip
    """A RIFF file with a header that may lie."""
    payload = pcm.tobytes() if data is None else data
    channels = pcm.shape[1]
    frame = channels * bits // 8
    shape = struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits)
    head = b"WAVEfmt " + struct.pack("<I", 16) + shape + b"data"
    head += struct.pack("<I", len(payload) if data_size is None else data_size)
    size = len(head) + len(payload) if riff_size is None else riff_size
    return b"RIFF" + struct.pack("<I", size) + head + payload


def wav_as(kind: str, seconds: float, rate: int, channels: int = 1) -> bytes:
    """WAV of kind u8, s16, s24, f32, mulaw or alaw."""
    pcm = tones(seconds, rate, channels)
    if kind == "s16":
        return wav(pcm, rate)
    if kind == "u8":
        return wav(pcm, rate, bits=8, data=((pcm >> 8) + 128).astype("u1").tobytes())
    if kind == "s24":
        wide = (pcm.astype("<i4") << 8).reshape(-1, 1).view("u1").reshape(-1, 4)[:, :3]
        return wav(pcm, rate, bits=24, data=wide.tobytes())
    if kind == "f32":
        return wav(pcm, rate, tag=3, bits=32, data=(pcm / 32768).astype("<f4").tobytes())
    data = encoded(f"pcm_{kind}", kind, pcm, rate)
    return wav(pcm, rate, tag={"mulaw": 7, "alaw": 6}[kind], bits=8, data=data)


def encoded(codec: str, container: str, pcm: np.ndarray, rate: int) -> bytes:
    """The samples through one of PyAV's encoders and muxers."""
    out = io.BytesIO()
    layout = {1: "mono", 2: "stereo"}[pcm.shape[1]]
    with av.open(out, "w", format=container) as box:
        stream = box.add_stream(codec, rate=rate, layout=layout)
        for start in range(0, pcm.shape[0], 1 << 20):
            part = np.ascontiguousarray(pcm[start : start + (1 << 20)]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate, frame.pts = rate, start
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    return out.getvalue()


def saved(directory: Path, data: bytes, name: str = "recording") -> Path:
    """The bytes as a file."""
    path = directory / name
    path.write_bytes(data)
    return path


def pitch(row: np.ndarray, rate: int = 16_000) -> float:
    """The loudest frequency of a channel in Hz."""
    spectrum = np.abs(np.fft.rfft(row.astype(float) * np.hanning(len(row))))
    return float(np.argmax(spectrum) * rate / len(row))
