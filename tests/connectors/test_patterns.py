"""File-name patterns: what they read, what they refuse, and that no name can harm them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Misconfigured
from connectors.patterns import FIELDS, compile_pattern, try_pattern
from connectors.suggesting import KNOWN, suggest_patterns

PATTERN = "{date:YYYYMMDD}-{time:HHMMSS}_{direction}_{caller}_{extension}.wav"


def fields(pattern: str, name: str) -> dict[str, str]:
    (tried,) = try_pattern(pattern, [name])
    assert not tried.why, tried.why
    return tried.fields


def why(pattern: str, name: str) -> str:
    (tried,) = try_pattern(pattern, [name])
    assert not tried.fields
    return tried.why


def test_a_pattern_reads_its_fields() -> None:
    assert fields(PATTERN, "20261122-145920_Inbound_+15125550142_101.wav") == {
        "started": "2026-11-22 14:59:20", "direction": "in", "caller": "+15125550142",
        "extension": "101",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{date:YYYY}/{date:MM}/{date:DD}/{time:HH-MM}_{number}.wav",
         "calls/2026/11/22/14-59_5125550142.mp3", {"started": "2026-11-22 14:59:00"}),
        ("{date:DD.MM.YY} {time:HHMMAM} {name}.wav", "22.11.26 0259PM Ann B..wav",
         {"started": "2026-11-22 14:59:00", "caller_name": "Ann B."}),
        ("{date:DDMONYYYY}{time}{*}.wav", "05Feb2026120000 whatever.wav",
         {"started": "2026-02-05 12:00:00"}),
        ("auto-{epoch}-{caller}-{dialed}.wav", "AUTO-1795359560-5125550142-203.wav",
         {"epoch": "2026-11-22 14:59:20 UTC", "dialed": "203"}),
        ("{uuid}.wav", "8F1C0000-0000-4000-8000-000000000001.wav",
         {"id": "8f1c0000-0000-4000-8000-000000000001"}),
        ("{caller}.wav", "anonymous.wav", {"caller": "anonymous"}),
        ("{id}.wav", "77_rx.wav", {"id": "77", "leg": "in"}),
        ("{id}.wav", "77-OUT.wav", {"id": "77", "leg": "out"}),
        ("{leg}~{id}.wav", "tx~77.wav", {"id": "77", "leg": "out"}),
        ("q{queue}-{id}.wav", "Q400-12.5.WAV", {"queue": "400", "id": "12.5"}),
    ],
)  # fmt: skip
def test_fields_come_in_many_forms(pattern: str, name: str, expected: dict[str, str]) -> None:
    found = fields(pattern, name)
    assert expected.items() <= found.items(), found


@pytest.mark.parametrize(
    ("pattern", "name", "reason"),
    [
        (PATTERN, "20261322-145920_in_5125550142_101.wav", "{month}"),
        (PATTERN, "20260230-145920_in_5125550142_101.wav", "no such day"),
        (PATTERN, "20261122-145920_sideways_5125550142_101.wav", "{direction}"),
        (PATTERN, "20261122-145920_in_5125550142_101.xml", "no recording"),
        (PATTERN, "hello.wav", "{year}"),
        ("a_{caller}.wav", "hello.wav", 'does not begin with "a_"'),
        ("{*}_{caller}_{*}.wav", "1_2_3_4.wav", "two ways"),
        ("{caller}_{caller}.wav", "1_2.wav", "two different things"),
        ("{date:YYYY}/{date:YYYYMMDD}-{caller}.wav", "2025/20261122-5.wav", "two different"),
        ("x/{caller}.wav", "5.wav", "fewer folders"),
        ("{epoch}.wav", "4294967295.wav", "century"),
        ("{time:HHMMAM} {date}.wav", "1359PM 20261122.wav", "12-hour"),
        ("{caller}.wav", "5125550142\n.wav", "cannot be shown"),
        ("{caller}.wav", "x" * 4096 + ".wav", "too long"),
        ("{caller}.wav", "$(reboot).wav", "{caller}"),
    ],
)
def test_a_name_that_does_not_fit_is_told_why(pattern: str, name: str, reason: str) -> None:
    assert reason in why(pattern, name)


@pytest.mark.parametrize(
    "pattern",
    ["", " / ", "x" * 301, "only-text.wav", "{caller", "caller}", "{caller}{extension}.wav",
     "{*}{caller}", "{nobody}", "{date:QQ}", "{date:-}", "{caller:5}", "a//{caller}", "{*}.wav",
     "-".join(["{*}"] * 9) + "{date}", "{date}" * 30, "a\n{caller}"],
)  # fmt: skip
def test_a_pattern_nobody_could_read_is_refused(pattern: str) -> None:
    with pytest.raises(Misconfigured):
        compile_pattern(pattern)


HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(["$(reboot)", "../../etc/passwd", "\n\n", "\0", "a" * 4096, "İ" * 200, "/" * 99,
                     "-".join("a" * 128), "1" * 250, "..", "\udcff.wav", "٣" * 40, "1-" * 120]),
)  # fmt: skip
WORDS = st.sampled_from([*("{" + field + "}" for field in FIELDS), "-", "_", "a", "{date:MM}", "/"])


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), HOSTILE, st.sampled_from(["", ".wav", ".mp3"]))
def test_no_name_breaks_a_pattern_or_keeps_it_busy(
    words: list[str], name: str, ending: str
) -> None:
    try:
        pattern = "".join(words)
        compile_pattern(pattern)
    except Misconfigured:
        return
    started = time.process_time()
    (tried,) = try_pattern(pattern, [name + ending])
    assert bool(tried.fields) != bool(tried.why) or not tried.why
    assert tried.name.isprintable() or not tried.name
    assert time.process_time() - started < 2


def test_the_worst_of_patterns_takes_no_time() -> None:
    pattern = "-".join(["{*}"] * 8) + "-{caller}x.wav"
    started = time.process_time()
    assert why(pattern, "a-" * 120 + "b.wav")
    assert time.process_time() - started < 2


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, max_size=10))
def test_suggesting_never_fails(names: list[str]) -> None:
    for suggestion in suggest_patterns(names):
        assert 0 < suggestion.fits <= len(names)


def test_known_phone_systems_are_suggested_first() -> None:
    for names, title in (
        (["20220112173629-1641980184.14-5566-5556-Internal.wav"], "Yeastar"),
        (["2022-08/auto-1661157307-5125550142-203.wav"], "Grandstream"),
        (["116/[Lee, Ann]_116-7195550139_20260224201047(789).wav"], "3CX"),
        (["archive/2026/Nov/22/8f1c0000-0000-4000-8000-000000000001.mp3"], "FusionPBX"),
        (["in-5125550100-5125550142-20261122-145920-1795359560.0.wav"], "FreePBX"),
    ):
        assert title in suggest_patterns(names)[0].title


def test_every_known_pattern_is_one() -> None:
    for pattern, _ in KNOWN:
        compile_pattern(pattern)


def test_a_pattern_is_made_from_unknown_names() -> None:
    names = [
        "rec_20261122_145920_inbound_5125550142_101.wav",
        "rec_20261122_150001_outbound_5125550143_104.wav",
        "rec_20261123_080001_inbound_5125550144_102.wav",
    ]
    best = suggest_patterns(names)[0]
    assert best.pattern == "rec_{date}_{time}_{direction}_{number}_{extension}.wav"
    assert best.fits == 3


def test_nothing_is_suggested_for_names_that_say_nothing() -> None:
    assert suggest_patterns(["a.wav", "b.wav", "lunch.wav"]) == []
    assert suggest_patterns([]) == []
