"""Addresses of mail and of pages, typed or spoken: "j dot doe at gmail dot com"."""

import re
from itertools import pairwise
from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_names_known import FIRST
from appliance.reading.redaction_numbers import DIGITS, TEENS, TENS, read_letter
from appliance.reading.redaction_odd import is_odd
from appliance.reading.redaction_tokens import FILLERS, Marks, Talk
from appliance.reading.redaction_topics import Topics

_TYPED_MAIL: Final = re.compile(r"[^\s@,;:<>()\"]{1,64}@[^\s@,;<>()\"]{1,190}")
_TYPED_PAGE: Final = re.compile(
    r"(?:https?://|www\.)[^\s,;]{2,200}"
    r"|(?<![\w@.-])[a-z0-9][a-z0-9-]{0,60}(?:\.[a-z0-9-]{1,60}){0,4}"
    r"\.(?:com|net|org|edu|gov|info|biz|example|vet|io|us|co)\b(?:/[^\s,;]{0,200})?",
    re.IGNORECASE,
)
_ENDINGS: Final = words(
    "com net org edu gov example info biz co us io pt uk ca mx vet pet health care tv me"
)
_BARE_ENDINGS: Final = frozenset(("com", "net", "org", "edu"))
_PROVIDERS: Final = words(
    "gmail gmails hotmail yahoo outlook icloud aol comcast verizon att sbcglobal bellsouth "
    "protonmail proton msn ymail cox charter spectrum earthlink juno mac fastmail rocketmail "
    "googlemail zoho roadrunner frontier centurylink optonline windstream yahoomail"
)
_SPLIT_PROVIDERS: Final = frozenset((
    ("g", "mail"), ("hot", "mail"), ("a", "o", "l"), ("bell", "south"), ("fast", "mail"),
    ("proton", "mail"), ("i", "cloud"), ("y", "mail"), ("out", "look"), ("a", "t", "t"),
    ("sbc", "global"), ("m", "s", "n"), ("google", "mail"), ("cox",), ("g", "mails"),
))  # fmt: skip
_JOINTS: Final = frozenset(
    ("dot", "underscore", "dash", "hyphen", "at", "slash", "period", "minus")
)
# Words in front of an address that are not its own.
_OPENERS: Final = words(
    "is 's its email mail emails address to have at that still use try right be say cc visit "
    "website site page web page's it're i've you've says goes was into say's on through from with "
    "link mails mailed i i'm you you're she he we they can can't could would okay if her him my yes "
    "yeah no that's it'll she's he's"
)
_STOPS: Final = words(
    "and that but is right correct or so please thanks thank okay ok yes no yeah i i'm i'll you we "
    "it for then like if because"
)
_SAID_OF_IT: Final = words(
    "all one word lowercase lower case uppercase spelled out together no spaces the number digit "
    "not letter with as in"
)
# "At" behind these leads to a page.
_LOOKED: Final = words(
    "it me us look online confirm find check visit pay book available page site website them go log "
    "sign form forms apply register that order read more see up out there starts"
)
_REACH: Final = 24  # words an address may have before its "at"
_DOMAIN: Final = 14  # words between "at" and its ending
_LINES: Final = 5  # lines in which pieces of an address may follow


def mark_mail(talk: Talk, marks: Marks, topics: Topics) -> None:
    """Mark whole addresses first, then pieces of them where an address is being said."""
    for line in range(len(talk.ranges)):
        _mark_typed(talk, marks, line)
        _mark_spoken(talk, marks, topics, line)
    known = _known(talk, marks)
    for line in range(len(talk.ranges)):
        known = _mark_pieces(talk, marks, topics, line, known)


def _mark_typed(talk: Talk, marks: Marks, line: int) -> None:
    text = talk.segments[line].text
    for pattern, code in ((_TYPED_MAIL, "EMAIL"), (_TYPED_PAGE, "URL")):
        for found in pattern.finditer(text):
            begin, end = found.start(), found.start() + len(found.group().rstrip(".?!'"))
            first, last = talk.ranges[line]
            inside = [
                at for at in range(first, last)
                if talk.tokens[at].start >= begin and talk.tokens[at].end <= end
            ]  # fmt: skip
            if inside:
                marks.put(inside[0], inside[-1] + 1, code)


def _mark_spoken(talk: Talk, marks: Marks, topics: Topics, line: int) -> None:
    first, last = talk.ranges[line]
    at, floor = first, first
    while at < last:
        end = _ending(talk, at, last)
        if not end or not marks.free(at, end):
            at += 1
            continue
        arobase = _arobase(talk, at, floor)
        if arobase is not None:
            marks.put(_left(talk, arobase, floor), end, "EMAIL")
        elif talk.plain[at] != "dot" and talk.plain[end - 1] in _BARE_ENDINGS and not talk.cased:
            marks.put(_odd_start(talk, at, floor), end, "EMAIL")
        elif _mailing(talk, topics, at, end):
            marks.put(_left(talk, at, floor), end, "EMAIL")
        else:
            end = _path(talk, end, last)
            marks.put(_left(talk, at, floor), end, "URL")
        topics.note(end - 1, marks.types[end - 1])
        at = floor = end


