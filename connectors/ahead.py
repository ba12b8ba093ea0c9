"""Times that lie ahead of our clock: one of the two is wrong, and nobody here knows which.

Such a call is told with the time it was given and marked, for good: its time stays wrong when our
clock has passed it. It holds nothing back, and no watermark moves to it, past calls still to come.
"""

from datetime import datetime, timedelta

from msgspec import structs

from appliance.facts.calls import FoundCall

CODE = "future_time"
_SLACK = timedelta(hours=1)  # clocks that nobody sets differ by minutes


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether a moment lies so far ahead that a clock must be wrong."""
    return moment > now + _SLACK


def marked(call: FoundCall) -> FoundCall:
    """The call with its warning, once."""
    if CODE in call.warnings:
        return call
    return structs.replace(call, warnings=(*call.warnings, CODE))
