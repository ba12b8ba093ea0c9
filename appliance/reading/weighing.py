"""Rules and counts together: the rules' answer has a start, what was learned may overrule it."""

from collections.abc import Container, Mapping, Sequence
from typing import Final

from appliance.facts.codes import UNKNOWN
from appliance.reading import features
from appliance.reading.learned import Learned, best, fitting, learned
from appliance.reading.scene import Scene, Turn

NOT_TURNED_AWAY: Final = "none"
# Measured across authors (``python -m appliance.learning``): how far ahead the rules start.
RULE_SHARE: Final = 0.5  # of a rule's score for an intent, which counts up to
RULE_MOST: Final = 8.0
_ENOUGH: Final = 1.6  # standard deviations by which an intent must stand out without any rule
_OUTCOME_START: Final = 1.3
_TURNAWAY_START: Final = 1.0
_LOST_START: Final = 1.0
_LOST_SHARE: Final = 3.0
_FEW: Final = 100.0  # words and acts
_FIT_SHARE: Final = 0.5
_MOOD_STARTS: Final = {
    "urgency": 1.0, "caller_relation": 2.0, "sentiment_start": 1.5, "sentiment_end": 0.3,
}  # fmt: skip
_ITEM_START: Final = 2.0
_ITEM_STARTS: Final = dict.fromkeys(  # what is said in set words rules know, the rest they guess
    ("greeting_clinic", "greeting_name", "offers_help", "hold_asked", "grief_manner"), 3.0
) | dict.fromkeys(
    ("open_question", "offers_appointment", "pet_name", "price_clear", "confirms_details"), 1.0
)
# How far apart the codes of a label lie in texts that were not learned from: the unit of scores.
_SPREADS: Final = {
    "outcome": 2.5, "turnaway": 4.1, "lost": 10.4, "caller_relation": 6.5, "urgency": 3.4,
    "sentiment_start": 8.2, "sentiment_end": 5.2, "greeting_clinic": 12.3, "greeting_name": 11.5,
    "offers_help": 4.6, "hold_asked": 7.3, "caller_name": 9.8, "pet_name": 8.7,
    "open_question": 5.6, "empathy": 4.7, "more_questions": 6.3, "warm_close": 8.4,
    "grief_manner": 18.2, "complaint_owned": 18.8, "signalment": 5.6, "urgency_asked": 6.5,
    "red_flag_escalated": 12.9, "no_medical_advice": 5.7, "value_before_price": 13.1,
    "price_clear": 8.7, "offers_appointment": 5.4, "two_choices": 6.7, "offers_alternative": 5.7,
    "callback_number": 5.9, "callback_promise": 8.6, "prep_instructions": 8.2,
    "confirms_details": 7.7, "identity_check": 14.2, "no_card_aloud": 18.9,
}  # fmt: skip


def weigh_intents(scene: Scene, rules: Mapping[str, float]) -> dict[str, float]:
    """What speaks for each intent: the scores of the rules, and the caller's first turns."""
    return {
        intent: score + RULE_SHARE * min(RULE_MOST, rules.get(intent, 0.0))
        for intent, score in word_votes(scene, rules).items()
    }


def word_votes(scene: Scene, rules: Mapping[str, float]) -> dict[str, float]:
    """What the words of the caller's first turns speak for."""
    turns = features.opening_turns(scene)
    heard = dict.fromkeys((*rules, *learned("openings").labels["intent"][0]), 0.0)
    for turn, share in zip(turns, features.FADE, strict=False):
        scores = learned("openings").scores("intent", features.said(turn.text))
        for intent, score in scores.items():
            heard[intent] += share * score
    return heard


def stands_out(intent: str, weighed: Mapping[str, float], rules: Mapping[str, float]) -> bool:
    """Whether the leading intent rests on more than a word that may mean anything."""
    return rules.get(intent, 0.0) > 0 or weighed[intent] >= _ENOUGH


def weigh_ending(
    told: list[str],
    outcome: str,
    turnaway: str,
    *,
    endings: Container[str] | None = None,
    reasons: Container[str] | None = None,
) -> tuple[str, str]:
    """Outcome and reason of a turnaway ("none" for none) that together fit best.

    ``told`` are the features of the closing, ``outcome`` and ``turnaway`` what the rules say;
    ``endings`` and ``reasons`` those that there may be, None for any.
    """
    table = learned("closings")
    sure = 1 + _FEW / len(told) if told else 1.0  # few words heard: the rules count for more
    ends = _started(scores_of(table, "outcome", told), outcome, sure * _OUTCOME_START)
    whys = _started(scores_of(table, "turnaway", told), turnaway, sure * _TURNAWAY_START)
    lost_at_all = scores_of(table, "lost", told)
    said = "no" if turnaway == NOT_TURNED_AWAY else "yes"
    lost_at_all[said] += sure * _LOST_START
    pairs = {
        (code, reason): ended
        + lost
        + _LOST_SHARE * lost_at_all["no" if reason == NOT_TURNED_AWAY else "yes"]
        + _FIT_SHARE * _fit(code, reason)
        for code, ended in ends.items()
        for reason, lost in whys.items()
        if code != UNKNOWN
        and (endings is None or code in endings)
        and (reasons is None or reason in reasons)
    }
    return max(pairs, key=lambda pair: pairs[pair])


def scores_of(table: Learned, label: str, told: list[str]) -> dict[str, float]:
    """The scores of a label's codes in the unit of unlearned texts."""
    return table.scores(label, told, _SPREADS.get(label, 0.0))


def _started(scores: dict[str, float], told: str, start: float) -> dict[str, float]:
    return scores | {told: scores.get(told, 0.0) + start}


def _fit(outcome: str, reason: str) -> float:
    known = fitting().get(outcome, {})
    return known.get(reason, min(known.values(), default=0.0))


def weigh_mood(scene_told: list[str], label: str, code: str) -> str:
    """Urgency, relation or sentiment; ``code`` is what the rules say."""
    return best(scores_of(learned("wholes"), label, scene_told), code, _MOOD_STARTS[label])


def weigh_item(told: list[str], item: str, state: str) -> str:
    """The state of a rubric item; ``state`` is what the rules say."""
    start = _ITEM_STARTS.get(item, _ITEM_START)
    return best(item_votes(told, item), state, start)


def item_votes(told: list[str], item: str) -> dict[str, float]:
    """What words and acts speak for, for each state of a rubric item; none where never learned."""
    table = learned("handlings")
    return scores_of(table, item, told) if item in table.labels else {}


def spoke_for(kind: str, label: str, code: str, turns: Sequence[Turn]) -> tuple[int, ...]:
    """The turn whose words speak most for a code, as its evidence; none where none does."""
    table = learned(kind)
    if code not in table.labels[label][0]:
        return ()
    weights = {
        turn.index: table.weight(label, code, features.of_turn(turn))
        for turn in turns
        if turn.speaker != "ivr"
    }
    strongest = max(weights, key=lambda index: weights[index], default=None)
    return () if strongest is None or weights[strongest] <= 0 else (strongest,)
