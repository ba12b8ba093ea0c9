"""What a visit brings and how likely it is to be booked: the clinic's own numbers, always ranges."""

from datetime import date

from appliance.facts import Fact
from appliance.facts.codes import INTENT_GROUPS, TURNAWAY_KINDS

# End of life has no price here: such calls are never counted as lost bookings.
PRICED = tuple(code for code in INTENT_GROUPS["bookable"] if code != "end_of_life")
OTHER_VISIT = "other"  # what is taken where the call does not tell which visit was wanted
KINDS = tuple(TURNAWAY_KINDS)

Range = tuple[int, int]


class FeeList(Fact, frozen=True, kw_only=True):
    """``fees`` maps a visit to its lowest and highest fee, ``odds`` a kind of turnaway to percents.

    Empty means not told; then no money is shown. Fees are whole units of ``currency``.
    """

    currency: str = "$"
    fees: dict[str, Range] = {}
    odds: dict[str, Range] = {}

    @property
    def told(self) -> bool:
        """Whether there is anything to reckon with."""
        return bool(self.fees and self.odds)


class Estimate(Fact, frozen=True, kw_only=True):
    """What one caller may have been worth, and the assumptions behind it.

    ``visit`` is the entry of the fee list that was taken. ``low`` and ``high`` are fee times odds.
    """

    visit: str
    fee: Range
    odds: Range
    low: float
    high: float


class WeekSum(Fact, frozen=True, kw_only=True):
    """The callers of one week, each counted once; ``unpriced`` of them are in no sum of money.

    ``lines`` are the assumptions: how many callers of a visit and a kind, and the range of one.
    ``low`` and ``high`` are what their rounded ranges add up to, so that people can check the sum.
    """

    first_day: date
    callers: int
    recovered: int
    to_do: int
    unpriced: int
    low: int
    high: int
    lines: tuple[tuple[int, str, Estimate], ...] = ()
