"""Scores of calls: one row for each version of the rubric a call was published under.

A new version scores what is published from then on; what an earlier version gave stays as it was.
A person's verdict settles the score of the version the call was published under last.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.facts import Fact, to_ms
from appliance.facts.rubrics import Answer, Rubric, Score
from appliance.reading.scores import score
from appliance.store.agreement import trial_flags
from appliance.store.rubrics import get_rubric, get_version, keep_shipped

Answers = dict[str, Answer]


class Scored(Fact, frozen=True, kw_only=True):
    """The score of a call, the version it is under, and what earlier versions gave."""

    score: Score
    rubric: Rubric
    answers: Answers
    earlier: tuple[tuple[int, int | None], ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """What each item is called in this version; empty where it has its usual name."""
        return {item.name: item.words for item in self.rubric.items}


def save_score(
    db: Database, call_id: int, answers: Answers, verdicts: Mapping[str, str], *, now: datetime
) -> None:
    """Score a call that is published under the version in force; its card must have been saved."""
    keep_shipped(db, now=now)
    rubric = get_rubric(db)
    found = _score(db, call_id, rubric, answers, verdicts)
    put_score(db, call_id, rubric, answers, found, now=now)


def put_score(
    db: Database, call_id: int, rubric: Rubric, answers: Answers, found: Score, *, now: datetime
) -> None:
    """Keep a score that was made under a version; that version must have been kept before."""
    execute(
        db,
        "INSERT OR REPLACE INTO call_score"
        " (call_id, version, answers, at, value, settled, failed, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call_id, rubric.number, msgspec.json.encode(answers).decode(), to_ms(now),
            *_columns(found),
        ),
    )  # fmt: skip


class LastScore(Fact, frozen=True, kw_only=True):
    """What a call has of scores: none is version 0. ``answers`` are software's of that time."""

    version: int = 0
    value: int | None = None
    settled: bool = False
    answers: Answers = {}


def last_score(db: Database, call_id: int) -> LastScore:
    """The newest score of a call without its parts."""
    newest = _newest(db, call_id)
    if newest is None:
        return LastScore()
    return LastScore(
        version=newest["version"],
        value=newest["value"],
        settled=bool(newest["settled"]),
        answers=_answers(newest),
    )


def settle_score(db: Database, call_id: int, verdicts: Mapping[str, str]) -> None:
    """Let the newest score of a call follow what people said; nothing where it has none."""
    newest = _newest(db, call_id)
    if newest is None:
        return
    rubric = get_version(db, newest["version"])
    found = _score(db, call_id, rubric, _answers(newest), verdicts)
    execute(
        db,
        "UPDATE call_score SET value = ?, settled = ?, failed = ?, body = ?"
        " WHERE call_id = ? AND version = ?",
        (*_columns(found), call_id, rubric.number),
    )


def get_score(db: Database, call_id: int) -> Scored | None:
    """The newest score of a call, or None where it has none (yet)."""
    newest = _newest(db, call_id)
    if newest is None:
        return None
    earlier = rows(
        db,
        "SELECT version, value FROM call_score WHERE call_id = ? AND version < ? ORDER BY 1 DESC",
        (call_id, newest["version"]),
    )
    return Scored(
        score=msgspec.json.decode(newest["body"], type=Score),
        rubric=get_version(db, newest["version"]),
        answers=_answers(newest),
        earlier=tuple((r["version"], r["value"]) for r in earlier),
    )


def _newest(db: Database, call_id: int) -> Row | None:
    return row(
        db, "SELECT * FROM call_score WHERE call_id = ? ORDER BY version DESC LIMIT 1", (call_id,)
    )


def _answers(found: Row) -> Answers:
    return msgspec.json.decode(found["answers"], type=Answers)


def _score(
    db: Database, call_id: int, rubric: Rubric, answers: Answers, verdicts: Mapping[str, str]
) -> Score:
    intent = value(db, "SELECT intent FROM card WHERE call_id = ?", (call_id,)) or ""
    return score(rubric, answers, verdicts, intent, trial_flags(db))


def _columns(found: Score) -> tuple[int | None, int, int, str]:
    body = msgspec.json.encode(found).decode()
    return found.value, int(found.settled), int(bool(found.failed)), body
