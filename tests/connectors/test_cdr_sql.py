"""FreePBX's tables on a real MariaDB: old and new columns, bytes, clocks, rights and refusals."""

import socket
from collections import Counter
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.cdr import distinct
from connectors.cdr_sql import Database, SqlRecords
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors import mariadb
from tests.connectors.servers import free_port, serving
from tests.connectors.test_freepbx import only
from tests.connectors.world import CALLER, NOON, World, file_name, wav

UID = f"{int(NOON.timestamp())}.1"
Records = Callable[..., SqlRecords]


def cells(**given: Any) -> dict[str, Any]:
    return {
        "calldate": f"{NOON:%Y-%m-%d %H:%M:%S}", "clid": f'"JANE" <{CALLER}>', "src": CALLER,
        "dst": "s", "channel": "PJSIP/trunk-00000001", "dstchannel": "PJSIP/101-00000002",
        "lastapp": "Dial", "duration": 8, "billsec": 6, "disposition": "ANSWERED",
        "uniqueid": UID, **given,
    }  # fmt: skip


@pytest.fixture
def records(loopback: tuple[str, ...]) -> Records:
    def make(
        name: str, zone: Any = UTC, password: str = mariadb.PASSWORD, **given: Any
    ) -> SqlRecords:
        told = {"port": mariadb.server().port, "user": "petsvet", **given}
        database = Database(host="127.0.0.1", name=name, **told)
        return SqlRecords(
            database, Means(secrets={"db_password": password}, allowed=loopback), zone
        )

    return make


def read(records: SqlRecords, since: Any = NOON - timedelta(days=1), **given: Any) -> list[Any]:
    return records.read(since, given.get("skips", {}), NOON, given.get("notes", Counter())).rows


def test_old_and_new_columns_and_bytes_of_any_kind(records: Records) -> None:
    server = mariadb.server()
    old = server.make(newer=False, charset="latin1")
    server.insert(old, "cdr", [cells(clid='"Peña" <5555550142>', userfield="audio:/x/a b.wav")])
    server.do(old, "INSERT INTO cdr (calldate, clid) VALUES (now(), x'50c3b161')")
    server.do(old, "INSERT INTO cdr (src) VALUES ('1')")
    notes: Counter[str] = Counter()
    rows = {row.clid: row for row in read(records(old), notes=notes)}
    assert rows.keys() == {'"Peña" <5555550142>', "Pña"}
    first = rows['"Peña" <5555550142>']
    assert (first.recordingfile, first.sequence, first.answer) == (
        "a b.wav",
        -1,
        "2026-11-22 18:00:02",
    )
    assert read(records(old), None, notes=notes) and notes["cdr_malformed"] == 1, "the zero date"
    assert not any("lacks" in problem for problem in records(old).probe(NOON).problems)
    new = server.make(charset="utf8mb4")
    server.insert(new, "cdr", [cells(clid="Peña", did="5125550100", cnam="x", linkedid=UID)])
    (row,) = read(records(new))
    assert (row.clid, row.did, row.sequence, row.end) == (
        "Peña",
        "5125550100",
        0,
        "2026-11-22 18:00:08",
    )


def test_a_sequence_nobody_fills_tells_no_records_apart(records: Records) -> None:
    name = mariadb.server().make()
    legs = [cells(linkedid=UID), cells(linkedid=UID, dstchannel="PJSIP/102-00000003")]
    mariadb.server().insert(name, "cdr", legs + legs)
    assert len(distinct(read(records(name)))) == 2


def test_two_backends_write_one_record_twice(tmp_path: Path, loopback: tuple[str, ...]) -> None:
    server = mariadb.server()
    name = server.make()
    settings = {"db_host": "127.0.0.1", "db_port": server.port, "db_user": "petsvet",
                "db_name": name, "master_csv": None}  # fmt: skip
    world = World(tmp_path)
    means = Means(secrets={"db_password": mariadb.PASSWORD}, allowed=loopback)
    world.connector = open_connector("freepbx", {"root": str(world.root), **settings}, means)
    file = file_name(NOON, UID)
    world.write(world.day(file), wav(6), NOON + timedelta(seconds=8))
    server.insert(name, "cdr", [cells(linkedid="", sequence=0, recordingfile=file),
                                cells(linkedid=UID, sequence=7, recordingfile=file)])  # fmt: skip
    found = world.look(70)
    assert found.notes == ("duplicate_row: 1",)
    call = only(world.settle(60))
    assert (call.talk_ms, len(call.recordings), call.warnings) == (6000, 1, ())


def test_a_long_call_whose_row_comes_hours_later_is_told(records: Records) -> None:
    name = mariadb.server().make()
    begun = NOON - timedelta(hours=30)
    mariadb.server().insert(name, "cdr", [
        cells(calldate=f"{begun:%Y-%m-%d %H:%M:%S}", duration=29 * 3600),
        cells(calldate=f"{begun:%Y-%m-%d %H:%M:%S}", duration=60),
    ])  # fmt: skip
    assert [row.duration for row in read(records(name), NOON - timedelta(hours=6))] == [29 * 3600]


