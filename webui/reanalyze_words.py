"""Plain words for reading calls again: which calls, how it stands, and what changes."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from appliance.facts.codes import CANNOT_TELL
from appliance.facts.reanalyses import APPLY, FROM_SOUND, PREVIEW, Choice, Run
from appliance.reading.comparing import NOT_ASKED, SCORE, STAFF_NAME
from webui import judge_words, show

FIELD_NAMES: Final = {
    "turnaway": "Turned away", "species": "Animal", "disclosure": "Recording notice",
    "sentiment_start": "How the caller sounds at the start",
    "sentiment_end": "How the caller sounds at the end", "after_hours": "Called after hours",
    SCORE: "Score",
}  # fmt: skip
GROUP_NAMES: Final = {
    "about": "About the call", "critical": "Critical items of the rubric", "safety": "Safety",
    "rubric": "Other items of the rubric", SCORE: "Score",
}  # fmt: skip
SCORES: Final = {
    "a_score": "A score", "no_score": "No score", "higher_much": "Higher by 10 points or more",
    "higher_little": "Higher by up to 9 points", "lower_much": "Lower by 10 points or more",
    "lower_little": "Lower by up to 9 points",
}  # fmt: skip
STATES: Final = {"running": "Going on", "paused": "Paused", "done": "Done", "stopped": "Stopped"}
PERIODS: Final = {
    "30": "The last 30 days", "90": "The last 90 days", "365": "The last 365 days",
    "dates": "From day to day", "all": "All calls",
}  # fmt: skip


def field_label(field: str, words: Mapping[str, str]) -> str:
    """What changes; ``words`` are what the clinic calls its items."""
    return FIELD_NAMES.get(field) or judge_words.flag_label(field, words)


def change_label(code: str, field: str) -> str:
    """What a field says."""
    if code == NOT_ASKED:
        return "Not asked"
    if field == SCORE:
        return SCORES.get(code) or show.label(code)
    if field.startswith("safety."):
        return "Flagged" if code == "yes" else "Not flagged"
    if field == "species":
        return show.species_label(code)
    if field == STAFF_NAME or code == CANNOT_TELL:
        return show.label(code)
    return judge_words.value_label(code, field)


def group_title(group: str) -> str:
    """A part of the table."""
    return GROUP_NAMES[group]


def run_title(run: Run) -> str:
    """What a run is."""
    if run.kind == PREVIEW:
        return "Preview"
    return "Listening again" if run.choice.start == FROM_SOUND else "Reading again"


def run_state(run: Run) -> str:
    """Where a run stands."""
    return STATES.get(run.state) or show.label(run.state)


def choice_words(choice: Choice) -> str:
    """Which calls, as the rest of a sentence that begins with them."""
    told = [_days(choice)]
    told += [f"about {show.intent_label(choice.intent).lower()}"] if choice.intent else []
    told += [f"on line {choice.line}"] if choice.line else []
    told += ["read by earlier rules only"] if choice.other else []
    return ", ".join(told)


def _days(choice: Choice) -> str:
    if choice.since and choice.until:
        return f"Calls from {_day(choice.since)} to {_day(choice.until)}"
    if choice.since:
        return f"Calls since {_day(choice.since)}"
    return f"Calls up to {_day(choice.until)}" if choice.until else "All calls"


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day:%b} {day.day}, {day.year}"


def about_span(span: timedelta) -> str:
    """About 3 hours: a length in the unit that fits."""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    hours = round(minutes / 60)
    return f"about {hours} hours" if hours < 48 else f"about {round(hours / 24)} days"


def listening_words(run: Run) -> str:
    """How long listening again takes; "" where nobody asked for it."""
    if run.choice.start != FROM_SOUND:
        return ""
    if run.work_ms is None:
        return "How long listening takes is not known yet: this box has heard too few calls lately."
    span = about_span(timedelta(milliseconds=run.work_ms))
    return f"Listening to them takes {span} at the pace of the last calls, behind all fresh ones."


def changed_verb(run: Run) -> str:
    """Would change, or changed."""
    return "changed" if run.kind == APPLY else "would change"


def count(number: int) -> str:
    """12,345."""
    return f"{number:,}"


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "field_label": field_label, "change_label": change_label, "group_title": group_title,
    "run_title": run_title, "run_state": run_state, "choice_words": choice_words,
    "about_span": about_span, "listening_words": listening_words, "changed_verb": changed_verb,
    "count_of": count,
}  # fmt: skip
