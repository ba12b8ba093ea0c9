"""A clinic that reviews and coaches: labels that let flags pass, verdicts, notes, a shared example."""

import random
from datetime import date, timedelta

from appliance.db import Database, execute, rows, writing
from appliance.facts import to_ms
from appliance.facts.people import HANDLING, STANDING_ITEMS
from appliance.facts.reviews import Review
from appliance.store import calls, coaching, examples, reviews, users
from tests.pages.seed import NOW

LABELED = 40


def coach(db: Database, *, judged: int = 900) -> None:
    """Let every flag pass, judge what waits in the newest calls, and write things down."""
    dice = random.Random(5)
    pass_flags(db)
    for call in rows(db, "SELECT id FROM call ORDER BY started_at DESC LIMIT ?", (judged,)):
        with writing(db):
            judge_waiting(db, call["id"], dice)
    with writing(db):
        write_down(db)
        share_one(db)


def pass_flags(db: Database) -> None:
    """A finished calibration session in which a person said what the software had said."""
    found = rows(db, "SELECT id FROM call ORDER BY id LIMIT ?", (LABELED,))
    labels = [i if i == HANDLING else f"rubric.{i}" for i in STANDING_ITEMS]
    with writing(db):
        execute(db, "INSERT INTO calibration VALUES (1, 'x', '[]', 'Maria', ?)", (to_ms(NOW),))
        execute(
            db,
            "INSERT INTO calibration_reader VALUES (1, 'Maria', ?, ?)",
            (to_ms(NOW), to_ms(NOW)),
        )
        for place, call in enumerate(found):
            execute(
                db, "INSERT INTO calibration_call VALUES (1, ?, ?, '', '')", (place, call["id"])
            )
            for label in labels:
                yes, no = ("no_ask", "none") if label == HANDLING else ("not_met", "met")
                said = yes if place % 2 else no
                execute(
                    db,
                    "INSERT INTO calibration_answer VALUES (1, ?, 'Maria', ?, ?, ?, ?)",
                    (place, label, said, said, to_ms(NOW)),
                )


def judge_waiting(db: Database, call_id: int, dice: random.Random) -> None:
    """Most of what software found wanting is confirmed; Marcus forgets more than others."""
    for flag in rows(
        db,
        "SELECT * FROM flag WHERE call_id = ? AND (value = 'not_met'"
        " OR value IN ('no_ask', 'price_only'))",
        (call_id,),
    ):
        kept = dice.random() < (0.95 if flag["staff_name"] == "Marcus" else 0.8)
        right = "none" if flag["name"] == HANDLING else "met"
        review = Review(
            name=flag["name"], suggested=flag["value"], by="Maria", at=NOW, reason="",
            verdict="confirmed" if kept else "corrected", value=flag["value"] if kept else right,
        )  # fmt: skip
        reviews.judge(db, call_id, review)


def write_down(db: Database) -> None:
    """Notes and goals on Denise."""
    maria, denise = users.get_user(db, "Maria"), users.get_user(db, "Denise")
    for kind, text, user, days, until in (
        (
            "note",
            "Listened to two price calls together.\nNext: name the exam first.",
            maria,
            9,
            None,
        ),
        ("note", "The new greeting works well for me.", denise, 1, None),
        ("goal", "Offer two times on every visit call", maria, 20, date(2026, 12, 4)),
        ("goal", "Say my name in every greeting", maria, 60, None),
    ):
        at = NOW - timedelta(days=days, hours=-1)
        coaching.add_note(db, "Denise", kind, text, user, now=at, until=until)
    coaching.reach_goal(db, coaching.list_notes(db, "Denise")[0], maria, now=NOW)


def share_one(db: Database) -> None:
    """The first call with words is a good example."""
    first = rows(db, "SELECT call_id FROM segment ORDER BY call_id LIMIT 1")[0]["call_id"]
    assert calls.get_call(db, first)
    examples.add_example(
        db, first, item="offers_appointment", segments=(0, 2), shared=True, by="Maria", now=NOW,
        quote="I can offer you tomorrow at ten or Friday at three.",
        note="Two times at once, so the caller only has to choose.",
    )  # fmt: skip
