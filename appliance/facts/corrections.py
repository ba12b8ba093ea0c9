"""What people corrected in a transcript: kept apart from what was recognized, tied to the sound."""

from datetime import datetime

from appliance.facts import Fact

KINDS = ("words", "speaker", "staff_name")


class Place(Fact, frozen=True, kw_only=True):
    """A stretch of the sound of one channel; ``speaker`` is who is heard there, "" where not told."""

    channel: int
    start_ms: int
    end_ms: int
    speaker: str = ""


class Correction(Fact, frozen=True, kw_only=True):
    """What a person says holds instead.

    ``words``: ``value`` was said at the one place, where ``was`` stood. ``speaker``: each place has
    the speaker a person heard; ``value`` is that of the first. ``staff_name``: ``value`` took the
    call. ``placed`` is False where another recognition has no words at that place any more.
    """

    kind: str
    places: tuple[Place, ...] = ()
    was: str = ""
    value: str = ""
    by: str
    at: datetime
    id: int = 0
    placed: bool = True
