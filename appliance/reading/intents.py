"""What the call was about: every phrase of a reason votes, early words of the caller most."""

from collections.abc import Iterator
from functools import cache
from re import Pattern
from typing import Final, NamedTuple

from appliance.facts.codes import UNKNOWN
from appliance.reading.features import opening_turns
from appliance.reading.grammar import affirmed, phrases
from appliance.reading.hearing import Heard
from appliance.reading.phrases_reasons import REASONS
from appliance.reading.plain import words
from appliance.reading.scene import Scene, Turn
from appliance.reading.sensed import sense_intents, sense_reason
from appliance.reading.weighing import stands_out, weigh_intents

_FADE: Final = (1.0, 0.75, 0.55, 0.4, 0.3, 0.25, 0.2)
_DESK_SHARE: Final = 0.25  # the desk repeats reasons, but also names what nobody asked for
_ONLY_CALLERS_ASK: Final = words(
    "records_request hours_directions triage_question complaint compliment price_shop"
)
_EITHER_MAY_SAY: Final = ("wrong_number",)
_SURELY: Final = 5.0
_SECOND_ENOUGH: Final = 2.6
_SMALL_TALK: Final = 4  # words; shorter turns do not use up the caller's first say

SICK: Final = ("sick_visit", "urgent_visit", "triage_question", "poisoning", "postop_question")
SERVICES: Final = (
    "wellness", "surgery", "dental", "tech_visit", "grooming", "boarding", "travel_certificate",
    "end_of_life", "new_pet", "sick_visit",
)  # fmt: skip


class Reasons(NamedTuple):
    """The reasons of a call: the primary one, others, all scores and the turns that carry them."""

    intent: str
    secondary: tuple[str, ...]
    scores: dict[str, float]
    turns: dict[str, tuple[int, ...]]


@cache
def _patterns() -> dict[str, tuple[tuple[int, Pattern[str]], ...]]:
    return {
        intent: tuple((weight, phrases([rows])) for weight, rows in sorted(levels.items())[::-1])
        for intent, levels in REASONS.items()
    }


def strength(intent: str, text: str) -> int:
    """How strongly one turn speaks for an intent: the weight of its strongest phrase."""
    found = (w for w, pattern in _patterns()[intent] if _speaks(intent, pattern, text))
    return next(found, 0)


def _speaks(intent: str, pattern: Pattern[str], text: str) -> bool:
    if intent in ("urgent_visit", "poisoning"):  # "no blood, he can breathe" is not an emergency
        return affirmed(pattern, text)
    return pattern.search(text) is not None


def weigh(scene: Scene, heard: Heard | None = None) -> Reasons:
    """Score all intents and settle which one leads; ``heard`` where sentences can be sensed."""
    scores = dict.fromkeys(REASONS, 0.0)
    turns: dict[str, tuple[int, ...]] = {}
    for turn, share in _shares(scene):
        for intent in REASONS:
            if weight := strength(intent, turn.text):
                scores[intent] += weight * _heard(intent, turn, share)
                turns[intent] = (*turns.get(intent, ()), turn.index)
    scores = _settle(scene, scores)
    weighed = sense_intents(heard, scores) if heard else weigh_intents(scene, scores)
    if scores["end_of_life"] >= _SURELY:  # asking what it costs makes it no price question
        weighed["end_of_life"] += _SURELY
    if _asks_in(scene):  # who wants to bring a sick pet in does not ask whether to
        weighed["sick_visit"] = max(weighed["sick_visit"], weighed.pop("triage_question"))
    if scores["sick_visit"] and not scores["urgent_visit"]:  # no word of danger was said
        weighed["sick_visit"] = max(weighed["sick_visit"], weighed.pop("urgent_visit"))
    leading = max(weighed, key=lambda intent: weighed[intent])
    if not scene.turns or not stands_out(leading, weighed, scores):
        return Reasons(UNKNOWN, (), scores, turns)
    ranked = sorted(scores, key=lambda intent: -scores[intent])
    others = tuple(i for i in ranked if scores[i] >= _SECOND_ENOUGH and i != leading)[:1]
    if leading not in turns:
        first = tuple(turn.index for turn in opening_turns(scene)[:1])
        turns[leading] = sense_reason(heard, leading) if heard else first
    return Reasons(leading, others, scores, turns)


def _shares(scene: Scene) -> Iterator[tuple[Turn, float]]:
    """Turns with what their words count; who calls out states the reason from the desk."""
    out = scene.context.direction == "out"
    said = {"caller": 0, "staff": 0}
    for turn in scene.turns:
        if turn.speaker == "ivr":
            continue
        side = "staff" if turn.speaker == "staff" else "caller"
        fade = _FADE[min(said[side], len(_FADE) - 1)]
        said[side] += len(turn.text.split()) > _SMALL_TALK
        yield turn, fade * _share(side, out, said[side])


def _share(side: str, out: bool, said: int) -> float:
    if out:
        return 1.0 if side == "staff" and said <= 5 else 0.5
    return 1.0 if side == "caller" else _DESK_SHARE


def _heard(intent: str, turn: Turn, share: float) -> float:
    """What a turn counts for one intent; the desk does not ask for records or hours."""
    if intent in _EITHER_MAY_SAY:
        return 1.0
    if turn.speaker == "staff" and intent in _ONLY_CALLERS_ASK:
        return min(share, _DESK_SHARE)
    return share


def _settle(scene: Scene, scores: dict[str, float]) -> dict[str, float]:
    """Rules between intents that share their words."""
    settled = dict(scores)
    _settle_illness(scene, settled)
    _settle_price(scene, settled)
    if settled["new_pet"] >= 4:
        settled["wellness"] = min(settled["wellness"], settled["new_pet"] - 1)
    if settled["postop_question"] >= 4:
        settled["surgery"] = min(settled["surgery"], settled["postop_question"] - 1)
    if settled["grief_followup"] >= 5:
        settled["end_of_life"] = min(settled["end_of_life"], settled["grief_followup"] - 1)
    if settled["complaint"] >= 5:
        settled["complaint"] += 2
    if settled["end_of_life"] >= 5:
        settled["end_of_life"] += 3
    return settled


def _asks_in(scene: Scene) -> bool:
    return bool(set(scene.caller("asks_to_book", before=10)) - set(scene.caller("wonders")))


def _settle_illness(scene: Scene, scores: dict[str, float]) -> None:
    ill = max(scores["sick_visit"], scores["urgent_visit"])
    wants_in = _asks_in(scene)
    if scores["poisoning"] >= 4:
        scores["poisoning"] += ill
    if scores["urgent_visit"] >= 4:
        scores["urgent_visit"] = max(scores["urgent_visit"], scores["sick_visit"] + 0.5)
    if max(scores["postop_question"], scores["urgent_visit"]) >= 4:
        scores["triage_question"] /= 3
    elif scores["triage_question"] >= 3 and ill >= 1.5 and not wants_in:
        scores["triage_question"] += ill / 2 + 1
    elif ill >= 1.5:
        scores["triage_question"] /= 2


def _settle_price(scene: Scene, scores: dict[str, float]) -> None:
    if scores["estimate_question"] >= 4:
        scores["price_shop"] /= 2
    opening = [turn for turn in scene.by("caller") if len(turn.text.split()) > _SMALL_TALK][:1]
    asked_first = any(strength("price_shop", turn.text) for turn in opening)
    ill = max(scores[intent] for intent in SICK)
    if asked_first and ill < 4:
        scores["price_shop"] += 3
    elif scores["price_shop"]:
        scores["price_shop"] *= 0.8
