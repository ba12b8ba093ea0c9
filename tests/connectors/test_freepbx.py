"""Discovering calls in a FreePBX folder: pairing, waiting, growing, and not believing too much."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts.calls import FoundCall
from connectors.interface import Final, Gone, NotYet
from connectors.registry import KINDS, open_connector
from connectors.wav import HEADERLESS
from tests.connectors.world import NOON, World, csv_row, file_name, wav

UID = f"{int(NOON.timestamp())}.1"
NAME = file_name(NOON, UID)


def world_with_call(home: Path, seconds: float = 6) -> World:
    """A call of 8 s begun at noon, its row written, its file closed."""
    world = World(home)
    world.log(csv_row(UID, NOON))
    world.write(world.day(NAME), wav(seconds), NOON + timedelta(seconds=8))
    return world


def only(calls: list[FoundCall]) -> FoundCall:
    assert len(calls) == 1
    return calls[0]


def test_a_call_is_told_once_and_opens_as_found(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    call = only(world.settle())
    assert (call.native_key, call.metadata_level, call.staff_extension) == (UID, "cdr", "101")
    with world.connector.open(call.recordings[0]) as handle:
        assert handle.read() == wav(6)
    assert world.settle() == []


def test_a_call_waits_for_the_second_look_and_the_quiet(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    assert world.look(30).waiting == 1
    assert world.look(37).calls == ()
    assert len(world.look(2).calls) == 1
    late = World(tmp_path)
    late.look(3600)
    assert late.told == [], "one look is not enough, however old the file"
    assert len(late.look(10).calls) == 1


def test_a_file_without_call_record_waits_five_minutes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(6))
    world.settle(295, 5)
    assert world.told == []
    call = only(world.settle(10, 5))
    assert (call.metadata_level, call.native_key) == ("filename", UID)
    assert (call.direction, call.staff_extension, call.started_at) == ("in", "101", NOON)


def test_a_late_row_makes_a_new_version_of_the_same_call(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(6), NOON + timedelta(seconds=8))
    assert only(world.settle(600)).metadata_level == "filename"
    world.log(csv_row(UID, NOON))
    call = only(world.settle(60))
    assert (call.native_key, call.metadata_level) == (UID, "cdr")
    assert len(call.recordings) == 1


def test_a_file_appended_to_later_is_told_again_with_its_new_size(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    first = only(world.settle()).recordings[0]
    world.write(world.day(NAME), wav(6, closed=False))
    assert world.look(15).waiting == 1
    with pytest.raises(Unavailable):
        world.connector.open(first)
    world.write(world.day(NAME), wav(9))
    second = only(world.settle()).recordings[0]
    assert (second.locator, second.size) == (first.locator, len(wav(9)))


def test_a_call_without_recording_is_a_call(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log(csv_row(UID, NOON, disposition="NO ANSWER", talk=0))
    call = only(world.settle())
    assert (call.recordings, call.answer_state) == ((), "ring_abandon")


def test_two_rows_and_two_backends_name_one_recording(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    loser = csv_row(UID, NOON, disposition="NO ANSWER", dstchannel="PJSIP/102-02", sequence=1)
    world.log(csv_row(UID, NOON), loser, loser)
    call = only(world.settle())
    assert (len(call.recordings), call.legs) == (1, ("101",))


def test_a_crashed_header_is_salvaged_after_six_hours(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log(csv_row(UID, NOON))
    world.write(world.day(NAME), wav(6, closed=False), NOON + timedelta(seconds=8))
    assert world.settle(3600 * 5, 600) == []
    call = only(world.settle(3600 * 2, 600))
    assert call.recordings[0].warnings == ("truncated_header",)


def test_an_empty_file_is_no_recording_but_a_code(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(0))
    call = only(world.settle())
    assert (call.recordings, call.warnings) == ((), ("empty", "file_without_cdr"))
    assert call.answer_state == "ring_abandon"


@pytest.mark.parametrize(("kind", "sides"), [("external-101", "cs"), ("out-101", "sc")])
def test_legs_are_taken_instead_of_their_mix(tmp_path: Path, kind: str, sides: str) -> None:
    world = World(tmp_path)
    stem = file_name(NOON, UID, kind).removesuffix(".wav")
    if kind.startswith("out"):
        stem = f"out-5555550142-101-20261122-180000-{UID}"
    for ending in ("", "-in", "-out"):
        world.write(world.day(f"{stem}{ending}.wav"), wav(6))
    maps = [recording.channel_map for recording in only(world.settle()).recordings]
    names = {"c": "caller", "s": "staff"}
    assert maps == [{"0": names[side]} for side in sides]


def test_a_lone_leg_gives_way_to_the_mix(tmp_path: Path) -> None:
    world = World(tmp_path)
    for ending in (".wav", "-in.wav"):
        world.write(world.day(NAME.replace(".wav", ending)), wav(6))
    assert [r.name for r in only(world.settle()).recordings] == [NAME]


def test_two_channels_are_mapped_and_one_is_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(6, channels=2))
    assert only(world.settle()).recordings[0].channel_map == {"0": "caller", "1": "staff"}


@pytest.mark.parametrize("suffix", ["ulaw", "alaw", "sln", "gsm", "g722", "g729"])
def test_headerless_files_carry_their_hints(tmp_path: Path, suffix: str) -> None:
    world = World(tmp_path)
    world.write(world.day(file_name(NOON, UID, ext=suffix)), b"\xff" * 8000)
    found = only(world.settle()).recordings[0]
    assert (found.container_hint, (found.rate_hint, found.channels_hint)) == (
        suffix,
        HEADERLESS[suffix],
    )


def test_an_mp3_beside_its_wav_is_the_same_talk(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    world.write(world.day(NAME.replace(".wav", ".mp3")), b"\xff\xfb\x90\x00" + b"\0" * 413)
    assert [r.name for r in only(world.settle()).recordings] == [NAME]


def test_recordings_the_phone_system_cleans_up_do_not_shrink_a_call(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    call = only(world.settle())
    (world.root / world.day(NAME)).unlink()
    world.write("other.txt", b"")
    assert world.settle() == []
    assert isinstance(world.connector.is_final(call, call.recordings[0], world.now), Gone)
    with pytest.raises(NotFound):
        world.connector.open(call.recordings[0])


def test_finality_can_be_asked_again(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    call = only(world.settle())
    recording = call.recordings[0]
    assert isinstance(world.connector.is_final(call, recording, world.now), Final)
    soon = NOON + timedelta(seconds=30)
    assert isinstance(world.connector.is_final(call, recording, soon), NotYet)
    world.write(world.day(NAME), wav(6, closed=False))
    verdict = world.connector.is_final(call, recording, world.now)
    assert isinstance(verdict, NotYet) and verdict.why == "changed"


BAD_NAMES = [
    b"new\nline.wav", b"$(reboot).wav", b"; rm -rf ~ ;.wav", b"x" * 251 + b".wav", b"\xff\xfe.wav",
    b"x..%2f..%2fx.wav", b"%s%n.wav", b"\x1b[31m.wav", b"-rf.wav", "Peña.wav".encode("latin-1"),
    b"99999999.99999999.wav", b"in----20261122-145920-1795359560.0.wav",
]  # fmt: skip


def test_bad_names_become_calls_that_open(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in BAD_NAMES:
        path = os.path.join(os.fsencode(world.root), name)  # noqa: PTH118
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(wav(1))
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    calls = world.settle()
    assert len(calls) == len({call.native_key for call in calls}) == len(BAD_NAMES)
    for call in calls:
        assert call.recordings[0].name.isprintable()
        with world.connector.open(call.recordings[0]) as handle:
            assert handle.read() == wav(1)
    flagged = [call for call in calls if "bad_name" in call.recordings[0].warnings]
    assert len(flagged) == 4


def test_unreadable_content_is_a_code_and_no_crash(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), b"<html>401 Authentication required</html>")
    assert only(world.settle()).recordings[0].warnings == ("unreadable",)


def test_a_clock_that_is_wrong_does_not_block_a_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(world.day(NAME), wav(6), NOON + timedelta(days=400))
    assert only(world.settle()).native_key == UID
    assert any("ahead" in problem for problem in world.connector.probe(NOON).problems)


def test_probe_says_in_words_what_is_wrong(tmp_path: Path) -> None:
    world = world_with_call(tmp_path)
    good = world.connector.probe(NOON + timedelta(hours=1))
    assert good.problems == ()
    assert good.capabilities == ("recordings", "filename", "cdr", "linkedid", "mono")
    assert len(good.newest) == 1
    world.csv.write_text("")
    assert "No call record" in world.connector.probe(NOON).problems[-1]
    world.csv.unlink()
    assert "cdr_csv" in world.connector.probe(NOON).problems[-1]
    shutil.rmtree(world.root)
    assert "away" in world.connector.probe(NOON).problems[0]


def test_settings_are_refused_in_words() -> None:
    assert {"folder", "freepbx"} <= KINDS.keys()
    for kind, settings in [
        ("nortel", {}),
        ("freepbx", {}),
        ("freepbx", {"root": "x", "zone": "Texas"}),
        ("freepbx", {"root": "x", "since": "yesterday"}),
        ("freepbx", {"root": "x", "db_host": "10.0.0.5"}),
        ("freepbx", {"root": "x", "db_host": "10.0.0.5", "db_user": "u", "db_table": "a b"}),
        ("freepbx", {"root": "x", "records": "sqlite", "database_file": "../master.db"}),
        ("freepbx", {"root": "x", "zone": "../../etc/passwd"}),
        ("folder", {"root": "x", "master_csv": "y"}),
    ]:
        with pytest.raises(Misconfigured):
            open_connector(kind, settings)
