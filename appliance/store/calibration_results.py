"""What a calibration session found: agreement per label, and the calls that were told differently."""

from collections import Counter

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.calibrations import Session
from appliance.facts.rubrics import Answer
from appliance.reading.agreement import PLAIN_LABELS, Agreement, Rate, agree, kappa, yes_or_no
from appliance.store.agreement import get_bar
from appliance.store.calibrations import list_answers, list_places

Labels = dict[int, dict[str, str]]


class Result(Fact, frozen=True, kw_only=True):
    """One label of a session; ``people`` is the kappa between two people, the ceiling for software."""

    label: str
    agreement: Agreement
    people: Rate | None


class Difference(Fact, frozen=True, kw_only=True):
    """One label of one call that software and a person tell differently; ``other`` is the second person's."""

    place: int
    call_id: int
    label: str
    suggested: Answer
    person: str
    other: str


def tell_results(db: Database, session: Session) -> list[Result]:
    """Every label of a session, by the answers of those who finished it."""
    one, other = _two(db, session)
    suggested = {p.number: p.suggested for p in list_places(db, session.number)}
    bar = get_bar(db)
    return [
        Result(
            label=label,
            agreement=agree(
                label,
                reviewed={},
                random=Counter(
                    (suggested[place].get(label, Answer(state="cannot_tell")).state, said[label])
                    for place, said in one.items()
                ),
                bar=bar,
            ),
            people=_between(label, one, other),
        )
        for label in session.labels
    ]


def _two(db: Database, session: Session) -> tuple[Labels, Labels]:
    """The answers of the first who finished, and of the second (empty where there is none)."""
    names = [reader.name for reader in session.readers if reader.finished]
    told = [list_answers(db, session.number, name) for name in names]
    return told[0] if told else {}, told[1] if len(told) > 1 else {}


def _between(label: str, one: Labels, other: Labels) -> Rate | None:
    both = Counter((one[p][label], other[p][label]) for p in one.keys() & other.keys())
    return kappa(both if label in PLAIN_LABELS else yes_or_no(label, both))


def list_differences(db: Database, session: Session) -> list[Difference]:
    """What the first person to finish told otherwise than software, call by call."""
    one, other = _two(db, session)
    return [
        Difference(
            place=place.number, call_id=place.call_id, label=label, suggested=suggested,
            person=said, other=other.get(place.number, {}).get(label, ""),
        )
        for place in list_places(db, session.number)
        for label, said in _in_order(session, one.get(place.number, {}))
        if (suggested := place.suggested.get(label, Answer(state="cannot_tell"))).state != said
    ]  # fmt: skip


def _in_order(session: Session, told: dict[str, str]) -> list[tuple[str, str]]:
    return [(label, told[label]) for label in session.labels if label in told]
