"""Wilson's score interval of a share (Wilson 1927, JASA 22:209), for every figure that has one."""

from math import sqrt
from typing import Final

Z95: Final = 1.959964

Interval = tuple[float, float]


def wilson(hits: float, total: float, z: float = Z95) -> Interval:
    """The interval of a share; all is possible, (0, 1), while nothing is known."""
    if total <= 0:
        return 0.0, 1.0
    share = hits / total
    middle = share + z * z / (2 * total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
