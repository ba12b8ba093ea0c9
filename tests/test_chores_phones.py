"""Chores around phone systems: rules at the door, tests, backfills and alarms."""

from datetime import timedelta
from typing import Any

import pytest

from appliance import clock, health, phones, pipeline, queue
from appliance.chores import backfill as backfill_chore
from appliance.db import execute, value, writing
from appliance.errors import Refused, Unavailable
from appliance.facts import to_ms
from appliance.facts.calls import FoundCall, FoundRecording
from appliance.facts.phones import Backfill, Rule
from appliance.store import alarms, audit, backlog, connectors
from appliance.store.settings import ClinicSettings, save_settings
from connectors.interface import Probe
from tests.booth import Booth, install_booth, usual_settings
from tests.world import BEGIN, World, found_call, take_of, word_of

NO_DOCTOR = Rule(effect="not_taken", extensions=("105",))
ONLY_SOUND = Rule(effect="not_analyzed", extensions=("106",))


@pytest.fixture
def booth(monkeypatch: pytest.MonkeyPatch) -> Booth:
    return install_booth(monkeypatch)


@pytest.fixture
def plugged(world: World, booth: Booth) -> World:
    """A box with the booth as its phone system ``booth``, number 2, and rules on it."""
    with writing(world.db):
        execute(world.db, "UPDATE connector SET enabled = 0")
        number = connectors.add_connector(world.db, "booth", "booth", usual_settings(), now=BEGIN)
        assert number == 2
        phones.save_secrets(world.db, world.keys, number, {"password": "p"}, now=BEGIN)
        phones.allow_address(world.db, number, "192.168.1.20")
        connectors.save_rules(world.db, number, [NO_DOCTOR, ONLY_SOUND])
    return world


def ring(booth: Booth, key: str, ago_h: float = 5, **facts: Any) -> FoundCall:
    return booth.ring(found_call(key, minutes_ago=round(ago_h * 60), **facts))


def poll(world: World, times: int = 2) -> None:
    for _ in range(times):
        world.poll()
        world.work()
        world.wait(seconds=30)


def count(world: World, what: str) -> int:
    return int(value(world.db, f"SELECT count(*) FROM {what}"))


def row(world: World) -> connectors.ConnectorRow:
    return connectors.get_connector(world.db, 2)


def test_a_connector_is_opened_with_its_secrets_and_allowed_addresses(
    plugged: World, booth: Booth
) -> None:
    poll(plugged, 1)
    assert booth.looks == [("", {"password": "p"}, ("192.168.1.20",))]


def test_a_call_that_may_not_be_taken_leaves_nothing_but_a_count(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "doctor", staff_extension="105", caller_number="+15125550177")
    ring(booth, "desk")
    poll(plugged, 4)
    assert [plugged.call("desk").state, count(plugged, "call")] == ["ready", 1]
    assert row(plugged).left_out == 1
    assert len(list(plugged.vault.files())) == 1


def test_a_late_leg_that_moves_a_call_under_a_rule_has_it_forgotten(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "moved")
    ring(booth, "stays", ago_h=6)
    poll(plugged, 3)
    assert plugged.call("moved").state == "ready"
    ring(booth, "moved", legs=("101", "105"))
    poll(plugged)
    assert [r["native_key"] for r in booth_calls(plugged)] == ["stays"]
    for table in ("recording", "transcript", "analysis", "card"):
        assert count(plugged, table) == 1, table
    said = "SELECT count(*) FROM segment_fts WHERE segment_fts MATCH ?"
    assert [value(plugged.db, said, (word_of(n),)) for n in (0, 1)] == [0, 1]
    assert row(plugged).left_out == 1
    assert not queue.list_jobs(plugged.db, ("parked", "waiting"))


def booth_calls(world: World) -> list[Any]:
    return list(world.db.query("SELECT native_key FROM call WHERE duplicate_of IS NULL"))


def test_a_late_record_that_takes_a_call_out_of_a_rule_brings_it_in(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "back", legs=("105",))
    poll(plugged, 3)
    assert row(plugged).left_out == 1
    ring(booth, "back", legs=("101",))
    poll(plugged)
    assert plugged.call("back").state == "ready"
    assert row(plugged).left_out == 0


def test_a_double_of_a_forgotten_call_stands_for_itself_again(plugged: World, booth: Booth) -> None:
    ring(booth, "first")
    poll(plugged, 3)
    booth.ring(found_call("double", minutes_ago=301, recordings=(take("first.wav"),)))
    poll(plugged)
    assert count(plugged, "call WHERE duplicate_of IS NOT NULL") == 1
    ring(booth, "first", legs=("105",))
    poll(plugged)
    assert plugged.call("double").state == "ready"
    assert take_of(plugged.db, plugged.call("double").id).file


