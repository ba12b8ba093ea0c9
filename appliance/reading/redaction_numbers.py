"""Numbers and letters as people say them: runs of digits and spelled letters with their places."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from appliance.reading.redaction_tokens import FILLERS, Talk

DIGITS: Final = {
    word: str(digit)
    for digit, names in enumerate((
        "zero oh o nought cero", "one uno", "two dos", "three tres", "four cuatro",
        "five cinco fife", "six seis", "seven siete", "eight ocho", "nine nueve niner",
    ))
    for word in names.split()
}  # fmt: skip
TEENS: Final = {
    word: str(number)
    for number, word in enumerate(
        [
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        10,
    )
}
TENS: Final = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        "23456789",
        strict=True,
    )
)
_TIMES: Final = {"double": 2, "triple": 3, "quadruple": 4}
# What a recognizer writes for a digit; believed only between two digits.
_HEARD: Final = {
    "for": "4",
    "fore": "4",
    "to": "2",
    "too": "2",
    "won": "1",
    "tree": "3",
    "ate": "8",
}
_NATO: Final = {
    word: word[0]
    for word in [
        "alpha",
        "alfa",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliet",
        "juliett",
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
        "whisky",
        "xray",
        "yankee",
        "zulu",
    ]
}
MARKS: Final = {
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "slash": "/",
    "dot": ".",
    "space": " ",
    "suffix": "-",
}
_PREFIXED: Final = frozenset(("ray", "rays", "mail", "mails", "mailed", "shirt", "bone"))
_CASES: Final = frozenset(("capital", "lowercase", "uppercase", "letter", "cap"))
_AS: Final = (("as", "in"), ("like", "in"), ("as",), ("like",), ("for",), ("in",))


# Words with which something said may begin, besides digits and letters.
STARTS: Final = frozenset((*DIGITS, *TEENS, *TENS, *_TIMES, *MARKS, *_NATO, *_CASES))
_LONGEST_CODE: Final = 4  # letters that are written in one: "BVK 402"


class Atom(NamedTuple):
    """One thing said: digits, a letter or a mark; ``wise`` says that digits came one by one."""

    first: int
    last: int
    text: str
    kind: str
    wise: bool = True


class Run(NamedTuple):
    """Atoms in a row."""

    first: int
    last: int
    atoms: tuple[Atom, ...]

    @property
    def digits(self) -> str:
        """Its digits alone."""
        return "".join(atom.text for atom in self.atoms if atom.kind == "digit")

    @property
    def letters(self) -> str:
        """Its letters alone."""
        return "".join(atom.text for atom in self.atoms if atom.kind == "letter")

    @property
    def wise(self) -> int:
        """How many digits were said one by one."""
        return sum(len(atom.text) for atom in self.atoms if atom.kind == "digit" and atom.wise)


def read_atom(talk: Talk, at: int, last: int) -> Atom | None:
    """What is said at a place: digits, a spelled letter or a mark; None for any other word."""
    word = talk.plain[at]
    if word.isdecimal():
        return Atom(at, at + 1, word, "digit")
    if word not in STARTS:
        return read_letter(talk, at, last) if len(word) <= _LONGEST_CODE else None
    if word == "o" and _among_letters(talk, at, last):
        return Atom(at, at + 1, "o", "letter")
    if word in _TIMES and at + 1 < last:
        return _repeated(talk, at, last)
    if word in TENS:
        return _tens(talk, at, last)
    if word in TEENS:
        return _hundreds(talk, at, at + 1, TEENS[word], last)
    if word in DIGITS:
        return _hundreds(talk, at, at + 1, DIGITS[word], last)
    if word in MARKS:
        return Atom(at, at + 1, MARKS[word], "mark")
    return read_letter(talk, at, last)


def _among_letters(talk: Talk, at: int, last: int) -> bool:
    """Whether an "o" is a letter: other letters, not digits, stand beside it."""
    sides = [talk.plain[p] for p in (at - 1, at + 1) if talk.bounds(at)[0] <= p < last]
    return any(len(word) == 1 and word.isalpha() for word in sides) or not any(
        word in DIGITS or word.isdecimal() or word in TENS or word in TEENS for word in sides
    )


def _repeated(talk: Talk, at: int, last: int) -> Atom | None:
    word, times = talk.plain[at + 1], _TIMES[talk.plain[at]]
    if word in DIGITS and word != "o":
        return Atom(at, at + 2, DIGITS[word] * times, "digit")
    if word.isdecimal() and len(word) == 1:
        return Atom(at, at + 2, word * times, "digit")
    letter = read_letter(talk, at + 1, last)
    if letter and not talk.tokens[at + 1].opens:
        return Atom(at, letter.last, letter.text * times, "letter")
    return None


def _tens(talk: Talk, at: int, last: int) -> Atom:
    ten = TENS[talk.plain[at]]
    if at + 1 < last and _close(talk, at + 1):
        unit = DIGITS.get(talk.plain[at + 1], "0")
        if unit != "0" and talk.plain[at + 1] not in ("uno", "dos"):
            return _hundreds(talk, at, at + 2, ten + unit, last)
    return _hundreds(talk, at, at + 1, ten + "0", last)


def _hundreds(talk: Talk, first: int, at: int, text: str, last: int) -> Atom:
    """The number, with "hundred" or "thousand" after it."""
    if at < last and talk.plain[at] in ("hundred", "thousand") and _close(talk, at):
        zeros = "00" if talk.plain[at] == "hundred" else "000"
        return Atom(first, at + 1, text + zeros, "digit", wise=False)
    return Atom(first, at, text, "digit", wise=len(text) == 1)


def _close(talk: Talk, at: int) -> bool:
    return talk.tokens[at].gap in (" ", "-")


def read_letter(talk: Talk, at: int, last: int) -> Atom | None:
    """A spelled letter: "j", "J as in John", "capital j", "juliet"."""
    word = talk.plain[at]
    if word in _CASES and at + 1 < last and len(talk.plain[at + 1]) == 1:
        letter = read_letter(talk, at + 1, last)
        return Atom(at, letter.last, letter.text, "letter") if letter else None
    if word in _NATO and _beside_letter(talk, at, last):
        return Atom(at, at + 1, _NATO[word], "letter")
    if _is_typed_code(talk, at, last):
        return Atom(at, at + 1, word, "letter")
    if len(word) != 1 or not word.isalpha() or _is_prefix(talk, at, last):
        return None
    return Atom(at, _after_example(talk, at, last), word, "letter")


def _is_prefix(talk: Talk, at: int, last: int) -> bool:
    """The letter of "x-ray" or "e-mail"."""
    if at + 1 >= last:
        return False
    after = talk.plain[at + 1]
    return (talk.tokens[at + 1].gap == "-" and len(after) > 2) or after in _PREFIXED


def _is_typed_code(talk: Talk, at: int, last: int) -> bool:
    """Letters that are written in one with digits: "BVK 402", "CH-44719"."""
    after = at + 1 < last and talk.plain[at + 1].isdecimal() and _tight(talk, at + 1)
    before = at > talk.bounds(at)[0] and talk.plain[at - 1].isdecimal() and _tight(talk, at)
    raw = talk.tokens[at].raw
    if not (after or before) or not raw.isalpha() or not 2 <= len(raw) <= _LONGEST_CODE:
        return False
    vowels = sum(letter in "aeiouy" for letter in talk.plain[at])
    return raw.isupper() or (not talk.cased and vowels == 0)


def _tight(talk: Talk, at: int) -> bool:
    return talk.tokens[at].gap in ("", " ", "-")


def _beside_letter(talk: Talk, at: int, last: int) -> bool:
    """Whether a letter or another word of the alphabet stands on either side."""
    first = talk.bounds(at)[0]
    sides = [talk.plain[p] for p in (at - 1, at + 1) if first <= p < last]
    return any(w in _NATO or (len(w) == 1 and w not in "ai") or w in DIGITS for w in sides)


def _after_example(talk: Talk, at: int, last: int) -> int:
    """Behind the word that stands for a letter, where one is said."""
    letter = talk.plain[at]
    for words in _AS:
        after = at + 1 + len(words)
        if after < last and tuple(talk.plain[at + 1 : after]) == words:
            example = talk.plain[after]
            vague = words in (("for",), ("in",), ("like",), ("as",)) and letter in "ai"
            if len(example) > 1 and (example[0] == letter or words[-1] == "in") and not vague:
                return after + 1
    return at + 1


def runs_in(talk: Talk, line: int) -> Iterator[Run]:
    """The runs of one line; pauses and fillers do not end a run, sentences and other words do."""
    first, last = talk.ranges[line]
    atoms: list[Atom] = []
    at = first
    while at < last:
        if atoms and talk.tokens[at].opens:
            yield from _trimmed(atoms)
            atoms = []
        atom = read_atom(talk, at, last)
        if atom is None:
            atom = _misheard(talk, at, last, atoms)
        if atom is not None:
            atoms.append(atom)
            at = atom.last
            continue
        if atoms and not _is_pause(talk, at, last):
            if len(atoms) > 1 and _is_word(atoms[-1]):
                atoms.pop()
            yield from _trimmed(atoms)
            atoms = []
        at += 1
    yield from _trimmed(atoms)


def _is_pause(talk: Talk, at: int, last: int) -> bool:
    """Um, and "then" or "and then" before one more digit."""
    word = talk.plain[at]
    if word in FILLERS:
        return True
    after = talk.plain[at + 1] if at + 1 < last else ""
    return (word == "then" and after in DIGITS) or (word == "and" and after == "then")


def _misheard(talk: Talk, at: int, last: int, atoms: list[Atom]) -> Atom | None:
    digit = _HEARD.get(talk.plain[at])
    if not digit or len(atoms) < 2 or atoms[-1].kind != "digit":
        return None
    if not (atoms[-1].wise and atoms[-2].wise):
        return None
    whole = sum(len(atom.text) for atom in atoms) in (3, 6, 8, 9)
    follows = at + 1 < last and (talk.plain[at + 1] in DIGITS or talk.plain[at + 1] in _HEARD)
    return Atom(at, at + 1, digit, "digit") if follows or (whole and at + 1 == last) else None


def _trimmed(atoms: list[Atom]) -> Iterator[Run]:
    """A run without marks at its ends, nor the words "a" and "I" beside digits."""
    kept = list(atoms)
    while kept and kept[-1].kind == "mark":
        kept.pop()
    while kept and kept[0].kind == "mark":
        kept.pop(0)
    if kept and len(kept) > 1 and _is_word(kept[0]) and kept[1].kind != "letter":
        kept.pop(0)
    if kept and len(kept) == 1 and _is_word(kept[0]):
        return
    if kept:
        yield Run(kept[0].first, kept[-1].last, tuple(kept))


def _is_word(atom: Atom) -> bool:
    return atom.kind == "letter" and atom.text in "ai" and atom.last - atom.first == 1
