"""Who speaks: by channel where the phone system kept the voices apart, by words where it did not.

Channels are exact. In a mono mix only what a turn says can tell; where it does not, the segment
stays ``unknown``, because a wrong speaker is worse than none.
"""

import re
from collections.abc import Mapping, Sequence

from appliance.facts.speech import Segment

Speaker = tuple[str, str]  # (speaker, how it is known)

_ANNOUNCEMENT = re.compile(
    r"\b(this|your) call (may|will) be (recorded|monitored)|\bpress (one|two|zero|\d)\b"
    r"|\bplease (stay on the line|hold for the next)|\bleave (us )?a message\b|\bafter the (tone|beep)\b"
    r"|\bour (office|clinic) is (now |currently )?closed\b"
)
_GREETING = re.compile(
    r"\bthank(s| you) for calling (?!last|me|back|us\b)\w|\bthis is \w+,? (how|what) (can|may) i\b"
    r"|\bhow (can|may) i (help|make)\b|\bwhat can i do for you\b"
    r"|\b(hospital|clinic|vet|veterinary|group|care),? (this is )?\w+ speaking\b"
    r"|\b(hospital|clinic|group),? this is \w+\b"
)
_STAFF_TURN = re.compile(
    r"\bwe (have|can|could|do not have|don't have|are (fully )?booked|open at|close at) (you|an?|the|one)\b"
    r"|\b(can|may) i (get (your|a|the)|put you|place you|have your)\b|\blet me (check|look|see|pull|ask)\b"
    r"|\bi (have|can do|can offer|can get you|could do) (an opening|a slot|you down|you in|\w+ at \w+)\b"
    r"|\b(what is|what's) (your|her last|his last|the pet's) (\w+ )?(name|number|phone|address)\b"
    r"|\bour (doctors?|next|first|exam|policy|hours|schedule)\b|\bis there anything else\b"
    r"|\bany other questions\b|\bhow (old is|much does (he|she|it|\w+) weigh|many pills)\b"
    r"|\bhow (is|has) (he|she|\w+) (been |doing|feeling|eating)\b|\bcan you tell me (your|how|what)\b"
    r"|\bwould you like (to|me to|us to|an? )|\bthe exam (is|fee)\b|\byou are all set\b|\byou're all set\b"
    r"|\b(i will|i'll) (call you|have the doctor|let the doctor|put (you|a note)|send (you|that))\b"
    r"|\bwe (will|'ll) see (you|him|her|\w+) (on|at|then|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday)\b"
    r"|\bplease hold\b|\bthank you for holding\b|\bthanks for holding\b"
)
_CALLER_TURN = re.compile(
    r"\bmy (dog|cat|puppy|kitten|pet|rabbit|bird|boy|girl|old (dog|cat))\b|\bi(?: would|'d) like to (make|book|schedule|bring|get)\b"
    r"|\bi need (to (bring|make|get|schedule|cancel|move|reschedule|change)|an appointment|a refill)\b"
    r"|\bdo you (take|see|offer|accept|have any(thing)? (openings?|appointments?|sooner|earlier|today|tomorrow))\b"
    r"|\bhow much (is (it|an?|the|that)|would (it|that)|do you charge|does (it|that) cost)\b"
    r"|\b(i am|i'm) calling (because|about my|for my|to (make|see|schedule|cancel|ask))\b"
    r"|\bcan i (bring (him|her|my|it)|come (in|by)|make an|book|schedule)\b"
    r"|\b(he|she) (ate|won't|will not|keeps|threw up|has not been|hasn't been|is not eating|isn't eating)\b"
    r"|\bthat works\b|\bmy (last )?name is\b|\bmy number is\b|\b(this is|it's) our first time\b"
)


def attribute(
    segments: Sequence[Segment], channel_map: Mapping[str, str] | None, *, why: str = "channel"
) -> dict[int, Speaker]:
    """Who speaks in each segment: {index: (speaker, why)}.

    ``channel_map`` maps a channel number to a speaker. Without it, two channels are told apart by
    the greeting if there is one, and a mono mix is read turn by turn.
    """
    if channel_map:
        return {s.index: _by_channel(s, channel_map, why) for s in segments}
    if len({s.channel for s in segments}) == 2:
        return _by_greeting_channel(segments)
    return {s.index: _by_words(s) for s in segments}


def _by_channel(segment: Segment, channel_map: Mapping[str, str], why: str) -> Speaker:
    speaker = channel_map.get(str(segment.channel), "unknown")
    if speaker == "staff" and _ANNOUNCEMENT.search(_plain(segment.text)):
        return "ivr", "announcement"
    return speaker, why if speaker != "unknown" else ""


def _by_greeting_channel(segments: Sequence[Segment]) -> dict[int, Speaker]:
    """Two voices on two channels: the one who greets for the clinic is staff."""
    greeting = {s.channel for s in segments[:6] if _GREETING.search(_plain(s.text))}
    if len(greeting) != 1:
        return {s.index: _by_words(s) for s in segments}
    staff = greeting.pop()
    sides = {str(s.channel): "staff" if s.channel == staff else "caller" for s in segments}
    return {s.index: _by_channel(s, sides, "greeting") for s in segments}


def _by_words(segment: Segment) -> Speaker:
    text = _plain(segment.text)
    if _ANNOUNCEMENT.search(text):
        return "ivr", "announcement"
    if _GREETING.search(text):
        return "staff", "greeting"
    staff, caller = bool(_STAFF_TURN.search(text)), bool(_CALLER_TURN.search(text))
    if staff != caller:
        return ("staff" if staff else "caller"), "turn"
    return "unknown", ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9']+", " ", text.lower().replace("’", "'"))
