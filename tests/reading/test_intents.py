"""Why people call: openings.txt is a regression list (78 % read right at first, then tuned on)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.facts.analysis import CallContext
from tests.reading.talk import talk

_OPENINGS = Path(__file__).parent / "openings.txt"
HELLO = "S: Oakwood Animal Clinic, this is Amy, how can I help you?"


def openings() -> Iterator[tuple[str, str]]:
    """Pairs of intent and the caller's first words."""
    for line in _OPENINGS.read_text().splitlines():
        intent, words = line.split("|", 1)
        yield intent, words


def test_nine_of_ten_openings_are_read_right() -> None:
    right = [talk(HELLO, f"C: {words}").intent == intent for intent, words in openings()]
    assert sum(right) / len(right) >= 0.9


@pytest.mark.parametrize("words", ["hello", "um", "yeah hi", "okay"])
def test_words_without_a_reason_are_unknown(words: str) -> None:
    assert talk(HELLO, f"C: {words}").intent == "unknown"


def test_the_first_reason_leads_and_later_ones_follow() -> None:
    call = talk(HELLO, "C: I need a refill of his thyroid pills", "S: sure",
                "C: and I want to schedule his teeth cleaning")  # fmt: skip
    assert (call.intent, call.secondary) == ("refill", ("dental",))


def test_the_desk_states_the_reason_when_it_calls_out() -> None:
    call = talk("C: Hello?", "S: Hi, this is Amy from Oakwood Animal Clinic, I'm calling to confirm "
                "Milo's appointment tomorrow at nine", "C: yes, we'll be there",
                context=CallContext(direction="out"))  # fmt: skip
    assert call.intent == "confirm"


def test_how_much_first_is_a_price_question_and_the_service_comes_second() -> None:
    call = talk(HELLO, "C: how much do you charge to spay a dog")
    assert (call.intent, call.secondary) == ("price_shop", ("surgery",))


def test_a_sick_pet_without_asking_for_a_visit_is_a_triage_question() -> None:
    asks = talk(HELLO, "C: my dog is limping a little, should I be worried?")
    books = talk(HELLO, "C: my dog is limping, can I bring him in this afternoon?")
    assert (asks.intent, books.intent) == ("triage_question", "sick_visit")
