"""Street addresses, boxes, units and what follows them: "twenty two oh five Maple Court, unit b"."""

from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_numbers import DIGITS, STARTS, TEENS, TENS, read_atom
from appliance.reading.redaction_odd import is_odd
from appliance.reading.redaction_tokens import Marks, Talk
from appliance.reading.redaction_topics import Topics
from appliance.reading.redaction_words import CALENDAR, CLINIC_WORDS, ORDINARY, PLACES

_STREETS: Final = words(
    "road rd street st avenue ave lane ln drive court ct circle cir boulevard blvd way trail trl "
    "place loop parkway pkwy highway hwy terrace terr trace bend route pike turnpike row alley "
    "crossing path run ridge square plaza cove landing point hollow calle avenida rua"
)
# Street words that say nothing else; the others need a number in front.
_PLAIN_STREETS: Final = words(
    "road rd street avenue ave lane boulevard blvd parkway pkwy highway hwy pike turnpike"
)
_SURE_STREETS: Final = _PLAIN_STREETS | {"court", "drive", "circle", "trail", "terrace"}
_ROUTES: Final = words("county state rural highway route farm fm us township")
_SIDES: Final = words(
    "north south east west northeast northwest southeast southwest n s e w ne nw se sw old new "
    "upper lower saint st fort mount lake el la las los san santa mc"
)
_UNITS: Final = words(
    "apartment apt unit suite lot box number building bldg floor space trailer room # ste"
)
_TAILS: Final = (
    ("upstairs",), ("downstairs",), ("lower", "unit"), ("upper", "unit"), ("lower", "level"),
    ("rear", "unit"), ("front", "unit"), ("second", "floor", "left"), ("second", "left"),
    ("in", "the", "back"),
)  # fmt: skip
_AT: Final = words("at on off i'm we're he's she's they're 's is it's live lives")
_NO_STREET: Final = words(
    "the a an in of on or my your his her our their this that no any some by to and one two three "
    "four five six seven eight nine ten half only each other same right long all way whole"
)
_BOXES: Final = frozenset(("post", "p", "po", "rural", "box"))
_SOON: Final = 6  # lines in which more of an address may follow


def mark_addresses(talk: Talk, marks: Marks, topics: Topics) -> None:
    """Mark addresses in their order; what was said of one is known when it is read back."""
    streets: set[str] = set()
    last_line = -_SOON - 1
    for line in range(len(talk.ranges)):
        first, last = talk.ranges[line]
        at = first
        while at < last:
            about = _about(topics, at) or line - last_line <= _SOON
            end = _address_end(talk, at, last, about=about, streets=streets)
            end = end or (_tail_alone(talk, at, last) if line - last_line <= _SOON else 0)
            if end and marks.free(at, end):
                streets.update(w for w in talk.plain[at:end] if _names_street(w))
                marks.put(at, end, "ADDRESS")
                topics.note(end - 1, "ADDRESS")
                last_line, at = line, end
            else:
                at += 1


def _about(topics: Topics, at: int) -> bool:
    cue = topics.before(at)
    return bool(cue and cue.code == "ADDRESS")


def _short_unit(talk: Talk, at: int, last: int) -> int:
    """Behind a bare unit after a street that is said again: "Old Norcross Trace, twelve B"."""
    if at < last and "," in talk.tokens[at].gap and talk.joined(at) and _counts(talk.plain[at]):
        return _code_end(talk, at, last) or at
    return at


def _names_street(word: str) -> bool:
    known = word in ORDINARY or word in _SIDES or word in _STREETS or word in _UNITS
    return word.isalpha() and len(word) > 2 and not known and not _counts(word)


def _counts(word: str) -> bool:
    return word in DIGITS or word in TEENS or word in TENS or word == "hundred"


def _address_end(talk: Talk, at: int, last: int, *, about: bool, streets: set[str]) -> int:
    """Behind the address that begins here, 0 where none does."""
    number = _number_end(talk, at, last)
    if number:
        end = _street_end(talk, number, last, about=about, streets=streets)
        return _grown(talk, end, last, about=about) if end else 0
    end = _box_end(talk, at, last) if talk.plain[at] in _BOXES else 0
    end = end or _bare_street(talk, at, last)
    sided = talk.plain[at] in _SIDES and at + 1 < last and talk.plain[at + 1] in streets
    if not end and (talk.plain[at] in streets or sided):
        end = _short_unit(talk, _grown_name(talk, at, last), last)
    return _grown(talk, end, last, about=about) if end else 0


