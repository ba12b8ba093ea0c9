"""Phone systems from the shell: listed with their proof, added, tested, paused, removed."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.commands.main import cli
from appliance.db import writing
from appliance.store import audit, backlog, connectors
from appliance.tools import utc_now
from connectors.interface import Probe
from tests.booth import Booth, install_booth
from tests.world import World, found_call

Run = Callable[..., Result]
ADD = ("add", "front", "--kind", "booth", "--set", "host=192.168.1.20")


@pytest.fixture
def booth(monkeypatch: pytest.MonkeyPatch) -> Booth:
    return install_booth(monkeypatch)


@pytest.fixture
def run(world: World, booth: Booth, tmp_path: Path) -> Run:
    """Call ``petsvet connectors`` on the world's box."""
    config = tmp_path / "config.toml"
    config.write_text('[log]\nlevel = "error"\n')
    start = ["--data", str(world.data), "--config", str(config), "connectors"]

    def call(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, [*start, *arguments], input=stdin)

    return call


@pytest.fixture
def added(run: Run) -> Run:
    done = run(*ADD, "--secret", "password", "--allow", "192.168.1.20", stdin="pass word\n")
    assert done.exit_code == 0, done.output
    return run


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def listed(run: Run) -> dict[str, dict[str, Any]]:
    return {line["name"]: line for line in lines(run("list", "--json"))}


def test_kinds_lists_every_dialect_and_transport_with_its_proof(run: Run) -> None:
    found = lines(run("kinds", "--json"))
    kinds = {line["name"]: line for line in found if line["what"] == "phone system"}
    assert {"freepbx", "folder", "booth"} <= kinds.keys()
    transports = {line["name"] for line in found if line["what"] == "transport"}
    assert transports == {"folder", "sftp", "smb", "ftps", "drop"}
    assert all(line["level"] in ("real", "emulated", "documents") for line in found)
    assert kinds["booth"]["proof"] == "from documents only"
    assert kinds["booth"]["stereo"] == "Turn the knob."
    assert "verified on real software" in run("kinds").output


def test_a_phone_system_is_added_with_a_sealed_secret_and_one_allowed_address(
    added: Run, world: World
) -> None:
    row = connectors.get_connector_by_name(world.db, "front")
    assert (row.kind, row.settings, row.live) == ("booth", {"host": "192.168.1.20"}, True)
    assert row.allowed == ("192.168.1.20",)
    sealed = connectors.read_secrets(world.db, world.keys.connectors, row.id)
    assert sealed == {"password": "pass word"}
    shown = added("list", "--json").output
    assert "password set on" in shown
    assert "pass word" not in shown
    entry = audit.list_entries(world.db)[0]
    assert (entry.action, entry.detail) == ("connector_added", {"kind": "booth"})


