"""A second opinion on its way: who gets one, what waits for what, and what it may not change."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from appliance import clock, queue
from appliance.chores import ask_opinion
from appliance.db import row, rows, value, writing
from appliance.errors import Tampered
from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.calls import CallFilter
from appliance.facts.opinions import OpinionServer
from appliance.facts.reviews import Review
from appliance.facts.speech import Segment, Transcript
from appliance.stages import publish
from appliance.store import analyses, calls, opinion_servers, opinions, reviews, transcripts
from appliance.store.egress import list_egress
from tests.opinions.emulator import MODEL, Emulator, error, http, labels, lines_of, model_server
from tests.world import BEGIN, PROVENANCE, World, found_call

pytestmark = pytest.mark.usefixtures("lan")
WORDS = ("Lakeside, this is Finn.", "My dog limps, can you see him?", "We are full today.", "Bye.")


def tell(world: World, key: str, *texts: str, **read: Any) -> int:
    """A call with these words, read as said, published."""
    [call_id] = world.receive(found_call(key, recorded=False))
    assert call_id
    segments = tuple(Segment(index=n, text=text) for n, text in enumerate(texts))
    with writing(world.db):
        if segments:
            said = Transcript(language="en", segments=segments, provenance=PROVENANCE)
            transcripts.save_transcript(world.db, call_id, said, now=BEGIN)
        analyses.save_analysis(
            world.db, call_id, Analysis(provenance=PROVENANCE, **read), now=BEGIN
        )
    publish_again(world, call_id)
    return call_id


def publish_again(world: World, call_id: int) -> None:
    fact = publish.work(world.db, world.tools(), call_id)
    with writing(world.db):
        publish.save(world.db, fact, world.now)


def turned_away(world: World, key: str = "linked-77") -> int:
    lost = Turnaway(reason="cap_day", kind="capacity")
    return tell(world, key, *WORDS, intent="sick_visit", outcome="refused", turnaway=lost)


def booked(world: World, key: str = "booked") -> int:
    return tell(world, key, *WORDS[:2], "Ten?", "Yes.", intent="sick_visit", outcome="booked")


@contextmanager
def advised(world: World, *args: Any, scope: str = "all", **more: Any) -> Iterator[Emulator]:
    """A model server that is set up in the world."""
    with model_server(*args, **more) as emulator:
        set_server(world, emulator.url, scope)
        yield emulator


def set_server(world: World, url: str, scope: str = "all", **more: Any) -> None:
    settings = {"url": url, "allowed": "127.0.0.1", "model": MODEL, "timeout_s": 30}
    settings |= {"set_by": "Maria"} | more
    with writing(world.db):
        opinion_servers.save_server(world.db, OpinionServer(scope=scope, **settings))


def later(world: World, **span: float) -> None:
    """Let time pass and the clock tick."""
    world.wait(**span)
    clock.post(world.tools())
    deliver(world)


def deliver(world: World) -> None:
    """Do what the courier has to do: the calls here were read by hand, not on the road."""
    world.work(("courier",))


OTHER = labels(
    intent=("sick_visit", 1), outcome=("refused", 2), turnaway=("no_ask", 1, 2), urgency=("soon", 1)
)


def test_a_second_opinion_is_kept_beside_the_reading_and_changes_nothing(world: World) -> None:
    with advised(world, OTHER) as emulator:
        call_id = turned_away(world)
        card = row(world.db, "SELECT * FROM card WHERE call_id = ?", (call_id,))
        deliver(world)
    opinion = opinions.get_opinion(world.db, call_id)
    assert opinion is not None
    assert opinion.provenance.model == MODEL
    assert opinion.provenance.options["prompt"] == "opinion-1"
    differing = [c for c in opinions.compared(world.db, call_id) if c.differs]
    assert [(c.label, c.ours, c.theirs) for c in differing] == [
        ("turnaway", "cap_day", "no_ask"),
        ("urgency", "unknown", "soon"),
    ]
    assert row(world.db, "SELECT * FROM card WHERE call_id = ?", (call_id,)) == card
    analysis = analyses.get_analysis(world.db, call_id)
    assert analysis and analysis.turnaway and analysis.turnaway.reason == "cap_day"
    assert len(emulator.asked) == 1


def test_nothing_is_sent_while_it_is_off(world: World) -> None:
    with advised(world, OTHER, scope="off") as emulator:
        turned_away(world)
        later(world, hours=1)
    assert emulator.heads == []
    assert opinions.count_opinions(world.db) == 0


@pytest.mark.parametrize(("scope", "asked"), [("hand", 0), ("turnaways", 2), ("all", 3)])
def test_only_the_calls_of_the_scope_are_sent(world: World, scope: str, asked: int) -> None:
    with advised(world, OTHER, scope=scope) as emulator:
        turned_away(world)
        booked(world)
        tell(world, "unclear", *WORDS[:2])
        tell(world, "silent")
        for _ in range(4):
            later(world, minutes=1)
    assert len(emulator.asked) == asked


def test_number_name_time_and_clinic_stay_on_the_box(world: World) -> None:
    with advised(world, OTHER) as emulator:
        call_id = turned_away(world)
        deliver(world)
    call = world.call(call_id)
    sent = json.dumps(emulator.asked) + repr(emulator.heads)
    kept = (call.ref, call.caller_number, "0100", call.native_key, "2026", "phones", "petsvet")
    assert not any(fact in sent for fact in kept)
    assert [line["said"] for line in lines_of(emulator.asked[0])] == list(WORDS)


def test_the_log_knows_before_words_leave(world: World) -> None:
    logged: list[int] = []

    def answer(question: dict[str, Any]) -> bytes:
        db = world.open_db()
        logged.append(value(db, "SELECT count(*) FROM audit WHERE action = 'send_words'"))
        return http("500 Internal Server Error", "")

    with advised(world, answer=answer):
        call_id = turned_away(world)
        deliver(world)
    assert logged == [1]
    noted = row(world.db, "SELECT * FROM audit WHERE action = 'send_words'")
    assert noted and noted["subject"] == world.call(call_id).ref
    detail = json.loads(noted["detail"])
    assert "(127.0.0.1)" in detail["destination"]
    assert detail["allowed_by"] == "Maria"
    gone = list_egress(world.db)
    assert [(g.kind, g.subject, g.sha256) for g in gone] == [
        ("second_opinion", noted["subject"], detail["sha256"])
    ]


def test_only_so_many_calls_are_sent_a_minute(world: World) -> None:
    with advised(world, OTHER) as emulator:
        set_server(world, emulator.url, per_minute=2)
        for number in range(4):
            turned_away(world, f"away-{number}")
        deliver(world)
        assert len(emulator.asked) == 1
        later(world, seconds=29)
        assert len(emulator.asked) == 1
        later(world, seconds=1)
        assert len(emulator.asked) == 2


def test_calls_that_come_one_by_one_are_not_sent_faster(world: World) -> None:
    with advised(world, OTHER) as emulator:
        set_server(world, emulator.url, per_minute=2)
        for number in range(3):
            turned_away(world, f"away-{number}")
            deliver(world)
        assert len(emulator.asked) == 1
        for _ in range(2):
            world.wait(seconds=30)
            deliver(world)
        assert len(emulator.asked) == 3


def test_recordings_come_before_opinions(world: World) -> None:
    with advised(world, OTHER) as emulator:
        turned_away(world)
        with writing(world.db):
            queue.enqueue(world.db, "probe", 1, "courier", now=world.now)
        fact = ask_opinion.work(world.db, world.tools(), 0)
    assert fact.wished is None
    assert emulator.asked == []


def test_a_failing_server_is_tried_less_and_less_and_then_left_alone(world: World) -> None:
    with advised(world, raw=http("503 Service Unavailable", "")) as emulator:
        for number in range(5):
            turned_away(world, f"away-{number}")
        for _ in range(60):
            later(world, minutes=1)
        tried = len(emulator.asked)
        state = opinion_servers.get_state(world.db)
        assert 5 <= tried <= 12
        assert state.paused_until is not None
        assert state.paused_until <= world.now + timedelta(hours=1)
        assert "503" in state.problem
        emulator.answer = lambda question: model_answer(OTHER)
        for _ in range(90):
            later(world, minutes=1)
    assert opinions.count_opinions(world.db) == 5
    assert opinion_servers.get_state(world.db).failures == 0


def model_answer(content: str) -> bytes:
    told = {"choices": [{"message": {"content": content}}]}
    return http("200 OK", json.dumps(told))


def test_retry_after_is_obeyed_for_all_calls(world: World) -> None:
    with advised(world, raw=http("429 Too Many Requests", "", "Retry-After: 600")) as emulator:
        turned_away(world, "one")
        turned_away(world, "two")
        for _ in range(9):
            later(world, minutes=1)
        assert len(emulator.asked) == 1
        later(world, minutes=2)
        assert len(emulator.asked) == 2


def test_a_call_that_is_always_answered_badly_is_given_up_and_told(world: World) -> None:
    with advised(world, "I am only a poem."):
        call_id = turned_away(world)
        for _ in range(20):
            later(world, hours=7)
        wished = opinions.get_wish(world.db, call_id)
    assert wished and wished.gave_up
    assert "form" in wished.problem
    assert opinions.count_waiting(world.db) == (0, 1)


def test_a_call_that_is_too_long_is_given_up_at_once_and_the_server_is_not_blamed(
    world: World,
) -> None:
    with advised(world, raw=error("400 Bad Request", "maximum context length is 4096")):
        call_id = turned_away(world)
        deliver(world)
    wished = opinions.get_wish(world.db, call_id)
    assert wished and wished.gave_up
    assert opinion_servers.get_state(world.db).failures == 0


def test_a_server_that_is_away_overnight_loses_no_call(world: World) -> None:
    with model_server(OTHER) as emulator:
        away = emulator.url
    set_server(world, away)
    call_id = turned_away(world)
    for _ in range(12):
        later(world, hours=2)
    wished = opinions.get_wish(world.db, call_id)
    assert wished and not wished.gave_up
    with advised(world, OTHER):
        later(world, hours=7)
    assert opinions.get_opinion(world.db, call_id)


def test_trouble_with_a_server_never_holds_up_the_road(world: World) -> None:
    def broken(question: dict[str, Any]) -> None:
        return None

    with advised(world, answer=broken):
        world.drop(3)
        world.poll()
        world.work()
        assert [c.call.state for c in calls.list_calls(world.db, CallFilter())[0]] == ["ready"]
    parked = rows(world.db, "SELECT kind FROM job WHERE state = 'parked'")
    assert parked == []


def test_analyzing_again_compares_again_and_sends_nothing_twice(world: World) -> None:
    with advised(world, OTHER) as emulator:
        call_id = turned_away(world)
        deliver(world)
        same = Analysis(
            intent="sick_visit", outcome="refused", urgency="soon", provenance=PROVENANCE,
            turnaway=Turnaway(reason="no_ask", kind="skill"),
        )  # fmt: skip
        with writing(world.db):
            analyses.save_analysis(world.db, call_id, same, now=BEGIN)
        publish_again(world, call_id)
        later(world, minutes=5)
        assert len(emulator.asked) == 1
    assert not any(c.differs for c in opinions.compared(world.db, call_id))
    found = calls.list_calls(world.db, CallFilter(opinions_differ=True))[0]
    assert found == []


def test_the_list_of_differing_calls_leaves_out_what_a_person_has_settled(world: World) -> None:
    with advised(world, OTHER):
        call_id = turned_away(world)
        deliver(world)
    only = CallFilter(opinions_differ=True)
    assert [r.call.id for r in calls.list_calls(world.db, only)[0]] == [call_id]
    for label, said in (("turnaway", "no_ask"), ("urgency", "soon")):
        assert calls.list_calls(world.db, only)[0]
        verdict = Review(
            name=label, suggested="", verdict="corrected", value=said, reason="", by="Maria",
            at=BEGIN,
        )  # fmt: skip
        with writing(world.db):
            reviews.judge(world.db, call_id, verdict)
    assert calls.list_calls(world.db, only)[0] == []


def test_forgetting_a_call_forgets_what_was_said_of_it(world: World) -> None:
    with advised(world, OTHER):
        call_id = turned_away(world)
        deliver(world)
        with writing(world.db):
            opinions.wish(world.db, call_id, "Maria", now=world.now)
            calls.forget_reading(world.db, call_id)
    assert opinions.get_opinion(world.db, call_id) is None
    assert opinions.get_wish(world.db, call_id) is None
    assert opinions.compared(world.db, call_id) == ()


def test_the_key_is_sealed_and_a_changed_one_is_noticed(world: World) -> None:
    set_server(world, "http://127.0.0.1:9/v1")
    with writing(world.db):
        opinion_servers.save_key(world.db, world.keys.connectors, "sk-lakeside")
    assert opinion_servers.read_key(world.db, world.keys.connectors) == "sk-lakeside"
    blob = value(world.db, "SELECT secret FROM opinion_server")
    assert b"lakeside" not in bytes(blob)
    with writing(world.db):
        world.db.execute("UPDATE opinion_server SET secret = ?", (bytes(blob)[:-1] + b"x",))
    with pytest.raises(Tampered):
        opinion_servers.read_key(world.db, world.keys.connectors)


def test_a_test_finds_out_that_a_renewed_server_knows_the_strict_form(world: World) -> None:
    with advised(world):
        with writing(world.db):
            opinion_servers.change_state(world.db, mode="plain")
            queue.enqueue(world.db, "try_opinion", 0, "courier", now=world.now)
        deliver(world)
    assert opinion_servers.get_state(world.db).mode == "json_schema"


def test_a_call_that_was_given_up_is_tried_anew_with_another_model(world: World) -> None:
    with advised(world, raw=error("400 Bad Request", "maximum context length is 4096")) as emulator:
        call_id = turned_away(world)
        deliver(world)
        emulator.answer = lambda question: model_answer(OTHER)
        later(world, hours=1)
        assert opinions.get_opinion(world.db, call_id) is None
        with writing(world.db):
            assert opinions.revive(world.db, now=world.now) == 1
        later(world, hours=1)
    assert opinions.get_opinion(world.db, call_id)


def test_a_test_sends_no_word_of_a_real_call(world: World) -> None:
    with advised(world, scope="hand") as emulator:
        turned_away(world)
        with writing(world.db):
            queue.enqueue(world.db, "try_opinion", 0, "courier", now=world.now)
        deliver(world)
    tested = opinion_servers.get_state(world.db).tested
    assert tested and tested.problem == "" and tested.models == (MODEL,)
    assert "limps" not in json.dumps(emulator.asked)