def test_events_are_read_from_where_the_days_begin(records: Records) -> None:
    server = mariadb.server()
    name = server.make(cel=True)
    server.insert(name, "cel", (
        {"eventtype": kind, "eventtime": f"{NOON - timedelta(hours=hour):%Y-%m-%d %H:%M:%S}",
         "uniqueid": f"1795{hour:06}.1", "linkedid": f"1795{hour:06}.1"}
        for hour in range(99, 0, -1) for kind in ("CHAN_START", "ANSWER", "LINKEDID_END")
    ))  # fmt: skip
    skips: dict[str, int] = {}
    found = records(name).read(NOON - timedelta(hours=10), skips, NOON, Counter())
    assert (len(found.signs.ended), skips) == (10, {"cel": 268})
    server.do(name, "DELETE FROM cel")
    assert not records(name).read(NOON - timedelta(hours=10), skips, NOON, Counter()).signs.ended
    assert "cel" not in records(name).probe(NOON).capabilities


def test_probe_says_what_the_user_may_and_how_clocks_stand(records: Records) -> None:
    from datetime import datetime

    server, now = mariadb.server(), datetime.now(UTC)
    name = server.make()
    server.insert(name, "cdr", [cells(calldate=f"{now:%Y-%m-%d %H:%M:%S}")])
    good = records(name).probe(now)
    assert good.problems == () and good.capabilities == (
        "cdr",
        "did",
        "linkedid",
        "recordingfile",
        "sequence",
    )
    assert good.clock_skew_s is not None and abs(good.clock_skew_s) < 30
    for hours in (-1, 1):
        skew = records(name).probe(now + timedelta(hours=hours)).clock_skew_s
        assert skew is not None and abs(skew + hours * 3600) < 30
    server.do(
        None, "CREATE OR REPLACE USER writer IDENTIFIED BY 'w'", f"GRANT ALL ON {name}.* TO writer"
    )
    (problem,) = records(name, user="writer", password="w").probe(now).problems
    assert "may also change" in problem and f"GRANT SELECT ON `{name}`.`cdr`" in problem


def test_refusals_are_told_with_the_statement_that_helps(records: Records) -> None:
    server = mariadb.server()
    name = server.make()
    server.do(None, "CREATE OR REPLACE USER elsewhere@'192.0.2.1' IDENTIFIED BY 'w'",
              "CREATE OR REPLACE USER blind IDENTIFIED BY 'w'")  # fmt: skip
    server.do(None, "CREATE DATABASE IF NOT EXISTS bare", "GRANT SELECT ON bare.* TO petsvet")
    for given, told in [
        ({"password": "wrong"}, "GRANT SELECT ON"),
        ({"user": "elsewhere", "password": "w"}, "CREATE USER 'elsewhere'@'127.0.0.1'"),
        ({"user": "blind", "password": "w"}, "GRANT SELECT ON"),
        ({"name": "nowhere"}, "GRANT SELECT"),
        ({"name": "bare"}, "no table bare.cdr"),
        ({"table": "cel"}, "no table"),
    ]:
        with pytest.raises(Misconfigured, match=told.replace("(", "\\(")):
            read(records(**{"name": name, **given}))


def test_what_is_away_is_tried_again(records: Records) -> None:
    name = mariadb.server().make()
    with pytest.raises(Unavailable):
        read(records(name, port=free_port()))
    for serve in (
        lambda connection: connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"),
        lambda connection: connection.shutdown(socket.SHUT_RDWR),
    ):
        with serving(serve) as port, pytest.raises(Unavailable):
            read(records(name, port=port))


def test_encryption_is_pinned_or_refused(records: Records) -> None:
    server = mariadb.server()
    name = server.make()
    good = records(name, tls=True, certificate=server.certificate.fingerprint)
    assert read(good) == []
    with pytest.raises(Misconfigured, match="another certificate"):
        read(records(name, tls=True, certificate="0" * 64))
    with pytest.raises((Misconfigured, Unavailable)):
        read(records(name, tls=True))


def test_nobody_can_write_through_it(records: Records) -> None:
    from contextlib import closing

    import pymysql

    server = mariadb.server()
    name = server.make()
    server.do(
        None, "CREATE OR REPLACE USER writer IDENTIFIED BY 'w'", f"GRANT ALL ON {name}.* TO writer"
    )
    with (
        closing(records(name, user="writer", password="w")._connect()) as db,
        db.cursor() as cursor,
    ):
        with pytest.raises(pymysql.err.Error):
            cursor.execute("DELETE FROM cdr")
        cursor.execute("SELECT @@max_statement_time")
        assert float(cursor.fetchone()[0]) == 30


def test_rows_in_local_time_are_asked_for_in_it(records: Records) -> None:
    name, zone = mariadb.server().make(), ZoneInfo("America/Chicago")
    mariadb.server().insert(
        name, "cdr", [cells(calldate=f"{NOON.astimezone(zone):%Y-%m-%d %H:%M:%S}")]
    )
    assert len(read(records(name, zone), NOON)) == 1
    assert read(records(name, zone), NOON + timedelta(seconds=9)) == []
