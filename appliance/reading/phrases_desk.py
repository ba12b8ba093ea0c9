"""What the front desk says: the dialogue acts of staff, each with the phrases that perform it."""

from typing import Final

from appliance.reading.phrases_blocks import BLOCKING
from appliance.reading.phrases_manner import MANNER
from appliance.reading.phrases_offers import OFFERING
from appliance.reading.phrases_substance import SUBSTANCE

DESK: Final[dict[str, str]] = {**MANNER, **OFFERING, **BLOCKING, **SUBSTANCE}
