"""The rubric: each item is met, not met, not applicable, or cannot be told."""

from appliance.facts.analysis import CallContext
from tests.reading.talk import talk

HELLO = "S: Elm Vet, this is Joy, how can I help you?"


def test_a_full_booking_meets_the_rubric() -> None:
    rubric = talk(
        HELLO, "C: Hi, my dog Rex has been coughing for two days.",
        "S: Oh no, poor Rex. Is he eating? Any trouble breathing?", "C: He's eating fine.",
        "S: Can I get your last name?", "C: Miller.",
        "S: I have tomorrow at nine or Friday at two.", "C: Tomorrow at nine, please.",
        "S: So that's Rex, tomorrow at nine with Dr. Lee. What's the best number to reach you?",
        "C: 555 555 0123", "S: Is there anything else I can help with?", "C: No, thanks.",
        "S: Take care, we'll see you tomorrow.",
    ).rubric  # fmt: skip
    met = ("greeting_clinic", "greeting_name", "offers_help", "caller_name", "pet_name",
           "urgency_asked", "empathy", "offers_appointment", "two_choices", "confirms_details",
           "callback_number", "more_questions", "warm_close", "no_medical_advice")  # fmt: skip
    assert {item: rubric[item] for item in met} == dict.fromkeys(met, "met")


def test_a_hold_is_asked_and_thanked_for() -> None:
    held = CallContext(hold_s=40.0)
    asked = talk(HELLO, "C: I need a refill", "S: may I put you on hold?", "C: sure",
                 "S: thank you for holding", context=held)  # fmt: skip
    told = talk(HELLO, "C: I need a refill", "S: hold on.", "S: okay, I see it", context=held)
    assert (asked.rubric["hold_asked"], told.rubric["hold_asked"]) == ("met", "not_met")
    assert talk(HELLO, "C: I need a refill").rubric["hold_asked"] == "na"


def test_a_danger_not_escalated_is_not_met() -> None:
    call = talk(HELLO, "C: my dog can't breathe", "S: I have next Tuesday at three", "C: okay")
    assert call.rubric["red_flag_escalated"] == "not_met"


def test_a_card_read_aloud_is_not_met() -> None:
    call = talk(HELLO, "C: I want to pay my bill", "S: go ahead with the card number",
                "C: four zero one two eight eight eight eight", "S: okay")  # fmt: skip
    assert call.rubric["no_card_aloud"] == "not_met"


def test_a_price_after_its_worth_is_value_before_price() -> None:
    sold = talk(
        HELLO, "C: how much is a spay", "S: it includes the exam, and it's four hundred dollars"
    )
    bare = talk(HELLO, "C: how much is a spay", "S: four hundred dollars")
    assert (sold.rubric["value_before_price"], bare.rubric["value_before_price"]) == (
        "met",
        "not_met",
    )


def test_results_need_an_identity_check() -> None:
    call = talk(HELLO, "C: are my cat's blood work results back", "S: can you verify your address",
                "C: twelve Elm Street")  # fmt: skip
    assert call.rubric["identity_check"] == "met"


def test_slow_pickup_is_told_by_the_phone_system() -> None:
    slow = talk(HELLO, context=CallContext(ring_s=30.0))
    fast = talk(HELLO, context=CallContext(ring_s=6.0))
    assert (slow.rubric["answered_fast"], fast.rubric["answered_fast"]) == ("not_met", "met")


def test_a_missed_call_has_no_rubric_to_meet() -> None:
    call = talk(context=CallContext(answer_state="ring_abandon"))
    assert set(call.rubric.values()) == {"na"}
