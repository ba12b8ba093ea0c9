"""Questions of the clinic's own: phrases that a manager writes, and what they answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import Misconfigured
from appliance.facts.rubrics import Answer, Check, Item, Rubric
from appliance.facts.speech import Segment
from appliance.reading.questions import (
    answer,
    answer_questions,
    compile_phrases,
    quote,
    read_phrases,
    turns_said,
)

TALK = (
    ("staff", "Thank you for calling, who told you about us?"),
    ("caller", "My neighbor referred me."),
    ("staff", "That's nice. I'm"),
    ("staff", "going to look for a time."),
    ("unknown", "We take all credit cards."),
)


def segments(*talk: tuple[str, str]) -> list[Segment]:
    return [Segment(index=i, speaker=who, text=text) for i, (who, text) in enumerate(talk)]


def asked(text: str, speaker: str = "staff", present: str = "met") -> Answer:
    check = Check(phrases=read_phrases(text), speaker=speaker, present=present)
    return answer(check, turns_said(segments(*TALK)))


@pytest.mark.parametrize(
    "text",
    [
        "who told you about us",
        "WHO TOLD YOU, about us?",
        "nothing like this\nwho told you",
        "thank you * about us",
        "call* who",
        "who * about",
        "I am going to look",  # contractions are opened on both sides, over segments of one turn
        "I'm gonna look",
    ],
)
def test_a_phrase_is_heard_however_it_is_written(text: str) -> None:
    assert asked(text).state == "met"


@pytest.mark.parametrize(
    "text", ["who told me", "told you who", "thank you * look for", "all", "refer*", "who tol"]
)
def test_what_was_not_said_by_that_side_is_not_met(text: str) -> None:
    assert asked(text).state in ("not_met", "cannot_tell")
    if text != "all":
        assert asked(text).state == "not_met"


def test_what_is_said_may_be_what_must_not_be_said() -> None:
    assert asked("who told you", present="not_met").state == "not_met"
    assert asked("whatever", present="not_met").state == "met"


def test_who_says_it_matters_and_when_nobody_knows_it_cannot_be_told() -> None:
    assert asked("referred me", "caller").state == "met"
    assert asked("referred me", "staff").state == "not_met"
    assert asked("credit cards").state == "cannot_tell"


def test_an_answer_names_the_segment_that_holds_it_and_its_words() -> None:
    found = asked("look for a time")
    assert (found.first_segment, found.last_segment) == (3, 3)
    assert quote(segments(*TALK), found) == "going to look for a time."
    over = asked("I am going to look")
    assert (over.first_segment, over.last_segment) == (2, 3)


def test_where_that_side_said_nothing_there_is_nothing_to_tell() -> None:
    check = Check(phrases=("hello",))
    assert answer(check, turns_said(segments(("caller", "Hello?")))).state == "cannot_tell"


def test_questions_are_asked_only_where_they_apply_and_are_on() -> None:
    check = Check(phrases=("who told you",))
    items = (
        Item(name="x_on", check=check),
        Item(name="x_off", check=check, on=False),
        Item(name="x_not_here", check=check, not_for=("refill",)),
        Item(name="empathy"),
    )
    rubric = Rubric(number=2, items=items)

    def states(intent: str, talk: list[Segment]) -> dict[str, str]:
        return {n: a.state for n, a in answer_questions(rubric, talk, intent).items()}

    assert states("wellness", segments(*TALK)) == {"x_on": "met", "x_not_here": "met"}
    assert states("refill", segments(*TALK)) == {"x_on": "met", "x_not_here": "na"}
    assert states("end_of_life", segments(*TALK)) == {"x_on": "na", "x_not_here": "na"}
    assert states("wellness", []) == {"x_on": "na", "x_not_here": "na"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*", "no words"),
        ("?!", "no words"),
        ("um * uh", "no words"),
        ("a * b * c * d * e", "at most 3 gaps"),
        ("a" * 121, "at most 120 letters"),
        ("\n".join(f"phrase {n}" for n in range(41)), "at most 40 phrases"),
    ],
)
def test_what_cannot_be_a_phrase_is_told(text: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        read_phrases(text)


def test_empty_lines_and_doubles_are_dropped() -> None:
    assert read_phrases("\n may I  help \n\nmay I help\nhello*\n") == ("may I help", "hello*")


@given(st.text(max_size=80), st.text(max_size=200))
def test_no_phrase_of_any_signs_breaks_anything(text: str, said: str) -> None:
    try:
        lines = read_phrases(text)
    except Misconfigured:
        return
    if lines:
        compile_phrases(lines)
        assert answer(Check(phrases=lines), turns_said(segments(("staff", said)))).state


def test_many_gaps_over_a_long_call_are_looked_for_in_no_time() -> None:
    lines = tuple(f"the * the * the * word{n}" for n in range(40))
    talk = segments(("staff", "the cat and the dog and the bird " * 150))
    assert answer(Check(phrases=lines), turns_said(talk)).state == "not_met"