def _number_end(talk: Talk, at: int, last: int) -> int:
    """Behind a house number of one to six digits."""
    if talk.plain[at] not in STARTS and not talk.plain[at].isdecimal():
        return 0
    behind = at > talk.bounds(at)[0] and talk.joined(at) and talk.tokens[at].gap == " "
    before = talk.plain[at - 1] if behind else ""
    if _counts(before) or before.isdecimal() or before == "$":
        return 0
    place, size = at, 0
    while place < last and (place == at or talk.joined(place)):
        atom = read_atom(talk, place, last)
        if atom is None or atom.kind != "digit":
            break
        size += len(atom.text)
        place = atom.last
    return place if 1 <= size <= 6 else 0


def _street_end(talk: Talk, at: int, last: int, *, about: bool, streets: set[str]) -> int:
    """Behind the street's name after a house number."""
    place = at
    while place < last and talk.plain[place] in _SIDES and _tight(talk, place):
        place += 1
    for size in range(1, 5):
        end = place + size
        if end > last or not _tight(talk, end - 1):
            break
        word = talk.plain[end - 1]
        named = talk.cased or word in _SURE_STREETS or any(map(is_odd, talk.plain[at : end - 1]))
        more = end < last and talk.plain[end] in _STREETS and _tight(talk, end)
        if (
            word in _STREETS
            and end - 1 > at
            and not more
            and named
            and not _clinic_after(talk, end, last)
        ):
            return _route_end(talk, end, last) if _is_route(talk, end) else end
        if word in _NO_STREET or (_counts(word) and size > 1):
            break
    if (
        place < last
        and not _tight(talk, place)
        and not (
            talk.tokens[place].gap == ", "
            and place + 1 < last
            and talk.plain[place + 1] in _STREETS
        )
    ):
        return 0
    return _unnamed_end(talk, at, place, last, about=about, streets=streets)


def _is_route(talk: Talk, end: int) -> bool:
    """Whether a road is known by its number: "State Route 29", "County Road 77"."""
    return talk.plain[end - 1] in ("route", "road", "highway") and talk.plain[end - 2] in _ROUTES


def _route_end(talk: Talk, at: int, last: int) -> int:
    return (_number_end(talk, at, last) if at < last and _tight(talk, at) else 0) or at


def _unnamed_end(
    talk: Talk, number: int, at: int, last: int, *, about: bool, streets: set[str]
) -> int:
    """A street without a word like "road": a written name, or an odd word while asked for it."""
    if at >= last:
        return 0
    token = talk.tokens[at]
    word = token.plain
    if token.opens or word in CLINIC_WORDS or word in CALENDAR:
        return 0
    sided = at > number
    if word in streets:
        return _grown_name(talk, at, last)
    odd = is_odd(word) and len(word) > 3 and word not in _STREETS
    written = token.capital and talk.cased and word.isalpha() and len(word) > 1
    said_where = _before(talk, number) in _AT
    said_where = said_where and (talk.cased or at > number or number - _first(talk, number) > 1)
    long = _size(talk, number) >= 2
    if odd and (about or said_where or (sided and long) or (written and long)):
        return _grown_name(talk, at, last) if written or not talk.cased else 0
    plain_street = written and (about or (said_where and long))
    if (plain_street or (about and sided and not talk.cased)) and word not in _NO_STREET:
        return _grown_name(talk, at, last)
    return 0


def _size(talk: Talk, at: int) -> int:
    """How many digits a number has that ends at a place."""
    place, size = _first(talk, at), 0
    while place < at:
        atom = read_atom(talk, place, at)
        if atom is None:
            break
        size += len(atom.text)
        place = atom.last
    return size


def _first(talk: Talk, at: int) -> int:
    """Where the number begins that ends at a place."""
    first = talk.bounds(min(at, len(talk.tokens) - 1))[0]
    place = at
    while place > first and (_counts(talk.plain[place - 1]) or talk.plain[place - 1].isdecimal()):
        place -= 1
    return place


def _before(talk: Talk, at: int) -> str:
    """The word in front of the number that ends here."""
    first = talk.bounds(min(at, len(talk.tokens) - 1))[0]
    place = _first(talk, at) - 1
    return talk.plain[place] if place >= first else ""


def _grown_name(talk: Talk, at: int, last: int) -> int:
    """Behind up to three words of a written name, or one word where case was not written."""
    end = at + 1
    while end < last and end - at < 4 and _tight(talk, end):
        word = talk.plain[end]
        if word in _STREETS or (talk.cased and talk.tokens[end].capital and word != "i"):
            end += 1
        else:
            break
    return end


def _bare_street(talk: Talk, at: int, last: int) -> int:
    """A road without a number: "out on Kidron Road", "County Road 9"."""
    token = talk.tokens[at]
    if token.plain in _NO_STREET or not (token.capital or not talk.cased):
        return 0
    routes = token.plain in _ROUTES
    if at + 2 < last and routes and talk.plain[at + 1] in ("road", "route", "highway"):
        return _number_end(talk, at + 2, last) if _tight(talk, at + 2) else 0
    if token.plain in ORDINARY and not talk.cased:
        return 0
    for end in range(at + 2, min(last, at + 4) + 1):
        if not _tight(talk, end - 1):
            return 0
        word, written = talk.plain[end - 1], talk.tokens[end - 1].capital or not talk.cased
        if word in _PLAIN_STREETS and written:
            placed = at > talk.bounds(at)[0] and talk.plain[at - 1] in ("on", "off", "at", "down")
            return end if placed and not _clinic_after(talk, end, last) else 0
    return 0


