"""A delivery's whole life: uploaded, renamed, found, sealed once, and cleared a day later."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.chores import clear_drop
from appliance.db import value, writing
from appliance.drop import prepare
from appliance.drop_accounts import list_accounts
from appliance.drop_jail import Jail, Limits, clear
from appliance.store import connectors
from tests.world import World, tone_wav

NAME = "external-101-+15125550142-20261122-150000-1795359600.1.wav"


def put(jail: Jail, path: str, content: bytes) -> None:
    file = jail.open_write(path, create=True, exclusive=False, truncate=True)
    jail.write(file, 0, content)
    jail.finish(file)


def look(world: World, times: int = 1, **span: float) -> None:
    """Let time pass and have the phone system looked at, and do what follows."""
    for _ in range(times):
        world.wait(**span)
        world.poll()
        world.work(("courier",))


def sealed(world: World) -> int:
    return int(value(world.db, "SELECT count(*) FROM recording WHERE file <> ''"))


def sweep(world: World) -> int:
    return clear_drop.work(world.db, world.tools(), 0).files


def names(jail: Jail) -> list[str]:
    return sorted(name for name, _ in jail.entries("archive"))


def test_a_delivery_is_received_once_and_cleared_after_a_day(world: World, delivered: Jail) -> None:
    put(delivered, "archive/call.part", tone_wav(1))
    look(world, 3, minutes=3)
    assert sealed(world) == 0, "nobody takes what is still being sent"
    delivered.rename("archive/call.part", f"archive/{NAME}", replace=False)
    put(delivered, f"archive/{NAME[:-4]}.xml", b"<call/>")
    put(delivered, "archive/unrelated.xml", b"<other/>")
    look(world, 8, minutes=3)
    assert sealed(world) == 1
    assert sweep(world) == 0, "not within a day"
    world.wait(hours=25)
    assert sweep(world) == 2
    assert names(delivered) == ["unrelated.xml"]
    look(world, 4, minutes=3)
    known = connectors.get_connector_by_name(world.db, "archive")
    assert known.problem == "", "an emptied folder is no share that went away"
    assert value(world.db, "SELECT count(*) FROM call") == 1
    assert sealed(world) == 1
    put(delivered, f"archive/{NAME.replace('.1.wav', '.2.wav')}", tone_wav(2))
    world.now = max(world.now, datetime.now(UTC))
    look(world, 8, minutes=3)
    assert sealed(world) == 2


def test_a_drop_folder_restored_empty_after_a_loss_is_believed(
    world: World, delivered: Jail
) -> None:
    put(delivered, f"archive/{NAME}", tone_wav(1))
    look(world, 8, minutes=3)
    shutil.rmtree(world.data / "drop")
    prepare(world.tools(), list_accounts(world.db, world.keys)["pbx"])
    look(world, 2, minutes=3)
    assert connectors.get_connector_by_name(world.db, "archive").problem == ""
    assert sealed(world) == 1


def test_the_same_name_with_other_content_is_a_new_version(world: World, delivered: Jail) -> None:
    put(delivered, f"archive/{NAME}", tone_wav(1))
    look(world, 8, minutes=3)
    before = value(world.db, "SELECT digest FROM recording")
    put(delivered, f"archive/{NAME}", tone_wav(2, seconds=0.9))
    world.wait(hours=25)
    assert sweep(world) == 0, "what lies there now was not received"
    look(world, 8, minutes=3)
    assert value(world.db, "SELECT count(*) FROM call") == 1
    assert value(world.db, "SELECT digest FROM recording") not in ("", before)
    assert sweep(world) == 1
    assert names(delivered) == []


def test_a_file_whose_call_was_not_received_stays_for_ever(world: World, delivered: Jail) -> None:
    put(delivered, f"archive/{NAME}", tone_wav(1))
    world.wait(days=400)
    assert sweep(world) == 0
    world.now = datetime.now(UTC)
    look(world, 8, minutes=3)
    world.wait(hours=25)
    with writing(world.db):
        world.db.conn.execute("UPDATE recording SET locator = 'another.wav'")
    assert sweep(world) == 0
    assert names(delivered) == [NAME]


def test_a_file_whose_sealed_copy_is_lost_stays(world: World, delivered: Jail) -> None:
    put(delivered, f"archive/{NAME}", tone_wav(1))
    look(world, 8, minutes=3)
    file = value(world.db, "SELECT file FROM recording")
    world.vault.remove(file)
    world.wait(hours=25)
    assert sweep(world) == 0
    assert names(delivered) == [NAME]


def test_what_came_twice_is_cleared_twice(world: World, delivered: Jail) -> None:
    put(delivered, f"archive/{NAME}", tone_wav(1))
    look(world, 8, minutes=3)
    put(delivered, "archive/copy.wav", tone_wav(1))
    world.now = max(world.now, datetime.now(UTC))
    look(world, 8, minutes=3)
    assert sealed(world) == 1
    world.wait(hours=25)
    assert sweep(world) == 2


def test_a_file_that_is_being_written_is_never_removed(tmp_path: Path) -> None:
    jail = Jail(tmp_path / "pbx", Limits(size=1 << 20, entries=10, free=0))
    put(jail, "a.wav", b"a")
    info = jail.look("a.wav")
    told = (("a.wav",), info.st_size, info.st_mtime_ns)
    writer = jail.open_write("a.wav", create=False, exclusive=False, truncate=False)
    assert not clear(jail.root, *told, before=info.st_ctime + 1)
    jail.finish(writer)
    assert not clear(jail.root, *told, before=info.st_ctime - 1)
    assert not clear(jail.root, ("a.wav",), info.st_size + 1, info.st_mtime_ns, info.st_ctime + 1)
    os.utime(jail.root / "a.wav", (1, 1))
    old = jail.look("a.wav")
    assert not clear(jail.root, ("a.wav",), 1, old.st_mtime_ns, before=info.st_ctime - 60)
    assert clear(jail.root, ("a.wav",), 1, old.st_mtime_ns, before=old.st_ctime + 1)
    assert not clear(jail.root, *told, before=info.st_ctime + 1)
    jail.close()


def test_an_upload_whose_file_was_deleted_meanwhile_is_not_acknowledged(tmp_path: Path) -> None:
    jail = Jail(tmp_path / "pbx", Limits(size=1 << 20, entries=10, free=0))
    writer = jail.open_write("a.wav", create=True, exclusive=False, truncate=True)
    jail.remove("a.wav")
    with pytest.raises(OSError, match="send it again"):
        jail.write(writer, 0, b"a")
    with pytest.raises(OSError, match="send it again"):
        jail.finish(writer)
    jail.close()
