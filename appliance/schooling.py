"""Teaches the judges of ``reading.sensed``: ridge regression on vectors of labelled calls.

Each author's calls are first read with weights made of the others' alone. From what rules, words
and judges then say, the shares of these opinions are learned: by the calls of those authors only
whose texts did not shape the rules, since the rules know the others by heart.
"""

import base64
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np

from appliance.facts.codes import INTENTS, RUBRIC_ITEMS, RUBRIC_STATES
from appliance.reading import intents, sensed
from appliance.reading.endings import settle
from appliance.reading.features import handling
from appliance.reading.hearing import Floats, Heard, Sense, about, act_names, handled, hear
from appliance.reading.intents import Reasons
from appliance.reading.moods import is_red
from appliance.reading.rubric_care import CARE
from appliance.reading.rubric_manners import MANNERS
from appliance.reading.rubric_states import BY_RULE
from appliance.reading.scene import Scene
from appliance.reading.sensed import ENDINGS, REASONS, Judge, Shares, Weights
from appliance.reading.turnaways import judge, judge_ending
from appliance.reading.weighing import NOT_TURNED_AWAY, item_votes

RULES_KNOW: Final = frozenset(("dev", "calls_a", "calls_c"))  # rules were mended with them at hand
ITEMS: Final = tuple(item for item in RUBRIC_ITEMS if item not in BY_RULE)
_LOST: Final = ("no", "yes")
_OPENING_TURNS: Final = 2
_EVEN: Final = 0.5  # how far rare codes are made to weigh like common ones: 0 not, 1 wholly
_RIDGE, _ABOUT_RIDGE = 1.0, 3.0
_SHARE_PULL, _ITEM_PULL = 0.3, 8.0  # how strongly shares are held to 0, an item's to those of all
_ROUNDS: Final = 60

Opinions = list[tuple[Floats, int]]  # of each call: (codes, opinions) and the right code
Use = Callable[[str], None]  # lets this process read with weights made without an author's calls


@dataclass
class Pupil:
    """One labelled call, what is read of it by weights of others, and what is said on the way."""

    heard: Heard
    told: dict[str, Any]
    reasons: Reasons
    ending: Floats = field(default_factory=lambda: np.zeros(0))
    handling: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def reason(self) -> str:
        """The turnaway's reason a person gave, "none" where nothing was lost."""
        return self.told["turnaway"]["reason"] if self.told["turnaway"] else NOT_TURNED_AWAY


@dataclass
class School:
    """All that is learned: a judge for each label and author left out ("" for none), and shares."""

    pupils: dict[str, list[Pupil]]
    judges: dict[str, dict[str, Judge]] = field(default_factory=dict)
    opinions: dict[str, dict[str, Opinions]] = field(default_factory=dict)
    shares: dict[str, dict[str, Shares]] = field(default_factory=dict)

    def without(self, author: str) -> list[Pupil]:
        """The calls of all the others."""
        return [one for name, found in self.pupils.items() if name != author for one in found]

    def install(self, author: str) -> None:
        """Let this process read with what was learned without an author."""
        sensed.judge = self.judges[author].__getitem__  # type: ignore[assignment]
        sensed.shares = self.shares[author].__getitem__  # type: ignore[assignment]


def enroll(
    scenes: Mapping[str, Sequence[tuple[Scene, dict[str, Any]]]], sense: Sense
) -> dict[str, list[Pupil]]:
    """The labelled calls of each author, heard."""
    return {
        name: [Pupil(hear(scene, sense), told, intents.weigh(scene)) for scene, told in found]
        for name, found in scenes.items()
    }


def teach(
    pupils: dict[str, list[Pupil]], openings: Sequence[tuple[Floats, str]], use: Use
) -> School:
    """Everything, one thing after the other, since each knows what was read before it."""
    school = School(pupils)
    for lesson in (_teach_intents, _teach_endings, _teach_items):
        lesson(school, openings, use)
    return school


def _folds(school: School) -> Iterator[str]:
    yield from (*school.pupils, "")


