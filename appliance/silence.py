"""When a phone system is too quiet, or tells less than it used to: pure over counts and moments.

A phone system fails silently: a full disk, a forgotten update, a changed password, and no call
arrives any more. So what came in the last day is held against what usually comes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.facts import Fact
from appliance.facts.phones import Alarm

HISTORY = timedelta(days=28)
YOUNG = timedelta(days=7)  # before this nobody knows what is usual
NEVER = timedelta(days=2)
FAILING = timedelta(hours=1)
TOO_MANY = 6.0  # calls that usually come in a span without any: by chance once in four hundred
SLOT = timedelta(minutes=15)
SKEW_S = 120.0
NEARLY_FULL = 0.9
FEWEST = 5  # calls of the last day below which shares say nothing
USUAL = 20  # and of the fortnight before

Hours = dict[str, tuple[str, str]]


class Counts(Fact, frozen=True, kw_only=True):
    """Calls of one span: how many, recordings without records, records without recordings.

    ``heard`` counts recordings whose channels are known, ``apart`` those with the sides apart.
    """

    calls: int = 0
    files_alone: int = 0
    records_alone: int = 0
    heard: int = 0
    apart: int = 0


class Watched(Fact, frozen=True, kw_only=True):
    """All that is known of one phone system at a moment.

    ``starts`` are the beginnings of its calls of the last four weeks in order; ``lag`` is how late
    calls usually arrive here. ``day`` counts the last 24 hours, ``before`` the fortnight before.
    ``disk_used`` and ``quota_used`` go from 0 to 1.
    """

    created_at: datetime
    starts: tuple[datetime, ...] = ()
    ever: bool = True
    lag: timedelta = timedelta(minutes=15)
    hours: Hours = {}
    zone: str = "UTC"
    day: Counts = Counts()
    before: Counts = Counts()
    clock_skew_s: float | None = None
    quota_used: float | None = None
    disk_used: float | None = None
    problem: str = ""
    failing_since: datetime | None = None
    trouble: str = ""


def find_alarms(seen: Watched, now: datetime) -> list[Alarm]:
    """Everything a person should see, the worst first."""
    checks = (_failing, _trouble, _silent, _unrecorded, _unlisted, _mono, _skew, _full)
    return [alarm for check in checks for alarm in check(seen, now)]


def _failing(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if seen.failing_since is not None and now - seen.failing_since > FAILING:
        yield Alarm(
            code="failing",
            sentence=f"It could not be read for over an hour: {seen.problem}",
            advice="Test the connection on the page of phone systems; no call is lost meanwhile.",
            since=seen.failing_since,
        )


def _trouble(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if seen.trouble:
        yield Alarm(
            code="listener",
            sentence=f"What it sends by itself does not arrive: {seen.trouble}",
            advice="Check address and port in the phone system, and the firewall between.",
            since=now,
        )


def _silent(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if seen.failing_since is not None:
        return  # silence has its reason then
    if not seen.ever:
        if now - seen.created_at > NEVER:
            yield Alarm(
                code="never",
                sentence="Not one call has arrived since it was set up.",
                advice="Test the connection: is this the right folder, and are calls recorded?",
                since=seen.created_at,
            )
        return
    if not seen.starts or now - seen.starts[0] < YOUNG:
        return
    begin, end = seen.starts[-1], now - seen.lag
    missing = usual_calls(seen, begin, end)
    if missing >= TOO_MANY:
        open_for = sum((SLOT for _ in open_slots(begin, end, seen)), timedelta())
        yield Alarm(
            code="silent",
            sentence=f"No new call in {_spoken(open_for)} of opening time;"
            f" about {missing:.0f} usually come in that time.",
            advice="If the clinic is closed today all is well. Otherwise make a test call and look"
            " whether the phone system still records and lists it.",
            since=begin,
        )


def usual_calls(seen: Watched, begin: datetime, end: datetime) -> float:
    """How many calls usually come in the open time between two moments.

    By weekday and hour where these were seen twice before, else by the hour of all days.
    """
    zone = _zone(seen.zone)
    slots = Counter(_slot(at, zone) for at in open_slots(seen.starts[0], begin, seen))
    calls = Counter(_slot(at, zone) for at in seen.starts[:-1] if _is_open(at, seen, zone))
    hour_slots, hour_calls = _by_hour(slots), _by_hour(calls)
    expected = 0.0
    for at in open_slots(begin, end, seen):
        slot = _slot(at, zone)
        if slots[slot] >= 8:  # two hours of four quarters
            expected += calls[slot] / slots[slot]
        elif hour_slots[slot[1]]:
            expected += hour_calls[slot[1]] / hour_slots[slot[1]]
    return expected


def _by_hour(counts: Counter[tuple[int, int]]) -> Counter[int]:
    summed: Counter[int] = Counter()
    for (_, hour), count in counts.items():
        summed[hour] += count
    return summed


def open_slots(begin: datetime, end: datetime, seen: Watched) -> Iterator[datetime]:
    """The quarter hours between two moments in which the clinic is open, four weeks at most."""
    zone, at = _zone(seen.zone), max(begin, end - HISTORY)
    while at + SLOT <= end:
        if _is_open(at, seen, zone):
            yield at
        at += SLOT


def _is_open(at: datetime, seen: Watched, zone: ZoneInfo | timezone) -> bool:
    """Without opening hours the clinic is open always: what is usual tells the rest."""
    if not seen.hours:
        return True
    local = at.astimezone(zone)
    hours = seen.hours.get(str(local.weekday()))
    return hours is not None and hours[0] <= local.strftime("%H:%M") < hours[1]


def _slot(at: datetime, zone: ZoneInfo | timezone) -> tuple[int, int]:
    local = at.astimezone(zone)
    return local.weekday(), local.hour


def _unrecorded(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if _rises(seen.day.records_alone, seen.before.records_alone, seen):
        yield Alarm(
            code="records_alone",
            sentence=f"{seen.day.records_alone} of the last {seen.day.calls} calls have a record"
            " but their recording is not there; that is far more than usual.",
            advice="Look whether the phone system has room to record and still writes to the folder"
            " set here.",
            since=now,
        )


def _unlisted(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if _rises(seen.day.files_alone, seen.before.files_alone, seen):
        yield Alarm(
            code="files_alone",
            sentence=f"{seen.day.files_alone} of the last {seen.day.calls} calls have a recording"
            " but no call record; that is far more than usual.",
            advice="Look whether the phone system still writes its call records, and where.",
            since=now,
        )


def _rises(today: int, usually: int, seen: Watched) -> bool:
    """Whether a share of the last day is far above that of the fortnight before."""
    if seen.day.calls < FEWEST or seen.before.calls < USUAL:
        return False
    usual = usually / seen.before.calls
    return today >= 3 and today / seen.day.calls > max(3 * usual, usual + 0.2)


def _mono(seen: Watched, now: datetime) -> Iterator[Alarm]:
    day, before = seen.day, seen.before
    if day.heard < FEWEST or before.heard < USUAL:
        return
    if before.apart / before.heard >= 0.8 and day.apart / day.heard <= 0.5:
        yield Alarm(
            code="mono",
            sentence="Recordings come with both sides in one channel; they used to come apart.",
            advice="Look whether an update of the phone system took the setting back that records"
            " both sides apart.",
            since=now,
        )


def _skew(seen: Watched, now: datetime) -> Iterator[Alarm]:
    if seen.clock_skew_s is None or abs(seen.clock_skew_s) <= SKEW_S:
        return
    way = "ahead of" if seen.clock_skew_s > 0 else "behind"
    yield Alarm(
        code="skew",
        sentence=f"Its clock is {_spoken(timedelta(seconds=abs(seen.clock_skew_s)))} {way} the"
        " clock of this box.",
        advice="Switch on network time (NTP) in the phone system, and check its time zone.",
        since=now,
    )


def _full(seen: Watched, now: datetime) -> Iterator[Alarm]:
    used = max(seen.quota_used or 0.0, seen.disk_used or 0.0)
    if used >= NEARLY_FULL:
        yield Alarm(
            code="full",
            sentence=f"Its room for recordings is {min(used, 1):.0%} full.",
            advice="Delete old recordings there or add room; this box keeps its own copies.",
            since=now,
        )


def lag_of(lags: Sequence[timedelta]) -> timedelta:
    """How late calls usually arrive: nineteen of twenty come sooner; a quarter hour at least."""
    least, most = timedelta(minutes=15), timedelta(hours=26)
    known = sorted(lag for lag in lags if lag < timedelta(days=2))
    if not known:
        return least
    usual = known[min(len(known) - 1, len(known) * 19 // 20)]
    return min(max(usual, least), most)


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} hours"
    return f"{minutes / 1440:.0f} days"


def _zone(name: str) -> ZoneInfo | timezone:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
