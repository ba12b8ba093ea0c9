"""Who calls, how they sound, who picked up and whether the recording was announced."""

import pytest

from appliance.facts.analysis import CallContext
from appliance.reading.plain import plain
from appliance.reading.speakers import attribute
from tests.reading.talk import segments, talk

SICK = "C: hi, my dog Rex is coughing, can I bring him in"


@pytest.mark.parametrize(
    ("greeting", "name"),
    [
        ("Elm Veterinary Clinic, this is Joy, how can I help?", "Joy"),
        ("elm veterinary clinic this is joy how can i help", "joy"),
        ("Elm Veterinary Clinic, Joy speaking.", "Joy"),
        ("Elm Veterinary Clinic, you've got Marisol.", "Marisol"),
        ("Thank you for calling Elm Vet, how can I help you?", None),
        ("This is Harbor Cat and Dog, how can I help you?", None),
    ],
)
def test_the_name_in_the_greeting_is_the_staff_name(greeting: str, name: str | None) -> None:
    call = talk(f"S: {greeting}", SICK)
    assert call.staff_name == name
    assert call.rubric["greeting_name"] == ("met" if name else "not_met")


def test_a_notice_played_first_is_a_disclosure() -> None:
    notice = "I: Thank you for calling Elm Vet. This call may be recorded for quality."
    assert talk(notice, "S: Elm Vet, this is Joy", SICK).disclosure_heard == "yes"
    assert talk("S: Elm Vet, this is Joy", SICK).disclosure_heard == "no"
    assert talk("I: press four. Please stay on the line.", SICK).disclosure_heard == "cannot_tell"


@pytest.mark.parametrize(
    ("answer", "relation"),
    [
        ("C: No, this is our first time.", "new_client"),
        ("C: Yes, a few times.", "existing_client"),
    ],
)
def test_the_desk_asks_whether_they_have_been_before(answer: str, relation: str) -> None:
    call = talk("S: Elm Vet", SICK, "S: Have you been here before?", answer)
    assert call.caller_relation == relation


def test_other_clinics_are_professionals() -> None:
    call = talk("S: Elm Vet", "C: I'm calling from Oak Animal Hospital, we need records for a dog")
    assert call.caller_relation == "professional"


def test_a_danger_denied_is_not_red() -> None:
    call = talk("S: Elm Vet", "C: he's limping", "S: any bleeding?", "C: no, no bleeding at all")
    assert call.urgency != "red"
    assert talk("S: Elm Vet", "C: my dog was hit by a car").urgency == "red"


def test_thanks_of_a_caller_who_got_nothing_are_courtesy() -> None:
    call = talk(
        "S: Elm Vet", "C: can you see my dog today, he's limping", "S: no, we're fully booked",
        "C: okay, thank you so much", "S: bye",
    )  # fmt: skip
    assert call.sentiment_end != "positive"


def test_speakers_nobody_labelled_are_told_by_their_words() -> None:
    lines = segments(
        "?: Thank you for calling Elm Vet, this is Joy, how can I help you?",
        "?: Hi, my dog is limping, can I bring him in?",
        "?: Sure, can I get your last name?", "?: Miller.",
        "?: I have tomorrow at nine.", "?: That works.",
    )  # fmt: skip
    told = attribute([plain(line.text) for line in lines], [line.speaker for line in lines])
    assert told == ["staff", "caller"] * 3


def test_sides_plainly_swapped_are_turned_around() -> None:
    texts = ["Thank you for calling Elm Vet, how can I help you", "my dog is sick i need to come in",
             "can I get your last name", "I would like to bring my cat too",
             "is there anything else I can do", "i will call you"]  # fmt: skip
    told = attribute([plain(text) for text in texts], ["caller", "staff"] * 3)
    assert told == ["staff", "caller"] * 3


def test_known_clinic_and_staff_names_help() -> None:
    context = CallContext(clinic_names=("Willow Creek",), staff_names=("Tamsin",))
    call = talk("S: Willow Creek, Tamsin", SICK, context=context)
    assert call.rubric["greeting_clinic"] == "met"
    assert call.staff_name == "Tamsin"
