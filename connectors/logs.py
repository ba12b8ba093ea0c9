"""Call record files that grow line by line and are rotated away: read again from where news begins.

Nothing is consumed: rows inside the look-back are parsed anew at every look, so a crash, a repeat
or a rotation loses none. Only the bytes before them are skipped, by inode.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from appliance.errors import Unavailable
from connectors.cdr import Row, complete_lines, end_of, parse_row

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def read_rows(
    path: str, skips: dict[str, int], since: datetime | None, zone: tzinfo, notes: Counter[str]
) -> list[Row]:
    """The rows that ended at or after ``since`` (None: all) in ``path`` and its rotated brothers.

    ``skips`` (inode → bytes of rows before ``since``) is updated unless ``since`` is None.
    ``zone``: that of the rows' times. Raises Unavailable when a file that was there is away.
    """
    try:
        files = list(_brothers(Path(path), since))
        if not files:
            if skips:
                raise Unavailable("the call records are away; is their folder mounted?")
            notes["cdr_missing"] += 1
        rows: list[Row] = []
        for file in files:
            rows += _read(file, skips, since, zone, notes)
    except OSError as error:
        raise Unavailable(f"the call records cannot be read: {error.strerror}") from error
    here = {str(file.stat().st_ino) for file in files if file.exists()}
    for inode in skips.keys() - here if files else ():
        del skips[inode]
    return rows


def _brothers(path: Path, since: datetime | None) -> Iterator[Path]:
    """``Master.csv`` itself and ``Master.csv.1``, ``Master.csv-20261122`` … with news in them."""
    if not path.parent.is_dir():
        return
    for file in sorted(path.parent.iterdir()):
        rotated = file.name.startswith((path.name + ".", path.name + "-"))
        if file.name != path.name and (not rotated or file.name.endswith(_PACKED)):
            continue
        if not file.is_file() or (rotated and file.is_symlink()):
            continue
        if file.name == path.name or since is None or file.stat().st_mtime >= since.timestamp():
            yield file


def _read(
    file: Path, skips: dict[str, int], since: datetime | None, zone: tzinfo, notes: Counter[str]
) -> Iterator[Row]:
    with file.open("rb") as handle:
        info = os.fstat(handle.fileno())
        inode = str(info.st_ino)
        at = skips.get(inode, 0) if since is not None else 0
        if at > info.st_size:
            at = 0  # emptied in place (logrotate's copytruncate)
        handle.seek(at)
        leading = True
        for length, line in complete_lines(handle):
            row = parse_row(line) if line is not None else None
            if row is None:
                notes["cdr_malformed"] += 1
            old = row is None or (since is not None and end_of(row, zone) < since)
            leading = leading and old
            at += length if leading else 0
            if row is not None and not old:
                yield row
    if since is not None:
        skips[inode] = at
