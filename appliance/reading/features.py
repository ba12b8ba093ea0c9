"""What the learned reader looks at: words of a call with who said them, and the acts performed."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from appliance.facts.codes import UNKNOWN
from appliance.reading.scene import Scene, Turn

FADE: Final = (1.0, 0.7, 0.4, 0.2)  # what the caller's first, second … real turn counts
CLOSING: Final = 8  # turns at the end that decide how a call ended
_SHORTEST, _LONGEST = 5, 45  # words of an opening turn that are looked at
_GREETING: Final = (" how can ", " how may ", " speaking ")
_ENDINGS: Final = ("ing", "ies", "ed", "es", "s")
_WHO: Final = {"staff": "d", "caller": "c"}
_LAST_ACTS: Final = 4
_ACT_COUNTS: Final = 3  # an act is worth more than one word


def stem(word: str) -> str:
    """The word without its commonest endings: coughing, coughs and coughed are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def opening_turns(scene: Scene) -> list[Turn]:
    """The first turns in which the one who calls says what it is about."""
    side = "staff" if scene.context.direction == "out" else "caller"
    return [turn for turn in scene.turns if _opens(turn, side)][: len(FADE)]


def _opens(turn: Turn, side: str) -> bool:
    if turn.speaker == "ivr" or not turn.may_be(side) or turn.text.count(" ") <= _SHORTEST:
        return False
    greets = turn.speaker == UNKNOWN and any(sign in turn.text for sign in _GREETING)
    return not greets


def said(text: str) -> list[str]:
    """Words and pairs of words of one turn in plain words."""
    words = [stem(word) for word in text.split()[:_LONGEST]]
    return [*words, *_pairs(words)]


def closing(scene: Scene, intent: str) -> list[str]:
    """How the call ended: words and pairs of the last turns, all acts, the last that decide."""
    spoken = [turn for turn in scene.turns if turn.speaker != "ivr"]
    known = [f"I!{intent}"] * _ACT_COUNTS
    return [*_told(spoken[-CLOSING:], pairs=True), *_acts(scene), *known, *_decided(scene)]


_DESK_DECIDES: Final = (
    "offers_slot", "offers_visit", "offers_waitlist", "confirms", "tells_come_now", "says_full",
    "doctor_away", "no_new_clients", "no_species", "no_service", "policy", "promises_callback",
    "takes_message", "transfers", "sends_elsewhere", "busy", "quotes_price",
)  # fmt: skip
_CALLER_DECIDES: Final = (
    "accepts", "declines", "will_call_back", "goes_elsewhere", "objects_price", "leaves_now",
    "lost_line", "asks_alternative",
)  # fmt: skip


def _decided(scene: Scene) -> Iterator[str]:
    """The last acts that can decide an ending, alone and each with the one after it."""
    found = sorted(
        (turn, act)
        for acts, names in ((scene.desk_acts, _DESK_DECIDES), (scene.caller_acts, _CALLER_DECIDES))
        for act in names
        for turn in acts[act]
    )
    lasts = [act for _, act in found][-_LAST_ACTS:]
    for told in (*lasts[-1:], *(f"{one}>{then}" for one, then in pairwise(lasts))):
        yield from [f"L!{told}"] * _ACT_COUNTS


def whole(scene: Scene) -> list[str]:
    """The whole call: words and pairs with their speakers, and all acts."""
    return [*_told(scene.turns, pairs=True), *_acts(scene)]


def handling(scene: Scene, intent: str, outcome: str) -> list[str]:
    """How the call was handled: words with their speakers, acts, and what is known of the call."""
    known = (f"I!{intent}", f"O!{outcome}") * _ACT_COUNTS
    acts = (act for act in _acts(scene) if not act.endswith("!late"))
    return [*_told(scene.turns, pairs=False), *acts, *known, f"X!{scene.context.direction}"]


def of_turn(turn: Turn) -> list[str]:
    """Words and pairs of one turn as ``closing`` and ``whole`` have them."""
    return list(_told((turn,), pairs=True))


def _told(turns: Iterable[Turn], *, pairs: bool) -> Iterator[str]:
    for turn in turns:
        if turn.speaker == "ivr":
            continue
        words = [stem(word) for word in turn.text.split()]
        who = _WHO.get(turn.speaker, "u")
        for word in (*words, *(_pairs(words) if pairs else ())):
            yield f"{who}:{word}"


def _pairs(words: list[str]) -> list[str]:
    return [f"{first}_{second}" for first, second in pairwise(words)]


def _acts(scene: Scene) -> Iterator[str]:
    late = len(scene.turns) - 5
    for side, acts in (("D", scene.desk_acts), ("C", scene.caller_acts)):
        for act, turns in acts.items():
            if turns:
                yield from [f"{side}!{act}"] * _ACT_COUNTS
            if turns and max(turns) >= late:
                yield from [f"{side}!{act}!late"] * _ACT_COUNTS
