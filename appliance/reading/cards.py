"""Card numbers said aloud: thirteen digits or more of one voice, also in fours over several turns."""

from collections.abc import Iterator
from typing import Final

from appliance.reading.grammar import phrases
from appliance.reading.plain import plain
from appliance.reading.redaction_cards import CARD_SAID
from appliance.reading.redaction_numbers import TEENS
from appliance.reading.scene import Scene, Turn

_LEAST: Final = 13
_LEAST_ASKED: Final = 8  # where the desk asked for a card, half of it is too much already
_NETWORKS: Final = {"3": (15,), "4": (13, 16), "5": (16,), "6": (16,)}  # lengths by first digit
_SOON: Final = 4  # turns within which the digits follow the question for them
_NEAR: Final = 4  # turns before and after the digits in which it must show that they are a card's
_PAUSE: Final = 2  # turns of the other side between two parts of a number
_ASIDE: Final = 2  # words between two parts that do not end it: "and then"
Spoken = list[tuple[int, str]]  # digits, each with its turn

_DIGITS: Final = {
    word: str(digit)
    for digit, names in enumerate(
        ("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in names.split()
}
_TENS: Final = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        "23456789",
        strict=True,
    )
)
_TIMES: Final = {"double": 2, "triple": 3}
_CARD: Final = phrases(["""
    card
    visa/mastercard/amex/discover/american_express
    security/three_digit code
    cvv/cvc
"""])  # fmt: skip
_DATE: Final = phrases(["expiration/expires/expiry"])


def cards_said(scene: Scene) -> tuple[int, ...]:
    """The turns in which a card number was said, by either side."""
    found = {turn.index for turn in scene.turns if CARD_SAID in turn.raw}
    for side in ("staff", "caller"):
        turns = [turn for turn in scene.turns if turn.may_be(side)]
        for spoken in _numbers(turns):
            if _is_card(scene, spoken):
                found |= {turn for turn, _ in spoken}
    return tuple(sorted(found))


def _numbers(turns: list[Turn]) -> Iterator[Spoken]:
    """Runs of digits, each digit with its turn."""
    run: Spoken = []
    for turn in turns:
        aside = 0
        if run and turn.index - run[-1][0] > _PAUSE:
            yield run
            run = []
        for digits in digits_in(turn.raw):
            aside = 0 if digits else aside + 1
            if aside > _ASIDE and run:
                yield run
                run = []
            run += [(turn.index, digit) for digit in digits]
    if run:
        yield run


def digits_in(raw: str) -> Iterator[str]:
    """For each word the digits it stands for, none for any other word."""
    words = plain(raw).split()
    times = 1
    for place, word in enumerate(words):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        yield _digits(word, words[place + 1 : place + 2]) * times
        times = 1


def _digits(word: str, following: list[str]) -> str:
    if word.isdecimal():
        return word
    if word in _TENS:
        alone = not following or following[0] not in _DIGITS or following[0] in ("oh", "zero")
        return _TENS[word] + ("0" if alone else "")
    return TEENS.get(word, _DIGITS.get(word, ""))


def _is_card(scene: Scene, spoken: Spoken) -> bool:
    """Whether a run holds a card's number: its check digit holds, or it was called one."""
    first, last = spoken[0][0], spoken[-1][0]
    asked = scene.desk("asks_card", after=first - _SOON, before=first)
    if len(spoken) < (_LEAST_ASKED if asked else _LEAST):
        return False
    dated = any(_DATE.search(turn.text) for turn in scene.turns[first : last + _SOON])
    if (asked or dated) and spoken[0][1] in _NETWORKS:
        return True
    near = scene.turns[max(0, first - _NEAR) : last + _NEAR]
    named = any(_CARD.search(turn.text) for turn in near)
    return named and any(map(_checks, _windows(spoken)))


def _windows(spoken: Spoken) -> Iterator[str]:
    """From the first digit of each turn as many as the cards of its network have."""
    digits = "".join(digit for _, digit in spoken)
    for start, (turn, network) in enumerate(spoken):
        if start and spoken[start - 1][0] == turn:
            continue
        for length in _NETWORKS.get(network, ()):
            if start + length <= len(digits):
                yield digits[start : start + length]


def _checks(number: str) -> bool:
    """The check digit of Luhn, which one number in ten has by chance."""
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    total = sum(int(digit) for digit in number[::-2]) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0
