"""The rubric as shipped, what a version changes, and what no item may be."""

import msgspec
import pytest

from appliance.errors import Misconfigured
from appliance.facts.codes import CRITICAL_ITEMS, RUBRIC_ITEMS
from appliance.facts.rubrics import Check, Item
from appliance.reading.rubrics import check_item, item_of, own_name, shipped, tell_changes

OWN = Item(name="x_who", words="Asks who referred them", check=Check(phrases=("who referred you",)))


def test_the_shipped_rubric_asks_everything_and_only_safety_is_critical() -> None:
    assert tuple(item.name for item in shipped().items) == RUBRIC_ITEMS
    assert {item.name for item in shipped().items if item.critical} == set(CRITICAL_ITEMS)
    for item in shipped().items:
        check_item(item)


def test_a_version_tells_what_it_changes_and_nothing_is_no_change() -> None:
    items = list(shipped().items)
    assert tell_changes(shipped(), tuple(items)) == ""
    items[0] = msgspec.structs.replace(items[0], weight=4, on=False)
    items[1] = msgspec.structs.replace(items[1], critical=True, words="Say our name")
    told = tell_changes(shipped(), (*items, OWN))
    assert told.split("; ") == [
        "answered_fast: switched off", "answered_fast: weight 1 to 4",
        "greeting_clinic: now critical", "greeting_clinic: other words", "x_who: added",
    ]  # fmt: skip


def test_an_own_question_gets_a_name_of_its_words_that_nothing_else_has() -> None:
    rubric = shipped()
    assert own_name(rubric, "Did they ask: insurance?") == "x_did_they_ask_insurance"
    assert own_name(rubric, "¿Qué?") == "x_qu"
    assert own_name(rubric, "???") == "x_question"
    taken = msgspec.structs.replace(rubric, items=(*rubric.items, Item(name="x_qu")))
    assert own_name(taken, "Qu") == "x_qu_2"
    assert item_of(taken, "x_qu")
    assert item_of(taken, "x_qu_2") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weight": 6}, "0 to 5"),
        ({"weight": -1}, "0 to 5"),
        ({"not_for": ("lunch",)}, "kinds of calls"),
        ({"words": "x" * 121}, "at most 120"),
        ({"words": ""}, "write the question"),
        ({"check": Check(phrases=())}, "at least one phrase"),
        ({"check": Check(phrases=("a",), speaker="dog")}, "who says it"),
        ({"check": Check(phrases=("a",), present="maybe")}, "who says it"),
    ],
)
def test_what_no_item_may_be_is_told(change: dict[str, object], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        check_item(msgspec.structs.replace(OWN, **change))
