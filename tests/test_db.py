"""The database opens only with its key, writes whole transactions and forgets what is erased."""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from appliance import db as house
from appliance.db import check_integrity, execute, open_db, rows, value, writing
from appliance.errors import Locked, Misconfigured, NotFound, Tampered, Unavailable
from tests.world import World, found_call, tell_transcript

PAGE, RESERVED = 4096, 80
OTHER_KEY = "ab" * 32


def python(code: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], input=given, capture_output=True, text=True, timeout=60
    )


def test_sqlite_utils_sees_the_errors_of_sqlcipher_and_not_of_sqlite() -> None:
    assert vars(house.sqlite_utils_db)["sqlite3"] is house.sqlcipher3


def test_the_wrong_order_of_imports_is_refused() -> None:
    code = "import sqlite_utils, appliance.db as d; d.check_driver()"
    assert "import appliance.db first" in python(code).stderr


def test_the_wrong_key_does_not_open_and_changes_nothing(world: World) -> None:
    before = world.path.read_bytes()
    with pytest.raises(Locked):
        open_db(world.path, OTHER_KEY)
    assert world.path.read_bytes() == before


@pytest.mark.parametrize("key", ["", "ab" * 31 + "a", "AB" * 32, "ab" * 32 + "\n", "zz" * 32])
def test_a_key_that_is_not_64_hex_digits_is_refused_before_a_file_is_made(
    tmp_path: Path, key: str
) -> None:
    with pytest.raises(Misconfigured):
        open_db(tmp_path / "new.db", key, create=True)
    assert not (tmp_path / "new.db").exists()


def test_a_missing_database_is_not_made_by_looking_for_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_db(tmp_path / "new.db", OTHER_KEY)
    assert not (tmp_path / "new.db").exists()


def test_a_plaintext_database_is_refused(tmp_path: Path) -> None:
    import sqlite3

    plain = sqlite3.connect(tmp_path / "plain.db")
    plain.execute("CREATE TABLE t (a)")
    plain.close()
    with pytest.raises(Misconfigured, match="not encrypted"):
        open_db(tmp_path / "plain.db", OTHER_KEY)


def test_an_emptied_database_is_not_taken_for_a_new_one(world: World) -> None:
    world.path.write_bytes(b"")
    with pytest.raises(Tampered):
        world.open_db()


@pytest.mark.parametrize("keep", [100, 5000, PAGE, 5 * PAGE, 10 * PAGE + 7])
def test_a_truncated_database_is_never_taken_for_sound(world: World, keep: int) -> None:
    content = world.path.read_bytes()
    assert len(content) > keep + PAGE
    world.path.write_bytes(content[:keep])
    with pytest.raises((Locked, Tampered)):
        found = check_integrity(world.open_db())
        raise Tampered("found") if found else AssertionError("taken for sound")


def test_no_word_of_the_database_is_on_the_disk_in_plaintext(world: World) -> None:
    world.receive(found_call("a"))
    tell_transcript(world.db, 1, "the spaniel has a limp")
    for path in world.data.glob("petsvet.db*"):
        content = path.read_bytes()
        assert b"spaniel" not in content
        assert b"CREATE TABLE" not in content


def test_a_flipped_bit_in_any_page_is_found(world: World) -> None:
    world.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    world.close()
    sound = world.path.read_bytes()
    for page in range(0, len(sound) // PAGE, 7):
        at = page * PAGE + 1000
        damaged = sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]
        world.path.write_bytes(damaged)
        with pytest.raises((Locked, Tampered)):
            found = check_integrity(world.open_db())
            raise Tampered("found") if found else AssertionError(f"page {page} taken for sound")
        world.close()


PRAGMAS = {
    "journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1,
    "recursive_triggers": 1, "temp_store": 2, "trusted_schema": 0, "mmap_size": None,
}  # fmt: skip


@pytest.mark.parametrize("name", PRAGMAS)
def test_every_connection_is_set_up_for_safety(world: World, name: str) -> None:
    assert value(world.db, f"PRAGMA {name}") in (PRAGMAS[name], PRAGMAS[name] or 0)


READER = """
import sys
from pathlib import Path
from appliance.db import open_db, value
path, key = sys.stdin.read().split()
print(value(open_db(Path(path), key), "SELECT group_concat(name) FROM setting"))
"""


def test_what_returning_gave_is_visible_to_a_second_process(world: World) -> None:
    insert = "INSERT INTO setting VALUES (:name, 'x') RETURNING name"
    assert list(world.db.query(insert, {"name": "by_library"})) == [{"name": "by_library"}]
    assert not world.db.conn.in_transaction
    with writing(world.db):
        assert value(world.db, insert, {"name": "by_house"}) == "by_house"
    seen = python(READER, f"{world.path}\n{world.keys.database}")
    assert sorted(seen.stdout.strip().split(",")) == ["by_house", "by_library"], seen.stderr


