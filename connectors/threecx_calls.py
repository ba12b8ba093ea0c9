"""What one 3CX call was, out of its legs, whichever way these were told to us.

Pure reasoning. Database, CDR output and API say the same things in other words; here they are one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.names import person
from connectors.telling import SHORTEST_MESSAGE_S
from connectors.threecx_names import is_short

# What a leg's end is. "" is what we do not know: it is neither staff nor an outside line.
_KINDS = {
    "extension": "extension", "external_line": "line", "line": "line", "provider": "line",
    "externalline": "line", "queue": "queue", "ivr": "menu", "script": "menu",
    "digitalreceptionist": "menu", "voicemail": "voicemail", "vmail": "voicemail",
    "ring_group": "group", "ring_group_ring_all": "group", "ring_group_hunt": "group",
    "ringgroup": "group", "paging_group": "group", "inbound_routing": "routing",
    "inboundrouting": "routing", "outbound_rule": "routing",
    # Numbers of the older tables and of the API; those we never saw stay unknown.
    "0": "extension", "1": "line", "2": "group", "4": "queue", "5": "voicemail", "6": "menu",
    "13": "routing",
}  # fmt: skip


class Party(Fact, frozen=True):
    """One end of a leg: extension, line, queue, menu, group, voicemail, routing or "".

    ``number`` is its number in the house (a trunk's own for a line), ``outside`` the caller's or
    the called party's, ``did`` the clinic's number that was called.
    """

    kind: str = ""
    number: str = ""
    outside: str = ""
    name: str = ""
    did: str = ""

    @property
    def told(self) -> str:
        """The number by which people know this end."""
        return person(self.outside if self.kind == "line" else self.number or self.outside)


class Leg(Fact, frozen=True):
    """One stretch of a call. ``how``: "transfer" where a person passed it on."""

    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    source: Party
    target: Party
    how: str = ""

    @property
    def talk_s(self) -> float:
        """Seconds in which both ends were connected."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())


class Expected(Fact, frozen=True):
    """A recording the phone system says it has; ``paths`` are where it may lie, best first."""

    paths: tuple[str, ...]
    started_at: datetime | None = None


class Record(Fact, frozen=True):
    """A call as one source tells it: its legs in order of time.

    ``over``: no leg of it goes on, as far as the source knows. ``claims``: says more than a leg
    (is_answered of the older tables): "answered", "missed" or "". ``warnings``: outcome codes.
    """

    key: str
    legs: tuple[Leg, ...]
    over: bool = True
    expected: tuple[Expected, ...] = ()
    claims: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return min(leg.started_at for leg in self.legs)

    @property
    def ended_at(self) -> datetime:
        """When the last leg ended, as far as known."""
        return max(leg.ended_at or leg.answered_at or leg.started_at for leg in self.legs)


def kind_of(told: object) -> str:
    """The kind of an end in any of 3CX's spellings: ``external_line``, ``Line``, 1."""
    return _KINDS.get(str(told if told is not None else "").strip().lower(), "")


def tell_record(record: Record, source: str) -> FoundCall:
    """The call of a record, without recordings. ``source``: what its times come from."""
    legs = tuple(sorted(record.legs, key=lambda leg: (leg.started_at, leg.ended_at is None)))
    first, talks = legs[0], _talks(legs)
    direction = direction_of(legs)
    staff = staff_of(legs, direction)
    state = answer_state(legs, direction, record.claims)
    started_at, ended_at = record.started_at, record.ended_at
    caller = first.source.told
    return FoundCall(
        native_key=record.key,
        started_at=started_at,
        time_source=source,
        ended_at=ended_at,
        duration_ms=_ms(ended_at, started_at),
        talk_ms=round(1000 * sum(leg.talk_s for leg in talks)),
        ring_ms=_ring_ms(legs, talks, state),
        direction=direction,
        answer_state=state,
        caller_number=caller,
        caller_name=_name_of(first.source, caller),
        dialed=_dialed(legs, direction),
        staff_extension=staff[0] if staff else "",
        queue=next((leg.target.number for leg in legs if leg.target.kind == "queue"), ""),
        legs=staff,
        metadata_level="cdr",
        warnings=record.warnings,
    )


def _ms(late: datetime, early: datetime) -> int:
    return max(0, round((late - early).total_seconds() * 1000))


def direction_of(legs: Sequence[Leg]) -> str:
    """Which way a call went: by who began it, and whether any leg of it left the house."""
    begun = legs[0].source.kind
    if begun == "line":
        return "in"
    if begun != "extension":
        return "unknown"
    targets = [leg.target.kind for leg in legs]
    if "line" in targets:
        return "out"
    # A leg to the router or to what we do not know may have been on its way out.
    known = any(kind in ("extension", "queue", "group", "menu", "voicemail") for kind in targets)
    return "internal" if known else "unknown"


def _talks(legs: Iterable[Leg]) -> list[Leg]:
    """The legs in which two people were connected."""
    people = ("extension", "line")
    return [
        leg
        for leg in legs
        if leg.answered_at and leg.target.kind in people and leg.source.kind in (*people, "")
    ] or [leg for leg in legs if leg.answered_at and leg.target.kind in people]


def staff_of(legs: Sequence[Leg], direction: str) -> tuple[str, ...]:
    """The extensions that talked, in order, each once."""
    talks = _talks(legs)
    ends: list[Party] = []
    if direction == "out":
        ends += [leg.source for leg in talks]
    ends += [leg.target for leg in talks]
    if direction == "unknown":
        ends += [leg.source for leg in talks]
    found = dict.fromkeys(end.number for end in ends if end.kind == "extension" and end.number)
    if direction == "out" and not found and legs[0].source.kind == "extension":
        return (legs[0].source.number,)  # nobody took the call, and this is who made it
    return tuple(found)


def answer_state(legs: Sequence[Leg], direction: str, claims: str) -> str:
    """One of the house's answer states; ``claims`` wins where the legs tell nothing."""
    talks = _talks(legs)
    if talks and claims != "missed":
        if direction == "in" and _left_alone(legs, talks):
            return "transfer_abandon"
        return "internal" if direction == "internal" else "answered"
    if messages := [leg for leg in legs if leg.target.kind == "voicemail" and leg.answered_at]:
        long = max(leg.talk_s for leg in messages) >= SHORTEST_MESSAGE_S
        return "voicemail_left" if long else "voicemail_empty"
    if direction == "internal":
        return "internal"
    if claims == "answered":
        return "answered"
    kinds = {leg.target.kind for leg in legs}
    if direction == "in" and "queue" in kinds:
        return "hold_abandon"
    picked_up = any(leg.target.kind == "menu" and leg.answered_at for leg in legs)
    return "ivr_abandon" if direction == "in" and picked_up else "ring_abandon"


def _left_alone(legs: Sequence[Leg], talks: Sequence[Leg]) -> bool:
    """Whether a person passed the caller on, and nobody took the call after that."""
    ended = max(leg.ended_at or leg.started_at for leg in talks)
    return any(leg.how == "transfer" and leg.started_at >= ended for leg in legs)


def _ring_ms(legs: Sequence[Leg], talks: Sequence[Leg], state: str) -> int | None:
    """From the beginning to the first answer, or to the end where nobody came."""
    begun = legs[0].started_at
    if talks:
        return _ms(min(leg.answered_at for leg in talks if leg.answered_at), begun)
    if state == "ring_abandon":
        return _ms(max(leg.ended_at or leg.started_at for leg in legs), begun)
    return None


def _dialed(legs: Sequence[Leg], direction: str) -> str:
    first = legs[0]
    if direction == "in":
        dids = (did for leg in legs for did in (leg.source.did, leg.target.did) if did)
        return person(next(dids, ""))
    lines = [leg.target for leg in legs if leg.target.kind == "line"]
    return (lines or [first.target])[0].told


def _name_of(party: Party, number: str) -> str:
    """A party's name where it is one, and not its number again."""
    name = party.name.strip().strip('"').strip()
    if person(name) in ("", number, party.number) or (name.isdigit() and not is_short(name)):
        return ""
    return name
