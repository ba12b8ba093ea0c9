"""``petsvet doctor``: is the box well, and what to do if not."""

import sys

import click
import msgspec

from appliance.commands.box import Box, command, json_option
from appliance.health import examine
from appliance.keys import repair_keyring

MARKS = {"ok": "ok     ", "warning": "WARNING", "problem": "PROBLEM"}


@click.command()
@click.option("--repair", is_flag=True, help="Write a damaged copy of the keyring again.")
@json_option
@command
def doctor(box: Box, repair: bool, as_json: bool) -> None:
    """Examine the box; exit status 1 when there is a problem."""
    if repair:
        for name in repair_keyring(box.config.data):
            click.echo(f"repaired: {name}")
    findings = examine(box.db, box.tools)
    for finding in findings:
        if as_json:
            click.echo(msgspec.json.encode(finding).decode())
            continue
        click.echo(f"{MARKS[finding.state]}  {finding.name}: {finding.found}")
        if finding.advice:
            click.echo(f"         {finding.advice}")
    if any(finding.state == "problem" for finding in findings):
        sys.exit(1)
