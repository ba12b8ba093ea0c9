"""Short conversations for tests: ``talk("S: Elm Vet, this is Joy", "C: my dog is limping")``."""

from appliance.facts.analysis import Analysis, CallContext
from appliance.facts.speech import Segment
from appliance.reading import read

_SPEAKERS = {"S": "staff", "C": "caller", "I": "ivr", "?": "unknown"}


def segments(*lines: str) -> list[Segment]:
    """Segments from lines that begin with S, C, I or ? and a colon."""
    rows = (line.split(":", 1) for line in lines)
    return [
        Segment(index=index, speaker=_SPEAKERS[side], text=text.strip())
        for index, (side, text) in enumerate(rows)
    ]


def talk(*lines: str, context: CallContext | None = None) -> Analysis:
    """The reading of a short conversation."""
    return read(segments(*lines), context or CallContext())


def reason(analysis: Analysis) -> str | None:
    """The turnaway's reason, None where there is none."""
    return analysis.turnaway.reason if analysis.turnaway else None
