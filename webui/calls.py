"""The list of calls with its filters, one call to read and hear, and the button to do it again."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.response import Redirect, Template

from appliance import pipeline
from appliance.db import Database, writing
from appliance.facts import Fact, from_ms
from appliance.facts.analysis import Analysis
from appliance.facts.calls import Call, CallFilter, CallRow, Recording
from appliance.facts.codes import (
    INTENT_GROUPS,
    INTENTS,
    MISSED_STATES,
    OUTCOMES,
    RUBRIC_ITEMS,
    TURNAWAY_KINDS,
)
from appliance.facts.corrections import Correction
from appliance.facts.opinions import Opinion
from appliance.facts.reviews import Review
from appliance.facts.rubrics import OWN_QUESTION
from appliance.facts.speech import Segment, Transcript
from appliance.store import (
    agreement,
    analyses,
    calls,
    connectors,
    followups,
    judging,
    opinions,
    recordings,
    reviews,
    safety,
    saved,
    scores,
    transcripts,
    worklist,
)
from appliance.store.settings import get_settings, zone_of
from webui import narrow, show
from webui.corrections import correction_context
from webui.forms import Form
from webui.opinions import opinion_context
from webui.policy import Person, may, visible_extensions
from webui.security import Box, note, note_view, search_detail

PERIODS = (
    ("all", "All"),
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("week", "7 days"),
    ("dates", "Dates"),
)
TURNAWAYS = {
    "any",
    "lost",
    *TURNAWAY_KINDS,
    *(r for reasons in TURNAWAY_KINDS.values() for r in reasons),
}
ANSWERS = (
    ("answered", "Answered"),
    ("missed", "Missed"),
    ("waiting", "Missed, not reached since"),
    ("recovered", "Missed, reached within a day"),
    *((state, show.label(state)) for state in MISSED_STATES),
)
FOLLOWED = {"waiting", "recovered"}
REACHED_WITHIN_H = 24
CHOICES: dict[str, Any] = {
    "periods": PERIODS,
    "answers": ANSWERS,
    "intents": INTENT_GROUPS,
    "outcomes": OUTCOMES,
    "turnaways": TURNAWAY_KINDS,
    "narrowings": narrow.CHOSEN,
}
WORDS = ("q", "staff", "intent", "outcome", "turnaway", "answer", "opinion")
LONGEST_TEXT = 200
YEARS = range(1970, 2200)
CURSOR = re.compile(r"\d{1,14}\.\d{1,15}", re.ASCII)

Days = list[tuple[str, list[CallRow]]]
Turns = list[tuple[str, list[Segment]]]


class Chosen(Fact, frozen=True, kw_only=True):
    """The filters as they stand in the address; what makes no sense there is as if not chosen."""

    when: str = "all"
    day_from: date | None = None
    day_to: date | None = None
    q: str = ""
    staff: str = ""
    intent: str = ""
    outcome: str = ""
    turnaway: str = ""
    answer: str = ""
    more: dict[str, str] = {}
    opinion: str = ""  # differ

    def address(self) -> dict[str, str]:
        """The filters as parameters, defaults left out."""
        dates = {"from": self.day_from, "to": self.day_to} if self.when == "dates" else {}
        told = {
            "when": "" if self.when == "all" else self.when,
            **{name: day.isoformat() if day else "" for name, day in dates.items()},
            **{name: getattr(self, name) for name in WORDS},
            **self.more,
        }
        return {name: value for name, value in told.items() if value}


def read_chosen(query: Mapping[str, str]) -> Chosen:
    """The filters of an address."""

    def one_of(name: str, codes: set[str]) -> str:
        return query.get(name, "") if query.get(name) in codes else ""

    return Chosen(
        when=one_of("when", {name for name, _ in PERIODS}) or "all",
        day_from=_day(query.get("from", "")),
        day_to=_day(query.get("to", "")),
        q=show.straight(query.get("q", "")).strip()[:LONGEST_TEXT],
        staff=query.get("staff", "")[:40],
        intent=one_of("intent", set(INTENTS)),
        outcome=one_of("outcome", set(OUTCOMES)),
        turnaway=one_of("turnaway", TURNAWAYS),
        answer=one_of("answer", {code for code, _ in ANSWERS}),
        more=narrow.read_more(query),
        opinion=one_of("opinion", {"differ"}),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None  # midnights at the ends of time have no UTC


def as_filter(
    chosen: Chosen, zone: ZoneInfo, now: datetime, extensions: tuple[str, ...] | None
) -> CallFilter:
    """What the store is asked: whole days of the clinic's zone as half-open moments."""
    first, last = _days(chosen, now.astimezone(zone).date())
    begin, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone) if last else None
    within = REACHED_WITHIN_H
    return CallFilter(
        started_from=begin,
        started_before=end,
        staff=chosen.staff,
        intent=chosen.intent,
        outcome=chosen.outcome,
        turnaway=chosen.turnaway,
        text=chosen.q,
        answer_state="missed" if chosen.answer in FOLLOWED else chosen.answer,
        unrecovered_h=within if chosen.answer == "waiting" else 0,
        recovered_h=within if chosen.answer == "recovered" else 0,
        opinions_differ=chosen.opinion == "differ",
        extensions=extensions,
        **narrow.narrowed(chosen.more, zone, now, begin, end),
    )


