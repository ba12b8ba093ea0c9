"""Clear the drop: remove delivered files once their sound is sealed and a day has passed.

The day is for the phone system, which may still append to a file, and for its connector, which
looks for that long whether it does. A file goes only when it is exactly what the recording in the
vault was made of, and its sidecar (``.xml``, ``.json``, ``.txt``) goes with it. A file whose call
was not received stays, however old it is.

What belonged to a call that was erased, or that a rule keeps away, goes without a day of grace once
it is due (see ``erasing``); a file that has changed since is another one and stays.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec

from appliance.db import Database, Row, row, rows, writing
from appliance.drop_accounts import folder_of
from appliance.drop_jail import clear, parts_of
from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.logs import get_log
from appliance.store import kept_away
from appliance.store.connectors import ConnectorRow, list_connectors
from appliance.store.drop_users import drop_place_of
from appliance.tools import Tools
from connectors.mount import locate, path_of

log = get_log(__name__)

LANE = "chores"
KEPT = timedelta(hours=24)
SIDECARS = (".xml", ".json", ".txt")


class Cleared(Fact, frozen=True, kw_only=True):
    """How many files were removed."""

    files: int


def work(db: Database, tools: Tools, subject: int) -> Cleared:
    """Remove what may go; every removal is by itself, and repeating it does nothing."""
    return Cleared(files=sum(_clear_one_of(db, tools, row) for row in list_connectors(db)))


def _clear_one_of(db: Database, tools: Tools, known: ConnectorRow) -> int:
    delivers = drop_place_of(known.settings)
    if delivers is None:
        return 0
    place = delivers[1]
    try:
        root = folder_of(tools.config.data, str(place.get("user", "")))
        below = parts_of(str(place.get("path", "")))
        gone = _clear_discarded(db, known, root, below, tools.now())
        before = tools.now() - KEPT
        old = dict(_old_files(root.joinpath(*below), before))
        found = [r for r in _sealed(db, known.name, list(old)) if tools.vault.holds(r["sealed"])]
        return gone + sum(_clear(root, (*below, *old[r["locator"]]), r, before) for r in found)
    except (PetsvetError, OSError) as error:
        log.warning("a drop folder could not be cleared", connector=known.id, error=error)
        return 0


def _clear_discarded(
    db: Database, known: ConnectorRow, root: Path, below: tuple[str, ...], now: datetime
) -> int:
    """Remove what nobody may keep; what is still being sent is asked for again."""
    count = 0
    for file in kept_away.list_discarded(db, known.id, now=now):
        path = (*below, *path_of(file["locator"]))
        if not _is_anothers(db, known.name, file["locator"]):
            count += _clear(root, path, file, now)
        if not _is_there(root.joinpath(*path), file):
            with writing(db):
                version = (file["locator"], file["size"], file["modified_ns"])
                kept_away.keep_files(db, known.id, [version])
    return count


def _is_anothers(db: Database, connector: str, locator: str) -> bool:
    """Whether a call that is there was, or will be, made of this file too."""
    return row(
        db,
        "SELECT 1 FROM recording r JOIN call c ON c.id = r.call_id"
        " WHERE c.connector = ? AND r.locator = ?",
        (connector, locator),
    ) is not None  # fmt: skip


def _is_there(file: Path, told: Row) -> bool:
    """Whether a file still lies there as it was told."""
    try:
        info = file.lstat()
    except OSError:
        return False
    return (info.st_size, info.st_mtime_ns) == (told["size"], told["modified_ns"])


def _old_files(folder: Path, before: datetime) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The locators of files that have not changed since, with their paths below the folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            with suppress(FileNotFoundError):
                info = file.lstat()
                # The change time is ours; the modification time may be the phone system's.
                if max(info.st_mtime, info.st_ctime) <= before.timestamp():
                    path = file.relative_to(folder).parts
                    yield locate(*path), path


def _sealed(db: Database, connector: str, locators: list[str]) -> list[Row]:
    """Those of the files whose sound lies in the vault, with its name there.

    A recording that came twice is in the vault once, under the call that came first.
    """
    return rows(
        db,
        "SELECT r.locator, r.size, r.modified_ns, (SELECT o.file FROM recording o"
        " WHERE o.digest = r.digest AND o.file <> '' LIMIT 1) AS sealed"
        " FROM recording r JOIN call c ON c.id = r.call_id WHERE c.connector = ?"
        " AND r.digest <> '' AND sealed <> ''"
        " AND r.locator IN (SELECT value FROM json_each(?))",
        (connector, msgspec.json.encode(locators).decode()),
    )


def _clear(root: Path, path: tuple[str, ...], sealed: Row, before: datetime) -> int:
    """Remove one file and what tells of it; returns how many went."""
    moment = before.timestamp()
    if not clear(root, path, sealed["size"], sealed["modified_ns"], moment):
        return 0
    stem = PurePosixPath(path[-1]).stem
    return 1 + sum(_clear_sidecar(root, (*path[:-1], stem + ending), moment) for ending in SIDECARS)


def _clear_sidecar(root: Path, path: tuple[str, ...], before: float) -> bool:
    try:
        info = root.joinpath(*path).lstat()
    except OSError:
        return False
    return clear(root, path, info.st_size, info.st_mtime_ns, before)


def save(db: Database, cleared: Cleared, now: datetime) -> bool:
    """Nothing to note: what is gone is gone."""
    return True
