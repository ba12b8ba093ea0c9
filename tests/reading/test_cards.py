"""A card number said aloud is heard however it is said, and other long numbers are left alone."""

import pytest

from tests.reading.talk import talk


@pytest.mark.parametrize(
    "told",
    [
        "S: What's the card number?\nC: 4111 1111 1111 1111.",
        "S: Go ahead with the card number.\nC: Four one one one.\nS: Mm-hm.\nC: One one one one,"
        " one one one one.\nS: Okay.\nC: One one one one.",
        "C: I'll pay by Visa, it's 4012888888881881.\nS: Okay.",
        "C: Can I use my Amex? Three seven eight two, eight double two, four six three, one triple oh five."
        "\nS: Thank you.",
        "C: It's five five five five, five five five five, four four four four, four four four four,"
        " expires oh nine twenty seven.\nS: Got it.",
        "C: The card, it's forty one eleven, eleven eleven, eleven eleven, eleven eleven.\nS: Okay.",
    ],
)
def test_a_card_number_is_heard(told: str) -> None:
    call = talk("S: Harbor Vet, this is Amy.", *told.splitlines())
    assert call.rubric["no_card_aloud"] == "not_met"
    assert call.evidence["rubric.no_card_aloud"]


@pytest.mark.parametrize(
    "told",
    [
        "C: My number is 206 555 0142, or try 206 555 0161.\nS: Got it.",
        "S: Do you have the chip number?\nC: 985 141 002 776 309.\nS: Thank you.",
        "C: The card ends in 1 1 1 7.\nS: I see it.",
        "C: I have a card.\nS: Please don't read it to me, I'll text you a link.\nC: Okay, 206 555 0142.",
    ],
)
def test_other_numbers_are_no_cards(told: str) -> None:
    call = talk("S: Harbor Vet, this is Amy.", *told.splitlines())
    assert call.rubric["no_card_aloud"] != "not_met"