def test_a_transaction_that_fails_leaves_nothing_and_the_connection_usable(world: World) -> None:
    with pytest.raises(ZeroDivisionError), writing(world.db):
        execute(world.db, "INSERT INTO setting VALUES ('a', 'x')")
        _ = 1 / 0
    assert not world.db.conn.in_transaction
    with writing(world.db):
        execute(world.db, "INSERT INTO setting VALUES ('b', 'x')")
    assert value(world.open_db(), "SELECT group_concat(name) FROM setting") == "b"


def test_who_reads_and_then_writes_waits_for_the_other_and_sees_its_change(world: World) -> None:
    one, two, started = world.open_db(), world.open_db(), threading.Event()

    def hold() -> None:
        with writing(one):
            execute(one, "INSERT INTO setting VALUES ('a', '1')")
            started.set()
            time.sleep(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    started.wait()
    with writing(two):
        count = value(two, "SELECT count(*) FROM setting")
        execute(two, "INSERT INTO setting VALUES ('b', ?)", (str(count),))
    holder.join()
    assert value(one, "SELECT value FROM setting WHERE name = 'b'") == "1"


def test_a_lock_held_too_long_is_unavailable_and_can_be_tried_again(world: World) -> None:
    one, two = world.open_db(), world.open_db()
    two.conn.execute("PRAGMA busy_timeout=50").fetchall()
    with writing(one), pytest.raises(Unavailable, match="busy"), writing(two):
        pytest.fail("two writers at once")
    with writing(two):
        execute(two, "INSERT INTO setting VALUES ('b', 'x')")


def test_sorting_more_than_fits_the_cache_writes_no_temporary_file(world: World) -> None:
    with writing(world.db):
        execute(
            world.db,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
            " INSERT INTO setting SELECT 'name' || i, hex(randomblob(60)) FROM n",
        )
    world.db.conn.execute("PRAGMA cache_size=10").fetchall()
    cursor = world.db.conn.execute("SELECT value, name FROM setting ORDER BY value")
    cursor.fetchone()
    opened = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    cursor.close()
    assert [name for name in opened if "etilqs" in name] == []


def decrypted(path: Path, key: str) -> bytes:
    """Every page of a database or write-ahead log as plaintext, free ones too."""
    content = path.read_bytes()
    if path.name.endswith("-wal"):
        frames = range(32 + 24, len(content), PAGE + 24)
        pages = [content[at : at + PAGE] for at in frames]
    else:
        pages = [content[at : at + PAGE] for at in range(0, len(content), PAGE)]
        pages[0] = bytes(16) + pages[0][16:]
    return b"".join(_page(bytes.fromhex(key), page) for page in pages if len(page) == PAGE)


def _page(key: bytes, page: bytes) -> bytes:
    body, iv = page[: PAGE - RESERVED], page[PAGE - RESERVED : PAGE - RESERVED + 16]
    body = body[16:] if body[:16] == bytes(16) else body
    plain = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return plain.update(body)


def image(world: World) -> bytes:
    paths = sorted(world.data.glob("petsvet.db*"))
    return b"".join(decrypted(p, world.keys.database) for p in paths if not p.name.endswith("shm"))


def test_no_word_of_an_erased_call_is_left_in_the_decrypted_file(world: World) -> None:
    victims = [f"zqx{number}uackenbush" for number in range(30)]
    for number in range(6):
        world.receive(found_call(f"call-{number}"))
        said = victims if number == 3 else [f"ordinary words number {number}"] * 30
        tell_transcript(world.db, number + 1, *said)
    world.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert len(re.findall(b"uackenbush", image(world))) > 30, "in the rows and in the index"
    with writing(world.db):
        execute(world.db, "DELETE FROM call WHERE id = 4")
    assert b"uackenbush" in image(world), "the log still holds it before the checkpoint"
    busy = rows(world.db, "PRAGMA wal_checkpoint(TRUNCATE)")[0]["busy"]
    assert busy == 0
    assert b"uackenbush" not in image(world)
    assert b"ordinary words number 5" in image(world)


def test_an_open_reader_is_told_to_who_erases(world: World) -> None:
    other = world.open_db()
    reading = other.conn.execute("SELECT name FROM sqlite_master")
    reading.fetchone()
    with writing(world.db):
        execute(world.db, "INSERT INTO setting VALUES ('a', 'b')")
    world.db.conn.execute("PRAGMA busy_timeout=50").fetchall()
    with pytest.raises(Unavailable, match="busy"):
        rows(world.db, "PRAGMA wal_checkpoint(TRUNCATE)")
    reading.close()
    assert rows(world.db, "PRAGMA wal_checkpoint(TRUNCATE)")[0]["busy"] == 0
