"""Bad answers of phone systems that are asked over a network (PBX.md, 9.7)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from appliance.errors import Misconfigured, NotFound, Unavailable, Unusable
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import logins
from connectors.jsons import read_json
from tests.connectors.exchanges import AUDIO, NAMES, NOON, Bench, exchange
from tests.connectors.servers import Certificate

pytestmark = pytest.mark.usefixtures("loopback")
JUST_NOW = NOON - timedelta(minutes=2)
LOCATORS = {"grandstream": "api:a.wav", "yeastar": "recording/1", "yeastar_s": "recording/a.wav",
            "3cx-xapi": "rec/1/-/a.wav"}  # fmt: skip


def but(*names: str) -> list[str]:
    return [name for name in NAMES if name not in names]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("exchange"))


@pytest.fixture
def bench(name: str, certificate: Certificate) -> Iterator[Bench]:
    with exchange(name, certificate) as made:
        yield made


def only(calls: list[FoundCall]) -> FoundCall:
    (call,) = calls
    return call


def recording_of(bench: Bench) -> FoundRecording:
    bench.add(JUST_NOW)
    (recording,) = only(bench.settle()).recordings
    return recording


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_call_has_no_code_and_its_recording_comes_whole(bench: Bench) -> None:
    recording = recording_of(bench)
    assert (only(bench.told).warnings, recording.warnings) == ((), ())
    assert bench.fetch(recording) == AUDIO


@pytest.mark.parametrize("how", ["cut", "short"])
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_breaks_off_is_asked_for_again(bench: Bench, how: str) -> None:
    recording = recording_of(bench)
    bench.emulator.spoil(how)
    with pytest.raises(Unavailable) as caught:
        bench.fetch(recording)
    assert caught.value.outcome == "partial_http"
    bench.emulator.spoil("")
    assert bench.fetch(recording) == AUDIO


@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_place_of_a_recording_is_asked_for_again(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.spoil("page")
    with pytest.raises(Unavailable) as caught:
        bench.fetch(recording)
    assert caught.value.outcome == "html_instead_of_audio"
    bench.emulator.spoil("")
    assert bench.fetch(recording) == AUDIO


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_recording_is_named_so(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.fill(b"")
    with pytest.raises(Unusable) as caught:
        bench.fetch(recording)
    assert caught.value.outcome == "empty"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_longer_than_allowed_is_not_taken(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.more = {"max_bytes": 1000}
    with pytest.raises(Unusable) as caught:
        bench.fetch(recording)
    assert caught.value.outcome == "too_long"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_the_phone_system_deleted_has_vanished(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.lose()
    with pytest.raises(NotFound):
        bench.fetch(recording)
    assert len(only(bench.settle()).recordings) == 1, "a call that was told never shrinks"


@pytest.mark.parametrize("name", but("grandstream"))
def test_a_record_whose_recording_never_comes_says_so_after_a_day(bench: Bench) -> None:
    bench.add(JUST_NOW)
    bench.emulator.lose()
    assert bench.settle(20) == []
    call = only(bench.settle(10))
    assert (call.recordings, call.warnings) == ((), ("cdr_without_file",))


@pytest.mark.parametrize("name", ["grandstream"])
def test_a_record_is_taken_at_its_word_and_the_recording_missed_when_fetched(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.lose()
    with pytest.raises(NotFound):
        bench.fetch(recording)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_twice_is_one_call(bench: Bench) -> None:
    bench.add(JUST_NOW)
    bench.emulator.repeat()
    bench.look(minutes=10)
    bench.emulator.repeat()
    call = only(bench.settle(3))
    assert (len(call.recordings), call.warnings) == (1, ())
    assert len(bench.told) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_session_that_ran_out_is_renewed_without_a_word(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.expire()
    assert bench.fetch(recording) == AUDIO
    bench.emulator.expire()
    bench.add(bench.now, 2)
    assert len(bench.settle()) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_session_taken_back_at_once_has_its_code(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.take_back()
    with pytest.raises(Unavailable) as caught:
        bench.fetch(recording)
    assert caught.value.outcome == "auth_expired"


@pytest.mark.parametrize("name", NAMES)
def test_a_login_that_was_refused_is_tried_twice_then_once_a_day(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, tried = [0.0], list[float]()
    monkeypatch.setattr(logins.time, "monotonic", lambda: moment[0])
    note_refused = logins.note_refused

    def noted(account: str) -> None:
        tried.append(moment[0])
        note_refused(account)

    monkeypatch.setattr(logins, "note_refused", noted)
    bench.emulator.change_password()
    recording = FoundRecording(locator=LOCATORS[name], name="a.wav", size=1, modified_ns=1)
    while moment[0] < 2.5 * logins.DAY_S:
        with pytest.raises((Misconfigured, Unavailable)):
            bench.fetch(recording)
        moment[0] += 300
    day = logins.WAIT_S + logins.DAY_S
    assert tried == [0, logins.WAIT_S, day, day + logins.DAY_S]


@pytest.mark.parametrize("name", NAMES)
def test_a_time_ahead_is_told_and_marked_and_hides_no_call(bench: Bench) -> None:
    ahead = bench.add(NOON + timedelta(days=3), 2)
    first = only(bench.settle(3))
    # The log of 3CX is asked up to now: of a call ahead only its recording tells, begun at the answer.
    assert timedelta() <= first.started_at - ahead.start <= timedelta(seconds=6)
    assert first.warnings == ("future_time",)
    for number in (3, 4):
        bench.add(bench.now - timedelta(minutes=2), number)
        bench.settle(3)
    found = bench.settle(24 * 4, 24)
    assert sorted(call.caller_number[-4:] for call in found) == ["0102", "0103", "0104"]
    (marked,) = [call for call in found if call.warnings]
    assert marked.native_key == first.native_key, "also when its time has come"
    assert marked.warnings == ("future_time",)


FIRST = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 1:30 in Chicago, and an hour later again


@pytest.mark.parametrize("start", [FIRST, FIRST + timedelta(hours=1)])
@pytest.mark.parametrize("name", NAMES)
def test_an_epoch_or_a_zone_tells_which_of_the_two_hours_it_was(
    bench: Bench, start: datetime
) -> None:
    bench.now = start + timedelta(minutes=2)
    bench.add(start)
    call = only(bench.settle())
    assert abs(call.started_at - start) < timedelta(seconds=1)
    assert call.warnings == ()


@pytest.mark.parametrize("name", but("3cx-xapi"))
def test_an_hour_that_comes_twice_is_marked_where_nothing_tells_which(bench: Bench) -> None:
    bench.now = FIRST + timedelta(minutes=2)
    bench.add(FIRST)
    bench.emulator.forget_epochs()
    call = only(bench.settle(7, 20))
    assert (call.started_at, "dst_fold" in call.warnings) == (FIRST, True)


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_system_that_does_not_let_us_in_changes_nothing(bench: Bench) -> None:
    bench.add(JUST_NOW)
    bench.look(minutes=2)
    before = bench.checkpoint
    bench.emulator.take_back()
    bench.add(bench.now, 2)
    logins.forget_everything()
    with pytest.raises(Unavailable):
        bench.look(minutes=5)
    assert bench.checkpoint == before


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_system_that_is_switched_off_changes_nothing(
    name: str, certificate: Certificate
) -> None:
    with exchange(name, certificate) as bench:
        bench.add(JUST_NOW)
        bench.look(minutes=2)
        bench.add(bench.now, 2)
    before = bench.checkpoint
    with pytest.raises(Unavailable):
        bench.look(minutes=5)
    assert bench.checkpoint == before


@pytest.mark.parametrize("name", NAMES)
def test_no_sound_is_not_known_before_it_is_decoded(bench: Bench) -> None:
    recording = recording_of(bench)
    bench.emulator.fill(b"\x07no sound" * 50)
    assert bench.fetch(recording), "the decoder says unreadable"


@pytest.mark.parametrize("name", NAMES)
def test_a_header_left_open_by_a_crash_comes_as_it_is(bench: Bench) -> None:
    recording, left = recording_of(bench), AUDIO[:4] + bytes(4) + AUDIO[8:5000]
    bench.emulator.fill(left)
    assert bench.fetch(recording) == left, "the decoder says truncated_header"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["../../etc/passwd", "/etc/passwd", "rec/../1", "http://a/b"])
def test_no_locator_leads_elsewhere(bench: Bench, where: str) -> None:
    bench.add(JUST_NOW)
    recording = FoundRecording(locator=where, name="x.wav", size=1, modified_ns=1)
    with pytest.raises((NotFound, Unusable)):
        bench.fetch(recording)


@pytest.mark.parametrize("name", NAMES)
def test_half_a_sign_in_a_callers_name_harms_no_call(bench: Bench) -> None:
    """JSON can say it, and no text may hold it: nothing about the call could be written down."""
    bench.add(JUST_NOW)
    bench.emulator.name_caller("Zo\ud800e")
    call = only(bench.settle())
    assert (call.caller_name, len(call.recordings)) == ("Zo\N{REPLACEMENT CHARACTER}e", 1)


def test_json_is_read_with_whole_signs_only() -> None:
    data = rb'{"a": "\ud83d\udc31", "\udc00": ["x\ud800", 1, null], "b": "\\ud800"}'
    mark = "\N{REPLACEMENT CHARACTER}"
    assert read_json(data) == {"a": "\N{CAT FACE}", mark: [f"x{mark}", 1, None], "b": "\\ud800"}
