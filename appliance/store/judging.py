"""Judging: a person's verdict on what software says now, refused when what was seen has changed.

Two labels can say the same in other words (medical advice was given; *gives no medical advice* is
not met). A verdict on one is a verdict on the other, so that nobody is asked twice.
"""

from datetime import datetime

from appliance.db import Database, execute, rows, value
from appliance.errors import NotFound
from appliance.facts import Fact
from appliance.facts.reviews import Flag, Review
from appliance.reading import verdicts
from appliance.store import replies, reviews
from appliance.store.analyses import get_analysis
from appliance.store.flags import list_flags
from appliance.store.replies import Verdict, is_disputed

NOTHING = "there is nothing to judge here; the call may have been read again"
DISPUTED = "staff disputes this verdict; answer it under Disputes, so that they learn why"


class Standing(Fact, frozen=True, kw_only=True):
    """How a label stands: what software says now (value "" for nothing) and what a person said."""

    flag: Flag
    review: Review | None = None
    review_id: int = 0

    @property
    def holds(self) -> str:
        """The value that holds: a person's word before the software's."""
        return self.review.value if self.review else self.flag.value

    @property
    def seen(self) -> str:
        """What a person who looks at it has seen; sent back with the verdict."""
        flag = self.flag
        return f"{flag.value}.{flag.first_segment}-{flag.last_segment}.{self.review_id}"


class Decision(Fact, frozen=True, kw_only=True):
    """What a person decides of one label, having seen ``seen``; ``chosen`` is a correction."""

    name: str
    verdict: str
    chosen: str
    reason: str
    seen: str
    by: str


def standings(db: Database, call_id: int) -> dict[str, Standing]:
    """Every label of a call that may be judged, by name."""
    analysis = get_analysis(db, call_id)
    told = verdicts.labels_of(analysis) if analysis else {}
    raised = rows(db, "SELECT * FROM safety WHERE call_id = ?", (call_id,))
    for r in raised:  # of which software says nothing any more, unless its flags say it below
        told[r["name"]] = Flag(
            name=r["name"], value="", first_segment=r["first_segment"],
            last_segment=r["last_segment"],
        )  # fmt: skip
    told |= {flag.name: flag for flag in list_flags(db, call_id)}
    held = reviews.current(db, call_id)
    told |= {n: Flag(name=n, value="") for n in held if n not in told and verdicts.choices_of(n)}
    ids = _current_ids(db, call_id)
    return {
        name: Standing(flag=flag, review=held.get(name), review_id=ids.get(name, 0))
        for name, flag in told.items()
    }


def _current_ids(db: Database, call_id: int) -> dict[str, int]:
    found = rows(db, "SELECT name, id FROM review WHERE call_id = ? AND superseded = 0", (call_id,))
    return {r["name"]: r["id"] for r in found}


def standing_of(db: Database, call_id: int, name: str) -> Standing:
    """One label of a call; raises NotFound where there is nothing to judge."""
    found = standings(db, call_id).get(name)
    if found is None:
        raise NotFound(NOTHING)
    return found


def decide(db: Database, call_id: int, decision: Decision, *, now: datetime) -> str:
    """Keep a verdict, or return why not: what the person saw is not what stands there now.

    Raises Refused when the verdict itself makes no sense. Belongs inside ``writing()``.
    """
    told = standings(db, call_id)
    standing = told.get(decision.name)
    if standing is None:
        raise NotFound(NOTHING)
    changed = _changed(standing, decision.seen) or _disputed(db, call_id, decision.name)
    if changed:
        return changed
    keep(db, call_id, told, decision, now)
    return ""


