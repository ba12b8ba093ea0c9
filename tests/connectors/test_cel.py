"""The event log: when a call is over, and which calls an attended transfer made one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.cdr import Row, parse_row
from connectors.cel import Event, Signs, read_signs
from connectors.gathering import Rules, goes_on
from connectors.grouping import Group, Part, group_calls
from connectors.names import parse_name
from connectors.settling import Patience
from connectors.telling import Site, tell_call
from tests.connectors.world import CALLER, NOON, csv_row, file_name

CALL, ASKED = f"{int(NOON.timestamp())}.1", f"{int(NOON.timestamp()) + 20}.5"
SITE = Site(rows_in_utc=True)
PHONE, COLLEAGUE = "PJSIP/101-0000000a", "PJSIP/102-0000000c"


def event(id: int, kind: str, linkedid: str, **given: Any) -> Event:
    told = {"at": f"{NOON:%Y-%m-%d %H:%M:%S}", "uniqueid": linkedid, "extra": "", **given}
    return Event(id=id, kind=kind, linkedid=linkedid, **told)


def row(uid: str, after: float, sequence: int, **given: Any) -> Row:
    found = parse_row(
        csv_row(uid, NOON + timedelta(seconds=after), sequence=sequence, **given).encode()
    )
    assert found is not None
    return found


def handed_over(second: str = COLLEAGUE) -> list[Row]:
    """A caller talks with 101, who asks 102 on another line and hands the caller over."""
    return [
        row(CALL, 0, 1, channel="PJSIP/trunk-00000009", dstchannel=PHONE, talk=60),
        row(ASKED, 20, 2, channel="PJSIP/101-0000000b", dstchannel=COLLEAGUE, src="101", talk=40),
        row(CALL, 62, 3, channel="PJSIP/trunk-00000009", dstchannel=second, ring=0, talk=90),
    ]


def test_a_call_that_began_and_did_not_end_goes_on() -> None:
    events = [event(1, "CHAN_START", "9.1"), event(2, "CHAN_START", CALL),
              event(3, "CHAN_START", CALL, uniqueid="x"), event(4, "LINKEDID_END", "9.1")]  # fmt: skip
    signs = read_signs(events, UTC, NOON)
    assert (signs.open, signs.ended) == (frozenset({CALL}), {"9.1": NOON})
    assert read_signs(reversed(events), UTC, NOON) == signs
    assert read_signs(events, UTC, NOON + timedelta(days=2)).open == frozenset()


def test_a_log_that_never_says_end_says_nothing() -> None:
    assert read_signs([event(1, "CHAN_START", CALL)], UTC, NOON).open == frozenset()


def test_a_written_row_is_not_believed_while_the_call_goes_on() -> None:
    rules = Rules(site=SITE, patience=Patience())
    group = Group(key=CALL, rows=(row(CALL, 0, 1),))
    signs = Signs(open=frozenset({CALL}))
    assert goes_on(group, signs, rules, NOON + timedelta(hours=1))
    assert not goes_on(group, Signs(), rules, NOON + timedelta(hours=1))
    # The phone system restarted meanwhile and will never say it.
    assert not goes_on(group, signs, rules, NOON + timedelta(hours=7))


def test_damaged_events_are_passed_over() -> None:
    events = [
        event(1, "LINKEDID_END", CALL, at="0000-00-00 00:00:00"), event(2, "LINKEDID_END", "", at=""),
        event(3, "ATTENDEDTRANSFER", CALL, extra="{"), event(4, "ATTENDEDTRANSFER", CALL, extra="[1]"),
        event(5, "ATTENDEDTRANSFER", CALL, extra='{"a_uniqueid": 5, "b_uniqueid": "x; rm"}'),
        event(6, "ATTENDEDTRANSFER", CALL, extra="[" * 100_000),
    ]  # fmt: skip
    assert read_signs(events, UTC, NOON) == Signs()


def test_epoch_times_are_read() -> None:
    ended = read_signs([event(1, "LINKEDID_END", CALL, at=f"{NOON.timestamp()}")], UTC, NOON).ended
    assert ended == {CALL: NOON}


def test_a_channel_that_takes_part_in_both_makes_them_one_call() -> None:
    rows = handed_over()
    for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        (group,) = group_calls(order, (), UTC)
        call = tell_call(group.key, group.rows, None, NOON, SITE)
        assert (call.native_key, call.started_at, call.direction) == (CALL, NOON, "in")
        assert (call.legs, call.staff_extension, call.answer_state) == (
            ("101", "102"),
            "101",
            "answered",
        )
        assert call.talk_ms == 150_000, "what the staff said to each other does not count"


def test_the_event_log_joins_what_channels_do_not() -> None:
    rows = handed_over("PJSIP/102-0000000f")
    extra = f'{{"transfer_target_channel_uniqueid": "{ASKED}", "bridge1_id": "x"}}'
    signs = read_signs([event(1, "ATTENDEDTRANSFER", CALL, extra=extra)], UTC, NOON)
    assert signs.pairs == ((CALL, ASKED),)
    (group,) = group_calls(rows, (), UTC, pairs=signs.pairs)
    assert (group.key, group.doubts) == (CALL, ())


def test_what_only_looks_like_a_transfer_stays_two_calls_and_says_so() -> None:
    groups = group_calls(handed_over("PJSIP/102-0000000f"), (), UTC)
    assert {group.key: group.doubts for group in groups} == {
        CALL: ("transfer_uncertain",), ASKED: ("transfer_uncertain",),
    }  # fmt: skip


def test_names_of_channels_that_come_again_join_nothing() -> None:
    for channel in ("DAHDI/1-1", "IAX2/clinic-77", "Local/101@from-queue-0000000a;1"):
        one = row(CALL, 0, 1, channel="PJSIP/trunk-00000009", dstchannel=channel)
        other = row(ASKED, 8, 2, channel="PJSIP/trunk-0000000d", dstchannel=channel)
        assert len(group_calls([one, other], (), UTC)) == 2
    one = row(CALL, 0, 1, channel="PJSIP/trunk-00000009", dstchannel=PHONE)
    later = row(ASKED, 3600, 2, channel="PJSIP/trunk-00000009", dstchannel="PJSIP/103-0000000e")
    assert len(group_calls([one, later], (), UTC)) == 2, "Asterisk restarted and counts anew"


def test_a_call_told_before_the_transfer_was_known_goes_on_under_its_key() -> None:
    (group,) = group_calls(handed_over(), (), UTC, told={ASKED})
    assert group.key == ASKED
    assert tell_call(group.key, group.rows, None, NOON, SITE).started_at == NOON


def test_two_calls_that_were_both_told_stay_two() -> None:
    groups = group_calls(handed_over(), (), UTC, told={ASKED, CALL})
    assert {group.key: (len(group.rows), group.doubts) for group in groups} == {
        CALL: (2, ("transfer_split",)), ASKED: (1, ("transfer_split",)),
    }  # fmt: skip


def test_two_files_told_apart_stay_apart_when_a_late_row_joins_them() -> None:
    other = f"{int(NOON.timestamp()) + 2}.3"
    parts = [
        Part(locator=name, name=parse_name(name), told_as=uid)
        for uid in (CALL, other) for name in [file_name(NOON, uid)]
    ]  # fmt: skip
    late = row(other, 2, 2, linkedid=CALL)
    groups = {g.key: g for g in group_calls([row(CALL, 0, 1), late], parts, UTC)}
    assert {key: group.locators for key, group in groups.items()} == {
        CALL: (file_name(NOON, CALL),), other: (file_name(NOON, other),),
    }  # fmt: skip


def test_a_row_names_its_recording_whatever_its_ending() -> None:
    for written, stored in [("desk 4.wav", "desk 4.wav"), ("desk 4.wav49", "desk 4.WAV"),
                            ("/var/spool/asterisk/monitor/desk 4.wav", "desk 4.mp3")]:  # fmt: skip
        told = row(CALL, 0, 1)
        told = Row(**{name: getattr(told, name) for name in told.__struct_fields__}
                   | {"recordingfile": written.rpartition("/")[2]})  # fmt: skip
        part = Part(locator=stored, name=parse_name(stored))
        (group,) = group_calls([told], [part], UTC)
        assert (group.key, group.locators) == (CALL, (stored,))
        twice = Part(locator=f"old/{stored}", name=None)
        assert len(group_calls([told], [part, twice], UTC)) == 3, "which of the two is not certain"


def test_a_recording_named_by_two_calls_goes_where_its_uniqueid_says() -> None:
    name = file_name(NOON, CALL)
    rows = [row(CALL, 0, 1), row(ASKED, 20, 2, src=CALLER)]
    named = [
        Row(**{n: getattr(r, n) for n in r.__struct_fields__} | {"recordingfile": name})
        for r in rows
    ]
    groups = group_calls(named, [Part(locator="a", name=parse_name(name))], UTC)
    assert {group.key: group.locators for group in groups} == {CALL: ("a",), ASKED: ()}


def test_signs_of_another_zone_are_read_in_it() -> None:
    from zoneinfo import ZoneInfo

    local = NOON.astimezone(ZoneInfo("America/Chicago"))
    told = event(1, "LINKEDID_END", CALL, at=f"{local:%Y-%m-%d %H:%M:%S.123456}")
    assert read_signs([told], ZoneInfo("America/Chicago"), NOON).ended[CALL] == datetime(
        2026, 11, 22, 18, tzinfo=UTC
    )
