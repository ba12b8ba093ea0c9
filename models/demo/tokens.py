"""The tokenizer in the order faster-whisper needs, and the characters of the CTC head."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

# Text tokens come first, then exactly these, then the timestamps: a vocabulary below 51,865
# makes ctranslate2 treat the model as English only and look the ids up by name.
SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>",
    "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip
TIMESTAMPS = tuple(f"<|{i * 0.02:.2f}|>" for i in range(1501))
CTC_CHARS = "_ abcdefghijklmnopqrstuvwxyz'"  # index 0 is the blank


def build_tokenizer(texts: Iterable[str], text_tokens: int) -> Tokenizer:
    """Train a byte-level BPE of so many text tokens and append the special ones."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=text_tokens,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[],
        show_progress=False,
    )
    tokenizer.train_from_iterator((" " + text for text in texts), trainer)
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.add_special_tokens(list(TIMESTAMPS))
    return tokenizer


def load_or_build(path: Path, texts: Iterable[str], text_tokens: int = 850) -> Tokenizer:
    """The saved tokenizer, or a new one: it must not change once the decoder is training."""
    if not path.exists():
        build_tokenizer(texts, text_tokens).save(str(path))
    return Tokenizer.from_file(str(path))


def ctc_ids(text: str) -> list[int]:
    """Characters of the text for the CTC head, with a closing space."""
    return [i for c in text.lower().replace("-", " ") if (i := CTC_CHARS.find(c)) > 0] + [1]
