"""The vocabulary of the house: frozen structs without input or output.

Positions are integer milliseconds from the start of the recording; moments are aware UTC datetimes
named ``*_at``.
"""

from datetime import UTC, datetime, timedelta

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all facts: immutable, compared by value, strict when decoded."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware datetime (the form in which the store keeps it)."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)
