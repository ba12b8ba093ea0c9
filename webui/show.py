"""Plain words for people: times in the clinic's zone, lengths, masked numbers, labels of codes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.facts.calls import Call
from appliance.facts.codes import CANNOT_TELL, CRITICAL_ITEMS, UNKNOWN
from appliance.facts.rubrics import OWN_QUESTION
from appliance.facts.speech import Provenance, Segment
from appliance.reading.words import INTENTS, KINDS, REASONS, UNTOLD

DOUBTFUL: Final = 0.45  # below it a word is underlined; raw confidence is too noisy to mark more


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """8:05 AM."""
    local = moment.astimezone(zone)
    return f"{local:%I:%M %p}".lstrip("0")


def day(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Today, Yesterday, or Monday, November 16 (with the year when it is another one)."""
    local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    if local == today:
        return "Today"
    if local == today - timedelta(days=1):
        return "Yesterday"
    year = "" if local.year == today.year else f", {local.year}"
    return f"{local:%A, %B} {local.day}{year}"


def date_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """Monday, November 16, 2026, 8:05 AM."""
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}, {local.year}, {clock(moment, zone)}"


def ago(moment: datetime | None, now: datetime) -> str:
    """2 minutes ago; never for None."""
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"


def duration(milliseconds: int | None) -> str:
    """3:07 or 1:02:09; empty where there is none."""
    return position(milliseconds) if milliseconds else ""


def minutes(milliseconds: int) -> str:
    """1,204: whole minutes."""
    return f"{round(milliseconds / 60_000):,}"


def position(milliseconds: int) -> str:
    """0:07, 3:07, 1:02:09: a place in a recording."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def spoken_length(milliseconds: int) -> str:
    """12 seconds, 3 minutes 7 seconds: for sentences and screen readers."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    parts = [(minutes, "minute"), (seconds, "second")]
    told = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n]
    return " ".join(told) or "0 seconds"


def masked(number: str) -> str:
    """•••-0142: the last four digits of a caller's number; empty where the line told none."""
    digits = "".join(c for c in number if c.isdigit())
    return f"•••-{digits[-4:]}" if len(digits) >= 4 else digits


def straight(text: str) -> str:
    """Typed text with straight quotes: telephones write “curly” ones, the search knows "these"."""
    return text.translate({0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2019: "'"})


def percent(share: float) -> int:
    """Whole percent of 0 to 1."""
    return round(max(0.0, min(1.0, share)) * 100)


def outside(call: Call) -> str:
    """The masked number of the party outside the clinic: who called, or who was called."""
    return masked(call.dialed if call.direction == "out" else call.caller_number)


def caller(call: Call) -> str:
    """Who called or was called, for a screen reader."""
    return " ".join(part for part in (call.caller_name, outside(call)) if part)


def within(text: str) -> str:
    """A day inside a sentence: today, not Today; Monday, November 16 stays as it is."""
    near = text.startswith(("Today", "Yesterday", "Tomorrow"))
    return text[:1].lower() + text[1:] if near else text


def label(code: str) -> str:
    """The plain words of a stable code; an unknown one is made readable, not hidden."""
    return LABELS.get(code) or code.replace("_", " ").capitalize()


def intent_label(code: str) -> str:
    """What the call was about."""
    return UNTOLD["intent"] if code == UNKNOWN else label(code)


def species_label(code: str) -> str:
    """What animal; a group says that it is one."""
    return SPECIES_NAMES.get(code) or label(code)


def capitalize_first(text: str) -> str:
    """A sentence of an error as people write it."""
    return text[:1].upper() + text[1:]


def speaker_label(code: str) -> str:
    """Who speaks."""
    return UNTOLD["speaker"] if code == UNKNOWN else label(code)


def kind_label(kind: str) -> str:
    """Whose matter a turnaway is."""
    return KINDS.get(kind) or label(kind)


def turnaway_label(kind: str, reason: str) -> str:
    """Why care that was wanted was not given; the kind is told too, so that color is not alone."""
    if reason == UNKNOWN:
        return UNTOLD["turnaway"]
    return label(reason) if reason == kind else f"{kind_label(kind)}: {label(reason).lower()}"


def rubric_label(item: str, words: Mapping[str, str]) -> str:
    """What a quality item asks: in the clinic's own ``words`` (by item) where it has some for it."""
    return words.get(item) or RUBRIC.get(item) or label(item.removeprefix(OWN_QUESTION))


def is_critical(item: str) -> bool:
    """Whether this item alone matters so much that a person should listen."""
    return item in CRITICAL_ITEMS


def untold(call: Call) -> str:
    """What is known of a call that has no recording."""
    said = NO_RECORDING.get(call.answer_state, "The phone system did not record this call.")
    rang = f" It rang for {spoken_length(call.ring_ms)}." if call.ring_ms else ""
    return said + rang


