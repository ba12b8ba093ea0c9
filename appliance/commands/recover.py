"""``petsvet recover``: unlock the box with the recovery key when its own key is gone."""

import sys

import click

from appliance.commands.box import Box, command
from appliance.keys import reseal_root, unlock


@click.command()
@command
def recover(box: Box) -> None:
    """Ask for the recovery key and write the root key again, so that the box starts by itself."""
    if sys.stdin.isatty():
        recovery = str(click.prompt("Recovery key", hide_input=True))
    else:
        recovery = sys.stdin.readline().strip()
    reseal_root(box.config.data, unlock(box.config.data, recovery))
    click.echo("The box is unlocked and starts by itself again.")
