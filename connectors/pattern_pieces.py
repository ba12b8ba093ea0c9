"""The pieces a file-name pattern is made of, and the making of them from what a person wrote."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from appliance.errors import Misconfigured
from connectors.mount import suffix_of
from connectors.wav import AUDIO

LONGEST_PATTERN = 300
_MOST_PIECES = 60
_MOST_ANYS = 8
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NUMBER = _DIGITS | _LETTERS | frozenset("+*#")
_BRACES = re.compile(r"\{([^{}]*)\}")
_DATE_TOKENS = {"YYYY": "year", "YY": "short_year", "MM": "month", "DD": "day", "MON": "month_name"}
_TIME_TOKENS = {"HH": "hour", "MM": "minute", "SS": "second", "AM": "half"}

# Words a pattern may hold, as a page explains them.
FIELDS = {
    "date": "the day, as {date:YYYYMMDD}, {date:DD.MM.YYYY}, {date:YYYY}, {date:MON} …",
    "time": "the time, as {time:HHMMSS} or {time:HH-MM-SS}; {time:HHMMAM} on a 12-hour clock",
    "epoch": "seconds since 1970",
    "caller": "the number that called",
    "dialed": "the number that was called",
    "number": "the number outside the clinic, whichever way the call went",
    "extension": "the phone of the clinic",
    "direction": "in, out or internal, or a word such as Inbound",
    "queue": "the queue or group",
    "name": "the name of the caller",
    "id": "the phone system's own number of the call: files that share it and the day are one call",
    "uuid": "the same, in the form of 36 letters, digits and hyphens",
    "leg": "in or rx, out or tx: one side of the talk in a file of its own",
    "*": "anything",
}


class Piece(NamedTuple):
    """One part of a pattern: text that must stand there, or so many of some signs for a field."""

    field: str
    text: str = ""
    low: int = 0
    high: int = 0
    signs: frozenset[str] | None = None

    @property
    def fixed(self) -> bool:
        """Whether it always takes up the same room."""
        return bool(self.text) or self.low == self.high


PIECES = {
    "year": Piece("year", "", 4, 4, _DIGITS),
    "short_year": Piece("short_year", "", 2, 2, _DIGITS),
    "month_name": Piece("month_name", "", 3, 3, _LETTERS),
    "half": Piece("half", "", 2, 2, _LETTERS),
    **{name: Piece(name, "", 2, 2, _DIGITS) for name in ("month", "day", "hour", "minute",
                                                         "second")},
    "epoch": Piece("epoch", "", 9, 10, _DIGITS),
    "caller": Piece("caller", "", 1, 32, _NUMBER),
    "dialed": Piece("dialed", "", 1, 32, _NUMBER),
    "number": Piece("number", "", 1, 32, _NUMBER),
    "extension": Piece("extension", "", 1, 8, _DIGITS),
    "direction": Piece("direction", "", 1, 16, _LETTERS),
    "queue": Piece("queue", "", 1, 16, _DIGITS | _LETTERS),
    "name": Piece("name", "", 1, 80, None),
    "id": Piece("id", "", 1, 64, _DIGITS | _LETTERS | frozenset(".")),
    "uuid": Piece("uuid", "", 36, 36, _DIGITS | frozenset("abcdefABCDEF-")),
    "leg": Piece("leg", "", 2, 3, _LETTERS),
    "*": Piece("*", "", 0, 255, None),
}  # fmt: skip


class Pattern(NamedTuple):
    """A pattern fit for reading: for each folder and for the name, without its ending, its pieces.

    ``text`` is as it was written.
    """

    text: str
    parts: tuple[tuple[Piece, ...], ...]


def compile_pattern(text: str) -> Pattern:
    """The pattern a person wrote. Raises Misconfigured saying what to change."""
    text = text.strip().strip("/")
    if not text or len(text) > LONGEST_PATTERN or not text.isprintable():
        raise Misconfigured(f"write a file-name pattern of at most {LONGEST_PATTERN} signs")
    folders = text.split("/")
    if suffix_of(folders[-1]) in AUDIO:
        folders[-1] = folders[-1].rpartition(".")[0]
    parts = tuple(tuple(_pieces(folder)) for folder in folders)
    everything = [piece for part in parts for piece in part]
    if len(everything) > _MOST_PIECES or not all(parts):
        raise Misconfigured("the file-name pattern has too many parts or an empty folder")
    if not any(piece.field not in ("", "*") for piece in everything):
        raise Misconfigured("the file-name pattern names no field; write {caller}, {date} or such")
    for part in parts:
        _check_neighbors(part)
    return Pattern(text, parts)


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for match in _BRACES.finditer(text):
        if plain := text[at : match.start()]:
            yield _literal(plain)
        at = match.end()
        field, _, form = match[1].strip().partition(":")
        field = field.strip().lower()
        if field in ("date", "time"):
            yield from _dated(field, form or ("YYYYMMDD" if field == "date" else "HHMMSS"))
        elif field not in FIELDS or form:
            known = ", ".join("{" + name + "}" for name in FIELDS)
            raise Misconfigured(f"{{{match[1]}}} is not known in a pattern; use {known}")
        else:
            yield PIECES[field]
    if plain := text[at:]:
        yield _literal(plain)


def _literal(text: str) -> Piece:
    if "{" in text or "}" in text:
        raise Misconfigured("a brace in the file-name pattern is not closed; write {caller}")
    return Piece("", text.lower())


def _dated(field: str, form: str) -> Iterator[Piece]:
    tokens = _DATE_TOKENS if field == "date" else _TIME_TOKENS
    at, found = 0, False
    while at < len(form):
        rest = form[at:].upper()
        token = next((token for token in tokens if rest.startswith(token)), "")
        if token:
            yield PIECES[tokens[token]]
        elif form[at].isalnum():
            known = ", ".join(tokens)
            raise Misconfigured(f"{{{field}:{form}}} is not understood; it is made of {known}")
        else:
            yield _literal(form[at])
        at, found = at + (len(token) or 1), found or bool(token)
    if not found:
        raise Misconfigured(f"{{{field}:}} is empty; write {{{field}}}")


def _check_neighbors(part: Sequence[Piece]) -> None:
    """Two pieces of open length side by side could be cut anywhere."""
    if sum(piece.field == "*" for piece in part) > _MOST_ANYS:
        raise Misconfigured(f"the file-name pattern has more than {_MOST_ANYS} times {{*}}")
    for one, other in pairwise(part):
        if not one.fixed and not other.fixed:
            names = f"{{{one.field}}} and {{{other.field}}}"
            raise Misconfigured(f"put something between {names}, or nobody can tell them apart")
