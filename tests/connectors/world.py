"""A make-believe Asterisk: a monitor folder and a Master.csv on disk, under a clock of its own."""

import json
import os
import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.facts.calls import FoundCall
from connectors.interface import Checkpoint, Discovery
from connectors.registry import open_connector

NOON = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "asterisk20"
CALLER = "+15555550142"


def wav(seconds: float = 1.0, *, closed: bool = True, channels: int = 1) -> bytes:
    """A silent 8 kHz s16le WAV, its header closed or still as while recording."""
    payload = b"\0" * int(seconds * 8000) * 2 * channels
    riff, data = (36 + len(payload), len(payload)) if closed else (0, 0)
    form = struct.pack("<HHIIHH", 1, channels, 8000, 16000 * channels, 2 * channels, 16)
    header = b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return header + b"data" + struct.pack("<I", data) + payload


def csv_row(uid: str, start: datetime, **given: Any) -> str:
    """One line of Master.csv in UTC; an answered call from a trunk to 101 unless given."""
    # Asterisk gives each name of a channel once: here by the number of the call.
    counter = f"{zlib.crc32(uid.encode()):08x}"
    row: dict[str, Any] = {
        "src": CALLER, "dst": "s", "channel": f"PJSIP/trunk-{counter}",
        "dstchannel": f"PJSIP/101-{counter}", "lastapp": "Dial", "lastdata": "PJSIP/101,20",
        "ring": 2, "talk": 6, "disposition": "ANSWERED", "linkedid": uid, "sequence": 0,
    }  # fmt: skip
    row |= given
    answered = row["disposition"] == "ANSWERED"
    length = row["ring"] + row["talk"]
    form = "%Y-%m-%d %H:%M:%S"
    answer = f'"{start + timedelta(seconds=row["ring"]):{form}}"' if answered else ""
    cells = ["", row["src"], row["dst"], "ctx", f'""JANE"" <{row["src"]}>', row["channel"],
             row["dstchannel"], row["lastapp"], row["lastdata"], f"{start:{form}}"]  # fmt: skip
    end = f'"{start + timedelta(seconds=length):{form}}"'
    left = ",".join(f'"{cell}"' for cell in cells)
    right = f'"{row["disposition"]}","DOCUMENTATION","{uid}","","","{row["linkedid"]}"'
    return f"{left},{answer},{end},{length},{row['talk']},{right},{row['sequence']}\n"


def file_name(start: datetime, uid: str, kind: str = "external-101", ext: str = "wav") -> str:
    """FreePBX's name of the recording of one call from the caller."""
    return f"{kind}-{CALLER}-{start:%Y%m%d-%H%M%S}-{uid}.{ext}"


class World:
    """The phone system and the core's memory: ``told`` holds every version of every call."""

    def __init__(self, home: Path, kind: str = "freepbx", **settings: Any) -> None:
        self.root, self.csv, self.now = home / "monitor", home / "Master.csv", NOON
        self.root.mkdir(exist_ok=True)
        own = {"master_csv": str(self.csv), "usegmtime": True} if kind == "freepbx" else {}
        self.connector = open_connector(kind, {"root": str(self.root), **own, **settings})
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []

    def write(self, name: str, content: bytes, at: datetime | None = None) -> Path:
        """Put a file below the root as if written at ``at`` (the world's now)."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = (at or self.now).timestamp()
        os.utime(path, (moment, moment))
        return path

    def day(self, name: str, start: datetime | None = None) -> str:
        return f"{start or NOON:%Y/%m/%d}/{name}"

    def log(self, *lines: str) -> None:
        with self.csv.open("a") as file:
            file.writelines(lines)

    def look(self, seconds: float = 0) -> Discovery:
        """Let time pass, then discover as after a restart: from the JSON of the checkpoint."""
        self.now += timedelta(seconds=seconds)
        before = json.dumps(self.checkpoint)
        found = self.connector.discover(json.loads(before), self.now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found

    def settle(self, seconds: float = 900, step: float = 15) -> list[FoundCall]:
        """Poll until time has passed; everything told on the way."""
        before = len(self.told)
        for _ in range(int(seconds / step)):
            self.look(step)
        return self.told[before:]
