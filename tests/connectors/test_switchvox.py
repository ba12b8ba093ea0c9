"""Switchvox: pairs of WAV and XML, the XML before, after, broken or never."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from appliance.facts.calls import FoundCall
from connectors import switchvox
from connectors.interface import Checkpoint
from connectors.kinds import Means
from tests.connectors.world import NOON, wav

START = NOON - timedelta(minutes=10)


class Export:
    """A folder into which Switchvox exports, under a clock of its own."""

    def __init__(self, home: Path) -> None:
        self.root, self.now = home, NOON
        (home / "keep").write_text("")
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.notes: set[str] = set()

    def xml(self, name: str, caller: str = "5125550142", to: str = "101") -> None:
        (self.root / name).write_text(
            f"<r><recorded_call_id>7</recorded_call_id><from_caller_id>{caller}</from_caller_id>"
            f"<to_caller_id>{to}</to_caller_id><duration>31</duration>"
            f"<date_created_ts>{int(START.timestamp())}</date_created_ts></r>"
        )

    def settle(self, minutes: int) -> list[FoundCall]:
        before = len(self.told)
        for _ in range(minutes):
            self.now += timedelta(minutes=1)
            settings = {"place": {"by": "folder", "path": str(self.root)}}
            connector = switchvox.KIND.make(settings, Means())
            found = connector.discover(json.loads(json.dumps(self.checkpoint)), self.now)
            self.checkpoint = found.checkpoint
            self.told += found.calls
            self.notes |= set(found.notes)
        return self.told[before:]

    def sound(self, name: str, at: datetime = NOON) -> None:
        (self.root / name).write_bytes(wav(1))
        os.utime(self.root / name, (at.timestamp(), at.timestamp()))


def test_a_pair_is_a_call_with_its_facts(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.sound("rec-7.wav")
    export.xml("rec-7.xml")
    (call,) = export.settle(12)
    assert (call.metadata_level, call.started_at, call.duration_ms) == ("sidecar", START, 31_000)
    assert (call.direction, call.caller_number, call.staff_extension) == (
        "in", "5125550142", "101",
    )  # fmt: skip


def test_a_late_xml_brings_its_facts_to_the_same_call(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.sound("rec-7.wav")
    (bare,) = export.settle(30)
    assert (bare.metadata_level, bare.direction) == ("none", "unknown")
    export.xml("rec-7.XML")
    (full,) = export.settle(5)
    assert full.native_key == bare.native_key
    assert (full.metadata_level, full.direction, full.started_at) == ("sidecar", "in", START)
    (tmp_path / "rec-7.XML").unlink()
    assert export.settle(5) == []


def test_a_broken_xml_is_named_and_mended_later(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.sound("rec-7.wav")
    (tmp_path / "rec-7.xml").write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    (broken,) = export.settle(30)
    assert broken.warnings == ("sidecar_malformed",)
    assert "sidecar_malformed: 1" in export.notes
    export.xml("rec-7.xml", to="5125550199", caller="102")
    (mended,) = export.settle(5)
    assert mended.native_key == broken.native_key
    assert (mended.direction, mended.staff_extension, mended.warnings) == ("out", "102", ())


def test_an_xml_before_its_sound_waits_for_it(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.xml("rec-7.wav.xml")
    assert export.settle(20) == []
    export.sound("rec-7.wav", export.now)
    (call,) = export.settle(10)
    assert call.metadata_level == "sidecar"
