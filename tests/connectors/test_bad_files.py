"""Bad input in a folder of recordings: what each phone system's must come to (PBX.md, 9.7)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from appliance.errors import NotFound, Unavailable, Unusable
from appliance.facts.calls import FoundCall
from connectors import ledger, watching
from connectors.interface import Final, Gone
from connectors.mount import Mount, path_of
from tests.connectors.families import FAMILIES, LATIN, NOON, SMDR, ZONE, Bench, Family, call_at
from tests.connectors.world import wav

NAMES = sorted(FAMILIES)
CALL = call_at(NOON - timedelta(minutes=2))
PAGE = b"<html><body>no sound here at all</body></html>" * 9


def but(*names: str) -> list[str]:
    return [name for name in NAMES if name not in names]


@pytest.fixture
def family(name: str) -> Family:
    return FAMILIES[name]


@pytest.fixture
def bench(family: Family, tmp_path: Path) -> Bench:
    return family.bench(tmp_path)


def only(calls: list[FoundCall]) -> FoundCall:
    (call,) = calls
    return call


def codes_of(call: FoundCall) -> set[str]:
    return {*call.warnings, *(code for found in call.recordings for code in found.warnings)}


@pytest.mark.parametrize("name", NAMES)
def test_a_call_with_a_sound_recording_has_no_code(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL)
    call = only(bench.settle(3))
    assert (codes_of(call), len(call.recordings), call.staff_extension) == (set(), 1, "101")
    with bench.connector.open(call.recordings[0]) as handle:
        assert handle.read() == wav(60)


@pytest.mark.parametrize("name", but("grandstream"))
def test_a_header_without_sound_is_no_recording(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL, wav(0))
    call = only(bench.settle(3))
    assert (call.recordings, call.warnings) == ((), ("empty",))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_still_being_written_waits_until_it_is_whole(family: Family, bench: Bench) -> None:
    path = family.lay(bench, CALL, wav(30, closed=False))
    assert bench.settle(2) == []
    bench.put(str(path.relative_to(bench.root)), wav(60))
    call = only(bench.settle(2))
    assert ([r.size for r in call.recordings], codes_of(call)) == ([len(wav(60))], set())


@pytest.mark.parametrize("name", but("grandstream"))
def test_a_header_left_open_by_a_crash_is_taken_and_marked(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL, wav(30, closed=False))
    call = only(bench.settle(8))
    assert (len(call.recordings), codes_of(call)) == (1, {"truncated_header"})


@pytest.mark.parametrize("name", ["grandstream"])
def test_what_a_header_says_is_left_to_the_decoder(family: Family, bench: Bench) -> None:
    for number, content in enumerate((wav(0), wav(30, closed=False), PAGE), 1):
        family.lay(bench, call_at(CALL.start, number), content)
    calls = bench.settle(8)
    assert [len(call.recordings) for call in calls] == [1, 1, 1], "it gives each its code"


@pytest.mark.parametrize("name", but("grandstream"))
def test_a_page_named_as_a_recording_is_unreadable(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL, PAGE)
    call = only(bench.settle(8))
    assert (len(call.recordings), codes_of(call)) == (1, {"unreadable"})


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_may_not_be_read_holds_back_no_other(
    family: Family, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = family.lay(bench, CALL)
    family.lay(bench, call_at(CALL.start, 2))
    read_ends = Mount.read_ends

    def refuse(tree: Mount, locator: str, head: int, tail: int) -> Any:
        if path_of(locator)[-1] == closed.name:
            raise Unavailable("it may not be read") from PermissionError()
        return read_ends(tree, locator, head, tail)

    with monkeypatch.context() as patched:
        patched.setattr(Mount, "read_ends", refuse)
        heard = [call for call in bench.settle(2) if call.recordings]
        assert len(heard) == 1
    assert len([call for call in bench.settle(2) if call.recordings]) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_vanished_is_gone(family: Family, bench: Bench) -> None:
    path = family.lay(bench, CALL)
    call = only(bench.settle(3))
    (recording,) = call.recordings
    assert bench.connector.is_final(call, recording, bench.now) == Final()
    path.unlink()
    assert bench.connector.is_final(call, recording, bench.now) == Gone()
    with pytest.raises(NotFound):
        bench.connector.open(recording)
    assert only(bench.settle(3)).recordings, "a call that was told never shrinks"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_vanishes_before_it_was_told_harms_nothing(
    family: Family, bench: Bench
) -> None:
    path = family.lay(bench, CALL, wav(30, closed=False))
    bench.look(minutes=1)
    path.unlink()
    family.lay(bench, call_at(CALL.start, 2))
    heard = [call for call in bench.settle(3) if call.recordings]
    assert [call.caller_number[-4:] for call in heard] == ["0102"]


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_larger_than_allowed_is_not_opened(family: Family, tmp_path: Path) -> None:
    bench = family.bench(tmp_path, max_bytes=1000)
    family.lay(bench, CALL)
    with pytest.raises(Unusable) as caught:
        bench.connector.open(only(bench.settle(3)).recordings[0])
    assert caught.value.outcome == "too_long"


@pytest.mark.parametrize("name", but("grandstream"))
def test_a_name_of_strange_bytes_is_told_with_its_codes(family: Family, bench: Bench) -> None:
    bench.put(f"{family.name_of(CALL).rpartition('/')[0]}/{LATIN}".lstrip("/"), wav(60))
    call = only(bench.settle(8))
    assert {"bad_name", "encoding"} <= codes_of(call)
    (recording,) = call.recordings
    assert recording.name.isprintable() and recording.locator.isascii()
    with bench.connector.open(recording) as handle:
        assert handle.read() == wav(60)


@pytest.mark.parametrize("name", ["grandstream"])
def test_a_name_no_record_speaks_of_is_passed_over(family: Family, bench: Bench) -> None:
    bench.put(LATIN, wav(60))
    family.lay(bench, CALL)
    assert len(only(bench.settle(8)).recordings) == 1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_twice_is_one_call(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL)
    family.record(bench, CALL)
    bench.look(hours=1)
    family.record(bench, CALL)
    bench.settle(3)
    assert len({call.native_key for call in bench.told}) == 1
    assert ("duplicate_row" in bench.notes) == (bench.kind in ("freepbx", *SMDR))


@pytest.mark.parametrize("name", but("freepbx", "3cx", "yeastar", "switchvox", "folder"))
def test_a_record_whose_recording_never_comes_says_so(family: Family, bench: Bench) -> None:
    family.record(bench, CALL)
    call = only(bench.settle(30, 30))
    assert (call.recordings, call.warnings) == ((), ("cdr_without_file",))


@pytest.mark.parametrize("name", but("grandstream", "yeastar", "switchvox", "folder"))
def test_a_recording_without_a_record_says_so_until_it_comes(family: Family, bench: Bench) -> None:
    family.lay_sound(bench, CALL)
    alone = only(bench.settle(5, 20))
    assert (len(alone.recordings), alone.warnings) == (1, ("file_without_cdr",))
    family.record(bench, CALL)
    call = only(bench.settle(5, 20))
    assert (call.native_key, call.warnings) == (alone.native_key, ())


@pytest.mark.parametrize("name", NAMES)
def test_a_time_ahead_is_told_and_marked_and_hides_no_call(family: Family, bench: Bench) -> None:
    ahead = call_at(NOON + timedelta(days=3), 2)
    family.lay(bench, ahead)
    first = only(bench.settle(3))
    assert abs(first.started_at - ahead.start) <= timedelta(seconds=65)
    assert first.warnings == ("future_time",)
    for number in (3, 4):
        family.lay(bench, call_at(bench.now - timedelta(minutes=2), number))
        bench.settle(3)
    found = bench.settle(24 * 4, 48)
    assert sorted(call.caller_number[-4:] for call in found) == ["0102", "0103", "0104"]
    marked = [call for call in found if call.warnings]
    assert [call.warnings for call in marked] == [("future_time",)], "also when it has come"
    assert marked[0].native_key == first.native_key


def test_a_zone_set_right_takes_the_mark_away(tmp_path: Path) -> None:
    family = FAMILIES["folder"]
    bench = family.bench(tmp_path, zone="Pacific/Honolulu")  # four hours behind the clinic
    bench.put(family.name_of(CALL), wav(60), CALL.end)
    wrong = only(bench.settle(1))
    assert (wrong.warnings, wrong.started_at > NOON) == (("future_time",), True)
    bench.settings["zone"] = ZONE.key
    right = only(bench.settle(1))
    assert (right.native_key, right.warnings, right.started_at < NOON) == (
        wrong.native_key, (), True,
    )  # fmt: skip


def test_checkpoints_written_before_marks_were_kept_are_read() -> None:
    assert ledger.recall({"told": {"a": ["f", 1.0, 1]}}).told["a"].ahead == 0
    assert watching.recall({"told": {"a": ["f", 1.0, 1, 1]}}).told["a"].ahead == 0


FIRST = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 1:30 in Chicago, and an hour later again


@pytest.mark.parametrize("name", ["freepbx", "freeswitch", "grandstream", "yeastar", "switchvox"])
@pytest.mark.parametrize("start", [FIRST, FIRST + timedelta(hours=1)])
def test_an_epoch_tells_which_of_the_two_hours_it_was(
    family: Family, bench: Bench, start: datetime
) -> None:
    bench.now = start + timedelta(minutes=2)
    family.lay(bench, call_at(start))
    call = only(bench.settle(3))
    assert (call.started_at, codes_of(call)) == (start, set())


@pytest.mark.parametrize("name", ["folder", *SMDR])
@pytest.mark.parametrize("start", [FIRST, FIRST + timedelta(hours=1)])
def test_an_hour_that_comes_twice_is_marked_where_nothing_tells_which(
    family: Family, bench: Bench, start: datetime
) -> None:
    bench.now = start + timedelta(minutes=2)
    family.lay(bench, call_at(start))
    call = only(bench.settle(3))
    assert (len(call.recordings), call.warnings) == (1, ("dst_fold",))
    assert min(abs(call.started_at - FIRST), abs(call.started_at - start)) <= timedelta(minutes=1)


@pytest.mark.parametrize("name", ["3cx"])
@pytest.mark.parametrize("start", [FIRST, FIRST + timedelta(hours=1)])
def test_when_a_file_was_closed_tells_which_of_the_two_hours_it_was(
    family: Family, tmp_path: Path, start: datetime
) -> None:
    local = {"cdr": "off", "stamps_in_utc": "no", "zone": ZONE.key}
    bench = family.bench(tmp_path, **local)
    name = family.name_of(call_at(start.astimezone(ZONE)))
    bench.now = start + timedelta(minutes=2)
    path = bench.put(name, wav(60), start + timedelta(seconds=65))
    call = only(bench.settle(3))
    assert (call.started_at, codes_of(call)) == (start + timedelta(seconds=5), set())
    copied = family.bench(tmp_path / "copied", **local)
    copied.now = start + timedelta(hours=9)
    copied.put(str(path.relative_to(bench.root)), wav(60))
    assert codes_of(only(copied.settle(3))) == {"dst_fold"}


@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_never_followed(family: Family, bench: Bench) -> None:
    path = family.lay(bench, CALL)
    path.rename(bench.home / "outside.wav")
    path.symlink_to(bench.home / "outside.wav")
    assert not any(call.recordings for call in bench.settle(8))
    assert "symlink" in bench.notes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["../outside.wav", "a/../../outside.wav", "/etc/passwd"])
def test_no_locator_leads_out(family: Family, bench: Bench, where: str) -> None:
    family.lay(bench, CALL)
    (bench.home / "outside.wav").write_bytes(wav(1))
    recording = only(bench.settle(3)).recordings[0]
    prefix = "place:" if recording.locator.startswith("place:") else ""
    with pytest.raises(Unusable) as caught:
        bench.connector.open(structs.replace(recording, locator=prefix + where))
    assert caught.value.outcome == "path_escape"


@pytest.mark.parametrize("name", NAMES)
def test_a_share_that_went_away_is_not_believed(family: Family, bench: Bench) -> None:
    family.lay(bench, CALL)
    bench.look(minutes=1)
    before = bench.checkpoint
    bench.root.rename(bench.home / "away")
    for make in (lambda: None, bench.root.mkdir):
        make()
        with pytest.raises(Unavailable) as caught:
            bench.look(minutes=1)
        assert caught.value.outcome == "share_offline"
        assert bench.checkpoint == before
    bench.root.rmdir()
    (bench.home / "away").rename(bench.root)
    assert len(only(bench.settle(3)).recordings) == 1
