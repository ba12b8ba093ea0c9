"""Periods of whole days, the ones before them, and where a zone's clocks stand against UTC."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.facts import to_ms
from appliance.facts.calls import Offsets
from appliance.facts.figures import Period

DAY: Final = timedelta(days=1)
LENGTHS: Final = {"week": 7, "4weeks": 28, "quarter": 91}  # whole weeks, so that weekdays match
BY_WEEK: Final = 35  # days from which columns are weeks
_STRIDE: Final = timedelta(days=7)  # clocks are nowhere changed twice within a week


def days_of(period: Period) -> int:
    """How many days it has."""
    return (period.last - period.first).days + 1


def ending(code: str, today: date) -> Period:
    """The last whole days: today is not over and would look like a fall."""
    last = today - DAY
    return Period(first=last - timedelta(days=LENGTHS[code] - 1), last=last)


def week_of(monday: date) -> Period:
    """Monday to Sunday."""
    return Period(first=monday, last=monday + timedelta(days=6))


def before(period: Period) -> Period:
    """As many days, just before."""
    span = timedelta(days=days_of(period))
    return Period(first=period.first - span, last=period.first - DAY)


def columns_of(period: Period) -> list[Period]:
    """The days of a short period, the weeks of a long one (from its first day on)."""
    step = timedelta(days=7 if days_of(period) >= BY_WEEK else 1)
    starts = [period.first]
    while starts[-1] + step <= period.last:
        starts.append(starts[-1] + step)
    return [Period(first=s, last=min(s + step - DAY, period.last)) for s in starts]


def begins(period: Period, zone: ZoneInfo) -> datetime:
    """The moment of its first midnight, in UTC."""
    return midnight(period.first, zone)


def ends(period: Period, zone: ZoneInfo) -> datetime:
    """The midnight after its last day, in UTC."""
    return midnight(period.last + DAY, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def offsets_of(zone: ZoneInfo, first: datetime, last: datetime) -> Offsets:
    """How far the zone's clocks are ahead between two moments, newest change first."""
    found = [(to_ms(first), _ahead(zone, first))]
    at = first
    while at < last:
        following = min(at + _STRIDE, last)
        if _ahead(zone, following) != found[-1][1]:
            found.append((to_ms(_changed(zone, at, following)), _ahead(zone, following)))
        at = following
    return tuple(reversed(found))


def _ahead(zone: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int((offset or timedelta()).total_seconds() * 1000)


def _changed(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first moment, to the second, at which the later offset holds."""
    old = _ahead(zone, low)
    while high - low > timedelta(seconds=1):
        mid = low + (high - low) / 2
        low, high = (mid, high) if _ahead(zone, mid) == old else (low, mid)
    return high.replace(
        microsecond=0
    )  # clocks change at whole seconds, and only one lies here.replace(microsecond=0)
