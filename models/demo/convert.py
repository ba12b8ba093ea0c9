"""Turn a checkpoint into an int8 model folder that faster-whisper loads."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from ctranslate2.converters.transformers import WhisperLoader
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration

from models.demo.card import WEIGHTS, write_card
from models.demo.train import GUIDED_HEAD, new_model

LIMIT = 12_000_000
FEATURES = {
    "feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400,
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
