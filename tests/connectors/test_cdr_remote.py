"""Master.csv on another machine, settings of every kind, and bad input with a name for each."""

import os
from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.cdr_sql import SqlRecords
from connectors.cdr_sqlite import SqliteRecords
from connectors.freepbx import FreePbx
from connectors.kinds import Means
from connectors.logs import LocalCsv, RemoteCsv
from connectors.mount import Mount
from connectors.places import Drop, Mounted, Sftp
from connectors.records import tree_of
from connectors.registry import kind_named, open_connector
from tests.connectors.test_freepbx import UID, only, world_with_call
from tests.connectors.world import DATA, NOON, World, csv_row, file_name, wav

SFTP = {"by": "sftp", "host": "10.0.0.5", "user": "petsvet", "host_key": "SHA256:" + "A" * 43,
        "path": "/var/spool/asterisk/monitor"}  # fmt: skip


def remote(path: Path) -> RemoteCsv:
    """The road of another machine's files, walked on this one."""
    return RemoteCsv(Mount(str(path.parent)), path.name, UTC)


def day_of_rows(path: Path, day: int) -> None:
    start = NOON - timedelta(days=day)
    with path.open("a") as file:
        file.write(csv_row(f"{int(start.timestamp())}.1", start))


def test_remote_records_are_read_from_where_news_begins(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    for day in range(30, 0, -1):
        day_of_rows(path, day)
    skips: dict[str, int] = {}
    since = NOON - timedelta(days=2)
    for _ in range(2):
        assert len(remote(path).read(since, skips, NOON, Counter()).rows) == 2
    assert [at > path.stat().st_size * 0.8 for at in skips.values()] == [True]
    assert len(remote(path).read(None, skips, NOON, Counter()).rows) == 30


@pytest.mark.parametrize("name", ["Master.csv.1", f"Master.csv-{NOON:%Y%m%d}"])
def test_rotation_on_the_other_machine_loses_none(tmp_path: Path, name: str) -> None:
    path, skips = tmp_path / "Master.csv", {}
    since = NOON - timedelta(days=3)
    for day in (9, 2):
        day_of_rows(path, day)
    assert len(remote(path).read(since, skips, NOON, Counter()).rows) == 1
    path.rename(tmp_path / name)
    day_of_rows(path, 1)
    for file in (path, tmp_path / name):
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    assert len(remote(path).read(since, skips, NOON, Counter()).rows) == 2


def test_rotated_records_of_long_ago_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    find = Mount.find
    monkeypatch.setattr(Mount, "find", lambda self, name: asked.append(name) or find(self, name))
    path, rotated = (
        tmp_path / "Master.csv",
        tmp_path / f"Master.csv-{NOON - timedelta(days=3):%Y%m%d}",
    )
    day_of_rows(path, 3)
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    path.rename(rotated)
    day_of_rows(path, 1)
    assert len(remote(path).read(NOON - timedelta(days=4), {}, NOON, Counter()).rows) == 2
    assert len(asked) < 20
    asked.clear()
    assert len(remote(path).read(None, {}, NOON, Counter()).rows) == 2
    assert len(asked) > 40


def test_remote_records_that_are_away_are_not_believed(tmp_path: Path) -> None:
    path, skips, notes = tmp_path / "Master.csv", {}, Counter()
    assert remote(path).read(NOON, skips, NOON, notes).rows == []
    assert notes == {"cdr_missing": 1}
    day_of_rows(path, 1)
    remote(path).read(NOON - timedelta(days=2), skips, NOON, notes)
    path.unlink()
    with pytest.raises(Unavailable):
        remote(path).read(NOON, skips, NOON, notes)
    assert remote(path).probe(NOON).problems[0].startswith("The file of call records is not")


def connector(**settings: object) -> FreePbx:
    made = open_connector("freepbx", settings, Means(allowed=("10.0.0.0/24",)))
    assert isinstance(made, FreePbx)
    return made


def test_settings_choose_the_source_of_records() -> None:
    place = {"by": "folder", "path": "/mnt/monitor"}
    assert connector(place=place).records is None
    local = connector(place=place, master_csv="cdr/Master.csv").records
    assert isinstance(local, LocalCsv) and local.path == "/mnt/monitor/cdr/Master.csv"
    assert isinstance(
        connector(place=SFTP, master_csv="/var/log/asterisk/cdr-csv/Master.csv").records, RemoteCsv
    )
    assert isinstance(
        connector(place=SFTP, database_file="/var/log/asterisk/master.db").records, SqliteRecords
    )
    sql = connector(place=SFTP, db_host="10.0.0.5", db_user="u", master_csv="/x").records
    assert isinstance(sql, SqlRecords)
    assert connector(place=SFTP, db_host="10.0.0.5", records="none").records is None
    with pytest.raises(Misconfigured, match="where the recordings are"):
        connector()


def test_records_lie_anywhere_on_the_machine_of_the_recordings() -> None:
    tree, locator = tree_of(Mounted(path="/mnt/a"), "/var/log/Master.csv", Means())
    assert isinstance(tree, Mount) and (tree.root, locator) == ("/var/log", "Master.csv")
    assert tree_of(Mounted(path="/mnt/a"), "x/Master.csv", Means())[1] == "x/Master.csv"
    place = Sftp(host="10.0.0.5", user="u", path="/mnt/a", host_key=SFTP["host_key"])
    assert tree_of(place, "/var/log/Master.csv", Means(allowed=("10.0.0.5",)))[1] == "Master.csv"
    for bad in ("", "/", "../x", "/var/../etc/passwd"):
        with pytest.raises(Misconfigured):
            tree_of(Mounted(path="/mnt/a"), bad, Means())
    with pytest.raises(Misconfigured):
        tree_of(Drop(user="u"), "/var/log/Master.csv", Means(drop="/tmp/x"))


def test_every_field_of_the_form_is_a_setting_or_a_secret() -> None:
    kind = kind_named("freepbx")
    known = FreePbx.__init__.__annotations__["settings"].__struct_fields__
    for field in kind.fields:
        assert field.secret or field.name in known, field.name
    assert {field.name for field in kind.fields if field.secret} == {"db_password", "ami_password"}
    assert "r(" in kind.stereo and "extensions_override_freepbx.conf" in kind.stereo
    assert kind.level == "real" and "MariaDB" in kind.notes


def test_a_recording_the_records_name_and_nobody_has_is_said(tmp_path: Path) -> None:
    from tests.connectors.asterisk import insert_sqlite, make_master_db
    from tests.connectors.test_cdr_sqlite import cells

    path = tmp_path / "master.db"
    make_master_db(path)
    world = World(tmp_path, master_csv=None, database_file=str(path))
    world.write("readme.txt", b"")
    insert_sqlite(path, [cells(recordingfile=file_name(NOON, UID))])
    assert only(world.settle(90)).warnings == ("cdr_without_file",)
    world.write(world.day(file_name(NOON, UID)), wav(6))
    late = only(world.settle(200))
    assert (late.native_key, len(late.recordings), late.warnings) == (UID, 1, ())


def test_a_recording_without_a_record_is_said_until_the_record_comes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.csv.touch()
    world.write(world.day(file_name(NOON, UID)), wav(6))
    assert only(world.settle(400)).warnings == ("file_without_cdr",)
    world.log(csv_row(UID, NOON))
    assert only(world.settle(90)).warnings == ()


def test_a_call_from_the_future_is_told_and_says_so_for_good(tmp_path: Path) -> None:
    world = World(tmp_path)
    ahead = NOON + timedelta(hours=9)
    world.log(csv_row(f"{int(ahead.timestamp())}.1", ahead))
    call = only(world.settle(60))
    assert (call.started_at, call.warnings) == (ahead, ("future_time",))
    world.settle(10 * 3600, 600)
    world.write(world.day(file_name(ahead, f"{int(ahead.timestamp())}.1"), ahead), wav(6), ahead)
    assert only(world.settle(600)).warnings == ("future_time",), "its time is as wrong as before"


def test_names_in_bytes_of_another_age_have_their_code(tmp_path: Path) -> None:
    world = World(tmp_path)
    name = os.fsdecode("Peña 1.wav".encode("latin-1"))
    world.write(name, wav(6))
    assert only(world.settle(400)).recordings[0].warnings == ("bad_name", "encoding")


def test_days_without_a_look_are_caught_up_with(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.settle(120)
    for day in range(1, 12):
        start = NOON + timedelta(days=day)
        uid = f"{int(start.timestamp())}.{day}"
        world.log(csv_row(uid, start))
        if day % 2:
            at = start + timedelta(seconds=8)
            world.write(world.day(file_name(start, uid), start), wav(6), at)
    world.now = NOON + timedelta(days=12)
    assert len(world.settle(60)) == 11
    assert world.settle(60) == []


def test_a_date_to_begin_with_is_gone_back_to_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    past = NOON - timedelta(days=40)
    for days, uid in ((40, f"{int(past.timestamp())}.3"), (60, "1790000000.1")):
        start = NOON - timedelta(days=days)
        world.write(world.day(file_name(start, uid), start), wav(6), start)
        world.log(csv_row(uid, start))
    world.log(csv_row("1792000000.1", past, disposition="NO ANSWER", talk=0))
    world.settle(60)
    assert not [call for call in world.told if call.started_at < NOON - timedelta(days=9)]
    plain = {"root": str(world.root), "master_csv": str(world.csv), "usegmtime": True}
    world.connector = open_connector("freepbx", {**plain, "since": f"{past:%Y-%m-%d}"})
    told = {call.native_key: call for call in world.settle(60)}
    assert told.keys() == {f"{int(past.timestamp())}.3", "1792000000.1"}
    assert told[f"{int(past.timestamp())}.3"].metadata_level == "cdr"
    assert world.settle(60) == []


def test_probe_names_the_zone_that_would_fit(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    plain = {"root": str(world.root), "master_csv": str(world.csv)}
    (problem,) = (
        open_connector("freepbx", {**plain, "zone": "America/Chicago"}).probe(NOON).problems
    )
    assert "in UTC; turn on" in problem
    shifted = (world.csv.read_text()).replace("2026-11-22 18:", "2026-11-22 12:")
    world.csv.write_text(shifted)
    (problem,) = open_connector("freepbx", {**plain, "zone": "America/Denver"}).probe(NOON).problems
    assert "1 hours off" in problem and "America/Chicago" in problem
    assert (
        open_connector("freepbx", {**plain, "zone": "America/Chicago"}).probe(NOON).problems == ()
    )


def test_probe_tells_stereo_from_legs_from_mono(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(file_name(NOON, UID)), wav(6, channels=2))
    assert world.connector.probe(NOON).capabilities[-1] == "stereo"
    legs = open_connector("freepbx", {"root": str(DATA / "monitor")}).probe(NOON)
    assert "legs" in legs.capabilities or legs.problems


def test_a_manager_that_does_not_answer_is_a_problem_in_words(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    settings = {"root": str(world.root), "ami_host": "192.0.2.1", "ami_user": "u"}
    (problem,) = open_connector("freepbx", settings).probe(NOON).problems
    assert problem.startswith("Asterisk's manager (AMI): the box may not talk")


def test_an_outgoing_call_that_left_an_empty_file_was_not_answered(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(f"out-5555550142-101-20261122-180000-{UID}.wav"), wav(0))
    call = only(world.settle(400))
    assert (call.direction, call.answer_state) == ("out", "ring_abandon")
