"""``petsvet users``: who may sign in."""

import click

from appliance.commands.box import Box, ask_secret, command, json_option, print_rows
from appliance.db import writing
from appliance.facts.codes import ROLES
from appliance.store import audit
from appliance.store import users as people
from appliance.tools import utc_now


@click.group()
def users() -> None:
    """People who may sign in to the pages."""


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--extension", default="", help="Extension of a front desk person.")
@command
def add(box: Box, name: str, role: str, extension: str) -> None:
    """Add NAME; the password is asked for, or read from standard input."""
    password = ask_secret(f"Password for {name}")
    with writing(box.db):
        user = people.add_user(
            box.db, name, role, password, now=utc_now(), staff_extension=extension
        )
        audit.record(
            box.db, "console", "system", "user_added", f"user:{user.id}", now=utc_now(),
            detail={"role": role},
        )  # fmt: skip
    click.echo(f"{name} may now sign in as {role}.")


@users.command("list")
@json_option
@command
def list_command(box: Box, as_json: bool) -> None:
    """Everybody."""
    found = [
        {"name": u.name, "role": u.role, "extension": u.staff_extension, "disabled": u.disabled}
        for u in people.list_users(box.db)
    ]
    print_rows(found, ("name", "role", "extension", "disabled"), as_json)