def _teach_intents(school: School, openings: Sequence[tuple[Floats, str]], use: Use) -> None:
    for author in _folds(school):
        others = [one for one in school.without(author) if one.told["intent"] in INTENTS]
        said = [*openings, *(row for one in others for row in _openings(one))]
        school.judges[author] = {
            "openings": ridge([v for v, _ in said], [c for _, c in said], INTENTS, _RIDGE),
            "about": ridge(
                [about(p.heard) for p in others], [p.told["intent"] for p in others],
                INTENTS, _ABOUT_RIDGE,
            ),
        }  # fmt: skip
    for author, found in _read_by_others(school, use):
        school.opinions[author] = {
            "intent": [
                (sensed.intent_opinions(p.heard, p.reasons.scores), INTENTS.index(p.told["intent"]))
                for p in found
            ]
        }
    for author in _folds(school):
        school.shares[author] = {"intent": Shares(_shares_of(_heard_of(school, author, "intent")))}
    for _, found in _read_by_others(school, use):
        for one in found:
            one.reasons = intents.weigh(one.heard.scene, one.heard)


def _openings(one: Pupil) -> list[tuple[Floats, str]]:
    places = [place for place, _ in one.heard.opening()][:_OPENING_TURNS]
    return [(one.heard.rows[place], one.told["intent"]) for place in places]


def _read_by_others(school: School, use: Use) -> Iterator[tuple[str, list[Pupil]]]:
    """Each author's calls, while this process reads with weights of the others."""
    for author, found in school.pupils.items():
        use(author)
        school.shares.setdefault(author, {})
        school.install(author)
        yield author, found


def _heard_of(school: School, author: str, label: str) -> Opinions:
    """The opinions on calls of authors whom the rules do not know, but for one."""
    names = [n for n in school.pupils if n not in RULES_KNOW and n != author]
    return [one for name in names for one in school.opinions[name].get(label, [])]


def _teach_endings(school: School, _: Sequence[tuple[Floats, str]], use: Use) -> None:
    for found in school.pupils.values():
        for one in found:
            one.ending = handled(one.heard, one.reasons.intent)
    for author in _folds(school):
        others = [one for one in school.without(author) if one.told["outcome"] in ENDINGS]
        vectors, reasons = [one.ending for one in others], [one.reason for one in others]
        lost = [_LOST[reason != NOT_TURNED_AWAY] for reason in reasons]
        ends = [one.told["outcome"] for one in others]
        for label, told, codes in (
            ("outcome", ends, ENDINGS), ("turnaway", reasons, REASONS), ("lost", lost, _LOST),
        ):  # fmt: skip
            school.judges[author][label] = ridge(vectors, told, codes, _RIDGE)
    for author, found in _read_by_others(school, use):
        school.opinions[author]["ending"] = [
            (_ending_opinions(one), _pair(one)) for one in found if one.told["outcome"] in ENDINGS
        ]
    for author in _folds(school):
        school.shares[author]["ending"] = Shares(_shares_of(_heard_of(school, author, "ending")))


def _pair(one: Pupil) -> int:
    return ENDINGS.index(one.told["outcome"]) * len(REASONS) + REASONS.index(one.reason)


def _ending_opinions(one: Pupil) -> Floats:
    scene, reasons = one.heard.scene, one.reasons
    ruled = settle(scene, reasons)
    verdict = judge(scene, reasons, ruled, is_red(scene, reasons))
    said = verdict.turnaway.reason if verdict.turnaway else NOT_TURNED_AWAY
    return sensed.ending_opinions(one.heard, one.reasons.intent, ruled.code, said)


def _teach_items(school: School, _: Sequence[tuple[Floats, str]], use: Use) -> None:
    said = {
        author: [_told_items(one) for one in found]
        for author, found in _read_by_others(school, use)
    }
    for author in _folds(school):
        for item in ITEMS:
            others = [one for one in school.without(author) if item in one.told["rubric"]]
            told = [one.told["rubric"][item] for one in others]
            found = ridge([one.handling for one in others], told, RUBRIC_STATES, _RIDGE)
            school.judges[author][f"rubric.{item}"] = found
    for author, pupils in _read_by_others(school, use):
        for item in ITEMS:
            school.opinions[author][f"rubric.{item}"] = [
                (
                    sensed.item_opinions(item, ruled[item], item_votes(told, item), one.handling),
                    RUBRIC_STATES.index(one.told["rubric"][item]),
                )
                for one, (ruled, told) in zip(pupils, said[author], strict=True)
                if item in one.told["rubric"]
            ]
    for author in _folds(school):
        school.shares[author] |= _item_shares(school, author)


def _told_items(one: Pupil) -> tuple[dict[str, str], list[str]]:
    """What the rules say of every item, and the words and acts; keeps how the call was handled."""
    scene, reasons = one.heard.scene, one.reasons
    ruled, red = settle(scene, reasons), is_red(scene, reasons)
    ending, _ = judge_ending(scene, reasons, ruled, red, one.heard)
    one.handling = handled(one.heard, one.reasons.intent, ending.code)
    items = {item: rule(scene, reasons, ending).code for item, rule in (MANNERS | CARE).items()}
    return items, handling(scene, reasons.intent, ending.code)


