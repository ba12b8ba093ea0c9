"""Rules keep calls away by line, extension and hour, whichever leg of a transfer they meet."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Misconfigured
from appliance.facts.calls import FoundCall
from appliance.facts.phones import Rule
from appliance.reading.numbers import outside_key
from appliance.reading.rules import check_rule, rule_for

ZONE = "America/Chicago"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo(ZONE))  # a Wednesday


def call(at: datetime = NOON, **facts: Any) -> FoundCall:
    usual: dict[str, Any] = {
        "direction": "in",
        "caller_number": "+15125550142",
        "dialed": "5125550100",
        "staff_extension": "101",
        "duration_ms": 60_000,
    }
    return FoundCall(native_key="k", started_at=at.astimezone(UTC), **(usual | facts))


def rule(**parts: Any) -> Rule:
    return Rule(**({"effect": "not_taken"} | parts))


@pytest.mark.parametrize("line", ["5125550100", "+1 512-555-0100", "(512) 555-0100"])
def test_a_line_is_known_however_it_is_written(line: str) -> None:
    assert rule_for(call(), [rule(lines=(line,))], ZONE) == "not_taken"
    assert rule_for(call(dialed="5125550101"), [rule(lines=(line,))], ZONE) == ""


def test_a_transferred_call_is_meant_when_any_leg_is() -> None:
    doctor = [rule(extensions=("105",))]
    assert rule_for(call(legs=("101", "102")), doctor, ZONE) == ""
    assert rule_for(call(legs=("101", "105")), doctor, ZONE) == "not_taken"
    assert rule_for(call(staff_extension="105"), doctor, ZONE) == "not_taken"


def test_an_extension_is_not_part_of_a_longer_one_or_of_a_number() -> None:
    assert rule_for(call(staff_extension="1055"), [rule(extensions=("105",))], ZONE) == ""
    assert rule_for(call(), [rule(extensions=("0142",))], ZONE) == ""


def test_a_call_to_a_colleague_is_meant_by_the_extension_it_dials() -> None:
    inside = call(direction="internal", caller_number="101", dialed="105", staff_extension="101")
    assert rule_for(inside, [rule(extensions=("105",))], ZONE) == "not_taken"


@pytest.mark.parametrize(
    ("minutes", "lasts_s", "meant"),
    [(-2, 60, False), (-2, 300, True), (0, 1, True), (59, 1, True), (60, 60, False), (30, 0, True)],
)
def test_a_call_that_reaches_into_the_hour_is_meant(
    minutes: int, lasts_s: int, meant: bool
) -> None:
    lunch = [rule(start="12:00", end="13:00")]
    found = call(NOON + timedelta(minutes=minutes), duration_ms=lasts_s * 1000)
    assert bool(rule_for(found, lunch, ZONE)) is meant


def test_hours_that_end_before_they_begin_reach_into_the_next_day() -> None:
    friday_night = [rule(days=(4,), start="22:00", end="06:00")]
    friday = datetime(2026, 11, 20, 23, 0, tzinfo=ZoneInfo(ZONE))
    assert rule_for(call(friday), friday_night, ZONE)
    assert rule_for(call(friday + timedelta(hours=6)), friday_night, ZONE)
    assert not rule_for(call(friday + timedelta(hours=24)), friday_night, ZONE)
    assert not rule_for(call(friday - timedelta(hours=18)), friday_night, ZONE)


def test_hours_are_the_clinics_on_both_sides_of_daylight_saving() -> None:
    lunch = [rule(start="12:00", end="13:00")]
    for day in (datetime(2026, 7, 1, 12, 30), datetime(2026, 12, 1, 12, 30)):
        assert rule_for(call(day.replace(tzinfo=ZoneInfo(ZONE))), lunch, ZONE)
    assert not rule_for(call(datetime(2026, 7, 1, 12, 30, tzinfo=UTC)), lunch, ZONE)


def test_all_parts_of_a_rule_must_fit_and_the_stronger_of_two_rules_wins() -> None:
    both = rule(lines=("5125550100",), extensions=("105",))
    assert not rule_for(call(), [both], ZONE)
    soft = rule(effect="not_analyzed", extensions=("101",))
    assert rule_for(call(), [soft], ZONE) == "not_analyzed"
    assert rule_for(call(), [soft, rule(lines=("5125550100",))], ZONE) == "not_taken"


@pytest.mark.parametrize(
    "wrong",
    [
        rule(),
        rule(effect="erased", lines=("5125550100",)),
        rule(start="12:00"),
        rule(start="12:00", end="25:00"),
        rule(days=(0,), extensions=("101",)),
        rule(days=(7,), start="12:00", end="13:00"),
        rule(extensions=("desk",)),
    ],
)
def test_a_rule_that_means_everything_or_nothing_is_refused(wrong: Rule) -> None:
    with pytest.raises(Misconfigured):
        check_rule(wrong)


def test_a_sound_rule_passes_and_an_empty_one_means_no_call() -> None:
    check_rule(rule(lines=("5125550100",), days=(5, 6), start="00:00", end="00:00"))
    assert rule_for(call(), [rule()], ZONE) == ""


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.integers(0, 7 * 1440),
    lasts=st.integers(0, 3600),
    begin=st.integers(0, 95),
    length=st.integers(1, 96),
)
def test_hours_mean_the_minutes_between_them_and_no_others(
    minutes: int, lasts: int, begin: int, length: int
) -> None:
    clock = [f"{q % 96 // 4:02d}:{q % 4 * 15:02d}" for q in (begin, begin + length)]
    start = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = call(start, duration_ms=lasts * 1000)
    touched = {
        (start + timedelta(seconds=s)).hour * 60 + (start + timedelta(seconds=s)).minute
        for s in range(max(lasts, 1))
    }
    forbidden = {(begin * 15 + m) % 1440 for m in range(length * 15)}
    meant = bool(rule_for(found, [rule(start=clock[0], end=clock[1])], "UTC"))
    assert meant == (not touched.isdisjoint(forbidden))


@pytest.mark.parametrize(
    ("direction", "caller", "dialed", "key"),
    [
        ("in", "+1 (512) 555-0142", "5125550100", "5125550142"),
        ("out", "5125550100", "15125550142", "5125550142"),
        ("in", "5550142", "", "5550142"),
        ("in", "anonymous", "5125550100", ""),
        ("in", "", "5125550100", ""),
        ("in", "0000000000", "5125550100", ""),
        ("in", "+266696687", "5125550100", ""),
        ("in", "103", "5125550100", ""),
        ("internal", "5125550142", "5125550100", ""),
        ("unknown", "5125550142", "5125550100", ""),
    ],
)
def test_the_outside_party_is_known_by_ten_digits_or_not_at_all(
    direction: str, caller: str, dialed: str, key: str
) -> None:
    assert outside_key(direction, caller, dialed) == key