def take(locator: str) -> FoundRecording:
    return FoundRecording(locator=locator, name=locator, size=9000, modified_ns=1)


def test_a_call_that_may_not_be_analyzed_is_kept_to_hear_and_nobody_listens(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "private", staff_extension="106")
    ring(booth, "missed", recorded=False, answer_state="ring_abandon", queue="106")
    poll(plugged, 3)
    call = plugged.call("private")
    assert (call.state, call.rule) == ("skipped", "not_analyzed")
    assert plugged.call("missed").state == "skipped"
    recording = take_of(plugged.db, call.id)
    assert recording.file
    assert recording.playable_type
    assert recording.duration_ms > 0
    assert count(plugged, "transcript") == count(plugged, "analysis") == 0
    assert not queue.list_jobs(plugged.db, ("parked", "waiting"))
    with pytest.raises(Refused, match="rule"), writing(plugged.db):
        pipeline.redo(plugged.db, call.id, "transcribe", now=plugged.now)


def test_a_rule_met_later_takes_words_and_judgment_back_and_keeps_the_sound(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "moved")
    poll(plugged, 3)
    assert count(plugged, "transcript") == count(plugged, "card") == 1
    ring(booth, "moved", legs=("101", "106"))
    poll(plugged)
    assert plugged.call("moved").state == "skipped"
    assert take_of(plugged.db, plugged.call("moved").id).file
    for table in ("transcript", "segment", "analysis", "card"):
        assert count(plugged, table) == 0, table
    ring(booth, "moved", legs=("101",))
    poll(plugged)
    assert plugged.call("moved").state == "ready"
    assert count(plugged, "transcript") == 1


def test_the_same_news_again_starts_no_work_for_a_call_under_a_rule(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "private", staff_extension="106")
    poll(plugged, 3)
    before = count(plugged, "job WHERE kind = 'transcribe'")
    ring(booth, "private", staff_extension="106", caller_name="Late Name")
    poll(plugged)
    assert plugged.call("private").caller_name == "Late Name"
    assert plugged.call("private").state == "skipped"
    assert count(plugged, "job WHERE kind = 'transcribe'") == before


def probe_now(world: World) -> Any:
    with writing(world.db):
        pipeline.start_chore(world.db, "probe", 2, now=world.now)
    world.work(("courier",))
    return row(world).tested


def test_a_test_shows_the_five_newest_calls_and_keeps_none_of_them(
    plugged: World, booth: Booth
) -> None:
    for number in range(8):
        ring(booth, f"c{number}", ago_h=number + 1)
    ring(booth, "ruled", ago_h=0.5, staff_extension="105", recorded=False)
    seen = probe_now(plugged)
    assert seen.works
    assert [c.started_at for c in seen.calls] == sorted(
        (c.started_at for c in booth.calls), reverse=True
    )[:5]
    assert seen.calls[0].rule == "not_taken"
    told = seen.calls[1]
    assert (told.caller_number, told.staff_extension) == ("+15550100", "101")
    assert told.recordings[0].channels == 1
    assert 500 < told.recordings[0].length_ms < 700
    assert any("both sides" in hint.lower() for hint in told.hints)
    assert (seen.zone, seen.clock_skew_s, seen.capabilities) == ("UTC", 1.0, ("recordings", "cdr"))
    assert count(plugged, "call") == 0
    assert row(plugged).checkpoint == {}
    assert row(plugged).tested_at == plugged.now


def test_a_draft_can_be_tested_without_ever_being_polled(plugged: World, booth: Booth) -> None:
    ring(booth, "one")
    with writing(plugged.db):
        execute(plugged.db, "UPDATE connector SET draft = 1 WHERE id = 2")
    assert clock.poll(plugged.tools()) == 0
    assert len(probe_now(plugged).calls) == 1
    assert count(plugged, "call") == 0


def test_a_test_that_fails_is_a_sentence_however_it_fails(plugged: World, booth: Booth) -> None:
    booth.error = Unavailable("the phone system did not answer in time")
    assert probe_now(plugged).problems == ("the phone system did not answer in time",)
    booth.error = KeyError("5125550142")
    (problem,) = probe_now(plugged).problems
    assert "KeyError" in problem
    assert "5125550142" not in problem
    assert not queue.list_jobs(plugged.db, ("parked",))


def test_a_recording_that_cannot_be_opened_is_told_beside_its_call(
    plugged: World, booth: Booth
) -> None:
    ring(booth, "gone")
    booth.files.clear()
    assert probe_now(plugged).calls[0].recordings[0].problem == "the recording is gone"


