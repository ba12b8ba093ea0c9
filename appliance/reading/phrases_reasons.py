"""Why people call: for every intent, phrases and how strongly each speaks for it.

Weights: 5 and above the thing itself is named, 3 a strong hint, 2 a usual companion, 1 a faint hint.
"""

from typing import Final

from appliance.reading.phrases_signs import SIGNS
from appliance.reading.reasons_errands import ERRANDS
from appliance.reading.reasons_others import OTHERS
from appliance.reading.reasons_visits import VISITS

__all__ = ["REASONS", "SIGNS"]

REASONS: Final[dict[str, dict[int, str]]] = {**VISITS, **ERRANDS, **OTHERS}
