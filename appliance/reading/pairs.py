"""Pairs of what is heard and what is meant: which of them would do harm."""

import re
from collections.abc import Iterable
from typing import Final

from appliance.errors import Refused
from appliance.reading.terms import read_plain

LONGEST: Final = 60
MOST_WORDS: Final = 5

# Single words of every call: to replace one would change lines that were heard rightly.
_COMMON: Final = frozenset(
    """
    a about after again all also always am an and animal animals any anything appointment are around
    as ask at away baby back bad be because been before best better big bit bite bleeding book
    booked boy breath breathing bring but by bye call called calling came can cancel car care cat
    cats check clinic close closed come coming cost could day days did do doctor does dog dogs doing
    done down drink each ear ears eat eating eight emergency even evening ever every eye eyes
    family far feel feeling few find fine first five food for four friday from full get getting girl
    give go going gone good got great guess had has have having he head hear hello help her here hey
    hi him his hold home hope hour hours how hurt i if ill in is it its just keep kind kitten know
    last late later leave left leg let like limping little long look looking lot love ma'am make man
    many maybe me mean medication meds might mine minute minutes miss moment monday money month
    months more morning most mother much must my name need needs never new next nine no nope not
    nothing now number of off office oh ok okay old on once one only open or other our out over own
    owner pain pay pet pets phone pick please price problem puppy put question questions quick
    ready really red refill right same saturday saw say says see seen send seven she should show
    sick sir six sleep so some somebody someone something soon sorry sounds speak speaking stay
    still stop stuff sunday sure surgery take taking talk tell ten test than thank thanks that
    that's the their them then there these they thing things think this those three through
    thursday time times to today together told tomorrow tonight too took try trying tuesday two uh
    um under until up us use vaccine very vet vets visit vomiting wait walk want wanted was water
    way we wednesday week weeks well went were what when where which while who why will with without
    won't work worried would wow yeah year years yes yesterday yet you your
    """.split()  # noqa: SIM905
)
_EDGES = re.compile(r"^\W+|\W+$")


def read_pair(heard: str, meant: str, others: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """A typed pair that does no harm beside the others; raises Refused with what is wrong."""
    said, said_meant = read_plain(heard), read_plain(meant)
    for part, name in ((said, "what is heard"), (said_meant, "what is meant")):
        if not any(sign.isalnum() for sign in part):
            raise Refused(f"type {name}, in letters")
        if len(part) > LONGEST or len(part.split()) > MOST_WORDS:
            raise Refused(
                f"{name} has at most {LONGEST} characters and {MOST_WORDS} words; "
                "correct longer passages in their call"
            )
    if said == said_meant:
        raise Refused("what is heard is already what is meant; there is nothing to replace")
    _refuse_common(said)
    _refuse_loops(said, said_meant, others)
    return said, said_meant


def pair_key(text: str) -> str:
    """What is compared: words without case and without the signs around them."""
    words = (_EDGES.sub("", word).casefold() for word in text.split())
    return " ".join(word for word in words if word)


def _refuse_common(heard: str) -> None:
    key = pair_key(heard)
    if key in _COMMON or len(key) == 1 or key.isdecimal():
        raise Refused(
            "this stands in many lines where it was heard rightly; "
            "type it together with the word before or after it"
        )


def _refuse_loops(heard: str, meant: str, others: Iterable[tuple[str, str]]) -> None:
    """Words are replaced once, so a chain would stop half way, and a loop would swap them."""
    key, target = pair_key(heard), pair_key(meant)
    for other_heard, other_meant in others:
        other_key, other_target = pair_key(other_heard), pair_key(other_meant)
        if other_key == key:
            raise Refused("this is replaced already; remove the other replacement first")
        if other_key == target and other_target == key:
            raise Refused("the opposite is replaced already; only one of the two can hold")
        if other_key == target:
            raise Refused("what is meant here is itself replaced; give the last word of the chain")
        if other_target == key:
            raise Refused("another replacement ends in this word; let that one say what is meant")
