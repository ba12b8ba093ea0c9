"""A phone system that falls silent, or tells less than it used to, raises one alarm each."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.facts.phones import Alarm
from appliance.silence import Counts, Watched, find_alarms, lag_of

ZONE = "America/Chicago"
HOURS = {str(day): ("08:00", "18:00") for day in range(5)} | {"5": ("09:00", "12:00")}
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)  # a Wednesday
QUIET = Counts(calls=20, heard=20, apart=20)
FORTNIGHT = Counts(calls=300, heard=300, apart=300)


def opening(at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(ZONE))
    begin, end = HOURS.get(str(local.weekday()), ("", ""))
    return begin <= local.strftime("%H:%M") < end


def usual(until: datetime, a_day: float = 40) -> tuple[datetime, ...]:
    """Four weeks of calls at random moments of the opening hours."""
    dice, at, starts = random.Random(5), until - timedelta(days=28), []
    while at < until:
        at += timedelta(hours=dice.expovariate(a_day / 10))
        if opening(at) and at < until:
            starts.append(at)
    return tuple(starts)


def seen(**facts: Any) -> Watched:
    created = NOW - timedelta(days=100)
    base: dict[str, Any] = {"created_at": created, "hours": HOURS, "zone": ZONE}
    return Watched(**(base | {"day": QUIET, "before": FORTNIGHT, "starts": usual(NOW)} | facts))


def codes(watched: Watched, now: datetime = NOW) -> list[str]:
    return [alarm.code for alarm in find_alarms(watched, now)]


def only(watched: Watched) -> Alarm:
    (alarm,) = find_alarms(watched, NOW)
    return alarm


def test_a_phone_system_that_does_what_it_always_did_raises_nothing() -> None:
    assert codes(seen()) == []


def test_hours_without_a_call_at_a_busy_time_are_an_alarm_that_says_since_when() -> None:
    last = NOW - timedelta(hours=4)
    alarm = only(seen(starts=usual(last)))
    assert alarm.code == "silent"
    assert abs(alarm.since - last) < timedelta(hours=1)
    assert "opening time" in alarm.sentence
    assert "test call" in alarm.advice


def test_the_same_silence_at_night_and_on_sunday_is_none() -> None:
    monday = NOW - timedelta(days=2)
    early = monday.astimezone(ZoneInfo(ZONE)).replace(hour=8, minute=15).astimezone(UTC)
    starts = usual(early - timedelta(days=1))
    assert codes(seen(starts=starts), early) == []
    noon = early + timedelta(hours=4)
    assert codes(seen(starts=starts), noon) == ["silent"]


def test_a_clinic_with_three_calls_a_day_may_be_quiet_for_hours() -> None:
    assert codes(seen(starts=usual(NOW - timedelta(hours=4), a_day=3))) == []
    assert codes(seen(starts=usual(NOW - timedelta(days=6), a_day=3))) == ["silent"]


def test_without_opening_hours_the_usual_rhythm_alone_tells() -> None:
    assert codes(seen(hours={}, starts=usual(NOW - timedelta(hours=4)))) == ["silent"]
    night = NOW.astimezone(ZoneInfo(ZONE)).replace(hour=23).astimezone(UTC)
    evening = NOW.astimezone(ZoneInfo(ZONE)).replace(hour=18).astimezone(UTC)
    assert codes(seen(hours={}, starts=usual(evening)), night) == []


def test_calls_that_always_arrive_a_day_late_are_not_missed_sooner() -> None:
    last = NOW - timedelta(hours=22)
    assert codes(seen(starts=usual(last), lag=timedelta(hours=25))) == []
    assert codes(seen(starts=usual(last))) == ["silent"]


def test_false_alarms_are_rare_over_a_fortnight_of_ordinary_days() -> None:
    starts = usual(NOW)
    raised = 0
    for hours in range(0, 24 * 14, 4):
        now = NOW - timedelta(hours=hours)
        past = tuple(start for start in starts if start < now - timedelta(minutes=15))
        raised += "silent" in codes(seen(starts=past), now)
    assert raised <= 1


def test_a_new_phone_system_is_given_time_and_one_that_never_told_a_call_is_named() -> None:
    young = tuple(start for start in usual(NOW) if start > NOW - timedelta(days=3))
    assert codes(seen(starts=young[:-30])) == []
    new = NOW - timedelta(days=1)
    assert codes(seen(starts=(), ever=False, created_at=new)) == []
    assert codes(seen(starts=(), ever=False)) == ["never"]


def test_a_system_that_cannot_be_read_for_an_hour_is_one_alarm_not_two() -> None:
    away = {"problem": "the share is away", "starts": usual(NOW - timedelta(hours=6))}
    assert codes(seen(failing_since=NOW - timedelta(minutes=50), **away)) == []
    alarm = only(seen(failing_since=NOW - timedelta(hours=5), **away))
    assert alarm.code == "failing"
    assert "the share is away" in alarm.sentence


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"day": Counts(calls=20, records_alone=9)}, "records_alone"),
        ({"day": Counts(calls=20, files_alone=9)}, "files_alone"),
        ({"day": Counts(calls=20, heard=20, apart=2)}, "mono"),
        ({"clock_skew_s": -600.0}, "skew"),
        ({"quota_used": 0.95}, "full"),
        ({"disk_used": 0.91, "quota_used": 0.2}, "full"),
        ({"trouble": "the port is taken"}, "listener"),
    ],
)
def test_each_change_for_the_worse_is_named_with_what_to_do(
    facts: dict[str, Any], code: str
) -> None:
    alarm = only(seen(**facts))
    assert alarm.code == code
    assert alarm.advice.endswith(".")
    assert alarm.sentence.endswith(".") or code == "listener"


@pytest.mark.parametrize(
    "facts",
    [
        {"day": Counts(calls=4, records_alone=4, files_alone=4, heard=4)},
        {"day": Counts(calls=20, files_alone=20), "before": Counts(calls=300, files_alone=300)},
        {"day": Counts(calls=20, heard=20), "before": Counts(calls=300, heard=300, apart=100)},
        {"day": Counts(calls=20, records_alone=9), "before": Counts(calls=10)},
        {"clock_skew_s": 100.0, "quota_used": 0.8},
    ],
)
def test_what_was_always_so_or_is_too_little_to_tell_raises_nothing(
    facts: dict[str, Any],
) -> None:
    assert codes(seen(**facts)) == []


def test_the_lag_is_that_of_nineteen_in_twenty_calls_within_bounds() -> None:
    minutes = [timedelta(minutes=m) for m in range(100)]
    assert lag_of(minutes) == timedelta(minutes=95)
    assert lag_of([]) == lag_of([timedelta(seconds=3)] * 9) == timedelta(minutes=15)
    assert lag_of([timedelta(days=9)] * 9) == timedelta(minutes=15), "a backfill is no lag"
    assert lag_of([timedelta(hours=40)] * 9) == timedelta(hours=26)
