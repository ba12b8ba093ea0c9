"""The draft of what is shared of a call: staff's words, without the caller."""

import pytest

from appliance.facts.analysis import Span
from appliance.facts.speech import Segment
from appliance.reading.masking import draft_quote


def said(*lines: str, speaker: str = "staff") -> list[Segment]:
    return [Segment(index=i, text=text, speaker=speaker) for i, text in enumerate(lines)]


def draft(text: str, **told: list[str]) -> str:
    return draft_quote(said(text), (), **told)


def test_only_what_staff_said_is_taken() -> None:
    assert draft_quote(said("my number is private", speaker="caller"), ()) == ""
    assert draft_quote(said("who is it", speaker="unknown"), ()) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "We have tomorrow at 10:30 or Friday at three.",
            "We have tomorrow at 10:30 or Friday at three.",
        ),
        ("Good morning, Sarah. How is Bella?", "Good morning, •••. How is •••?"),
        ("Sarah, I can help.", "•••, I can help."),
        ("Great, I can help.", "Great, I can help."),
        ("So that is 512-555-0142, right?", "So that is •••, right?"),
        ("Five five five, oh one four two.", "•••."),
        ("I wrote sarah@example.com and jo at example dot com.", "I wrote ••• and •••."),
        ("It is $85 for the exam.", "It is $85 for the exam."),
        ("Is Bella’s leg better?", "Is ••• leg better?"),
    ],
)
def test_names_numbers_and_addresses_go(text: str, shown: str) -> None:
    assert draft(text) == shown


def test_names_of_the_clinic_and_its_staff_stay() -> None:
    keep = ["Willow Creek", "Denise"]
    assert (
        draft("You called Willow Creek, this is Denise.", keep=keep)
        == "You called Willow Creek, this is Denise."
    )


def test_the_callers_name_goes_also_in_small_letters() -> None:
    assert draft("ok miller, see you", hide=["Sarah Miller"]) == "ok •••, see you"


def test_a_name_heard_anywhere_in_the_call_goes_at_the_start_of_a_sentence_too() -> None:
    call = said("Bella is fine.", "It is about Bella.")
    assert draft_quote(call[:1], (), call=call) == "••• is fine."


def test_what_was_read_as_personal_data_goes() -> None:
    text = "mo here, we drive to elm street one today"
    at = text.index("elm")
    spans = (
        Span(segment=0, start=at, end=at + len("elm street one"), type="ADDRESS"),
        Span(segment=0, start=0, end=2, type="STAFF"),
        Span(segment=1, start=0, end=9, type="PERSON"),
    )
    assert draft_quote(said(text), spans) == "mo here, we drive to ••• today"
