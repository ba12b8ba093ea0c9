"""``petsvet serve``: the processes of the box."""

import click

from appliance.clock import run_clock
from appliance.commands.box import Box, command
from appliance.facts.jobs import LANES
from appliance.supervisor import Child, Supervisor
from appliance.tools import worker_environment
from appliance.worker import run_worker
from models.plan import QUIET


@click.group()
def serve() -> None:
    """Run the box: everything, or one process of it."""


@serve.command("all")
@command
def serve_all(box: Box) -> None:
    """Pages, clock, drop, listener and workers under one supervisor that restarts what dies."""
    box.db.close()  # the schema is up to date before any child starts
    Supervisor(children_of(box)).run()


def children_of(box: Box) -> list[Child]:
    """The processes of this box; speech workers get the environment measured for them."""
    start = ["--data", str(box.config.data.resolve())]
    start += ["--model", box.model] if box.model else []
    start += ["--config", str(box.config_file.resolve())] if box.config_file else []
    children = [Child(name, [*start, "serve", name]) for name in ("web", "clock", "drop", "listen")]
    for lane in LANES:
        count = getattr(box.config.lanes, lane)
        environment = worker_environment(box.config) if lane == "speech" else {}
        for number in range(1, count + 1):
            arguments = [*start, "serve", "worker", "--lane", lane, "--number", str(number)]
            children.append(Child(f"{lane}-{number}", arguments, environment))
    return children


@serve.command("web")
@command
def serve_web(box: Box) -> None:
    """The pages, over HTTPS."""
    from webui.serve import serve_web as run_web  # workers must not load the pages

    _set_quiet()
    box.db.close()
    run_web(box.config, box.keys)


@serve.command("worker")
@click.option("--lane", type=click.Choice(LANES), required=True)
@click.option("--number", default=1, show_default=True, type=click.IntRange(1, 64))
@command
def serve_worker(box: Box, lane: str, number: int) -> None:
    """One worker of one lane."""
    _set_quiet()
    run_worker(box.tools, lane, number)


@serve.command("clock")
@command
def serve_clock(box: Box) -> None:
    """The clock, which only enqueues."""
    run_clock(box.tools)


@serve.command("drop")
@click.option("--show", is_flag=True, help="Only tell where it listens and its host key.")
@command
def serve_drop(box: Box, show: bool) -> None:
    """The server into which phone systems deliver, open while one of them has a drop place."""
    from appliance.drop_host_key import fingerprint

    if show:
        drop = box.config.drop
        click.echo(f"SFTP port {drop.port}, host key {fingerprint(box.config.data)}")
        if drop.ftp:
            click.echo(f"FTP port {drop.ftp_port}: passwords cross the network in clear")
        return
    from appliance.drop import run_drop

    _set_quiet()
    box.db.close()
    run_drop(box.tools)


@serve.command("listen")
@command
def serve_listen(box: Box) -> None:
    """Waits for what phone systems send by themselves."""
    from appliance.listener import run_listener

    _set_quiet()
    box.db.close()
    run_listener(box.tools)


def _set_quiet() -> None:
    """A process started by hand must be as silent as one under the supervisor."""
    import os

    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
