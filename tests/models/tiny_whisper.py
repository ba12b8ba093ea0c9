"""A Whisper of the true architecture with random weights: it hears nothing and will say anything."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import common_spec, whisper_spec
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

_SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>",
    "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip
_WIDTH, _HEADS, _LAYERS = 64, 1, 1


def build(directory: Path, seed: int = 1) -> Path:
    """Write a loadable model directory of about 1 MB."""
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    size = tokenizer.get_vocab_size()
    spec = whisper_spec.WhisperSpec(_LAYERS, _HEADS, _LAYERS, _HEADS)
    rng = np.random.default_rng(seed)
    _fill_encoder(spec.encoder, rng)
    _fill_decoder(spec.decoder, rng, size)
    spec.register_vocabulary([tokenizer.id_to_token(i) for i in range(size)])
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokenizer.token_to_id("<|en|>")]
    spec.config.alignment_heads = [[0, 0]]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(directory))
    tokenizer.save(str(directory / "tokenizer.json"))
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30}
    (directory / "preprocessor_config.json").write_text(json.dumps(features | {"n_fft": 400}))
    return directory


def _tokenizer() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
    vocabulary = [*alphabet, *("".join(merge) for merge in merges)]
    ids = {token: place for place, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.BPE(ids, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(_SPECIAL))
    tokenizer.add_special_tokens([f"<|{i * 0.02:.2f}|>" for i in range(1501)])
    return tokenizer


def _random(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(0, 0.15, shape).astype(np.float32)


def _linear(spec: Any, rng: np.random.Generator, out: int, into: int) -> None:
    spec.weight, spec.bias = _random(rng, out, into), _random(rng, out)


def _norm(spec: Any) -> None:
    spec.gamma, spec.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)


def _fill_layer(layer: Any, rng: np.random.Generator, cross: bool) -> None:
    _norm(layer.self_attention.layer_norm)
    _linear(layer.self_attention.linear[0], rng, 3 * _WIDTH, _WIDTH)
    _linear(layer.self_attention.linear[1], rng, _WIDTH, _WIDTH)
    if cross:
        _norm(layer.attention.layer_norm)
        _linear(layer.attention.linear[0], rng, _WIDTH, _WIDTH)
        _linear(layer.attention.linear[1], rng, 2 * _WIDTH, _WIDTH)
        _linear(layer.attention.linear[2], rng, _WIDTH, _WIDTH)
    _norm(layer.ffn.layer_norm)
    _linear(layer.ffn.linear_0, rng, 4 * _WIDTH, _WIDTH)
    _linear(layer.ffn.linear_1, rng, _WIDTH, 4 * _WIDTH)


def _fill_encoder(encoder: Any, rng: np.random.Generator) -> None:
    for conv, into in ((encoder.conv1, 80), (encoder.conv2, _WIDTH)):
        conv.weight, conv.bias = _random(rng, _WIDTH, into, 3), _random(rng, _WIDTH)
    encoder.position_encodings.encodings = _random(rng, 1500, _WIDTH)
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _fill_layer(layer, rng, cross=False)


def _fill_decoder(decoder: Any, rng: np.random.Generator, vocabulary: int) -> None:
    assert isinstance(decoder.embeddings, common_spec.EmbeddingsSpec)
    decoder.embeddings.weight = _random(rng, vocabulary, _WIDTH)
    decoder.scale_embeddings = False
    decoder.position_encodings.encodings = _random(rng, 448, _WIDTH)
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _fill_layer(layer, rng, cross=True)
    decoder.projection.weight = _random(rng, vocabulary, _WIDTH)
