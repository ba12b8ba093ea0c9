"""When a recording is final: container whole, two equal looks, call over, and quiet since then."""

from datetime import datetime

from appliance.facts import Fact
from connectors.interface import Final, Finality, NotYet


class Patience(Fact, frozen=True):
    """How long to wait before a file is believed; all in seconds except ``lookback_days``.

    ``look_gap_s``: two equal looks at size and mtime lie at least this far apart (an Asterisk WAV
    grows in jumps about 2 s apart). ``quiet_s``: after the end of the call and the last write (an
    attended transfer appends to a closed file; a headerless g729 grows every 33 s). ``orphan_
    quiet_s``: the same for a file without any call record. ``salvage_after_s``: after this a zero
    header means a crash, not a long call. ``lookback_days``: how far back files are looked at and
    changes of taken ones noticed; below 1 it is taken as 1.
    """

    look_gap_s: float = 10
    quiet_s: float = 60
    orphan_quiet_s: float = 300
    salvage_after_s: float = 6 * 3600
    lookback_days: float = 2


class Look(Fact, frozen=True, array_like=True):
    """What a file looked like: bytes, mtime in ns, the moment (epoch s) it first looked so.

    ``state``, ``hint``, ``rate`` and ``channels`` are what its header said (see wav.py), kept so
    that an unchanged file is not opened again.
    """

    size: int
    modified_ns: int
    since: float
    state: str = ""
    hint: str = ""
    rate: int = 0
    channels: int = 0


def is_broken_off(patience: Patience, look: Look, now: datetime) -> bool:
    """Whether a header that still says "being written" was left so by a crash."""
    return look.state == "writing" and _written(look) + patience.salvage_after_s <= now.timestamp()


def verdict_of(
    patience: Patience, look: Look, ended_at: datetime | None, now: datetime, immediate: bool
) -> Finality:
    """Final or NotYet for a file that is there.

    ``ended_at`` is the end of its call as the call records tell it, None where there are none.
    ``immediate``: only the container decides (a one-off import of files nobody writes).
    """
    moment = now.timestamp()
    if look.state == "writing" and not is_broken_off(patience, look, now):
        wait = _written(look) + patience.salvage_after_s - moment
        return _not_yet(min(wait, patience.quiet_s), "still_writing")
    if look.state == "forbidden":
        return _not_yet(patience.quiet_s, "unreadable")
    if immediate:
        return Final()
    if (wait := look.since + patience.look_gap_s - moment) > 0:
        return _not_yet(wait, "second_look")
    quiet = patience.orphan_quiet_s if ended_at is None else patience.quiet_s
    last = max(_written(look), ended_at.timestamp() if ended_at else 0)
    if (wait := last + quiet - moment) > 0:
        return _not_yet(wait, "quiet")
    return Final()


def _written(look: Look) -> float:
    """Epoch seconds of the last write. A time ahead of our clock says nothing; our look does."""
    return min(look.modified_ns / 1e9, look.since)


def _not_yet(seconds: float, why: str) -> NotYet:
    return NotYet(retry_after_s=max(1, round(seconds + 0.5)), why=why)
