"""Sidecars: the small file beside a recording, and lists of a folder, that tell of its call.

Many programs write them and each calls things by its own names. Only names whose meaning leaves no
doubt are read; where two of them contradict each other, neither is believed. Pure functions.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn

from appliance.errors import Unusable
from connectors.cdr import caller_id, text_of
from connectors.jsons import read_json
from connectors.names import person
from connectors.said import DIRECTIONS, NOTHING, Said

ENDINGS = ("xml", "json", "csv", "txt")
MOST_BYTES = 1024**2
MOST_LIST_BYTES = 16 * 1024**2
_MOST_LEAVES = 2000
_DEEPEST = 16
_LONGEST = 200
_LONGEST_CALL_S = 6 * 3600

# By what they are called, in lower case and without other signs.
_KEYS = {
    "caller": "callernumber callerid calleridnumber calleridnum caller ani cli clip callingnumber "
    "callingparty callingpartynumber from fromnumber fromcallerid src source sourcenumber "
    "callernum",
    "dialed": "callednumber calledparty calledpartynumber called callee calleenumber dialednumber "
    "dialed to tonumber tocallerid dst destination destinationnumber",
    "did": "did didnumber dnis dnisnumber",
    "extension": "extension ext extensionnumber agentextension userextension staffextension",
    "caller_name": "callername calleridname fromname",
    "direction": "direction calldirection calltype",
    "queue": "queue queuename queuenumber",
    "start": "start started startedat starttime startdatetime starttimestamp startepoch callstart "
    "callstarttime calldate calldatetime datetime timestamp datecreatedts datecreated",
    "duration": "duration durationsec durationsecs durationseconds callduration talktime "
    "talkduration recordseconds",
    "duration_ms": "durationms durationmilliseconds durationmsec",
    "file": "file filename recording recordingfile recordingfilename recordingname recordname "
    "audiofile audio wav wavfile path filepath recordpath",
}
_FIELD_OF = {key: field for field, keys in _KEYS.items() for key in keys.split()}
_STAMP = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T _](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?"
    r"(?: ?(Z|UTC|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_COMPACT = re.compile(r"((?:19|20)\d{6})T?(\d{6})", re.ASCII)
_LENGTH = re.compile(r"(\d{1,2}):(\d\d):(\d\d)", re.ASCII)
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9 _.-]{0,40}?)\s*[:=]\s*(.*?)\s*")

Leaves = Iterable[tuple[str, str]]


def read_sidecar(ending: str, data: bytes) -> Said:
    """What one sidecar says; NOTHING where it holds no name we know.

    Raises Unusable (sidecar_malformed) when it is not what its ending says, too large, or an
    attack: entities, a document type, bottomless nesting.
    """
    if len(data) > MOST_BYTES:
        _refuse("the file beside the recording is too large")
    leaves = {"xml": _of_xml, "json": _of_json, "csv": _of_csv, "txt": _of_text}[ending](data)
    return said_of(leaves)


def read_list(data: bytes) -> dict[str, Said]:
    """What a list (CSV with a head) says of each recording, by its file's name in lower case.

    {} where no column names files. Two lines on one file that differ cancel each other. Raises
    Unusable (sidecar_malformed).
    """
    if len(data) > MOST_LIST_BYTES:
        _refuse("the list of recordings is too large")
    rows = _rows(data)
    columns = rows[0] if rows else []
    at = next((i for i, c in enumerate(columns) if _FIELD_OF.get(_plain(c)) == "file"), -1)
    if at < 0:
        return {}
    found: dict[str, Said] = {}
    for row in rows[1:]:
        name = (
            row[at].replace("\\", "/").rpartition("/")[2].strip().lower() if at < len(row) else ""
        )
        if len(row) != len(columns) or not name:
            continue
        said = said_of(zip(columns, row, strict=True))
        found[name] = said if found.get(name, said) == said else NOTHING
    return found


def said_of(leaves: Leaves) -> Said:
    """The facts among named texts. A field that is told in two ways is not told."""
    told: dict[str, set[Any]] = {}
    for name, text in leaves:
        field = _FIELD_OF.get(_plain(name))
        if field and field != "file" and (text := _clean(text)):
            for part, value in _read(field, text):
                told.setdefault(part, set()).add(value)
    sure: dict[str, Any] = {f: values.pop() for f, values in told.items() if len(values) == 1}
    if "epoch" in sure:
        sure.pop("stamp", None)  # two ways to write one moment; this one has no zone to be wrong
    elif "epoch" in told:
        sure.pop("stamp", None)
    return Said(**sure)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isascii() and sign.isalnum())


def _clean(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST and text.isprintable() else ""


def _read(field: str, text: str) -> Iterator[tuple[str, Any]]:
    """What one text means as a field: parts of Said with their values, none where unsure."""
    if field in ("caller", "dialed", "did", "extension"):
        name, number = caller_id(text) if "<" in text else ("", text)
        if number := number_said(number):
            yield field, number
            if field == "caller" and name and number_said(name) != number:
                yield "caller_name", name
    elif field == "direction":
        if word := DIRECTIONS.get(_plain(text)):
            yield "direction", word
    elif field == "start":
        yield from moment_in(text)
    elif field in ("duration", "duration_ms"):
        if seconds := _seconds(text, 1000 if field == "duration_ms" else 1):
            yield "duration_s", seconds
    elif field == "queue" or person(text):
        yield field, text


def number_said(text: str) -> str:
    """A telephone number without the signs people put into it; "" for anything else."""
    bare = re.sub(r"[ ().-]", "", text.strip())
    return bare if re.fullmatch(r"[+*#]?[0-9*#]{1,20}", bare, re.ASCII) else ""


def moment_in(text: str) -> Iterator[tuple[str, Any]]:
    """``epoch`` or ``stamp`` with its value. Day and month in an order to be guessed: neither."""
    if re.fullmatch(r"\d{9,10}(\.\d{1,6})?|\d{12,13}", text, re.ASCII):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1)
        if 946684800 <= seconds < 4102444800:
            yield "epoch", seconds
        return
    try:
        if match := _COMPACT.fullmatch(text):
            yield "stamp", f"{datetime.fromisoformat(match[1] + 'T' + match[2]):%Y%m%dT%H%M%S}"
        elif match := _STAMP.fullmatch(text):
            year, month, day, hour, minute, second, zone = match.groups()
            plain = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
            if zone:
                zone = "+00:00" if zone in ("Z", "UTC") else zone
                yield "epoch", datetime.fromisoformat(plain + zone).timestamp()
            else:
                yield "stamp", f"{datetime.fromisoformat(plain):%Y%m%dT%H%M%S}"
    except (ValueError, OverflowError):
        return


def _seconds(text: str, parts: int) -> float:
    """A length in seconds; 0 for one that is none or beyond any call (then it was not seconds)."""
    if match := _LENGTH.fullmatch(text):
        found = float(int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]))
    elif re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        found = float(text) / parts
    else:
        return 0
    return found if found <= _LONGEST_CALL_S else 0


def _refuse(message: str, cause: Exception | None = None) -> NoReturn:
    raise Unusable(message, "sidecar_malformed") from cause


def _of_xml(data: bytes) -> Leaves:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
        return list(_leaves(_tree(root, 0)))
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        _refuse("the XML beside the recording cannot be read", error)


def _tree(element: Any, depth: int) -> Any:
    """An element as nested names: attributes and children by name, a text where there are none."""
    if depth > _DEEPEST:
        _refuse("the XML beside the recording is nested too deep")
    named = element.get("name") or element.get("key")
    children = list(element)
    if named and not children:
        return {named: element.get("value") or element.text or ""}
    found: dict[str, list[Any]] = {name: [text] for name, text in element.attrib.items()}
    for child in children:
        tag = str(child.tag).rpartition("}")[2]
        inside = _tree(child, depth + 1)
        labelled = isinstance(inside, dict) and (child.get("name") or child.get("key"))
        for name, what in inside.items() if labelled else ((tag, inside),):
            found.setdefault(name, []).append(what)
    if not found:
        return element.text or ""
    return found


def _of_json(data: bytes) -> Leaves:
    try:
        return list(_leaves(read_json(_text(data).encode())))
    except (ValueError, RecursionError) as error:
        _refuse("the JSON beside the recording cannot be read", error)


def _leaves(tree: Any) -> Iterator[tuple[str, str]]:
    """The texts of a tree with their names.

    Wrappers around the whole are looked through. What lies deeper bears the name of what holds it
    too: the ``from`` of a ``transfer`` is not the caller.
    """
    while (isinstance(tree, dict | list)) and len(tree) == 1:
        (inner,) = tree.values() if isinstance(tree, dict) else tree
        if not isinstance(inner, dict | list):
            break
        tree = inner
    if not isinstance(tree, dict):
        return
    for count, leaf in enumerate(_walk(tree, "", 0)):
        if count >= _MOST_LEAVES:
            _refuse("the file beside the recording says too much")
        yield leaf


def _walk(tree: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, what in tree.items() if depth <= _DEEPEST else ():
        for one in what if isinstance(what, list) else [what]:
            if isinstance(one, Mapping):
                yield from _walk(one, above + name, depth + 1)
            elif isinstance(one, str | int | float) and not isinstance(one, bool):
                yield above + name, str(one)


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return text_of(data.removeprefix(b"\xef\xbb\xbf"))


def _rows(data: bytes) -> list[list[str]]:
    try:
        lines = _text(data).replace("\0", "").splitlines()
        head = lines[0] if lines else ""
        sign = max(",;\t|", key=head.count)
        return [row for row in csv.reader(lines, delimiter=sign) if any(row)]
    except (csv.Error, ValueError) as error:
        _refuse("the CSV beside the recording cannot be read", error)


def _of_csv(data: bytes) -> Leaves:
    """A head and one line; or lines of a name and its text."""
    rows = _rows(data)
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) > 2:
        return list(zip(rows[0], rows[1], strict=True))
    if rows and all(len(row) == 2 for row in rows):
        return [(name, text) for name, text in rows]
    return []


def _of_text(data: bytes) -> Leaves:
    matches = map(_LINE.fullmatch, _text(data).splitlines()[:_MOST_LEAVES])
    return [(match[1], match[2]) for match in matches if match]
