"""What a person may say of a suggestion, and what holds from then on."""

from collections.abc import Mapping
from typing import Final

from appliance.errors import Refused
from appliance.facts.analysis import Analysis
from appliance.facts.codes import (
    CALLER_RELATIONS,
    INTENTS,
    KIND_OF_REASON,
    OUTCOMES,
    RUBRIC_STATES,
    SAFETY,
    UNKNOWN,
    URGENCIES,
    VERDICTS,
)
from appliance.facts.reviews import NOT_TURNED_AWAY, Flag
from appliance.reading.flags import SAFETY_OF_RUBRIC

LONGEST_REASON: Final = 500
_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "intent": INTENTS,
    "outcome": OUTCOMES,
    "urgency": (*URGENCIES, UNKNOWN),
    "caller_relation": CALLER_RELATIONS,
    "turnaway": (NOT_TURNED_AWAY, *KIND_OF_REASON),
}
_SAFETY_NAMES: Final = tuple(f"safety.{code}" for code in SAFETY)
_RUBRIC_OF_SAFETY: Final = {safety: item for item, safety in SAFETY_OF_RUBRIC.items()}


def choices_of(name: str) -> tuple[str, ...]:
    """The values a person may give a label; none for what nobody may judge."""
    if name.startswith("rubric."):
        return RUBRIC_STATES
    return ("yes", "no") if name in _SAFETY_NAMES else _LABELS.get(name, ())


def labels_of(analysis: Analysis) -> dict[str, Flag]:
    """Every label of a reading that may be judged, flagged or not, with the place to listen."""
    said = {
        "intent": analysis.intent,
        "outcome": analysis.outcome,
        "urgency": analysis.urgency or "",
        "caller_relation": analysis.caller_relation or "",
        "turnaway": _turnaway(analysis),
        **{f"rubric.{item}": state for item, state in analysis.rubric.items()},
    }
    return {name: _label(analysis, name, value) for name, value in said.items()}


def _turnaway(analysis: Analysis) -> str:
    if analysis.turnaway:
        return analysis.turnaway.reason
    return NOT_TURNED_AWAY if analysis.turnaway_told else ""


def _label(analysis: Analysis, name: str, value: str) -> Flag:
    place = next(iter(analysis.evidence.get(name, ())), None)
    first, last = (place.first_segment, place.last_segment) if place else (None, None)
    return Flag(name=name, value=value, first_segment=first, last_segment=last)


def value_of(name: str, verdict: str, suggested: str, chosen: str) -> str:
    """The value that holds after a verdict; raises Refused where it makes no sense."""
    if verdict not in VERDICTS or not choices_of(name):
        raise Refused("choose whether the suggestion is right, another one holds, or it is wrong")
    if verdict == "confirmed":
        return _confirmed(name, suggested)
    if verdict == "rejected":
        return _denied(name)
    if chosen not in choices_of(name) or chosen == suggested:
        raise Refused("choose what holds instead of the suggestion")
    return chosen


def _confirmed(name: str, suggested: str) -> str:
    if name in _SAFETY_NAMES:
        return "yes"  # also where a later reading does not say it any more
    if not suggested:
        raise Refused("there is nothing to confirm: software could not tell; choose what holds")
    return suggested


def _denied(name: str) -> str:
    """It is not so, and nothing is said of what is so instead."""
    if name in _SAFETY_NAMES:
        return "no"
    return NOT_TURNED_AWAY if name == "turnaway" or name.startswith("rubric.") else UNKNOWN


def read_reason(verdict: str, text: str) -> str:
    """A person's reason; raises Refused where one is needed and none was given."""
    reason = " ".join(text.split())
    if len(reason) > LONGEST_REASON:
        raise Refused(f"say why in at most {LONGEST_REASON} letters")
    if verdict != "confirmed" and len(reason) < 3:
        raise Refused("say in a few words why, so that others can follow")
    return reason


def counts_against(name: str, value: str) -> bool:
    """Whether a verdict says that something went wrong, so that staff may answer it."""
    if name == "turnaway":
        return value not in ("", NOT_TURNED_AWAY)
    return (name.startswith("rubric.") and value == "not_met") or (
        name.startswith("safety.") and value == "yes"
    )


def other_name(name: str) -> str:
    """The label that says the same in other words, "" where there is none."""
    if name in _RUBRIC_OF_SAFETY:
        return f"rubric.{_RUBRIC_OF_SAFETY[name]}"
    return SAFETY_OF_RUBRIC.get(name.removeprefix("rubric."), "")


def twin_of(name: str, value: str, suggested: Mapping[str, str]) -> tuple[str, str] | None:
    """The label that says the same in other words, and its value: advice given, item not met.

    ``suggested`` is what software says by label. An emergency can be late although the item was
    not read, and then the item is left alone; an item that a person finds not met is an issue of
    safety whatever software said.
    """
    twin = other_name(name)
    if name in _RUBRIC_OF_SAFETY:
        told = "not_met" if value == "yes" else NOT_TURNED_AWAY
        return (twin, told) if suggested.get(twin) == "not_met" else None
    if value == "not_met" and twin:
        return twin, "yes"
    return (twin, "no") if twin in suggested else None


def verdict_on_twin(name: str, value: str, suggested: str) -> str:
    """The verdict that follows for the label that says the same."""
    if not counts_against(name, value):
        return "rejected"
    return "confirmed" if suggested == value else "corrected"
