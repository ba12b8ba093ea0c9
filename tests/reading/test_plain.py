"""Plain words: what is said counts, not how it is written."""

import pytest

from appliance.reading.grammar import affirmed, phrases
from appliance.reading.plain import masked, plain


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("I'm gonna call y'all back!", " i am going to call you all back "),
        ("Dr. Lee can't, um, see him", " doctor lee can not see him "),
        ("We're booked", " we are booked "),
        ("It's $1,240.50", " it is 1240 dollars "),
        ("at 9:20 a.m.", " at 9:20 am "),
        ("comin' in", " coming in "),
        ("the e-mail", " the email "),
        ("", " "),
    ],
)
def test_contractions_fillers_and_signs_are_opened(written: str, words: str) -> None:
    assert plain(written) == words


@pytest.mark.parametrize("written", ["We’re full, I'll call.", "were full ill call"])
def test_words_without_apostrophes_mean_the_same(written: str) -> None:
    assert plain(written) == " we are full i will call "


def test_stutters_are_said_once_but_digits_stay() -> None:
    assert plain("I, I, I need") == " i need "
    assert plain("five five five") == " five five five "


def test_long_numbers_are_neither_prices_nor_times() -> None:
    assert masked(plain("it's five five five oh one two three")) == " it is numberrun "
    assert masked(plain("at nine thirty")) == " at nine thirty "


def test_a_phrase_has_alternatives_gaps_and_optional_words() -> None:
    found = phrases(["book/make ~ appointment\nso [very] sorry"])
    assert found.search(plain("Can I make a quick appointment?"))
    assert found.search(plain("so sorry")) and found.search(plain("so very sorry"))
    assert not found.search(plain("make it"))


def test_a_phrase_matches_whole_words_only() -> None:
    assert not phrases(["cat"]).search(plain("the catalog"))
    assert phrases(["vaccin*"]).search(plain("vaccinations"))


def test_a_denied_sign_is_not_a_sign() -> None:
    sign = phrases(["bleeding"])
    assert not affirmed(sign, plain("there's no bleeding"))
    assert affirmed(sign, plain("he's bleeding"))
