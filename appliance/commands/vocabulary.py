"""``petsvet vocabulary``: the words the recognizer listens for, from the shell."""

from collections.abc import Sequence
from pathlib import Path

import click

from appliance.commands.box import Box, command, json_option, print_rows
from appliance.db import writing
from appliance.errors import NotFound, Refused
from appliance.facts.vocabulary import GROUPS, Line
from appliance.reading.term_lists import MOST_BYTES, decode_list, read_list, write_list
from appliance.store import audit
from appliance.store import vocabulary as words

COLUMNS = ("group", "term", "sounds_like", "starred")
SHOWN = 20  # refused lines
EVERYTHING = 1_000_000

group_option = click.option(
    "--group", default="other", show_default=True, type=click.Choice(GROUPS), help="Its group."
)


@click.group()
def vocabulary() -> None:
    """The clinic's own words: names and products to listen for."""


@vocabulary.command("list")
@click.option("--group", default="", type=click.Choice(["", *GROUPS]), help="Only this group.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, EVERYTHING))
@json_option
@command
def list_command(box: Box, group: str, limit: int, as_json: bool) -> None:
    """What is listened for, what matters most first."""
    found = words.list_terms(box.db, group=group, limit=limit)
    _note(box, "view_vocabulary")
    shown = [
        {"group": t.group, "term": t.text, "sounds_like": t.note, "starred": t.pinned}
        for t in found
    ]
    print_rows(shown, COLUMNS, as_json)


@vocabulary.command("add")
@click.argument("term")
@group_option
@click.option("--sounds-like", default="", help="How it is said, for people.")
@click.option("--star", is_flag=True, help="Listen for it before all others.")
@command
def add(box: Box, term: str, group: str, sounds_like: str, star: bool) -> None:
    """Listen for TERM in calls from now on."""
    told = words.check_term(group, term, sounds_like, pinned=star)
    now = box.tools.now()
    with writing(box.db):
        number = words.add_term(box.db, told, "console", now=now)
        audit.record(
            box.db, "console", "system", "change_vocabulary", f"term {number}", now=now,
            detail={"act": "add", "group": group},
        )  # fmt: skip
    click.echo("Added; it counts for calls from now on.")


@vocabulary.command("remove")
@click.argument("term")
@group_option
@command
def remove(box: Box, term: str, group: str) -> None:
    """Listen for TERM no more."""
    found = words.find_term(box.db, group, term)
    if found is None:
        raise NotFound(f"there is no such term in {group}; see: petsvet vocabulary list")
    now = box.tools.now()
    with writing(box.db):
        words.remove_term(box.db, found.id)
        audit.record(
            box.db, "console", "system", "change_vocabulary", f"term {found.id}", now=now,
            detail={"act": "remove", "group": group},
        )  # fmt: skip
    click.echo("Removed.")


@vocabulary.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@group_option
@click.option("--dry-run", is_flag=True, help="Only say what would become of each line.")
@command
def import_command(box: Box, file: Path, group: str, dry_run: bool) -> None:
    """Take the terms of FILE in: CSV, or one term a line. Lines that name no group are put in --group.

    Exit status 1 when a line was refused; the others are taken all the same.
    """
    if file.stat().st_size > MOST_BYTES:
        raise Refused("the file is larger than 2 MB; split it into several files")
    lines = read_list(decode_list(file.read_bytes()), group)
    now = box.tools.now()
    with writing(box.db):
        new, doubles, refused = words.split_lines(box.db, lines)
        if not dry_run:
            words.add_terms(box.db, new, "console", now=now)
            audit.record(
                box.db, "console", "system", "change_vocabulary", "import", now=now,
                detail={"act": "import", "terms": str(len(new))},
            )  # fmt: skip
    verb = "would be added" if dry_run else "added"
    click.echo(f"{len(new)} {verb}, {len(doubles)} known already, {len(refused)} refused.")
    _tell_refused(refused)


def _tell_refused(refused: Sequence[Line]) -> None:
    for line in refused[:SHOWN]:
        click.echo(f"line {line.number}: {line.problem}", err=True)
    if len(refused) > SHOWN:
        click.echo(f"… and {len(refused) - SHOWN} more", err=True)
    if refused:
        raise SystemExit(1)


@vocabulary.command("export")
@command
def export(box: Box) -> None:
    """Print all terms as CSV, as import reads it."""
    found = words.list_terms(box.db, limit=EVERYTHING)
    _note(box, "export_vocabulary")
    click.echo(write_list(found), nl=False)


def _note(box: Box, action: str) -> None:
    with writing(box.db):
        audit.record(box.db, "console", "system", action, now=box.tools.now())
