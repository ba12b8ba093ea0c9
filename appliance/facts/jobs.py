"""Work that waits, runs or is parked."""

from datetime import datetime

from appliance.facts import Fact

LANES = ("speech", "chores", "courier")
ROAD = ("receive", "transcribe", "attribute", "analyze", "publish")


class Job(Fact, frozen=True, kw_only=True):
    """One piece of work; ``attempt`` is the fence: only the attempt that claimed may finish.

    ``forgiven`` attempts do not count against it: the outside was away, or a person said retry.
    """

    id: int
    kind: str
    subject: int
    lane: str
    state: str  # waiting · running · parked · done
    attempt: int
    forgiven: int = 0
    run_after: datetime
    created_at: datetime
    worker: str = ""
    progress: float = 0.0
    error: str = ""
    options: dict[str, str] = {}
