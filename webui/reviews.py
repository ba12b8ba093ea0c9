"""The review queue: software suggests, a person confirms, corrects or rejects, one flag at a time."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import NotFound, Refused
from appliance.facts import Fact
from appliance.facts.codes import RUBRIC_ITEMS
from appliance.facts.rubrics import OWN_QUESTION
from appliance.reading.flags import SAFETY_OF_RUBRIC
from appliance.reading.verdicts import choices_of
from appliance.store import agreement, analyses, calls, judging, pending, replies
from appliance.store.judging import Decision
from appliance.store.pending import PendingFilter
from appliance.store.settings import get_settings, zone_of
from webui import judge_words, show
from webui.clips import clip_of
from webui.forms import Form
from webui.policy import Person
from webui.security import note, note_view

PERIODS = (
    ("week", "Last 7 days"),
    ("month", "Last 30 days"),
    ("weeks", "Last 12 weeks"),
    ("all", "All calls"),
)
DAYS = {"week": 7, "month": 30, "weeks": 84}
WHAT = (
    ("", "Everything"),
    ("safety", "Safety"),
    ("turnaway", "Turned away"),
    ("not_met", "Not met"),
)
BACK = re.compile(r"/(review|mine|calls/[0-9a-f]{16})[\w/?=&.~#%+-]{0,400}", re.ASCII)

Asked = Request[Any, Any, Any]


class Chosen(Fact, frozen=True, kw_only=True):
    """What of the queue is shown, as it stands in the address."""

    tab: str = ""
    when: str = "week"
    staff: str = ""
    what: str = ""

    def address(self, **more: str) -> str:
        """The address of the page with these filters."""
        told = {"tab": self.tab, "when": self.when, "staff": self.staff, "what": self.what, **more}
        usual = {"when": "week"}
        query = urlencode({n: v for n, v in told.items() if v and v != usual.get(n)}, safe="~")
        return f"/review?{query}" if query else "/review"

    def asked(self, now: datetime) -> PendingFilter:
        """What the store is asked."""
        days = DAYS.get(self.when)
        return PendingFilter(
            what=self.what,
            extensions=(self.staff,) if self.staff else None,
            started_from=now - timedelta(days=days) if days else None,
            care=self.tab == "care",
        )


def read_chosen(query: Mapping[str, str]) -> Chosen:
    """The filters of an address; what makes no sense there is as if not chosen."""
    when, what = query.get("when", ""), query.get("what", "")
    return Chosen(
        tab="care" if query.get("tab") == "care" else "",
        when=when if when in dict(PERIODS) else "week",
        staff=query.get("staff", "")[:40],
        what=what if what in dict(WHAT) or choices_of(what) else "",
    )


@get("/review", name="review_show", opt={"action": "view_review"}, sync_to_thread=True)
def review_show(request: Asked, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """What waits, and the card of one of them."""
    query = request.query_params
    if query.get("tab") in ("safety", "disputes"):
        return Redirect(f"/review/{query['tab']}", status_code=303)
    chosen = read_chosen(query)
    stack, more = pending.list_pending(db, chosen.asked(now), after=query.get("after", ""))
    first = f"{stack[0].ref}~{stack[0].name}" if stack else ""
    ref, _, name = (query.get("item") or first).partition("~")
    note_view(db, person, "view_review", ref[:16], now=now)
    done, total = pending.count_flags(db, chosen.asked(now))
    context = {
        **tabs_of(db, "care" if chosen.tab else "queue"), "chosen": chosen, "stack": stack,
        "more": chosen.address(after=more) if more else "", "done": done, "total": total,
        "card": card_of(db, ref, name) if name else None, "item": f"{ref}~{name}",
        "trial": agreement.trial_flags(db),
        "kept": query.get("done", ""), "staff": calls.list_staff(db), "flags": flags_to_choose(person),
        "periods": PERIODS, "whats": WHAT, "now": now, "back": chosen.address(),
    }  # fmt: skip
    return Template("review.html", context=context)


def tabs_of(db: Database, here: str) -> dict[str, Any]:
    """What all pages of reviewing show."""
    return {
        "here": here,
        "disputes": replies.count_disputes(db),
        "zone": zone_of(get_settings(db).zone),
    }


def flags_to_choose(person: Person) -> list[tuple[str, str]]:
    """The single flags to narrow the queue to, apart from those that Safety and Turned away are."""
    own = [item for item in person.rubric_words if item.startswith(OWN_QUESTION)]
    items = [item for item in (*RUBRIC_ITEMS, *own) if item not in SAFETY_OF_RUBRIC]
    names = [*SAFETY_OF_RUBRIC.values(), *(f"rubric.{item}" for item in items)]
    return [(name, judge_words.flag_label(name, person.rubric_words)) for name in names]


def card_of(db: Database, ref: str, name: str) -> dict[str, Any] | None:
    """What the card of one flag shows; None where there is nothing to judge any more."""
    try:
        call = calls.get_call_by_ref(db, ref)
        held = judging.standings(db, call.id)
        standing = held[name]
    except (NotFound, KeyError):
        return None
    flag, analysis = standing.flag, analyses.get_analysis(db, call.id)
    return {
        "call": call,
        "standing": standing,
        "clip": clip_of(db, call.id, flag.first_segment, flag.last_segment),
        "facts": [(n, held[n].holds) for n in ("intent", "outcome", "urgency") if n in held],
        "staff": call.staff_name or (analysis.staff_name or "" if analysis else ""),
        "why": show.why_it_says_that(analysis.provenance) if analysis else [],
    }


@post(
    "/calls/{ref:str}/review", name="call_judge", opt={"action": "judge_call"}, sync_to_thread=True
)
def call_judge(
    ref: str, request: Asked, db: Database, now: datetime, person: Person, data: Form
) -> Redirect:
    """Keep a verdict on one label of a call."""
    call = calls.get_call_by_ref(db, ref)
    decision = read_decision(data, person)
    try:
        with writing(db):
            changed = judging.decide(db, call.id, decision, now=now)
            if not changed:
                told = {"label": decision.name, "verdict": decision.verdict}
                note(db, person, "judge_call", ref, now=now, detail=told)
    except Refused as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    if changed:
        raise HTTPException(status_code=409, detail=changed)
    return Redirect(back_to(request, data, ref, decision.name), status_code=303)


@post(
    "/calls/{ref:str}/review/undo", name="call_unjudge", opt={"action": "judge_call"},
    sync_to_thread=True,
)  # fmt: skip
def call_unjudge(
    ref: str, request: Asked, db: Database, now: datetime, person: Person, data: Form
) -> Redirect:
    """Take a verdict back; what software said holds again, and the verdict stays in the history."""
    call, name = calls.get_call_by_ref(db, ref), data.get("name", "")
    with writing(db):
        changed = judging.take_back(db, call.id, name, data.get("seen", ""))
        if not changed:
            note(db, person, "undo_verdict", ref, now=now, detail={"label": name})
    if changed:
        raise HTTPException(status_code=409, detail=changed)
    return Redirect(back_to(request, data, ref, name), status_code=303)


def read_decision(data: Mapping[str, str], person: Person) -> Decision:
    """The verdict a person sent."""
    return Decision(
        name=data.get("name", ""),
        verdict=data.get("verdict", ""),
        chosen=data.get("value", ""),
        reason=data.get("reason", ""),
        seen=data.get("seen", ""),
        by=person.user.name,
    )


def back_to(request: Asked, data: Mapping[str, str], ref: str, name: str) -> str:
    """Where the person came from: with the same card for a script, which goes on by itself."""
    back = data.get("back", "")
    back = back if BACK.fullmatch(back) else f"/calls/{ref}"
    if not (back == "/review" or back.startswith("/review?")):
        return back
    told = "item" if "hx-request" in request.headers else "done"
    return f"{back}{'&' if '?' in back else '?'}{told}={ref}~{name}"


FILTERS = judge_words.FILTERS
ROUTES = [review_show, call_judge, call_unjudge]
