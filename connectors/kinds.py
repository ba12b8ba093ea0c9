"""What a phone system says of itself: its name, its level of proof, its settings and advice.

Every connector module ends with one ``KIND``; the registry lists them. A form, a command and the
README's table are all made from it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from typing import Any, Literal, Protocol

from appliance.facts import Fact
from connectors.interface import Connector

# Verified against the real software · emulated from the vendor's sources or from records of real
# units · built from documents only.
Level = Literal["real", "emulated", "documents"]
LEVELS: dict[Level, str] = {
    "real": "verified on real software",
    "emulated": "emulated from source",
    "documents": "from documents only",
}


class Field(Fact, frozen=True, kw_only=True):
    """One setting as a person enters it.

    ``name`` is the key in the settings struct, or in the secrets when ``secret``. ``type``: text,
    number, bool, choice, list (comma-separated), or place (where files lie; see ``places``).
    """

    name: str
    label: str
    help: str = ""
    type: Literal["text", "number", "bool", "choice", "list", "place"] = "text"
    required: bool = False
    secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    advanced: bool = False


# What every phone system that leaves files is asked in the same words.
OWN_FIELDS = (
    Field(
        name="extensions",
        label="Extensions of the clinic",
        type="list",
        help="Empty: every number of two to six digits is one.",
    ),
    Field(name="dids", label="Telephone numbers of the clinic", type="list"),
    Field(
        name="since",
        label="Take recordings from this date on",
        help="Like 2026-01-31; empty: from now on.",
        advanced=True,
    ),
)


class Line(Fact, frozen=True):
    """One record a phone system sent us by itself; ``id`` grows, ``data`` is as it came."""

    id: int
    at: datetime
    data: bytes


class Feed(Protocol):
    """The records that were pushed to us for one connector, kept until they are pruned."""

    def lines(self, after: int, limit: int = 10_000) -> list[Line]:
        """Lines with an id above ``after``, in order."""
        ...


class Means(Fact, frozen=True, kw_only=True):
    """What a connector is handed beside its settings, none of which it may log or keep.

    ``secrets``: passwords and keys by field name. ``allowed``: addresses and networks
    (``10.0.0.5``, ``192.168.1.0/24``) a person let this connector talk to. ``feed``: what was
    pushed to us. ``drop``: our own folder into which the phone system delivers.
    """

    secrets: Mapping[str, str] = {}
    allowed: tuple[str, ...] = ()
    feed: Any = None
    drop: str = ""


Receive = Callable[[bytes], None]  # durable before it returns; raises Unavailable when it cannot


class Kind(Fact, frozen=True, kw_only=True):
    """One kind of phone system.

    ``make(settings, means)`` gives its connector, contacting nothing; raises msgspec's
    ValidationError or Misconfigured. ``listen(settings, means, receive, stop)``, where there is
    one, blocks until ``stop`` and hands every record pushed by the phone system to ``receive``;
    it reconnects by itself. ``wants_listener(settings)`` says whether these settings need it.
    ``only_rings``: what it hears holds nothing, so nothing is lost while nobody listens.
    ``stereo``: how to have both sides recorded apart, and what survives an upgrade of the phone
    system; "" where there is no way. ``notes``: what to know before choosing it.
    """

    name: str
    title: str
    level: Level
    make: Callable[[dict[str, Any], Means], Connector]
    fields: tuple[Field, ...]
    stereo: str = ""
    notes: str = ""
    listen: Callable[[dict[str, Any], Means, Receive, Event], None] | None = None
    wants_listener: Callable[[dict[str, Any]], bool] | None = None
    only_rings: bool = False
