"""What the README says is there, and the tests that it names exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from appliance.commands.main import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

COMMANDS = sorted(set(re.findall(r"(?:^|`)(petsvet [^\n#`]+)", README, re.MULTILINE)))
TARGETS = sorted(set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)))
CLAIMS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", README)))


def resolve(arguments: list[str]) -> click.Command:
    """Walk down the groups; fails like the shell would on a word that is no command."""
    command: click.Command = cli
    with click.Context(cli) as context:
        while arguments and isinstance(command, click.Group):
            if arguments[0].startswith("-"):
                arguments = arguments[2:] if arguments[0] == "--data" else arguments[1:]
                continue
            found = command.get_command(context, arguments[0])
            assert found is not None, arguments[0]
            command, arguments = found, arguments[1:]
    for word in arguments:
        if word.startswith("--"):
            names = {option for p in command.params for option in p.opts}
            assert word.split("=")[0] in names, word
    return command


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_in_the_readme_exists_with_its_options(line: str) -> None:
    resolve(shlex.split(line)[1:])


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_in_the_readme_exists_and_is_described(target: str) -> None:
    assert re.search(rf"^{re.escape(target)}:.*## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize(("path", "name"), CLAIMS)
def test_every_claim_names_a_test_that_exists(path: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_the_readme_names_commands_targets_and_claims() -> None:
    assert len(COMMANDS) >= 8
    assert {"demo", "test", "lint", "types"} <= set(TARGETS)
    assert len(CLAIMS) >= 15


def every_command(group: click.Group, path: str = "petsvet") -> list[str]:
    """All commands, "petsvet calls list" and so on."""
    found = []
    for name, command in group.commands.items():
        inner = f"{path} {name}"
        found += every_command(command, inner) if isinstance(command, click.Group) else [inner]
    return found


@pytest.mark.parametrize("command", every_command(cli))
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert command in README


def test_every_make_target_is_described_by_make_help() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    described = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE))
    assert targets == described
