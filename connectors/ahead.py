"""Times that lie ahead of our clock: one of the two is wrong, and nobody here knows which.

Such a call is told with the time it was given and marked, for good: its time stays wrong when our
clock has passed it. It holds nothing back, and no watermark moves to it, past calls still to come.
"""

from datetime import datetime, timedelta

from msgspec import structs

from appliance.facts.calls import FoundCall

CODE = "future_time"
_SLACK = timedelta(hours=1)  # clocks that nobody sets differ by minutes
_SAME_S = 600  # a late record may say that it rang before; no two zones are as close


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether a moment lies so far ahead that a clock must be wrong."""
    return moment > now + _SLACK


def marked(call: FoundCall, before: float, now: datetime) -> tuple[FoundCall, float]:
    """The call, with its warning where its time lies ahead, and that time in epoch s (0: none).

    ``before``: the time that lay ahead when the call was told last. As long as it is told with that
    one, it stays marked; a zone set right in the settings gives it another one.
    """
    begun = call.started_at.timestamp()
    if not is_ahead(call.started_at, now) and abs(begun - before) > _SAME_S:
        return call, 0
    if CODE in call.warnings:
        return call, begun
    return structs.replace(call, warnings=(*call.warnings, CODE)), begun
