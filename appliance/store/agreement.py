"""How software and people agree here, counted from reviews and from calibration sessions.

A call that was drawn by lot counts by its blind labels alone: what was said of it in review was
said with the suggestion in sight. Where two people labeled a session, the first to begin counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from appliance.db import Database, execute, rows, value
from appliance.facts.codes import RUBRIC_ITEMS, SAFETY
from appliance.reading.agreement import PLAIN_LABELS, Agreement, Bar, agree
from appliance.store.rubrics import get_rubric

# Told by the phone system and not read from words: there is nothing to mistrust.
MEASURED = frozenset(("rubric.answered_fast",))
_RUBRIC_OF_SAFETY = {
    "safety.red_flag_late": "rubric.red_flag_escalated",
    "safety.advice": "rubric.no_medical_advice",
    "safety.card_aloud": "rubric.no_card_aloud",
    "safety.identity": "rubric.identity_check",
}
_FIRST_READER = (
    "SELECT r.by FROM calibration_reader r WHERE r.calibration_id = a.calibration_id"
    " AND r.finished_at IS NOT NULL ORDER BY r.begun_at, r.by LIMIT 1"
)
_RANDOM = (
    "SELECT a.label AS name, a.suggested, a.value AS person, count(*) AS n"
    f" FROM calibration_answer a WHERE a.by = ({_FIRST_READER}) GROUP BY 1, 2, 3"
)
_REVIEWED = (
    "SELECT name, suggested, verdict, value, count(*) AS n FROM review"
    " WHERE superseded = 0 AND call_id NOT IN (SELECT c.call_id FROM calibration_call c"
    " JOIN calibration_reader r ON r.calibration_id = c.calibration_id"
    " WHERE r.finished_at IS NOT NULL) GROUP BY 1, 2, 3, 4"
)

Counts = dict[str, Counter[tuple[str, str]]]


def get_bar(db: Database) -> Bar:
    """What a flag must reach here."""
    text = value(db, "SELECT value FROM setting WHERE name = 'trial_bar'")
    return msgspec.json.decode(text, type=Bar) if text else Bar()


def save_bar(db: Database, bar: Bar) -> None:
    """Put other figures in force."""
    text = msgspec.json.encode(bar).decode()
    execute(db, "INSERT OR REPLACE INTO setting VALUES ('trial_bar', ?)", (text,))


def list_agreement(db: Database) -> list[Agreement]:
    """Every flag with its figures, in the order of the taxonomy."""
    bar, random, reviewed = get_bar(db), _count_random(db), _count_reviewed(db)
    return [
        agree(name, reviewed=reviewed[name], random=random[name], bar=bar) for name in _names(db)
    ]


def trial_flags(db: Database) -> frozenset[str]:
    """The flags that must not count for or against anybody yet: all that have not passed.

    Names are those of flags ("turnaway", "rubric.empathy", "safety.advice") and of the labels
    "intent" and "outcome".
    """
    return frozenset(a.name for a in list_agreement(db) if a.state != "passed")


def _names(db: Database) -> Iterator[str]:
    """All labels that people judge, what is measured left out."""
    yield from ("turnaway", *PLAIN_LABELS)
    yield from (f"safety.{code}" for code in SAFETY)
    own = [item.name for item in get_rubric(db).items if item.check]
    yield from (
        name for item in (*RUBRIC_ITEMS, *own) if (name := f"rubric.{item}") not in MEASURED
    )


def _count_random(db: Database) -> Counts:
    counts: Counts = defaultdict(Counter)
    for r in rows(db, _RANDOM):
        counts[r["name"]][r["suggested"], r["person"]] += r["n"]
    for safety, rubric in _RUBRIC_OF_SAFETY.items():
        for (software, person), n in counts[rubric].items():
            counts[safety][_unsafe(software), _unsafe(person)] += n
    return counts


def _unsafe(state: str) -> str:
    """A critical item as its safety flag: not met means yes."""
    return {"not_met": "yes", "cannot_tell": "cannot_tell"}.get(state, "none")


def _count_reviewed(db: Database) -> Counts:
    counts: Counts = defaultdict(Counter)
    for r in rows(db, _REVIEWED):
        counts[r["name"]][r["suggested"], _person(r["suggested"], r["verdict"], r["value"])] += r[
            "n"
        ]
    return counts


def _person(suggested: str, verdict: str, said: str) -> str:
    """What the person means: a rejection that names nothing else says that it is not so."""
    if verdict == "confirmed":
        return suggested
    return "none" if verdict == "rejected" and said in ("", suggested) else said
