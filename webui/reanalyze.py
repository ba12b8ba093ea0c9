"""Reading many calls again after a change of rules: a preview first, then for good, and what changed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Redirect, Template

from appliance import pipeline, queue
from appliance.db import Database, writing
from appliance.errors import Misconfigured, Refused
from appliance.facts.codes import CRITICAL_ITEMS, INTENT_GROUPS, INTENTS
from appliance.facts.reanalyses import (
    APPLY,
    DONE,
    FROM_SOUND,
    FROM_WORDS,
    PREVIEW,
    Choice,
    Counted,
    Run,
)
from appliance.reading.comparing import by_field, expect, in_order
from appliance.store import calls, reanalyses, reanalysis_calls, reanalysis_changes, rubrics
from appliance.store.lost import WORTH_CALLING
from appliance.store.settings import get_settings, zone_of
from webui import reanalyze_words
from webui.policy import Person
from webui.security import note, note_view

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Code = Annotated[str, Parameter(max_length=120)]
Cursor = Annotated[int, Parameter(ge=1, le=2**62)]
HERE: Final = "/settings/reanalyze"
DONE_AS: Final = {"pause": "pause_reanalysis", "resume": "resume_reanalysis",
                  "stop": "stop_reanalysis"}  # fmt: skip
FIRST_DAY: Final = date(2000, 1, 1)


@get(HERE, name="reanalyze_show", opt={"action": "reanalyze"}, sync_to_thread=True)
def reanalyze_show(db: Database, now: datetime) -> Template:
    """Which calls to read again, and the runs before."""
    return _page(db, now)


def _page(
    db: Database, now: datetime, *, problem: str = "", typed: Mapping[str, str] | None = None
) -> Template:
    other, earlier = reanalysis_calls.count_other(db)
    filled = {"period": "90", "start": FROM_WORDS} | dict(typed or {})
    context = {
        "problem": problem, "filled": filled, "periods": reanalyze_words.PERIODS,
        "groups": INTENT_GROUPS, "lines": reanalysis_calls.list_lines(db, now=now),
        "other": other, "earlier": earlier, "most": reanalysis_calls.MOST_COUNTED, "going": reanalyses.find_open(db),
        "runs": reanalyses.list_runs(db), "zone": zone_of(get_settings(db).zone), "now": now,
        "sample": reanalysis_calls.SAMPLE, "worth_days": WORTH_CALLING.days,
        "kept_days": reanalyses.KEPT.days,
    }  # fmt: skip
    return Template("reanalyze.html", context=context, status_code=400 if problem else 200)


@post(HERE, name="reanalyze_preview", opt={"action": "reanalyze"}, sync_to_thread=True)
def reanalyze_preview(
    data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Begin to look at what would change."""
    today = now.astimezone(zone_of(get_settings(db).zone)).date()
    try:
        choice = read_choice(data, today)
        with writing(db):
            run = pipeline.preview_many(db, choice, person.user.name, now=now)
            _note(db, person, "preview_reanalysis", run, now)
    except (Misconfigured, Refused) as error:
        return _page(db, now, problem=str(error), typed=data)
    return _to(run.id)


def read_choice(data: Mapping[str, str], today: date) -> Choice:
    """The calls a person chose; raises Misconfigured with what is wrong."""
    since, until = _read_period(data, today)
    line, intent, start = (data.get(name, "").strip() for name in ("line", "intent", "start"))
    if intent not in ("", *INTENTS) or len(line) > 40 or not line.isprintable():
        raise Misconfigured("choose the reason and the line from their lists")
    if start not in (FROM_WORDS, FROM_SOUND):
        raise Misconfigured("choose whether calls are read again or listened to again")
    return Choice(
        since=since, until=until, other="other" in data, line=line, intent=intent, start=start
    )


def _read_period(data: Mapping[str, str], today: date) -> tuple[str, str]:
    period = data.get("period", "")
    if period not in reanalyze_words.PERIODS:
        raise Misconfigured("choose from when calls are read again")
    if period == "all":
        return "", ""
    if period != "dates":
        return (today - timedelta(days=int(period) - 1)).isoformat(), ""
    first, last = _read_day(data, "from"), _read_day(data, "to")
    if first > last:
        raise Misconfigured("the first day lies behind the last one; swap them")
    return first.isoformat(), last.isoformat()


def _read_day(data: Mapping[str, str], name: str) -> date:
    try:
        day = date.fromisoformat(data.get(name, ""))
    except ValueError:
        raise Misconfigured("give the first and the last day") from None
    if not FIRST_DAY <= day <= date(2200, 1, 1):
        raise Misconfigured("choose days that have been")
    return day


@get(f"{HERE}/{{number:int}}", name="reanalysis_show", opt={"action": "reanalyze"},
     sync_to_thread=True)  # fmt: skip
def reanalysis_show(number: int, db: Database, now: datetime) -> Template:
    """One run: how far it is, what changes, and what can be done with it."""
    return Template("reanalysis.html", context=_tell(db, number, now))


@get(f"{HERE}/{{number:int}}/now", name="reanalysis_now", opt={"action": "reanalyze", "poll": True},
     sync_to_thread=True)  # fmt: skip