def plain_problem(code: str) -> str:
    """A recording's problem or warning in words that say what to do."""
    return PROBLEMS.get(code) or f"The recording has a problem ({code.replace('_', ' ')})."


def why_speaker(segment: Segment) -> str:
    """How the box knows who is speaking."""
    return WHY_SPEAKER.get(segment.speaker_why, "")


def why_it_says_that(provenance: Provenance) -> list[tuple[str, str]]:
    """Where a transcript or an analysis comes from, as name and value."""
    facts = [
        ("Engine", provenance.engine),
        ("Model", provenance.model),
        ("Checksum", provenance.checksum),
        ("Software", provenance.software),
    ]
    facts += [(name.replace("_", " "), str(v)) for name, v in sorted(provenance.options.items())]
    return [(name, told) for name, told in facts if told]


def words(segment: Segment) -> list[tuple[int, int, str, bool]]:
    """The words of a segment as (start, end, text, doubtful); one entry where it has no words."""
    if not segment.words:
        return [(segment.start_ms, segment.end_ms, segment.text, False)]
    return [
        (w.start_ms, w.end_ms, w.text.strip(), w.confidence < DOUBTFUL)
        for w in segment.words
        if w.text.strip()
    ]


WHY_SPEAKER: Final = {
    "": "The box cannot tell who is speaking here.",
    "person": "Corrected by a person who listened.",
    "channel": "Known from the phone line: each side has a channel of its own.",
    "leg": "Known from the phone system: each side was recorded on its own.",
    "greeting": "Told from the greeting of the clinic.",
    "turn": "Told from the turns of the talk; it can be wrong.",
    "voice": "Told from the sound of the voices; it can be wrong.",
}

PROBLEMS: Final = {
    "empty": "The recording holds no sound.",
    "too_short": "The recording is too short to hold words.",
    "too_long": "The recording is longer than this box reads; ask clinic IT to raise the limit.",
    "unknown_codec": "The recording is in a format this box does not read; record in WAV instead.",
    "unreadable": "The recording file is damaged; check it on the phone system.",
    "truncated_header": "The recording was cut off while it was written; what is there is shown.",
    "damaged": "Parts of the recording were damaged and are skipped.",
    "vanished": "The recording was gone from the phone system before it could be copied.",
    "cdr_without_file": "The phone system says that it recorded this call, but there is no file.",
    "file_without_cdr": "There is a recording, but the phone system tells nothing else of this call.",
    "future_time": "The phone system gives a time in the future; check its clock.",
    "dst_fold": "This call fell into the hour that clocks repeat in fall; its time may be off by one.",
    "no_speech": "No words were heard in this recording.",
    "tampered": "The stored recording is not what was written; clinic IT should look at this.",
}

NO_RECORDING: Final = {
    "ring_abandon": "Nobody answered; the caller hung up while it rang.",
    "hold_abandon": "The caller hung up while on hold.",
    "ivr_abandon": "The caller hung up in the phone menu.",
    "transfer_abandon": "The caller was lost during a transfer.",
    "voicemail_empty": "The caller reached voicemail and left no words.",
    "voicemail_left": "The caller left a voicemail, but the phone system gave no recording of it.",
    "internal": "This was a call between extensions and was not recorded.",
}

SPECIES_NAMES: Final = {
    "rodent": "Small pet (rodent)", "farm": "Farm animal", "other": "Another animal",
}  # fmt: skip

RUBRIC: Final = {
    "answered_fast": "Answered within 15 seconds",
    "greeting_clinic": "Greeting names the clinic",
    "greeting_name": "Greeting gives own name",
    "offers_help": "Offers help",
    "hold_asked": "Asks before hold, thanks after",
    "caller_name": "Asks or uses the caller’s name",
    "pet_name": "Asks or uses the pet’s name",
    "signalment": "Asks species, breed or age",
    "open_question": "Explores the reason for the call",
    "urgency_asked": "Asks how urgent it is",
    "red_flag_escalated": "Escalates an emergency",
    "no_medical_advice": "Gives no medical advice",
    "empathy": "Shows empathy",
    "value_before_price": "Explains value before price",
    "price_clear": "States the price clearly",
    "offers_appointment": "Offers an appointment",
    "two_choices": "Offers two concrete times",
    "offers_alternative": "Offers an alternative",
    "callback_number": "Takes a number to call back",
    "callback_promise": "Call-back has a time and an owner",
    "prep_instructions": "Explains how to prepare",
    "confirms_details": "Repeats the details",
    "more_questions": "Asks if there is anything else",
    "warm_close": "Closes warmly",
    "identity_check": "Checks who is calling before results",
    "no_card_aloud": "No card number said aloud",
    "complaint_owned": "Takes ownership of a complaint",
    "grief_manner": "Handles grief with care",
}

