"""What another reading of the same call says differently, field by field."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from appliance.facts import Fact
from appliance.facts.analysis import Analysis
from appliance.facts.codes import CANNOT_TELL, RUBRIC_ITEMS, SAFETY, UNKNOWN
from appliance.facts.reanalyses import DONE, Change, Counted, Run
from appliance.facts.reviews import NOT_TURNED_AWAY
from appliance.facts.rubrics import Answer
from appliance.reading.agreement import wilson
from appliance.reading.flags import flags_of

STAFF_NAME: Final = "staff_name"
SCORE: Final = "score"
# The order in which people are told; items of the rubric follow in their own.
FIELDS: Final = (
    "intent", "outcome", "turnaway", "urgency", "caller_relation", STAFF_NAME, "species",
    "disclosure", "sentiment_start", "sentiment_end", "after_hours",
    *(f"safety.{code}" for code in SAFETY), SCORE,
)  # fmt: skip
GROUPS: Final = ("about", "critical", "safety", "rubric", "score")
MUCH: Final = 10  # points
NOT_ASKED: Final = "not_asked"  # an item of the rubric that came later, or was taken away


def fields_of(
    analysis: Analysis, answers: Mapping[str, Answer], staff_name: str, after_hours: bool | None
) -> dict[str, str]:
    """All that people see of a reading, by field; ``staff_name`` is a text, all others are codes."""
    raised = {flag.name for flag in flags_of(analysis)}
    return {
        "intent": analysis.intent,
        "outcome": analysis.outcome,
        "turnaway": _turnaway(analysis),
        "urgency": analysis.urgency or UNKNOWN,
        "caller_relation": analysis.caller_relation or UNKNOWN,
        STAFF_NAME: staff_name,
        "species": analysis.species[0] if analysis.species else UNKNOWN,
        "disclosure": analysis.disclosure_heard,
        "sentiment_start": analysis.sentiment_start or UNKNOWN,
        "sentiment_end": analysis.sentiment_end or UNKNOWN,
        "after_hours": {None: UNKNOWN, True: "yes", False: "no"}[after_hours],
        **{f"safety.{code}": "yes" if f"safety.{code}" in raised else "no" for code in SAFETY},
        **{f"rubric.{item}": answer.state for item, answer in answers.items()},
    }


def _turnaway(analysis: Analysis) -> str:
    if analysis.turnaway:
        return analysis.turnaway.reason
    return NOT_TURNED_AWAY if analysis.turnaway_told else CANNOT_TELL


def compare(
    before: Mapping[str, str], after: Mapping[str, str], judged: Collection[str]
) -> Iterator[Change]:
    """The fields that differ; those in ``judged`` stay, because a person said what holds."""
    for field in dict.fromkeys((*after, *before)):
        was, becomes = before.get(field, NOT_ASKED), after.get(field, NOT_ASKED)
        if was == becomes or {was, becomes} == {"na", NOT_ASKED}:
            continue
        if field == STAFF_NAME:
            yield _name_change(was, becomes, kept=field in judged)
        else:
            yield Change(field=field, was=was, becomes=becomes, kept=field in judged)


def _name_change(was: str, becomes: str, *, kept: bool) -> Change:
    """Names are people's own; the codes tell only whether there is one."""
    return Change(
        field=STAFF_NAME,
        was="a_name" if was else "no_name",
        becomes=("another_name" if was else "a_name") if becomes else "no_name",
        was_text=was,
        becomes_text=becomes,
        kept=kept,
    )


def compare_scores(was: int | None, becomes: int | None, *, kept: bool = False) -> Iterator[Change]:
    """How a score moves, nothing where it does not; ``kept`` where a person settled it."""
    if was == becomes:
        return
    yield Change(
        field=SCORE,
        was="no_score" if was is None else "a_score",
        becomes=_movement(was, becomes),
        was_text="" if was is None else str(was),
        becomes_text="" if becomes is None else str(becomes),
        kept=kept,
    )


def _movement(was: int | None, becomes: int | None) -> str:
    if becomes is None:
        return "no_score"
    if was is None:
        return "a_score"
    way = "higher" if becomes > was else "lower"
    return f"{way}_much" if abs(becomes - was) >= MUCH else f"{way}_little"


class FieldChanges(Fact, frozen=True, kw_only=True):
    """One field and the ways in which it changes, the most frequent first."""

    field: str
    kinds: tuple[Counted, ...]

    @property
    def changed(self) -> int:
        """How many calls say something else."""
        return sum(kind.changed for kind in self.kinds)

    @property
    def kept(self) -> int:
        """In how many a person's word holds on."""
        return sum(kind.kept for kind in self.kinds)


def by_field(
    counted: Iterable[Counted], critical: Collection[str]
) -> dict[str, list[FieldChanges]]:
    """What changes in groups as people look at it, in the order of GROUPS.

    ``critical`` are the items of the rubric that are critical.
    """
    kinds: dict[str, list[Counted]] = {}
    for each in counted:
        kinds.setdefault(each.field, []).append(each)
    groups: dict[str, list[FieldChanges]] = {name: [] for name in GROUPS}
    for field in sorted(kinds, key=_place):
        found = FieldChanges(field=field, kinds=tuple(kinds[field]))
        groups[_group(field, critical)].append(found)
    return {name: found for name, found in groups.items() if found}


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Changes of one call in the order in which people are told."""
    return sorted(changes, key=lambda change: _place(change.field))


def _place(field: str) -> tuple[int, str]:
    item = field.removeprefix("rubric.")
    if field in FIELDS:
        return FIELDS.index(field), ""
    return (100 + RUBRIC_ITEMS.index(item), "") if item in RUBRIC_ITEMS else (999, item)


def _group(field: str, critical: Collection[str]) -> str:
    head, _, item = field.partition(".")
    if head == "rubric":
        return "critical" if item in critical else "rubric"
    return head if head in ("safety", SCORE) else "about"


def expect(run: Run) -> tuple[int, int] | None:
    """Of how many calls in all a drawn sample lets us expect a change, from … to (95 %).

    A part of a sample tells nothing: its calls are read newest first.
    """
    if not run.is_sample or run.state != DONE:
        return None
    rate = wilson(run.changed, run.done - run.gone - run.failed)
    if rate is None:
        return None
    return round(rate.low * run.whole), round(rate.high * run.whole)