def _clinic_after(talk: Talk, at: int, last: int) -> bool:
    return any(word in CLINIC_WORDS for word in talk.plain[at : min(last, at + 3)])


def _box_end(talk: Talk, at: int, last: int) -> int:
    """Post office boxes and boxes of a rural route."""
    words = talk.plain[at : at + 4]
    for lead in (["post", "office", "box"], ["p", "o", "box"], ["po", "box"], ["rural", "route"]):
        if words[: len(lead)] == lead:
            end = at + len(lead)
            end += end < last and talk.plain[end] in ("number", "box")
            return _code_end(talk, end, last) if end < last and talk.joined(end) else 0
    counted = at + 1 < last and (_counts(talk.plain[at + 1]) or talk.plain[at + 1].isdecimal())
    if words[:1] == ["box"] and counted:
        return _code_end(talk, at + 1, last)
    return 0


def _code_end(talk: Talk, at: int, last: int) -> int:
    """Behind a unit's number or letters, 0 where there are none."""
    place = at
    while place < last and (place == at or talk.joined(place)) and place - at < 8:
        if place > at and "," in talk.tokens[place].gap:
            break
        atom = read_atom(talk, place, last)
        if atom is None or atom.kind == "mark":
            break
        place = atom.last
    return place if place > at else 0


def _grown(talk: Talk, at: int, last: int, *, about: bool) -> int:
    """Behind units, places and the zip code that follow."""
    end = at
    while end < last and talk.joined(end):
        more = _tail_end(talk, end, last, about=about)
        if not more:
            break
        end = more
    return end


def _tail_end(talk: Talk, at: int, last: int, *, about: bool) -> int:
    word = talk.plain[at]
    if word in _UNITS and at + 1 < last:
        return _code_end(talk, at + 1, last)
    for tail in _TAILS:
        if tuple(talk.plain[at : at + len(tail)]) == tail and at + len(tail) <= last:
            return at + len(tail)
    comma = "," in talk.tokens[at].gap
    zipped = _zip_end(talk, at, last)
    if zipped:
        return zipped
    if word == "down" and at + 2 < last and talk.plain[at + 1] == "in" and talk.cased:
        return _grown_name(talk, at + 2, last)
    if comma and talk.cased and talk.tokens[at].capital and word not in ORDINARY:
        return _grown_name(talk, at, last)
    if word in PLACES and (comma or not talk.cased):
        return at + 1
    return 0 if talk.cased else _town_end(talk, at, last)


def _town_end(talk: Talk, at: int, last: int) -> int:
    """Behind one or two words and a zip code."""
    for end in range(at + 1, min(last, at + 4)):
        zipped = _zip_end(talk, end, last)
        if zipped and any(is_odd(word) or word in PLACES for word in talk.plain[at:end]):
            return zipped
    return 0


def _zip_end(talk: Talk, at: int, last: int) -> int:
    place, digits = at, ""
    while place < last and (place == at or talk.joined(place)):
        atom = read_atom(talk, place, last)
        if atom is None or atom.kind == "letter":
            break
        digits += atom.text if atom.kind == "digit" else ""
        place = atom.last
    return place if len(digits) in (5, 9) else 0


def _tail_alone(talk: Talk, at: int, last: int) -> int:
    """A unit or a place said on its own shortly after an address."""
    word = talk.plain[at]
    if word in _UNITS - {"number", "room", "space", "floor", "#", "building"} and at + 1 < last:
        return _code_end(talk, at + 1, last)
    if word == "number" and at + 1 < last and talk.plain[at + 1] not in ("one",):
        return 0
    if talk.tokens[at].opens and talk.cased and _only_names(talk, at, last):
        return _grown(talk, _grown_name(talk, at, last), last, about=True)
    return 0


def _only_names(talk: Talk, at: int, last: int) -> bool:
    """Whether a sentence is nothing but a place that is not an ordinary word."""
    end = _grown_name(talk, at, last)
    zipped = end < last and _zip_end(talk, end, last) > 0
    whole = end == last or talk.tokens[end].opens or zipped
    odd = talk.plain[at] not in ORDINARY and len(talk.plain[at]) > 2 and zipped
    return whole and talk.tokens[at].capital and (odd or talk.plain[at] in PLACES)


def _tight(talk: Talk, at: int) -> bool:
    """Whether only a blank or a hyphen stands before a word."""
    return talk.tokens[at].gap in (" ", "-", " - ", ". ")
