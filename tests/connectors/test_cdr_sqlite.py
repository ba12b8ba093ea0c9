"""cdr_sqlite3_custom: a real file, columns of anyone's choice, and a writer who is never disturbed."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Unavailable
from connectors.cdr_sqlite import SqliteRecords
from connectors.mount import Mount
from connectors.registry import open_connector
from tests.connectors.asterisk import insert_sqlite, make_master_db
from tests.connectors.test_freepbx import only
from tests.connectors.world import CALLER, DATA, NOON, World, file_name, wav

UID = f"{int(NOON.timestamp())}.1"


def cells(uid: str = UID, **given: Any) -> dict[str, Any]:
    return {
        "calldate": f"{NOON:%Y-%m-%d %H:%M:%S}", "clid": f'"JANE" <{CALLER}>', "src": CALLER,
        "dst": "s", "dcontext": "", "channel": "PJSIP/trunk-00000001", "did": "5125550100",
        "dstchannel": "PJSIP/101-00000002", "lastapp": "Dial", "lastdata": "", "duration": 8,
        "billsec": 6, "disposition": "ANSWERED", "uniqueid": uid, "linkedid": uid,
        "recordingfile": "", "sequence": 1, **given,
    }  # fmt: skip


def records(path: Path) -> SqliteRecords:
    return SqliteRecords(Mount(str(path.parent)), path.name, UTC)


def read(path: Path, skips: dict[str, int] | None = None) -> list[Any]:
    since = NOON - timedelta(days=1)
    return records(path).read(since, {} if skips is None else skips, NOON, Counter()).rows


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "log" / "master.db"
    made.parent.mkdir()
    make_master_db(made)
    yield made


def test_the_real_file_is_read_with_its_events() -> None:
    found = records(DATA / "master.db").read(None, {}, NOON, Counter())
    assert len(found.rows) == 16
    assert {row.did for row in found.rows if row.did} >= {"5125550100"}
    assert found.rows[1].recordingfile.endswith(".wav49")
    assert len(found.signs.ended) == 12 and not found.signs.open


def test_the_real_files_pair_with_the_real_database(tmp_path: Path) -> None:
    shutil.copytree(DATA / "monitor", tmp_path / "monitor")
    shutil.copy(DATA / "master.db", tmp_path / "master.db")
    settings = {"root": str(tmp_path / "monitor"), "database_file": str(tmp_path / "master.db"),
                "immediate": True}  # fmt: skip
    calls = open_connector("freepbx", settings).discover({}, NOON).calls
    assert len(calls) == 12
    assert sum(len(call.recordings) for call in calls) == 10
    assert {call.metadata_level for call in calls} == {"cdr"}
    assert {call.dialed for call in calls if call.queue} == {"5125550140"}


def test_a_call_comes_through_the_connector_once(tmp_path: Path, path: Path) -> None:
    world = World(tmp_path, master_csv=None, database_file=str(path))
    world.write(world.day(file_name(NOON, UID)), wav(6), NOON + timedelta(seconds=8))
    insert_sqlite(path, [cells(), cells()])
    call = only(world.settle())
    assert (call.native_key, call.metadata_level, call.caller_name) == (UID, "cdr", "JANE")
    assert world.settle() == []
    path.unlink()
    with pytest.raises(Unavailable):
        world.look(60)


def test_columns_of_anyones_choice_do(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, start, clid, disposition)")
        stamp = str(NOON.timestamp())
        db.execute("INSERT INTO cdr (start, clid, disposition) VALUES (?, ?, '8')",
                   (stamp, f'"PEÑA" <{CALLER}>'.encode("latin-1").decode("latin-1")))  # fmt: skip
        db.execute("INSERT INTO cdr (start) VALUES ('0000-00-00 00:00:00')")
        db.execute("INSERT INTO cdr (start, clid) VALUES (?, CAST(x'50f161' AS TEXT))", (stamp,))
    db.close()
    one, other = read(path)
    assert (one.start, one.src, one.answered) == ("2026-11-22 18:00:00", CALLER, True)
    assert other.clid == "Pña"
    report = records(path).probe(NOON)
    assert "lack channel" in report.problems[0]


def test_old_rows_are_skipped_by_their_number_until_the_file_begins_anew(path: Path) -> None:
    old = f"{NOON - timedelta(days=9):%Y-%m-%d %H:%M:%S}"
    insert_sqlite(path, [cells(f"{n}.1", calldate=old, sequence=n) for n in range(50)])
    skips: dict[str, int] = {}
    assert read(path, skips) == [] and skips == {"acctid": 50}
    insert_sqlite(path, [cells()])
    assert len(read(path, skips)) == 1 and skips == {"acctid": 50}
    path.unlink()
    make_master_db(path)
    insert_sqlite(path, [cells()])
    assert len(read(path, skips)) == 1


def test_a_file_in_the_middle_of_a_transaction_is_left_alone(path: Path) -> None:
    insert_sqlite(path, [cells()])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM cdr")
    assert len(read(path)) == 1, "nothing is written before the commit"
    writer.execute("COMMIT")  # nobody held a lock against it
    assert read(path) == []
    writer.execute("PRAGMA journal_mode = PERSIST")
    writer.execute("INSERT INTO cdr (calldate) VALUES ('2026-11-22 18:00:00')")
    assert len(read(path)) == 1, "a journal that is kept between transactions is not one under way"
    writer.close()
    path.with_name("master.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    with pytest.raises(Unavailable, match="being written"):
        read(path)


def test_a_write_between_two_looks_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    insert_sqlite(path, [cells()])
    tree, calls = Mount(str(path.parent)), []
    found = tree.open

    def disturbed(locator: str, most: int) -> Any:
        opened = found(locator, most)
        calls.append(locator)
        if len(calls) == 1:
            before = path.stat()
            insert_sqlite(path, [cells("9.2", sequence=2)])
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return opened

    monkeypatch.setattr(tree, "open", disturbed)
    rows = SqliteRecords(tree, path.name, UTC).read(None, {}, NOON, Counter()).rows
    assert (len(calls), len(rows)) == (2, 2)


@pytest.mark.parametrize("content", [b"", b"<html>", b"SQLite format 3\0" + b"\xff" * 4000])
def test_what_is_no_database_is_told_in_words(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert records(path).probe(NOON).problems
    if content:
        with pytest.raises(Unavailable):
            read(path)


def test_a_missing_file_and_a_missing_table_are_told_in_words(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE cdr")
        db.execute("CREATE VIEW cdr AS SELECT 1 AS calldate")
    db.close()
    assert "no table" in records(path).probe(NOON).problems[0]
    notes: Counter[str] = Counter()
    assert records(path).read(None, {}, NOON, notes).rows == []
    path.unlink()
    assert "not there" in records(path).probe(NOON).problems[0]


def test_a_write_ahead_log_is_named_and_its_main_file_read(path: Path) -> None:
    insert_sqlite(path, [cells()])
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE other (x)")
    writer.commit()
    assert len(read(path)) == 1
    assert any("write-ahead" in problem for problem in records(path).probe(NOON).problems)
    writer.close()
