"""From Yeastar's legs to calls: which legs are one call, who took part, how it ended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.names import is_extension
from connectors.yeastar_legs import Leg

# How the phone system names what is nobody: "Queue Front Desk<6400>", "IVR Day<6200>".
_MACHINES = ("queue", "ivr", "ring group", "ringgroup", "conference", "paging", "parking")


class House(Fact, frozen=True, kw_only=True):
    """The clinic's own numbers, as far as they are known.

    ``extensions`` empty: two to six digits are one, unless they are known or usual for something
    else (6000 to 6799 hold queues, menus and groups in a Yeastar as it is delivered).
    """

    extensions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()

    def is_staff(self, number: str, name: str = "") -> bool:
        """Whether this is a phone of the house."""
        if number in (*self.queues, *self.others, *self.dids):
            return False
        if self.extensions:
            return number in self.extensions
        return is_extension(number) and not _is_usual_machine(number, name)

    def is_queue(self, number: str, name: str = "") -> bool:
        """Whether callers wait here for somebody."""
        if self.queues or self.extensions:
            return number in self.queues
        usual = len(number) == 4 and "6400" <= number <= "6499"
        return usual or name.lower().startswith("queue")


class Group(Fact, frozen=True):
    """One call: its legs in order of time and every number it is known under."""

    legs: tuple[Leg, ...]
    ids: tuple[str, ...]


def group_legs(legs: Iterable[Leg]) -> list[Group]:
    """Legs that share a number are one call."""
    roots: dict[str, str] = {}

    def root_of(name: str) -> str:
        while (above := roots.setdefault(name, name)) != name:
            name = above
        return name

    found = sorted(set(legs), key=lambda leg: (leg.at, leg.order, leg.ids, leg.source))
    for leg in found:
        first = root_of(leg.ids[0])
        for name in leg.ids[1:]:
            roots[root_of(name)] = first
    groups: dict[str, list[Leg]] = {}
    for leg in found:
        groups.setdefault(root_of(leg.ids[0]), []).append(leg)
    return [
        Group(tuple(parts), tuple(sorted({name for leg in parts for name in leg.ids})))
        for parts in groups.values()
    ]


def key_of(group: Group, known: Mapping[str, object]) -> str:
    """The call's key: the one it was told under, else its own number, else that of a record."""
    return next((name for name in group.ids if name in known), group.ids[0])


