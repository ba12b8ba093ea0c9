"""Hours counted from their index are those counted one by one, also where clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.db import execute, rows, writing
from appliance.facts import to_ms
from appliance.facts.calls import CallFilter
from appliance.reading import periods
from appliance.store import tallies
from tests.world import World, found_call


@pytest.mark.parametrize("zone", ["America/Chicago", "Europe/Berlin", "Asia/Kolkata"])
def test_both_ways_of_counting_hours_agree(
    world: World, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Every 50 minutes for ten days, over the end of summer time."""
    there = ZoneInfo(zone)
    begin, end = datetime(2026, 10, 22, tzinfo=there), datetime(2026, 11, 4, tzinfo=there)
    (first,) = world.receive(found_call("first"))
    columns = [r["name"] for r in rows(world.db, "SELECT name FROM pragma_table_info('call')")]
    others = ", ".join(c for c in columns if c not in ("id", "ref", "native_key", "started_at"))
    step = timedelta(minutes=50) // timedelta(milliseconds=1)
    with writing(world.db):
        execute(
            world.db,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
            f" INSERT INTO call (id, ref, native_key, started_at, {others}) SELECT i + 1000,"
            f" 'r' || i, 'n' || i, ? + i * ?, {others} FROM call, n WHERE call.id = ?",
            (to_ms(begin), step, first),
        )
        execute(world.db, "UPDATE call SET answer_state = 'ring_abandon' WHERE id % 3 = 0")
        execute(world.db, "UPDATE call SET direction = 'out' WHERE id % 7 = 0")
    asked = CallFilter(started_from=begin, started_before=end, direction="in")
    offsets = periods.offsets_of(there, begin, end)
    assert tallies._by_whole_hours(asked, offsets) == (zone != "Asia/Kolkata")
    found = sorted(tallies.count_hours(world.db, asked, offsets))
    monkeypatch.setattr(tallies, "_by_whole_hours", lambda *_: False)
    assert found == sorted(tallies.count_hours(world.db, asked, offsets))
    assert sum(n for *_, n in found) > 300
