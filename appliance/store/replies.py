"""What staff say to a verdict on their call, and how a leader settles a dispute: append-only.

A verdict is acknowledged or disputed once, within a number of days that the clinic sets. A dispute
is settled once: the verdict is upheld, or it was changed. Nothing of it is ever rewritten.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import Fact, from_ms, to_ms
from appliance.reading.flags import SAFETY_OF_RUBRIC

LONGEST_TEXT: Final = 1000


class Reply(Fact, frozen=True, kw_only=True):
    """One step: acknowledged, disputed, upheld or changed."""

    what: str
    text: str
    by: str
    at: datetime


class Verdict(Fact, frozen=True, kw_only=True):
    """A verdict on a call of somebody's, with all that was replied, oldest first."""

    id: int
    call_id: int
    ref: str
    started_at: datetime
    staff_name: str
    staff_extension: str
    name: str
    suggested: str
    verdict: str
    value: str
    reason: str
    by: str
    at: datetime
    superseded: bool
    replies: tuple[Reply, ...] = ()

    @property
    def disputed(self) -> bool:
        """Whether a dispute waits for an answer."""
        return bool(self.replies) and self.replies[-1].what == "disputed"

    def until(self, days: int) -> datetime:
        """When the time to reply is over."""
        return self.at + timedelta(days=days)

    def may_reply(self, now: datetime, days: int) -> bool:
        """Whether staff may still acknowledge or dispute it."""
        return not self.superseded and not self.replies and now < self.until(days)


# Items of the rubric that staff read in the words of the safety flag that says the same.
_TOLD_AS_SAFETY: Final = tuple(f"rubric.{item}" for item in SAFETY_OF_RUBRIC)
_VERDICT: Final = (
    "SELECT r.*, c.ref, c.started_at, c.staff_extension, COALESCE(k.staff_name, '') AS staff_name"
    " FROM review r JOIN call c ON c.id = r.call_id LEFT JOIN card k ON k.call_id = c.id"
)
_OPEN: Final = (
    "p.what = 'disputed' AND NOT EXISTS"
    " (SELECT 1 FROM reply q WHERE q.review_id = p.review_id AND q.id > p.id)"
)


def get_verdict(db: Database, review_id: int, call_id: int) -> Verdict:
    """One verdict on this very call; raises NotFound."""
    found = row(db, f"{_VERDICT} WHERE r.id = ? AND r.call_id = ?", (review_id, call_id))
    if found is None:
        raise NotFound("there is no such verdict; it may have been taken back")
    return _with_replies(db, [found])[0]


def list_verdicts(db: Database, extensions: Iterable[str], *, limit: int = 200) -> list[Verdict]:
    """The verdicts that hold, and those ever replied to, on calls of these desks, newest first."""
    asked = tuple(extensions)
    found = rows(
        db,
        f"{_VERDICT} WHERE c.staff_extension IN ({', '.join('?' for _ in asked)})"
        " AND (r.superseded = 0 OR EXISTS (SELECT 1 FROM reply p WHERE p.review_id = r.id))"
        " ORDER BY r.id DESC LIMIT ?",
        (*asked, limit),
    )
    return _with_replies(db, found)


def list_disputes(db: Database, *, limit: int = 100) -> list[Verdict]:
    """Disputes that wait for an answer, the oldest first."""
    found = rows(
        db,
        f"{_VERDICT} JOIN reply p ON p.review_id = r.id WHERE {_OPEN} ORDER BY p.id LIMIT ?",
        (limit,),
    )
    return _with_replies(db, found)


def list_settled(db: Database, *, limit: int = 20) -> list[Verdict]:
    """The disputes settled last."""
    found = rows(
        db,
        f"{_VERDICT} JOIN reply p ON p.review_id = r.id WHERE p.what IN ('upheld', 'changed')"
        " ORDER BY p.id DESC LIMIT ?",
        (limit,),
    )
    return _with_replies(db, found)


def count_disputes(db: Database) -> int:
    """How many disputes wait."""
    return int(value(db, f"SELECT count(*) FROM reply p WHERE {_OPEN}"))


