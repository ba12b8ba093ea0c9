"""``petsvet demo``: a throwaway box with the sample calls, from phone system to page."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from appliance import clock
from appliance.commands.box import Box, friendly_errors, print_rows
from appliance.commands.calls import describe
from appliance.commands.init import make_box
from appliance.commands.serve import children_of
from appliance.commands.work import Progress
from appliance.config import load_config
from appliance.db import Database, writing
from appliance.errors import Refused
from appliance.facts.calls import CallFilter
from appliance.facts.jobs import LANES
from appliance.keys import Keys
from appliance.store import calls, connectors, users
from appliance.store.settings import ClinicSettings, save_settings
from appliance.supervisor import Supervisor
from appliance.tools import utc_now
from appliance.worker import Worker

MARKER = ".petsvet-demo"
ZONE = "America/Chicago"
STAFF = {"101": "Denise", "102": "Marcus", "103": "Priya", "104": "Hannah", "105": "Tom"}
WEEK = {str(day): ("08:00", "18:00") for day in range(5)} | {"5": ("09:00", "13:00")}
COLUMNS = ("start", "caller", "staff", "intent", "outcome", "turnaway", "first_words")
SETTINGS = """[web]
host = "127.0.0.1"
port = {port}
[speech]
model = "demo"
[log]
level = "warning"
"""
PEOPLE = (("maria", "manager", ""), ("denise", "frontdesk", "101"), ("ingrid", "it", ""))


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(".demo"),
    show_default=True, help="Where to make it; an earlier demo there is replaced.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="Print the calls and end, instead of serving pages.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(1, 65535))
def demo(folder: Path, once: bool, port: int) -> None:
    """Make a demo box, run the sample calls through it and serve its pages.

    The voices and calls are synthetic, and so is what the demo speech model knows.
    """
    with friendly_errors():
        made = make_demo(folder, port)
        walk(made)
        show_calls(made.box.db)
        unready = calls.count_calls(made.box.db)
        if once:
            raise SystemExit(0 if set(unready) == {"ready"} and _all_came(made) else 1)
        _serve(made, port)


@dataclass(frozen=True)
class Demo:
    """A demo box and how to get in."""

    box: Box
    password: str
    expected: int


def make_demo(folder: Path, port: int) -> Demo:
    """A box with staff, opening hours, people, and a spool of sample calls to watch."""
    from models.demo.spool import write_spool

    _clear(folder)
    spool = write_spool(folder / "spool", utc_now().astimezone(ZoneInfo(ZONE)))
    data = folder / "box"
    data.mkdir(mode=0o700)
    config_file = data / "config.toml"
    config_file.write_text(SETTINGS.format(port=port))
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    config = load_config(data, files=[config_file])
    keys, _ = make_box(
        config, clinic="Willow Creek Animal Hospital", zone=ZONE, owner="olivia", password=password
    )
    box = Box(data, config_file=config_file)
    _furnish(box.db, keys, folder / "spool", password)
    return Demo(box=box, password=password, expected=len(spool))


def _clear(folder: Path) -> None:
    """Remove an earlier demo, and nothing that is not one."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise Refused(f"{folder} is not empty and is no demo; choose another directory with --dir")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text("A throwaway demo box of petsvet; delete it whenever you like.\n")


def _furnish(db: Database, keys: Keys, spool: Path, password: str) -> None:
    now = utc_now()
    settings = {
        "root": str(spool.resolve()),
        "master_csv": str((spool / "Master.csv").resolve()),
        "zone": ZONE,
        # The spool is complete before the box looks, so one look is enough.
        "patience": {"look_gap_s": 0, "quiet_s": 0, "orphan_quiet_s": 0, "lookback_days": 30},
    }
    with writing(db):
        save_settings(
            db,
            ClinicSettings(clinic_name="Willow Creek Animal Hospital", zone=ZONE, hours=WEEK),
        )
        for extension, name in STAFF.items():
            calls.name_staff(db, extension, name)
        connectors.add_connector(db, "phones", "freepbx", settings, now=now)
        for name, role, extension in PEOPLE:
            users.add_user(db, name, role, password, now=now, staff_extension=extension)


def walk(made: Demo) -> None:
    """The whole road with a progress bar."""
    click.echo("Reading the sample calls with the demo speech model.", err=True)
    clock.poll(made.box.tools)
    worker = Worker(made.box.tools, LANES, "demo")
    bar = Progress(made.box.db, made.box.tools.now())
    worker.run_until_idle(bar.show)
    bar.close()


def show_calls(db: Database) -> None:
    """The table of calls, newest first."""
    found, _ = calls.list_calls(db, CallFilter(), limit=1000)
    print_rows([describe(each, ZONE) for each in found], COLUMNS, as_json=False)


def _all_came(made: Demo) -> bool:
    return sum(calls.count_calls(made.box.db).values()) == made.expected


def _serve(made: Demo, port: int) -> None:
    click.echo("")
    click.echo(f"Open       https://localhost:{port}")
    click.echo("Sign in    olivia (owner), maria (manager), denise (front desk) or ingrid (IT)")
    click.echo(f"Password   {made.password}")
    click.echo(
        "The browser warns once: the certificate was made by this box. Ctrl-C ends the demo."
    )
    made.box.db.close()
    Supervisor(children_of(made.box)).run()
