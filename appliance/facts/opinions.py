"""What another model says of a call beside the box's own reading, and the server that is asked."""

from datetime import datetime
from typing import Final

from appliance.facts import Fact
from appliance.facts.analysis import Evidence
from appliance.facts.speech import Provenance

# The labels that are asked for; each is also a label that a person may judge.
LABELS: Final = ("intent", "outcome", "turnaway", "urgency", "caller_relation")
SCOPES: Final = ("off", "hand", "turnaways", "all")
# How a server is held to the form of an answer, the strictest first.
MODES: Final = ("json_schema", "json_object", "guided_json", "plain")


class Claim(Fact, frozen=True, kw_only=True):
    """One label as the other model gives it, with the places in the call that it points at."""

    label: str
    value: str
    evidence: tuple[Evidence, ...] = ()


class Answer(Fact, frozen=True, kw_only=True):
    """What of a reply could be believed; ``dropped`` counts by reason what could not."""

    claims: tuple[Claim, ...]
    dropped: dict[str, int] = {}


class Reply(Fact, frozen=True, kw_only=True):
    """What a server sent back; ``told_model`` is what it says it is, ``mode`` how it was asked."""

    text: str
    mode: str
    told_model: str = ""


class Opinion(Fact, frozen=True, kw_only=True):
    """The second opinion on one call.

    ``digest`` is that of the words that were sent, so that it is known when they have changed.
    """

    claims: tuple[Claim, ...]
    dropped: dict[str, int] = {}
    digest: str
    provenance: Provenance
    created_at: datetime


class Compared(Fact, frozen=True, kw_only=True):
    """One label in both readings; "unknown" where one of them cannot tell."""

    label: str
    ours: str
    theirs: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same; or only the other one says something."""
        return self.theirs not in ("unknown", self.ours)


class Agreement(Fact, frozen=True, kw_only=True):
    """How often both readings said the same of one label, where both said anything.

    ``kappa`` is Cohen's: 1 is full agreement, 0 what chance gives; None where it means nothing.
    """

    label: str
    both: int
    same: int
    only_theirs: int
    kappa: float | None


class OpinionServer(Fact, frozen=True, kw_only=True):
    """The server that gives second opinions, as it is set.

    ``allowed`` is the one address of the clinic's network it may be talked to at; ``certificate``
    the SHA-256 of a certificate it signed itself, "" for none. ``per_minute`` bounds how many calls
    are sent. A ``scope`` of "off" sends nothing, "hand" only what a person asks for. ``set_by``: who wanted it so.
    """

    url: str = ""
    allowed: str = ""
    certificate: str = ""
    model: str = ""
    timeout_s: int = 60
    per_minute: int = 6
    scope: str = "off"
    set_by: str = ""


class Tested(Fact, frozen=True, kw_only=True):
    """What a test of the server showed: the models it offers, and how much could be believed."""

    problem: str = ""
    models: tuple[str, ...] = ()
    mode: str = ""
    took_ms: int = 0
    believed: int = 0  # labels of LABELS
    notes: tuple[str, ...] = ()


class ServerState(Fact, frozen=True, kw_only=True):
    """How it goes with the server: failures in a row, and until when it is left alone.

    ``free_at``: when the next call may be sent without sending too many a minute.
    """

    failures: int = 0
    free_at: datetime | None = None
    paused_until: datetime | None = None
    problem: str = ""
    mode: str = MODES[0]
    tested: Tested | None = None
    tested_at: datetime | None = None

    def rests_at(self, now: datetime) -> bool:
        """Whether the server is left alone for now."""
        return self.paused_until is not None and now < self.paused_until


class Wish(Fact, frozen=True, kw_only=True):
    """A call that waits for a second opinion, or for which none could be had (``gave_up``)."""

    call_id: int
    asked_by: str
    tries: int
    gave_up: bool
    problem: str
