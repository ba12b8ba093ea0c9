"""Which calls the box leaves alone: by line, by extension, by the hour."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.errors import Misconfigured
from appliance.facts.calls import FoundCall
from appliance.facts.phones import Rule

EFFECTS = ("not_taken", "not_analyzed")  # the first one wins
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LONGEST = timedelta(hours=24)  # a wrong duration must not stretch a call over all hours


def rule_for(call: FoundCall, rules: Iterable[Rule], zone: str) -> str:
    """What holds for a call: not_taken, not_analyzed or "".

    A transferred call is meant when any of its legs is; a call that reaches into a forbidden hour
    is meant as a whole.
    """
    found = {rule.effect for rule in rules if _fits(call, rule, zone)}
    return next((effect for effect in EFFECTS if effect in found), "")


def check_rule(rule: Rule) -> None:
    """Raises Misconfigured for a rule that would mean every call, or an hour that is none."""
    if rule.effect not in EFFECTS:
        raise Misconfigured("choose what the rule does: not taken, or not analyzed")
    if not (rule.lines or rule.extensions or rule.start):
        raise Misconfigured("a rule needs lines, extensions or hours; this one means every call")
    if any(not same_number(number) for number in (*rule.lines, *rule.extensions)):
        raise Misconfigured("lines and extensions are numbers")
    hours = (rule.start, rule.end)
    if any(hours) and not all(_CLOCK.fullmatch(hour) for hour in hours):
        raise Misconfigured("write hours like 12:00 and 13:00")
    if rule.days and not rule.start:
        raise Misconfigured("days need hours; for whole days write 00:00 to 00:00")
    if any(day not in range(7) for day in rule.days):
        raise Misconfigured("days go from Monday to Sunday")


def same_number(number: str) -> str:
    """What two ways of writing the same number have in common: at most its last ten digits."""
    return re.sub(r"\D", "", number, flags=re.ASCII)[-10:]


def _fits(call: FoundCall, rule: Rule, zone: str) -> bool:
    if not (rule.lines or rule.extensions or rule.start):
        return False
    return (
        _among(rule.lines, (call.dialed, call.caller_number, *call.legs))
        and _among(rule.extensions, _extensions_of(call))
        and (not rule.start or _reaches_into(call, rule, zone))
    )


def _among(wanted: Sequence[str], numbers: Sequence[str]) -> bool:
    """Whether one of ``numbers`` is wanted; nothing wanted means: all the same to us."""
    known = {same_number(number) for number in numbers} - {""}
    return not wanted or not known.isdisjoint(map(same_number, wanted))


def _extensions_of(call: FoundCall) -> tuple[str, ...]:
    """Every extension that had to do with the call; an outgoing or internal one dials from one."""
    return (call.staff_extension, *call.legs, call.queue, call.dialed, call.caller_number)


def _reaches_into(call: FoundCall, rule: Rule, zone: str) -> bool:
    begin = call.started_at
    lasting = timedelta(milliseconds=max(0, call.duration_ms))
    end = begin + min(lasting, _LONGEST) if lasting else begin + timedelta(milliseconds=1)
    local = _zone(zone)
    day = begin.astimezone(local).date() - timedelta(days=1)
    while day <= end.astimezone(local).date():
        if not rule.days or day.weekday() in rule.days:
            midnight = datetime(day.year, day.month, day.day)
            opens, closes = _at(midnight, rule.start, local), _at(midnight, rule.end, local)
            if rule.end <= rule.start:
                closes = _at(midnight + timedelta(days=1), rule.end, local)
            if begin < closes and end > opens:
                return True
        day += timedelta(days=1)
    return False


def _at(midnight: datetime, clock: str, zone: ZoneInfo | timezone) -> datetime:
    """A time of a day as people read it off the wall, in UTC so that it can be compared."""
    hour, _, minute = clock.partition(":")
    return midnight.replace(hour=int(hour), minute=int(minute), tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo | timezone:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