def reanalysis_now(number: int, db: Database, now: datetime) -> Template:
    """The part that renews itself; when the run is over, the whole page is asked for once more."""
    context = _tell(db, number, now)
    over = {} if context["run"].is_open else {"HX-Refresh": "true"}
    return Template("_reanalysis_now.html", context=context, headers=over)


def _tell(db: Database, number: int, now: datetime, problem: str = "") -> dict[str, Any]:
    run = reanalyses.get_run(db, number)
    rubric = rubrics.get_rubric(db)
    critical = {item.name for item in rubric.items if item.critical} | set(CRITICAL_ITEMS)
    return {
        "run": run, "now": now, "zone": zone_of(get_settings(db).zone), "problem": problem,
        "groups": by_field(run.table, critical), "expected": expect(run),
        "stuck": queue.parked_error(db, run.chore, run.id) if run.is_open else "",
        "same_rules": run.rules == reanalysis_calls.rules_of(db),
        "other": reanalyses.find_open(db), "worth_days": WORTH_CALLING.days,
        "may_apply": run.kind == PREVIEW and run.state == DONE and run.whole > 0,
    }  # fmt: skip


@post(f"{HERE}/{{number:int}}/apply", name="reanalysis_apply", opt={"action": "reanalyze"},
      sync_to_thread=True)  # fmt: skip
def reanalysis_apply(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Do what a preview showed, once a person has agreed to the number of calls."""
    reanalyses.get_run(db, number)
    seen = data.get("seen", "")
    try:
        if "agreed" not in data or not seen.isdecimal() or len(seen) > 9:
            raise Refused("tick that these calls are to be read again")
        with writing(db):
            run = reanalyses.begin_apply(db, number, person.user.name, seen=int(seen), now=now)
            pipeline.redo_many(db, run, now=now)
            _note(db, person, "start_reanalysis", run, now)
    except Refused as error:
        return _refuse(db, number, now, error)
    return _to(run.id)


@post(f"{HERE}/{{number:int}}/steer", name="reanalysis_steer", opt={"action": "reanalyze"},
      sync_to_thread=True)  # fmt: skip
def reanalysis_steer(
    number: int, data: Form, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Pause, resume or stop a run."""
    reanalyses.get_run(db, number)
    to = data.get("to", "")
    try:
        with writing(db):
            run = pipeline.steer_many(db, number, to, now=now)
            _note(db, person, DONE_AS[to], run, now)
    except Refused as error:
        return _refuse(db, number, now, error)
    return _to(number)


def _refuse(db: Database, number: int, now: datetime, error: Refused) -> Template:
    context = _tell(db, number, now, str(error))
    return Template("reanalysis.html", context=context, status_code=409)


def _to(number: int) -> Redirect:
    return Redirect(f"{HERE}/{number}", status_code=303)


def _note(db: Database, person: Person, action: str, run: Run, now: datetime) -> None:
    """Which calls by dates alone, and how far it was; no line, no words."""
    choice = run.choice
    detail = {"since": choice.since, "until": choice.until, "from": choice.start,
              "done": str(run.done)}  # fmt: skip
    note(db, person, action, f"run {run.id}", now=now, detail=detail)


@get(f"{HERE}/{{number:int}}/calls", name="reanalysis_calls", opt={"action": "reanalyze"},
     sync_to_thread=True)  # fmt: skip
def reanalysis_calls_list(
    number: int, db: Database, now: datetime, person: Person, field: Code = "", was: Code = "",
    becomes: Code = "", before: Cursor = 2**62,
) -> Template:  # fmt: skip
    """The calls that change in one way, or all that change."""
    run = reanalyses.get_run(db, number)
    note_view(db, person, "view_reanalysis", f"run {number}", now=now)
    kind = Counted(field, was, becomes)
    if field:
        found, older = reanalysis_changes.list_alike(db, number, kind, before=before)
    else:
        found, older = reanalysis_changes.list_calls(db, number, before=before)
    context = {
        "run": run, "kind": kind, "found": found, "older": older, "now": now,
        "zone": zone_of(get_settings(db).zone),
    }  # fmt: skip
    return Template("reanalysis_calls.html", context=context)


@get(f"{HERE}/{{number:int}}/calls/{{ref:str}}", name="reanalysis_call",
     opt={"action": "reanalyze"}, sync_to_thread=True)  # fmt: skip
def reanalysis_call(number: int, ref: str, db: Database, now: datetime, person: Person) -> Template:
    """One call: before and after, side by side."""
    run, call = reanalyses.get_run(db, number), calls.get_call_by_ref(db, ref)
    note_view(db, person, "view_reanalysis", ref, now=now)
    changes = reanalysis_changes.list_changes(db, number, call.id)
    context = {
        "run": run, "call": call, "changes": in_order(changes), "zone": zone_of(get_settings(db).zone),
        "applied": run.kind == APPLY,
    }  # fmt: skip
    return Template("reanalysis_call.html", context=context)


FILTERS = reanalyze_words.FILTERS
ROUTES = [
    reanalyze_show, reanalyze_preview, reanalysis_show, reanalysis_now, reanalysis_apply,
    reanalysis_steer, reanalysis_calls_list, reanalysis_call,
]  # fmt: skip
