"""Sealed recordings are whole or absent, bound to their record, and swept both ways."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import seal
from appliance.chores import sweep
from appliance.db import execute, value, writing
from appliance.errors import NotFound, Tampered, Unavailable
from appliance.vault import Vault
from tests.world import World, take_of, tone_wav

SOUND = bytes(range(256)) * 300


@pytest.fixture
def ready(world: World) -> World:
    """Three calls that are ready, their recordings an hour and more old."""
    for number in range(3):
        world.drop(number)
    world.poll()
    world.work(lanes=("courier",))
    old = world.now.timestamp() - 7200
    for path in world.vault.root.glob("??/*"):
        os.utime(path, (old, old))
    return world


def path_in(vault: Vault, file: str) -> Path:
    return vault.root / file[:2] / file


def do_sweep(world: World) -> sweep.Swept:
    swept = sweep.work(world.db, world.tools(), 0)
    with writing(world.db):
        sweep.save(world.db, swept, world.now)
    return swept


def test_what_was_put_comes_out_under_its_own_name_and_key_only(world: World) -> None:
    vault = world.vault
    key, wrapped = vault.new_key("ref-a")
    file, info = vault.put(io.BytesIO(SOUND), key, "ref-a")
    assert info.size == len(SOUND)
    with vault.open(file, wrapped, "ref-a") as sound:
        assert sound.read() == SOUND
    with pytest.raises(Tampered):
        vault.open(file, wrapped, "ref-b")
    other = Vault(world.data, bytes(32))
    with pytest.raises(Tampered):
        other.open(file, wrapped, "ref-a")
    assert SOUND[:32] not in path_in(vault, file).read_bytes()


def test_an_erased_key_and_a_missing_file_are_told_apart(world: World) -> None:
    key, wrapped = world.vault.new_key("a")
    file, _ = world.vault.put(io.BytesIO(SOUND), key, "a")
    with pytest.raises(NotFound, match="erased"):
        world.vault.open(file, b"", "a")
    world.vault.remove(file)
    with pytest.raises(NotFound, match="missing"):
        world.vault.open(file, wrapped, "a")


@pytest.mark.parametrize("name", ["../root.key", "", "..", "a/b", "x" * 32 + ".pvs", "\0"])
def test_the_database_cannot_name_a_file_outside_the_vault(world: World, name: str) -> None:
    for act in (world.vault.holds, world.vault.remove):
        with pytest.raises(Tampered):
            act(name)


def test_a_source_that_breaks_off_leaves_nothing_in_the_vault(world: World) -> None:
    class Breaking(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise Unavailable("the share went away")

    key, _ = world.vault.new_key("a")
    with pytest.raises(Unavailable):
        world.vault.put(Breaking(), key, "a")
    assert [p for p in world.vault.root.rglob("*") if p.is_file()] == []


def test_a_flipped_byte_is_noticed_and_the_other_recordings_still_open(ready: World) -> None:
    first, second = take_of(ready.db, 1), take_of(ready.db, 2)
    path = path_in(ready.vault, first.file)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert ready.work() > 0
    parked = ready.db.conn.execute("SELECT subject, error FROM job WHERE state = 'parked'")
    [(subject, error)] = parked.fetchall()
    assert subject == 1
    assert "changed" in error
    assert ready.call(1).state == "received"
    assert [ready.call(n).state for n in (2, 3)] == ["ready", "ready"]
    with ready.vault.open(second.file, second.wrapped_key, second.ref) as sound:
        assert sound.read(4) == b"RIFF"


def test_two_recordings_whose_files_were_exchanged_do_not_open(ready: World) -> None:
    one, two = (path_in(ready.vault, take_of(ready.db, n).file) for n in (1, 2))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    for number in (1, 2):
        take = take_of(ready.db, number)
        with pytest.raises(Tampered):
            ready.vault.open(take.file, take.wrapped_key, take.ref)


def test_the_sweep_removes_old_files_nobody_knows_and_leaves_young_and_known_ones(
    ready: World,
) -> None:
    key, _ = ready.vault.new_key("x")
    old, young = (ready.vault.put(io.BytesIO(SOUND), key, "x")[0] for _ in range(2))
    left = path_in(ready.vault, old).with_name(old + ".new")
    left.write_bytes(b"half")
    for path, age in (
        (path_in(ready.vault, old), 3700),
        (left, 3700),
        (path_in(ready.vault, young), 60),
    ):
        moment = ready.now.timestamp() - age
        os.utime(path, (moment, moment))
    assert do_sweep(ready).removed == 2
    assert not ready.vault.holds(old)
    assert ready.vault.holds(young)
    assert all(ready.vault.holds(take_of(ready.db, n).file) for n in (1, 2, 3))


def test_the_sweep_says_which_recordings_are_lost_and_takes_it_back_when_restored(
    ready: World,
) -> None:
    take = take_of(ready.db, 2)
    path = path_in(ready.vault, take.file)
    kept = path.rename(ready.data / "kept")
    do_sweep(ready)
    assert [take_of(ready.db, n).problem for n in (1, 2, 3)] == ["", "lost", ""]
    kept.rename(path)
    do_sweep(ready)
    assert take_of(ready.db, 2).problem == ""


def test_a_recording_taken_anew_while_the_sweep_ran_is_not_called_lost(ready: World) -> None:
    take = take_of(ready.db, 3)
    ready.vault.remove(take.file)
    swept = sweep.work(ready.db, ready.tools(), 0)
    with writing(ready.db):
        execute(ready.db, "UPDATE recording SET file = 'newer' WHERE id = ?", (take.id,))
        sweep.save(ready.db, swept, ready.now)
    assert take_of(ready.db, 3).problem == ""


def test_strange_things_in_the_folder_neither_stop_the_sweep_nor_are_touched(ready: World) -> None:
    folder = next(ready.vault.root.glob("??"))
    strange = [folder / "lost+found.txt", folder / "a b", folder / ("0" * 32 + ".pvs.bak")]
    for path in strange:
        path.write_text("not ours")
        os.utime(path, (0, 0))
    (folder / "dir").mkdir()
    assert do_sweep(ready).removed == 0
    assert all(path.exists() for path in strange)


def test_a_file_renamed_while_the_vault_is_listed_does_not_matter(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghost = ready.vault.root / "aa" / ("a" * 32 + ".pvs.new")
    real = Path.glob

    def glob(self: Path, pattern: str) -> Iterator[Path]:
        return iter([ghost, *real(self, pattern)])

    monkeypatch.setattr(Path, "glob", glob)
    assert len(list(ready.vault.files())) == 3


def test_a_recording_that_fails_half_way_takes_back_what_was_sealed_before(world: World) -> None:
    key, _ = world.vault.new_key("a")
    with pytest.raises(Unavailable), world.vault.removing_on_error() as written:
        written.append(world.vault.put(io.BytesIO(SOUND), key, "a")[0])
        raise Unavailable("away")
    assert list(world.vault.files()) == []


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small file system")


@pytest.fixture
def small_disk(world: World) -> Iterator[World]:
    """The vault on a disk of 2 MB."""
    world.vault.root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(world.vault.root)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no mounts here")
    yield world
    subprocess.run(["umount", "-l", str(world.vault.root)], check=True)


@needs_root
def test_a_full_disk_while_sealing_postpones_and_work_goes_on_when_there_is_space(
    small_disk: World,
) -> None:
    world = small_disk
    ballast = world.vault.root / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    world.drop(1, content=tone_wav(1, seconds=60))
    world.poll()
    for _ in range(5):
        world.work()
        world.wait(seconds=61)
    job = world.job("receive")
    assert (job["state"], job["attempt"] - job["forgiven"]) == ("waiting", 0)
    assert "disk is full" in job["error"]
    assert list(world.vault.files()) == []
    ballast.unlink()
    world.work()
    assert world.call(1).state == "ready"
    assert value(world.db, "SELECT count(*) FROM transcript") == 1


FILLING = """
import resource, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from appliance.db import check_integrity, execute, open_db, value, writing
from appliance.errors import Unavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
db = open_db(Path({path!r}), sys.stdin.read())
size = Path({path!r} + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, resource.RLIM_INFINITY))
try:
    with writing(db):
        for number in range(200):
            execute(db, "INSERT INTO setting VALUES (?, hex(randomblob(2000)))", (str(number),))
