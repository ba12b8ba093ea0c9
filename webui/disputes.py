"""Disputes: what staff say against a verdict, and the leader's answer that they get to read."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.store import calls, judging, replies
from appliance.store.replies import Verdict
from webui.clips import clip_of
from webui.forms import Form
from webui.policy import Person
from webui.reviews import read_decision, tabs_of
from webui.security import note, note_view


@get("/review/disputes", name="disputes_show", opt={"action": "view_review"}, sync_to_thread=True)
def disputes_show(db: Database, now: datetime, person: Person) -> Template:
    """Disputes that wait, and those answered last."""
    note_view(db, person, "view_review", "disputes", now=now)
    context = {
        **tabs_of(db, "disputes"), "now": now,
        "waiting": [entry_of(db, verdict) for verdict in replies.list_disputes(db)],
        "settled": replies.list_settled(db),
    }  # fmt: skip
    return Template("disputes.html", context=context)


def entry_of(db: Database, verdict: Verdict) -> dict[str, Any]:
    """A dispute with the place in the call it is about."""
    standing = judging.standing_of(db, verdict.call_id, verdict.name)
    flag = standing.flag
    return {
        "verdict": verdict,
        "standing": standing,
        "call": calls.get_call(db, verdict.call_id),
        "clip": clip_of(db, verdict.call_id, flag.first_segment, flag.last_segment),
    }


@post(
    "/calls/{ref:str}/dispute", name="dispute_settle", opt={"action": "settle_dispute"},
    sync_to_thread=True,
)  # fmt: skip
def dispute_settle(ref: str, db: Database, now: datetime, person: Person, data: Form) -> Redirect:
    """Uphold the verdict or put another in its place, with the reason."""
    call = calls.get_call_by_ref(db, ref)
    verdict = replies.get_verdict(db, number_in(data), call.id)
    decision = read_decision({**data, "name": verdict.name}, person)
    try:
        with writing(db):
            changed = judging.settle_dispute(db, verdict, decision, now=now)
            if not changed:
                told = {"label": verdict.name, "verdict": decision.verdict}
                note(db, person, "settle_dispute", ref, now=now, detail=told)
    except Refused as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    if changed:
        raise HTTPException(status_code=409, detail=changed)
    return Redirect("/review/disputes", status_code=303)


def number_in(data: Form) -> int:
    """The number of the verdict in a form; 0, which is nobody's, where it is none."""
    text = data.get("verdict_id", "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


ROUTES = [disputes_show, dispute_settle]
