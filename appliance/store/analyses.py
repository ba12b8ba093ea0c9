"""Analyses and the cards made of them: what a list shows of a call without reading it whole."""

from datetime import datetime

import msgspec

from appliance.db import Database, execute, value
from appliance.facts import Fact, to_ms
from appliance.facts.analysis import Analysis


class Card(Fact, frozen=True, kw_only=True):
    """What lists, filters and counts need of a call; ``first_words`` is the caller's first turn.

    ``local_day`` (2026-11-22) and ``local_hour`` are those of the clinic's wall clock.
    """

    intent: str
    outcome: str
    urgency: str = ""
    turnaway_kind: str = ""
    turnaway_reason: str = ""
    staff_name: str = ""
    first_words: str = ""
    caller_relation: str = ""
    sentiment_start: str = ""
    sentiment_end: str = ""
    disclosure: str = ""
    species: str = ""
    local_day: str = ""
    local_hour: int = 0


def save_analysis(db: Database, call_id: int, analysis: Analysis, *, now: datetime) -> None:
    """Put an analysis in place of what was there."""
    execute(
        db,
        "INSERT OR REPLACE INTO analysis VALUES (?, ?, ?, ?)",
        (
            call_id,
            msgspec.json.encode(analysis).decode(),
            msgspec.json.encode(analysis.provenance).decode(),
            to_ms(now),
        ),
    )


def get_analysis(db: Database, call_id: int) -> Analysis | None:
    """The analysis of a call, or None where there is none (yet)."""
    body = value(db, "SELECT body FROM analysis WHERE call_id = ?", (call_id,))
    return None if body is None else msgspec.json.decode(body, type=Analysis)


def get_staff_name(db: Database, call_id: int) -> str:
    """Who took the call, as its card says; "" where nobody is named or there is no card."""
    return value(db, "SELECT staff_name FROM card WHERE call_id = ?", (call_id,)) or ""


def save_card(db: Database, call_id: int, card: Card) -> None:
    """Publish: from now on lists and filters know this call."""
    told = msgspec.structs.asdict(card)
    execute(
        db,
        f"INSERT OR REPLACE INTO card (call_id, started_at, staff_extension, {', '.join(told)})"
        f" SELECT id, started_at, staff_extension, {', '.join('?' * len(told))}"
        " FROM call WHERE id = ?",
        (*told.values(), call_id),
    )
