"""Calls that were read by the rules of last year, to be read again by today's."""

from typing import Any

from msgspec import structs

from appliance import pipeline, queue
from appliance.db import Database, rows, writing
from appliance.facts.analysis import Turnaway
from appliance.facts.codes import KIND_OF_REASON
from appliance.facts.jobs import ROAD
from appliance.facts.reanalyses import Choice, Run
from appliance.facts.reviews import Review
from appliance.facts.speech import Provenance, Segment, Transcript
from appliance.reading.flags import answers_of, flags_of
from appliance.stages import analyze, publish
from appliance.store import analyses, calls, happenings, reanalyses, reviews, transcripts
from tests.world import PROVENANCE, World, found_call

LAST_YEAR = Provenance(engine="reading", model="phrases-1", software="0.0.1")
BOOKS = (
    "Thank you for calling Lakeside Animal Hospital, this is Finn speaking, how can I help you?",
    "Hi, my cat needs a checkup and her shots",
    "I can offer you tomorrow at ten",
    "That works, thank you",
    "Great, you are booked for tomorrow at ten. Is there anything else?",
    "No, goodbye",
)
FULL = (
    "Lakeside Animal Hospital, this is Finn",
    "Hi, my dog has been limping since yesterday, can somebody see him today?",
    "I'm sorry, we are fully booked today, we cannot see him.",
    "Okay, I will look for somebody else then. Goodbye",
    "Goodbye",
)


def add_call(
    world: World, number: int, texts: tuple[str, ...] = BOOKS, *, days_ago: int = 1, **wrong: Any
) -> int:
    """A call that is ready, read by the rules of last year; ``wrong`` is what they got wrong."""
    db = world.db
    found = found_call(
        f"old-{number}", minutes_ago=1440 * days_ago + number, caller_number=f"+1555010{number:04d}"
    )
    (call_id,) = world.receive(found)
    assert call_id is not None
    say(world, call_id, texts)
    told = analyze.work(db, world.tools(), call_id).analysis
    reason = wrong.pop("reason", None)
    if reason is not None:
        wrong["turnaway"] = Turnaway(reason=reason, kind=KIND_OF_REASON[reason]) if reason else None
    told = structs.replace(told, provenance=LAST_YEAR, **wrong)
    with writing(db):
        queue.drop_jobs(db, ROAD, call_id)
        analyses.save_analysis(db, call_id, told, now=world.now)
        publish.save(
            db,
            publish.Published(
                call_id=call_id,
                card=publish.make_card(calls.get_call(db, call_id), told, (), "UTC"),
                flags=flags_of(told),
                answers=answers_of(told),
            ),
            world.now,
        )
        happenings.mark_handled(db, happenings.newest_id(db))
    return call_id


def say(world: World, call_id: int, texts: tuple[str, ...]) -> None:
    """Give a call its words; staff speaks first, then they take turns."""
    segments = tuple(
        Segment(index=i, text=text, speaker=("staff", "caller")[i % 2], start_ms=i * 4000,
                end_ms=i * 4000 + 3500)
        for i, text in enumerate(texts)
    )  # fmt: skip
    told = Transcript(language="en", segments=segments, provenance=PROVENANCE, duration_ms=30_000)
    with writing(world.db):
        transcripts.save_transcript(world.db, call_id, told, now=world.now)


def judge(
    world: World, call_id: int, name: str, value: str, verdict: str = "corrected", said: str = "x"
) -> None:
    """A person says what holds."""
    review = Review(
        name=name, suggested=said, verdict=verdict, value=value, reason="heard it", by="Maria",
        at=world.now,
    )  # fmt: skip
    with writing(world.db):
        reviews.judge(world.db, call_id, review)


def preview(world: World, **choice: Any) -> Run:
    """Look at what would change, to the end."""
    with writing(world.db):
        run = pipeline.preview_many(world.db, Choice(**choice), "Maria", now=world.now)
    world.work()
    return reanalyses.get_run(world.db, run.id)


def start(world: World, shown: Run) -> Run:
    """Begin to do what a preview showed."""
    with writing(world.db):
        run = reanalyses.begin_apply(world.db, shown.id, "Maria", now=world.now)
        return pipeline.redo_many(world.db, run, now=world.now)


def apply(world: World, shown: Run) -> Run:
    """Do what a preview showed, to the end."""
    run = start(world, shown)
    world.work()
    return reanalyses.get_run(world.db, run.id)


def whole(db: Database) -> dict[str, list[dict[str, Any]]]:
    """All that is known of calls, to see whether anything was touched."""
    tables = (
        "call", "analysis", "card", "flag", "review", "call_score", "safety", "standing",
        "work_item", "work_call", "work_mark", "happening", "segment",
    )  # fmt: skip
    return {name: rows(db, f"SELECT * FROM {name} ORDER BY 1") for name in tables}
