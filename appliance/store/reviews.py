"""What people said of labels: kept beside the suggestion, never in its place."""

from appliance.db import Database, Row, execute, rows
from appliance.errors import Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.codes import KIND_OF_REASON, VERDICTS
from appliance.facts.reviews import NOT_TURNED_AWAY, Review
from appliance.store import lost, standings
from appliance.store.analyses import get_analysis
from appliance.store.scores import settle_score

# Labels of which the card holds a copy, so that lists and counts follow what people said.
_ON_THE_CARD = ("intent", "outcome", "urgency", "caller_relation", "staff_name")


def judge(db: Database, call_id: int, review: Review) -> None:
    """Keep a verdict; the one before is put aside, not lost. Belongs inside ``writing()``."""
    if review.verdict not in VERDICTS:
        raise Refused("a label is confirmed, corrected or rejected")
    _set_aside(db, call_id, review.name)
    execute(
        db,
        "INSERT INTO review (call_id, name, suggested, verdict, value, reason, by, at, software)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call_id, review.name, review.suggested, review.verdict, review.value, review.reason,
            review.by, to_ms(review.at), review.software,
        ),
    )  # fmt: skip
    _settle(db, call_id)
    lost.settle_call(db, call_id, now=review.at)


def withdraw(db: Database, call_id: int, name: str) -> None:
    """Put the present verdict on a label aside; what the software said holds again."""
    _set_aside(db, call_id, name)
    _settle(db, call_id)


def _set_aside(db: Database, call_id: int, name: str) -> None:
    execute(
        db,
        "UPDATE review SET superseded = 1 WHERE call_id = ? AND name = ? AND superseded = 0",
        (call_id, name),
    )


def current(db: Database, call_id: int) -> dict[str, Review]:
    """The verdicts that hold of one call, by label."""
    found = rows(db, "SELECT * FROM review WHERE call_id = ? AND superseded = 0", (call_id,))
    return {row["name"]: _review(row) for row in found}


def history(db: Database, call_id: int) -> list[Review]:
    """Every verdict ever given on a call, oldest first."""
    return [
        _review(r)
        for r in rows(db, "SELECT * FROM review WHERE call_id = ? ORDER BY id", (call_id,))
    ]


def _review(row: Row) -> Review:
    fields = ("name", "suggested", "verdict", "value", "reason", "by", "software")
    return Review(at=from_ms(row["at"]), **{field: row[field] for field in fields})


def settle_card(db: Database, call_id: int) -> None:
    """Let the card say what holds: a person's word before the software's."""
    lost.mark_call(db, call_id)
    analysis = get_analysis(db, call_id)
    if analysis is None:
        return
    verdicts = current(db, call_id)
    said = {name: review.value for name, review in verdicts.items()}
    turnaway = said.get("turnaway", analysis.turnaway.reason if analysis.turnaway else "")
    turnaway = "" if turnaway == NOT_TURNED_AWAY else turnaway
    values = {name: said.get(name, getattr(analysis, name) or "") for name in _ON_THE_CARD}
    if "staff_name" not in said:
        values.pop("staff_name")  # the card knows better names than the greeting gives
    values |= {
        "turnaway_reason": turnaway,
        "turnaway_kind": KIND_OF_REASON.get(turnaway, ""),
    }
    sets = ", ".join(f"{name} = ?" for name in values)
    execute(db, f"UPDATE card SET {sets} WHERE call_id = ?", (*values.values(), call_id))
    standings.settle(db, call_id, analysis, verdicts)


def _settle(db: Database, call_id: int) -> None:
    """Let card and score follow the verdicts.

    Only a verdict does that to a score: publishing again makes one of its own and must leave those
    of earlier versions of the rubric as they were.
    """
    settle_card(db, call_id)
    settle_score(db, call_id, {name: r.value for name, r in current(db, call_id).items()})
