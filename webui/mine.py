"""My reviews: what was said of one's own calls, and the right to answer it within some days."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.reading.flags import SAFETY_OF_RUBRIC
from appliance.reading.verdicts import counts_against
from appliance.store import calls, flags, pending, replies
from appliance.store.pending import PendingFilter
from appliance.store.replies import Verdict
from appliance.store.settings import (
    ReviewRules,
    get_review_rules,
    get_settings,
    save_review_rules,
    zone_of,
)
from webui.clips import clip_of, within
from webui.disputes import number_in
from webui.forms import Form
from webui.policy import Person, visible_extensions
from webui.security import note, note_view

SUGGESTED = 20
LONGEST_WINDOW = 90  # days


@get("/mine", name="mine_show", opt={"action": "view_mine"}, sync_to_thread=True)
def mine_show(db: Database, now: datetime, person: Person) -> Template:
    """Verdicts on one's own calls, those to answer first, and what waits for a verdict."""
    note_view(db, person, "view_mine", now=now)
    desks = visible_extensions(person.user) or ()
    days = get_review_rules(db).reply_days
    told = [v for v in replies.list_verdicts(db, desks) if is_told(v)]
    to_answer = [v for v in told if v.may_reply(now, days) and counts_against(v.name, v.value)]
    asked = PendingFilter(extensions=desks)
    context = {
        "to_answer": [entry_of(db, v, now, days) for v in to_answer],
        "others": [(v, within(now, v.until(days))) for v in told if v not in to_answer],
        "suggested": pending.list_pending(db, asked, limit=SUGGESTED)[0] if desks else [],
        "zone": zone_of(get_settings(db).zone), "now": now, "days": days, "linked": bool(desks),
    }  # fmt: skip
    return Template("mine.html", context=context)


def is_told(verdict: Verdict) -> bool:
    """Whether staff read it: not what is told already in the other words of a safety flag."""
    twin = verdict.name.removeprefix("rubric.") in SAFETY_OF_RUBRIC
    answered = bool(verdict.replies)
    judged = verdict.name.startswith(("rubric.", "safety.")) or verdict.name == "turnaway"
    return answered or (judged and not twin)


def entry_of(db: Database, verdict: Verdict, now: datetime, days: int) -> dict[str, Any]:
    """A verdict with the place in the call it is about, and how long it may be answered."""
    flag = next((f for f in flags.list_flags(db, verdict.call_id) if f.name == verdict.name), None)
    first, last = (flag.first_segment, flag.last_segment) if flag else (None, None)
    return {
        "verdict": verdict,
        "clip": clip_of(db, verdict.call_id, first, last),
        "until": verdict.until(days),
        "left": within(now, verdict.until(days)),
    }


@post(
    "/calls/{ref:str}/reply", name="verdict_reply", opt={"action": "reply_to_verdict"},
    sync_to_thread=True,
)  # fmt: skip
def verdict_reply(ref: str, db: Database, now: datetime, person: Person, data: Form) -> Redirect:
    """Acknowledge a verdict or dispute it."""
    call, what = calls.get_call_by_ref(db, ref), data.get("what", "")
    days, by = get_review_rules(db).reply_days, person.user.name
    try:
        with writing(db):
            verdict = replies.get_verdict(db, number_in(data), call.id)
            replies.reply(db, verdict, what, data.get("text", ""), by, now=now, days=days)
            told = {"label": verdict.name, "what": what}
            note(db, person, "reply_to_verdict", ref, now=now, detail=told)
    except Refused as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    return Redirect("/mine", status_code=303)


@get(
    "/settings/review", name="review_rules_show", opt={"action": "change_review_rules"},
    sync_to_thread=True,
)  # fmt: skip
def review_rules_show(db: Database, saved: str = "") -> Template:
    """The rules as they are set."""
    days = str(get_review_rules(db).reply_days)
    context = {"days": days, "problem": "", "saved": bool(saved), "longest": LONGEST_WINDOW}
    return Template("review_rules.html", context=context)


@post(
    "/settings/review", name="review_rules_save", opt={"action": "change_review_rules"},
    sync_to_thread=True,
)  # fmt: skip
def review_rules_save(
    data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Put them in force; what was typed stays on the page when something is wrong with it."""
    typed = data.get("reply_days", "").strip()
    if not (
        typed.isascii()
        and typed.isdecimal()
        and len(typed) < 4
        and 1 <= int(typed) <= LONGEST_WINDOW
    ):
        problem = f"give a whole number of days from 1 to {LONGEST_WINDOW}"
        context = {"days": typed, "problem": problem, "saved": False, "longest": LONGEST_WINDOW}
        return Template("review_rules.html", context=context, status_code=400)
    with writing(db):
        rules: ReviewRules = msgspec.structs.replace(get_review_rules(db), reply_days=int(typed))
        save_review_rules(db, rules)
        note(db, person, "change_review_rules", "review", now=now, detail={"days": typed})
    return Redirect("/settings/review?saved=1", status_code=303)


ROUTES = [mine_show, verdict_reply, review_rules_show, review_rules_save]
