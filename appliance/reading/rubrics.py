"""The rubric as it is shipped, which items fit which calls, and what changed between versions."""

from collections.abc import Iterator
from typing import Final

from appliance.errors import Misconfigured
from appliance.facts.codes import CRITICAL_ITEMS, INTENTS, RUBRIC_ITEMS
from appliance.facts.rubrics import OWN_QUESTION, Check, Item, Rubric

HEAVIEST: Final = 5
MOST_OWN: Final = 20
LONGEST_WORDS: Final = 120
# Calls about a dying or dead pet are handled by a rubric of their own: no offers, no selling.
SOLEMN_INTENTS: Final = ("end_of_life", "grief_followup")
SOLEMN_ITEMS: Final = frozenset((
    "answered_fast", "greeting_clinic", "greeting_name", "hold_asked", "caller_name", "pet_name",
    "empathy", "callback_promise", "warm_close", "grief_manner", "no_medical_advice",
    "no_card_aloud",
))  # fmt: skip
_ONLY_SOLEMN: Final = frozenset(("grief_manner",))

_WEIGHTS: Final = {
    "offers_appointment": 3, "offers_alternative": 3, "callback_promise": 3, "grief_manner": 5,
    "greeting_name": 2, "pet_name": 2, "signalment": 2, "urgency_asked": 2, "empathy": 2,
    "confirms_details": 2, "complaint_owned": 3, "hold_asked": 2,
} | dict.fromkeys(CRITICAL_ITEMS, 3)  # fmt: skip


def shipped() -> Rubric:
    """Version 1: all items of the taxonomy with weights that research on callers suggests."""
    items = tuple(
        Item(name=name, weight=_WEIGHTS.get(name, 1), critical=name in CRITICAL_ITEMS)
        for name in RUBRIC_ITEMS
    )
    return Rubric(number=1, items=items, note="As shipped")


def fits(item: Item, intent: str) -> bool:
    """Whether an item is asked of a call about ``intent`` at all."""
    if intent in SOLEMN_INTENTS:
        return item.name in SOLEMN_ITEMS and intent not in item.not_for
    return item.name not in _ONLY_SOLEMN and intent not in item.not_for


def item_of(rubric: Rubric, name: str) -> Item | None:
    """The item of that name, if the version has it."""
    return next((item for item in rubric.items if item.name == name), None)


def own_name(rubric: Rubric, question: str) -> str:
    """A name for a new question of the clinic's own, made of its words and never used before."""
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in question.lower())
    words = "_".join(part for part in kept.split("_") if part)[:36].strip("_")
    slug = OWN_QUESTION + (words or "question")
    taken = {item.name for item in rubric.items}
    choices = [slug, *(f"{slug}_{n}" for n in range(2, MOST_OWN + 2))]
    return next(name for name in choices if name not in taken)


def check_item(item: Item) -> None:
    """Raises Misconfigured with what is wrong in an item a person typed."""
    if item.weight not in range(HEAVIEST + 1):
        raise Misconfigured(f"a weight is a number from 0 to {HEAVIEST}")
    if not set(item.not_for) <= set(INTENTS):
        raise Misconfigured("choose kinds of calls of the list")
    if len(item.words) > LONGEST_WORDS or not item.words.isprintable():
        raise Misconfigured(f"write at most {LONGEST_WORDS} letters on one line for staff to read")
    if item.check is None:
        return
    if not item.words:
        raise Misconfigured("write the question as staff should read it")
    _check_check(item.check)


def _check_check(check: Check) -> None:
    if check.speaker not in ("staff", "caller") or check.present not in ("met", "not_met"):
        raise Misconfigured("choose who says it and what it means when it is said")
    if not check.phrases:
        raise Misconfigured("write at least one phrase, one on each line")


def tell_changes(old: Rubric, new: tuple[Item, ...]) -> str:
    """What a new version changes, in a few plain words; empty when it changes nothing."""
    before = {item.name: item for item in old.items}
    return "; ".join(told for item in new for told in _changes(before.get(item.name), item))


def _changes(old: Item | None, new: Item) -> Iterator[str]:
    if old is None:
        yield f"{new.name}: added"
        return
    if old.on != new.on:
        yield f"{new.name}: switched {'on' if new.on else 'off'}"
    if old.weight != new.weight:
        yield f"{new.name}: weight {old.weight} to {new.weight}"
    if old.critical != new.critical:
        yield f"{new.name}: {'now critical' if new.critical else 'no longer critical'}"
    if old.not_for != new.not_for:
        yield f"{new.name}: other calls it does not apply to"
    if old.words != new.words:
        yield f"{new.name}: other words"
    if old.check != new.check:
        yield f"{new.name}: other phrases"
