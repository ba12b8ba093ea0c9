"""What the small files beside recordings say, whoever wrote them, and what they must not do."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Unusable
from connectors.said import NOTHING, Said
from connectors.sidecars import ENDINGS, read_list, read_sidecar

SWITCHVOX = b"""<?xml version="1.0"?>
<recording>
  <recorded_call_id>118</recorded_call_id><recording_tag>front</recording_tag>
  <recorder_cid>101</recorder_cid><recorded_cid>101</recorded_cid>
  <from_caller_id>5125550142</from_caller_id><to_caller_id>101</to_caller_id>
  <from_account_id></from_account_id><to_account_id>1107</to_account_id>
  <duration>31</duration><date_created_ts>1795359560</date_created_ts>
</recording>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><caller>&lol2;</caller>"""


def test_a_switchvox_sidecar_is_read() -> None:
    assert read_sidecar("xml", SWITCHVOX) == Said(
        caller="5125550142", dialed="101", duration_s=31, epoch=1795359560
    )


@pytest.mark.parametrize(
    "data",
    [
        b'<call from="5125550142" to="101" duration="31"/>',
        b'<r><f name="from">5125550142</f><f name="to">101</f><f name="duration">31</f></r>',
        b'<r><f key="from" value="5125550142"/><f key="to" value="101"/><f key="duration" '
        b'value="31"/></r>',
        b'<x:s xmlns:x="urn:x"><x:call><x:from>512-555-0142</x:from><x:to>101</x:to>'
        b"<x:duration>31</x:duration></x:call></x:s>",
    ],
)
def test_xml_may_be_laid_out_in_many_ways(data: bytes) -> None:
    assert read_sidecar("xml", data) == Said(caller="5125550142", dialed="101", duration_s=31)


def test_json_csv_and_text_say_the_same() -> None:
    expected = Said(caller="5125550142", caller_name="Ann", extension="101", direction="in")
    body = {"Caller-ID": '"Ann" <5125550142>', "agent_extension": 101, "call_direction": "INBOUND"}
    assert read_sidecar("json", json.dumps({"call": body}).encode()) == expected
    assert read_sidecar("json", json.dumps([body]).encode("utf-16")) == expected
    text = "".join(f"{name} = {what}\r\n" for name, what in body.items())
    assert read_sidecar("txt", b"\xef\xbb\xbf" + text.encode()) == expected
    lines = 'Caller ID;Extension;Direction\n"Ann <5125550142>";101;Inbound\n'
    assert read_sidecar("csv", lines.encode()) == expected
    assert read_sidecar("csv", b"callerid,Ann <5125550142>\next,101\ndirection,in\n") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"temperature": 5, "note": "call 5125550142", "len": 12}, NOTHING),
        ({"from": "5125550142", "caller": "5125550143"}, NOTHING),  # they contradict each other
        ({"transfer": {"from": "101"}, "x": 1}, NOTHING),
        ({"direction": "sideways"}, NOTHING),
        ({"from": "sip:5125550142@10.0.0.1"}, NOTHING),
        ({"from": "$(reboot)"}, NOTHING),
        ({"from": "1" * 300}, NOTHING),
        ({"from": True, "x": None}, NOTHING),
        ({"duration": 31000}, NOTHING),  # more than any call: these are no seconds
        ({"duration_ms": "31000"}, Said(duration_s=31)),
        ({"duration": "00:00:31"}, Said(duration_s=31)),
        ({"duration": "01:30"}, NOTHING),  # minutes or hours?
        ({"start": "04/05/2026 10:00"}, NOTHING),  # April or May?
        ({"start": "2026-11-22 14:59:20"}, Said(stamp="20261122T145920")),
        ({"start": "2026-11-22T14:59:20.5Z"}, Said(epoch=1795359560)),
        ({"start": "2026-11-22T09:59:20-05:00"}, Said(epoch=1795359560)),
        ({"start": "2026-02-30 10:00:00"}, NOTHING),
        ({"start": 1795359560123}, Said(epoch=1795359560.123)),
        ({"start": "20261122145920"}, Said(stamp="20261122T145920")),
        ({"start": "2026-11-22 14:59:20", "timestamp": 1795359560}, Said(epoch=1795359560)),
    ],
)
def test_what_is_not_certain_is_not_told(body: object, expected: Said) -> None:
    assert read_sidecar("json", json.dumps(body).encode()) == expected


@pytest.mark.parametrize(
    ("ending", "data"),
    [
        ("xml", BOMB),
        ("xml", b'<!DOCTYPE a SYSTEM "http://10.0.0.1/x"><a/>'),
        ("xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        ("xml", SWITCHVOX[:100]),
        ("xml", b""),
        ("xml", b"<a>" * 200 + b"</a>" * 200),
        ("json", b'{"from": "51255'),
        ("json", b"[" * 100_000),
        ("json", json.dumps({str(n): n for n in range(3000)}).encode()),
        ("txt", b"x" * (1024**2 + 1)),
        ("csv", b'a,b\n"' + b"x" * 200_000),
    ],
)
def test_damage_and_attacks_have_a_name(ending: str, data: bytes) -> None:
    with pytest.raises(Unusable) as caught:
        read_sidecar(ending, data)
    assert caught.value.outcome == "sidecar_malformed"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ENDINGS), st.one_of(st.binary(max_size=300), st.text().map(str.encode)))
def test_no_sidecar_breaks_the_reader(ending: str, data: bytes) -> None:
    try:
        assert isinstance(read_sidecar(ending, data), Said)
        assert isinstance(read_list(data), dict)
    except Unusable as error:
        assert error.outcome == "sidecar_malformed"


def test_a_list_tells_of_each_file() -> None:
    data = (
        "FileName,Caller,Extension,Start\n"
        "C:\\calls\\One.wav,5125550142,101,2026-11-22 14:59:20\n"
        "two.wav,5125550143,102,\n"
        "three.wav,5125550144,101,\nthree.wav,5125550145,101,\n"
        "broken.wav,5125550146\n"
    )
    assert read_list(data.encode()) == {
        "one.wav": Said(caller="5125550142", extension="101", stamp="20261122T145920"),
        "two.wav": Said(caller="5125550143", extension="102"),
        "three.wav": NOTHING,
    }
    assert read_list(b"a,b\n1,2\n") == {}
