"""Yeastar S-Series: a week of pushed records, and what it does in every odd case."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from appliance.errors import Unavailable, Unusable
from connectors import logins, yeastar_s
from connectors.kinds import Means
from connectors.yeastar_s import KIND
from tests.connectors.simulated import MONDAY, TrueCall, week
from tests.connectors.world import wav
from tests.connectors.yeastar import S_SETTINGS, Pushed, Pusher, Run, listening, play_s
from tests.connectors.yeastar_pbx import SECRET, SSeries, serving

pytestmark = pytest.mark.usefixtures("loopback")


def test_a_week_of_pushed_records_loses_and_doubles_nothing() -> None:
    tally, run = play_s(week())
    assert (tally.calls_out, tally.doubled, tally.lost, tally.wrong) == (2000, 0, 0, {})
    assert tally.without_recording == len([c for c in week() if c.answer_state == "voicemail_left"])
    assert run.failed >= 1


TALK = TrueCall(7, MONDAY, "in", "5125550142", ("101", "102"), "answered", "400", 8, 60)


@pytest.fixture
def pbx() -> Iterator[SSeries]:
    made = SSeries()
    with serving(made):
        made.now += 600
        yield made


def run_of(pbx: SSeries, *lines: bytes, password: str = SECRET) -> Run:
    pushed = Pushed(pbx)
    for line in lines:
        pushed.receive(line)
    means = Means(secrets={"password": password}, allowed=("127.0.0.1",), feed=pushed)
    return Run(pbx, lambda: KIND.make({**S_SETTINGS, "url": pbx.url}, means))


@pytest.mark.parametrize("key", ["callduraction", "callduration"])
def test_a_transferred_call_has_its_legs_and_both_recordings(pbx: SSeries, key: str) -> None:
    pbx.key = key
    run = run_of(pbx, *pbx.add(TALK))
    pbx.now += 120
    run.look()
    (call,) = run.told
    assert (call.queue, call.staff_extension, call.legs) == ("400", "101", ("101", "102"))
    assert (call.started_at, call.duration_ms, call.talk_ms) == (MONDAY, 68000, 60000)
    assert len(call.recordings) == 2
    with run.connector.open(call.recordings[1]) as stream:
        assert stream.read() == wav(0.02)


def test_a_leg_that_comes_late_completes_the_call(pbx: SSeries) -> None:
    first, *rest = pbx.add(TALK)
    run = run_of(pbx, first)
    pbx.now += 120
    run.look()
    for record in rest:
        run.connector.feed.receive(record)
    pbx.now += 120
    run.look()
    before, after = run.told
    assert before.native_key == after.native_key
    assert (after.answer_state, after.staff_extension) == ("answered", "101")


def test_a_recording_that_comes_later_than_its_record_is_waited_for(pbx: SSeries) -> None:
    run = run_of(pbx, *pbx.add(TALK, recording_late=7200))
    pbx.now += 3600
    found = run.look()
    assert found and not found.calls and found.waiting == 1
    pbx.now += 7200
    run.look()
    assert len(run.told[0].recordings) == 2


def test_one_failing_question_does_not_hold_up_other_calls(pbx: SSeries) -> None:
    missed = TrueCall(8, MONDAY, "in", "5125550143", (), "ring_abandon", "", 8, 0)
    run = run_of(pbx, *pbx.add(missed), *pbx.add(TALK))
    pbx.now += 120
    with pytest.MonkeyPatch.context() as spoiled:
        spoiled.setattr(pbx, "is_known", lambda token: False)
        run.look()
    assert [call.answer_state for call in run.told] == ["ring_abandon"]
    run.look()
    assert len(run.told) == 2


def test_the_vendors_own_format_has_a_named_outcome(pbx: SSeries) -> None:
    pbx.suffix = "yswav"
    run = run_of(pbx, *pbx.add(TALK))
    for name in pbx.takes:
        pbx.takes[name] = (0.0, b"YSWV" + bytes(400))
    pbx.now += 120
    run.look()
    recording = run.told[0].recordings[0]
    assert recording.warnings == ("unknown_codec",)
    with pytest.raises(Unusable) as caught:
        run.connector.open(recording)
    assert caught.value.outcome == "unknown_codec"
    assert any("choose wav" in words for words in run.connector.probe(MONDAY).problems)


def test_a_recording_cut_without_a_told_length_is_noticed(pbx: SSeries) -> None:
    run = run_of(pbx, *pbx.add(TALK))
    pbx.short = set(pbx.takes)
    pbx.now += 120
    run.look()
    with (
        pytest.raises(Unavailable, match="partial_http"),
        run.connector.open(run.told[0].recordings[0]) as stream,
    ):
        stream.read()


def test_a_wrong_password_is_tried_twice_so_that_nobody_is_locked_out(
    pbx: SSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]
    monkeypatch.setattr(logins.time, "monotonic", lambda: moment[0])
    run = run_of(pbx, *pbx.add(TALK), password="wrong")
    said = []
    for _ in range(60):
        said += run.connector.probe(MONDAY).problems[:1]
        moment[0] += 60
    assert sum(path.endswith("/login") for path in pbx.asked) == 2
    assert "Settings → PBX → General → API" in said[0]
    assert "refused this login twice" in said[-1]
    assert not pbx.blocked


def test_a_lock_out_is_told_in_words(pbx: SSeries) -> None:
    pbx.blocked_until = pbx.now + 600
    assert "ten minutes" in run_of(pbx).connector.probe(MONDAY).problems[0]


def test_the_probe_says_that_nothing_was_pushed_yet(pbx: SSeries) -> None:
    (problem,) = run_of(pbx).connector.probe(MONDAY).problems
    assert "8260" in problem
    run = run_of(pbx, *pbx.add(TALK))
    probe = run.connector.probe(MONDAY)
    assert probe.problems == () and len(probe.newest) == 2


def test_a_clock_that_is_ahead_is_told(pbx: SSeries) -> None:
    pbx.now -= 4200
    run = run_of(pbx, *pbx.add(TALK))
    probe = run.connector.probe(MONDAY)
    assert probe.clock_skew_s == 3668
    assert "ahead" in probe.problems[0]


def test_the_door_stays_subscribed_and_takes_records_of_both_versions(
    pbx: SSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yeastar_s, "HEARTBEAT_S", 0.05)
    pushed = Pushed(pbx)
    means = Means(secrets={"password": SECRET}, allowed=("127.0.0.1",), feed=pushed)
    records = pbx.add(TALK)
    second = json.loads(records[0])
    second["event"] = second.pop("action")
    with listening(KIND, {**S_SETTINGS, "url": pbx.url}, means, pushed) as port:
        _await(lambda: len(pbx.ports) == 1)
        pbx.now += 3600  # the token runs out: signed in anew, with the port told again
        _await(lambda: len(pbx.ports) == 2)
        pusher = Pusher(port)
        assert pusher.push(records[0]) == pusher.push(json.dumps(second).encode()) == 200
        assert pusher.push(b'{"action":"DTMF"}') == 200
    assert set(pbx.ports) == {str(port)}
    assert len(pushed.kept) == 2
    run = run_of(pbx, *(line.data for line in pushed.kept), b"[1]")
    found = run.look()
    assert found and found.notes == ("duplicate_row: 1", "push_malformed: 1")


def _await(happens: Callable[[], bool]) -> None:
    for _ in range(500):
        if happens():
            return
        time.sleep(0.02)
    raise TimeoutError
