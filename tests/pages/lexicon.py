"""A vocabulary for the box of sample calls."""

from datetime import datetime

from appliance.db import Database, writing
from appliance.facts.vocabulary import Term
from appliance.store import replacements, vocabulary

TERMS = (
    Term(group="doctors", text="Dr. Alvarez", note="al-VA-rez"),
    Term(group="doctors", text="Dr. Chen"),
    Term(group="staff", text="Denise"),
    Term(group="drugs", text="Bravecto", pinned=True),
    Term(group="drugs", text="Apoquel", note="APP-o-kwel"),
    Term(group="other", text="Upper Willow Creek Emergency and Specialty Hospital"),
    Term(group="pets", text="Sir Reginald Fluffington the Third of Willowbrook"),
    Term(group="pets", text="Biscuit"),
)
SYLLABLES = ("ba", "chi", "do", "fen", "gu", "ki", "lo", "mi", "nu", "pa")


def pet_of(number: int) -> str:
    """A name for each number below 100,000."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:05d}").capitalize()


def add_words(db: Database, now: datetime, pets: int = 0) -> None:
    """The terms, so many pets besides, and two replacements."""
    with writing(db):
        many = [Term(group="pets", text=pet_of(number)) for number in range(pets)]
        vocabulary.add_terms(db, [*TERMS, *many], "Maria", now=now)
        for heard, meant in (("brave ecto", "Bravecto"), ("ap o quell", "Apoquel")):
            replacements.add_replacement(db, heard, meant, "Maria", now=now)
