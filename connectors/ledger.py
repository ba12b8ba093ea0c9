"""What a connector remembers that reads records (an API, a database, pushed lines), not files.

A watermark, an overlap and a pending set: records are read again from ``since(ledger)`` on, which
never lies behind an item that may still succeed; what was told is known by its fingerprint.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import structs

from appliance.facts import Fact
from appliance.facts.calls import FoundCall
from connectors.ahead import marked
from connectors.interface import Checkpoint

GIVE_UP_S = 24 * 3600.0  # a call whose recording never comes is told without it after this
REMEMBER_S = 5 * 86400.0


class Waiting(Fact, frozen=True, array_like=True):
    """A call not told yet: where its first record lies, and when (epoch s) it was first seen."""

    position: float
    since: float


class Told(Fact, frozen=True, array_like=True):
    """A call that was told: its fingerprint, when last seen (epoch s), how many recordings.

    ``ahead``: its time (epoch s), where that lay ahead of our clock; else 0.
    """

    fingerprint: str
    seen: float
    recordings: int
    ahead: float = 0


class Ledger(msgspec.Struct):
    """All such a connector remembers.

    ``mark``: the latest position (epoch seconds) read so far, never ahead of our clock; -1: none.
    ``more``: whatever a dialect must keep beside it, plain JSON.
    """

    mark: float = -1
    waiting: dict[str, Waiting] = {}
    told: dict[str, Told] = {}
    more: dict[str, str] = {}


class Candidate(NamedTuple):
    """A call as the records tell it now.

    ``position``: epoch seconds from which it must be read again while it waits; -1: it need not.
    ``ready``: over, and every recording of it at hand.
    """

    call: FoundCall
    position: float
    ready: bool


def recall(checkpoint: Checkpoint) -> Ledger:
    """The ledger in a checkpoint ({}: an empty one), the checkpoint itself left alone."""
    return msgspec.convert(checkpoint, Ledger)


def checkpoint_of(ledger: Ledger) -> Checkpoint:
    """The ledger as plain JSON values."""
    found: Checkpoint = msgspec.to_builtins(ledger)
    return found


def since(ledger: Ledger, overlap: float) -> float:
    """The position from which to read again: never past anything that waits; -1: from the start."""
    if ledger.mark < 0:
        return -1
    return max(0.0, min([ledger.mark, *(w.position for w in ledger.waiting.values())]) - overlap)


def settle(
    ledger: Ledger, candidates: Iterable[Candidate], now: datetime, give_up_s: float = GIVE_UP_S
) -> tuple[FoundCall, ...]:
    """The calls with news, oldest first; the ledger learns what was told and what waits.

    The same call may come twice among the candidates; the last one counts. A call never shrinks:
    with fewer recordings than were told before, it is not told again. What stays not ready for
    ``give_up_s`` is told as it is, with the warning ``cdr_without_file``; what lies ahead of our
    clock, with ``future_time``.
    """
    moment, news = now.timestamp(), []
    for call, at, ready in {c.call.native_key: c for c in candidates}.values():
        position = min(at, moment)
        ledger.mark = max(ledger.mark, position)
        before = ledger.waiting.get(call.native_key)
        # A clock that has since been set back must not make a call wait for ever.
        first = min(before.since, moment) if before else moment
        if not ready and first + give_up_s > moment:
            ledger.waiting[call.native_key] = Waiting(position, first)
            continue
        ledger.waiting.pop(call.native_key, None)
        known = ledger.told.get(call.native_key)
        told, ahead = marked(
            call if ready else _without_file(call), known.ahead if known else 0, now
        )
        if _is_news(ledger, told, moment, ahead):
            news.append(told)
    _forget(ledger, moment)
    return tuple(sorted(news, key=lambda call: (call.started_at, call.native_key)))


def _without_file(call: FoundCall) -> FoundCall:
    if "cdr_without_file" in call.warnings:
        return call
    return structs.replace(call, warnings=(*call.warnings, "cdr_without_file"))


def _is_news(ledger: Ledger, call: FoundCall, moment: float, ahead: float) -> bool:
    fingerprint = hashlib.sha256(msgspec.json.encode(call)).hexdigest()[:16]
    before, count = ledger.told.get(call.native_key), len(call.recordings)
    same = before is not None and (before.fingerprint == fingerprint or count < before.recordings)
    kept = before.fingerprint if same and before else fingerprint
    most = max(count, before.recordings if before else 0)
    ledger.told[call.native_key] = Told(kept, moment, most, ahead)
    return not same


def _forget(ledger: Ledger, moment: float) -> None:
    """Drop what was told long ago and is read no more; set-back clocks must not keep it for ever."""
    edge = moment - REMEMBER_S
    ledger.told = {key: told for key, told in ledger.told.items() if told.seen >= edge}
