"""Calibration sessions: calls drawn by lot, labeled by people who do not see the suggestion.

What software said is noted when the calls are drawn, so that analyzing a call again in the middle
of a session changes nothing about what is measured. A session counts once its reader has finished.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import Fact, from_ms, to_ms
from appliance.facts.calibrations import LABELS, Reader, Session, check_label
from appliance.facts.rubrics import Answer
from appliance.reading.flags import answers_of
from appliance.reading.rubrics import SOLEMN_INTENTS
from appliance.reading.sampling import Candidate, draw
from appliance.store.analyses import get_analysis
from appliance.store.scores import get_score

LOOK_BACK = timedelta(days=90)
MOST_CANDIDATES = 20_000
SIZES = (20, 50, 100)
Suggestions = dict[str, Answer]


class Place(Fact, frozen=True, kw_only=True):
    """One call of a session, with what software said of it when it was drawn."""

    number: int
    call_id: int
    suggested: Suggestions


def begin(
    db: Database, size: int, items: Sequence[str], *, by: str, now: datetime, seed: str = ""
) -> int:
    """Draw the calls of a new session; ``items`` are the rubric's to ask besides the three labels.

    Raises Refused when there are no calls to draw from. Belongs inside ``writing()``.
    """
    if size not in SIZES or not items:
        raise Refused("choose how many calls, and at least one thing to listen for")
    seed = seed or secrets.token_hex(8)
    drawn = draw(_candidates(db, now), size, seed)
    if not drawn:
        raise Refused("no answered calls of the last 90 days are left to draw from")
    number = int(
        value(
            db,
            "INSERT INTO calibration (seed, items, by, at) VALUES (?, ?, ?, ?) RETURNING id",
            (seed, msgspec.json.encode(items).decode(), by, to_ms(now)),
        )
    )
    labels = labels_of(items)
    for place, (call_id, stratum) in enumerate(drawn, 1):
        told = {name: a for name, a in suggestions(db, call_id).items() if name in labels}
        body = msgspec.json.encode(told).decode()
        execute(
            db,
            "INSERT INTO calibration_call VALUES (?, ?, ?, ?, ?)",
            (number, place, call_id, stratum, body),
        )
    join(db, number, by, now=now)
    return number


def _candidates(db: Database, now: datetime) -> list[Candidate]:
    """Answered calls with words that no session had before, so that none counts twice.

    Those about a death are not drawn: nobody should score them in rows.
    """
    found = rows(
        db,
        "SELECT k.call_id, k.intent, k.outcome FROM card k JOIN call c ON c.id = k.call_id"
        " WHERE c.duplicate_of IS NULL AND c.answer_state = 'answered' AND c.state = 'ready'"
        " AND c.started_at >= ? AND c.started_at <= ?"
        f" AND k.intent NOT IN ({', '.join('?' for _ in SOLEMN_INTENTS)})"
        " AND EXISTS (SELECT 1 FROM segment s WHERE s.call_id = k.call_id)"
        " AND k.call_id NOT IN (SELECT call_id FROM calibration_call)"
        " ORDER BY c.started_at DESC LIMIT ?",
        (to_ms(now - LOOK_BACK), to_ms(now), *SOLEMN_INTENTS, MOST_CANDIDATES),
    )
    return [Candidate(**r) for r in found]


def suggestions(db: Database, call_id: int) -> Suggestions:
    """What software says of a call now, by label."""
    analysis = get_analysis(db, call_id)
    if analysis is None:
        return {}
    scored = get_score(db, call_id)
    answers = (scored.answers if scored else {}) | answers_of(analysis)
    turned = analysis.turnaway.reason if analysis.turnaway else "none"
    plain = {
        "turnaway": turned if analysis.turnaway_told else "cannot_tell",
        "intent": analysis.intent,
        "outcome": analysis.outcome,
    }
    told = {f"rubric.{item}": found for item, found in answers.items()}
    for label, said in plain.items():
        places = analysis.evidence.get(label, ())
        first, last = (places[0].first_segment, places[0].last_segment) if places else (None, None)
        told[label] = Answer(state=said, first_segment=first, last_segment=last)
    return told


def labels_of(items: Sequence[str]) -> tuple[str, ...]:
    """All that is asked of each call."""
    return (*LABELS, *(f"rubric.{item}" for item in items))


def join(db: Database, number: int, by: str, *, now: datetime) -> None:
    """Become one of the people who label a session; at most two, so that they can be compared."""
    session = get_session(db, number)
    if by in {reader.name for reader in session.readers}:
        return
    if len(session.readers) >= 2:
        raise Refused("two people label this session already")
    execute(db, "INSERT INTO calibration_reader VALUES (?, ?, ?, NULL)", (number, by, to_ms(now)))


def get_session(db: Database, number: int) -> Session:
    """One session; raises NotFound."""
    found = row(db, "SELECT * FROM calibration WHERE id = ?", (number,))
    if found is None:
        raise NotFound("there is no such calibration session")
    return _session(db, found)


def list_sessions(db: Database) -> list[Session]:
    """All sessions, newest first."""
    return [_session(db, r) for r in rows(db, "SELECT * FROM calibration ORDER BY id DESC")]


def _session(db: Database, found: Row) -> Session:
    number, items = found["id"], msgspec.json.decode(found["items"], type=tuple[str, ...])
    places = rows(
        db, "SELECT place FROM calibration_call WHERE calibration_id = ? ORDER BY 1", (number,)
    )
    readers = rows(
        db,
        "SELECT by, finished_at FROM calibration_reader WHERE calibration_id = ?"
        " ORDER BY begun_at, by",
        (number,),
    )
    return Session(
        number=number,
        items=items,
        labels=labels_of(items),
        by=found["by"],
        at=from_ms(found["at"]),
        places=tuple(r["place"] for r in places),
        readers=tuple(
            Reader(
                name=r["by"],
                done=_done(db, number, r["by"], len(labels_of(items))),
                finished=r["finished_at"] is not None,
            )
            for r in readers
        ),
    )


def _done(db: Database, number: int, by: str, labels: int) -> frozenset[int]:
    """The places of which a reader has answered everything."""
    found = rows(
        db,
        "SELECT place FROM calibration_answer WHERE calibration_id = ? AND by = ?"
        " GROUP BY place HAVING count(*) >= ?",
        (number, by, labels),
    )
    return frozenset(r["place"] for r in found)


def get_place(db: Database, number: int, place: int) -> Place:
    """One call of a session; raises NotFound (also when the call was erased since)."""
    found = row(
        db,
        "SELECT place, call_id, suggested FROM calibration_call"
        " WHERE calibration_id = ? AND place = ?",
        (number, place),
    )
    if found is None:
        raise NotFound("this session has no such call; it may have been erased")
    return _place(found)


def list_places(db: Database, number: int) -> list[Place]:
    """All calls of a session in their order."""
    found = rows(
        db,
        "SELECT place, call_id, suggested FROM calibration_call WHERE calibration_id = ?"
        " ORDER BY place",
        (number,),
    )
    return [_place(r) for r in found]


def _place(found: Row) -> Place:
    return Place(
        number=found["place"],
        call_id=found["call_id"],
        suggested=msgspec.json.decode(found["suggested"], type=Suggestions),
    )


def list_answers(db: Database, number: int, by: str) -> dict[int, dict[str, str]]:
    """What a reader answered: {place: {label: value}}."""
    told: dict[int, dict[str, str]] = {}
    for r in rows(
        db,
        "SELECT place, label, value FROM calibration_answer WHERE calibration_id = ? AND by = ?",
        (number, by),
    ):
        told.setdefault(r["place"], {})[r["label"]] = r["value"]
    return told


def save_answers(
    db: Database, number: int, place: int, by: str, answers: Mapping[str, str], *, now: datetime
) -> None:
    """Keep what is answered of one call, in place of what was; belongs inside ``writing()``.

    Raises Refused for an answer that is none, and once the reader has finished: from then on the
    suggestions have been in sight.
    """
    session, at = get_session(db, number), get_place(db, number, place)
    reader = session.reader(by)
    if reader is None or reader.finished:
        raise Refused("you have finished this session; its answers stay as they are")
    execute(
        db,
        "DELETE FROM calibration_answer WHERE calibration_id = ? AND place = ? AND by = ?",
        (number, place, by),
    )
    for label, said in answers.items():
        if label not in session.labels:
            raise Refused("this session does not ask that")
        check_label(label, said)
        suggested = at.suggested.get(label, Answer(state="cannot_tell")).state
        execute(
            db,
            "INSERT INTO calibration_answer VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, place, by, label, suggested, said, to_ms(now)),
        )


def finish(db: Database, number: int, by: str, *, now: datetime) -> None:
    """Let a reader's answers count; those of calls that were begun and not finished are dropped."""
    reader = get_session(db, number).reader(by)
    if reader is None or not reader.done:
        raise Refused("label at least one call first")
    kept = ", ".join(str(place) for place in sorted(reader.done))
    execute(
        db,
        "DELETE FROM calibration_answer WHERE calibration_id = ? AND by = ?"
        f" AND place NOT IN ({kept})",
        (number, by),
    )
    execute(
        db,
        "UPDATE calibration_reader SET finished_at = COALESCE(finished_at, ?)"
        " WHERE calibration_id = ? AND by = ?",
        (to_ms(now), number, by),
    )
