"""Analyze: what the call was about, how it ended, and whether care was turned away."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.analysis import Analysis, CallContext
from appliance.facts.calls import Call
from appliance.reading import read
from appliance.store import analyses, calls, transcripts
from appliance.store.settings import ClinicSettings, get_settings
from appliance.tools import Tools

LANE = "chores"


class Analyzed(Fact, frozen=True, kw_only=True):
    """The reading of a call, and whether it came outside opening hours."""

    call_id: int
    analysis: Analysis
    after_hours: bool | None


def work(db: Database, tools: Tools, call_id: int) -> Analyzed:
    """Read the words of a call beside the facts the phone system told."""
    call = calls.get_call(db, call_id)
    clinic = get_settings(db)
    transcript = transcripts.get_transcript(db, call_id)
    after_hours = is_after_hours(call.started_at, clinic)
    return Analyzed(
        call_id=call_id,
        analysis=read(
            transcript.segments if transcript else (),
            _context(call, clinic, after_hours, tuple(n for _, n in calls.list_staff(db))),
            tools.sense(),
        ),
        after_hours=after_hours,
    )


def _context(
    call: Call, clinic: ClinicSettings, after_hours: bool | None, staff: tuple[str, ...]
) -> CallContext:
    names = (clinic.clinic_name, *clinic.clinic_names)
    return CallContext(
        direction=call.direction,
        answer_state=call.answer_state,
        ring_s=None if call.ring_ms is None else call.ring_ms / 1000,
        after_hours=after_hours,
        clinic_names=tuple(name for name in names if name),
        staff_names=tuple(name for name in staff if not name.isdigit()),
    )


def is_after_hours(moment: datetime, clinic: ClinicSettings) -> bool | None:
    """Whether a moment lies outside the opening hours; None where they are not told."""
    if not clinic.hours:
        return None
    try:
        local = moment.astimezone(ZoneInfo(clinic.zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    hours = clinic.hours.get(str(local.weekday()))
    return hours is None or not hours[0] <= local.strftime("%H:%M") < hours[1]


def save(db: Database, analyzed: Analyzed, now: datetime) -> bool:
    """Put the analysis in place of what was there."""
    analyses.save_analysis(db, analyzed.call_id, analyzed.analysis, now=now)
    calls.set_after_hours(db, analyzed.call_id, analyzed.after_hours)
    calls.set_state(db, analyzed.call_id, "analyzed", now=now)
    return True