def tell(
    key: str, legs: Sequence[Leg], recordings: tuple[FoundRecording, ...], house: House
) -> FoundCall:
    """The call of ``legs`` (in order of time)."""
    first, direction = legs[0], _direction(legs, house)
    reached = _reached(legs, direction, house)
    state = _state(legs, reached, direction, house)
    ended_at = max(leg.at + leg.seconds for leg in legs)
    staff = _staff(legs, reached, direction, house)
    return FoundCall(
        native_key=key,
        started_at=_moment(first.at),
        time_source=first.time_source,
        ended_at=_moment(ended_at),
        duration_ms=round(1000 * (ended_at - first.at)),
        talk_ms=_talk_ms(legs, reached, state),
        ring_ms=_ring_ms(legs, reached, state),
        direction=direction,
        answer_state=state,
        caller_number=first.from_number,
        caller_name="" if first.from_name == first.from_number else first.from_name,
        dialed=next((leg.did for leg in legs if leg.did), "") or first.to_number,
        staff_extension=staff,
        queue=next(
            (leg.to_number for leg in legs if house.is_queue(leg.to_number, leg.to_name)), ""
        ),
        legs=_extensions(legs, reached, direction, house),
        metadata_level="cdr",
        recordings=recordings,
        warnings=tuple(dict.fromkeys(leg.doubt for leg in legs if leg.doubt)),
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _direction(legs: Sequence[Leg], house: House) -> str:
    """As the first leg says it; a transferred call goes on as an internal one."""
    for leg in legs:
        if leg.direction != "unknown":
            return leg.direction
    source, target = (
        house.is_staff(legs[0].from_number, legs[0].from_name),
        house.is_staff(legs[0].to_number, legs[0].to_name),
    )
    if source:
        return "internal" if target else "out"
    return "in" if target else "unknown"


def _reached(legs: Sequence[Leg], direction: str, house: House) -> list[Leg]:
    """The legs in which somebody talked: a queue or menu that picks up is nobody."""
    answered = [leg for leg in legs if leg.disposition == "answered"]
    if direction == "out":
        return answered
    people = [leg for leg in answered if house.is_staff(leg.to_number, leg.to_name)]
    if people:
        return people
    # Not a phone we know and no machine either: a mobile to which the call was forwarded.
    return [leg for leg in answered if leg.talk_s and not _is_machine(leg, house)]


def _is_machine(leg: Leg, house: House) -> bool:
    number, name = leg.to_number, leg.to_name
    if not number or house.is_queue(number, name) or number in (*house.others, *house.dids):
        return True
    return _is_usual_machine(number, name)


def _is_usual_machine(number: str, name: str) -> bool:
    usual = len(number) == 4 and "6000" <= number <= "6799"
    return usual or name.lower().startswith(_MACHINES)


def _state(legs: Sequence[Leg], reached: Sequence[Leg], direction: str, house: House) -> str:
    """One of the house's answer states. An outgoing call nobody took is ``ring_abandon`` too."""
    if direction == "internal":
        return "internal"
    if reached:
        return "answered"
    if any(leg.disposition == "voicemail" for leg in legs):
        return "voicemail_left"
    if any(house.is_queue(leg.to_number, leg.to_name) for leg in legs):
        return "hold_abandon"
    if direction == "in" and any(leg.disposition == "answered" for leg in legs):
        return "ivr_abandon"
    return "ring_abandon"


def _staff(legs: Sequence[Leg], reached: Sequence[Leg], direction: str, house: House) -> str:
    if direction == "out":
        first = legs[0]
        return first.from_number if house.is_staff(first.from_number, first.from_name) else ""
    asked = reached or (legs if direction == "internal" else ())
    return next((leg.to_number for leg in asked if house.is_staff(leg.to_number, leg.to_name)), "")


def _extensions(
    legs: Sequence[Leg], reached: Sequence[Leg], direction: str, house: House
) -> tuple[str, ...]:
    """The extensions that talked, in order, each once."""
    found = [leg.to_number for leg in reached if house.is_staff(leg.to_number, leg.to_name)]
    if direction == "out" and reached and (staff := _staff(legs, reached, direction, house)):
        found.insert(0, staff)
    return tuple(dict.fromkeys(found))


def _talk_ms(legs: Sequence[Leg], reached: Sequence[Leg], state: str) -> int:
    if reached:
        return 1000 * sum(leg.talk_s for leg in reached)
    return 1000 * max(leg.talk_s for leg in legs) if state == "voicemail_left" else 0


def _ring_ms(legs: Sequence[Leg], reached: Sequence[Leg], state: str) -> int | None:
    """How long it rang: until the first answer, or for as long as it did when nobody came."""
    if reached:
        return max(0, round(1000 * (reached[0].at - legs[0].at + reached[0].ring_s)))
    if state == "ring_abandon":
        return 1000 * max(leg.seconds for leg in legs)
    return None


def with_sides(
    call: FoundCall, left_in: str, left_out: str, channels: Mapping[str, int]
) -> FoundCall:
    """The call with who is heard left and right, where a person has said so by listening.

    Only talks of two people are recorded on two channels. ``channels`` by locator: what is known.
    """
    left = {"in": left_in, "out": left_out}.get(call.direction, "")
    if not left or len(call.legs) > 1:
        return call
    sides = {"0": left, "1": "caller" if left == "staff" else "staff"}
    mapped = (
        structs.replace(found, channel_map=sides if channels.get(found.locator, 2) == 2 else None)
        for found in call.recordings
    )
    return structs.replace(call, recordings=tuple(mapped))
