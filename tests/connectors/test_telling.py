"""What a call was: who, which way, answered by whom, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.facts.calls import FoundCall
from connectors.cdr import Row, distinct, parse_row
from connectors.grouping import Part, group_calls
from connectors.names import parse_name
from connectors.telling import Site, channel_maps, tell_call
from tests.connectors.world import CALLER, DATA, NOON, csv_row

UID = f"{int(NOON.timestamp())}.1"
NOBODY = {"disposition": "NO ANSWER", "talk": 0}


def rows_of(*given: dict[str, Any]) -> list[Row]:
    """Rows of one call; ``after`` is seconds from its begin."""
    found = []
    for number, options in enumerate(given):
        start = NOON + timedelta(seconds=options.pop("after", 0))
        line = csv_row(UID, start, linkedid=UID, **{"sequence": number, **options})
        row = parse_row(line.encode())
        assert row is not None
        found.append(row)
    return distinct(found)


def call_of(*given: dict[str, Any], site: Site | None = None, name: str = "") -> FoundCall:
    site = site or Site(rows_in_utc=True)
    return tell_call(UID, rows_of(*given), parse_name(name), NOON, site)


def test_the_staff_is_in_the_channel_not_in_dst() -> None:
    call = call_of({"dst": "600"})
    assert (call.staff_extension, call.direction, call.answer_state) == ("101", "in", "answered")
    assert (call.dialed, call.ring_ms, call.talk_ms, call.duration_ms) == ("600", 2000, 6000, 8000)


def test_losers_of_ring_all_did_not_answer() -> None:
    lost = {"disposition": "NO ANSWER", "dstchannel": "PJSIP/102-0000000a"}
    call = call_of({**lost, "talk": 2}, {}, {**lost, "dstchannel": "PJSIP/103-0000000b"})
    assert (call.staff_extension, call.legs, call.talk_ms) == ("101", ("101",), 6000)
    assert call.answer_state == "answered"


def test_a_blind_transfer_has_two_legs_and_no_dialed_number() -> None:
    second = {"dst": "102", "after": 8, "ring": 0, "dstchannel": "PJSIP/102-00000011"}
    call = call_of({"dst": "102"}, second)
    assert (call.legs, call.staff_extension, call.dialed) == (("101", "102"), "101", "")
    assert (call.talk_ms, call.duration_ms) == (12000, 14000)


def test_a_transfer_nobody_took_is_a_transfer_abandon() -> None:
    call = call_of({}, {**NOBODY, "after": 8, "dstchannel": "PJSIP/102-00000011"})
    assert call.answer_state == "transfer_abandon"


def test_a_queue_member_behind_a_local_channel_is_counted_once() -> None:
    local = {"channel": "Local/101@from-queue-00000001;2"}
    queue = {"lastapp": "Queue", "lastdata": "400,t,,,40"}
    call = call_of({**queue, "dstchannel": "Local/101@from-queue-00000001;1"}, local)
    assert (call.queue, call.staff_extension, call.talk_ms) == ("400", "101", 6000)
    assert call.direction == "in"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{**NOBODY}], "ring_abandon"),
        ([{"disposition": "BUSY", "talk": 0}], "ring_abandon"),
        ([{"disposition": "FAILED", "talk": 0}], "ring_abandon"),
        ([{"lastapp": "Queue", "dstchannel": ""}, {**NOBODY}], "hold_abandon"),
        ([{"lastapp": "BackGround", "dstchannel": ""}], "ivr_abandon"),
        ([{**NOBODY}, {"lastapp": "VoiceMail", "dstchannel": "", "talk": 30}], "voicemail_left"),
        ([{**NOBODY}, {"lastapp": "VoiceMail", "dstchannel": "", "talk": 3}], "voicemail_empty"),
        ([{"channel": "PJSIP/102-00000002"}], "internal"),
    ],
)
def test_who_did_not_talk_is_told_by_how(rows: list[dict[str, Any]], state: str) -> None:
    assert call_of(*rows).answer_state == state


def test_an_unanswered_call_tells_how_long_it_rang() -> None:
    assert call_of({**NOBODY, "ring": 17}).ring_ms == 17000


def test_a_call_from_a_phone_to_a_trunk_goes_out() -> None:
    out = {"channel": "PJSIP/101-00000001", "dstchannel": "PJSIP/trunk-00000002",
           "src": "101", "dst": "5555550142"}  # fmt: skip
    call = call_of(out)
    assert (call.direction, call.staff_extension, call.legs) == ("out", "101", ("101",))
    assert call.dialed == "5555550142"
    assert call_of({**out, "dstchannel": "", "disposition": "FAILED"}).direction == "out"


def test_the_own_number_is_found_among_dst() -> None:
    call = call_of({"dst": "5555550100"}, site=Site(rows_in_utc=True, dids=("5555550100",)))
    assert call.dialed == "5555550100"


def test_a_name_fills_in_what_the_rows_do_not_say() -> None:
    name = f"in-5555550100-5555550142-20261122-180000-{UID}.wav"
    call = call_of({"src": "anonymous"}, name=name)
    assert call.dialed == "5555550100"
    assert call.metadata_level == "cdr"


def test_the_epoch_wins_over_a_wrong_zone() -> None:
    call = call_of({}, site=Site(zone="America/Chicago"))
    assert (call.started_at, call.time_source) == (NOON, "epoch")
    assert call.ended_at == NOON + timedelta(seconds=8)
    assert call.warnings == ("zone_mismatch",)


def test_without_uniqueid_the_zone_decides_and_the_fold_is_flagged() -> None:
    start = datetime(2026, 11, 1, 1, 30)
    row = parse_row(csv_row("none", start, linkedid="").encode())
    assert row is not None
    call = tell_call("row:x", [row], None, NOON, Site(zone="America/Chicago"))
    assert call.started_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (call.time_source, call.warnings) == ("csv", ("dst_fold",))


def test_the_epoch_settles_the_hour_that_comes_twice() -> None:
    second = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    key = f"{int(second.timestamp())}.5"
    row = parse_row(csv_row(key, datetime(2026, 11, 1, 1, 30)).encode())
    assert row is not None
    call = tell_call(key, [row], None, NOON, Site(zone="America/Chicago"))
    assert (call.started_at, call.ended_at) == (second, second + timedelta(seconds=8))
    assert call.warnings == ()


def test_left_is_whoever_runs_the_dialplan() -> None:
    assert channel_maps("in") == ("caller", "staff")
    assert channel_maps("out") == ("staff", "caller")
    assert channel_maps("internal") == ("staff", "staff")
    assert channel_maps("unknown") is None


def test_sixteen_real_rows_make_twelve_calls() -> None:
    rows = [parse_row(line) for line in (DATA / "Master.csv").read_bytes().splitlines()]
    groups = group_calls([row for row in rows if row], (), UTC)
    sizes = {group.key.rpartition(".")[2]: len(group.rows) for group in groups}
    assert len(groups) == 12
    assert {key: size for key, size in sizes.items() if size > 1} == {
        "124": 2, "179": 2, "215": 2, "299": 2,
    }  # fmt: skip


def test_rows_without_uniqueid_find_their_file_by_time_and_number() -> None:
    row = parse_row(csv_row("none", NOON, linkedid="").encode())
    assert row is not None
    name = parse_name(f"external-101-{CALLER}-20261122-180000-clinic-{UID}.wav")
    other = parse_name(f"external-101-{CALLER}-20261122-190000-clinic-1795359.1.wav")
    groups = group_calls([row], [Part(locator="a", name=name), Part(locator="b", name=other)], UTC)
    joined = [group for group in groups if group.rows]
    assert [(group.key, group.locators) for group in joined] == [(f"clinic-{UID}", ("a",))]


def test_a_file_stays_with_the_call_it_was_told_under() -> None:
    late = parse_row(csv_row("1795359561.1", NOON, linkedid="1795359560.0").encode())
    assert late is not None
    name = parse_name("external-101-5555550142-20261122-180000-1795359561.1.wav")
    part = Part(locator="a", name=name, told_as="1795359561.1")
    groups = group_calls([late], [part], UTC)
    assert [group.key for group in groups] == ["1795359561.1"]
