"""``petsvet mail``: a test from the console, and the queue as a table."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.commands.main import cli
from appliance.db import Database, open_db, writing
from appliance.facts.notices import Handed, Letter
from appliance.keys import create_keys
from appliance.migrations import migrate
from appliance.store import audit, mail
from appliance.store.egress import list_egress
from tests.notices.postbox import PASSWORD, postbox

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LETTER = Letter(subject="A secret subject", text="Secret words\n", html="h")


@pytest.fixture
def box(tmp_path: Path) -> tuple[Path, bytes]:
    keys, _ = create_keys(tmp_path / "box")
    db = open_db(tmp_path / "box" / "petsvet.db", keys.database, create=True)
    migrate(db)
    db.close()
    return tmp_path / "box", keys.connectors


def opened(folder: Path) -> Database:
    from appliance.keys import unlock

    return open_db(folder / "petsvet.db", unlock(folder).database)


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--data", str(folder), "mail", *arguments])


def test_a_test_mail_before_set_up_says_where_to_set_it_up(box: tuple[Path, bytes]) -> None:
    told = run(box[0], "test", "maria@clinic.example")
    assert told.exit_code == 1
    assert "Settings, Mail server" in told.output


def test_a_test_mail_is_sent_from_here_and_its_failure_told(
    box: tuple[Path, bytes], tmp_path: Path
) -> None:
    folder, key = box
    with postbox(tmp_path, "", "550") as there:
        db = opened(folder)
        with writing(db):
            mail.save_server(db, key, there.server(), PASSWORD)
        good = run(folder, "test", "maria@clinic.example")
        bad = run(folder, "test", "nobody@clinic.example")
        wrong = run(folder, "test", "nobody")
    assert (good.exit_code, bad.exit_code, wrong.exit_code) == (0, 1, 1), good.output
    assert "The mail server took it" in good.output
    assert "550 5.1.1 no such user" in bad.output
    assert [recipient for _, recipient, _ in there.mails] == ["maria@clinic.example"]
    assert [gone.reason for gone in list_egress(db)] == ["test"]
    assert "test_mail" in [entry.action for entry in audit.list_entries(db)]
    db.close()


def test_the_queue_is_listed_without_words(box: tuple[Path, bytes]) -> None:
    folder, _ = box
    db = opened(folder)
    with writing(db):
        numbers = [mail.put_mail(db, "brief", f"{secrets.token_hex(2)}@c.example", LETTER, now=NOW) for _ in range(2)]  # fmt: skip
        mail.settle_mail(db, mail.get_mail(db, numbers[0]), Handed(state="refused", why="no such user"), timedelta(0), now=NOW)  # fmt: skip
    db.close()
    lines = [json.loads(line) for line in run(folder, "queue", "--json").output.splitlines()]
    assert [(line["id"], line["state"]) for line in lines] == [(numbers[1], "waiting"), (numbers[0], "parked")]  # fmt: skip
    assert lines[1]["error"] == "no such user"
    table = run(folder, "queue").output
    assert "brief" in table and "ecret" not in table + json.dumps(lines)