def _days(chosen: Chosen, today: date) -> tuple[date | None, date | None]:
    yesterday = today - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "week": (today - timedelta(days=6), today),
        "dates": (chosen.day_from, chosen.day_to),
    }.get(chosen.when, (None, None))


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone).astimezone(UTC) if day else None


@get("/calls", name="calls_list", opt={"action": "list_calls"}, sync_to_thread=True)
def calls_list(
    request: Request[Any, Any, Any], db: Database, now: datetime, person: Person, box: Box
) -> Template:
    """The page, the list alone when a filter changed, or the rows alone when older ones follow."""
    chosen, zone = read_chosen(request.query_params), zone_of(get_settings(db).zone)
    before = request.query_params.get("before", "")
    before = before if CURSOR.fullmatch(before) else ""
    mine = visible_extensions(person.user)
    detail = search_detail(box.keys, chosen.q) if chosen.q else {}
    note_view(db, person, "list_calls", now=now, detail=detail)
    filters = as_filter(chosen, zone, now, mine)
    found, cursor = calls.list_calls(db, filters, before=before)
    part = request.headers.get("hx-target", "") if "hx-request" in request.headers else ""
    address = chosen.address()
    context = {
        "chosen": chosen, "filtered": bool(address), "rows": found, "zone": zone,
        "days": by_day(found, zone, now, before),
        "more": f"/calls?{urlencode({**address, 'before': cursor})}" if cursor else "",
        "counted": count_words(len(found), calls.count_list(db, filters) if cursor and address and not chosen.q else 0, bool(cursor)),
        "chips": list(narrow.chips(chosen.more, address)), "query": urlencode(address),
        "saved": saved.list_saved(db, person.user.id),
        "connected": bool(found) or bool(connectors.list_connectors(db)),
        "staff": calls.list_staff(db) if mine is None and not part else [],
        "advised": not part and opinions.has_opinions(db),
        **CHOICES,
    }  # fmt: skip
    template = {"list": "_calls_list.html", "more": "_calls_rows.html"}.get(part, "calls.html")
    pushed = {"HX-Push-Url": f"/calls?{urlencode(address)}" if address else "/calls"}
    return Template(template, context=context, headers=pushed if part == "list" else {})


def by_day(found: list[CallRow], zone: ZoneInfo, now: datetime, before: str) -> Days:
    """Rows under the heading of their day; no heading when the page before ended in that day."""
    grouped = groupby(found, key=lambda row: row.call.started_at.astimezone(zone).date())
    seen = from_ms(int(before.partition(".")[0])).astimezone(zone).date() if before else None
    days = [(day, list(rows)) for day, rows in grouped]
    return [
        ("" if day == seen else show.day(rows[0].call.started_at, zone, now), rows)
        for day, rows in days
    ]


def count_words(shown: int, whole: int, more: bool) -> str:
    """How many calls are listed; what is not shown is counted only where filters narrow it."""
    if whole:
        return f"{whole:,} calls, newest {shown} shown" if more else ""
    if more:
        return f"Newest {shown} calls"
    return f"{shown} call{'' if shown == 1 else 's'}" if shown else ""


@get("/calls/{ref:str}", name="call_view", opt={"action": "view_call"}, sync_to_thread=True)
def call_view(ref: str, db: Database, now: datetime, person: Person, fixed: str = "") -> Template:
    """One call: facts, player, transcript and what the software suggests."""
    note_view(db, person, "view_call", ref, now=now)
    call = calls.get_call_by_ref(db, ref)
    heard = recordings.list_recordings(db, call.id)
    transcript = transcripts.get_transcript(db, call.id)
    analysis = analyses.get_analysis(db, call.id)
    segments = transcript.segments if transcript else ()
    held = judging.standings(db, call.id)
    advice = opinion_context(db, call, now, person)
    fixes = correction_context(db, call, person, bool(fixed))
    context = {
        "call": call, "title": title_of(call, held), "recordings": heard,
        "zone": zone_of(get_settings(db).zone), "lanes": lanes_of(heard),
        "playable": next((r for r in heard if is_playable(r)), None),
        "transcript": transcript, "analysis": analysis,
        "staff_name": staff_of(call, analysis, fixes["renamed"]), "problems": problems_of(call, heard),
        "job_problem": calls.parked_reason(db, call.id),
        "work": worklist.item_of_call(db, call.id),
        "recovery": followups.recovered(db, call.id, REACHED_WITHIN_H),
        "attempts": followups.attempts(db, call.id) if may_see_all(person) else [],
        "turns": turns_of(segments), "starts": {s.index: s.start_ms for s in segments},
        "standings": held, "earlier": earlier_verdicts(db, call.id),
        "dangers": safety.items_of(db, call.id), "may_judge": may(person, "judge_call"),
        "rubric": rubric_of(analysis, held),
        "provenances": provenances_of(transcript, analysis, advice["opinion"]), **advice, **fixes,
        "scored": scores.get_score(db, call.id), "trial": agreement.trial_flags(db),
        "may_redo": may(person, "redo_call") and call.state != "found" and bool(heard),
    }  # fmt: skip
    return Template("call.html", context=context)


