"""Which animals a call is about, from the words alone."""

import pytest

from tests.reading.talk import talk


@pytest.mark.parametrize(
    ("said", "species"),
    [
        ("My dog has been limping since Sunday.", ("dog",)),
        ("She's a twelve year old dachshund, she threw up twice.", ("dog",)),
        ("I need a spay for my kitten.", ("cat",)),
        ("He's an orange tabby and he stopped eating.", ("cat",)),
        ("Do you see bunnies? Mine has a runny nose.", ("rabbit",)),
        ("My cockatiel has a broken wing.", ("bird",)),
        ("It's a bearded dragon and he won't eat.", ("reptile",)),
        ("I have two guinea pigs, they're sisters.", ("rodent",)),
        ("Our ferret swallowed something.", ("ferret",)),
        ("I have a mare with colic.", ("horse",)),
        ("One of my goats is down.", ("farm",)),
        ("I found a hedgehog in the yard.", ("other",)),
        ("I'm calling about my bill.", ()),
    ],
)
def test_the_kind_of_animal_is_told_by_its_name_or_breed(
    said: str, species: tuple[str, ...]
) -> None:
    assert talk("S: Harbor Vet, this is Amy.", f"C: {said}").species == species


@pytest.mark.parametrize(
    "said",
    [
        "My cat got into the rat poison.",
        "He eats like a horse but my cat is losing weight.",
        "My cat ate a mouse and now she's sick.",
        "My cat was bitten by a dog.",
        "C as in cat. My cat has been on the same cat food for years.",
    ],
)
def test_an_animal_that_is_not_the_patient_does_not_count(said: str) -> None:
    assert talk("S: Harbor Vet.", f"C: {said}").species == ("cat",)


def test_the_name_of_the_clinic_is_no_patient() -> None:
    call = talk(
        "S: Bay Cat and Dog Clinic, Amy speaking.",
        "C: Hi, do you take ferrets?",
        "S: No, just dogs and cats.",
    )
    assert call.species == ("ferret",)


def test_the_animal_of_the_opening_comes_first() -> None:
    call = talk(
        "S: Harbor Vet, how can I help?",
        "C: My rabbit needs her nails done.",
        "S: Sure. Anyone else?",
        "C: Maybe the dog, too. The dog could come later.",
    )
    assert call.species == ("rabbit", "dog")


def test_there_is_a_place_to_listen() -> None:
    call = talk("S: Harbor Vet.", "C: It's my parrot, he's pulling his feathers.")
    place = call.evidence["species"][0]
    assert (place.first_segment, place.last_segment) == (1, 1)
