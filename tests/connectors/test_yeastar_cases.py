"""Yeastar P-Series in every odd case: logins, lists, downloads, words for people, the push door."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Misconfigured, NotFound, Unavailable, Unusable
from appliance.facts.calls import FoundCall
from connectors import logins
from connectors.interface import Final, Gone
from connectors.kinds import Means
from connectors.yeastar import KIND
from connectors.yeastar_legs import file_name_of, leg_of_event, leg_of_row, party
from connectors.yeastar_poll import event_of
from connectors.yeastar_telling import House, group_legs, tell
from tests.connectors.servers import Certificate
from tests.connectors.simulated import MONDAY, TrueCall, week
from tests.connectors.world import wav
from tests.connectors.yeastar import P_MEANS, P_SETTINGS, Pushed, Pusher, Run, identify, listening
from tests.connectors.yeastar_pbx import FORMATS, Answer, PSeries, call_id_of, parts_of, serving

pytestmark = pytest.mark.usefixtures("loopback")
ZONE = ZoneInfo("America/Chicago")
TALK = TrueCall(7, MONDAY, "in", "5125550142", ("101",), "answered", "", 8, 60)


@pytest.fixture
def pbx() -> Iterator[PSeries]:
    made = PSeries()
    with serving(made):
        made.now += 600
        yield made


def run_of(pbx: PSeries, means: Means | None = None, **given: Any) -> Run:
    found = {**P_SETTINGS, "url": pbx.url, **given}
    return Run(pbx, lambda: KIND.make(found, means or Means(**P_MEANS)))


def only(run: Run) -> FoundCall:
    run.look()
    (call,) = run.told
    return call


def row(**given: Any) -> dict[str, Any]:
    plain = {"id": 1, "uid": "u1", "timestamp": 1762000000, "call_from": "5125550142",
             "call_to": "101", "disposition": "ANSWERED", "call_type": "Inbound",
             "duration": 30, "talk_duration": 20, "ring_duration": 10}  # fmt: skip
    return {**plain, **given}


def told(*rows: dict[str, Any], **house: Any) -> FoundCall:
    legs = [leg for r in rows if (leg := leg_of_row(r, ZONE))]
    (group,) = group_legs(legs)
    return tell("k", group.legs, (), House(**house))


def test_names_of_recordings_are_taken_apart() -> None:
    name = file_name_of("20220112173629-1641980184.14-5566-5556-Internal.wav")
    assert name and (name.uniqueid, name.source, name.to) == ("1641980184.14", "5566", "5556")
    inbound = file_name_of("20220112173629-1641980184.14-+1512-5550142-6400-Inbound.WAV", ("6400",))
    assert inbound and (inbound.kind, inbound.source) == ("q", "+1512-5550142")
    assert file_name_of("greeting.wav") is None
    assert file_name_of("../20220112173629-1641980184.14-1-2-Internal.wav") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Evelyn<5566>", ("Evelyn", "5566")),
        ("Dave Harris<5556>", ("Dave Harris", "5556")),
        ("5556", ("", "5556")),
        ("+1 (512) 555-0142", ("", "+15125550142")),
        ("anonymous", ("", "")),
        (None, ("", "")),
        ("A<B<101>", ("A<B", "101")),
    ],
)
def test_a_party_is_a_name_and_a_number(text: Any, expected: tuple[str, str]) -> None:
    assert party(text) == expected


@pytest.mark.parametrize("form", FORMATS)
def test_no_display_format_changes_the_moment(pbx: PSeries, form: str) -> None:
    pbx.format = form
    pbx.add(TALK)
    assert only(run_of(pbx)).started_at == MONDAY


def test_without_a_timestamp_the_number_of_the_call_or_the_uid_tells_the_moment() -> None:
    bare = row(timestamp=0, time="01/02/2022 05:00:00 PM", uid="2022011217362446627")
    leg = leg_of_row(bare, ZONE)
    assert leg and (leg.at, leg.time_source) == (1642030584.0, "filename")
    leg = leg_of_row({**bare, "call_id": "1641980184.14"}, ZONE)
    assert leg and (leg.at, leg.time_source) == (1641980184.0, "epoch")
    assert leg_of_row({**bare, "uid": "abc"}, ZONE) is None


def test_a_queue_and_a_transfer_are_one_call_with_its_legs() -> None:
    call = told(
        row(call_to="Queue Front<6400>", talk_duration=20),
        row(id=2, call_to="Dana<1001>", timestamp=1762000005, ring_duration=4),
        row(id=3, call_to="1002", timestamp=1762000040, call_type="Internal", talk_duration=9),
    )
    assert (call.direction, call.answer_state, call.queue) == ("in", "answered", "6400")
    assert (call.staff_extension, call.legs) == ("1001", ("1001", "1002"))
    assert (call.ring_ms, call.talk_ms, call.duration_ms) == (9000, 29000, 70000)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([row(disposition="ANSWERD")], "answered"),
        ([row(disposition="NO ANSWER")], "ring_abandon"),
        ([row(disposition="BUSY")], "ring_abandon"),
        ([row(disposition="VOICEMAIL")], "voicemail_left"),
        ([row(call_to="IVR Day<6200>")], "ivr_abandon"),
        ([row(call_to="6400"), row(id=2, disposition="NO ANSWER")], "hold_abandon"),
        ([row(call_to="+15125550177", talk_duration=9)], "answered"),
    ],
)
def test_how_a_call_ended(rows: list[dict[str, Any]], state: str) -> None:
    assert told(*rows).answer_state == state


def test_a_machine_is_never_told_as_staff() -> None:
    assert told(row(call_to="6300")).staff_extension == ""
    assert told(row(call_to="400"), queues=("400",)).staff_extension == ""
    assert told(row(call_to="105"), extensions=("101",)).staff_extension == ""
    assert told(row(call_to="105"), extensions=("101",)).answer_state == "answered"


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(40)), twice=st.lists(st.integers(0, 39), max_size=9))
def test_legs_in_any_order_and_number_are_the_same_calls(
    order: list[int], twice: list[int]
) -> None:
    pbx = PSeries()
    for call in week(count=60)[:30]:
        pbx.add(call)
    legs = [leg for n, (_, r) in enumerate(pbx.rows) if (leg := leg_of_row({"id": n, **r}, ZONE))]
    legs = legs[:40]
    mixed = [legs[n] for n in [*order, *twice] if n < len(legs)]
    assert group_legs(mixed) == group_legs(legs)


def test_lists_that_are_not_sorted_as_asked_lose_nothing(pbx: PSeries) -> None:
    pbx.sorts = False
    truth = week(count=700)[:260]
    pbx.now = truth[0].start.timestamp()
    run = run_of(pbx)
    for call in truth:
        pbx.add(call)
    for _ in range(12):
        pbx.now += 6 * 3600
        run.look()
    assert {identify(call) for call in run.told} == {call.number for call in truth}


def test_a_recording_named_but_not_listed_is_waited_for_a_day(pbx: PSeries) -> None:
    pbx.add(TALK, recording_late=9e9)
    run = run_of(pbx)
    found = run.look()
    assert found and not found.calls and found.waiting == 1
    pbx.now += 86400
    assert only(run).warnings == ("cdr_without_file",)


def test_a_recording_without_a_row_is_told_after_an_hour_and_completed_later(
    pbx: PSeries,
) -> None:
    pbx.add(TALK, late=7200)
    run = run_of(pbx)
    run.look()
    assert not run.told
    pbx.now += 3600
    assert only(run).warnings == ("file_without_cdr",)
    pbx.now += 7200
    run.look()
    first, second = run.told
    assert (first.native_key, second.warnings) == (second.native_key, ())
    assert second.metadata_level == "cdr"


def test_a_recording_deleted_in_between_is_gone(pbx: PSeries) -> None:
    pbx.add(TALK)
    run = run_of(pbx)
    call = only(run)
    assert run.connector.is_final(call, call.recordings[0], MONDAY + timedelta(days=1)) == Final()
    pbx.keep = 0
    pbx.takes[0] = (9e12, *pbx.takes[0][1:])
    assert run.connector.is_final(call, call.recordings[0], MONDAY + timedelta(days=1)) == Gone()
    with pytest.raises(NotFound):
        run.connector.open(call.recordings[0])


def test_a_cleanup_of_the_oldest_never_hides_the_newest(pbx: PSeries) -> None:
    run = run_of(pbx)
    for call in week(count=2000)[:150]:
        pbx.add(call)
    for keep in (100, 40, 5):
        pbx.keep, pbx.now = keep, pbx.now + 3 * 3600
        run.look()
    for _ in range(2):  # what is gone before it was seen is waited for a day
        pbx.now += 86400
        run.look()
    assert len({call.native_key for call in run.told}) == 150


def test_what_is_cut_or_a_page_is_never_taken_for_a_recording(pbx: PSeries) -> None:
    pbx.add(TALK)
    run = run_of(pbx)
    recording = only(run).recordings[0]
    with run.connector.open(recording) as stream:
        assert stream.read() == pbx.audio
    pbx.cut_every = lambda path: True
    with pytest.raises(Unavailable, match="partial_http"), run.connector.open(recording) as stream:
        stream.read()
    pbx.cut_every = lambda path: False
    pbx.takes[0] = (0.0, pbx.takes[0][1], b"<html>Sign in, please, to go on</html>")
    with pytest.raises(Unavailable, match="html_instead_of_audio"):
        run.connector.open(recording)


def test_a_size_in_the_list_of_another_format_does_no_harm(pbx: PSeries) -> None:
    pbx.add(TALK)
    pbx.takes[0][1]["size"] = 825588
    run = run_of(pbx)
    with run.connector.open(only(run).recordings[0]) as stream:
        assert stream.read() == pbx.audio


def test_a_path_that_leads_elsewhere_is_not_followed(
    pbx: PSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx.add(TALK)
    run = run_of(pbx)
    recording = only(run).recordings[0]
    for path in ("//198.51.100.7/x.wav", "https://198.51.100.7/x", "/api/../../x"):
        monkeypatch.setattr(pbx, "_link", lambda number, path=path: _linked(path))
        with pytest.raises(Unusable):
            run.connector.open(recording)


def _linked(path: str) -> Any:
    return Answer({"errcode": 0, "download_resource_url": path})


def test_a_token_is_renewed_with_papers_that_change(pbx: PSeries) -> None:
    pbx.add(TALK)
    run = run_of(pbx)
    for _ in range(4):
        pbx.now += 2000
        run.look()
    signed = [path.rpartition("/")[2] for path in pbx.asked if path.endswith("_token")]
    assert signed == ["get_token", "refresh_token", "refresh_token", "refresh_token"]
    pbx.now += 2 * 86400
    run.look()
    assert [p.rpartition("/")[2] for p in pbx.asked if p.endswith("get_token")] == ["get_token"] * 2


def test_a_token_taken_back_at_once_is_not_asked_for_again_and_again(pbx: PSeries) -> None:
    pbx.token_lasts = 0.0
    with pytest.raises(Unavailable, match="takes back"):
        run_of(pbx).connector.discover({}, MONDAY)
    assert sum(path.endswith("_token") for path in pbx.asked) == 2


def test_a_wrong_secret_is_tried_twice_and_never_a_third_time(
    pbx: PSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]
    monkeypatch.setattr(logins.time, "monotonic", lambda: moment[0])
    wrong = Means(secrets={"client_secret": "wrong"}, allowed=("127.0.0.1",))
    connector = run_of(pbx, wrong).connector
    said = []
    for _ in range(60):
        with pytest.raises((Misconfigured, Unavailable)) as caught:
            connector.discover({}, MONDAY)
        said.append(str(caught.value))
        moment[0] += 60
    assert pbx.asked.count("/openapi/v1.0/get_token") == 2
    assert "Client ID and Client Secret" in said[0]
    assert "once more in a quarter of an hour" in said[1]
    assert "refused this login twice" in said[-1]
    assert run_of(pbx).connector.discover({}, MONDAY).calls == ()


def test_a_blocked_address_is_told_in_words(pbx: PSeries) -> None:
    pbx.blocked_until = pbx.now + 600
    (problem,) = run_of(pbx).connector.probe(MONDAY).problems
    assert "Blocked IP Addresses" in problem


def test_an_api_that_is_not_enabled_is_told_in_words(pbx: PSeries) -> None:
    pbx.enabled = False
    (problem,) = run_of(pbx).connector.probe(MONDAY).problems
    assert "Integrations → API" in problem and "address of this box" in problem


def test_a_refused_list_is_told_in_words(pbx: PSeries) -> None:
    pbx.refused = ("recording/list",)
    (problem,) = run_of(pbx).connector.probe(MONDAY).problems
    assert "10005" in problem
    with pytest.raises(Unavailable, match="recording/list"):
        run_of(pbx).connector.discover({}, MONDAY)


def test_the_probe_of_a_healthy_one_has_no_problem(pbx: PSeries) -> None:
    pbx.add(TALK)
    probe = run_of(pbx).connector.probe(MONDAY + timedelta(minutes=10))
    assert (probe.problems, probe.newest) == ((), ("recording/600",))
    assert set(probe.capabilities) == {"cdr", "recordings"}


def test_the_probe_tells_skew_cleanup_and_stereo(pbx: PSeries) -> None:
    pbx.audio = wav(0.1, channels=2)
    pbx.rows.append((0.0, {"timestamp": int(pbx.now) - 86400, "uid": "old", "call_to": "101"}))
    pbx.add(TALK)
    probe = run_of(pbx).connector.probe(MONDAY - timedelta(minutes=30))
    words = " ".join(probe.problems)
    assert "ahead of this box" in words and probe.clock_skew_s == 1868
    assert "Auto Cleanup" in words
    assert "two channels" in words and "stereo" in probe.capabilities


def test_a_strange_certificate_is_shown_to_be_confirmed(tmp_path: Path) -> None:
    certificate, pbx = Certificate(tmp_path), PSeries()
    with serving(pbx, certificate.context()):
        (problem,) = run_of(pbx).connector.probe(MONDAY).problems
        assert certificate.fingerprint in problem
        pinned = run_of(pbx, certificate=certificate.fingerprint)
        assert pinned.look() is not None


def test_who_is_on_the_left_counts_only_once_somebody_listened(pbx: PSeries) -> None:
    pbx.add(TALK)
    assert only(run_of(pbx)).recordings[0].channel_map is None
    heard = only(run_of(pbx, left_in="staff"))
    assert heard.recordings[0].channel_map == {"0": "staff", "1": "caller"}


def test_the_address_or_the_archive_must_be_given() -> None:
    for wrong in ({}, {"url": "https://pbx", "place": {"by": "folder", "path": "/x"}}):
        with pytest.raises(Misconfigured, match="not both"):
            KIND.make(wrong, Means())


def test_an_event_is_read_out_of_its_text_within_json() -> None:
    part, pbx = parts_of(TALK)[0], PSeries()
    event = event_of(pbx.event(TALK, part))
    leg = leg_of_event(event or {}, ZONE, 1)
    assert leg and leg.at == MONDAY.timestamp()
    assert (leg.disposition, leg.from_number, leg.talk_s) == ("answered", "5125550142", 60)
    for broken in (b"", b"[]", b'{"type":30012,"msg":"{"}', b'{"type":30012,"msg":7}', b"\xff{"):
        assert event_of(broken) is None


def test_a_pushed_call_that_no_list_ever_shows_is_told_in_the_end(pbx: PSeries) -> None:
    pushed = Pushed(pbx)
    pushed.receive(pbx.event(TALK, parts_of(TALK)[0]))
    pushed.receive(b"{}")
    run = run_of(pbx, Means(**P_MEANS, feed=pushed))
    found = run.look()
    assert found and found.notes == ("push_malformed: 1",) and not run.told
    pbx.now += 3600 * 7
    call = only(run)
    assert call.native_key == f"call:{call_id_of(TALK)}"
    run.look()
    assert len(run.told) == 1


def test_only_the_phone_system_may_push_and_only_call_records(pbx: PSeries) -> None:
    pushed, body = Pushed(pbx), pbx.event(TALK, parts_of(TALK)[0])
    secrets = {**P_MEANS["secrets"], "push_path": "long-and-secret"}
    means = Means(secrets=secrets, allowed=("127.0.0.0/8",))
    with listening(KIND, {**P_SETTINGS, "url": pbx.url}, means, pushed) as port:
        assert Pusher(port, "/long-and-secret").push(body) == 200
        assert Pusher(port, "/guessed").push(body) == 404
        assert Pusher(port, "/long-and-secret").push(b'{"type":30011,"msg":"{}"}') == 200
        assert Pusher(port, "/long-and-secret").push(b"no json") == 400
        assert Pusher(port, "/long-and-secret").push(b" " * 300_000) == 413
        pushed.full = True
        assert Pusher(port, "/long-and-secret").push(body) == 503
    assert [line.data for line in pushed.kept] == [body]


def test_a_stranger_is_hung_up_on(pbx: PSeries) -> None:
    pushed = Pushed(pbx)
    means = Means(allowed=("192.0.2.7",))
    with listening(KIND, {**P_SETTINGS, "url": pbx.url}, means, pushed) as port:
        assert Pusher(port).push(pbx.event(TALK, parts_of(TALK)[0])) == 0
    assert pushed.kept == []


def test_a_door_without_anybody_allowed_is_not_opened(pbx: PSeries) -> None:
    assert KIND.listen
    with pytest.raises(Misconfigured):
        KIND.listen({"url": pbx.url, "listen_port": 1}, Means(), lambda data: None, Event())


def test_an_archive_tells_queues_and_files_that_say_nothing(tmp_path: Path) -> None:
    day = tmp_path
    (day / "20261101180100-1793577660.1-5125550142-400-Inbound.wav").write_bytes(wav(1))
    (day / "greeting.wav").write_bytes(wav(1))
    given = {"place": {"by": "folder", "path": str(tmp_path)}, "queues": ["400"]}
    run = Run(PSeries(), lambda: KIND.make(given, Means()))
    run.exchange.now = time.time()
    for _ in range(40):
        run.exchange.now += 15
        run.look()
    calls = {call.metadata_level: call for call in run.told}
    assert (calls["filename"].queue, calls["filename"].staff_extension) == ("400", "")
    assert calls["filename"].native_key == "1793577660.1"
    assert calls["none"].direction == "unknown"
    assert run.connector.probe(MONDAY).newest
    with run.connector.open(calls["filename"].recordings[0]) as stream:
        assert stream.read() == wav(1)


def test_checkpoints_are_plain_and_left_alone(pbx: PSeries) -> None:
    pbx.add(TALK)
    run = run_of(pbx)
    run.look()
    before = json.dumps(run.checkpoint)
    moment = MONDAY + timedelta(hours=1)
    first, second = (run.connector.discover(run.checkpoint, moment) for _ in range(2))
    assert json.dumps(run.checkpoint) == before and first == second and not first.calls
