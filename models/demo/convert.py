"""Turn a checkpoint into an int8 model folder that faster-whisper loads."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters.transformers import WhisperLoader
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration

from models.demo.train import GUIDED_HEAD, new_model

WEIGHTS = Path(__file__).parent / "weights"
LIMIT = 12_000_000
FEATURES = {
    "feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400,
}  # fmt: skip
# Trained on windows of 7 s and measured to be best a little below that.
# The log-probability limit is wide: a small model is never as sure as a large one.
OPTIONS: dict[str, Any] = {
    "beam_size": 5, "batched": True, "window_s": 6.6, "fitted": True, "without_timestamps": True,
    "word_timestamps": True, "condition_on_previous_text": False, "vad_filter": True,
    "no_speech_threshold": 0.6, "log_prob_threshold": -3.0, "compression_ratio_threshold": 4.0,
}  # fmt: skip


def spec_of(model: WhisperForConditionalGeneration, tokenizer: Tokenizer,
            heads: list[list[int]]) -> whisper_spec.WhisperSpec:  # fmt: skip
    """The ctranslate2 spec: weights, vocabulary and what word times are read from."""
    config, loader = model.config, WhisperLoader()
    spec = whisper_spec.WhisperSpec(
        config.encoder_layers, config.encoder_attention_heads,
        config.decoder_layers, config.decoder_attention_heads,
    )  # fmt: skip
    loader.set_encoder(spec.encoder, model.model.encoder)
    loader.set_decoder(spec.decoder, model.model.decoder)
    loader.set_linear(spec.decoder.projection, model.proj_out)
    spec.register_vocabulary([tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.config.lang_ids = [tokenizer.token_to_id("<|en|>")]
    spec.config.alignment_heads = heads
    return spec


def convert(run: Path, out: Path = WEIGHTS, heads: list[list[int]] | None = None) -> Path:
    """Write the model folder from the last checkpoint of a training run."""
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    model = new_model(tokenizer)
    model.load_state_dict(torch.load(run / "last.pt", weights_only=True)["model"])
    last = model.config.decoder_layers - 1
    guided = [[last, GUIDED_HEAD]]
    spec = spec_of(model.eval(), tokenizer, heads or guided)
    spec.validate()
    spec.optimize(quantization="int8")
    out.mkdir(parents=True, exist_ok=True)
    spec.save(str(out))
    shutil.copy(run / "tokenizer.json", out / "tokenizer.json")
    (out / "preprocessor_config.json").write_text(json.dumps(FEATURES) + "\n", "utf-8")
    write_card(out, sum(p.numel() for p in model.parameters()), {})
    size = sum(f.stat().st_size for f in out.iterdir())
    if size > LIMIT:
        raise RuntimeError(f"the model folder holds {size} bytes, more than {LIMIT}")
    return out


def write_card(out: Path, parameters: int, wer: dict[str, object]) -> None:
    """What the model is, what it knows and how to call it; measured numbers come from evaluate."""
    path = out / "CARD.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    card = {
        "id": "demo",
        "languages": ["en"],
        "parameters": parameters,
        "licence": "Apache-2.0",
        "trained_on": "about 28 hours of synthetic telephone speech: espeak-ng and flite voices "
        "speaking a grammar of veterinary calls and word salad, in the end the six espeak-ng demo "
        "voices alone; the encoder began from our own earlier synthetic-speech checkpoint",
        "knows_only": "the synthetic demo voices",
        "wer": wer or known.get("wer", {}),
        "options": OPTIONS,
    }
    path.write_text(json.dumps(card, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of a training run")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    out = convert(args.run, args.out)
    size = sum(f.stat().st_size for f in out.iterdir())
    print(f"{out.name}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
