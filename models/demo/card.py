"""What the demo model says of itself: where it lies, how it is called, how often it errs."""

import json
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parent / "weights"
# Trained on windows of 7 s and measured to be best a little below that.
# The log-probability limit is wide: a small model is never as sure as a large one.
OPTIONS: dict[str, Any] = {
    "beam_size": 5, "batched": True, "window_s": 6.6, "fitted": True, "without_timestamps": True,
    "word_timestamps": True, "condition_on_previous_text": False, "vad_filter": True,
    "no_speech_threshold": 0.6, "log_prob_threshold": -3.0, "compression_ratio_threshold": 4.0,
    "hotwords": False,  # it never saw text that goes before, and recites it
}  # fmt: skip


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
