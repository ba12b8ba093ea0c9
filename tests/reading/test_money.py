"""Money is a range from the clinic's own numbers, each caller once, or it is not told at all."""

from datetime import UTC, date, datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.facts.fees import PRICED, FeeList
from appliance.facts.work import WeekRow
from appliance.reading.money import as_range, estimate, monday, week_sums

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)  # a Thursday afternoon there
FEES = FeeList(
    fees={"sick_visit": (80, 240), "other": (60, 100)},
    odds={"capacity": (25, 50), "skill": (40, 80)},
)


def lost(
    caller: str, hours_ago: int = 1, kind: str = "capacity", intent: str = "sick_visit",
    state: str = "open",
) -> WeekRow:  # fmt: skip
    at = NOW - timedelta(hours=hours_ago)
    return WeekRow(caller=caller, opened_at=at, kind=kind, intent=intent, state=state)


def test_a_caller_is_worth_fee_times_odds_from_lowest_to_highest() -> None:
    worth = estimate(FEES, "sick_visit", "capacity")
    assert worth
    assert (worth.visit, worth.low, worth.high) == ("sick_visit", 20, 120)
    assert as_range(worth.low, worth.high, "$") == "$20 to $120"


def test_a_call_that_does_not_tell_the_visit_takes_the_fee_of_any_other() -> None:
    worth = estimate(FEES, "unknown", "skill")
    assert worth
    assert (worth.visit, worth.low, worth.high) == ("other", 24, 80)


def test_without_a_fee_list_no_money_is_told() -> None:
    assert not FeeList().told
    assert estimate(FeeList(), "sick_visit", "capacity") is None
    assert estimate(FEES, "sick_visit", "technical") is None, "no odds were told"
    assert estimate(FeeList(odds=FEES.odds), "sick_visit", "capacity") is None


def test_a_caller_lost_twice_in_a_week_counts_once() -> None:
    week, before = week_sums(
        [lost("a", 40, state="recovered"), lost("a", 2), lost("b", 3, "skill", "unknown"),
         lost("c", 4, "technical"), lost("a", 24 * 7)],
        FEES, CHICAGO, NOW, 2,
    )  # fmt: skip
    assert (week.callers, week.recovered, week.to_do, week.unpriced) == (3, 0, 3, 1)
    assert (week.low, week.high) == (20 + 24, 120 + 80)
    assert sum(count for count, _, _ in week.lines) == 2
    assert (before.first_day, before.callers, before.high) == (date(2026, 11, 9), 1, 120)


def test_weeks_begin_on_monday_of_the_clinics_clock() -> None:
    late = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)  # still Sunday there
    assert monday(late, CHICAGO).isoformat() == "2026-11-09"


@given(
    low=st.integers(0, 5000), more=st.integers(0, 5000), odds=st.integers(0, 100),
    likelier=st.integers(0, 100), callers=st.lists(st.sampled_from("abcde"), max_size=30),
)  # fmt: skip
def test_a_sum_is_never_one_figure_narrower_than_its_parts(
    low: int, more: int, odds: int, likelier: int, callers: list[str]
) -> None:
    fees = FeeList(
        fees=dict.fromkeys(PRICED, (low, low + more)),
        odds={"capacity": (min(odds, likelier), max(odds, likelier))},
    )
    [week] = week_sums([lost(name) for name in callers], fees, CHICAGO, NOW, 1)
    worth = estimate(fees, "sick_visit", "capacity")
    assert worth
    assert week.callers == len(set(callers))
    assert week.low <= week.high
    assert week.low == floor(len(set(callers)) * worth.low)
    assert week.high == ceil(len(set(callers)) * worth.high)
