"""``petsvet import``: take recordings that lie in files, once."""

from collections.abc import Sequence
from pathlib import Path

import click

from appliance.chores.discover import receive
from appliance.commands.box import Box, command
from appliance.db import Database, writing
from appliance.facts.calls import FoundCall
from appliance.store import audit, connectors
from appliance.store.settings import get_settings
from appliance.tools import utc_now
from connectors.registry import open_connector


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@command
def import_calls(box: Box, paths: tuple[Path, ...]) -> None:
    """Take recordings from FILES or DIRECTORIES; `petsvet work` then transcribes them."""
    added = sum(import_path(box.db, path) for path in paths)
    plural = "" if added == 1 else "s"
    click.echo(f"{added} call{plural} received. Now: petsvet work --until-idle")


def import_path(db: Database, path: Path) -> int:
    """Receive the calls of a folder, or of one file; returns how many were new."""
    folder = path if path.is_dir() else path.parent
    settings = {
        "root": str(folder.resolve()),
        "immediate": True,
        "sweep": True,
        "zone": get_settings(db).zone,
    }
    found = open_connector("folder", settings).discover({}, utc_now()).calls
    if path.is_file():
        found = tuple(call for call in found if _names(call, path.name))
    if not found:
        click.echo(f"{path}: no recording the box could take", err=True)
    return _receive_all(db, f"import:{folder.resolve()}", settings, found)


def _names(call: FoundCall, name: str) -> bool:
    return any(recording.name == name for recording in call.recordings)


def _receive_all(
    db: Database, name: str, settings: dict[str, object], found: Sequence[FoundCall]
) -> int:
    """All or none of a folder; the connector is kept (not polled) so that workers can open it."""
    with writing(db):
        number = connectors.add_connector(db, name, "folder", settings, now=utc_now())
        db.conn.execute("UPDATE connector SET enabled = 0 WHERE id = ?", (number,))
        new = [receive(db, name, call, now=utc_now()) for call in found]
        audit.record(
            db, "console", "system", "import", now=utc_now(), detail={"calls": str(len(new))}
        )
    return sum(call_id is not None for call_id in new)