except Unavailable as error:
    print("Unavailable", error)
print("in transaction", db.conn.in_transaction, value(db, "SELECT count(*) FROM setting"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with writing(db):
    execute(db, "INSERT INTO setting VALUES ('after', 'x')")
print("after", value(db, "SELECT count(*) FROM setting"), check_integrity(db))
"""


def test_a_full_disk_while_committing_loses_nothing_and_work_goes_on(world: World) -> None:
    with writing(world.db):
        execute(world.db, "INSERT INTO setting VALUES ('before', 'x')")
    root = str(Path(seal.__file__).parents[1])
    code = FILLING.format(root=root, path=str(world.path))
    done = subprocess.run(
        [sys.executable, "-c", code], input=world.keys.database, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Unavailable the disk is full"), done.stderr
    assert lines[1:] == ["in transaction False 1", "after 2 []"]


def test_files_without_a_row_are_old_enough_only_by_the_box_clock(ready: World) -> None:
    key, _ = ready.vault.new_key("x")
    file, _ = ready.vault.put(io.BytesIO(SOUND), key, "x")
    moment = ready.now.timestamp()
    os.utime(path_in(ready.vault, file), (moment, moment))
    assert do_sweep(ready).removed == 0
    ready.now += timedelta(hours=1, seconds=1)
    assert do_sweep(ready).removed == 1