def earlier_verdicts(db: Database, call_id: int) -> dict[str, list[Review]]:
    """The verdicts that were put aside, by label, oldest first."""
    held = reviews.current(db, call_id)
    aside = [told for told in reviews.history(db, call_id) if told != held.get(told.name)]
    return {name: [told for told in aside if told.name == name] for name in {t.name for t in aside}}


def may_see_all(person: Person) -> bool:
    """Whether other people's calls may be named beside this one."""
    return visible_extensions(person.user) is None


def is_playable(recording: Recording) -> bool:
    """Whether there is sound to stream: received, decoded and not erased."""
    return bool(recording.file and recording.playable_type and recording.duration_ms)


def lanes_of(heard: list[Recording]) -> list[str]:
    """Who is heard on each channel of what is played; one name where the sides are mixed.

    Recordings of one side each were put side by side, in their order, when they were decoded.
    """
    channels = max((r.channels for r in heard if is_playable(r)), default=0)
    if channels < 2:
        return ["mixed"]
    maps = [recording.channel_map or {} for recording in heard]
    if len(maps) == channels and all(len(sides) == 1 for sides in maps):
        return [next(iter(sides.values())) for sides in maps]
    return [maps[0].get(str(channel), "unknown") for channel in range(channels)]


def title_of(call: Call, held: Mapping[str, judging.Standing]) -> str:
    """What the call was about, as far as anybody can tell."""
    if call.answer_state not in {"answered", "internal"}:
        return show.label(call.answer_state)
    if "intent" in held and held["intent"].holds != "unknown":
        return show.label(held["intent"].holds)
    return {"in": "Incoming call", "out": "Outgoing call"}.get(call.direction, "Call")


def staff_of(call: Call, analysis: Analysis | None, renamed: Correction | None) -> str:
    """Who took the call: by a person, named by the clinic, by the greeting, else the extension."""
    if renamed:
        return f"{renamed.value} (corrected by {renamed.by})"
    said = f"{analysis.staff_name} (from the greeting)" if analysis and analysis.staff_name else ""
    extension = f"Extension {call.staff_extension}" if call.staff_extension else ""
    return call.staff_name or said or extension


def problems_of(call: Call, heard: list[Recording]) -> list[str]:
    """What is wrong with the recordings or with what the phone system told, in plain words."""
    codes = [recording.problem for recording in heard if recording.problem]
    return list(dict.fromkeys(show.plain_problem(code) for code in (*codes, *call.warnings)))


def turns_of(segments: tuple[Segment, ...]) -> Turns:
    """Segments of one speaker in a row make a turn."""
    return [(who, list(said)) for who, said in groupby(segments, key=lambda s: s.speaker)]


def rubric_of(
    analysis: Analysis | None, held: Mapping[str, judging.Standing]
) -> list[tuple[str, list[str]]]:
    """Quality items by their state, in the order of the taxonomy, the clinic's own questions last."""
    own = {
        name.removeprefix("rubric."): standing.flag.value
        for name, standing in sorted(held.items())
        if name.startswith(f"rubric.{OWN_QUESTION}")
    }
    states = (analysis.rubric if analysis else {}) | own
    return [
        (state, [item for item in (*RUBRIC_ITEMS, *own) if states.get(item) == state])
        for state in ("not_met", "met", "cannot_tell", "na")
    ]


def provenances_of(
    transcript: Transcript | None, analysis: Analysis | None, opinion: Opinion | None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where words and labels come from."""
    sources = (("Transcript", transcript), ("Suggestions", analysis), ("Second opinion", opinion))
    return [(name, show.why_it_says_that(fact.provenance)) for name, fact in sources if fact]


@post("/calls/{ref:str}/redo", name="call_redo", opt={"action": "redo_call"}, sync_to_thread=True)
def call_redo(ref: str, db: Database, now: datetime, person: Person, data: Form) -> Redirect:
    """Walk the road again from transcribing or from analyzing."""
    start = data.get("start", "")
    with writing(db):
        pipeline.redo(db, calls.get_call_by_ref(db, ref).id, start, now=now)
        note(db, person, "redo_call", ref, now=now, detail={"from": start[:20]})
    return Redirect(f"/calls/{ref}", status_code=303)


FILTERS = show.FILTERS
ROUTES = [calls_list, call_view, call_redo]
