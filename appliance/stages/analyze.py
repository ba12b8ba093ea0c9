"""Analyze: what the call was about, how it ended, and whether care was turned away."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.analysis import Analysis, CallContext, KnownNames
from appliance.facts.calls import Call
from appliance.facts.speech import Segment
from appliance.reading import read
from appliance.reading.hearing import Sense
from appliance.store import analyses, calls, corrections, transcripts, vocabulary
from appliance.store.settings import ClinicSettings, get_settings, note_encoder
from appliance.tools import Tools

LANE = "chores"
_STAFF = ("doctors", "staff")  # groups of the vocabulary
_THINGS = ("drugs", "other")  # of the vocabulary; pets are names
_TITLE = re.compile(r"^(dr|doctor)\b\.?|,? (dvm|vmd)$", re.IGNORECASE)


class Analyzed(Fact, frozen=True, kw_only=True):
    """The reading of a call, and whether it came outside opening hours."""

    call_id: int
    analysis: Analysis
    after_hours: bool | None


def work(db: Database, tools: Tools, call_id: int) -> Analyzed:
    """Read the words of a call beside the facts the phone system told."""
    transcript = transcripts.get_transcript(db, call_id)
    segments = transcript.segments if transcript else ()
    call, clinic = calls.get_call(db, call_id), get_settings(db)
    return read_call(call, segments, clinic, known_names(db), tools.sense())


def known_names(db: Database) -> KnownNames:
    """Who may be named in a greeting (by extension, vocabulary, correction), and what is no name."""
    by_desk = (name for _, name in calls.list_staff(db) if not name.isdigit())
    told = (bare_name(name) for group in _STAFF for name in vocabulary.list_names(db, group))
    staff = dict.fromkeys((*by_desk, *told, *corrections.list_staff_names(db)))
    things = (term for group in _THINGS for term in vocabulary.list_names(db, group))
    return KnownNames(staff=tuple(staff), vocabulary=tuple(things))


def read_call(
    call: Call,
    segments: Sequence[Segment],
    clinic: ClinicSettings,
    known: KnownNames,
    sense: Sense | None,
) -> Analyzed:
    """The reading of one call; changes nothing."""
    after_hours = is_after_hours(call.started_at, clinic)
    analysis = read(segments, _context(call, clinic, after_hours, known), sense)
    return Analyzed(call_id=call.id, analysis=analysis, after_hours=after_hours)


def bare_name(name: str) -> str:
    """A doctor's name as it is said at the telephone, without the title."""
    return _TITLE.sub("", name).strip() or name


def _context(
    call: Call, clinic: ClinicSettings, after_hours: bool | None, known: KnownNames
) -> CallContext:
    names = (clinic.clinic_name, *clinic.clinic_names)
    return CallContext(
        direction=call.direction,
        answer_state=call.answer_state,
        ring_s=None if call.ring_ms is None else call.ring_ms / 1000,
        after_hours=after_hours,
        clinic_names=tuple(name for name in names if name),
        staff_names=known.staff,
        caller_names=(call.caller_name,) if call.caller_name else (),
        vocabulary=known.vocabulary,
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
    note_encoder(db, analyzed.analysis.provenance.checksum)
    calls.set_after_hours(db, analyzed.call_id, analyzed.after_hours)
    calls.set_state(db, analyzed.call_id, "analyzed", now=now)
    return True
