"""Where two readings of a call differ, and how well they agree over many."""

from collections import Counter
from collections.abc import Iterable, Mapping

from appliance.facts.analysis import Analysis
from appliance.facts.codes import UNKNOWN
from appliance.facts.opinions import Agreement, Claim, Compared
from appliance.facts.reviews import NOT_TURNED_AWAY

Counted = Mapping[tuple[str, str], int]  # {(ours, theirs): calls}
FEW = 10  # of fewer calls kappa says nothing


def compare(analysis: Analysis | None, claims: Iterable[Claim]) -> tuple[Compared, ...]:
    """The labels of an opinion beside what the box itself read."""
    return tuple(
        Compared(
            label=claim.label,
            ours=_ours(analysis, claim.label),
            theirs=claim.value,
            evidence=claim.evidence,
        )
        for claim in claims
    )


def _ours(analysis: Analysis | None, label: str) -> str:
    if analysis is None:
        return UNKNOWN
    if label != "turnaway":
        return getattr(analysis, label) or UNKNOWN
    if analysis.turnaway:
        return analysis.turnaway.reason
    return NOT_TURNED_AWAY if analysis.turnaway_told else UNKNOWN


def measure(label: str, counted: Counted) -> Agreement:
    """How well both agree on a label, by the calls on which both said anything."""
    told = {pair: n for pair, n in counted.items() if UNKNOWN not in pair}
    both = sum(told.values())
    same = sum(n for (ours, theirs), n in told.items() if ours == theirs)
    return Agreement(
        label=label,
        both=both,
        same=same,
        only_theirs=sum(n for (o, t), n in counted.items() if o == UNKNOWN != t),
        kappa=_kappa(told, both, same) if both >= FEW else None,
    )


def _kappa(told: Counted, both: int, same: int) -> float | None:
    """Cohen's: how far agreement exceeds what the two would reach by chance."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for (our, their), n in told.items():
        ours[our] += n
        theirs[their] += n
    chance = sum(ours[code] * theirs[code] for code in ours) / both**2
    return None if chance == 1 else (same / both - chance) / (1 - chance)
