"""Which legs of a FreeSWITCH make one call, and what that call was.

Pure reasoning. Legs that name one another are one call; a phone that rang and lost (LOSE_RACE) is
no part of it.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.freeswitch_legs import Leg
from connectors.names import person
from connectors.telling import Site

_MENUS = ("ivr", "play_and_get_digits", "playback")


class Group(Fact, frozen=True):
    """The legs of one call, the one that began it first, and its key."""

    key: str
    legs: tuple[Leg, ...]

    @property
    def whole(self) -> bool:
        """Whether the leg that lives as long as the call is there: then the call is over."""
        return not self.legs[0].root

    @property
    def ids(self) -> frozenset[str]:
        """All names of all legs."""
        return frozenset(name for leg in self.legs for name in leg.ids)


def group_legs(legs: Iterable[Leg], told: Collection[str]) -> list[Group]:
    """Legs that share a name, together. ``told``: keys that were used before."""
    groups: dict[int, list[Leg]] = {}
    owner: dict[str, int] = {}
    for index, leg in enumerate({leg.uuid: leg for leg in legs}.values()):
        merged = [leg]
        for other in {owner[name] for name in leg.ids if name in owner}:
            merged = groups.pop(other) + merged
        groups[index] = merged
        for name in {name for member in merged for name in member.ids}:
            owner[name] = index
    return [_group(members, told) for members in groups.values()]


def _group(members: list[Leg], told: Collection[str]) -> Group:
    members.sort(key=lambda leg: (bool(leg.root), leg.start, leg.uuid))
    names = list(dict.fromkeys(name for leg in members for name in leg.ids))
    return Group(next((name for name in names if name in told), names[0]), tuple(members))


def compose(group: Group, site: Site) -> FoundCall:
    """The call of a group, without recordings."""
    legs = [leg for leg in group.legs if leg.cause != "LOSE_RACE"] or list(group.legs)
    first, rest = legs[0], legs[1:]
    reached = [leg for leg in rest if leg.answer and leg.end > leg.answer]
    direction = first.direction
    staff = _staff(first, reached, direction, site)
    queue = next((leg.queue for leg in legs if leg.queue), "")
    state = _state(first, reached, direction, queue)
    talked = state in ("answered", "internal")
    start = datetime.fromtimestamp(first.start, UTC)
    end = datetime.fromtimestamp(max(first.start, *(leg.end for leg in legs)), UTC)
    answer = min((leg.answer for leg in reached), default=first.answer)
    talk = sum(leg.end - leg.answer for leg in reached) or (
        first.end - first.answer if first.answer and (talked or first.message) else 0
    )
    ring = answer - first.start if talked and answer else None
    if state == "ring_abandon":
        ring = end.timestamp() - first.start
    name = "" if person(first.caller_name) in ("", first.caller) else first.caller_name
    return FoundCall(
        native_key=group.key,
        started_at=start,
        ended_at=end,
        duration_ms=round((end - start).total_seconds() * 1000),
        talk_ms=max(0, round(1000 * talk)),
        ring_ms=None if ring is None else max(0, round(1000 * ring)),
        direction=direction or "unknown",
        answer_state=state,
        caller_number=(staff if direction == "out" else "") or first.caller,
        caller_name=name,
        dialed=first.did or first.dialed,
        staff_extension=staff,
        queue=queue,
        legs=_talked(first, reached, direction, staff, site),
        metadata_level="cdr",
    )


def _staff(first: Leg, reached: list[Leg], direction: str, site: Site) -> str:
    """Who of the house talked. A ring group's number is none: only what is certain counts."""
    if direction == "out":
        options = [first.extension, first.source, first.caller]
    else:
        options = [phone for leg in reached for phone in (leg.extension, leg.dialed, leg.agent)]
        if not reached and first.bridged:
            options = [first.agent, first.extension]
            options += [first.dialed] if site.extensions else []
    return next((option for option in options if option and site.is_staff(option)), "")


def _talked(
    first: Leg, reached: list[Leg], direction: str, staff: str, site: Site
) -> tuple[str, ...]:
    if direction == "out" or not reached:
        return (staff,) if staff and (reached or first.bridged) else ()
    phones = [
        next((p for p in (leg.extension, leg.dialed, leg.agent) if p and site.is_staff(p)), "")
        for leg in sorted(reached, key=lambda leg: leg.answer)
    ]
    return tuple(dict.fromkeys(filter(None, phones)))


def _state(first: Leg, reached: list[Leg], direction: str, queue: str) -> str:
    if direction == "internal":
        return "internal"
    if reached or (first.bridged and first.answer and not first.missed):
        return "answered"
    if first.message:
        return "voicemail_left"
    if direction == "out":
        return "ring_abandon"
    if first.answer and first.app == "voicemail":
        return "voicemail_empty"
    if queue:
        return "hold_abandon"
    if first.answer and (first.menu or first.app in _MENUS):
        return "ivr_abandon"
    return "ring_abandon"
