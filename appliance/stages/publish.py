"""Publish: make the card by which lists and filters know the call, and score it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from appliance import queue
from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.analysis import Analysis
from appliance.facts.calls import Call
from appliance.facts.codes import UNKNOWN
from appliance.facts.reviews import Flag
from appliance.facts.rubrics import Answer, Rubric
from appliance.facts.speech import Segment
from appliance.reading.flags import answers_of, flags_of, own_flags
from appliance.reading.question import digest_of
from appliance.reading.questions import answer_questions
from appliance.store import (
    analyses,
    calls,
    corrections,
    flags,
    happenings,
    lost,
    opinion_servers,
    opinions,
    reviews,
    rubrics,
    scores,
    transcripts,
)
from appliance.store.analyses import Card
from appliance.store.settings import get_settings, zone_of
from appliance.tools import Tools

LANE = "chores"
FIRST_WORDS = 160  # characters


class Published(Fact, frozen=True, kw_only=True):
    """The card of a call, what people may judge of it, and what its score is made of.

    ``answers`` are of the taxonomy's items and of the clinic's own questions alike.
    """

    call_id: int
    card: Card
    flags: tuple[Flag, ...] = ()
    answers: dict[str, Answer] = {}
    doubtful: bool = False  # a second opinion on it is wanted


def work(db: Database, tools: Tools, call_id: int) -> Published:
    """Sum the call up."""
    transcript = transcripts.get_transcript(db, call_id)
    segments = transcript.segments if transcript else ()
    analysis = analyses.get_analysis(db, call_id)
    call = corrections.with_staff_name(db, calls.get_call(db, call_id))
    summed = sum_up(call, analysis, segments, rubrics.get_rubric(db), get_settings(db).zone)
    doubtful = wants_opinion(db, call_id, analysis, segments)
    return msgspec.structs.replace(summed, doubtful=doubtful)


def sum_up(
    call: Call, analysis: Analysis | None, segments: Sequence[Segment], rubric: Rubric, zone: str
) -> Published:
    """What is published of one reading; changes nothing."""
    card = make_card(call, analysis, segments, zone)
    if analysis is None:
        return Published(call_id=call.id, card=card)
    own = answer_questions(rubric, segments, analysis.intent)
    return Published(
        call_id=call.id,
        card=card,
        flags=(*flags_of(analysis), *own_flags(own)),
        answers=answers_of(analysis) | own,
    )


def wants_opinion(
    db: Database, call_id: int, analysis: Analysis | None, segments: Sequence[Segment]
) -> bool:
    """Whether the clinic wants a second opinion on this call, and has none on these words yet."""
    scope = opinion_servers.get_server(db).scope
    if not segments or scope in ("off", "hand"):
        return False
    if scope == "turnaways" and analysis is not None and is_clear(analysis):
        return False
    return opinions.digest_of_opinion(db, call_id) != digest_of(segments)


def is_clear(analysis: Analysis) -> bool:
    """Whether nobody was turned away and the box could tell what the call was."""
    told = analysis.turnaway_told and not analysis.turnaway
    return told and UNKNOWN not in (analysis.intent, analysis.outcome)


def make_card(
    call: Call, analysis: Analysis | None, segments: Sequence[Segment], zone: str
) -> Card:
    """The card of a call; ``zone`` is the clinic's (IANA)."""
    local = call.started_at.astimezone(zone_of(zone))
    card = Card(
        intent="unknown",
        outcome="unknown",
        staff_name=call.staff_name,
        first_words=first_words(segments),
        local_day=local.date().isoformat(),
        local_hour=local.hour,
    )
    if analysis is None:
        return card
    turnaway = analysis.turnaway
    return msgspec.structs.replace(
        card,
        intent=analysis.intent,
        outcome=analysis.outcome,
        urgency=analysis.urgency or "",
        turnaway_kind=turnaway.kind if turnaway else "",
        turnaway_reason=turnaway.reason if turnaway else "",
        staff_name=call.staff_name or analysis.staff_name or "",
        caller_relation=analysis.caller_relation or "",
        sentiment_start=analysis.sentiment_start or "",
        sentiment_end=analysis.sentiment_end or "",
        disclosure=analysis.disclosure_heard,
        species=analysis.species[0] if analysis.species else "",
    )


def first_words(segments: Sequence[Segment]) -> str:
    """What the caller said first; where no caller is known, what was said first at all."""
    spoken = [s for s in segments if s.speaker == "caller"] or list(segments)
    text = ""
    for segment in spoken:
        text = f"{text} {segment.text}".strip()
        if len(text) >= FIRST_WORDS:
            return text[: FIRST_WORDS - 1].rsplit(" ", 1)[0] + "…"
    return text


def keep(db: Database, published: Published, *, now: datetime) -> None:
    """Put card, flags and score of a call in place; what people said of it stays."""
    keep_card(db, published)
    if published.answers:
        said = {name: r.value for name, r in reviews.current(db, published.call_id).items()}
        scores.save_score(db, published.call_id, published.answers, said, now=now)


def keep_card(db: Database, published: Published) -> None:
    """Put card and flags of a call in place, and leave its scores alone."""
    analyses.save_card(db, published.call_id, published.card)
    reviews.settle_card(db, published.call_id)
    flags.save_flags(db, published.call_id, published.flags)


def save(db: Database, published: Published, now: datetime) -> bool:
    """From now on the call is ready."""
    keep(db, published, now=now)
    calls.set_state(db, published.call_id, "ready", now=now)
    lost.settle_call(db, published.call_id, now=now)
    happenings.note_published(db, published.call_id, published.flags, now=now)
    opinions.settle(db, published.call_id)
    if published.doubtful:
        opinions.wish(db, published.call_id, now=now)
        queue.enqueue(db, "ask_opinion", 0, "courier", now=now)
    return True
