"""Which recording belongs to which of two calls that look alike."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors import smdr_avaya, smdr_panasonic
from connectors.kinds import Line
from connectors.said import Said
from connectors.smdr_join import AMBIGUOUS, Joined, join_takes
from connectors.smdr_records import Clock, Dialect, SmdrCall, join_segments, parse_lines
from connectors.takes import Take
from connectors.telling import Site

BEGIN = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def calls_of(dialect: Dialect, *lines: str) -> list[SmdrCall]:
    pushed = [Line(n + 1, BEGIN, line.encode()) for n, line in enumerate(lines)]
    return join_segments(dialect, parse_lines(pushed, dialect, Clock("UTC"))[0])


def avaya(start_s: int, ring: int, minutes: int, number: int) -> str:
    start = BEGIN + timedelta(seconds=start_s)
    return (f"{start:%Y/%m/%d %H:%M:%S},00:{minutes:02}:00,{ring},5125550142,I,101,101,,0,{number},"
            "0,E101,Ann,T9001,LINE 1.2,0,0")  # fmt: skip


def panasonic(end_minute: int, talk_s: int) -> str:
    length = f"00:{talk_s // 60:02}'{talk_s % 60:02}"
    return f"11/02/26 10:{end_minute:02}AM 101   01 <I>5125550142             0'05 {length}"


def join(calls: list[SmdrCall], *starts_s: int) -> Joined:
    takes = []
    for at in starts_s:
        stamp = f"{BEGIN + timedelta(seconds=at):%Y%m%dT%H%M%S}"
        said = Said(stamp=stamp, direction="in", number="5125550142", extension="101")
        takes.append(Take(f"take{at}", [], said, "filename", True, (), BEGIN + timedelta(hours=1)))
    slack = 60 if calls[0].key.startswith("panasonic") else 1
    return join_takes(calls, takes, {}, Site(), slack)


def names(joined: Joined, calls: list[SmdrCall]) -> list[list[str]]:
    return [[take.key for take in joined.by_call.get(call.key, [])] for call in calls]


def test_two_calls_of_one_caller_that_overlap_each_get_the_recording_that_began_with_them() -> None:
    calls = calls_of(smdr_avaya.DIALECT, avaya(0, 4, 3, 1), avaya(86, 22, 9, 2))
    joined = join(calls, 4, 108)
    assert names(joined, calls) == [["take4"], ["take108"]]
    assert joined.apart == []


def test_whole_minutes_are_enough_where_only_one_call_can_have_begun_then() -> None:
    calls = calls_of(smdr_panasonic.DIALECT, panasonic(10, 420), panasonic(17, 430))
    joined = join(calls, 190, 613)  # the calls began in the minutes from 175 and from 585 on
    assert names(joined, calls) == [["take190"], ["take613"]]


@pytest.mark.parametrize("at", [10, 25, 60])
def test_a_recording_between_two_beginnings_is_left_by_itself_and_says_so(at: int) -> None:
    calls = calls_of(smdr_avaya.DIALECT, avaya(0, 4, 3, 1), avaya(20, 4, 9, 2))
    joined = join(calls, at)
    assert joined.by_call == {}
    assert [(take.key, why) for take, why in joined.apart] == [(f"take{at}", AMBIGUOUS)]
