"""The worklist stays quick with 100,000 items: pages follow an index, and settling looks at one number."""

import time
from datetime import timedelta
from typing import Any

import pytest

from appliance.db import Database, rows, value, writing
from appliance.facts import from_ms, to_ms
from appliance.facts.work import WorkFilter
from appliance.store import lost, worklist
from tests.world import BEGIN, World

FILTERS = {
    "to do": WorkFilter(),
    "to do of a kind": WorkFilter(kind="skill"),
    "mine": WorkFilter(owner_id=1),
    "done": WorkFilter(done=True),
    "done of a kind": WorkFilter(done=True, kind="skill"),
}


@pytest.mark.parametrize("after", ["", "1763500000000.41"], ids=["first page", "a later page"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_page_of_items_follows_an_index_and_sorts_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, after: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def spy(db: Database, sql: str, params: Any = ()) -> list[Any]:
        asked.append((sql, params))
        return []

    monkeypatch.setattr(worklist, "rows", spy)
    worklist.list_items(world.db, FILTERS[name], after=after)
    plan = [r["detail"] for r in rows(world.db, f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])]
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    assert "work_item_" in plan[0], plan


def fill(db: Database, count: int) -> None:
    """``count`` calls, each with an item, one minute apart; every tenth item is still to do."""
    moments = [to_ms(BEGIN) - n * 60_000 for n in range(count)]
    with writing(db):
        db.conn.executemany(
            "INSERT INTO call (id, ref, connector, native_key, started_at, duration_ms, talk_ms,"
            " direction, answer_state, caller_number, caller_name, dialed, outside_key,"
            " staff_extension, queue, metadata_level, state, found_at) VALUES (?, ?, 'pbx', ?, ?,"
            " 1, 1, 'in', ?, '', '', '', ?, ?, '', 'cdr', 'ready', 0)",
            [
                (n + 1, f"r{n}", f"k{n}", moment, "ring_abandon" if n % 8 == 0 else "answered",
                 str(5_120_000_000 + n), f"10{n % 5}")
                for n, moment in enumerate(moments)
            ],
        )  # fmt: skip
        db.conn.executemany(
            "INSERT INTO work_item (id, ref, outside_key, lead_id, state, kind, reason, intent,"
            " urgent, missed, calls, opened_at, latest_at, due_at, closed_at) VALUES"
            " (?, ?, ?, ?, ?, ?, 'no_ask', 'dental', 0, 0, 1, ?, ?, ?, ?)",
            [
                (n + 1, f"i{n}", str(5_120_000_000 + n), n + 1, "lost" if n % 10 else "open",
                 ("skill", "capacity")[n % 2], moment, moment, moment, moment if n % 10 else None)
                for n, moment in enumerate(moments)
            ],
        )  # fmt: skip
        db.conn.executemany(
            "INSERT INTO work_call VALUES (?, ?, 0)", [(n + 1, n + 1) for n in range(count)]
        )


def seconds(act: Any) -> float:
    """The quickest of three, of this thread's own time."""
    spent = []
    for _ in range(3):
        began = time.thread_time()
        act()
        spent.append(time.thread_time() - began)
    return min(spent)


def test_lists_counts_and_settling_take_a_moment_among_100000_items(world: World) -> None:
    fill(world.db, 100_000)
    front_desk = {"user_id": 1, "extensions": ("102",)}
    for filters in (
        *FILTERS.values(),
        WorkFilter(**front_desk),
        WorkFilter(done=True, **front_desk),
    ):
        assert seconds(lambda f=filters: worklist.list_items(world.db, f)) < 0.1, filters
    assert seconds(lambda: worklist.count_items(world.db, WorkFilter(), most=100)) < 0.05
    since = BEGIN - timedelta(days=14)
    found, _ = worklist.list_missed(world.db, since)
    assert len(found) == worklist.PAGE and all(row.item_ref for row in found)
    assert seconds(lambda: worklist.list_missed(world.db, since)) < 0.25
    assert seconds(lambda: lost.unsettled(world.db, BEGIN)) < 0.25
    newest = value(world.db, "SELECT id FROM call ORDER BY started_at DESC LIMIT 1")

    def settle() -> None:
        with writing(world.db):
            lost.settle_call(world.db, newest, now=BEGIN)

    assert seconds(settle) < 0.05
    assert from_ms(value(world.db, "SELECT max(opened_at) FROM work_item")) == BEGIN
