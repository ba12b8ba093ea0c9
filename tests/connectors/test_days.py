"""Over the days: rotation, shares that go away, one-off imports, sweeps, and how much is read."""

import json
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.errors import Unavailable
from connectors import mount as module
from connectors.registry import open_connector
from tests.connectors.test_freepbx import NAME, UID, only, world_with_call
from tests.connectors.world import NOON, World, csv_row, file_name, wav


def test_damaged_rows_are_counted_and_passed_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.csv.write_bytes(b"\0\0\n" + b"x" * 1_000_000 + b"\n" + b"a,b\n")
    world.log(csv_row(UID, NOON), "partial")
    assert world.look().notes == ("cdr_malformed: 3",)
    assert only(world.settle()).native_key == UID


def test_a_row_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    world, line = World(tmp_path), csv_row(UID, NOON)
    world.log(line[:80])
    assert world.settle(300) == []
    world.log(line[80:])
    assert only(world.settle(300)).native_key == UID


@pytest.mark.parametrize("how", ["renamed", "copied"])
def test_rotation_of_the_call_records_loses_none(tmp_path: Path, how: str) -> None:
    world = world_with_call(tmp_path)
    world.look()
    rotated = tmp_path / "Master.csv.1"
    if how == "renamed":
        world.csv.rename(rotated)
        world.look(5)
    else:
        shutil.copy(world.csv, rotated)
        world.csv.write_text("")
    moment = world.now.timestamp()
    os.utime(rotated, (moment, moment))
    other = f"{int(NOON.timestamp()) + 60}.9"
    world.log(csv_row(other, NOON + timedelta(seconds=60)))
    assert {call.native_key for call in world.settle()} == {UID, other}
    assert all(call.metadata_level == "cdr" for call in world.told)


def test_old_rows_are_skipped_by_their_bytes(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in range(30, 0, -1):
        start = NOON - timedelta(days=day)
        world.log(csv_row(f"{int(start.timestamp())}.1", start))
    assert {call.started_at for call in world.settle(60)} == {
        NOON - timedelta(days=1), NOON - timedelta(days=2),
    } - {NOON - timedelta(days=2)}  # fmt: skip
    (skipped,) = world.checkpoint["logs"].values()
    assert skipped > world.csv.stat().st_size * 0.8


def test_a_share_that_goes_offline_is_not_believed(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.look()
    before, away = world.checkpoint, tmp_path / "away"
    world.root.rename(away)
    with pytest.raises(Unavailable):
        world.look(60)
    world.root.mkdir()
    with pytest.raises(Unavailable):
        world.look(60)
    (world.root / "lost+found").mkdir()
    with pytest.raises(Unavailable):
        world.look(60)
    assert world.checkpoint == before
    shutil.rmtree(world.root)
    away.rename(world.root)
    assert only(world.settle()).native_key == UID


def test_a_share_that_is_suddenly_empty_is_not_believed(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.settle()
    shutil.rmtree(world.root / "2026")
    with pytest.raises(Unavailable):
        world.look(60)


def test_a_share_mounted_anew_is_known_by_its_files(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.settle()
    shutil.copytree(world.root, tmp_path / "copy")
    shutil.rmtree(world.root)
    (tmp_path / "copy").rename(world.root)
    assert world.settle(60) == []


def test_call_records_that_go_away_are_not_believed(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.look()
    world.csv.unlink()
    with pytest.raises(Unavailable):
        world.look(600)


def test_a_missing_file_of_call_records_is_noted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(6))
    assert world.look().notes == ("cdr_missing: 1",)
    assert only(world.settle()).metadata_level == "filename"


def test_a_one_off_import_takes_all_days_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, immediate=True)
    past = NOON - timedelta(days=700)
    uid = f"{int(past.timestamp())}.3"
    world.write(world.day(file_name(past, uid), past), wav(6), past)
    world.write(world.day(NAME), wav(6))
    world.write(world.day("half.wav"), wav(6, closed=False))
    world.log(csv_row(uid, past), csv_row("1600000000.1", past, disposition="NO ANSWER", talk=0))
    found = world.look()
    assert {call.native_key for call in found.calls} == {uid, UID, "1600000000.1"}
    assert found.waiting == 1


def test_a_sweep_finds_old_files_and_tells_them_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    past = NOON - timedelta(days=40)
    uid = f"{int(past.timestamp())}.3"
    world.write(world.day(file_name(past, uid), past), wav(6), past)
    world.log(csv_row(uid, past))
    world.now = NOON + timedelta(days=max(0.0, (time.time() - NOON.timestamp()) / 86400) + 9)
    world.write("recent.txt", b"")
    assert world.settle(60) == []
    daily = world.connector
    plain = {"root": str(world.root), "master_csv": str(world.csv), "usegmtime": True}
    nightly = open_connector("freepbx", {**plain, "sweep": True})
    world.connector = nightly
    assert world.look(15).waiting == 1
    world.connector = daily
    call = only(world.settle(60))
    assert (call.native_key, call.metadata_level, len(call.recordings)) == (uid, "cdr", 1)
    world.connector = nightly
    assert world.settle(60) == []


def test_no_file_is_opened_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    for number in range(300):
        world.write(world.day(file_name(NOON, f"{int(NOON.timestamp())}.{number}")), wav(0.01))
    opened = []
    read_ends = module.Mount.read_ends
    monkeypatch.setattr(
        module.Mount, "read_ends", lambda *given: opened.append(1) or read_ends(*given)
    )
    assert len(world.settle()) == 300
    assert len(opened) == 300


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_we_may_not_read_waits_until_we_may(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    path = world.root / world.day(NAME)
    path.chmod(0)
    assert world.settle() == []
    path.chmod(0o600)
    assert only(world.settle()).native_key == UID


def test_discover_leaves_the_checkpoint_it_was_given_alone(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.look()
    given = json.loads(json.dumps(world.checkpoint))
    later = NOON + timedelta(hours=1)
    first, second = (world.connector.discover(given, later) for _ in range(2))
    assert given == world.checkpoint
    assert first == second
    assert len(first.calls) == 1


def test_an_old_file_that_grew_is_told_again_by_the_next_sweep(tmp_path: Path) -> None:
    world = World(tmp_path, sweep=True)
    past = NOON - timedelta(days=40)
    name = world.day(file_name(past, UID), past)
    world.write(name, wav(6), past)
    assert len(world.settle(60)) == 1
    world.write(name, wav(7), past + timedelta(seconds=5))
    assert only(world.settle(60)).recordings[0].size == len(wav(7))
    assert world.settle(60) == []
