"""The schema grows step by step, whole steps only, and never backwards."""

import os
import threading
from pathlib import Path

import pytest

from appliance import migrations
from appliance.db import Database, driver, open_db, rows, value
from appliance.errors import Misconfigured
from appliance.migrations import MIGRATIONS, migrate, schema_version, split_statements

KEY = "cd" * 32
Shape = list[tuple[str, str]]


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_db(tmp_path / "some.db", KEY, create=True)


def shape(db: Database) -> Shape:
    found = rows(db, "SELECT type, name, sql FROM sqlite_master ORDER BY name")
    return [(r["name"], r["sql"]) for r in found]


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_from_every_version_up_the_schema_becomes_the_same(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    fresh = open_db(tmp_path / "fresh.db", KEY, create=True)
    migrate(fresh)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:version])
        assert migrate(db) == version
    assert migrate(db) == len(MIGRATIONS) - version
    assert migrate(db) == 0
    assert shape(db) == shape(fresh)
    assert schema_version(db) == f"{len(MIGRATIONS)} of {len(MIGRATIONS)}"


def test_a_database_of_newer_software_is_refused_untouched(db: Database) -> None:
    db.conn.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    with pytest.raises(Misconfigured, match="newer"):
        migrate(db)
    assert shape(db) == []


def test_a_step_that_fails_leaves_nothing_of_itself(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = (
        "broken",
        "CREATE TABLE good (a);\nINSERT INTO good VALUES (1);\nCREATE TABLE good (b);",
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(driver.OperationalError):
        migrate(db)
    assert value(db, "PRAGMA user_version") == len(MIGRATIONS)
    assert not any(name == "good" for name, _ in shape(db))


def test_two_who_migrate_at_once_take_every_step_once(db: Database, tmp_path: Path) -> None:
    taken, others = [], [open_db(tmp_path / "some.db", KEY) for _ in range(3)]
    threads = [threading.Thread(target=lambda d=d: taken.append(migrate(d))) for d in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == len(MIGRATIONS)
    assert len(taken) == 3, os.linesep.join(map(str, taken))


def test_triggers_are_one_statement_each() -> None:
    script = "CREATE TABLE a (b);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1;\n SELECT 2;\nEND;\nSELECT 3;"
    assert [s.split()[1] for s in split_statements(script)] == ["TABLE", "TRIGGER", "3;"]


def test_every_table_is_strict(db: Database) -> None:
    migrate(db)
    own = rows(db, "PRAGMA table_list")
    loose = [r["name"] for r in own if r["type"] == "table" and not r["strict"]]
    assert [name for name in loose if not name.startswith("sqlite_")] == []


def test_of_two_old_phone_systems_with_one_drop_user_the_older_keeps_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:4])
        migrate(db)
    place = '{"by": "drop", "user": "pbx"}'
    for name, settings in (
        ("older", f'{{"pattern": "x", "place": {place}}}'),
        ("newer", f'{{"cdr_place": {place}}}'),
        ("third", f'{{"place": {place}}}'),
        ("other", '{"place": {"by": "sftp", "user": "pbx"}, "zone": "UTC"}'),
    ):
        db.conn.execute(
            "INSERT INTO connector (name, kind, settings, created_at) VALUES (?, 'folder', ?, 0)",
            (name, settings),
        )
    migrate(db)
    found = rows(db, "SELECT drop_user FROM connector ORDER BY id")
    assert [r["drop_user"] for r in found] == ["pbx", "", "", ""]
