"""``petsvet models``: which speech models there are, and installing one from a directory."""

from pathlib import Path

import click

from appliance.commands.box import Box, command, json_option, print_rows
from appliance.db import writing
from appliance.errors import PetsvetError
from appliance.store import audit
from appliance.tools import MODELS, utc_now
from models import sense
from models.catalogue import find_card, list_cards
from models.installed import install_model, list_models, verify_model


@click.group()
def models() -> None:
    """Speech models: list, install and verify them."""


@models.command("list")
@json_option
@command
def list_command(box: Box, as_json: bool) -> None:
    """The catalogue and the encoder of sentences, and what of it is installed here."""
    here = {manifest.card.id for manifest in list_models(box.config.data / MODELS)} | {"demo"}
    found = [
        {
            "id": card.id,
            "installed": "yes" if card.id in here else "",
            "parameters_m": card.parameters_m,
            "int8_mb": card.memory_mb.get("int8", ""),
            "languages": len(card.languages) if len(card.languages) > 1 else card.languages[0],
            "license": card.license,
            "repository": card.repository,
        }
        for card in list_cards()
    ]
    found.append({
        "id": sense.NAME,
        "installed": "yes" if sense.find_files() else "",
        "parameters_m": sense.PARAMETERS_M,
        "int8_mb": "",
        "languages": "en",
        "license": "Apache-2.0",
        "repository": f"sentence-transformers/{sense.NAME}",
    })  # fmt: skip
    print_rows(found, tuple(found[0]), as_json)


@models.command("install")
@click.argument("model_id")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def install(box: Box, model_id: str, directory: Path) -> None:
    """Install MODEL_ID from DIRECTORY (model.bin, config.json, tokenizer.json …, as on the hub).

    The digests of its files are recorded and checked before every later use.
    """
    manifest = install_model(directory, box.config.data / MODELS, find_card(model_id))
    with writing(box.db):
        audit.record(
            box.db, "console", "system", "model_installed", model_id, now=utc_now(),
            detail={"checksum": manifest.checksum},
        )  # fmt: skip
    click.echo(f"{model_id} is installed, {len(manifest.files)} files recorded.")


@models.command("verify")
@command
def verify(box: Box) -> None:
    """Compare every installed file with the digest recorded when it was installed."""
    broken = False
    for manifest in list_models(box.config.data / MODELS):
        try:
            verify_model(box.config.data / MODELS / manifest.card.id)
            click.echo(f"{manifest.card.id}: as installed")
        except PetsvetError as error:
            broken = True
            click.echo(f"{manifest.card.id}: {error}")
    try:
        if sense.check_files():
            click.echo(f"{sense.NAME}: as published")
    except PetsvetError as error:
        broken = True
        click.echo(f"{sense.NAME}: {error}")
    if broken:
        raise SystemExit(1)
