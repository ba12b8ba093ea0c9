"""A week of 2,000 calls with everything that goes wrong: none doubled, none lost, none wrong."""

from pathlib import Path
from typing import Any

from connectors.kinds import Means
from tests.connectors import mariadb
from tests.connectors.asterisk import (
    COLUMNS,
    Phones,
    csv_lines,
    insert_sqlite,
    make_master_db,
    number_of,
    run_week,
)
from tests.connectors.servers import free_port
from tests.connectors.simulated import judge


def assert_all_told_once(phones: Phones, vain: int) -> None:
    tally = judge(phones.calls, phones.told, number_of)
    assert (tally.calls_in, tally.calls_out, tally.doubled, tally.lost) == (2000, 2000, 0, 0)
    assert (tally.wrong, tally.without_recording) == ({}, 0)
    assert vain > 5, "the troubles must have been met"
    assert phones.checkpoint["pending"] == {}
    last = {call.native_key: call for call in phones.told}
    # By chance a phone asked another one during a long call that went there afterwards.
    assert {code for call in last.values() for code in call.warnings} <= {"transfer_uncertain"}


def test_master_csv_and_files(tmp_path: Path) -> None:
    csv = tmp_path / "log" / "Master.csv"
    csv.parent.mkdir()
    csv.touch()
    phones = Phones(tmp_path, {"master_csv": str(csv)}, Means())

    def write(rows: list[dict[str, Any]]) -> None:
        with csv.open("a") as file:
            file.write(csv_lines(rows))

    def trouble(spell: int, begins: bool) -> dict[str, Any]:
        there, away = csv.parent, tmp_path / "unmounted"
        if begins and spell % 2:
            csv.rename(csv.with_name(f"Master.csv.{spell}"))  # rotated, and not begun anew yet
            csv.touch()
        elif not spell % 2:
            (there if begins else away).rename(away if begins else there)
        return {}

    phones.write_rows = write
    assert_all_told_once(phones, run_week(phones, trouble))


def test_sqlite_and_files(tmp_path: Path) -> None:
    path = tmp_path / "master.db"
    make_master_db(path)
    phones = Phones(tmp_path, {"database_file": str(path)}, Means())
    phones.write_rows = lambda rows: insert_sqlite(path, rows)
    journal = path.with_name("master.db-journal")

    def trouble(spell: int, begins: bool) -> dict[str, Any]:
        if begins:
            journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")  # a transaction under way
        else:
            journal.unlink()
        return {}

    assert_all_told_once(phones, run_week(phones, trouble))


def test_mariadb_and_files(tmp_path: Path, loopback: tuple[str, ...]) -> None:
    server = mariadb.server()
    name = server.make(cel=True)
    settings = {
        "db_host": "127.0.0.1",
        "db_port": server.port,
        "db_user": "petsvet",
        "db_name": name,
    }
    means = Means(secrets={"db_password": mariadb.PASSWORD}, allowed=loopback)
    phones = Phones(tmp_path, settings, means)
    phones.write_rows = lambda rows: server.insert(
        name, "cdr", ({column: cells[column] for column in COLUMNS} for cells in rows)
    )
    phones.write_cel = lambda rows: server.insert(name, "cel", rows)

    def trouble(spell: int, begins: bool) -> dict[str, Any]:
        return {"db_port": free_port()} if begins else {}

    assert_all_told_once(phones, run_week(phones, trouble))