def ask(world: World, *, start: bool, days: int = 30) -> Backfill:
    since = (BEGIN - timedelta(days=days)).date()
    with writing(world.db):
        return backlog.ask(world.db, 2, since, start=start, now=world.now)


def backfill(world: World) -> Backfill:
    found = row(world).backfill
    assert found
    return found


def fill(booth: Booth, count: int, talk_ms: int = 90_000) -> None:
    for number in range(count):
        ring(booth, f"old{number:03d}", ago_h=24 * 4 + number, talk_ms=talk_ms)


def test_an_estimate_says_calls_hours_and_that_the_speed_is_not_measured(
    plugged: World, booth: Booth
) -> None:
    fill(booth, 40)
    ring(booth, "too old", ago_h=24 * 40)
    ask(plugged, start=False)
    poll(plugged, 1)
    told = backfill(plugged)
    assert (told.state, told.calls, told.audio_ms) == ("estimated", 40, 40 * 90_000)
    assert told.work_ms is None
    poll(plugged)
    assert count(plugged, "call") == 0


def test_an_estimate_uses_the_measured_speed_of_this_box(plugged: World, booth: Booth) -> None:
    ring(booth, "today")
    poll(plugged, 3)
    with writing(plugged.db):
        execute(plugged.db, "UPDATE transcript SET duration_ms = 120000")
        execute(plugged.db, "UPDATE job SET started_at = ?, finished_at = ?"
                " WHERE kind = 'transcribe'", (to_ms(BEGIN), to_ms(BEGIN) + 60_000))  # fmt: skip
    fill(booth, 10)
    ask(plugged, start=False)
    poll(plugged, 1)
    told = backfill(plugged)
    assert (told.calls, told.known) == (10, 1)
    assert told.work_ms == 10 * 90_000 / 2


def test_a_backfill_receives_every_call_once_newest_first_behind_those_of_today(
    plugged: World, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_chore, "AHEAD", 3)
    fill(booth, 7)
    ask(plugged, start=True)
    plugged.poll()
    plugged.work(("courier",))
    assert (backfill(plugged).state, backlog.count(plugged.db, 2)) == ("running", 7)
    plugged.wait(seconds=30)
    plugged.poll()
    plugged.work(("courier",))
    received = [r["native_key"] for r in booth_calls(plugged)]
    assert sorted(received) == [f"old{n:03d}" for n in range(3)], "the newest, and no more"
    assert backfill(plugged).done == 3
    plugged.wait(seconds=30)
    plugged.poll()
    plugged.work(("courier",))
    assert backfill(plugged).done == 3, "the road is full until somebody has listened"
    ring(booth, "today")
    poll(plugged, 5)
    assert backfill(plugged).state == "done"
    assert count(plugged, "call") == 8
    assert count(plugged, "backlog") == 0
    ask(plugged, start=True)
    poll(plugged, 2)
    again = backfill(plugged)
    assert (again.state, again.calls, again.known) == ("done", 0, 8)
    assert count(plugged, "call") == 8


def test_a_backfill_can_be_estimated_started_and_stopped(
    plugged: World, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_chore, "AHEAD", 3)
    fill(booth, 6)
    ask(plugged, start=False)
    poll(plugged, 1)
    assert ask(plugged, start=True).state == "running"
    with pytest.raises(Refused, match="already"):
        ask(plugged, start=True)
    plugged.poll()
    plugged.work(("courier",))
    with writing(plugged.db):
        stopped = backlog.stop(plugged.db, 2)
    assert stopped
    assert (stopped.state, stopped.done) == ("stopped", 3)
    poll(plugged, 3)
    assert count(plugged, "call") == 3
    assert count(plugged, "backlog") == 0


def test_a_backfill_keeps_to_the_rules(plugged: World, booth: Booth) -> None:
    ring(booth, "doctor", ago_h=100, staff_extension="105")
    ring(booth, "private", ago_h=101, staff_extension="106")
    ask(plugged, start=True)
    poll(plugged, 4)
    assert count(plugged, "call") == 1
    assert plugged.call("private").state == "skipped"
    assert row(plugged).left_out == 1


def test_a_backfill_waits_for_a_phone_system_that_is_away(plugged: World, booth: Booth) -> None:
    fill(booth, 3)
    booth.error = Unavailable("the phone system is away")
    ask(plugged, start=True)
    poll(plugged, 1)
    assert (backfill(plugged).state, backfill(plugged).problem) == (
        "looking", "the phone system is away",
    )  # fmt: skip
    booth.error = None
    poll(plugged, 4)
    assert (backfill(plugged).state, backfill(plugged).problem) == ("done", "")


