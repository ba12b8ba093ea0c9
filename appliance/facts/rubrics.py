"""What a clinic asks of a call, in versions, and the score that a call has under one of them."""

from datetime import datetime

from appliance.facts import Fact

OWN_QUESTION = "x_"  # names of the clinic's own questions begin so; those of the taxonomy never do
SHIPPED = "PetsVet"  # who made the first version


class Check(Fact, frozen=True, kw_only=True):
    """How a question of the clinic's own is answered: whether ``speaker`` says any of the phrases.

    ``present`` is the state when a phrase is heard (met or not_met); not heard is the other one.
    """

    phrases: tuple[str, ...]
    speaker: str = "staff"
    present: str = "met"


class Item(Fact, frozen=True, kw_only=True):
    """One thing a call is scored by; ``words`` are shown to staff, empty for the usual ones.

    ``not_for`` are intents that it does not apply to; ``check`` is there for own questions only.
    """

    name: str
    on: bool = True
    weight: int = 1
    critical: bool = False
    not_for: tuple[str, ...] = ()
    words: str = ""
    check: Check | None = None


class Rubric(Fact, frozen=True, kw_only=True):
    """One version; it is never edited, a change makes the next one."""

    number: int
    items: tuple[Item, ...]
    note: str = ""
    by: str = SHIPPED
    at: datetime | None = None


class Answer(Fact, frozen=True, kw_only=True):
    """What software says of one item in one call, and the first place to listen."""

    state: str
    first_segment: int | None = None
    last_segment: int | None = None


class Part(Fact, frozen=True, kw_only=True):
    """One line of a score: the state that holds, and whether it counts.

    ``counts`` is "yes", "waiting" (not met, and no person said so yet), "trial" (software is not
    trusted with it yet), or "no" (does not apply, or cannot tell).
    """

    item: str
    state: str
    weight: int
    counts: str
    critical: bool = False
    by_person: bool = False


class Score(Fact, frozen=True, kw_only=True):
    """0 to 100 and the parts it is made of; None when too little counts.

    ``failed`` are critical items a person confirmed as not met: they alone make it 0. ``settled``
    is False until a person has looked and nothing waits for one.
    """

    value: int | None
    parts: tuple[Part, ...]
    failed: tuple[str, ...] = ()
    settled: bool = False
    solemn: bool = False
