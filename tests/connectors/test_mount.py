"""The tree of files: what is walked, what is opened, and that nothing leads out."""

import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from appliance.errors import NotFound, Unavailable, Unusable
from connectors import mount as module
from connectors.mount import Mount, last_day, locate, path_of
from tests.connectors.world import NOON

LONG_AGO = NOON - timedelta(days=4000)


def walk(root: Path, notes: Counter[str] | None = None) -> list[str]:
    counted = Counter() if notes is None else notes
    return sorted(e.locator for e in Mount(str(root)).walk(LONG_AGO, counted))


def outcome_of(mount: Mount, locator: str) -> str:
    with pytest.raises(Unusable) as caught:
        mount.open(locator, 100)
    return caught.value.outcome


def test_a_locator_is_plain_ascii_and_finds_any_name_again(tmp_path: Path) -> None:
    names = ["a\nb.wav", "$(reboot).wav", "per%cent.wav", "smile\U0001f600.wav", "x\udcff.wav"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode("utf-8", "surrogateescape"))
    mount = Mount(str(tmp_path))
    for name in names:
        locator = locate(name)
        assert locator.isascii() and locator.isprintable()
        handle, entry = mount.open(locator, 1000)
        with handle:
            assert handle.read() == name.encode("utf-8", "surrogateescape")
        assert entry.name == name
    assert walk(tmp_path) == sorted(map(locate, names))


@pytest.mark.parametrize(
    "locator", ["", "..", "../x", "a/../../x", "/etc/passwd", "%2e%2e/x", "a%2fb", "a//b", "%00"]
)
def test_a_locator_that_leads_out_is_refused(tmp_path: Path, locator: str) -> None:
    with pytest.raises(Unusable) as caught:
        path_of(locator)
    assert caught.value.outcome == "path_escape"
    assert outcome_of(Mount(str(tmp_path)), locator) == "path_escape"


def test_links_are_neither_walked_nor_opened(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"secret")
    (root / "file.wav").symlink_to(outside / "secret.wav")
    (root / "folder").symlink_to(outside)
    notes: Counter[str] = Counter()
    mount = Mount(str(root))
    assert walk(root, notes) == []
    assert notes == {"symlink": 2}
    assert outcome_of(mount, "file.wav") == "symlink"
    with pytest.raises((NotFound, Unusable)):
        mount.open("folder/secret.wav", 100)
    assert mount.find("file.wav") is None


def test_a_folder_swapped_for_a_link_in_between_does_not_lead_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "day").mkdir(parents=True)
    outside.mkdir()
    for folder in (root / "day", outside):
        (folder / "a.wav").write_bytes(b"x")
    mount = Mount(str(root))
    (locator,) = walk(root)
    (root / "day").rename(root / "gone")
    (root / "day").symlink_to(outside)
    with pytest.raises((NotFound, Unusable)):
        mount.open(locator, 100)


def test_a_named_pipe_is_passed_over_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    notes: Counter[str] = Counter()
    assert walk(tmp_path, notes) == []
    assert notes == {"no_plain_file": 1}
    assert outcome_of(Mount(str(tmp_path)), "pipe.wav") == "unreadable"


def test_reading_ends_where_the_file_ended_when_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"0123456789")
    handle, _ = Mount(str(tmp_path)).open("a.wav", 100)
    with path.open("ab") as more:
        more.write(b"appended")
    with handle:
        assert handle.read(4) == b"0123"
        assert handle.read() == b"456789"
        assert handle.seek(-3, os.SEEK_END) == 7
        assert handle.read() == b"789"
        assert not handle.writable()


def test_a_file_too_large_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x" * 101)
    assert outcome_of(Mount(str(tmp_path)), "a.wav") == "too_long"


def test_gone_and_away_are_not_the_same(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Mount(str(tmp_path)).open("a.wav", 100)
    with pytest.raises(Unavailable):
        Mount(str(tmp_path / "nowhere")).open("a.wav", 100)
    with pytest.raises(Unavailable):
        Mount(str(tmp_path / "nowhere")).look()


def test_hidden_and_unfinished_files_are_not_seen(tmp_path: Path) -> None:
    for name in (".a.wav", "a.wav.part", "a.TMP", "a.wav.filepart", "a.wav.!ut", "b.wav"):
        (tmp_path / name).touch()
    assert walk(tmp_path) == ["b.wav"]


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2026", date(2026, 12, 31)), ("2026/02", date(2026, 2, 28)),
        ("2026/12", date(2026, 12, 31)), ("clinic/2026/11/22", date(2026, 11, 22)),
        ("2026-11-22", date(2026, 11, 22)), ("20261122", date(2026, 11, 22)),
        ("2026/13", None), ("2026/02/30", None), ("monitor", None), ("400", None),
    ],
)  # fmt: skip
def test_a_folder_name_tells_its_last_day(path: str, day: date | None) -> None:
    assert last_day(path) == day


def test_folders_of_old_days_are_not_even_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 29):
        folder = tmp_path / f"2026/02/{day:02}"
        folder.mkdir(parents=True)
        (folder / "a.wav").touch()
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(module.os, "scandir", lambda at: listed.append(at) or scandir(at))
    since = NOON.replace(month=2, day=27)
    found = [e.locator for e in Mount(str(tmp_path)).walk(since, Counter())]
    assert sorted(found) == ["2026/02/26/a.wav", "2026/02/27/a.wav", "2026/02/28/a.wav"]
    assert len(listed) == 3 + 3
    everything = list(Mount(str(tmp_path)).walk(since, Counter(), old=True))
    assert len(everything) == 28
    assert sum(entry.recent for entry in everything) >= 3
