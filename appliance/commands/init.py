"""``petsvet init``: make a box: keys, database, certificate and the first person."""

from pathlib import Path

import click

from appliance.certificate import ensure_certificate
from appliance.commands.box import Box, ask_secret, command
from appliance.config import Config
from appliance.db import open_db, writing
from appliance.errors import Refused
from appliance.keys import Keys, create_keys
from appliance.migrations import migrate
from appliance.store import audit, connectors, users
from appliance.store.settings import ClinicSettings, save_settings
from appliance.tools import DATABASE, utc_now


@click.command()
@click.option("--clinic", default="", help="Name of the clinic.")
@click.option(
    "--zone", default="UTC", show_default=True, help="Time zone, for example America/Chicago."
)
@click.option("--owner", default="owner", show_default=True, help="Name of the first person.")
@click.option(
    "--watch",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Recordings folder of the phone system (FreePBX: /var/spool/asterisk/monitor).",
)
@click.option(
    "--master-csv",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Asterisk's Master.csv beside it.",
)
@command
def init(
    box: Box, clinic: str, zone: str, owner: str, watch: Path | None, master_csv: Path | None
) -> None:
    """Make a new box in the data directory and print its recovery key, once."""
    password = ask_secret(f"Password for {owner} (at least {users.SHORTEST_PASSWORD} characters)")
    keys, recovery = make_box(box.config, clinic=clinic, zone=zone, owner=owner, password=password)
    if watch:
        watch_folder(box.config, keys, watch, master_csv, zone)
    click.echo(f"The box is ready in {box.config.data}.")
    click.echo("")
    click.echo(
        "Recovery key. Write it down and lock it away; it is not stored and not shown again:"
    )
    click.echo("")
    click.echo(f"    {recovery}")


def make_box(
    config: Config, *, clinic: str, zone: str, owner: str, password: str
) -> tuple[Keys, str]:
    """Keys, database, first person and certificate; returns the keys and the recovery key.

    Raises Refused when there is a box already or the password is too short; then nothing is made.
    """
    data = config.data
    if (data / DATABASE).exists():
        raise Refused(f"there is already a box in {data}; choose another directory")
    if len(password) < users.SHORTEST_PASSWORD:
        raise Refused(f"the password must have at least {users.SHORTEST_PASSWORD} characters")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys, recovery = create_keys(data)
    db = open_db(data / DATABASE, keys.database, create=True)
    try:
        migrate(db)
        with writing(db):
            save_settings(db, ClinicSettings(clinic_name=clinic, zone=zone))
            users.add_user(db, owner, "owner", password, now=utc_now())
            audit.record(db, "setup", "system", "box_made", now=utc_now())
    finally:
        db.close()
    ensure_certificate(data / "tls", config.web.names, keys.tls)
    return keys, recovery


def watch_folder(
    config: Config, keys: Keys, root: Path, master_csv: Path | None, zone: str
) -> None:
    """Have the clock look into a FreePBX recordings folder."""
    settings = {
        "place": {"by": "folder", "path": str(root.resolve())},
        "zone": zone,
        "master_csv": str(master_csv.resolve()) if master_csv else None,
    }
    db = open_db(config.data / DATABASE, keys.database)
    try:
        with writing(db):
            connectors.add_connector(db, "phones", "freepbx", settings, now=utc_now())
            audit.record(db, "setup", "system", "connector_added", "phones", now=utc_now())
    finally:
        db.close()
