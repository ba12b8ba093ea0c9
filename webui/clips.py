"""The place in a call that a suggestion rests on: a few sentences and the sound of just those."""

from datetime import datetime

from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.speech import Segment
from appliance.store.recordings import list_recordings
from appliance.store.transcripts import quote
from webui.calls import is_playable

AROUND = 2  # sentences before and after
AROUND_MS = 1000
LONGEST = 12  # sentences; what rests on more is heard on the page of the call


class Clip(Fact, frozen=True, kw_only=True):
    """Sentences, each with whether it is evidence; where to play, in ms, and of which recording.

    Empty where the suggestion names no place; ``recording`` is "" where no sound is to be had.
    """

    first: int | None = None
    last: int | None = None
    lines: tuple[tuple[Segment, bool], ...] = ()
    recording: str = ""
    from_ms: int = 0
    to_ms: int = 0


def clip_of(db: Database, call_id: int, first: int | None, last: int | None) -> Clip:
    """The clip of the sentences first to last of a call."""
    if first is None or last is None:
        return Clip()
    last = max(first, min(last, first + LONGEST - 1))
    said = quote(db, call_id, first - AROUND, last + AROUND)
    evidence = [s for s in said if first <= s.index <= last]
    sound = next((r for r in list_recordings(db, call_id) if is_playable(r)), None)
    if not evidence:
        return Clip()
    return Clip(
        first=first,
        last=last,
        lines=tuple((s, first <= s.index <= last) for s in said),
        recording=sound.ref if sound else "",
        from_ms=max(0, min(s.start_ms for s in evidence) - AROUND_MS),
        to_ms=max(s.end_ms for s in evidence) + AROUND_MS,
    )


def within(first: datetime, until: datetime) -> int:
    """Whole days left until a moment, a begun one counted; 0 when it is over."""
    seconds = (until - first).total_seconds()
    return max(0, -int(-seconds // 86_400))
