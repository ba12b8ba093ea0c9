"""How calls end, and whether a caller was turned away."""

from appliance.facts.analysis import Analysis, CallContext
from tests.reading.talk import reason, talk


def test_a_slot_taken_is_booked() -> None:
    call = talk(
        "S: Elm Vet, this is Joy", "C: I need to bring my cat in for her shots",
        "S: sure, how's Thursday at four", "C: that'll work",
        "S: great, we'll see you both Thursday",
    )  # fmt: skip
    assert (call.outcome, call.turnaway, call.turnaway_told) == ("booked", None, True)


def test_another_day_than_asked_for_is_booked_alternative() -> None:
    call = talk(
        "S: Elm Vet", "C: can I get in with Dr. Shah on Monday for my cat's vaccines",
        "S: she's all booked up Monday, but I have Wednesday at nine with her",
        "C: Wednesday works", "S: you're all set then",
    )  # fmt: skip
    assert call.outcome == "booked_alternative"


def test_an_emergency_on_its_way_is_booked_without_a_slot() -> None:
    call = talk(
        "S: Elm Vet", "C: my cat can't pee, he's straining in the litter box",
        "S: bring him in right now, that's an emergency", "C: okay we're on our way",
    )  # fmt: skip
    assert (call.outcome, call.urgency, call.turnaway) == ("booked", "red", None)


def test_a_booking_undone_by_a_rule_is_a_turnaway_by_policy() -> None:
    call = talk(
        "S: Elm Vet", "C: I want to get my dog neutered", "S: I have Monday at eight",
        "C: Monday is good", "S: there's a deposit to book surgery, it has to be on a card",
        "C: I only have cash", "S: then I can't save it without a card, sorry", "C: okay bye",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("refused", "policy_rule")


def test_a_price_given_without_an_offer_is_price_only() -> None:
    call = talk(
        "S: Elm Vet", "C: what do you guys charge for a neuter on a cat", "S: that's one eighty",
        "C: okay thanks", "S: bye",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("info_only", "price_only")
    assert call.turnaway and call.turnaway.kind == "skill"


def test_a_full_day_with_another_slot_declined_is_capacity() -> None:
    call = talk(
        "S: Elm Vet", "C: my cat is sneezing a lot can you see her today",
        "S: today we're full, nothing left, I could do Friday at ten",
        "C: that's three days, no I'll find somewhere else", "S: okay sorry",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("caller_declined", "cap_day")


def test_a_full_day_with_nothing_else_offered_is_no_alternative() -> None:
    call = talk(
        "S: Elm Vet", "C: can I get my dog in today he's limping",
        "S: no we're completely booked today", "C: oh okay", "S: sorry", "C: alright bye",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("refused", "no_alternative")


def test_a_closed_book_is_cap_new_clients() -> None:
    call = talk(
        "S: Elm Vet", "C: hi are you guys taking on new patients, my dog needs a checkup",
        "S: we're not taking any new clients right now", "C: oh okay thanks anyway",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("refused", "cap_new_clients")


def test_an_animal_nobody_sees_is_species_not_seen() -> None:
    call = talk(
        "S: Elm Vet", "C: do you see ferrets, mine's been throwing up",
        "S: no we only do cats and dogs", "C: okay thanks", "S: bye",
    )  # fmt: skip
    assert reason(call) == "species_not_seen"


def test_call_back_later_because_we_are_busy_is_busy() -> None:
    call = talk(
        "S: Elm Vet hold please", "C: okay",
        "S: sorry we're super short staffed, can you call back in an hour",
        "C: uh i just wanted to make an appointment for my dog",
        "S: yeah just try us later okay", "C: okay",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("caller_will_call_back", "busy")


def test_too_much_money_is_the_callers_objection() -> None:
    call = talk(
        "S: Elm Vet", "C: my dog has an ear infection, how much is it to come in",
        "S: the exam is seventy five dollars, I've got tomorrow at two",
        "C: that's more than I can afford right now, I'm gonna pass", "S: okay",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("caller_declined", "price_objection")


def test_advice_without_an_offer_is_no_ask() -> None:
    call = talk(
        "S: Elm Vet", "C: my dog's got a lump on his leg, I don't know if it's anything",
        "S: yeah they get those a lot, could be a fatty tumor", "C: okay",
        "S: just keep an eye on it", "C: alright thanks",
    )  # fmt: skip
    assert reason(call) == "no_ask"
    assert call.rubric["no_medical_advice"] == "not_met"


def test_sent_to_the_emergency_clinic_is_sent_elsewhere() -> None:
    call = _choking(CallContext())
    assert (call.outcome, reason(call)) == ("referred_out", "sent_elsewhere")


def test_after_hours_the_emergency_clinic_is_the_next_step() -> None:
    call = _choking(CallContext(after_hours=True))
    assert (call.outcome, reason(call)) == ("referred_out", None)


def _choking(context: CallContext) -> Analysis:
    return talk(
        "S: Elm Vet", "C: my dog ate something and he's choking and drooling",
        "S: we don't have a doctor in right now, go straight to the emergency clinic on Fifth",
        "C: okay we'll head there",
        context=context,
    )  # fmt: skip


def test_a_promise_with_a_time_is_callback_timed_without_one_untimed() -> None:
    question = ("S: Elm Vet", "C: did my cat's blood work come back")
    timed = talk(*question, "S: it did, Dr. Moore will call you back by noon", "C: okay")
    untimed = talk(*question, "S: yes, she'll give you a call when she gets a chance", "C: okay")
    assert (timed.outcome, untimed.outcome) == ("callback_timed", "callback_untimed")


def test_a_lost_line_is_technical() -> None:
    call = talk(
        "S: Elm Vet", "C: hi my dog's been throwing up and I", "S: hello?",
        "S: hello are you there? I can't hear you",
    )  # fmt: skip
    assert (call.outcome, reason(call)) == ("disconnected", "technical")


def test_end_of_life_is_never_a_turnaway() -> None:
    call = talk(
        "S: Elm Vet", "C: I need to put my old dog to sleep, how much is that",
        "S: it's two hundred dollars", "C: I'll call you back", "S: okay",
    )  # fmt: skip
    assert (call.intent, call.turnaway) == ("end_of_life", None)


def test_a_call_nobody_took_is_a_missed_connection() -> None:
    missed = talk(context=CallContext(answer_state="ring_abandon"))
    closed = talk(context=CallContext(answer_state="ring_abandon", after_hours=True))
    assert (reason(missed), reason(closed)) == ("no_connect", "after_hours")


def test_too_few_words_carry_no_verdict() -> None:
    assert not talk("S: hello", "C: hi").turnaway_told
