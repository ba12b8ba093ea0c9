"""Publish: make the card by which lists and filters know the call."""

from collections.abc import Sequence
from datetime import datetime

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.analysis import Analysis
from appliance.facts.calls import Call
from appliance.facts.speech import Segment
from appliance.store import analyses, calls, transcripts
from appliance.store.analyses import Card
from appliance.tools import Tools

LANE = "chores"
FIRST_WORDS = 160  # characters


class Published(Fact, frozen=True, kw_only=True):
    """The card of a call."""

    call_id: int
    card: Card


def work(db: Database, tools: Tools, call_id: int) -> Published:
    """Sum the call up."""
    transcript = transcripts.get_transcript(db, call_id)
    segments = transcript.segments if transcript else ()
    analysis = analyses.get_analysis(db, call_id)
    return Published(call_id=call_id, card=_card(calls.get_call(db, call_id), analysis, segments))


def _card(call: Call, analysis: Analysis | None, segments: Sequence[Segment]) -> Card:
    if analysis is None:
        return Card(intent="unknown", outcome="unknown", first_words=first_words(segments))
    turnaway = analysis.turnaway
    return Card(
        intent=analysis.intent,
        outcome=analysis.outcome,
        urgency=analysis.urgency or "",
        turnaway_kind=turnaway.kind if turnaway else "",
        turnaway_reason=turnaway.reason if turnaway else "",
        staff_name=call.staff_name or analysis.staff_name or "",
        first_words=first_words(segments),
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


def save(db: Database, published: Published, now: datetime) -> bool:
    """From now on the call is ready."""
    analyses.save_card(db, published.call_id, published.card)
    calls.set_state(db, published.call_id, "ready", now=now)
    return True
