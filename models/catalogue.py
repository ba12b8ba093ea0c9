"""Which speech models the box can run: the faster-whisper family and the bundled demo model.

Memory in MB is what one worker keeps resident with batches of eight: measured at base and small
(int8), scaled by parameters elsewhere. Digests are not here; they are recorded on installation.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.errors import NotFound, Tampered
from appliance.facts.models import ModelCard
from models.installed import Manifest, seal_model

DEMO = "demo"
DEMO_DIR = Path(__file__).parent / "demo" / "weights"
_DEMO_CARD = "CARD.json"
_OFF = {"no_speech_threshold": 1.0, "log_prob_threshold": -1e9, "compression_ratio_threshold": 1e9}
_CODES = (
    "en es fr de it pt nl zh ja ko ru uk pl tr ar fa he hi ur bn ta te ml mr gu kn pa ne si vi th "
    "id ms tl jw su km lo my bo mn kk uz tg tk ka hy az sq bs hr sr sl mk bg ro hu cs sk el lt "
    "lv et fi sv da no nn is fo cy br eu ca gl oc mt lb la yi sa sd ps as am ar so sw yo ha ln sn "
    "mg mi haw ht af be tt ba"
)
_ALL = tuple(_CODES.split())
_EN = ("en",)


def find_card(model_id: str) -> ModelCard:
    """The card of a model by its id ("turbo" and "large" are aliases); raises NotFound."""
    wanted = {"turbo": "large-v3-turbo", "large": "large-v3"}.get(model_id, model_id)
    for card in list_cards():
        if card.id == wanted:
            return card
    raise NotFound(f"There is no speech model {model_id} in the catalogue.")


def list_cards() -> list[ModelCard]:
    """All cards, small to large; the demo model is among them where its weights are installed."""
    return [*([read_demo_card()] if (DEMO_DIR / _DEMO_CARD).is_file() else []), *_CARDS]


def read_demo_card(directory: Path = DEMO_DIR) -> ModelCard:
    """The card that lies beside the bundled weights; raises NotFound or Tampered."""
    try:
        told = json.loads((directory / _DEMO_CARD).read_bytes())
        parameters_m = round(told["parameters"] / 1e6, 2)
        return ModelCard(
            id=told["id"],
            languages=tuple(told["languages"]),
            parameters_m=parameters_m,
            license=told["licence"],
            memory_mb=_memory(parameters_m),
            description=f"Bundled for demonstration; knows only {told['knows_only']}.",
            options=_without_nulls(told.get("options", {})),
        )
    except FileNotFoundError:
        raise NotFound("The bundled demo model is not installed.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise Tampered("The card of the bundled demo model is broken; install again.") from error


def seal_demo(directory: Path = DEMO_DIR) -> Manifest:
    """Record the digests of the bundled weights; the last step of building them."""
    return seal_model(directory, read_demo_card(directory))


def _without_nulls(options: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    """A null threshold means "never applies"; facts hold that as a number beyond reach."""
    given = {key: _OFF.get(key) if value is None else value for key, value in options.items()}
    return {key: value for key, value in given.items() if value is not None}


def _memory(parameters_m: float) -> dict[str, int]:
    """Small models cost mostly activations, large ones mostly weights; hence the two slopes."""
    int8 = 450 + 4.0 * min(parameters_m, 244) + 2.4 * max(0.0, parameters_m - 244)
    return {
        "int8": round(int8),
        "int8_float16": round(int8),
        "float16": round(int8 + 1.1 * parameters_m),
        "float32": round(int8 + 3.0 * parameters_m),
    }


def _card(
    model_id: str,
    parameters_m: float,
    repository: str,
    languages: tuple[str, ...],
    description: str,
) -> ModelCard:
    return ModelCard(
        id=model_id,
        languages=languages,
        parameters_m=parameters_m,
        license="MIT",
        memory_mb=_memory(parameters_m),
        repository=repository,
        description=description,
    )


_S = "Systran/faster-whisper-"
_D = "Systran/faster-distil-whisper-"
_CARDS = (
    _card("tiny.en", 39, f"{_S}tiny.en", _EN, "Fastest; many errors on telephone speech."),
    _card("tiny", 39, f"{_S}tiny", _ALL, "Fastest; many errors on telephone speech."),
    _card("base.en", 74, f"{_S}base.en", _EN, "For weak boxes."),
    _card("base", 74, f"{_S}base", _ALL, "For weak boxes."),
    _card("distil-small.en", 166, f"{_D}small.en", _EN, "Close to small.en, faster."),
    _card("small.en", 244, f"{_S}small.en", _EN, "The usual choice without a GPU."),
    _card("small", 244, f"{_S}small", _ALL, "The usual choice without a GPU."),
    _card("distil-medium.en", 394, f"{_D}medium.en", _EN, "Close to medium.en, faster."),
    _card("distil-large-v3", 756, f"{_D}large-v3", _EN, "Close to large-v3 in English, faster."),
    _card("medium.en", 769, f"{_S}medium.en", _EN, "Accurate; slow without a GPU."),
    _card("medium", 769, f"{_S}medium", _ALL, "Accurate; slow without a GPU."),
    _card(
        "large-v3-turbo",
        809,
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        (*_ALL, "yue"),
        "The usual choice with a GPU.",
    ),
    _card("large-v1", 1550, f"{_S}large-v1", _ALL, "Kept for comparison."),
    _card("large-v2", 1550, f"{_S}large-v2", _ALL, "Most accurate on some accents; GPU."),
    _card("large-v3", 1550, f"{_S}large-v3", (*_ALL, "yue"), "Most accurate; GPU."),
)
