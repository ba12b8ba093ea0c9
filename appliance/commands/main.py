"""``petsvet``: the operator's command line."""

from pathlib import Path

import click

from appliance import __version__
from appliance.commands import (
    audit,
    calls,
    connectors,
    demo,
    doctor,
    importing,
    init,
    mail,
    models,
    opinion,
    recover,
    serve,
    users,
    vocabulary,
    work,
    worklist,
)
from appliance.commands.box import Box
from appliance.commands.read import eval_command, read_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PETSVET_DATA",
    help="Directory of the box (default: the one in /etc/petsvet/config.toml).",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    envvar="PETSVET_CONFIG",
    help="Settings file to use instead of those in /etc/petsvet.",
)
@click.option("--model", default="", envvar="PETSVET_MODEL", help="Speech model to use.")
@click.version_option(__version__, prog_name="petsvet")
@click.pass_context
def cli(context: click.Context, data: Path | None, config_file: Path | None, model: str) -> None:
    """Call intelligence for veterinary clinics, on the clinic's own box."""
    context.obj = Box(data, model, config_file)


for each in (
    init.init,
    importing.import_calls,
    work.work,
    calls.calls,
    calls.search,
    worklist.worklist,
    connectors.connectors,
    serve.serve,
    audit.audit,
    mail.mail,
    users.users,
    vocabulary.vocabulary,
    models.models,
    opinion.opinion,
    doctor.doctor,
    recover.recover,
    demo.demo,
    read_command,
    eval_command,
):
    cli.add_command(each)
