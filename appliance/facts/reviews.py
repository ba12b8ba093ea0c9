"""What software flags in a call, and what a person says of it."""

from datetime import datetime

from appliance.facts import Fact

NOT_TURNED_AWAY = "none"


class Flag(Fact, frozen=True, kw_only=True):
    """One thing said of a call that a person may judge.

    ``name`` is a label as in ``Analysis.evidence`` ("turnaway", "rubric.empathy") or a safety flag
    ("safety.advice"); ``value`` its code. The segments are the first place to listen, if any.
    """

    name: str
    value: str
    first_segment: int | None = None
    last_segment: int | None = None


class Review(Fact, frozen=True, kw_only=True):
    """A person's verdict on one label: confirmed, corrected (``value`` holds instead) or rejected.

    ``suggested`` is what the software of version ``software`` had said; "" where it had said nothing.
    """

    name: str
    suggested: str
    verdict: str
    value: str
    reason: str
    by: str
    at: datetime
    software: str = ""
