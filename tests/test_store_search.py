"""Search finds every word, newest first, and no input is an error."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.db import Database, rows, writing
from appliance.facts.calls import CallFilter
from appliance.store import calls
from appliance.store.search import match_query, search_segments, split_marks
from tests.world import World, found_call, tell_transcript

SAID = ("My dog ate a grape", "the naïve café près d'ici", "grapefruit is fine", "call 555-0100")


@pytest.fixture
def db(world: World) -> Database:
    for number, text in enumerate(SAID):
        facts = {"staff_extension": f"10{number}", "minutes_ago": 60 - number}
        world.receive(found_call(f"c{number}", **facts))
        tell_transcript(world.db, number + 1, text)
    return world.db


def found(db: Database, text: str) -> list[int]:
    return [hit.call.id for hit in search_segments(db, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grape", [1]), ("GRAPE", [1]), ("grape*", [3, 1]), ("dog grape", [1]), ("dog fine", []),
        ('"ate a"', [1]), ('"a ate"', []), ("cafe", [2]), ("d'ici", [2]), ("555-0100", [4]),
        ("", []), ('"', []), ("*", []), ("NOT grape", []), ("text:grape", []), ("grape OR dog", []),
    ],
)  # fmt: skip
def test_words_are_found_as_people_type_them(db: Database, text: str, expected: list[int]) -> None:
    assert found(db, text) == expected


def test_hits_come_newest_call_first_whatever_was_transcribed_first(db: Database) -> None:
    tell_transcript(db, 1, "grapes again, a grape")
    assert found(db, "grape*") == [3, 1]


def test_a_person_sees_hits_of_the_allowed_extensions_only(db: Database) -> None:
    allowed = search_segments(db, "grape*", extensions=("102",))
    assert [hit.call.id for hit in allowed] == [3]
    assert search_segments(db, "grape*", extensions=()) == []


def test_the_cursor_goes_on_after_the_last_hit(db: Database) -> None:
    first = search_segments(db, "grape*", limit=1)
    second = search_segments(db, "grape*", limit=1, before=first[0].cursor)
    assert [hit.call.id for hit in (*first, *second)] == [3, 1]
    assert search_segments(db, "grape*", before=second[0].cursor) == []


def test_marks_split_into_plain_and_matching_pieces(db: Database) -> None:
    [hit] = search_segments(db, "ate")
    assert hit.pieces == (("My dog ", False), ("ate", True), (" a grape", False))
    assert split_marks("") == ()


def test_a_transcript_put_in_place_of_another_is_all_that_is_found(db: Database) -> None:
    tell_transcript(db, 1, "nothing of the kind")
    assert found(db, "grape") == []
    assert found(db, "kind") == [1]


def test_an_erased_call_and_a_duplicate_are_not_found(db: Database) -> None:
    with writing(db):
        db.conn.execute("DELETE FROM call WHERE id = 1")
        calls.mark_duplicate(db, 3, 2)
    assert found(db, "grape*") == []


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=60) | st.text(alphabet="\"*()'^:+-{} aNEARORT\0,.\\", max_size=40))
def test_nothing_that_can_be_typed_is_an_error(db: Database, text: str) -> None:
    search_segments(db, text)
    calls.list_calls(db, CallFilter(text=text))


def test_very_long_input_is_cut_and_quick(db: Database) -> None:
    assert len(match_query('a "' * 40_000)) < 3000
    assert found(db, "x" * 65_000) == []


def test_a_search_neither_sorts_nor_reads_whole_tables(db: Database) -> None:
    sql = (
        "SELECT f.rowid FROM segment_fts f JOIN segment g ON g.id = f.rowid"
        " JOIN call c ON c.id = g.call_id WHERE segment_fts MATCH 'grape' AND f.rowid < 99"
        " AND c.duplicate_of IS NULL ORDER BY f.rowid DESC LIMIT 50"
    )
    plan = [r["detail"] for r in rows(db, f"EXPLAIN QUERY PLAN {sql}")]
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert [step for step in plan if step.startswith("SCAN")] == [plan[0]], plan
    assert "VIRTUAL TABLE" in plan[0]


@pytest.mark.parametrize("filters", [{}, {"staff": "101"}], ids=["all", "one desk"])
def test_a_list_by_words_is_whole_though_the_newest_lines_are_asked_first(
    world: World, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str]
) -> None:
    """Twelve calls, of which every third is of one desk; the newest lines hold four of them."""
    for number in range(12):
        facts = {"staff_extension": "101" if number % 3 == 0 else "102", "minutes_ago": number}
        world.receive(found_call(f"g{number:02d}", **facts))
        tell_transcript(world.db, number + 1, "grape")
    monkeypatch.setattr(calls, "FEW_LINES", 4)
    asked = CallFilter(text="grape", **filters)
    whole = [r.call.id for r in calls.list_calls(world.db, asked)[0]]
    assert whole == list(range(1, 13, 3 if filters else 1))
    page, cursor = calls.list_calls(world.db, asked, limit=3)
    rest, end = calls.list_calls(world.db, asked, before=cursor, limit=9)
    assert [r.call.id for r in (*page, *rest)] == whole
    assert end == ""
