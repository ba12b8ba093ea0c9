"""``petsvet vocabulary``: terms from the shell, one by one and as lists."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.commands.main import cli
from appliance.db import open_db
from appliance.keys import create_keys, unlock
from appliance.migrations import migrate
from appliance.store import audit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys, _ = create_keys(tmp_path / "box")
    db = open_db(tmp_path / "box" / "petsvet.db", keys.database, create=True)
    migrate(db)
    db.close()
    return tmp_path / "box"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--data", str(folder), "vocabulary", *arguments])


def listed(folder: Path) -> list[tuple[str, str]]:
    lines = run(folder, "list", "--json").output.splitlines()
    return [(told["group"], told["term"]) for told in map(json.loads, lines)]


def test_a_term_is_added_listed_and_removed_and_the_log_knows_it(folder: Path) -> None:
    assert run(folder, "add", "Bravecto", "--group", "drugs", "--star").exit_code == 0
    assert run(folder, "add", "Dr. Alvarez", "--group", "doctors").exit_code == 0
    assert listed(folder) == [("drugs", "Bravecto"), ("doctors", "Dr. Alvarez")]
    twice = run(folder, "add", "bravecto", "--group", "drugs")
    assert (twice.exit_code, "already" in twice.output) == (1, True)
    assert run(folder, "remove", "BRAVECTO", "--group", "drugs").exit_code == 0
    gone = run(folder, "remove", "Bravecto", "--group", "drugs")
    assert gone.exit_code == 1 and "petsvet vocabulary list" in gone.output
    db = open_db(folder / "petsvet.db", unlock(folder).database)
    kept = audit.list_entries(db)
    db.close()
    assert {entry.action for entry in kept} == {"change_vocabulary", "view_vocabulary"}
    assert "Bravecto" not in str(kept)


def test_a_list_goes_in_by_its_good_lines_and_comes_out_again(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("group,term\npets,Biscuit\nlions,Max\npets,biscuit\n", "utf-16")
    dry = run(folder, "import", str(file), "--dry-run")
    assert "1 would be added, 1 known already, 1 refused" in dry.output
    assert listed(folder) == []
    done = run(folder, "import", str(file))
    assert done.exit_code == 1
    assert "1 added" in done.output and "line 3: there is no such group" in done.output
    assert run(folder, "export").output.splitlines() == [
        "group,term,sounds_like,starred", "pets,Biscuit,,",
    ]  # fmt: skip
    file.write_bytes(run(folder, "export").output.encode())
    again = run(folder, "import", str(file))
    assert (again.exit_code, "0 added, 1 known already" in again.output) == (0, True)


def test_a_file_that_is_no_list_is_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"PK\x03\x04\x00")
    told = run(folder, "import", str(file))
    assert told.exit_code == 1 and "save the table as CSV" in told.output
