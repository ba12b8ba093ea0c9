"""The audit log can be added to and nothing else, and a changed one is noticed."""

import pytest

from appliance.db import Database, driver, execute, writing
from appliance.errors import PetsvetError
from appliance.store import audit
from tests.world import BEGIN, World

ROWS = 7


@pytest.fixture
def db(world: World) -> Database:
    with writing(world.db):
        for number in range(ROWS):
            detail = {"number": str(number)}
            audit.record(world.db, "Maria", "manager", "play", "ref", now=BEGIN, detail=detail)
    return world.db


def by_force(db: Database, *statements: str) -> None:
    """What somebody with the key of the database could do."""
    with writing(db):
        execute(db, "DROP TRIGGER audit_is_not_updated")
        execute(db, "DROP TRIGGER audit_is_not_deleted")
        for statement in statements:
            execute(db, statement)


def test_an_untouched_log_holds_in_batches_of_any_size(db: Database) -> None:
    for batch in (1, 2, ROWS, 100):
        assert audit.verify(db, batch=batch) == (ROWS, None)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 7",
     "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3"],
)  # fmt: skip
def test_the_log_refuses_every_change(db: Database, statement: str) -> None:
    with pytest.raises((driver.DatabaseError, PetsvetError)), writing(db):
        execute(db, statement)
    assert audit.verify(db) == (ROWS, None)


COPY = "INSERT INTO audit SELECT 8, at, actor, role, action, subject, detail, prev, hash FROM audit"
SWAP = (
    "UPDATE audit SET seq = -3 WHERE seq = 3",
    "UPDATE audit SET seq = 3 WHERE seq = 4",
    "UPDATE audit SET seq = 4 WHERE seq = -3",
)


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (("UPDATE audit SET actor = 'Finn' WHERE seq = 4",), 4),
        (("UPDATE audit SET at = at + 1 WHERE seq = 1",), 1),
        (("UPDATE audit SET detail = '{}' WHERE seq = 7",), 7),
        (("UPDATE audit SET hash = zeroblob(32) WHERE seq = 5",), 5),
        (("DELETE FROM audit WHERE seq = 4",), 4),
        (("DELETE FROM audit WHERE seq = 1",), 1),
        ((f"{COPY} WHERE seq = 5",), 8),
        (SWAP, 3),
    ],
)
def test_edits_insertions_deletions_and_new_orders_are_found_where_they_begin(
    db: Database, statements: tuple[str, ...], first_bad: int
) -> None:
    by_force(db, *statements)
    assert audit.verify(db, batch=3) == (first_bad - 1, first_bad)


def test_rows_cut_off_at_the_end_are_told_by_a_head_kept_outside(db: Database) -> None:
    kept = audit.head(db)
    by_force(db, "DELETE FROM audit WHERE seq > 5")
    assert audit.verify(db) == (5, None)
    assert audit.head(db) != kept
    assert kept[0] == ROWS


def test_an_act_that_fails_leaves_no_row_and_a_row_that_fails_no_act(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), writing(db):
        audit.record(db, "Maria", "manager", "export", now=BEGIN)
        _ = 1 / 0
    assert audit.head(db)[0] == ROWS


def test_the_log_is_read_newest_first_by_page(db: Database) -> None:
    first = audit.list_entries(db, limit=3)
    assert [entry.seq for entry in first] == [7, 6, 5]
    assert first[0].detail == {"number": "6"}
    assert [entry.seq for entry in audit.list_entries(db, before=5, limit=3)] == [4, 3, 2]
