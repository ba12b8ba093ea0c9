"""What a question of the clinic's own would say of the newest calls, before it is saved."""

from datetime import datetime

from appliance.db import Database, rows
from appliance.facts import Fact, from_ms
from appliance.facts.rubrics import Item, Rubric
from appliance.facts.speech import Segment
from appliance.reading.questions import answer_questions, quote

NEWEST = 20


class Previewed(Fact, frozen=True, kw_only=True):
    """One call: what the question would say of it, and the words that answer it."""

    ref: str
    started_at: datetime
    state: str
    quote: str
    first_segment: int | None
    last_segment: int | None


def preview(db: Database, item: Item) -> list[Previewed]:
    """The newest answered calls that have words, newest first."""
    found = rows(
        db,
        "SELECT c.id, c.ref, c.started_at, k.intent FROM call c JOIN card k ON k.call_id = c.id"
        " WHERE c.duplicate_of IS NULL AND c.answer_state = 'answered'"
        " AND EXISTS (SELECT 1 FROM segment s WHERE s.call_id = c.id)"
        " ORDER BY c.started_at DESC, c.id DESC LIMIT ?",
        (NEWEST,),
    )
    rubric = Rubric(number=0, items=(item,))
    return [
        _previewed(item, rubric, r["ref"], from_ms(r["started_at"]), r["intent"], said)
        for r in found
        for said in [_segments(db, r["id"])]
    ]


def _segments(db: Database, call_id: int) -> list[Segment]:
    """The words without their times: reading all of a transcript would take longer than matching."""
    found = rows(
        db, "SELECT idx, speaker, text FROM segment WHERE call_id = ? ORDER BY idx", (call_id,)
    )
    return [Segment(index=r["idx"], speaker=r["speaker"], text=r["text"]) for r in found]


def _previewed(
    item: Item, rubric: Rubric, ref: str, started_at: datetime, intent: str, said: list[Segment]
) -> Previewed:
    found = answer_questions(rubric, said, intent)[item.name]
    return Previewed(
        ref=ref, started_at=started_at, state=found.state, quote=quote(said, found),
        first_segment=found.first_segment, last_segment=found.last_segment,
    )  # fmt: skip
