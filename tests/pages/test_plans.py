"""The list of calls stays quick with 100,000 calls: every page follows an index, nothing is sorted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.db import Database, open_db, rows
from appliance.facts.calls import CallFilter
from appliance.facts.reanalyses import Counted
from appliance.migrations import migrate
from appliance.store import (
    calls,
    pending,
    reanalysis_calls,
    reanalysis_changes,
    safety,
    search,
    transcripts,
    vocabulary,
)
from appliance.store.pending import PendingFilter

FILTERS = {
    "everything": CallFilter(),
    "one member of staff": CallFilter(staff="101"),
    "one intent": CallFilter(intent="sick_visit"),
    "one outcome": CallFilter(outcome="booked"),
    "one reason": CallFilter(turnaway="no_ask"),
    "one kind": CallFilter(turnaway="capacity"),
    "all that were lost": CallFilter(turnaway="lost"),
    "one animal": CallFilter(species="cat"),
    "one urgency": CallFilter(urgency="red"),
    "one kind of caller": CallFilter(relation="new_client"),
    "one answer to the notice": CallFilter(disclosure="no"),
    "one step of the funnel": CallFilter(step="offered", direction="in"),
    "one hour of one weekday": CallFilter(weekday=0, hour=9, offsets=((0, 0),)),
    "how callers sounded": CallFilter(mood_start="negative", mood_end="positive"),
    "what people confirmed": CallFilter(said="confirmed"),
    "anything dangerous": CallFilter(safety="any"),
    "missed and reached": CallFilter(answer_state="missed", recovered_h=24),
    "opinions that differ": CallFilter(opinions_differ=True),
}
DRIVERS = ("call_by_", "card_by_", "call_missed")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_db(tmp_path / "petsvet.db", "0" * 64, create=True)
    migrate(opened)
    yield opened
    opened.close()


def plan_of(db: Database, sql: str, params: Any) -> list[str]:
    return [r["detail"] for r in rows(db, f"EXPLAIN QUERY PLAN {sql}", params)]


def plan_of_list(
    db: Database, monkeypatch: pytest.MonkeyPatch, filters: CallFilter, before: str = ""
) -> list[str]:
    """The plan of the very statement that list_calls runs."""
    asked: list[tuple[str, Any]] = []

    def spy(db: Database, sql: str, params: Any = ()) -> list[Any]:
        asked.append((sql, params))
        return []

    monkeypatch.setattr(calls, "rows", spy)
    calls.list_calls(db, filters, before=before)
    return plan_of(db, *asked[0])


@pytest.mark.parametrize("before", ["", "1763500000000.41"], ids=["first page", "a later page"])
@pytest.mark.parametrize("name", [name for name in FILTERS if name != "anything dangerous"])
def test_a_page_of_calls_follows_an_index_and_sorts_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch, name: str, before: str
) -> None:
    plan = plan_of_list(db, monkeypatch, FILTERS[name], before)

    # The last term only puts calls of the very same millisecond in order; it sorts no page.
    sorted_by = [step for step in plan if "TEMP B-TREE" in step and "LAST TERM" not in step]
    assert not sorted_by, plan
    assert any(driver in plan[0] for driver in DRIVERS), plan


def test_dangerous_calls_are_few_and_gathered_from_an_index(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_list(db, monkeypatch, FILTERS["anything dangerous"])
    assert any("SEARCH f USING COVERING INDEX flag_by_name" in step for step in plan), plan
    assert plan[0].startswith("SEARCH c USING INTEGER PRIMARY KEY"), plan


def test_no_table_of_calls_is_read_through(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for filters in FILTERS.values():
        plan = plan_of_list(db, monkeypatch, filters)
        assert not [step for step in plan if step.startswith("SCAN") and "USING" not in step], plan


def test_whether_a_call_is_parked_is_looked_up_by_index(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_list(db, monkeypatch, CallFilter())

    assert [step for step in plan if "SEARCH j USING" in step], plan


def test_search_walks_the_index_backwards_instead_of_sorting(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any]] = []

    def spy(db: Database, sql: str, params: Any = ()) -> list[Any]:
        asked.append((sql, params))
        return []

    monkeypatch.setattr(search, "rows", spy)
    search.search_segments(db, "limping")

    plan = plan_of(db, *asked[0])
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


@pytest.mark.parametrize("after", ["", "1~1763500000000~41~turnaway"], ids=["first", "later"])
@pytest.mark.parametrize(
    "asked",
    [
        PendingFilter(),
        PendingFilter(what="turnaway"),
        PendingFilter(what="rubric.empathy", extensions=("101",)),
        PendingFilter(care=True),
    ],
    ids=["everything", "turnaways", "one item of one desk", "with care"],
)
def test_the_review_queue_follows_its_index_and_sorts_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch, asked: PendingFilter, after: str
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(pending, "rows", lambda _, sql, params=(): told.append((sql, params)) or [])
    monkeypatch.setattr(pending, "value", lambda _, sql, params=(): told.append((sql, params)) or 0)
    pending.list_pending(db, asked, after=after)
    pending.count_flags(db, asked)

    assert told
    for sql, params in told:
        plan = plan_of(db, sql, params)
        assert not [step for step in plan if "TEMP B-TREE" in step], plan
        assert "flag_to_review" in plan[0], plan
        assert "count(*)" not in sql or "COVERING" in plan[0], plan


def test_safety_items_follow_their_index(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(safety, "rows", lambda _, sql, params=(): told.append((sql, params)) or [])
    safety.list_items(db, open_only=True, before="1763500000000~41~safety.advice")

    plan = plan_of(db, *told[0])
    assert "safety_by_start" in plan[0], plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


def test_what_a_run_changed_follows_its_index_and_sorts_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    spy = lambda _, sql, params=(): told.append((sql, params)) or []  # noqa: E731
    monkeypatch.setattr(reanalysis_changes, "rows", spy)
    reanalysis_changes.list_alike(db, 1, Counted("intent", "spam", "refill"), before=9)
    reanalysis_changes.list_calls(db, 1, before=9)
    reanalysis_changes.list_changes(db, 1, 9)
    for sql, params in told:
        plan = plan_of(db, sql, params)
        assert "SEARCH" in plan[0], plan
        assert not [step for step in plan if "TEMP B-TREE" in step], plan


def test_how_many_calls_were_read_by_other_rules_is_counted_from_an_index(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        reanalysis_calls, "value", lambda _, sql, params=(): told.append((sql, params)) or 0
    )
    reanalysis_calls.count_other(db)
    plan = [step for sql, params in told for step in plan_of(db, sql, params)]
    assert [step for step in plan if "COVERING INDEX analysis_by_provenance" in step], plan
    assert not [s for s in plan if s.startswith("SCAN analysis") and "COVERING" not in s], plan


def test_the_terms_that_matter_most_follow_their_index(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        vocabulary, "rows", lambda _, sql, params=(): told.append((sql, params)) or []
    )
    vocabulary.list_listened(db)
    vocabulary.list_terms(db, skip=9000)

    for sql, params in told:
        plan = plan_of(db, sql, params)
        assert "term_by_rank" in plan[0] and len(plan) == 1, plan


def test_what_the_newest_call_listened_for_is_found_without_reading_through_transcripts(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(transcripts, "value", lambda _, sql: told.append(sql))
    transcripts.last_options(db)

    plan = plan_of(db, told[0], ())
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    assert "SEARCH transcript" in plan[0], plan
