"""The shape every phone system takes: probe it, discover its calls, ask for finality, open a file.

A connector is the only code that knows its phone system. It reads and never writes, deletes or
locks there. It keeps nothing between calls: all it remembers is in the checkpoint, plain JSON that
is opaque to the core, which stores it in the same transaction as the calls it came with. The clock
is always an argument; modification times are compared with it, never with the time of day.
"""

from collections import Counter
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording

Checkpoint = dict[str, Any]


class Probe(Fact, frozen=True):
    """What an operator wants to know before trusting a connector.

    ``problems`` are sentences for people, empty when all is well. ``capabilities`` are short words
    (recordings, cdr, linkedid, filename …). ``newest`` are the opaque locators of the newest files.
    ``clock_skew_s`` is seconds the phone system is ahead of us, None where it cannot be told.
    ``columns`` are the columns or fields of its call records; ``quota_used`` is how full its room
    for recordings is, from 0 to 1, None where it cannot be told.
    """

    problems: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    clock_skew_s: float | None = None
    zone: str = ""
    columns: tuple[str, ...] = ()
    quota_used: float | None = None


class Discovery(Fact, frozen=True):
    """One look at the phone system.

    ``calls`` are settled: the call is over and every file of it is final. The same call may come
    again: unchanged (the core ignores it), or with more rows, more files or a new size (a new
    version of the same ``native_key``). ``waiting`` counts the files seen but not final yet.
    ``notes`` are outcome codes with counts, without names or numbers: ``symlink: 2``.
    """

    calls: tuple[FoundCall, ...]
    checkpoint: Checkpoint
    waiting: int = 0
    notes: tuple[str, ...] = ()


def told_of(notes: Counter[str]) -> tuple[str, ...]:
    """Notes as texts: ``symlink: 2``."""
    return tuple(f"{code}: {count}" for code, count in sorted(notes.items()))


class Final(Fact, frozen=True):
    """The recording is whole and will, as far as anyone can tell, not change."""


class NotYet(Fact, frozen=True):
    """The recording may still change; ask again in ``retry_after_s`` seconds."""

    retry_after_s: int
    why: str


class Gone(Fact, frozen=True):
    """The recording was there and is not any more."""


Finality = Final | NotYet | Gone


class Connector(Protocol):
    """A phone system, read only."""

    def probe(self, now: datetime) -> Probe:
        """Look around without a checkpoint. Problems are returned in words, not raised."""
        ...

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """All settled calls not told before, with the checkpoint to hand in next time.

        ``checkpoint`` is {} the first time and is not changed; calling twice with the same one is
        safe. The new one never moves past an item that may still succeed. Raises Unavailable when
        the phone system is away or looks emptied: the old checkpoint then stays good.
        """
        ...

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """Whether ``recording`` is still exactly what discover saw, whole, and its call over.

        Raises Unavailable when the phone system is away.
        """
        ...

    def open(self, recording: FoundRecording) -> BinaryIO:
        """A binary stream of exactly the file discover saw, at most its ``size`` bytes.

        Raises NotFound when it vanished, Unavailable when the share is away or the file changed
        since (the next discover returns it anew), Unusable when it is too large or no plain file.
        """
        ...
