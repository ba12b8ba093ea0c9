"""What the caller says: the dialogue acts of callers, each with the phrases that perform it."""

from typing import Final

from appliance.reading.phrases_moods import MOODS_AND_SELVES
from appliance.reading.phrases_wishes import WISHES

CALLER: Final[dict[str, str]] = {**WISHES, **MOODS_AND_SELVES}
