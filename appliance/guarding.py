"""A phone system as the box talks to it: what the door refuses on the way is noted.

Whatever asks it (a look, a test, the taking of a recording), from a worker or from the shell, the
refusal stands in the audit log and on the phone system's page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from appliance.db import Database, writing
from appliance.errors import PetsvetError
from appliance.facts.calls import FoundCall, FoundRecording
from appliance.logs import get_log
from appliance.store import refusals
from connectors import doors
from connectors.doors import Judged
from connectors.interface import Checkpoint, Connector, Discovery, Finality, Probe

log = get_log(__name__)

Now = Callable[[], datetime]


@contextmanager
def noting_refusals(db: Database, connector_id: int, now: Now) -> Iterator[None]:
    """Note at once what the door says of this phone system's addresses inside the block.

    Not at its end: whoever waits for a phone system stays inside for days.
    """

    def hear(one: Judged) -> None:
        try:
            if refusals.is_news(db, connector_id, one) and not db.conn.in_transaction:
                with writing(db):
                    refusals.note(db, connector_id, one, now=now())
        except PetsvetError as error:  # it is refused all the same, and told the next time
            log.warning("a refusal could not be noted", connector=connector_id, error=error)

    with doors.overheard(hear):
        yield


class Guarded:
    """A connector of which every step is listened to; see ``connectors.interface.Connector``."""

    def __init__(self, phone: Connector, db: Database, connector_id: int, now: Now) -> None:
        self.phone = phone
        self._noted = (db, connector_id, now)

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        with noting_refusals(*self._noted):
            return self.phone.probe(now)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        with noting_refusals(*self._noted):
            return self.phone.discover(checkpoint, now)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        with noting_refusals(*self._noted):
            return self.phone.is_final(call, recording, now)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        with noting_refusals(*self._noted):
            return self.phone.open(recording)
