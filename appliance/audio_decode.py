"""Decoding proper, inside the child's cage: a demuxer and a codec from short lists, then PCM."""

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import av.logging
import numpy as np

from appliance import audio_sniff
from appliance.errors import Unusable

av.logging.set_level(av.logging.PANIC)  # the libraries would print parts of the file
_SPEECH_RATE = 16_000
_SHORTEST_MS = 300
_FLUSH_SAMPLES = 1 << 18
_WAV_HEADER = 44
_MOST_DAMAGE = 1_000  # broken packets after which a file counts as unreadable
_CODECS = (
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_mulaw,pcm_alaw,adpcm_ms,"
    "adpcm_ima_wav,g722,g726,g723_1,g729,gsm,gsm_ms,mp3float,mp3,opus,vorbis,speex,flac,aac,alac"
)
_SHORT = {"mp3float": "mp3", "adpcm_g722": "g722", "adpcm_g726": "g726"}
_PLAYABLE_TYPES = {
    ("wav", "pcm_s16le"): "audio/wav",
    ("mp3", "mp3"): "audio/mpeg",
    ("ogg", "opus"): "audio/ogg",
    ("ogg", "vorbis"): "audio/ogg",
    ("flac", "flac"): "audio/flac",
    ("mp4", "aac"): "audio/mp4",
}


