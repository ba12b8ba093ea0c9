"""Attribute: tell who speaks in each segment, or leave it unknown."""

from collections.abc import Sequence
from datetime import datetime

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.calls import Recording
from appliance.reading.attribution import attribute
from appliance.store import calls, corrections, recordings, transcripts
from appliance.tools import Tools

LANE = "chores"


class Attributed(Fact, frozen=True, kw_only=True):
    """Who speaks: {segment index: (speaker, how it is known)}."""

    call_id: int
    speakers: dict[int, tuple[str, str]]


def work(db: Database, tools: Tools, call_id: int) -> Attributed:
    """By channel or leg where the phone system kept the voices apart, else by words."""
    return find_speakers(db, call_id)


def find_speakers(db: Database, call_id: int) -> Attributed:
    """Who speaks in each segment of a call; changes nothing."""
    transcript = transcripts.get_transcript(db, call_id)
    if transcript is None:
        return Attributed(call_id=call_id, speakers={})
    sides, why = channel_map(recordings.list_recordings(db, call_id))
    return Attributed(call_id=call_id, speakers=attribute(transcript.segments, sides, why=why))


def channel_map(takes: Sequence[Recording]) -> tuple[dict[str, str] | None, str]:
    """Who is heard on which channel of the call's sound, and how that is known."""
    heard = [r for r in takes if r.file and not r.problem]
    if len(heard) > 1:
        sides = [tuple((r.channel_map or {}).values()) for r in heard]
        if all(len(s) == 1 for s in sides) and len(set(sides)) == len(sides):
            return {str(number): s[0] for number, s in enumerate(sides)}, "leg"
    if not heard or any(r.channel_map != heard[0].channel_map for r in heard):
        return None, ""
    if heard[0].channels < len(heard[0].channel_map or {}):  # mono, whatever was announced
        return None, ""
    return heard[0].channel_map, "channel"


def save(db: Database, attributed: Attributed, now: datetime) -> bool:
    """Write the speakers to the segments."""
    transcripts.save_speakers(db, attributed.call_id, attributed.speakers)
    corrections.settle_transcript(db, attributed.call_id)
    calls.set_state(db, attributed.call_id, "attributed", now=now)
    return True
