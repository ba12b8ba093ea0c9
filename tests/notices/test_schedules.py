"""When notices are due: weekdays, closed days, and the two days on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.reading.schedules import closed_days, last_due

CHICAGO = ZoneInfo("America/Chicago")
DAILY = dict.fromkeys("0123456", "07:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def test_a_notice_is_due_from_its_minute_on() -> None:
    assert last_due(DAILY, CHICAGO, at("2026-11-24T07:29")) == at("2026-11-23T07:30")
    assert last_due(DAILY, CHICAGO, at("2026-11-24T07:30")) == at("2026-11-24T07:30")


def test_closed_days_and_days_without_a_time_are_left_out() -> None:
    hours = {str(day): ("08:00", "18:00") for day in range(6)}
    sunday = at("2026-11-22T12:00")
    assert closed_days(hours) == {"6"}
    assert closed_days({}) == frozenset(), "nobody told the hours"
    assert last_due(DAILY, CHICAGO, sunday, closed_days(hours)) == at("2026-11-21T07:30")
    assert last_due({"2": "09:00"}, CHICAGO, sunday) == at("2026-11-18T09:00")
    assert last_due({}, CHICAGO, sunday) is None
    assert last_due({"6": "09:00"}, CHICAGO, sunday, {"6"}) is None


def test_a_time_that_clocks_skip_comes_an_hour_later_and_one_they_repeat_comes_once() -> None:
    early = dict.fromkeys("0123456", "02:30")
    spring = last_due(early, CHICAGO, datetime(2026, 3, 8, 12, tzinfo=UTC))
    assert spring == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)  # 3:30 by the new time
    fall = dict.fromkeys("0123456", "01:30")
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7))
    assert last_due(fall, CHICAGO, first) == first
    assert last_due(fall, CHICAGO, second + timedelta(minutes=5)) == first


@given(st.integers(0, 60 * 24 * 400), st.sampled_from(["00:00", "02:30", "12:00", "23:59"]))
def test_a_daily_notice_is_due_once_a_day_whenever_one_asks(minutes: int, clock: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = last_due(dict.fromkeys("0123456", clock), CHICAGO, now)
    assert due is not None
    assert timedelta(0) <= now - due <= timedelta(hours=25)
    before = last_due(dict.fromkeys("0123456", clock), CHICAGO, due - timedelta(seconds=1))
    assert before is not None
    assert timedelta(hours=22) <= due - before <= timedelta(hours=26)