class _File(io.RawIOBase):
    """Descriptor 0 with a position of its own, so that the parent's is left alone."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        got = os.pread(0, self._size if count < 0 else count, self._at)
        self._at += len(got)
        return got

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at


@dataclass(frozen=True)
class Order:
    """What the child may do: caps, and where the outputs go (descriptors, row stride in samples)."""

    seconds: int
    channels: int
    output_bytes: int
    stride: int
    speech_fd: int
    wav_fd: int


def warm_up() -> None:
    """Decode a moment of silence of our own, since the libraries import some parts at first use."""
    silence = io.BytesIO(_wav_header(8_000, 1, 1_600) + bytes(1_600))
    with av.open(silence, "r", format="wav") as box:
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=_SPEECH_RATE)
        for frame in _frames(box):
            resampler.resample(frame)[0].to_ndarray()


def decode(size: int, hints: dict[str, Any], order: Order) -> dict[str, Any]:
    """Decode descriptor 0 (``size`` bytes) and return the fields of the report.

    Raises Unusable, or whatever the libraries raise.
    """
    source = audio_sniff.sniff(_read, size, hints["container"], hints["rate"], hints["channels"])
    _check_length(source.seconds, order)
    options = {**source.options, "protocol_whitelist": "none", "codec_whitelist": _CODECS}
    with av.open(_File(size), "r", format=source.demuxer, container_options=options) as box:
        codec = _check_stream(box, source, order)
        name = _SHORT.get(codec.codec.name, codec.codec.name)
        kind = _PLAYABLE_TYPES.get((source.container, name), "")
        if source.warnings or (source.container == "mp4" and box.streams.video):
            kind = ""
        sink = Sink(codec.sample_rate, codec.layout.name, codec.channels, order, not kind)
        damaged = sink.drain(box)
    warnings = dict.fromkeys((*source.warnings, *(["damaged"] if damaged else [])))
    told = {"codec": name, "container": source.container, "playable_type": kind}
    return {**told, "warnings": list(warnings), **sink.finish()}


def _read(offset: int, length: int) -> bytes:
    return os.pread(0, length, offset)


def _check_stream(box: Any, source: audio_sniff.Source, order: Order) -> Any:
    """The codec of the first audio stream, once nothing speaks against decoding it."""
    if not box.streams.audio:
        raise Unusable("no audio stream", "unreadable")
    codec = box.streams.audio[0].codec_context
    if codec is None or codec.codec.name not in (*_CODECS.split(","), *_SHORT):
        raise Unusable("a codec the box does not decode", "unknown_codec")
    codec.thread_count = 1  # the cage forbids threads
    audio_sniff.check_shape(codec.sample_rate, codec.channels, order.channels)
    if box.duration and source.demuxer != "mp3":  # an MP3's length is only a guess
        _check_length(box.duration / av.time_base, order)
    return codec


class Sink:
    """Takes decoded frames, writes them as speech and, where wanted, as a playable WAV."""

    def __init__(self, rate: int, layout: str, channels: int, order: Order, playable: bool) -> None:
        self._rate, self._layout, self._channels = rate, layout, channels
        self._order, self._playable = order, playable
        self._samples = 0  # speech samples per channel written so far
        self._wav_bytes = 0
        self._rows: list[Any] = []
        self._waiting = 0
        self._shape: Any = None
        self._speech: Any = None
        self._native: Any = None

    def drain(self, box: Any) -> bool:
        """Decode everything; True when broken parts had to be skipped."""
        bad = 0
        for frame in _frames(box):
            if frame is None:
                bad += 1
                if bad > _MOST_DAMAGE:
                    raise Unusable("mostly broken", "unreadable")
                continue
            self._take(frame)
        self._flush_resamplers()
        self._write_rows()
        return bad > 0

    def finish(self) -> dict[str, Any]:
        """The numbers of the report; refuses what is too short."""
        duration_ms = self._samples * 1000 // _SPEECH_RATE
        if duration_ms < _SHORTEST_MS:
            raise Unusable("too little sound", "too_short" if self._samples else "unreadable")
        total = 0
        if self._playable:
            total = _WAV_HEADER + self._wav_bytes
            os.pwrite(
                self._order.wav_fd, _wav_header(self._rate, self._channels, self._wav_bytes), 0
            )
        return {
            "rate": self._rate,
            "channels": self._channels,
            "samples": self._samples,
            "stride": self._order.stride,
            "duration_ms": duration_ms,
            "playable_bytes": total,
        }

    def _take(self, frame: Any) -> None:
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        if shape != self._shape:  # the first frame, or a stream that changes its shape midway
            self._flush_resamplers()
            self._shape = shape
            self._speech = self._resampler("s16p", _SPEECH_RATE)
            self._native = self._resampler("s16", self._rate) if self._playable else None
        self._resample(frame)

    def _resampler(self, sample_format: str, rate: int) -> Any:
        return av.AudioResampler(format=sample_format, layout=self._layout, rate=rate)

    def _flush_resamplers(self) -> None:
        if self._speech is not None:
            self._resample(None)

    def _resample(self, frame: Any) -> None:
        for out in self._speech.resample(frame):
            self._rows.append(out.to_ndarray())
            self._waiting += out.samples
        if self._native is not None:
            for out in self._native.resample(frame):
                self._write_wav(out.to_ndarray().tobytes())
        if self._waiting >= _FLUSH_SAMPLES:
            self._write_rows()

    def _write_rows(self) -> None:
        if not self._rows:
            return
        block = np.concatenate(self._rows, axis=1)
        self._rows, self._waiting = [], 0
        self._check(block.shape[1])
        for channel, row in enumerate(block):
            at = 2 * (channel * self._order.stride + self._samples)
            _write_all(self._order.speech_fd, np.ascontiguousarray(row).tobytes(), at)
        self._samples += block.shape[1]

    def _check(self, more: int) -> None:
        samples = self._samples + more
        written = 2 * samples * self._channels + self._wav_bytes
        too_much = written > self._order.output_bytes
        if too_much or samples > self._order.seconds * _SPEECH_RATE:
            raise Unusable("longer than the limit", "too_long")

    def _write_wav(self, data: bytes) -> None:
        _write_all(self._order.wav_fd, data, _WAV_HEADER + self._wav_bytes)
        self._wav_bytes += len(data)


def _frames(box: Any) -> Iterator[Any]:
    """Frames in order; None stands for a part that could not be decoded."""
    packets = box.demux(box.streams.audio[0])
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # the container ends in rubble: keep what came before
            yield None
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            yield None


def _check_length(seconds: float, order: Order) -> None:
    if seconds > order.seconds:
        raise Unusable("longer than the limit", "too_long")


def _write_all(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        at, view = at + written, view[written:]


def _wav_header(rate: int, channels: int, length: int) -> bytes:
    frame = 2 * channels
    shape = struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, 16)
    return (
        b"RIFF" + struct.pack("<I", 36 + length) + b"WAVEfmt " + struct.pack("<I", 16) + shape
        + b"data" + struct.pack("<I", length)
    )  # fmt: skip
