"""When callers are due to be called back: within the clinic's hours, the urgent ones soon."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.reading.lost import due_at

CHICAGO = ZoneInfo("America/Chicago")
HOURS = {**{str(day): ("08:00", "18:00") for day in range(5)}, "5": ("09:00", "12:00")}


def due(call: str, urgent: bool = False, hours: dict[str, tuple[str, str]] = HOURS) -> str:
    moment = datetime.fromisoformat(call).replace(tzinfo=CHICAGO).astimezone(UTC)
    return f"{due_at(moment, urgent, hours, CHICAGO).astimezone(CHICAGO):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("call", "urgent", "told"),
    [
        ("2026-11-19 09:30", False, "2026-11-19 18:00"),  # a Thursday
        ("2026-11-19 07:00", False, "2026-11-19 18:00"),
        ("2026-11-19 17:30", False, "2026-11-20 18:00"),  # too little is left of the day
        ("2026-11-20 20:00", False, "2026-11-21 12:00"),
        ("2026-11-21 13:00", False, "2026-11-23 18:00"),  # closed on Sunday
        ("2026-11-19 09:30", True, "2026-11-19 11:30"),
        ("2026-11-19 17:30", True, "2026-11-19 18:00"),
        ("2026-11-19 21:00", True, "2026-11-20 10:00"),
        ("2026-11-21 12:00", True, "2026-11-23 10:00"),
        ("2026-10-31 18:00", True, "2026-11-02 10:00"),  # clocks change in between
    ],
)
def test_due_times_keep_to_the_clinics_hours(call: str, urgent: bool, told: str) -> None:
    assert due(call, urgent) == told


def test_without_hours_usual_ones_are_taken_and_a_long_holiday_ends_somewhere() -> None:
    assert due("2026-11-22 10:00", hours={}) == "2026-11-22 18:00"
    assert due("2026-11-22 23:00", urgent=True, hours={}) == "2026-11-23 10:00"
    assert due("2026-11-22 10:00", hours={"9": ("08:00", "18:00")}) == "2026-11-23 10:00"
