"""A plain folder: names that say something, and names that do not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.connectors.world import NOON, World, wav


def test_a_file_whose_name_says_nothing_is_a_call_at_its_write_time(tmp_path: Path) -> None:
    world = World(tmp_path, "folder")
    world.write("Mrs. X about the cat.wav", wav(6), NOON - timedelta(hours=1))
    (call,) = world.settle()
    assert (call.metadata_level, call.time_source) == ("none", "mtime")
    assert call.started_at == NOON - timedelta(hours=1)
    assert call.native_key.startswith("file:")


def test_a_name_that_parses_gives_numbers_and_time(tmp_path: Path) -> None:
    world = World(tmp_path, "folder", zone="America/Chicago")
    world.write("sub/out-5555550142-101-20260701-120000-1782925200.7.wav", wav(6))
    (call,) = world.settle()
    assert (call.metadata_level, call.direction, call.dialed) == ("filename", "out", "5555550142")
    assert call.started_at == datetime(2026, 7, 1, 17, 0, tzinfo=UTC)


def test_only_audio_is_taken(tmp_path: Path) -> None:
    world = World(tmp_path, "folder")
    for name in ("notes.txt", "list.csv", "a.wav.part", ".hidden.wav"):
        world.write(name, b"x")
    assert world.look().notes == ("no_audio: 2",)
    assert world.settle() == []


def test_the_same_name_with_other_content_is_a_new_version(tmp_path: Path) -> None:
    world = World(tmp_path, "folder")
    world.write("a.wav", wav(6))
    (first,) = world.settle()
    world.write("a.wav", wav(7))
    (second,) = world.settle()
    assert first.native_key == second.native_key
    assert second.recordings[0].size > first.recordings[0].size


def test_probe_reports_an_idle_folder(tmp_path: Path) -> None:
    world = World(tmp_path, "folder")
    assert "right folder" in world.connector.probe(NOON).problems[0]