def is_disputed(db: Database, call_id: int, name: str) -> bool:
    """Whether the verdict that holds on a label is disputed and not settled."""
    found = value(
        db,
        "SELECT 1 FROM review r JOIN reply p ON p.review_id = r.id WHERE r.call_id = ?"
        f" AND r.name = ? AND r.superseded = 0 AND {_OPEN}",
        (call_id, name),
    )
    return found is not None


def count_to_answer(db: Database, extensions: Iterable[str], since: datetime) -> int:
    """How many verdicts since a moment tell these desks that something went wrong, unanswered."""
    asked = tuple(extensions)
    return int(
        value(
            db,
            "SELECT count(*) FROM review r JOIN call c ON c.id = r.call_id"
            " WHERE r.superseded = 0 AND r.at > ?"
            f" AND c.staff_extension IN ({', '.join('?' for _ in asked)})"
            " AND (r.value = 'not_met' OR (r.value = 'yes' AND substr(r.name, 1, 7) = 'safety.')"
            " OR (r.name = 'turnaway' AND r.value NOT IN ('', 'none')))"
            f" AND r.name NOT IN ({', '.join('?' for _ in _TOLD_AS_SAFETY)})"
            " AND NOT EXISTS (SELECT 1 FROM reply p WHERE p.review_id = r.id)",
            (to_ms(since), *asked, *_TOLD_AS_SAFETY),
        )
    )


def reply(
    db: Database, verdict: Verdict, what: str, text: str, by: str, *, now: datetime, days: int
) -> None:
    """Acknowledge or dispute a verdict; raises Refused when it is too late or told already."""
    if what not in ("acknowledged", "disputed"):
        raise Refused("acknowledge the verdict or dispute it")
    if verdict.superseded:
        raise Refused("this verdict was changed while you had it open; read the new one")
    if verdict.replies:
        raise Refused("you have answered this verdict already")
    if now >= verdict.until(days):
        raise Refused(f"the {days} days to answer this verdict are over; speak to your manager")
    _add(db, verdict.id, what, _read(text, needed=what == "disputed"), by, now)


def settle(db: Database, verdict: Verdict, what: str, text: str, by: str, *, now: datetime) -> None:
    """Answer a dispute; raises Refused when it does not wait any more or no reason is given."""
    if not verdict.disputed:
        raise Refused("somebody else has answered this dispute already")
    _add(db, verdict.id, what, _read(text, needed=True), by, now)


def _read(text: str, *, needed: bool) -> str:
    told = " ".join(text.split())
    if needed and len(told) < 3:
        raise Refused("say in a few words why")
    if len(told) > LONGEST_TEXT:
        raise Refused(f"say it in at most {LONGEST_TEXT} letters")
    return told


def _add(db: Database, review_id: int, what: str, text: str, by: str, now: datetime) -> None:
    execute(
        db,
        "INSERT INTO reply (review_id, what, text, by, at) VALUES (?, ?, ?, ?, ?)",
        (review_id, what, text, by, to_ms(now)),
    )


def _with_replies(db: Database, found: list[Row]) -> list[Verdict]:
    told: dict[int, list[Reply]] = {r["id"]: [] for r in found}
    marks = ", ".join("?" for _ in told)
    sql = f"SELECT * FROM reply WHERE review_id IN ({marks}) ORDER BY id"
    for r in rows(db, sql, tuple(told)):
        step = Reply(what=r["what"], text=r["text"], by=r["by"], at=from_ms(r["at"]))
        told[r["review_id"]].append(step)
    return [_verdict(r, tuple(told[r["id"]])) for r in found]


def _verdict(found: Row, replies: tuple[Reply, ...]) -> Verdict:
    same = (
        "id", "call_id", "ref", "staff_name", "staff_extension", "name", "suggested", "verdict",
        "value", "reason", "by",
    )  # fmt: skip
    return Verdict(
        started_at=from_ms(found["started_at"]),
        at=from_ms(found["at"]),
        superseded=bool(found["superseded"]),
        replies=replies,
        **{name: found[name] for name in same},
    )
