"""Second opinions from the shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.commands.main import cli
from appliance.db import row
from appliance.store import opinions
from tests.opinions.emulator import MODEL, http, model_server
from tests.opinions.test_chore import OTHER, advised, set_server, turned_away
from tests.world import World

pytestmark = pytest.mark.usefixtures("lan")
Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    """Call ``petsvet opinion`` on the world's box."""
    config = tmp_path / "config.toml"
    config.write_text('[log]\nlevel = "error"\n')
    start = ["--data", str(world.data), "--config", str(config), "opinion"]
    return lambda *arguments: CliRunner().invoke(cli, [*start, *arguments])


def test_a_server_is_tested_from_the_shell(run: Run, world: World) -> None:
    assert run("test").exit_code == 1
    with advised(world):
        told = run("test")
    assert told.exit_code == 0, told.output
    assert "5 of 5 labels" in told.output
    assert f"Models: {MODEL}" in told.output


def test_a_server_that_fails_is_told_with_status_1(run: Run, world: World) -> None:
    with advised(world, raw=http("401 Unauthorized", "")):
        told = run("test", "--json")
    assert told.exit_code == 1
    assert "key" in json.loads(told.output)["problem"]


def test_one_call_is_asked_about_at_once(run: Run, world: World) -> None:
    with advised(world, OTHER, scope="hand"):
        call_id = turned_away(world)
        told = run("run", world.call(call_id).ref, "--json")
    assert told.exit_code == 0, told.output
    found = {line["label"]: line for line in map(json.loads, told.output.splitlines())}
    assert found["turnaway"] == {
        "label": "turnaway", "box": "cap_day", "second": "no_ask", "differs": True,
        "lines": [[1, 2]],
    }  # fmt: skip
    assert opinions.get_opinion(world.db, call_id)
    noted = row(world.db, "SELECT actor FROM audit WHERE action = 'ask_opinion'")
    assert noted == {"actor": "console"}


def test_nothing_is_asked_while_it_is_off_or_nobody_answers(run: Run, world: World) -> None:
    with model_server(OTHER) as emulator:
        set_server(world, emulator.url, scope="off")
        ref = world.call(turned_away(world)).ref
        assert "are off" in run("run", ref).output
        assert not emulator.heads
    set_server(world, emulator.url)
    told = run("run", ref)
    assert told.exit_code == 1
    assert "refused the connection" in told.output