def test_an_address_that_was_not_allowed_is_named_when_adding(run: Run) -> None:
    told = run(*ADD, "--secret", "password", stdin="p\n").output
    assert "192.168.1.20" in told
    assert "--allow" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "front", "--kind", "booth", "--set", "host=x", "--set", "password=p"), "secret"),
        (("add", "front", "--kind", "booth", "--set", "host=x"), "Password: this is needed"),
        (("add", "front", "--kind", "booth", "--set", "prot=1"), "prot"),
        (("add", "front", "--kind", "boot", "--set", "host=x"), "unknown kind"),
        (("add", "phones", "--kind", "booth", "--set", "host=x"), "another kind"),
        (("add", "front", "--kind", "booth", "--set", "host"), "FIELD=VALUE"),
        (("backfill", "phones"), "--from"),
        (("check", "nothing"), "no such phone system"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output
    assert listed(run).keys() == {"phones"}


def test_adding_again_changes_settings_and_keeps_the_secret(added: Run, world: World) -> None:
    changed = added("add", "front", "--kind", "booth", "--set", "host=192.168.1.21")
    assert "Changed" in changed.output
    row = connectors.get_connector_by_name(world.db, "front")
    assert row.settings == {"host": "192.168.1.21"}
    assert "password" in row.secrets_set


def test_a_check_shows_problems_and_calls_and_is_kept_for_the_page(
    added: Run, booth: Booth, world: World
) -> None:
    now = utc_now()
    booth.ring(found_call("one", started_at=now.replace(microsecond=0), duration_ms=1000))
    good = added("check", "front")
    assert good.exit_code == 0, good.output
    assert "***0100" in good.output
    assert "1 ch" in good.output
    seen = connectors.get_connector_by_name(world.db, "front").tested
    assert seen
    assert len(seen.calls) == 1
    booth.told_probe = Probe(problems=("The clock is wrong.",))
    bad = added("check", "front")
    assert bad.exit_code == 1
    assert "PROBLEM  The clock is wrong." in bad.output
    (told,) = [json.loads(added("check", "front", "--json").output)]
    assert told["problems"] == ["The clock is wrong."]


def test_pause_and_resume_switch_polling(added: Run, world: World) -> None:
    assert added("pause", "front").exit_code == 0
    assert listed(added)["front"]["state"] == "paused"
    assert added("resume", "front").exit_code == 0
    assert listed(added)["front"]["state"] == "on"
    actions = [entry.action for entry in audit.list_entries(world.db)]
    assert actions[:2] == ["connector_resumed", "connector_paused"]


def test_remove_asks_and_keeps_the_calls(added: Run, world: World) -> None:
    world.receive(found_call("a"), connector="front")
    assert added("remove", "front", stdin="n\n").exit_code == 1
    assert "front" in listed(added)
    assert added("remove", "front", "--yes").exit_code == 0
    assert "front" not in listed(added)
    assert world.call("a").connector == "front"
    again = added(*ADD, "--secret", "password", stdin="p\n")
    assert again.exit_code == 1
    assert "another" in again.output


def test_a_backfill_is_estimated_started_and_stopped(
    added: Run, booth: Booth, world: World
) -> None:
    now = utc_now()
    for number in range(40):
        at = now - timedelta(days=5, minutes=number)
        booth.ring(found_call(f"c{number}", started_at=at, talk_ms=3_600_000))
    since = (now - timedelta(days=6)).date().isoformat()
    estimate = added("backfill", "front", "--from", since, "--estimate")
    assert estimate.exit_code == 0, estimate.output
    assert "40 calls to fetch, 0 known already, 40.0 hours" in estimate.output
    assert "not measured yet" in estimate.output
    assert "estimated" in listed(added)["front"]["backfill"]
    started = added("backfill", "front", "--from", since)
    assert started.exit_code == 0, started.output
    assert listed(added)["front"]["backfill"].endswith("30 of 40")
    assert added("backfill", "front", "--stop").exit_code == 0
    row = connectors.get_connector_by_name(world.db, "front")
    assert backlog.count(world.db, row.id) == 0
    assert "stopped" in listed(added)["front"]["backfill"]


def test_a_folder_that_was_imported_is_neither_listed_nor_switched_on(
    run: Run, world: World
) -> None:
    with writing(world.db):
        connectors.add_connector(world.db, "import:/x", "folder", {"root": "/x"}, now=utc_now())
    assert listed(run).keys() == {"phones"}
    assert run("resume", "import:/x").exit_code == 1


def test_a_hostile_name_does_not_reach_the_terminal(added: Run, booth: Booth) -> None:
    at = utc_now().replace(microsecond=0)
    name = "\x1b[31mred"
    booth.ring(found_call("one", started_at=at, duration_ms=1, staff_extension=name))
    assert "\x1b" not in added("check", "front").output


def test_a_drop_user_that_another_phone_system_has_is_refused_in_one_sentence(run: Run) -> None:
    place = ("--set", "place.by=drop", "--set", "place.user=pbx", "--secret", "place_password")
    assert run("add", "one", "--kind", "folder", *place, stdin="p\n").exit_code == 0
    done = run("add", "two", "--kind", "folder", *place, stdin="p\n")
    assert done.exit_code != 0
    assert "“one” delivers to this box under this user" in done.output
    assert "two" not in listed(run)
