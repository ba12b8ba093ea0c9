"""The states of all rubric items: what the rules say, and what calls handled alike speak for."""

from collections.abc import Mapping
from typing import Final

from appliance.facts.codes import CRITICAL_ITEMS
from appliance.reading.endings import Ending
from appliance.reading.features import handling
from appliance.reading.intents import Reasons
from appliance.reading.moods import Label
from appliance.reading.rubric_manners import Item
from appliance.reading.scene import Scene
from appliance.reading.weighing import spoke_for, weigh_item

_BY_RULE: Final = frozenset(("no_card_aloud",))  # counted digits need no experience


def judge_items(
    scene: Scene, reasons: Reasons, ending: Ending, rules: Mapping[str, Item]
) -> dict[str, Label]:
    """Every item with its state and the turns it rests on."""
    told = handling(scene, reasons.intent, ending.code) if scene.turns else []
    return {
        item: _judge(scene, item, rule(scene, reasons, ending), told)
        for item, rule in rules.items()
    }


def _judge(scene: Scene, item: str, ruled: Label, told: list[str]) -> Label:
    code = weigh_item(told, item, ruled.code) if told and item not in _BY_RULE else ruled.code
    if code == ruled.code or (item in CRITICAL_ITEMS and "not_met" in (code, ruled.code)):
        return ruled  # that a critical item was not met, rules alone may say and unsay
    told_by = scene.by("staff") if code in ("met", "not_met") else ()
    return Label(code, spoke_for("handlings", item, code, told_by) if told_by else ())