def _item_shares(school: School, author: str) -> dict[str, Shares]:
    """An item's own shares, held near those of all items since there are few calls for each."""
    found = {item: _heard_of(school, author, f"rubric.{item}") for item in ITEMS}
    of_all = _shares_of([one for opinions in found.values() for one in opinions])
    shares = {}
    for item, opinions in found.items():
        states = [
            RUBRIC_STATES.index(one.told["rubric"][item])
            for one in school.without(author) if item in one.told["rubric"]
        ]  # fmt: skip
        counts = np.bincount(states, minlength=len(RUBRIC_STATES)) + 0.5
        common = tuple(round(float(x), 3) for x in np.log(counts / counts.sum()))
        own = _shares_of(opinions, of_all, _ITEM_PULL)
        shares[f"rubric.{item}"] = Shares(own, common)
    return shares


def ridge(
    vectors: Sequence[Floats], told: Sequence[str], codes: Sequence[str], strength: float
) -> Judge:
    """Least squares with a ridge, one column for each code, rare codes weighing more."""
    x, y = np.stack(vectors).astype(float), np.array([codes.index(code) for code in told])
    target = np.eye(len(codes))[y]
    counts = np.bincount(y, minlength=len(codes))
    weight = (counts[counts > 0].mean() / counts[y])[:, None] ** _EVEN
    x_mean, y_mean = ((weight * part).sum(axis=0) / weight.sum() for part in (x, target))
    root = np.sqrt(weight)
    left, right = (x - x_mean) * root, (target - y_mean) * root
    if len(left) < left.shape[1]:  # the same answer by the smaller of two systems
        inner = left @ left.T + strength * np.eye(len(left))
        rows = left.T @ np.linalg.solve(inner, right)
    else:
        inner = left.T @ left + strength * np.eye(left.shape[1])
        rows = np.linalg.solve(inner, left.T @ right)
    return Judge(tuple(codes), rows.T, y_mean - x_mean @ rows)


def _shares_of(
    opinions: Opinions, held: Sequence[float] = (), pull: float = _SHARE_PULL
) -> tuple[float, ...]:
    """A conditional logit by Newton's method: what each opinion counts, most likely."""
    if not opinions:
        return tuple(held)
    said, right = np.stack([rows for rows, _ in opinions]), np.array([code for _, code in opinions])
    start = np.array(held) if held else np.zeros(said.shape[2])
    counts = start.copy()
    for _ in range(_ROUNDS):
        likely = _likely(said, counts)
        mean = np.einsum("nk,nkj->nj", likely, said)
        slope = (mean - said[np.arange(len(right)), right]).sum(axis=0) + pull * (counts - start)
        bend = np.einsum("nk,nkj,nki->ji", likely, said, said) - mean.T @ mean
        step = np.linalg.solve(bend + pull * np.eye(len(counts)), slope)
        counts = counts - step * min(1.0, 2.0 / float(np.abs(step).max() or 1.0))
        if np.abs(step).max() < 1e-7:
            break
    return tuple(round(float(count), 4) for count in counts)


def _likely(said: Floats, counts: Floats) -> Floats:
    score = said @ counts
    score = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(score / score.sum(axis=1, keepdims=True))


def packed(judge_: Judge) -> Weights:
    """A judge as it is kept."""
    steps = np.maximum(np.abs(judge_.rows).max(axis=1), 1e-9) / 127
    whole = np.round(judge_.rows / steps[:, None]).astype(np.int8)
    return Weights(
        codes=judge_.codes,
        steps=tuple(float(f"{step:.4g}") for step in steps),
        starts=tuple(round(float(start), 4) for start in judge_.starts),
        rows=base64.b85encode(zlib.compress(whole.tobytes(), 9)).decode(),
    )


def as_module(school: School) -> str:
    """The module ``weights_sense``."""
    acts = next(one for found in school.pupils.values() for one in found).heard.scene
    lines = [
        '"""Weights of the judges of sentences, made by ``python -m appliance.learning --write``."""',
        "", f'ACTS = "{" ".join(act_names(acts))}"', "JUDGES = {",
    ]  # fmt: skip
    for label, found in school.judges[""].items():
        lines.append(f'    "{label}": {msgspec.json.encode(packed(found)).decode()!r},')
    shares = msgspec.json.encode(school.shares[""]).decode()
    return "\n".join([*lines, "}", f"SHARES = {shares!r}", ""])
