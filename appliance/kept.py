"""Phone systems kept connected from one look or recording to the next, so that we sign in once.

Each thread has its own, so no connection is ever used by two. One that was not used for a while,
that failed, or whose settings have changed is let go; dropping it hangs up.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from appliance.errors import NotFound, Unusable
from connectors.interface import Connector

IDLE_S = 60.0  # longer than from one look to the next, shorter than phone systems bear with it

Clock = Callable[[], float]


class _Line(NamedTuple):
    """One that is connected. ``told``: a digest of all it was made from."""

    told: bytes
    connector: Connector
    used: float


class Kept:
    """The connectors of this thread by the number of their phone system."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock, self._own = clock, threading.local()

    @contextmanager
    def using(self, number: int, told: bytes, make: Callable[[], Connector]) -> Iterator[Connector]:
        """The connector of a phone system, made anew unless it is kept for the same settings.

        It is kept on, unless what it is used for fails for more than one recording alone.
        """
        self.let_go()
        line = self._lines().pop(number, None)
        connector = line.connector if line and line.told == told else make()
        del line
        try:
            yield connector
        except (NotFound, Unusable):
            self._keep(number, told, connector)
            raise
        self._keep(number, told, connector)

    def let_go(self, idle_s: float = IDLE_S) -> None:
        """Hang up on those that were not used for so long."""
        edge, lines = self._clock() - idle_s, self._lines()
        for number in [number for number, line in lines.items() if line.used <= edge]:
            del lines[number]

    def _keep(self, number: int, told: bytes, connector: Connector) -> None:
        self._lines()[number] = _Line(told, connector, self._clock())

    def _lines(self) -> dict[int, _Line]:
        lines: dict[int, _Line] = self._own.__dict__.setdefault("lines", {})
        return lines
