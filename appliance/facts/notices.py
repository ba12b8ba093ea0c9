"""Mail and webhooks: what the clinic set up, what waits to leave, and what the briefs tell."""

from datetime import datetime
from typing import Final

from msgspec import field

from appliance.facts import Fact
from appliance.facts.fees import WeekSum

SECURITIES: Final = ("starttls", "tls", "none")
EVENTS: Final = (
    "call.ready", "turnaway.opened", "turnaway.recovered", "safety.flagged", "report.ready",
)  # fmt: skip
# What a person may ask for, and the roles that may.
NOTICES: Final[dict[str, frozenset[str]]] = {
    "brief": frozenset({"owner", "manager"}),
    "alerts": frozenset({"owner", "manager"}),
    "digest": frozenset({"owner", "manager"}),
    "weekly": frozenset({"owner", "manager"}),
    "desk": frozenset({"frontdesk"}),
    "system": frozenset({"owner", "manager", "it"}),
}


class MailServer(Fact, frozen=True, kw_only=True):
    """The clinic's outgoing mail server; its password lies apart, sealed.

    ``security`` is starttls, tls, or none, which is taken only on this box itself. ``allowed`` are
    addresses on the clinic's network; ``authority`` a CA of its own (PEM). ``set_by`` may be asked.
    """

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    allowed: tuple[str, ...] = ()
    authority: str = ""
    enabled: bool = True
    set_by: str = ""


class Letter(Fact, frozen=True, kw_only=True):
    """A mail's words, the same in plain text and HTML; ``attachment`` is (name, content)."""

    subject: str
    text: str
    html: str
    attachment: tuple[str, bytes] | None = None


class Mail(Fact, frozen=True, kw_only=True):
    """A mail in the queue; ``message_id`` and ``created_at`` never change, so neither does the mail.

    ``state``: waiting, sent, parked (given up; a person may try again) or dropped (by a person).
    The letter is forgotten once it is sent.
    """

    id: int
    recipient: str
    kind: str
    message_id: str
    state: str
    attempts: int
    next_at: datetime
    created_at: datetime
    give_up_at: datetime
    error: str = ""
    sent_at: datetime | None = None
    letter: Letter | None = None


class Handed(Fact, frozen=True, kw_only=True):
    """What became of one attempt to hand something over outside.

    ``state``: sent; again (this one later); refused (this one never); away (nothing can be handed
    over now). ``why`` is for people. ``left``: whether its bytes may have left the box. ``status``:
    the code of the answer, 0 without one.
    """

    state: str
    why: str = ""
    left: bool = False
    status: int = 0


class Egress(Fact, frozen=True, kw_only=True):
    """One thing that left the box: kind and destination, why and by whose leave, size and digest."""

    at: datetime
    kind: str
    destination: str
    reason: str
    allowed_by: str
    bytes: int
    sha256: str
    subject: str = ""


class Hook(Fact, frozen=True, kw_only=True):
    """An address that is told of events; its secret lies apart, sealed."""

    id: int
    url: str
    events: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    authority: str = ""
    enabled: bool = True
    problem: str = ""
    failing_since: datetime | None = None
    created_at: datetime
    set_by: str = ""


class HookDelivery(Fact, frozen=True, kw_only=True):
    """One event on its way to one address; ``message_id`` stays the same however often it is sent."""

    id: int
    hook_id: int
    message_id: str
    event: str
    body: str
    state: str
    attempts: int
    next_at: datetime
    created_at: datetime
    status: int = 0
    error: str = ""
    sent_at: datetime | None = None


class Happening(Fact, frozen=True, kw_only=True):
    """Something others may want to know; ``ref`` is the call's (or report's) reference."""

    id: int
    event: str
    ref: str
    detail: dict[str, str]
    at: datetime
    call_id: int | None = None


class Reader(Fact, frozen=True, kw_only=True):
    """Somebody and the notices they asked for; nothing goes to an address that is not confirmed.

    ``sent_for`` says per notice for which moment it was last made; ``alerted`` is the number of the
    last happening they were told of.
    """

    user_id: int
    name: str
    role: str
    extension: str = ""
    address: str = ""
    choices: tuple[str, ...] = ()
    confirmed: bool = False
    pending: bool = False
    sent_for: dict[str, datetime] = {}
    alerted: int = 0


class NoticeRules(Fact, frozen=True, kw_only=True):
    """When mail goes out, on the clinic's wall clock; days are "0" (Monday) to "6".

    A missing day has none. ``closed_days``: also on days on which the clinic is closed. ``full``:
    names and whole numbers are written instead of being masked.
    """

    brief: dict[str, str] = field(default_factory=lambda: dict.fromkeys("0123456", "07:30"))
    desk: dict[str, str] = field(default_factory=lambda: dict.fromkeys("0123456", "07:45"))
    digest: str = "12:00"
    weekly_day: str = "0"
    weekly: str = "07:00"
    closed_days: bool = False
    alerts_per_hour: int = 3
    full: bool = False


class BriefItem(Fact, frozen=True, kw_only=True):
    """One call in a brief; ``about`` and ``why`` are codes, ``tries`` how often the caller rang.

    ``item`` is the caller's reference on the worklist: ``owner`` calls back ("" while nobody does),
    by ``due_at``.
    """

    at: datetime
    ref: str
    number: str = ""
    name: str = ""
    about: str = ""
    why: tuple[str, ...] = ()
    tries: int = 1
    item: str = ""
    owner: str = ""
    due_at: datetime | None = None
    late: bool = False
    urgent: bool = False


class Brief(Fact, frozen=True, kw_only=True):
    """What a brief tells of [begin, end): counts, and the first few of each list.

    ``totals`` counts each list in full by its name.
    ``work`` is the worklist as it stands, what is overdue first, ``late`` how much of it that is and
    ``worth`` what those callers may bring. ``lost`` counts all who wanted care and left, those that
    were won back or stand in ``work`` too; ``unsafe`` counts earlier safety items still open.
    """

    begin: datetime
    end: datetime
    calls: int = 0
    missed: int = 0
    left: tuple[BriefItem, ...] = ()
    safety: tuple[BriefItem, ...] = ()
    unreached: tuple[BriefItem, ...] = ()
    promised: tuple[BriefItem, ...] = ()
    work: tuple[BriefItem, ...] = ()
    totals: dict[str, int] = {}
    withheld: int = 0
    lost: int = 0
    late: int = 0
    unsafe: int = 0
    currency: str = "$"
    worth: WeekSum | None = None
