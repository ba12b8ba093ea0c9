"""Drawing calls by lot so that each kind of call has its share, and the same seed the same calls."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from appliance.facts import Fact
from appliance.facts.codes import INTENT_GROUPS

_GROUP_OF: Final = {code: group for group, codes in INTENT_GROUPS.items() for code in codes}
_ENDED_WELL: Final = frozenset(("booked", "booked_alternative", "info_only", "callback_timed"))


class Candidate(Fact, frozen=True, kw_only=True):
    """A call that may be drawn."""

    call_id: int
    intent: str
    outcome: str


def stratum_of(candidate: Candidate) -> str:
    """The kind of call for the draw: what it was about, and whether it ended with what was wanted."""
    ended = "well" if candidate.outcome in _ENDED_WELL else "open"
    return f"{_GROUP_OF.get(candidate.intent, 'other')} {ended}"


def draw(candidates: Iterable[Candidate], size: int, seed: str) -> list[tuple[int, str]]:
    """(call, stratum) of at most ``size`` calls in the order in which to listen.

    Every stratum gets its share of the whole (largest remainders), so that plain counts over the
    sample estimate the whole and nothing must be weighted.
    """
    strata: dict[str, list[int]] = defaultdict(list)
    for candidate in candidates:
        strata[stratum_of(candidate)].append(candidate.call_id)
    sizes = {name: len(calls) for name, calls in sorted(strata.items())}
    drawn = [
        (call_id, name)
        for name, share in shares(sizes, size).items()
        for call_id in _shuffled(strata[name], seed)[:share]
    ]
    order = _shuffled([call_id for call_id, _ in drawn], f"{seed} order")
    return sorted(drawn, key=lambda pair: order.index(pair[0]))


def shares(sizes: dict[str, int], size: int) -> dict[str, int]:
    """How many of each stratum: its part of ``size``, rounded so that the sum is right."""
    total = sum(sizes.values())
    if total <= size:
        return dict(sizes)
    exact = {name: size * n / total for name, n in sizes.items()}
    given = {name: int(part) for name, part in exact.items()}
    left = size - sum(given.values())
    for name in sorted(exact, key=lambda n: (given[n] - exact[n], n))[:left]:
        given[name] += 1
    return given


def _shuffled(calls: Sequence[int], seed: str) -> list[int]:
    """An order nobody chose: by a hash of seed and call."""
    return sorted(calls, key=lambda c: hashlib.sha256(f"{seed}:{c}".encode()).digest())