def _odd_start(talk: Talk, at: int, floor: int) -> int:
    """Where the odd words and digits begin that stand in front of a bare domain."""
    first = at
    while first > floor and at - first < 4:
        word = talk.plain[first - 1]
        if not (is_odd(word) or word.isdecimal() or len(word) == 1 or word in FIRST):
            break
        first -= 1
    return first


def _mailing(talk: Talk, topics: Topics, at: int, end: int) -> bool:
    """Whether a domain without "at" is the rest of an address: a sentence of its own."""
    cue = topics.before(at)
    begin = next((p for p in range(at, max(-1, at - 6), -1) if talk.tokens[p].opens), None)
    whole = end == talk.bounds(at)[1] or talk.tokens[end].opens
    return bool(cue and cue.code == "EMAIL" and begin is not None and whole)


def _ending(talk: Talk, at: int, last: int) -> int:
    """Behind a domain's last part when it begins here: "dot com", "gmail", "g mail dot com"; or 0."""
    end = 0
    word = talk.plain[at]
    if word == "dot" and at + 1 < last:
        end = _tld(talk, at + 1, last)
    elif at > talk.bounds(at)[0] and talk.plain[at - 1] in ("at", "@"):
        end = at + 1 if word in _PROVIDERS else 0
        for words in _SPLIT_PROVIDERS:
            if tuple(talk.plain[at : at + len(words)]) == words and at + len(words) <= last:
                end = at + len(words)
    if not end and not talk.cased and word in _PROVIDERS | {"example"} and at + 1 < last:
        end = at + 2 if talk.plain[at + 1] in _BARE_ENDINGS else 0
    while end and end + 1 < last and talk.plain[end] == "dot" and talk.joined(end):
        longer = _tld(talk, end + 1, last) or end + 2
        if longer <= end:
            break
        end = longer
    return _behind_example(talk, end, last)


def _behind_example(talk: Talk, end: int, last: int) -> int:
    """Behind letters that explain the ending: "dot p t, p as in Portugal"."""
    while end and end < last and talk.joined(end):
        letter = read_letter(talk, end, last)
        if letter is None or letter.last - letter.first < 3:
            break
        end = letter.last
    return end


def _tld(talk: Talk, at: int, last: int) -> int:
    if talk.plain[at] in _ENDINGS:
        return at + 1
    letters = "".join(talk.plain[at : at + 3])
    for size in (3, 2):
        single = all(len(word) == 1 for word in talk.plain[at : at + size])
        if single and at + size <= last and letters[:size] in _ENDINGS:
            return at + size
    return 0


def _arobase(talk: Talk, at: int, floor: int) -> int | None:
    """The "at" in front of a domain, in the same sentence and not too far."""
    for place in range(at - 1, max(floor, at - _DOMAIN) - 1, -1):
        if talk.plain[place] in ("at", "@") and place > floor:
            return None if talk.plain[place - 1] in _LOOKED else place
        if talk.tokens[place].opens:
            return None
    return None


def _left(talk: Talk, at: int, floor: int) -> int:
    """Where the address begins that leads up to a place."""
    first = at
    while first > floor and at - first < _REACH:
        if talk.tokens[first].opens:
            break
        word = talk.plain[first - 1]
        beside = len(talk.plain[first]) == 1 or (
            first - 2 >= floor and len(talk.plain[first - 2]) == 1
        )
        if word == "i" and beside:
            first -= 1
            continue
        if word in _OPENERS and not (first < at and talk.plain[first] in _JOINTS):
            break
        if (
            word in ("and", "or", "but")
            and talk.plain[first] != "then"
            and _is_new(talk, first - 1)
        ):
            break
        first -= 1
    return _without_lead(talk, first, at)


def _is_new(talk: Talk, at: int) -> bool:
    """Whether an "and" begins something new: behind a comma or behind a number."""
    before = talk.plain[at - 1] if at else ""
    return "," in talk.tokens[at].gap or _is_bit(before, frozenset())


def _without_lead(talk: Talk, first: int, at: int) -> int:
    """Behind fillers and "then" at its start."""
    while first < at and talk.plain[first] in FILLERS | {"then", "and", "so", "okay", "yes", "um"}:
        first += 1
    return first


def _path(talk: Talk, end: int, last: int) -> int:
    """Behind "slash promo" and up to two more words."""
    while end + 1 < last and talk.plain[end] == "slash" and talk.joined(end):
        end += 2
        while end < last and not talk.tokens[end].gap.strip() and talk.plain[end] not in _STOPS:
            if talk.plain[end] == "slash":
                break
            end += 1
    return end


