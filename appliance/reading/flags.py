"""Which labels of a reading people are asked to judge, and which of them are about safety."""

from collections.abc import Iterator, Mapping
from typing import Final

from appliance.facts.analysis import Analysis
from appliance.facts.reviews import Flag
from appliance.facts.rubrics import Answer

# A red flag was said, and none of these endings gets the animal seen the same day.
_TOO_LATE: Final = frozenset((
    "waitlisted", "callback_timed", "callback_untimed", "info_only", "refused",
    "caller_will_call_back", "transferred_unresolved", "disconnected", "message_taken",
))  # fmt: skip
SAFETY_OF_RUBRIC: Final = {
    "red_flag_escalated": "safety.red_flag_late",
    "no_medical_advice": "safety.advice",
    "no_card_aloud": "safety.card_aloud",
    "identity_check": "safety.identity",
}


def flags_of(analysis: Analysis) -> tuple[Flag, ...]:
    """The flags of a call, each name once, with the first place to listen."""
    found: dict[str, Flag] = {}
    for name, label, value in _said(analysis):
        found.setdefault(name, _flag(analysis, name, label, value))
    return tuple(found.values())


def _said(analysis: Analysis) -> Iterator[tuple[str, str, str]]:
    """Name of the flag, label whose evidence it has, and value."""
    if analysis.turnaway:
        yield "turnaway", "turnaway", analysis.turnaway.reason
    for item, state in analysis.rubric.items():
        if state in ("met", "not_met"):
            yield f"rubric.{item}", f"rubric.{item}", state
        if state == "not_met" and item in SAFETY_OF_RUBRIC:
            yield SAFETY_OF_RUBRIC[item], f"rubric.{item}", "yes"
    if analysis.urgency == "red" and analysis.outcome in _TOO_LATE:
        yield "safety.red_flag_late", "urgency", "yes"


def _flag(analysis: Analysis, name: str, label: str, value: str) -> Flag:
    places = analysis.evidence.get(label, ())
    if not places:
        return Flag(name=name, value=value)
    return Flag(
        name=name,
        value=value,
        first_segment=places[0].first_segment,
        last_segment=places[0].last_segment,
    )


def own_flags(answers: Mapping[str, Answer]) -> tuple[Flag, ...]:
    """The answers to the clinic's own questions as flags."""
    return tuple(
        Flag(
            name=f"rubric.{item}",
            value=found.state,
            first_segment=found.first_segment,
            last_segment=found.last_segment,
        )
        for item, found in answers.items()
        if found.state in ("met", "not_met")
    )


def answers_of(analysis: Analysis) -> dict[str, Answer]:
    """What a reading says of the items of the taxonomy, each with the first place to listen."""
    found = {}
    for item, state in analysis.rubric.items():
        flag = _flag(analysis, item, f"rubric.{item}", state)
        found[item] = Answer(
            state=state, first_segment=flag.first_segment, last_segment=flag.last_segment
        )
    return found
