"""What FTP servers write of their files: the facts of MLSD, and lines as of ``ls`` or Windows.

Pure reasoning. Lines come as latin-1, which carries any bytes a name may hold.
"""

import os
import re
from datetime import UTC, datetime

from connectors.remote import Kind, Thing

_LINE = re.compile(
    r"([-dl])[-rwxsStTl]{9}[.+@]?\s+\d+\s+\S+\s+\S+\s+(\d+)\s+\w{3}\s+\d+\s+[\d:]{4,5} (.+)",
    re.ASCII,
)
_LINE_OF_WINDOWS = re.compile(
    r"\d\d-\d\d-\d{2,4}\s+\d\d:\d\d[AP]M\s+(?:(<DIR>)\s+|(\d+)\s)(.+)", re.ASCII
)
_TYPES: dict[str, Kind] = {"file": "file", "dir": "folder"}
_LETTERS: dict[str, Kind] = {"-": "file", "d": "folder", "l": "link"}


def told_fact(line: str) -> Thing | None:
    """One line of MLSD: ``type=file;size=5;modify=20261122180000; name``."""
    told, _, name = line.partition(" ")
    facts = {}
    for fact in told.lower().split(";"):
        key, _, value = fact.partition("=")
        facts[key] = value
    kind: Kind = _TYPES.get(facts.get("type", ""), "other")
    if "slink" in facts.get("type", "") or "symlink" in facts.get("type", ""):
        kind = "link"
    if not name or facts.get("type") in ("cdir", "pdir"):
        return None
    size = facts.get("size", "0")
    try:
        modified = nanoseconds_of(facts["modify"]) if "modify" in facts else 0
    except ValueError:
        modified = 0
    known = os.fsdecode(name.encode("latin-1"))
    return Thing(known, kind, int(size) if size.isdecimal() else 0, modified)


def told_line(line: str) -> Thing | None:
    """One line as ``ls -l`` or Windows writes it, without its time, which is too coarse."""
    if match := _LINE.fullmatch(line):
        letter, size, name = match.groups()
        kind = _LETTERS[letter]
        name = name.partition(" -> ")[0] if kind == "link" else name
    elif match := _LINE_OF_WINDOWS.fullmatch(line):
        folder, size, name = match.groups(default="0")
        kind = "folder" if folder == "<DIR>" else "file"
    elif not line.strip() or line.startswith("total "):
        return None
    else:  # such as half a name with a line break in it; it is counted, not silently lost
        return Thing("?", "other", 0, 0)
    return Thing(os.fsdecode(name.encode("latin-1")), kind, int(size), 0)


def nanoseconds_of(told: str) -> int:
    """``20261122180000`` or with parts of a second, in UTC. Raises ValueError."""
    whole, _, part = told.strip().partition(".")
    moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 10**9 + int(part[:9].ljust(9, "0") if part else "0")
