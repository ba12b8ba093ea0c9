"""Dates of birth; other dates are passed over so that no part of them is taken for a number."""

from collections.abc import Iterator
from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_numbers import DIGITS, TEENS, TENS
from appliance.reading.redaction_tokens import PASSED, Marks, Talk
from appliance.reading.redaction_topics import Topics

MONTHS: Final = words(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec"
)
_ORDINALS: Final = words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_SMALL: Final = frozenset(("the", "of", "and", "in", "a"))
_MOST: Final = 9  # words of a date
_SOON: Final = 7  # lines in which a question for a birthday may be answered


def mark_dates(talk: Talk, marks: Marks, topics: Topics) -> None:
    """Mark dates where a birthday is asked for or named; pass over the others."""
    for line in range(len(talk.ranges)):
        for first, last, sure in _dates(talk, line):
            if not marks.free(first, last):
                continue
            born = topics.recently(first, "DATE_OF_BIRTH", _SOON) and (
                not sure or _has_year(talk, first, last)
            )
            born = born or topics.after(last, 6) == "DATE_OF_BIRTH"
            if born and (sure or _is_triple(talk, first, last)):
                marks.put(first, last, "DATE_OF_BIRTH")
                topics.note(last - 1, "DATE_OF_BIRTH")
            elif sure:
                marks.put(first, last, PASSED)


def _dates(talk: Talk, line: int) -> Iterator[tuple[int, int, bool]]:
    """Ranges that say a date, and whether a month or an ordinal makes it sure."""
    first, last = talk.ranges[line]
    at = first
    while at < last:
        end = _date_end(talk, at, last)
        if end:
            words = talk.plain[at:end]
            named = any(word in MONTHS or _is_ordinal(word) for word in words)
            yield at, end, named
            at = end
        else:
            at += 1


def _has_year(talk: Talk, first: int, last: int) -> bool:
    """Whether a date says more than a month and a day, or so little that it is no visit's."""
    numbers = [w for w in talk.plain[first:last] if _is_number(w) or _is_ordinal(w)]
    month = any(word in MONTHS for word in talk.plain[first:last])
    return len(numbers) >= 3 or (month and len(numbers) >= 2)


def _date_end(talk: Talk, at: int, last: int) -> int:
    """Behind the date that begins here, 0 where none does."""
    word = talk.plain[at]
    if word == "the" and at + 1 < last and _is_day(talk, at + 1):
        return _grown(talk, at, last)
    if word in MONTHS and _month_like(talk, at, last):
        return _grown(talk, at, last)
    if _is_day(talk, at):
        return _grown(talk, at, last)
    return _triple_end(talk, at, last)


def _month_like(talk: Talk, at: int, last: int) -> bool:
    """May and march are words, too: a number must follow."""
    after = talk.plain[at + 1 : min(last, at + 3)]
    return any(_is_ordinal(word) or _is_number(word) for word in after)


def _is_day(talk: Talk, at: int) -> bool:
    word = talk.plain[at]
    if _is_ordinal(word):
        return True
    after = talk.plain[at + 1 : at + 2]
    return word in ("twenty", "thirty") and bool(after) and after[0] in _ORDINALS


def _is_ordinal(word: str) -> bool:
    return word in _ORDINALS or (word[:1].isdigit() and word[-2:] in ("st", "nd", "rd", "th"))


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in DIGITS or word in TEENS or word in TENS or word == "hundred"


def _grown(talk: Talk, at: int, last: int) -> int:
    """Behind the words that go on saying a date; it must name a month or a year to be one."""
    end, solid = at, at
    while end < min(last, at + _MOST) and (end == at or talk.joined(end)):
        word = talk.plain[end]
        if word in MONTHS or _is_ordinal(word) or _is_number(word):
            solid = end + 1
        elif word not in _SMALL:
            break
        end += 1
    words = talk.plain[at:solid]
    month = any(word in MONTHS for word in words)
    years = sum(_is_number(word) for word in words) >= 2
    return solid if month or (years and any(map(_is_ordinal, words))) else 0


def _triple_end(talk: Talk, at: int, last: int) -> int:
    """Twelve, three, ninety one; 6/12/71; six twelve seventy one: month, day and year."""
    parts: list[int] = []
    place = at
    while place < last and len(parts) < 3 and (place == at or talk.joined(place)):
        value, after = _value(talk, place, last, year=len(parts) == 2)
        if value is None:
            break
        parts.append(value)
        place = after
    if len(parts) < 3 or not (1 <= parts[0] <= 31 and 1 <= parts[1] <= 31):
        return 0
    if _numbered(talk, at - 1, at) or (place < last and _numbered(talk, place, place)):
        return 0
    return place if min(parts[:2]) <= 12 and _is_year(parts[2]) else 0


def _numbered(talk: Talk, at: int, joint: int) -> bool:
    """Whether more digits stand beside a place in the same sentence."""
    return at >= 0 and talk.joined(joint) and (
        _is_number(talk.plain[at]) or talk.plain[at] in ("double", "triple")
    )  # fmt: skip


def _is_year(value: int) -> bool:
    return 10 <= value <= 99 or 1900 <= value <= 2050 or -9 <= value < 0


def _value(talk: Talk, at: int, last: int, *, year: bool) -> tuple[int | None, int]:
    """A number below a hundred, or a year, and the place behind it."""
    word = talk.plain[at]
    if word.isdecimal():
        return (int(word), at + 1) if len(word) <= 4 else (None, at)
    if year and word in ("nineteen", "twenty") and at + 1 < last:
        skip = 1 + (talk.plain[at + 1] in ("and", "hundred"))
        rest, after = _value(talk, at + skip, last, year=False) if at + skip < last else (None, at)
        if rest is not None:
            return (1900 if word == "nineteen" else 2000) + rest, after
    if word in ("oh", "zero", "o") and at + 1 < last and talk.plain[at + 1] in DIGITS:
        value = int(DIGITS[talk.plain[at + 1]])
        return (-value if year else value), at + 2
    if word in TENS:
        unit = DIGITS.get(talk.plain[at + 1], "0") if at + 1 < last else "0"
        near = at + 1 < last and talk.tokens[at + 1].gap in (" ", "-")
        grown = near and unit != "0"
        return int(TENS[word] + (unit if grown else "0")), at + 1 + grown
    if word in TEENS or word in DIGITS:
        return int(TEENS.get(word) or DIGITS[word]), at + 1
    return None, at


def _is_triple(talk: Talk, first: int, last: int) -> bool:
    """Commas or slashes between the parts, or nothing else in the sentence."""
    alone = talk.tokens[first].opens and (last == talk.bounds(first)[1] or talk.tokens[last].opens)
    gaps = [talk.tokens[at].gap.strip() for at in range(first + 1, last)]
    return alone or any(gaps) or last - first >= 3
