"""Shares, changes, times and periods, against hand-made and brute-force answers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.facts import from_ms, to_ms
from appliance.facts.figures import Period
from appliance.reading import figures, periods
from appliance.reading.figure_words import axis_top, period_words, share_words, time_words
from appliance.reading.intervals import wilson

CHICAGO = ZoneInfo("America/Chicago")
ZONES = ("America/Chicago", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata",
         "Australia/Lord_Howe", "UTC")  # fmt: skip


def test_wilsons_interval_is_that_of_the_textbook():
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)


@given(whole=st.integers(1, 500), data=st.data())
def test_a_share_lies_in_its_interval_and_the_interval_between_nothing_and_all(whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1


def test_a_change_is_told_only_where_chance_does_not_explain_it():
    assert figures.change(90, 100, 60, 100) == "up"
    assert figures.change(60, 100, 90, 100) == "down"
    assert figures.change(62, 100, 60, 100) == "same"
    assert figures.change(9, 9, 0, 100) == ""
    assert figures.change(50, 100, 3, 9) == ""


def test_below_ten_calls_numbers_stand_instead_of_percentages():
    assert share_words(4, 9) == "4 of 9"
    assert share_words(5, 10) == "50\u00a0%"
    assert share_words(0, 0) == "–"


def test_median_and_ninetieth_percentile_are_those_of_the_sorted_calls():
    told = figures.times({3: 5, 10: 4, 70: 1})
    assert (told.n, told.median_s, told.p90_s) == (10, 3, 10)
    assert [bar.n for bar in told.buckets] == [5, 4, 0, 0, 1]
    assert figures.times({}).median_s is None


@given(st.dictionaries(st.integers(0, 86_399), st.integers(1, 9), min_size=1, max_size=40))
def test_every_call_is_in_one_bar_and_nine_of_ten_are_within_the_p90(seconds):
    told = figures.times(seconds)
    assert sum(bar.n for bar in told.buckets) == told.n == sum(seconds.values())
    within = sum(n for s, n in seconds.items() if s <= told.p90_s)
    assert within >= 0.9 * told.n
    assert told.median_s <= told.p90_s


def test_the_last_whole_days_end_yesterday_and_the_period_before_joins_them():
    week = periods.ending("week", date(2026, 11, 19))
    assert (week.first, week.last) == (date(2026, 11, 12), date(2026, 11, 18))
    assert periods.before(week) == Period(first=date(2026, 11, 5), last=date(2026, 11, 11))


@pytest.mark.parametrize("code", periods.LENGTHS)
def test_columns_cover_each_day_of_a_period_once(code):
    period = periods.ending(code, date(2026, 11, 19))
    days = [
        part.first + timedelta(days=n)
        for part in periods.columns_of(period)
        for n in range(periods.days_of(part))
    ]
    assert days == [period.first + timedelta(days=n) for n in range(periods.days_of(period))]


@given(
    zone=st.sampled_from(ZONES),
    first=st.integers(to_ms(datetime(2020, 1, 1, tzinfo=UTC)), to_ms(datetime(2026, 6, 1, tzinfo=UTC))),
    length=st.integers(0, 500 * 86_400_000),
    at=st.floats(0, 1),
)  # fmt: skip
def test_offsets_tell_the_wall_clock_of_any_moment_between(zone, first, length, at):
    begin, end = from_ms(first), from_ms(first + length)
    moment = first + int(length * at)
    offsets = periods.offsets_of(ZoneInfo(zone), begin, end)
    ahead = next((o for since, o in offsets if moment >= since), offsets[-1][1])
    local = from_ms(moment).astimezone(ZoneInfo(zone))
    assert timedelta(milliseconds=ahead) == local.utcoffset()


def test_a_day_of_changing_clocks_has_25_hours():
    day = Period(first=date(2026, 11, 1), last=date(2026, 11, 1))
    assert periods.ends(day, CHICAGO) - periods.begins(day, CHICAGO) == timedelta(hours=25)


@given(st.integers(0, 10**6))
def test_the_axis_ends_at_a_round_number_not_far_above(most):
    top = axis_top(most)
    assert most <= top <= max(1, 2 * most)
    assert str(top).rstrip("0") in {"1", "2", "3", "4", "5", "6", "8"}


def test_periods_and_times_read_like_words():
    assert (
        period_words(Period(first=date(2026, 11, 9), last=date(2026, 11, 15)))
        == "November 9 – 15, 2026"
    )
    assert (
        period_words(Period(first=date(2025, 12, 29), last=date(2026, 1, 4)))
        == "December 29, 2025 – January 4, 2026"
    )
    assert [time_words(s) for s in (None, 0, 59, 60, 125)] == [
        "–",
        "0 s",
        "59 s",
        "1 min",
        "2 min 5 s",
    ]