def _mark_pieces(
    talk: Talk, marks: Marks, topics: Topics, line: int, known: frozenset[str]
) -> frozenset[str]:
    """Parts of an address of mail: spelled letters, "underscore", words said before in it.

    Returns the words that are known to be of an address from then on.
    """
    for first, last in (*_clauses(talk, line), *_clauses(talk, line, commas=True)):
        if not marks.free(first, last) or not _soon(talk, topics, first):
            continue
        if _is_piece(talk, first, last, known):
            begin, end = _core(talk, first, last, known)
            marks.put(begin, end, "EMAIL")
            topics.note(end - 1, "EMAIL")
            known |= set(talk.plain[begin:end]) - _JOINTS - _SAID_OF_IT
    return known


def _known(talk: Talk, marks: Marks) -> frozenset[str]:
    return frozenset(
        talk.plain[at]
        for at, code in enumerate(marks.types)
        if code == "EMAIL" and talk.plain[at] not in _JOINTS | _SAID_OF_IT
    )


def _soon(talk: Talk, topics: Topics, at: int) -> bool:
    last = talk.bounds(at)[1]
    cue = topics.before(min(at + 3, last - 1))
    told = cue is not None and cue.code == "EMAIL"
    near = told and cue is not None and talk.tokens[at].line - talk.tokens[cue.first].line <= _LINES
    return near or topics.recently(at, "EMAIL", 2)


def _clauses(talk: Talk, line: int, *, commas: bool = False) -> list[tuple[int, int]]:
    """Stretches between sentence ends, or commas; a line without any is one stretch."""
    first, last = talk.ranges[line]
    cuts = [first, *(
        at for at in range(first + 1, last)
        if talk.tokens[at].opens or (commas and "," in talk.tokens[at].gap)
    ), last]  # fmt: skip
    return list(pairwise(cuts)) if first < last else []


def _is_piece(talk: Talk, first: int, last: int, known: frozenset[str]) -> bool:
    words = talk.plain[first:last]
    if "underscore" in words or ("dot" in words and words[-1] != "dot"):
        return True
    letters = sum(
        word not in ("a", "i") and read_letter(talk, at, last) is not None
        for at, word in zip(range(first, last), words, strict=True)
    )
    if letters >= 2 or any(word in ("dash", "hyphen") for word in words):
        return True
    pieces = [word for word in words if _is_bit(word, known)]
    enough = len(words) > 1 or words[0] in DIGITS
    named = any(w in known and not _is_bit(w, frozenset()) for w in words)
    whole = talk.tokens[first].opens and (last == talk.bounds(first)[1] or talk.tokens[last].opens)
    return enough and len(words) <= 6 and pieces == words and (
        named or (whole and any(w in known for w in words))
    )  # fmt: skip


def _is_bit(word: str, known: frozenset[str]) -> bool:
    return word in known or word in DIGITS or word in TEENS or word in TENS or word.isdecimal()


def _core(talk: Talk, first: int, last: int, known: frozenset[str]) -> tuple[int, int]:
    """The part of a clause that is the address, without the words around it."""
    known = frozenset(word for word in known if not _is_bit(word, frozenset()))
    strong = [
        at for at in range(first, last)
        if talk.plain[at] in _JOINTS - {"at", "period"} or talk.plain[at] in known
        or (read_letter(talk, at, last) and _is_letter(talk, at, first, last))
    ]  # fmt: skip
    if not strong:
        return first, last
    gaps = [place for place in range(1, len(strong)) if strong[place] - strong[place - 1] > 6]
    strong = max(
        (strong[a:b] for a, b in zip([0, *gaps], [*gaps, len(strong)], strict=True)), key=len
    )
    begin, end = _left(talk, strong[0], first), strong[-1] + 1
    letter = read_letter(talk, strong[-1], last)
    end = max(end, letter.last if letter else 0)
    while end < last and talk.plain[end] not in _STOPS and _goes_on(talk, end, strong[-1]):
        end += 1
    return begin, end


def _is_letter(talk: Talk, at: int, first: int, last: int) -> bool:
    """Whether "a" or "i" is a letter here: another one stands beside it."""
    sides = [talk.plain[p] for p in (at - 1, at + 1) if first <= p < last]
    return talk.plain[at] not in ("a", "i") or any(len(word) == 1 for word in sides)


def _goes_on(talk: Talk, at: int, joint: int) -> bool:
    """Whether a word still belongs to an address behind its last joint."""
    word = talk.plain[at]
    after_joint = talk.plain[joint] in _JOINTS and at - joint <= 2
    if word in ("the", "letter", "number", "digit") and at + 1 < talk.bounds(at)[1]:
        return True
    return _is_bit(word, frozenset()) or (not talk.tokens[at].gap.strip() and after_joint)
