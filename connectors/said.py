"""What a file name, a sidecar or a list says of a call, and the call that makes.

Pure reasoning. Whoever says something fills only the fields it is sure of; the rest stays empty,
and the call then has fewer facts instead of wrong ones.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.cdr import moment_of
from connectors.names import epoch_of, person
from connectors.telling import Parties, Site

DIRECTIONS = {
    "in": "in", "inbound": "in", "incoming": "in", "received": "in", "i": "in",
    "out": "out", "outbound": "out", "outgoing": "out", "dialed": "out", "o": "out",
    "internal": "internal", "int": "internal", "intern": "internal", "local": "internal",
    "inboundexternal": "in", "outboundexternal": "out",
}  # fmt: skip
_AHEAD = timedelta(days=1)


class Said(Fact, frozen=True, kw_only=True):
    """Facts as they were said; "" and 0 where nothing was.

    ``stamp``: local time as ``YYYYMMDDTHHMMSS``; ``epoch``: seconds since 1970, UTC. ``number`` is
    the one outside the house, whichever way the call went; ``did`` the clinic's own that was
    dialed. ``id`` is the phone system's word for the call. ``leg``: in or out.
    """

    stamp: str = ""
    epoch: float = 0
    direction: str = ""
    caller: str = ""
    caller_name: str = ""
    dialed: str = ""
    did: str = ""
    extension: str = ""
    number: str = ""
    queue: str = ""
    id: str = ""
    leg: str = ""
    duration_s: float = 0


NOTHING = Said()


def together(first: Said, second: Said) -> Said:
    """What ``first`` says, and where it says nothing, what ``second`` does.

    A time is taken whole from one of them, and so are the numbers: two halves would make a third
    story. Where their numbers contradict each other, the second is not believed on who took part.
    """
    if NOTHING in (first, second):
        return first if second == NOTHING else second
    names = ["caller_name", "queue", "id", "leg", "duration_s"]
    if not first.stamp and not first.epoch:
        names += ["stamp", "epoch"]
    ours, theirs = _numbers(first), _numbers(second)
    if not ours:
        names += ["caller", "dialed", "number"]
    if not ours or not theirs or any(is_same(a, b) for a in ours for b in theirs):
        names += ["direction", "extension", "did"]
    filled = {name: getattr(second, name) for name in names if not getattr(first, name)}
    return structs.replace(first, **filled)


def _numbers(said: Said) -> list[str]:
    return [number for number in (said.caller, said.dialed, said.number) if number]


def is_same(one: str, other: str) -> bool:
    """Whether two numbers are the same one, written with or without the country."""
    digits, others = _digits(one), _digits(other)
    if len(digits) < 7 or len(others) < 7:
        return bool(digits) and digits == others
    return digits.endswith(others) or others.endswith(digits) or digits[-10:] == others[-10:]


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign in "0123456789")


def tell_said(key: str, said: Said, level: str, modified_at: datetime, site: Site) -> FoundCall:
    """The call of ``key`` as it was said, without recordings.

    ``modified_at``: when its file was written, which stands in where no time was said. ``level``:
    sidecar or filename.
    """
    started_at, source, doubts = moment_said(said, modified_at, site)
    who = parties_said(said, site)
    length = timedelta(seconds=said.duration_s)
    return FoundCall(
        native_key=key,
        started_at=started_at,
        time_source=source,
        ended_at=started_at + length if length else None,
        duration_ms=round(said.duration_s * 1000),
        talk_ms=round(said.duration_s * 1000),
        direction=who.direction,
        answer_state="internal" if who.direction == "internal" else "answered",
        caller_number=who.caller,
        caller_name=said.caller_name if who.direction == "in" else "",
        dialed=who.dialed,
        staff_extension=who.staff,
        queue=who.queue,
        metadata_level=level,
        warnings=doubts,
    )


def moment_said(
    said: Said, modified_at: datetime, site: Site
) -> tuple[datetime, str, tuple[str, ...]]:
    """When the call began, where that is from, and doubts about it.

    A time a day and more after the file was written is none: ``future_time``.
    """
    epoch = said.epoch or epoch_of(said.id) or 0
    doubts: tuple[str, ...] = ()
    if epoch:
        found, source = datetime.fromtimestamp(epoch, UTC), "epoch"
    elif said.stamp:
        try:
            found, doubt = moment_of(said.stamp, ZoneInfo(site.zone))
        except ValueError:
            return modified_at, "mtime", ("bad_name",)
        source, doubts = "filename", (doubt,) if doubt else ()
    else:
        return modified_at, "mtime", ()
    if found > modified_at + _AHEAD:
        return modified_at, "mtime", ("future_time",)
    return found, source, doubts


def parties_said(said: Said, site: Site) -> Parties:
    """Who took part and which way, as far as that is certain."""
    if said.number:
        return _by_number(said, site)
    caller, dialed, staff = person(said.caller), person(said.dialed), said.extension
    direction = said.direction or _direction(caller, dialed, staff, said.did, site)
    if direction == "in":
        staff = staff or (dialed if site.is_staff(dialed) else "")
        own = said.did or ("" if dialed == staff else dialed)
        return Parties("in", caller=caller, dialed=own, staff=staff, queue=said.queue)
    if direction == "out":
        staff = staff or (caller if site.is_staff(caller) else "")
        return Parties("out", dialed=dialed, staff=staff)
    if direction == "internal":
        staff = dialed or staff
        return Parties("internal", caller=caller, dialed=dialed, staff=staff)
    return Parties("unknown", caller=caller, dialed=said.did or dialed, staff=staff)


def _by_number(said: Said, site: Site) -> Parties:
    number, staff = person(said.number), said.extension
    if said.direction == "out":
        return Parties("out", dialed=number, staff=staff)
    if said.direction == "in":
        return Parties("in", caller=number, dialed=said.did, staff=staff, queue=said.queue)
    if said.direction == "internal" or (number and staff and site.is_staff(number)):
        return Parties("internal", caller=number, staff=staff)
    return Parties("unknown", caller=number, staff=staff, queue=said.queue)


def _direction(caller: str, dialed: str, staff: str, did: str, site: Site) -> str:
    """The way a call went by its two numbers; "unknown" where they leave it open."""
    to = dialed or staff
    if site.is_staff(caller):
        if not to:
            return "unknown"
        return "internal" if site.is_staff(to) else "out"
    house = bool(did) or dialed in site.dids or site.is_staff(to) or bool(staff)
    return "in" if house and (caller or did) else "unknown"
