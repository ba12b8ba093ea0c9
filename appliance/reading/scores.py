"""The score of one call under one version of the rubric: plain arithmetic that can be shown.

    points met / (points met + points not met), of 100

What was met counts as software says it; what was not met counts only once a person has said so,
and until then it is left out. Items in trial are left out whoever judged them: people mostly look
at what was *not* met, so counting only what they looked at would lean against staff. A critical
item that a person confirmed as not met makes the score 0 by itself, in trial or not, because that
rests on the person's word alone.
"""

from collections.abc import Collection, Mapping
from typing import Final

from appliance.facts.codes import CANNOT_TELL, RUBRIC_STATES
from appliance.facts.rubrics import Answer, Item, Part, Rubric, Score
from appliance.reading.rubrics import SOLEMN_INTENTS, fits

LEAST_PARTS: Final = 4  # fewer say more about the call than about how it was handled


def score(
    rubric: Rubric,
    answers: Mapping[str, Answer],
    verdicts: Mapping[str, str],
    intent: str,
    trial: Collection[str] = (),
) -> Score:
    """The score of a call about ``intent``.

    ``answers`` are software's, by item; ``verdicts`` the values people gave, by label
    ("rubric.empathy"); ``trial`` the labels that do not count yet.
    """
    asked = [item for item in rubric.items if item.on and (item.weight or item.critical)]
    parts = tuple(_part(item, answers, verdicts, intent, trial) for item in asked)
    failed = tuple(
        p.item for p in parts if p.critical and p.by_person and p.state == "not_met"
    )  # fmt: skip
    judged = any(part.by_person for part in parts)
    waiting = any(part.counts == "waiting" for part in parts)
    return Score(
        value=0 if failed else _value(parts),
        parts=parts,
        failed=failed,
        settled=judged and not waiting,
        solemn=intent in SOLEMN_INTENTS,
    )


def _value(parts: tuple[Part, ...]) -> int | None:
    counted = [part for part in parts if part.counts == "yes" and part.weight]
    if len(counted) < LEAST_PARTS:
        return None
    met = sum(part.weight for part in counted if part.state == "met")
    return round(100 * met / sum(part.weight for part in counted))


def _part(
    item: Item,
    answers: Mapping[str, Answer],
    verdicts: Mapping[str, str],
    intent: str,
    trial: Collection[str],
) -> Part:
    label = f"rubric.{item.name}"
    said = verdicts.get(label)
    state = _state(item, answers, said) if fits(item, intent) else "na"
    return Part(
        item=item.name,
        state=state,
        weight=item.weight,
        counts=_counts(state, judged=said is not None, trial=label in trial),
        critical=item.critical,
        by_person=said is not None,
    )


def _state(item: Item, answers: Mapping[str, Answer], said: str | None) -> str:
    """A person's word before the software's; "it is not so" without another state tells nothing."""
    if said is not None:
        return said if said in RUBRIC_STATES else CANNOT_TELL
    found = answers.get(item.name)
    return found.state if found else CANNOT_TELL


def _counts(state: str, *, judged: bool, trial: bool) -> str:
    if state not in ("met", "not_met"):
        return "no"
    if trial:
        return "trial"
    return "waiting" if state == "not_met" and not judged else "yes"
