"""What a call meant: labels of the taxonomy, each with the segments it rests on."""

from appliance.facts import Fact
from appliance.facts.codes import CANNOT_TELL, UNKNOWN
from appliance.facts.speech import Provenance


class Evidence(Fact, frozen=True, kw_only=True):
    """An index range of segments, both ends included, that shows why a label was given."""

    first_segment: int
    last_segment: int


class Turnaway(Fact, frozen=True, kw_only=True):
    """Care was wanted and the caller left without a next step; reason and the kind it belongs to."""

    reason: str
    kind: str


class Span(Fact, frozen=True, kw_only=True):
    """Personal data inside one segment: character offsets, end exclusive, and its type."""

    segment: int
    start: int
    end: int
    type: str


class KnownNames(Fact, frozen=True, kw_only=True):
    """Names that are known before a call is read; each may be of several words."""

    clinics: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()  # words of the clinic's own list: drugs, places, doctors
    callers: tuple[str, ...] = ()  # as the phone system shows them


class CallContext(Fact, frozen=True, kw_only=True):
    """What reading may know besides the words: facts from the PBX and the clinic's own names."""

    direction: str = "in"
    answer_state: str = "answered"
    ring_s: float | None = None
    hold_s: float | None = None
    after_hours: bool | None = None
    clinic_names: tuple[str, ...] = ()
    staff_names: tuple[str, ...] = ()
    caller_names: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()


class Analysis(Fact, frozen=True, kw_only=True):
    """The reading of one call; every label may abstain.

    ``evidence`` maps a label ("intent", "outcome", "turnaway", "urgency", "rubric.greeting_name" …)
    to the segment ranges it rests on. ``rubric`` maps an item to its state; items not read are
    absent. None means that this software version does not read the label.
    """

    intent: str = UNKNOWN
    secondary: tuple[str, ...] = ()
    caller_relation: str | None = None
    urgency: str | None = None
    sentiment_start: str | None = None
    sentiment_end: str | None = None
    outcome: str = UNKNOWN
    turnaway: Turnaway | None = None
    turnaway_told: bool = True  # False: the words do not carry a yes or no (abstained)
    staff_name: str | None = None
    species: tuple[str, ...] = ()
    disclosure_heard: str = CANNOT_TELL
    rubric: dict[str, str] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    pii: tuple[Span, ...] = ()
    provenance: Provenance
