"""``petsvet audit``: read the log and prove that it is whole."""

import sys

import click

from appliance.commands.box import Box, command, json_option, print_rows
from appliance.store import audit as log


@click.group()
def audit() -> None:
    """The log of every sign-in, view, play, search and change."""


@audit.command("verify")
@click.option("--head", default="", help="A head noted earlier (number:hash) to check the end.")
@json_option
@command
def verify(box: Box, head: str, as_json: bool) -> None:
    """Walk the chain; exit status 1 when a row does not hold."""
    import json

    whole, broken = log.verify(box.db)
    seq, digest = log.head(box.db)
    missing = bool(head) and not _reaches(box, head)
    result = {"rows": whole, "broken_at": broken, "head": f"{seq}:{digest}", "behind": missing}
    if as_json:
        click.echo(json.dumps(result))
    elif broken is None and not missing:
        click.echo(f"{whole} rows hold. Head, to note outside the box: {seq}:{digest}")
    elif missing:
        click.echo("The log is not the one whose head you noted: its end was cut or replaced.")
    else:
        click.echo(f"The log does not hold from row {broken} on: it was changed.")
    if broken is not None or missing:
        sys.exit(1)


def _reaches(box: Box, head: str) -> bool:
    """Whether the log still contains a head noted earlier."""
    from appliance.db import value

    number, _, digest = head.partition(":")
    found = value(box.db, "SELECT hash FROM audit WHERE seq = ?", (int(number or 0),))
    return found is not None and found.hex() == digest


@audit.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@command
def list_command(box: Box, limit: int, as_json: bool) -> None:
    """Newest entries first."""
    entries = [
        {"seq": e.seq, "at": e.at.isoformat(timespec="seconds"), "actor": e.actor, "role": e.role,
         "action": e.action, "subject": e.subject, "detail": e.detail or ""}
        for e in log.list_entries(box.db, limit=limit)
    ]  # fmt: skip
    print_rows(entries, ("seq", "at", "actor", "role", "action", "subject", "detail"), as_json)
