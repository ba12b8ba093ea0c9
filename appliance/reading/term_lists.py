"""Lists of terms as people have them: a pasted text, or a table of any spreadsheet, and back."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from appliance.errors import Refused
from appliance.facts.vocabulary import GROUP_TITLES, GROUPS, Line, Term
from appliance.reading.terms import read_group, read_note, read_term

MOST_LINES: Final = 10_000
MOST_BYTES: Final = 2_000_000
COLUMNS: Final = ("group", "term", "sounds_like", "starred")

_NAMES: Final = {
    "group": "group", "kind": "group", "type": "group", "category": "group",
    "term": "term", "word": "term", "name": "term", "text": "term",
    "sounds_like": "note", "sounds like": "note", "note": "note", "pronunciation": "note",
    "starred": "pinned", "star": "pinned", "pinned": "pinned",
}  # fmt: skip
_GROUP_NAMES: Final = {
    **{group: group for group in GROUPS},
    **{title.casefold(): group for group, title in GROUP_TITLES.items()},
    "doctor": "doctors", "vet": "doctors", "vets": "doctors", "pet": "pets", "drug": "drugs",
    "product": "drugs", "products": "drugs", "drugs & products": "drugs", "place": "other",
    "places": "other", "others": "other",
}  # fmt: skip
_YES: Final = frozenset({"1", "yes", "y", "true", "x", "*", "starred"})
_LONGEST_LINE: Final = 1000  # what is longer is refused anyway, as a term or as a note
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def decode_list(content: bytes) -> str:
    """The text of a file, whatever program wrote it; raises Refused where it is none."""
    if len(content) > MOST_BYTES:
        raise Refused("the file is larger than 2 MB; split it into several files")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16")):  # fmt: skip
        if content.startswith(mark):
            return _decode(content, encoding)
    if b"\0" in content:
        raise Refused("this is no text; save the table as CSV and choose that file")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:  # what Excel writes as plain CSV in the West
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("this is no text; save the table as CSV UTF-8 and try again") from error


def read_list(text: str, group: str) -> list[Line]:
    """Every line with a term or what is wrong with it; empty lines are left out.

    A first line with names of columns tells where things stand. Without one, a line is the term and
    how it sounds, or its group before both; ``group`` is for lines that name none. Raises Refused
    where there are too many lines, or none.
    """
    fallback = read_group(group)
    rows = list(_rows(text))
    if not rows:
        raise Refused("there is nothing in it; give each term a line")
    columns = _header(rows[0][1])
    told = rows[1:] if columns else rows
    if len(told) > MOST_LINES:
        raise Refused(
            f"there are {len(told):,} lines, and {MOST_LINES:,} at once are possible; split the list"
        )
    return [_line(number, cells, columns, fallback) for number, cells in told]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold anything, with their number, in cells."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    parted = max("\t;,", key=text.count)
    for number, line in enumerate(lines, 1):
        if line.strip():
            # One line at a time: a stray quotation mark must not swallow those that follow.
            cells = next(csv.reader([line[:_LONGEST_LINE]], delimiter=parted), [])
            yield number, [cell.strip() for cell in cells]


def _header(cells: Sequence[str]) -> list[str]:
    """What each column is; empty where the first line is no header."""
    names = [_NAMES.get(cell.casefold(), "") for cell in cells]
    return names if "term" in names and len(cells) >= 1 and _all_named(cells, names) else []


def _all_named(cells: Sequence[str], names: Sequence[str]) -> bool:
    return all(name for cell, name in zip(cells, names, strict=True) if cell)


def _line(number: int, cells: Sequence[str], columns: Sequence[str], group: str) -> Line:
    told = _named(cells, columns)
    try:
        term = Term(
            group=_group(told["group"]) if told.get("group") else group,
            text=read_term(_uncovered(told.get("term", ""))),
            note=read_note(_uncovered(told.get("note", ""))),
            pinned=told.get("pinned", "").casefold() in _YES,
        )
    except Refused as error:
        return Line(number=number, problem=str(error))
    return Line(number=number, term=term)


def _named(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    if columns:
        return {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    if len(cells) > 1 and cells[0].casefold() in _GROUP_NAMES:
        return dict(zip(("group", "term", "note", "pinned"), cells, strict=False))
    return dict(zip(("term", "note"), cells, strict=False))


def _group(text: str) -> str:
    return _GROUP_NAMES.get(text.casefold()) or read_group(text)


def _uncovered(cell: str) -> str:
    """A cell without the mark that keeps a spreadsheet from reckoning with it."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULAS) else cell


def write_list(terms: Iterable[Term]) -> str:
    """Terms as a table that ``read_list`` reads and no spreadsheet reckons with."""
    lines = [",".join(COLUMNS)]
    for term in terms:
        cells = (term.group, term.text, term.note, "yes" if term.pinned else "")
        lines.append(",".join(map(_cell, cells)))
    return "\r\n".join(lines) + "\r\n"


def _cell(text: str) -> str:
    safe = f"'{text}" if text.startswith(_FORMULAS) else text
    return '"' + safe.replace('"', '""') + '"' if any(sign in safe for sign in ',;"\t') else safe
