"""The lines of Avaya, ESI, Panasonic and Mitel: the vendors' own examples, and damage."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.facts.calls import FoundCall
from connectors import smdr_avaya, smdr_esi, smdr_mitel, smdr_panasonic
from connectors.kinds import Line
from connectors.smdr_records import Clock, Dialect, join_segments, parse_lines, tell_segments
from connectors.telling import Site
from tests.connectors.smdr import mitel_line

AT = datetime(2008, 7, 1, tzinfo=UTC)
DIALECTS = {
    dialect.name: dialect
    for dialect in (smdr_avaya.DIALECT, smdr_esi.DIALECT, smdr_panasonic.DIALECT,
                    smdr_mitel.DIALECT)
}  # fmt: skip
# Verbatim from the vendor's page of examples.
LOST = ("2008/06/28 09:28:41,00:00:00,9,8004206,I,4324,4324,,0,1000014155,0,E4324,Joe Bloggs,"
        "T9161,LINE 5.1,0,0")  # fmt: skip
FIRST = ("2008/06/28 09:30:57,00:00:13,7,01707392200,I,299999,299999,,0,1000014160,1,E4750,"
         "John Smith,T9002,LINE 1.2,11,0")  # fmt: skip
THEN = ("2008/06/28 09:30:57,00:00:21,0,01707392200,I,299999,299999,,0,1000014160,0,V9502,"
        "VM Channel 2,T9002,LINE 1.2,0,0")  # fmt: skip
INTERNAL = ("2008/06/26 10:27:44,00:00:44,4,4688,O,4207,4207,,1,1000013898,0,E4688,Joe Bloggs,"
            "E4207,John Smith,0,0")  # fmt: skip
ESI = '"O","10312003","221502","020512","190","12125551212","","11"'


def told(dialect: Dialect, *lines: str, zone: str = "UTC", **site: Any) -> list[FoundCall]:
    data = [Line(n + 1, AT, line.encode()) for n, line in enumerate(lines)]
    parsed, _, _ = parse_lines(data, dialect, Clock(zone))
    return [tell_segments(c, Site(zone=zone, **site)) for c in join_segments(dialect, parsed)]


def test_avaya_tells_a_lost_call() -> None:
    (call,) = told(smdr_avaya.DIALECT, LOST)
    assert (call.direction, call.answer_state, call.staff_extension) == ("in", "ring_abandon", "")
    assert (call.caller_number, call.ring_ms, call.talk_ms) == ("8004206", 9000, 0)
    assert call.started_at == datetime(2008, 6, 28, 9, 28, 41, tzinfo=UTC)


def test_avaya_segments_of_one_number_are_one_call() -> None:
    for order in ((FIRST, THEN), (THEN, FIRST), (FIRST, THEN, FIRST, THEN)):
        (call,) = told(smdr_avaya.DIALECT, *order)
        assert (call.answer_state, call.staff_extension) == ("answered", "4750")
        assert (call.talk_ms, call.duration_ms) == (13_000, 41_000)


def test_avaya_waits_for_the_rest_of_a_call() -> None:
    parsed, _, _ = parse_lines([Line(1, AT, FIRST.encode())], smdr_avaya.DIALECT, Clock("UTC"))
    (call,) = join_segments(smdr_avaya.DIALECT, parsed)
    assert not call.whole
    parsed, _, _ = parse_lines([Line(1, AT, LOST.encode())], smdr_avaya.DIALECT, Clock("UTC"))
    assert join_segments(smdr_avaya.DIALECT, parsed)[0].whole


def test_avaya_tells_a_talk_inside_the_house() -> None:
    (call,) = told(smdr_avaya.DIALECT, INTERNAL)
    assert (call.direction, call.answer_state) == ("internal", "internal")
    assert (call.caller_number, call.staff_extension) == ("4688", "4207")


def test_esi_tells_a_call_going_out() -> None:
    (call,) = told(smdr_esi.DIALECT, ESI, zone="America/Chicago")
    assert (call.direction, call.staff_extension, call.dialed) == ("out", "190", "12125551212")
    assert call.talk_ms == 1000 * (2 * 3600 + 5 * 60 + 12)
    assert call.started_at == datetime(2003, 11, 1, 4, 15, 2, tzinfo=UTC)


def test_esi_joins_a_transfer_by_line_number_and_time() -> None:
    first = '"I","10312003","100000","000100","101","5125550142","","11"'
    then = '"T","10312003","100105","000200","102","5125550142","","11"'
    other = '"I","10312003","100030","000100","103","5125550143","","12"'
    calls = told(smdr_esi.DIALECT, then, other, first)
    assert [c.legs for c in calls] == [("101", "102"), ("103",)]
    assert calls[0].talk_ms == 180_000
    alone = told(smdr_esi.DIALECT, first.replace('"11"', '"12"'), then)
    assert [c.legs for c in alone] == [("101",), ("102",)]


PANASONIC = "11/22/26 02:59PM 1200  01 <I>5125550142             0'05 00:01'05                   "


def test_panasonic_tells_the_end_of_a_call_in_minutes() -> None:
    (call,) = told(smdr_panasonic.DIALECT, PANASONIC)
    assert (call.direction, call.staff_extension) == ("in", "1200")
    assert (call.caller_number, call.ring_ms, call.talk_ms) == ("5125550142", 5000, 65_000)
    assert call.ended_at == datetime(2026, 11, 22, 14, 59, tzinfo=UTC)


def test_panasonic_comes_in_many_widths() -> None:
    wide = "11/22/26 02:59PM 1200  0001 " + "<D>5125550100<I>Ann 5125550142".ljust(50)
    (call,) = told(smdr_panasonic.DIALECT, wide + " 0'05 00:01'05")
    assert (call.caller_number, call.dialed) == ("5125550142", "5125550100")
    out = "11/22/26 14:59   1200  01 5125550142                     00:01'05 9876543210 TR"
    (call,) = told(smdr_panasonic.DIALECT, out)
    assert (call.direction, call.dialed, call.staff_extension) == ("out", "5125550142", "1200")


@pytest.mark.parametrize(
    "line",
    ["Date     Time    Ext   CO Dial number               Ring Duration Acc code   CD", "-" * 79,
     "", "SMDR", "11/22/26 02:59PM  1234     LOG IN"],
)  # fmt: skip
def test_panasonic_heads_are_no_damage(line: str) -> None:
    assert parse_lines([Line(1, AT, line.encode())], smdr_panasonic.DIALECT, Clock("UTC")) == (
        [], 0, 0,
    )  # fmt: skip


MITEL = mitel_line("11/22 02:59:20p", "00:01:10", "T101", "005", "1101", "1101",
                   ani="5125550142 5125550100")  # fmt: skip


def test_mitel_lines_get_the_year_in_which_they_came() -> None:
    line = Line(1, datetime(2027, 1, 1, tzinfo=UTC), MITEL.encode())
    parsed, damaged, _ = parse_lines([line], smdr_mitel.DIALECT, Clock("UTC"))
    assert damaged == 0
    (call,) = join_segments(smdr_mitel.DIALECT, parsed)
    found = tell_segments(call, Site())
    assert found.started_at == datetime(2026, 11, 22, 14, 59, 20, tzinfo=UTC)
    assert (found.direction, found.caller_number, found.dialed) == ("in", "5125550142",
                                                                    "5125550100")  # fmt: skip
    assert (found.staff_extension, found.ring_ms, found.talk_ms) == ("1101", 5000, 65_000)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("avaya", LOST[:-30]), ("avaya", LOST.replace("09:28:41", "29:28:41")),
        ("avaya", LOST.replace("2008/06/28", "0001/01/01")),
        ("avaya", LOST.replace("2008/06/28", "9999/12/31")), ("avaya", "hello"), ("avaya", LOST + "\0"), ("avaya", "x" * 5000),
        ("esi", ESI[:-1]), ("esi", ESI.replace("10312003", "13312003")), ("esi", "hello"),
        ("esi", ESI.replace('"O"', '"X"')), ("esi", ESI.replace('"190"', '"19x"')),
        ("panasonic", PANASONIC[:60]), ("panasonic", PANASONIC.replace("11/22/26", "13/22/26")),
        ("panasonic", PANASONIC.replace("02:59PM", "14:59PM")),
        ("mitel", MITEL[:40]), ("mitel", MITEL.replace("11/22", "11/32")),
        ("mitel", MITEL.replace("T101", "Q101")),
    ],
)  # fmt: skip
def test_damaged_lines_are_counted(name: str, line: str) -> None:
    found, damaged, _ = parse_lines([Line(1, AT, line.encode())], DIALECTS[name], Clock("UTC"))
    assert (found, damaged) == ([], 1)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([LOST, FIRST, ESI, PANASONIC, MITEL]), st.integers(0, 120),
       st.binary(max_size=20), st.sampled_from(sorted(DIALECTS)))  # fmt: skip
def test_no_line_breaks_a_parser(line: str, at: int, noise: bytes, name: str) -> None:
    data = line.encode()[:at] + noise + line.encode()[at + len(noise) :]
    lines = [Line(1, AT, data), Line(2, AT, line.encode())]
    parsed, damaged, doubled = parse_lines(lines, DIALECTS[name], Clock("America/Chicago"))
    for call in join_segments(DIALECTS[name], parsed):
        assert tell_segments(call, Site()).native_key.startswith(name + ":")
    assert damaged + doubled + len(parsed) <= 2 + noise.count(b"\n") + noise.count(b"\r") + 30
