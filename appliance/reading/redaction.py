"""Personal data in a call, as exact spans over its segments; the text itself is never rewritten."""

from collections.abc import Sequence

from appliance.facts.analysis import KnownNames, Span
from appliance.facts.speech import Segment
from appliance.reading.redaction_cards import prepared
from appliance.reading.redaction_names import mark_names


def find_spans(segments: Sequence[Segment], known: KnownNames) -> tuple[Span, ...]:
    """All personal data, in order and disjoint; never raises on any text.

    What is marked first stays: mail before dates, dates before streets, streets before numbers,
    names last, over the words that are left.
    """
    talk, marks, topics = prepared(segments)
    mark_names(talk, marks, topics, known)
    return marks.spans()
