"""Calls and recordings: what the phone system says, and what the box made of it."""

from datetime import datetime

from appliance.facts import Fact

# From which moment (ms) the clinic's clocks are so many ms ahead of UTC, newest first.
Offsets = tuple[tuple[int, int], ...]


class FoundRecording(Fact, frozen=True, kw_only=True):
    """One recording file a connector points at; ``locator`` is opaque to everyone but it.

    Hints matter for headerless files (ulaw, alaw, sln, gsm, g722, g729, raw). ``channel_map`` says
    who is heard on which channel ({"0": "caller", "1": "staff"}), None where the PBX mixed them.
    """

    locator: str
    name: str
    size: int
    modified_ns: int
    container_hint: str = ""
    rate_hint: int = 0
    channels_hint: int = 0
    channel_map: dict[str, str] | None = None
    warnings: tuple[str, ...] = ()


class FoundCall(Fact, frozen=True, kw_only=True):
    """One call as the phone system tells it, before it is ours.

    ``native_key`` is the PBX's own identity of the call (linkedid, uniqueid …): the same call found
    again has the same key. ``metadata_level``: cdr, sidecar, filename or none. ``recordings`` is
    empty for calls without one (missed, abandoned).
    """

    native_key: str
    started_at: datetime
    time_source: str = "epoch"
    ended_at: datetime | None = None
    duration_ms: int = 0
    talk_ms: int = 0
    ring_ms: int | None = None
    direction: str = "unknown"
    answer_state: str = "answered"
    caller_number: str = ""
    caller_name: str = ""
    dialed: str = ""
    staff_extension: str = ""
    queue: str = ""
    legs: tuple[str, ...] = ()
    metadata_level: str = "none"
    recordings: tuple[FoundRecording, ...] = ()
    warnings: tuple[str, ...] = ()


class Call(Fact, frozen=True, kw_only=True):
    """A call of ours. ``id`` orders and joins; ``ref`` is what people and addresses see.

    ``outside_key``: the last ten digits of the number outside the house, "" where it is withheld.
    ``rule``: not_analyzed where a rule wants the sound kept and nobody to listen, else "".
    """

    id: int
    ref: str
    connector: str
    native_key: str
    started_at: datetime
    duration_ms: int
    talk_ms: int
    ring_ms: int | None
    direction: str
    answer_state: str
    caller_number: str
    caller_name: str
    dialed: str
    staff_extension: str
    staff_name: str
    queue: str
    after_hours: bool | None
    metadata_level: str
    warnings: tuple[str, ...]
    state: str
    outside_key: str = ""
    rule: str = ""


class CallFilter(Fact, frozen=True, kw_only=True):
    """What a list of calls is narrowed to; empty fields do not narrow.

    ``day_from`` and ``day_to`` are moments (half-open); ``turnaway`` is "any", a kind or a reason.
    ``extensions`` is the view a person is allowed: None for all calls, else only these.
    ``answer_state`` is a code or "missed" for all incoming calls nobody answered;
    ``unrecovered_h`` those of them that were not made good within so many hours, ``recovered_h``
    those that were. ``turnaway`` may also be "lost": any but a service the clinic does not offer.
    ``step`` is a step of the booking funnel; ``safety`` "any" or one of SAFETY; ``said`` what people
    said of the turnaway (confirmed, open). ``weekday`` (0 Monday) and ``hour`` are those of the
    clinic's wall clock, told by ``offsets``; ``ring_s`` and ``waited_s`` are half-open seconds.
    ``opinions_differ`` are those on which the second opinion differs and nobody has settled it.
    """

    started_from: datetime | None = None
    started_before: datetime | None = None
    staff: str = ""
    intent: str = ""
    outcome: str = ""
    turnaway: str = ""
    text: str = ""
    answer_state: str = ""
    unrecovered_h: int = 0
    opinions_differ: bool = False
    extensions: tuple[str, ...] | None = None
    recovered_h: int = 0
    direction: str = ""
    line: str = ""
    species: str = ""
    disclosure: str = ""
    relation: str = ""
    urgency: str = ""
    mood_start: str = ""
    mood_end: str = ""
    step: str = ""
    safety: str = ""
    said: str = ""
    weekday: int | None = None
    hour: int | None = None
    offsets: Offsets = ()
    ring_s: tuple[int, int] | None = None
    waited_s: tuple[int, int] | None = None


class CallRow(Fact, frozen=True, kw_only=True):
    """One line of a list of calls: the call and what its card says (empty until it is ready)."""

    call: Call
    intent: str = ""
    outcome: str = ""
    urgency: str = ""
    turnaway_kind: str = ""
    turnaway_reason: str = ""
    staff_name: str = ""
    first_words: str = ""
    parked: bool = False


class SearchHit(Fact, frozen=True, kw_only=True):
    """One segment that matches a search; ``pieces`` alternates plain and matching text."""

    call: Call
    segment: int
    start_ms: int
    speaker: str
    pieces: tuple[tuple[str, bool], ...]
    cursor: int


class Recording(Fact, frozen=True, kw_only=True):
    """One sealed recording of a call.

    ``file`` and ``playable_file`` are names in the vault; the latter differs where a browser cannot
    play what the PBX wrote. ``problem`` is "" or a stable outcome code (empty, unreadable, …).
    """

    id: int
    ref: str
    call_id: int
    leg: int
    name: str
    container_hint: str
    rate_hint: int
    channels_hint: int
    channel_map: dict[str, str] | None
    digest: str
    size: int
    file: str
    wrapped_key: bytes
    codec: str = ""
    rate: int = 0
    channels: int = 0
    duration_ms: int = 0
    playable_file: str = ""
    playable_type: str = ""
    problem: str = ""