LABELS: Final = {
    UNKNOWN: UNTOLD[""], CANNOT_TELL: UNTOLD[""], "": "Not read",
    # how it was answered
    "answered": "Answered", "ring_abandon": "Hung up while ringing",
    "hold_abandon": "Hung up on hold", "ivr_abandon": "Hung up in the menu",
    "transfer_abandon": "Lost during transfer", "voicemail_left": "Left a voicemail",
    "voicemail_empty": "Voicemail without words", "internal": "Between extensions",
    # direction
    "in": "Incoming", "out": "Outgoing",
    # speakers
    "staff": "Staff", "caller": "Caller", "ivr": "Announcement",
    # callers
    "new_client": "New client", "existing_client": "Existing client",
    "lapsed_client": "Lapsed client", "professional": "Other clinic, pharmacy or lab",
    # what it was about
    **INTENTS,
    # how soon
    "red": "Emergency", "same_day": "Same day", "soon": "Soon", "routine": "Routine",
    "none": "Not urgent",
    # how it ended
    "booked": "Booked", "booked_alternative": "Booked, other time",
    "waitlisted": "On the waitlist", "callback_timed": "Call-back at a time",
    "callback_untimed": "Call-back, no time", "referred_out": "Referred out",
    "info_only": "Information only", "refused": "Refused",
    "caller_declined": "Caller declined", "caller_will_call_back": "Caller will call back",
    "transferred_unresolved": "Transferred, not resolved", "disconnected": "Disconnected",
    "message_taken": "Message taken",
    # turnaways
    **REASONS,
    # quality, sentiment, disclosure
    "met": "Met", "not_met": "Not met", "na": "Does not apply",
    "negative": "Negative", "neutral": "Neutral", "positive": "Positive",
    "yes": "Yes", "no": "No",
    # where a call stands
    "found": "Waiting to be copied", "received": "Waiting to be transcribed",
    "transcribed": "Finding the speakers", "attributed": "Being analyzed",
    "analyzed": "Almost ready", "ready": "Ready", "skipped": "Not analyzed by rule",
    # work
    "speech": "Speech", "chores": "Housekeeping", "courier": "Phone system and mail",
    "waiting": "Waiting", "running": "Running", "parked": "Needs attention",
    "receive": "Copy the recording", "transcribe": "Transcribe", "attribute": "Find the speakers",
    "analyze": "Analyze", "publish": "Publish", "discover": "Look for new calls",
    "probe": "Test the phone system", "backfill": "Fetch earlier calls",
    "watch_phones": "Watch over the phone system",
    "notices": "Write notices", "send_mail": "Send mail", "send_hooks": "Tell a webhook",
    "sent": "Sent", "dropped": "Dropped",
    # notices
    "brief": "Daily brief", "desk": "Call-back list", "alerts": "Safety alerts",
    "alert": "Safety alert", "digest": "Noon digest", "weekly": "Weekly report",
    "system": "News about the box", "code": "Code for an address", "test": "Test mail",
    "starttls": "STARTTLS", "tls": "TLS",
    "ask_opinion": "Ask for a second opinion", "try_opinion": "Test the second opinion",
    # how much the phone system told
    "cdr": "Full call record", "sidecar": "Notes beside the file",
    "filename": "File name only",
    # the worklist: where an item stands, how it was closed, what happened to it
    "work.open": "Open", "work.in_progress": "In progress", "work.recovered": "Recovered",
    "work.lost": "Could not be recovered", "work.not_lost": "Not a lost booking",
    "how.booked": "the caller booked", "how.called_back": "called back",
    "how.called_again": "the caller tried again and got through",
    "how.expired": "nobody was reached in 14 days", "how.corrected": "a person corrected the call",
    "how.said": "said by a person",
    "settle_worklist": "Update the worklist",
    "reanalyze": "Read calls again", "relisten": "Listen to calls again",
    # bookable groups
    "bookable": "Visits", "schedule": "Schedule", "price": "Price", "medication": "Medication",
    "clinical": "Clinical", "admin": "Office", "relationship": "Relationship", "other": "Other",
    # roles
    "owner": "Owner", "manager": "Office manager", "frontdesk": "Front desk", "it": "Clinic IT",
    "auditor": "Auditor",
}  # fmt: skip

FILTERS: Final[dict[str, Callable[..., Any]]] = {
    shower.__name__: shower
    for shower in (
        ago, caller, capitalize_first, clock, date_and_time, day, duration, intent_label, is_critical, kind_label,
        label, masked, minutes, outside, percent, position, rubric_label, speaker_label, spoken_length,
        turnaway_label, untold, why_speaker, within, words,
    )
}  # fmt: skip
