"""The reader with a sense for sentences: rules, counted words and vectors, each with its say.

For each label a linear judge over the vectors of ``hearing`` (ridge regression in closed form).
How far to trust rules, words and judge is learned too, from calls of authors none of the three had
seen (stacked generalization; Wolpert 1992), as a few numbers for each label: a conditional logit.
All of it is made by ``python -m appliance.learning`` and lies in ``weights_sense``.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
import numpy as np

from appliance.facts.codes import (
    CANNOT_TELL,
    CRITICAL_ITEMS,
    INTENTS,
    KIND_OF_REASON,
    OUTCOMES,
    RUBRIC_STATES,
    UNKNOWN,
)
from appliance.reading import features, weights_sense
from appliance.reading.hearing import WIDTH, Floats, Heard, about, act_names, handled
from appliance.reading.learned import fitting, learned
from appliance.reading.scene import Scene
from appliance.reading.weighing import NOT_TURNED_AWAY, RULE_MOST, RULE_SHARE, scores_of, word_votes

ENDINGS: Final = tuple(code for code in OUTCOMES if code != UNKNOWN)
REASONS: Final = (NOT_TURNED_AWAY, *KIND_OF_REASON)
_LOST: Final = ("no", "yes")
_NEVER_COUNTED: Final = -1.5  # what words say of a code that no labelled call had
_NEVER_CAME: Final = -4.0
_RARE_SHARE: Final = 0.5  # of the logarithm of its share: rare states are worth finding
_ABSTAIN_COST: Final = 1.0  # but not the rare state of those who cannot tell
_LOST_IF, _SURE = 0.5, 0.5  # how likely a lost visit or a critical item not met must be
_NOT_MET, _CANNOT_TELL = RUBRIC_STATES.index("not_met"), RUBRIC_STATES.index(CANNOT_TELL)


class Weights(msgspec.Struct, frozen=True):
    """A judge as it is kept: a signed byte for each code and number, and the step of each code."""

    codes: tuple[str, ...]
    steps: tuple[float, ...]
    starts: tuple[float, ...]
    rows: str


class Shares(msgspec.Struct, frozen=True):
    """What each opinion counts, and how common each code is (logarithms; none where unused)."""

    opinions: tuple[float, ...]
    common: tuple[float, ...] = ()


@dataclass(frozen=True)
class Judge:
    """Weights ready for use, shape (codes, numbers)."""

    codes: tuple[str, ...]
    rows: Floats
    starts: Floats

    def scores(self, vector: Floats) -> Floats:
        """How much a vector speaks for each code."""
        return np.asarray(self.rows @ vector + self.starts)


def unpacked(weights: Weights) -> Judge:
    """A judge as it is used."""
    flat = np.frombuffer(zlib.decompress(base64.b85decode(weights.rows)), np.int8)
    rows = flat.reshape(len(weights.codes), -1) * np.array(weights.steps)[:, None]
    return Judge(weights.codes, rows, np.array(weights.starts))


@cache
def judge(label: str) -> Judge:
    """The judge of a label: openings, about, outcome, turnaway, lost or rubric.ITEM."""
    return unpacked(msgspec.json.decode(weights_sense.JUDGES[label], type=Weights))


@cache
def shares(label: str) -> Shares:
    """What the opinions on a label count: intent, ending or rubric.ITEM."""
    return msgspec.json.decode(weights_sense.SHARES, type=dict[str, Shares])[label]


def knows(scene: Scene) -> bool:
    """Whether the weights were made with the acts that scenes tell now."""
    return " ".join(act_names(scene)) == weights_sense.ACTS


def intent_opinions(heard: Heard, rules: Mapping[str, float]) -> Floats:
    """Rules, words, the opening and the whole, on every intent; shape (intents, 4)."""
    votes = word_votes(heard.scene, rules)
    opening = sum(
        (share * judge("openings").scores(heard.rows[place]) for place, share in heard.opening()),
        np.zeros(len(INTENTS)),
    )
    told = [min(RULE_MOST, rules.get(intent, 0.0)) for intent in INTENTS]
    counted = [votes.get(intent, _NEVER_COUNTED) for intent in INTENTS]
    return np.stack([told, counted, opening, judge("about").scores(about(heard))], axis=1)


def sense_intents(heard: Heard, rules: Mapping[str, float]) -> dict[str, float]:
    """What speaks for each intent, in the measure of the rules' scores."""
    counted = np.array(shares("intent").opinions)
    found = intent_opinions(heard, rules) @ (counted * RULE_SHARE / max(counted[0], 0.05))
    return {
        intent: float(score)
        for intent, score in zip(INTENTS, found, strict=True)
        if intent != UNKNOWN
    }


