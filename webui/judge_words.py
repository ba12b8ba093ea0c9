"""Plain words for what software suggests and people say: labels, values, verdicts and replies."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from appliance.facts.codes import KIND_OF_REASON, UNKNOWN
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.reading.verdicts import choices_of, counts_against
from appliance.reading.words import UNTOLD
from webui import show

NAMES: Final = {
    "turnaway": "Turned away",
    "intent": "About",
    "outcome": "Ended with",
    "urgency": "Urgency",
    "caller_relation": "Caller is",
    "staff_name": "Staff",
    "safety.red_flag_late": "Emergency words, not seen the same day",
    "safety.advice": "Medical advice from the front desk",
    "safety.card_aloud": "Card number said aloud",
    "safety.identity": "Results or records without asking who calls",
}
STATES: Final = {
    "new": "New",
    "confirmed": "Confirmed, to be dealt with",
    "handled": "Handled",
    "not_an_issue": "Not an issue",
}
STEPS: Final = {
    "acknowledged": "acknowledged this",
    "disputed": "disputed this",
    "upheld": "upheld the verdict",
    "changed": "changed the verdict",
}


class Said(Protocol):
    """A verdict, as kept beside a label or as listed for staff."""

    @property
    def name(self) -> str: ...
    @property
    def suggested(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def value(self) -> str: ...


def flag_label(name: str, words: Mapping[str, str]) -> str:
    """What is judged; ``words`` are what the clinic calls its items."""
    if name.startswith("rubric."):
        return show.rubric_label(name.removeprefix("rubric."), words)
    return NAMES.get(name) or show.label(name)


def value_label(value: str, name: str) -> str:
    """What is said of it."""
    if name.startswith("safety."):
        return {"yes": "It happened", "no": "Not an issue"}.get(value, "Not seen any more")
    if not value or value == UNKNOWN:
        return UNTOLD[""]
    if name == "turnaway":
        kind = KIND_OF_REASON.get(value, UNKNOWN)
        told = show.turnaway_label(kind, value)
        return "Not turned away" if value == NOT_TURNED_AWAY else told
    if name.startswith("rubric.") and value == NOT_TURNED_AWAY:
        return "Not as suggested"
    return show.label(value)


def flag_title(value: str, name: str, words: Mapping[str, str]) -> str:
    """What is judged and what is said of it, as a heading."""
    if name == "turnaway":
        return value_label(value, name)
    told, label = value_label(value, name).lower(), flag_label(name, words)
    return label if name.startswith("safety.") else f"{label}: {told}"


def verdict_words(said: Said) -> str:
    """What a person did with the suggestion, to stand behind a name."""
    if said.verdict == "confirmed":
        return "confirmed this"
    if said.verdict == "corrected":
        told = value_label(said.value, said.name)
        return f"corrected this to “{told}”" if said.suggested else f"said “{told}”"
    wrong = "this is not an issue" if said.name.startswith("safety.") else "this is wrong"
    return f"said that {wrong}"


def against(said: Said) -> bool:
    """Whether a verdict says that something went wrong."""
    return counts_against(said.name, said.value)


def badge_of(name: str) -> str:
    """The color of a flag's badge; the words beside it say the same."""
    return "bad" if name.startswith("safety.") else "warn" if name == "turnaway" else "info"


def group_label(name: str) -> str:
    """To which part of the queue a flag belongs."""
    groups = {"safety": "Safety", "turnaway": "Turned away", "rubric": "How it was handled"}
    return groups.get(name.partition(".")[0], "About the call")


def other_choices(name: str, suggested: str) -> list[tuple[str, str]]:
    """What may be chosen instead of the suggestion, each code with its words."""
    return [(c, value_label(c, name)) for c in choices_of(name) if c != suggested]


def state_label(state: str) -> str:
    """Where a safety item stands."""
    return STATES.get(state) or show.label(state)


def step_words(what: str) -> str:
    """What somebody did about a verdict, to stand behind a name."""
    return STEPS.get(what, what)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    shower.__name__: shower
    for shower in (
        against, badge_of, flag_label, flag_title, group_label, other_choices, state_label, step_words,
        value_label, verdict_words,
    )
}  # fmt: skip
