"""Promises to call back: given without an if, or granted when asked, with a time or without."""

from functools import cache
from re import Pattern
from typing import Final

from appliance.reading.grammar import phrases
from appliance.reading.scene import Scene, Turn, compiled

_WHEN: Final = """
    today
    tonight
    tomorrow
    by/before/at/around/after/between <time>
    by/before/at/after/between/around noon/lunch/close/closing/five
    this morning/afternoon/evening
    within/in ~ hour/hours/minutes/day
    end of ~ day
    <weekday>
    first thing
    after lunch/surgery/hours
    in a/an few/hour/couple
    by the_end/end
    in <num> minutes/hours
"""
_VAGUE: Final = """
    as soon as
    when ~ get_a_chance/can/able/free/available
    at some point
    not say/promise exactly/when
    sometime
    can not say
    or tomorrow
    or maybe tomorrow
    this week
"""
_CONDITION: Final = "if\nunless\nwould_you_like\nwould_it_help\ndo_you_want\nwant_me\nwould_you"
_WORDS_AFTER: Final = 2
_GRANTS: Final = """
    i/she/he/they/we will
    yes
    sure
    of course
    absolutely
    as soon as she/he/they
"""


@cache
def _pattern(rows: str) -> Pattern[str]:
    return phrases([rows])


def callbacks(scene: Scene) -> tuple[int, ...]:
    """Turns in which the desk promises a call back without an if."""
    kept = []
    for index in scene.desk("promises_callback"):
        turn, reply = scene.turns[index], scene.next_by("caller", index)
        conditional = _pattern(_CONDITION).search(_about_promise(turn)) is not None
        declined = reply is not None and reply.text.startswith(" no ")
        if not declined and (not conditional or _agreed(reply)):
            kept.append(index)
    return tuple(sorted({*kept, *_granted(scene)}))


def _about_promise(turn: Turn) -> str:
    """The turn up to the promise and two words on: what is said later is no condition of it."""
    promise = compiled("staff")["promises_callback"].search(turn.text)
    if promise is None:
        return turn.text
    later = turn.text[promise.end() :].split()[:_WORDS_AFTER]
    return f"{turn.text[: promise.end()]} {' '.join(later)} "


def _granted(scene: Scene) -> list[int]:
    """The desk's yes to a caller who asks to be called."""
    asked = (scene.next_by("staff", index, within=1) for index in scene.caller("asks_callback"))
    return [turn.index for turn in asked if turn and _pattern(_GRANTS).search(_first_words(turn))]


def _first_words(turn: Turn) -> str:
    said = " ".join(turn.text.split()[:7])
    return "" if " not" in said else f" {said} "


def _agreed(turn: Turn | None) -> bool:
    return turn is not None and turn.text.startswith((" yes ", " please ", " sure ", " that would"))


def timed(scene: Scene, promised: tuple[int, ...]) -> bool:
    """Whether a promise to call names a time."""
    texts = [scene.turns[index].text for index in promised]
    vague = any(_pattern(_VAGUE).search(t.text) for t in scene.by("staff"))
    return any(_pattern(_WHEN).search(text) for text in texts) and not vague
