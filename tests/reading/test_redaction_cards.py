"""A card that was said is taken out of text and words before anything is stored."""

from appliance.facts.analysis import CallContext
from appliance.facts.speech import Segment, Word
from appliance.reading import read
from appliance.reading.redaction_cards import CARD_SAID, DIGITS_SAID, hide_cards
from tests.reading.talk import segments


def spoken(text: str, index: int = 0, speaker: str = "unknown") -> Segment:
    """A segment with a word every tenth of a second, each less sure than the one before."""
    words = tuple(
        Word(start_ms=100 * i, end_ms=100 * i + 90, text=word, confidence=round(1 - i / 100, 2))
        for i, word in enumerate(text.split())
    )
    return Segment(index=index, speaker=speaker, text=text, words=words)


def test_a_card_becomes_one_word_with_its_times_and_lowest_confidence() -> None:
    (hidden,) = hide_cards([spoken("my card is 4111 1111 1111 1111 okay")])
    assert hidden.text == f"my card is {CARD_SAID} okay"
    assert [word.text for word in hidden.words] == ["my", "card", "is", CARD_SAID, "okay"]
    card = hidden.words[3]
    assert (card.start_ms, card.end_ms, card.confidence) == (300, 690, 0.94)


def test_number_expiry_and_code_go_and_everything_else_stays() -> None:
    told = [
        spoken("Can I have the card?", 0),
        spoken("Four one one one, one one one one,", 1),
        spoken("Mm-hm.", 2),
        spoken("one one one one, one one one one.", 3),
        spoken("And the expiration and the three digits on the back?", 4),
        spoken("Oh nine twenty eight, and it's three one seven.", 5),
        spoken("It comes to one eighty six, see you at two fifteen.", 6),
    ]
    hidden = hide_cards(told)
    assert hidden[0] == told[0] and hidden[2] == told[2]
    assert hidden[4] == told[4] and hidden[6] == told[6]
    assert hidden[1].text == f"{CARD_SAID}," and hidden[3].text == f"{CARD_SAID}."
    assert hidden[5].text == f"{CARD_SAID}, and it's {CARD_SAID}."
    assert [word.text for word in hidden[5].words] == [CARD_SAID, "and", "it's", CARD_SAID]


def test_words_that_do_not_fit_their_text_are_not_kept_beside_a_card() -> None:
    odd = Segment(
        index=0,
        text="my card is 4111 1111 1111 1111",
        words=(Word(start_ms=0, end_ms=90, text="4111"), Word(start_ms=90, end_ms=99, text="1111")),
    )
    (hidden,) = hide_cards([odd])
    assert hidden.words == () and "1111" not in hidden.text


def test_the_last_four_alone_are_told_from_a_number() -> None:
    (hidden,) = hide_cards([spoken("it was the card ending in 7720")])
    assert hidden.text == f"it was the card ending in {DIGITS_SAID}"


def test_a_call_without_a_card_is_left_as_it_is() -> None:
    told = (spoken("my phone is 312-555-0177"), spoken("the chip is 985112004369771", 1))
    assert hide_cards(told) == told


def test_a_card_that_was_taken_out_still_counts_as_said_aloud() -> None:
    lines = (
        "S: Elm Vet, this is Jodi, how can I help?",
        "C: I'd like to pay my bill, can I give you a card?",
        "S: Sure, go ahead with the card number.",
        "C: It's four one one one, one one one one, one one one one, one one one one.",
        "S: Okay, that went through. Anything else?",
    )
    before = read(segments(*lines), CallContext())
    after = read(hide_cards(segments(*lines)), CallContext())
    assert before.rubric["no_card_aloud"] == "not_met"
    assert after.rubric["no_card_aloud"] == "not_met"


def test_hiding_twice_changes_nothing() -> None:
    once = hide_cards([spoken("my card is 4111 1111 1111 1111 okay")])
    assert hide_cards(once) == once
