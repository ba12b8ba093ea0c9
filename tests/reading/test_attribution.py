"""Who speaks: exact where channels tell, careful where only words do."""

import json
from pathlib import Path

import pytest

from appliance.facts.speech import Segment
from appliance.reading.attribution import attribute

SIDES = {"0": "caller", "1": "staff"}
SAMPLES = Path(__file__).parents[2] / "models" / "demo" / "calls" / "scripts.jsonl"


def said(*turns: str | tuple[str, int]) -> list[Segment]:
    """Segments of these texts, with a channel where one is given."""
    pairs = [turn if isinstance(turn, tuple) else (turn, 0) for turn in turns]
    return [Segment(index=i, text=text, channel=side) for i, (text, side) in enumerate(pairs)]


def test_a_channel_map_is_exact_whatever_is_said() -> None:
    segments = said(("Thank you for calling, how can I help?", 0), ("Yes.", 1))
    assert attribute(segments, SIDES) == {0: ("caller", "channel"), 1: ("staff", "channel")}


def test_legs_say_that_they_are_legs() -> None:
    assert attribute(said(("Yes.", 1)), SIDES, why="leg") == {0: ("staff", "leg")}


def test_an_announcement_on_the_staff_side_is_the_machine() -> None:
    found = attribute(said(("This call may be recorded.", 1), ("Press one", 0)), SIDES)
    assert found == {0: ("ivr", "announcement"), 1: ("caller", "channel")}


def test_two_channels_without_a_map_are_told_apart_by_the_greeting() -> None:
    segments = said(
        ("Thank you for calling Willow Creek, how can I help?", 1), ("Hi.", 0), ("Sure.", 1)
    )
    assert [s for s, _ in attribute(segments, None).values()] == ["staff", "caller", "staff"]


def test_two_channels_without_map_or_greeting_stay_unknown() -> None:
    assert {s for s, _ in attribute(said(("Yes.", 0), ("No.", 1)), None).values()} == {"unknown"}


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Willow Creek Animal Hospital, this is Denise.", "staff"),
        ("Hi, I need to make an appointment, my dog has a cough.", "caller"),
        ("Can I get your last name?", "staff"),
        ("Okay.", "unknown"),
        ("my cat is sick let me check my calendar", "unknown"),
    ],
)
def test_a_mono_turn_is_told_by_its_words_or_not_at_all(text: str, speaker: str) -> None:
    assert attribute(said(text), None)[0][0] == speaker


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_case_and_punctuation_do_not_matter(change: type[str.lower]) -> None:
    text = "Thank you for calling Willow Creek. How may I help you?"
    assert attribute(said(change(text).replace(".", "")), None)[0][0] == "staff"


def test_on_mixed_down_sample_calls_a_given_label_is_nearly_always_right() -> None:
    right = wrong = 0
    for line in SAMPLES.read_text().splitlines():
        turns = json.loads(line)["segments"]
        found = attribute(said(*(turn["text"] for turn in turns)), None)
        for turn, (speaker, _) in zip(turns, found.values(), strict=True):
            right += speaker == turn["speaker"]
            wrong += speaker not in ("unknown", turn["speaker"])
    assert right >= 60
    assert wrong <= right * 0.05
