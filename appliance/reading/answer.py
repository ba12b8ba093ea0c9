"""What of another model's reply may be believed: known codes that point at lines of this very call.

A reply comes from a machine that has read what strangers said, so it is as doubtful as they are.
Only codes of the taxonomy and numbers of lines are taken out of it, never words.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from appliance.errors import Unusable
from appliance.facts.analysis import Evidence
from appliance.facts.codes import UNKNOWN
from appliance.facts.opinions import LABELS, Answer, Claim
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.facts.speech import Segment
from appliance.reading.question import CODES, MOST_LINES

LONGEST_REPLY: Final = 64_000  # signs; what is longer was not written for this question
_THOUGHTS: Final = re.compile(r"<think>.*?</think>", re.DOTALL)
_FENCED: Final = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_NO_ANSWER: Final = "the server did not answer in the form that was asked for"


def believe(text: str, segments: Sequence[Segment]) -> Answer:
    """The claims of a reply that hold, and how many did not, by reason.

    Raises Unusable when it is no answer at all.
    """
    told = _object_in(text)
    lines = frozenset(segment.index for segment in segments)
    claims: list[Claim] = []
    dropped: Counter[str] = Counter()
    for label in LABELS:
        claim = _claim(label, told.get(label), lines)
        if isinstance(claim, Claim):
            claims.append(claim)
        else:
            dropped[claim] += 1
    if dropped["missing"] == len(LABELS):
        raise Unusable(_NO_ANSWER, "no_answer")
    return Answer(claims=tuple(claims), dropped=dict(dropped))


def _object_in(text: str) -> dict[str, Any]:
    """The JSON object of a reply, also where thoughts or a code fence stand around it."""
    if len(text) > LONGEST_REPLY:
        raise Unusable("the server's answer is far longer than what was asked for", "too_long")
    bare = _THOUGHTS.sub("", text).strip()
    fenced = _FENCED.search(bare)
    try:
        told = json.loads(fenced.group(1) if fenced else bare, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unusable(_NO_ANSWER, "no_answer") from None
    if not isinstance(told, dict):
        raise Unusable(_NO_ANSWER, "no_answer")
    return told


def _refuse(name: str) -> None:
    raise ValueError(name)


def _claim(label: str, told: Any, lines: frozenset[int]) -> Claim | str:
    """The claim, or why there is none."""
    if told is None:
        return "missing"
    if not isinstance(told, dict) or not isinstance(told.get("value"), str):
        return "malformed"
    value = told["value"]
    if value not in CODES[label]:
        return "unknown_code"
    places = _places(told.get("lines", []), lines)
    if places is None:
        return "no_such_line"
    if not places and value not in (UNKNOWN, NOT_TURNED_AWAY):
        return "no_evidence"
    return Claim(label=label, value=value, evidence=places)


def _places(told: Any, lines: frozenset[int]) -> tuple[Evidence, ...] | None:
    """Lines as ranges of neighbors; None when one of them is not in this call."""
    if not isinstance(told, list) or len(told) > 10 * MOST_LINES:
        return None
    if any(type(n) is not int or n not in lines for n in told):
        return None
    places: list[Evidence] = []
    for number in sorted(set(told))[:MOST_LINES]:
        if places and number == places[-1].last_segment + 1:
            places[-1] = Evidence(first_segment=places[-1].first_segment, last_segment=number)
        else:
            places.append(Evidence(first_segment=number, last_segment=number))
    return tuple(places)
