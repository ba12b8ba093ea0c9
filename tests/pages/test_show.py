"""Plain words: what people read instead of codes, milliseconds and numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest

from appliance.facts import codes
from appliance.facts.calls import Call
from appliance.store.settings import zone_of
from webui import show
from webui.calls import Chosen, as_filter, lanes_of, read_chosen

CHICAGO = zone_of("America/Chicago")
NOW = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)  # the day on which clocks go back there


def test_times_are_told_in_the_clinics_zone() -> None:
    late = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)

    assert show.clock(late, CHICAGO) == "11:30 PM"
    assert show.day(late, CHICAGO, NOW) == "Yesterday"
    assert show.day(NOW, CHICAGO, NOW) == "Today"
    assert show.day(NOW - timedelta(days=400), CHICAGO, NOW) == "Saturday, September 27, 2025"
    assert zone_of("Nowhere/Land").key == "UTC"


@pytest.mark.parametrize(("ms", "told"), [(0, "0:00"), (67_900, "1:07"), (3_729_000, "1:02:09")])
def test_positions_read_like_a_clock(ms: int, told: str) -> None:
    assert show.position(ms) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [("+15125550142", "•••-0142"), ("(512) 555-0142", "•••-0142"), ("101", "101"), ("", "")],
)
def test_only_the_end_of_a_number_is_shown(number: str, told: str) -> None:
    assert show.masked(number) == told


def test_every_code_has_words_of_its_own() -> None:
    known = {
        *codes.ANSWER_STATES, *codes.INTENTS, *codes.OUTCOMES, *codes.URGENCIES,
        *codes.KIND_OF_REASON, *codes.CALLER_RELATIONS, *codes.RUBRIC_STATES, *codes.CALL_STATES,
        *codes.INTENT_GROUPS, *codes.ROLES, *codes.SPEAKERS, *codes.SENTIMENTS, *codes.DISCLOSURE,
    }  # fmt: skip
    assert known - show.LABELS.keys() == set()
    assert set(codes.TURNAWAY_KINDS) == show.KINDS.keys()
    assert set(codes.RUBRIC_ITEMS) == show.RUBRIC.keys()


def test_a_day_of_the_clinic_is_asked_for_as_moments_even_when_clocks_change() -> None:
    asked = as_filter(read_chosen({"when": "today"}), CHICAGO, NOW, None)

    assert asked.started_from == datetime(2026, 11, 1, 5, tzinfo=UTC)
    assert asked.started_before == datetime(2026, 11, 2, 6, tzinfo=UTC)


def test_filters_survive_the_address_and_nonsense_is_dropped() -> None:
    chosen = Chosen(when="dates", day_from=date(2026, 11, 1), q="limping", turnaway="no_ask")

    assert read_chosen(chosen.address()) == chosen
    assert read_chosen({"when": "soon", "intent": "x' OR 1", "from": "yesterday"}) == Chosen()
    assert read_chosen({"q": "“come in”"}).q == '"come in"'


def test_a_call_without_sound_has_one_lane() -> None:
    assert lanes_of([]) == ["mixed"]


@pytest.mark.parametrize(("direction", "told"), [("in", "•••-0142"), ("out", "•••-0177")])
def test_the_number_shown_is_that_of_whoever_is_outside(direction: str, told: str) -> None:
    number, dialed = ("+15125550142", "100") if direction == "in" else ("102", "+15125550177")
    call = Call(
        id=1, ref="a", connector="pbx", native_key="1", started_at=NOW, duration_ms=1, talk_ms=1,
        ring_ms=None, direction=direction, answer_state="answered", caller_number=number,
        caller_name="", dialed=dialed, staff_extension="", staff_name="", queue="",
        after_hours=None, metadata_level="cdr", warnings=(), state="ready",
    )  # fmt: skip
    assert show.outside(call) == told
    assert show.caller(call) == told


@pytest.mark.parametrize(
    ("told", "inside"),
    [("Yesterday, 6:00 PM", "yesterday, 6:00 PM"), ("Today", "today"),
     ("Monday, November 16", "Monday, November 16")],
)  # fmt: skip
def test_days_stand_in_sentences_as_people_write_them(told: str, inside: str) -> None:
    assert show.within(told) == inside