def test_no_backfill_of_a_paused_system_or_from_the_future(plugged: World) -> None:
    with pytest.raises(Refused, match="not come"):
        ask(plugged, start=True, days=-3)
    with writing(plugged.db):
        connectors.pause(plugged.db, 2)
    with pytest.raises(Refused, match="not read"):
        ask(plugged, start=True)


def watch(world: World) -> list[str]:
    clock.watch(world.tools())
    world.work(("courier",))
    return [entry.alarm.code for entry in alarms.list_alarms(world.db)]


def audited(world: World) -> list[tuple[str, str]]:
    return [
        (e.action, e.detail["alarm"])
        for e in reversed(audit.list_entries(world.db))
        if e.action.startswith("alarm")
    ]


def test_an_alarm_is_raised_once_and_cleared_by_itself_and_both_are_in_the_log(
    plugged: World, booth: Booth
) -> None:
    booth.told_probe = Probe(clock_skew_s=900.0, quota_used=0.97)
    assert watch(plugged) == ["skew", "full"]
    plugged.wait(hours=1)
    assert watch(plugged) == ["skew", "full"]
    booth.told_probe = Probe(clock_skew_s=0.0, quota_used=0.97)
    assert watch(plugged) == ["full"]
    assert audited(plugged) == [
        ("alarm_raised", "skew"), ("alarm_raised", "full"), ("alarm_cleared", "skew"),
    ]  # fmt: skip
    finding = health.check_alarms(plugged.db, plugged.tools())
    assert finding.state == "warning"
    assert "97%" in finding.found
    assert finding.advice


def test_a_phone_system_that_fails_for_over_an_hour_is_an_alarm_until_it_answers(
    plugged: World, booth: Booth
) -> None:
    booth.error = Unavailable("the phone system is away")
    poll(plugged, 1)
    assert watch(plugged) == []
    plugged.wait(hours=2)
    poll(plugged, 1)
    assert watch(plugged) == ["failing"]
    booth.error = None
    poll(plugged, 1)
    assert watch(plugged) == []


def test_a_look_that_breaks_again_and_again_is_an_alarm_too(plugged: World, booth: Booth) -> None:
    booth.error = KeyError("surprise")
    plugged.poll()
    for _ in range(4):
        plugged.work()
        plugged.wait(minutes=10)
    assert queue.list_jobs(plugged.db, ("parked",))
    plugged.wait(hours=1)
    booth.error = None
    assert watch(plugged) == ["failing"]


def test_silence_in_opening_hours_is_noticed_and_over_with_the_next_call(
    plugged: World, booth: Booth
) -> None:
    clinic = ClinicSettings(hours={str(day): ("00:00", "23:59") for day in range(7)})
    with writing(plugged.db):
        save_settings(plugged.db, clinic)
    half_hours = range(12, 2 * 24 * 21)
    told = [found_call(f"h{n}", recorded=False, minutes_ago=30 * n) for n in half_hours]
    plugged.receive(*told, connector="booth")
    with writing(plugged.db):
        execute(plugged.db, "UPDATE call SET found_at = started_at")
    assert watch(plugged) == ["silent"]
    (entry,) = alarms.list_alarms(plugged.db)
    assert entry.connector == "booth"
    assert entry.alarm.since == BEGIN - timedelta(hours=6)
    plugged.receive(found_call("now", recorded=False, minutes_ago=1), connector="booth")
    assert watch(plugged) == []


def test_a_paused_phone_system_is_quiet_by_wish(plugged: World, booth: Booth) -> None:
    booth.told_probe = Probe(quota_used=0.97)
    assert watch(plugged) == ["full"]
    with writing(plugged.db):
        connectors.pause(plugged.db, 2)
    assert watch(plugged) == []


def test_shares_of_the_last_day_are_counted_from_the_calls_themselves(plugged: World) -> None:
    late = {"warnings": ("cdr_without_file",), "metadata_level": "cdr"}
    alone = {"metadata_level": "filename"}
    plugged.receive(
        found_call("a", recorded=False, **late), found_call("b", **alone), found_call("c"),
        found_call("old", minutes_ago=3000, **alone), connector="booth",
    )  # fmt: skip
    with writing(plugged.db):
        execute(plugged.db, "UPDATE recording SET channels = 2"
                " WHERE call_id = (SELECT id FROM call WHERE native_key = 'b')")  # fmt: skip
    day = alarms.count_span(plugged.db, "booth", BEGIN - timedelta(days=1), BEGIN)
    assert (day.calls, day.records_alone, day.files_alone) == (3, 1, 2)
    assert (day.heard, day.apart) == (1, 1)
