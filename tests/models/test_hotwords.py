"""Hotwords: how many fit, and when a model merely recites them."""

import pytest

from models.hotwords import count_fitting, is_recited, join_hotwords

TERMS = ["Dr. Alvarez", "Bravecto", "Apoquel", "Rimadyl", "Willow Creek"]
LIST = join_hotwords(TERMS)


def test_a_comma_keeps_a_name_apart_from_its_neighbor() -> None:
    assert LIST.startswith("Dr. Alvarez, Bravecto, ")


@pytest.mark.parametrize("room", range(12))
def test_the_first_that_fit_are_taken_and_no_more(room: int) -> None:
    count = count_fitting(TERMS, lambda text: len(text.split()), room)
    assert len(join_hotwords(TERMS[:count]).split()) <= room
    assert count == len(TERMS) or len(join_hotwords(TERMS[: count + 1]).split()) > room


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        "Bravecto, Apoquel, Rimadyl.",
        "bravecto apoquel rimadyl willow creek",
        "dr alvarez bravecto apoquel",
    ],
)
def test_three_and_more_in_their_order_are_recited(text: str) -> None:
    assert is_recited(text, LIST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bravecto, Apoquel",
        "We have Bravecto, Apoquel, Rimadyl",
        "Rimadyl, Apoquel, Bravecto",
        "Bravecto, Apoquel, Rimadyl please",
        "Apoquel, Rimadyl, Willow",
    ],
)
def test_what_a_caller_says_is_not(text: str) -> None:
    assert not is_recited(text, LIST)


def test_without_hotwords_nothing_is_recited() -> None:
    assert not is_recited("a b c", None)
