"""When a notice is due, on the clinic's wall clock; pure reckoning."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_BACK = 15  # days


def last_due(
    times: Mapping[str, str], zone: ZoneInfo, now: datetime, closed: Collection[str] = ()
) -> datetime | None:
    """The newest moment up to ``now`` at which a notice was due, None where there is none lately.

    ``times`` maps weekdays ("0" is Monday) to times of day; days in ``closed`` are left out. A time
    that clocks skip in spring comes an hour later; one they repeat in fall counts once, the first.
    """
    today = now.astimezone(zone).date()
    for back in range(LOOK_BACK):
        day = today - timedelta(days=back)
        name = str(day.weekday())
        if name not in times or name in closed:
            continue
        moment = datetime.combine(day, time.fromisoformat(times[name]), zone)
        if moment.timestamp() <= now.timestamp():
            return datetime.fromtimestamp(moment.timestamp(), now.tzinfo)
    return None


def closed_days(hours: Mapping[str, object]) -> frozenset[str]:
    """The weekdays on which the clinic is closed; none where no hours are told."""
    return frozenset(set("0123456") - set(hours)) if hours else frozenset()
