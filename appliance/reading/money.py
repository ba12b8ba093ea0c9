"""What lost bookings may have been worth: ranges from the clinic's own fees and odds, never a figure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from appliance.facts.fees import OTHER_VISIT, Estimate, FeeList, WeekSum
from appliance.facts.work import RECOVERED, TO_DO, WeekRow


def estimate(fees: FeeList, intent: str, kind: str) -> Estimate | None:
    """The range of one caller; None where the clinic told no fee or no odds for it."""
    visit = intent if intent in fees.fees else OTHER_VISIT
    fee, odds = fees.fees.get(visit), fees.odds.get(kind)
    if fee is None or odds is None:
        return None
    low, high = fee[0] * odds[0] / 100, fee[1] * odds[1] / 100
    return Estimate(visit=visit, fee=fee, odds=odds, low=low, high=high)


def week_sums(
    items: Iterable[WeekRow], fees: FeeList, zone: ZoneInfo, now: datetime, weeks: int
) -> list[WeekSum]:
    """The last weeks, this one first, Mondays to Sundays in the clinic's zone."""
    by_week: dict[date, list[WeekRow]] = {}
    for item in items:
        by_week.setdefault(monday(item.opened_at, zone), []).append(item)
    this = monday(now, zone)
    days = [this - timedelta(days=7 * back) for back in range(weeks)]
    return [week_sum(day, by_week.get(day, []), fees) for day in days]


def monday(moment: datetime, zone: ZoneInfo) -> date:
    """The first day of a moment's week."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def week_sum(first_day: date, items: Sequence[WeekRow], fees: FeeList) -> WeekSum:
    """One week; a caller who was lost twice in it counts once, with the newer loss."""
    newest = {item.caller: item for item in sorted(items, key=lambda item: item.opened_at)}
    told = [(item, estimate(fees, item.intent, item.kind)) for item in newest.values()]
    priced = Counter((item.kind, worth) for item, worth in told if worth)
    lines = [(count, kind, worth) for (kind, worth), count in priced.items()]
    return WeekSum(
        first_day=first_day,
        callers=len(told),
        recovered=sum(item.state == RECOVERED for item, _ in told),
        to_do=sum(item.state in TO_DO for item, _ in told),
        unpriced=sum(worth is None for _, worth in told),
        low=sum(floor(count * worth.low) for count, _, worth in lines),
        high=sum(ceil(count * worth.high) for count, _, worth in lines),
        lines=tuple(sorted(lines, key=lambda line: -line[0] * line[2].high)),
    )


def as_range(low: float, high: float, currency: str) -> str:
    """$40 to $180: rounded outward to whole units, so that the words never narrow the range."""
    down, up = floor(low), ceil(high)
    return f"{currency}{down:,} to {currency}{up:,}"
