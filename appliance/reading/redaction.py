"""Personal data in a call, as exact spans over its segments; the text itself is never rewritten."""

from collections.abc import Sequence

from appliance.facts.analysis import KnownNames, Span
from appliance.facts.speech import Segment
from appliance.reading.redaction_addresses import mark_addresses
from appliance.reading.redaction_codes import mark_codes
from appliance.reading.redaction_dates import mark_dates
from appliance.reading.redaction_mail import mark_mail
from appliance.reading.redaction_names import mark_names
from appliance.reading.redaction_tokens import Marks, Talk
from appliance.reading.redaction_topics import Topics


def find_spans(segments: Sequence[Segment], known: KnownNames) -> tuple[Span, ...]:
    """All personal data, in order and disjoint; never raises on any text.

    What is marked first stays: mail before dates, dates before streets, streets before numbers,
    names last, over the words that are left.
    """
    talk = Talk(segments)
    marks, topics = Marks(talk), Topics(talk)
    mark_mail(talk, marks, topics)
    mark_dates(talk, marks, topics)
    mark_addresses(talk, marks, topics)
    mark_codes(talk, marks, topics)
    mark_names(talk, marks, topics, known)
    return marks.spans()