def keep(
    db: Database, call_id: int, told: dict[str, Standing], decision: Decision, now: datetime
) -> None:
    """Keep a verdict on a label and on the one that says the same."""
    name, suggested = decision.name, told[decision.name].flag.value
    holds = verdicts.value_of(name, decision.verdict, suggested, decision.chosen)
    reason = verdicts.read_reason(decision.verdict, decision.reason)
    twin = verdicts.twin_of(name, holds, {n: s.flag.value for n, s in told.items()})
    software = _software(db, call_id)

    def judge(label: str, said: str, verdict: str, value: str) -> None:
        review = Review(
            name=label, suggested=said, verdict=verdict, value=value, reason=reason,
            by=decision.by, at=now, software=software,
        )  # fmt: skip
        reviews.judge(db, call_id, review)

    if twin:
        label, value = twin
        said = told[label].flag.value if label in told else ""
        _raise_safety(db, call_id, told[name].flag, label, decision.by)
        judge(label, said, verdicts.verdict_on_twin(label, value, said), value)
    judge(name, suggested, decision.verdict, holds)


def _raise_safety(db: Database, call_id: int, flag: Flag, label: str, by: str) -> None:
    """An issue that a person found and software had not."""
    if label.startswith("safety."):
        execute(
            db,
            "INSERT OR IGNORE INTO safety (call_id, name, first_segment, last_segment, started_at,"
            " staff_name, staff_extension, found_by) SELECT call_id, ?, ?, ?, started_at,"
            " staff_name, staff_extension, ? FROM card WHERE call_id = ?",
            (label, flag.first_segment, flag.last_segment, by, call_id),
        )


def _lower_safety(db: Database, call_id: int, label: str) -> None:
    """Forget an issue that only a person had found and took back, unless something was done."""
    execute(
        db,
        "DELETE FROM safety WHERE call_id = ? AND name = ? AND found_by <> '' AND NOT EXISTS"
        " (SELECT 1 FROM safety_act a WHERE a.call_id = safety.call_id AND a.name = safety.name)",
        (call_id, label),
    )


def take_back(db: Database, call_id: int, name: str, seen: str) -> str:
    """Put a verdict aside and the one on its twin, or return why not. Inside ``writing()``."""
    told = standings(db, call_id)
    standing = told.get(name)
    if standing is None or standing.review is None:
        return "there is no verdict to take back any more"
    changed = _changed(standing, seen) or _disputed(db, call_id, name)
    if changed:
        return changed
    other = told.get(verdicts.other_name(name))
    for given in (standing, other):  # the other only if it was given in the same act
        if given and given.review and given.review.at == standing.review.at:
            reviews.withdraw(db, call_id, given.flag.name)
            _lower_safety(db, call_id, given.flag.name)
    return ""


def settle_dispute(db: Database, verdict: Verdict, decision: Decision, *, now: datetime) -> str:
    """Answer a dispute: its verdict is "upheld", or the decision takes its place.

    Returns why not, as ``decide`` does; raises Refused. Belongs inside ``writing()``.
    """
    what = "upheld" if decision.verdict == "upheld" else "changed"
    told = standings(db, verdict.call_id)
    changed = _changed(told[verdict.name], decision.seen)
    if changed:
        return changed
    replies.settle(db, verdict, what, decision.reason, decision.by, now=now)
    if what == "changed":
        keep(db, verdict.call_id, told, decision, now)
    return ""


def _changed(standing: Standing, seen: str) -> str:
    """Why a person must look again; "" when nothing has changed since."""
    if seen == standing.seen:
        return ""
    if seen.rpartition(".")[2] == str(standing.review_id):
        return (
            "this call was read again while you had it open, and software now says something "
            "else; look again before you judge"
        )
    if standing.review is None:
        return "somebody took the verdict back while you had it open; look again"
    by = standing.review.by
    return f"{by} judged this while you had it open; look again before you change it"


def _disputed(db: Database, call_id: int, name: str) -> str:
    names = (name, verdicts.other_name(name))
    return DISPUTED if any(is_disputed(db, call_id, label) for label in names) else ""


def _software(db: Database, call_id: int) -> str:
    found = value(
        db, "SELECT provenance ->> 'software' FROM analysis WHERE call_id = ?", (call_id,)
    )
    return found or ""