def sense_reason(heard: Heard, intent: str) -> tuple[int, ...]:
    """The opening turn that speaks most for an intent."""
    row = judge("openings").rows[INTENTS.index(intent)]
    said = {place: share * float(heard.rows[place] @ row) for place, share in heard.opening()}
    return (max(said, key=lambda place: said[place]),) if said else ()


def ending_opinions(heard: Heard, intent: str, outcome: str, turnaway: str) -> Floats:
    """Rules, words and judge on every pair of outcome and reason; shape (pairs, 10).

    ``outcome`` and ``turnaway`` are what the rules say, "none" where nothing was lost.
    """
    told, vector = features.closing(heard.scene, intent), handled(heard, intent)
    on_ends = _three("outcome", ENDINGS, outcome, told, vector)
    on_reasons = _three("turnaway", REASONS, turnaway, told, vector)
    lost = "no" if turnaway == NOT_TURNED_AWAY else "yes"
    on_loss = _three("lost", _LOST, lost, told, vector)
    known = _fits()
    return np.stack([
        np.array([*on_ends[i], *on_reasons[j], *on_loss[int(j > 0)], known[i, j]])
        for i in range(len(ENDINGS)) for j in range(len(REASONS))
    ])  # fmt: skip


def _three(label: str, codes: Sequence[str], ruled: str, told: list[str], vector: Floats) -> Floats:
    """What rules, words and judge say of each code; shape (codes, 3)."""
    words = scores_of(learned("closings"), label, told)
    judged = judge(label).scores(vector)
    return np.array([
        (float(code == ruled), words.get(code, _NEVER_COUNTED), score)
        for code, score in zip(codes, judged, strict=True)
    ])  # fmt: skip


def _fits() -> Floats:
    """How well each reason fits each outcome, the logarithm of its share."""
    rows = [fitting().get(code, {}) for code in ENDINGS]
    return np.array([
        [row.get(reason, min(row.values(), default=_NEVER_CAME)) for reason in REASONS]
        for row in rows
    ])  # fmt: skip


def sense_ending(opinions: Floats, never_lost: bool) -> tuple[str, str]:
    """Outcome and reason ("none" for none): first whether care was lost, then how."""
    score = opinions @ np.array(shares("ending").opinions)
    likely = np.exp(score - score.max()).reshape(len(ENDINGS), len(REASONS))
    lost = not never_lost and likely[:, 1:].sum() > _LOST_IF * likely.sum()
    likely[:, slice(0, 1) if lost else slice(1, None)] = 0
    return ENDINGS[int(likely.sum(axis=1).argmax())], REASONS[int(likely.sum(axis=0).argmax())]


def item_opinions(item: str, ruled: str, words: Mapping[str, float], vector: Floats) -> Floats:
    """Rules, words and judge on every state of a rubric item; shape (states, 3)."""
    judged = judge(f"rubric.{item}").scores(vector)
    return np.array([
        (float(state == ruled), words.get(state, _NEVER_COUNTED), score)
        for state, score in zip(RUBRIC_STATES, judged, strict=True)
    ])  # fmt: skip


def sense_item(opinions: Floats, item: str) -> str:
    """The state of a rubric item; a critical one is not met where that is likelier than all else."""
    known = shares(f"rubric.{item}")
    score = opinions @ np.array(known.opinions)
    likely = np.exp(score - score.max())
    score -= _RARE_SHARE * np.array(known.common)
    score[_CANNOT_TELL] -= _ABSTAIN_COST
    if item in CRITICAL_ITEMS:
        if likely[_NOT_MET] > _SURE * likely.sum():
            return "not_met"
        score[_NOT_MET] = -np.inf
    return RUBRIC_STATES[int(score.argmax())]


def sensed_for(heard: Heard, label: str, code: str, sides: Sequence[str]) -> tuple[int, ...]:
    """The turn that speaks most for a code, as its evidence; none where none does."""
    found = judge(label)
    if code not in found.codes:
        return ()
    row = found.rows[found.codes.index(code)]
    said: dict[int, float] = {}
    for n, side in enumerate(("staff", "caller")):
        late, whole = row[n * WIDTH : (n + 1) * WIDTH], row[(n + 2) * WIDTH : (n + 3) * WIDTH]
        if side in sides:
            places = heard.places(side)
            said |= {place: float(heard.rows[place] @ (late + whole)) for place in places}
    strongest = max(said, key=lambda place: said[place], default=None)
    return () if strongest is None or said[strongest] <= 0 else (strongest,)
