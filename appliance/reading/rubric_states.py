"""The states of all rubric items: what the rules say, and what calls handled alike speak for."""

from collections.abc import Callable, Mapping
from typing import Final

from appliance.facts.codes import CRITICAL_ITEMS
from appliance.reading.endings import Ending
from appliance.reading.features import handling
from appliance.reading.hearing import Heard, handled
from appliance.reading.intents import Reasons
from appliance.reading.moods import Label
from appliance.reading.rubric_manners import Item
from appliance.reading.scene import Scene
from appliance.reading.sensed import item_opinions, sense_item, sensed_for
from appliance.reading.weighing import item_votes, spoke_for, weigh_item

# Counted digits and seconds need no experience.
BY_RULE: Final = frozenset(("no_card_aloud", "answered_fast"))
_Weigh = Callable[[str, str], str]


def judge_items(
    scene: Scene,
    reasons: Reasons,
    ending: Ending,
    rules: Mapping[str, Item],
    heard: Heard | None = None,
) -> dict[str, Label]:
    """Every item with its state and the turns it rests on."""
    told = handling(scene, reasons.intent, ending.code) if scene.turns else []
    weigh = _by_sense(heard, reasons, ending, told) if heard else _by_words(told)
    return {
        item: _judge(scene, item, rule(scene, reasons, ending), weigh, heard)
        for item, rule in rules.items()
    }


def _by_words(told: list[str]) -> _Weigh:
    return lambda item, ruled: weigh_item(told, item, ruled) if told else ruled


def _by_sense(heard: Heard, reasons: Reasons, ending: Ending, told: list[str]) -> _Weigh:
    vector = handled(heard, reasons.intent, ending.code)

    def weigh(item: str, ruled: str) -> str:
        votes = item_votes(told, item)
        return sense_item(item_opinions(item, ruled, votes, vector), item)

    return weigh


def _judge(scene: Scene, item: str, ruled: Label, weigh: _Weigh, heard: Heard | None) -> Label:
    code = ruled.code if item in BY_RULE else weigh(item, ruled.code)
    by_rule = heard is None and item in CRITICAL_ITEMS and "not_met" in (code, ruled.code)
    if code == ruled.code or by_rule:
        return ruled  # words alone neither say nor unsay that a critical item was not met
    if code not in ("met", "not_met"):
        return Label(code)
    sensed = sensed_for(heard, f"rubric.{item}", code, ("staff",)) if heard else ()
    return Label(code, sensed or spoke_for("handlings", item, code, scene.by("staff")))
