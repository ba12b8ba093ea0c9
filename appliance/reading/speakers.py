"""Who speaks, from the words alone: used where the recording does not tell, or tells it the wrong way.

Front desks and callers use different words. Each segment gets a score between the two; turns tend
to alternate; the most probable course through both is taken.
"""

from collections.abc import Sequence
from functools import cache
from re import Pattern
from typing import Final

from appliance.facts.codes import UNKNOWN
from appliance.reading.grammar import phrases

_DESK_WORDS: Final = """
    thank_you for calling
    how can/may i help
    can/may i help you
    this is ~ how can/may
    speaking how
    thank_you for holding
    your/the last/first/pet/dog/cat name
    what is your
    can/may i get/have your
    let me pull/look/check/see
    i/we have [an/a/got] ~ <day>/opening
    our/the doctor/doctors/schedule/exam
    we are booked/full/open/closed
    would you like
    do you want to
    anything else i/we
    number ending
    best number
    we can get/see
    has he/she been
    is he/she
    your dog/cat/pet/puppy/kitten/appointment/number
    you are all set
    see you
    bring him/her in
    we do not
    how old is
    feel better
    have a good
    you are welcome
    when did
"""
_CALLER_WORDS: Final = """
    my dog/cat/puppy/kitten/pet/husband/wife/appointment/name/daughter/son/cats/dogs/bill/card
    i am calling
    i was calling/wondering/hoping
    i would like to
    i need to/an/a
    i want to
    can i [get/bring/make/come]
    do you [guys/all] have/do/take/see
    how much
    he is been/not
    she is been/not
    he/she will not
    he/she has
    i will call
    i will take
    i can do
    i just got
    i do not know
    is that/it
    should i
    we have been coming
    thank_you so_much
    that works
    i work
"""
_STAY: Final = -1.2  # turns tend to alternate
_GIVEN: Final = 6.0  # how much a given label counts against the words of one segment
_SWAPPED: Final = -4.0  # labels are wrong way around only where the words say so loudly


@cache
def _cues() -> tuple[Pattern[str], Pattern[str]]:
    return phrases([_DESK_WORDS]), phrases([_CALLER_WORDS])


def lean(text: str) -> int:
    """Above zero: words of a front desk. Below: of a caller."""
    desk, caller = _cues()
    return sum(1 for _ in desk.finditer(text)) - sum(1 for _ in caller.finditer(text))


def attribute(texts: Sequence[str], given: Sequence[str]) -> list[str]:
    """A speaker for every segment; those given stay, unless the two sides are plainly swapped."""
    leans = [lean(text) for text in texts]
    labels = _unswapped(list(given), leans)
    if UNKNOWN not in labels:
        return labels
    course = _course([_pull(label, score) for label, score in zip(labels, leans, strict=True)])
    return [side if label == UNKNOWN else label for label, side in zip(labels, course, strict=True)]


def _unswapped(labels: list[str], leans: Sequence[int]) -> list[str]:
    signs = {"staff": 1, "caller": -1}
    agreement = sum(signs.get(label, 0) * score for label, score in zip(labels, leans, strict=True))
    if agreement > _SWAPPED:
        return labels
    other = {"staff": "caller", "caller": "staff"}
    return [other.get(label, label) for label in labels]


def _pull(label: str, score: int) -> float:
    if label == "staff":
        return _GIVEN
    return -_GIVEN if label in ("caller", "ivr") else float(score)


def _course(pulls: Sequence[float]) -> list[str]:
    """The best alternation of the two sides (Viterbi over two states)."""
    staff, caller = 0.5, 0.0  # the desk speaks first
    back: list[tuple[int, int]] = []
    for pull in pulls:
        choices = ((staff + _STAY, caller), (staff, caller + _STAY))
        back.append((int(choices[0][1] > choices[0][0]), int(choices[1][1] >= choices[1][0])))
        staff, caller = max(choices[0]) + pull / 2, max(choices[1]) - pull / 2
    side = int(caller > staff)
    course: list[str] = []
    for links in reversed(back):
        course.append("caller" if side else "staff")
        side = links[side]
    return course[::-1]
