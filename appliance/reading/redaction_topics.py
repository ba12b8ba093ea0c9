"""What a number or a spelled word is about: the last thing asked for or named before it."""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from appliance.reading.redaction_tokens import Talk

_NEAR: Final = 9  # lines after which what was asked for is forgotten
_TAKES_OVER: Final = 3  # lines in which "the number" still means what was named before it
_STRONG: Final = frozenset(("ACCOUNT", "MICROCHIP", "CARD", "LICENSE", "EMAIL"))
# Patterns of plain words; where several begin at one place the longest is taken.
_CUES: Final[dict[str, tuple[str, ...]]] = {
    "PHONE": (
        "phones?", "telephone", "cells?", "cell ?phone", "mobile", "land ?line", "fax(?:ed)?",
        "call ?back number", "(?:call|reach|text|try|ring) (?:me|you|us|him|her|them|it)(?: back)? at",
        "reach (?:me|you|us|him|her|them)", "best number", "numbers? to (?:call|reach)",
        "contact number", "number 's good", "good number", "area code", "direct line",
        "number (?:we|i) have", "number (?:that )?end(?:s|ing)", "phone number", "what number",
        "(?:home|work|house|office|cell|new|other|same|right|another) number",
        "number for (?:you|him|her|them)", "emergency contact", "(?:his|her|their|my) numbers?",
        "what 's (?:your|the|his|her) number",
    ),
    "MICROCHIP": ("(?:micro ?)?chips?", "(?:micro ?)?chip numbers?", "(?:micro)?chipped"),
    "CARD": (
        "cards?", "visa", "master ?card", "amex", "american express", "discover", "debit",
        "credit card", "expiration", "expires", "expiry", "exp", "c ?v ?[vc]", "security code",
        "(?:three|four|3|4) digit code", "(?:three|four|3|4) digits? (?:number )?on", "card number",
        "digits on the",
        "(?:last|first) four(?: digits)? (?:of|on) (?:the|my|your) card", "code on the", "good thru",
    ),
    "ACCOUNT": (
        "polic(?:y|ies)", "policy number", "accounts?", "account number", "claims?", "claim number",
        "(?:client|member|patient|customer|group|plan|subscriber|account|policy|i ?d) "
        "(?:number|i ?d|no)", "membership", "routing", "checking", "savings", "insurance",
        "social security", "social", "s s n", "ssn", "acct", "care ?credit",
        "number on (?:your|the|my) (?:statement|invoice|paperwork|bill)",
    ),
    "DATE_OF_BIRTH": (
        "dates? of birth", "birth ?dates?", "birthdays?", "born", "d o b", "dob", "birthdate",
    ),
    "LICENSE": (
        "licen[sc]e", "driver 's", "drivers", "license plates?", "(?:my|his|her|your|the) plate (?:is|number)",
        "plates? (?:'s|number)", "plates", "(?:your|a|his|her|my|car|truck|van|suv) plate", "tag (?:number|'s)", "license tag", "driver 's license(?: number)?", "registration",
    ),
    "ADDRESS": (
        "addresses", "address", "(?:street|home|mailing) address", "zip(?: ?code)?", "live", "lives",
        "mail (?:it|them|you|that|her|him|me|the)", "mailing", "ship", "shipping", "located",
        "postal code", "house number", "moved", "deliver(?:y|ed)?", "billing zip", "street",
    ),
    "EMAIL": ("e ?mail(?:s|ed)?", "e ?mail address", "g ?mail", "inbox"),
    "PERSON": (
        "(?:last|first|full|middle|maiden|sur|your|my|his|her|the) ?name", "spell(?:ed|ing|s)?",
        "names?",
    ),
    "URL": ("web ?site", "web ?page", "portal", "u r l", "url", "link"),
    "NONE": (
        "dollars", "price", "cost", "milligrams?", "weigh[st]?", "weight", "pounds", "dos(?:e|age)",
        "tablets?", "capsules?", "order(?: number)?", "invoice(?: number)?", "confirmation(?: number)?",
        "(?:prescription|rx|serial|model|case|ticket|batch) (?:number|no)", "room", "flight", "sku",
        "s k u", "extension", "ext", "blood pressure", "temperature", "reference", "(?:post|business|sympathy|report|"
        "thank you|note|index|reminder) ?cards?", "(?:price|name|dog|rabies|ear|dirty) tags?",
        "gate(?: code)?", "door code", "in the cards", "chip (?:on|in) (?:his|her|the)", "potato chips?",
    ),
    "WEAK": ("numbers?", "digits"),
}  # fmt: skip
_CUE: Final = re.compile(
    r"(?<!\S)(?:" + "|".join(f"(?P<{c}>{'|'.join(rows)})" for c, rows in _CUES.items()) + r")(?!\S)"
)


class Cue(NamedTuple):
    """Where something was named, as a range of tokens."""

    first: int
    last: int
    code: str


class Topics:
    """All cues of a call in their order."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.cues = sorted(cue for line in range(len(talk.ranges)) for cue in _cues(talk, line))
        self._at = [cue.first for cue in self.cues]

    def before(self, at: int) -> Cue | None:
        """The cue that holds at a place; what was just read keeps its topic."""
        place = bisect_right(self._at, at) - 1
        line = self._talk.tokens[at].line
        while place >= 0:
            cue = self.cues[place]
            if line - self._talk.tokens[cue.first].line > _NEAR:
                return None
            if cue.code != "WEAK":
                return cue
            strong = self._strong_before(place)
            return strong or cue._replace(code="PHONE")
        return None

    def _strong_before(self, place: int) -> Cue | None:
        line = self._talk.tokens[self.cues[place].first].line
        for cue in reversed(self.cues[max(0, place - 6) : place]):
            if line - self._talk.tokens[cue.first].line > _TAKES_OVER:
                return None
            if cue.code in _STRONG:
                return cue
        return None

    def recently(self, at: int, code: str, lines: int) -> bool:
        """Whether something was named within some lines before a place, whatever came since."""
        line = self._talk.tokens[at].line
        for place in range(bisect_right(self._at, at) - 1, -1, -1):
            cue = self.cues[place]
            if line - self._talk.tokens[cue.first].line > lines:
                return False
            if cue.code == code:
                return True
        return False

    def note(self, at: int, code: str) -> None:
        """Keep a topic alive from a place on."""
        place = bisect_right(self._at, at)
        self._at.insert(place, at)
        self.cues.insert(place, Cue(at, at, code))

    def after(self, at: int, reach: int = 4) -> str:
        """The topic named in the same sentence shortly behind a place: "… for the routing"."""
        last = min(self._talk.bounds(at - 1)[1], at + reach)
        if at >= last or self._talk.plain[at] not in ("for", "is", "'s", "on", "was", "to"):
            return ""
        for place in range(bisect_right(self._at, at - 1), len(self._at)):
            cue = self.cues[place]
            if cue.first >= last or any(t.opens for t in self._talk.tokens[at : cue.first + 1]):
                return ""
            if cue.code not in ("WEAK", "PERSON", "NONE"):
                return cue.code
        return ""


def _cues(talk: Talk, line: int) -> list[Cue]:
    first, last = talk.ranges[line]
    starts: dict[int, int] = {}
    length = 0
    for at in range(first, last):
        starts[length] = at
        length += len(talk.plain[at]) + 1
    text = talk.words(first, last)
    found = []
    for match in _CUE.finditer(text):
        begin = starts[match.start()]
        size = match.group().count(" ") + 1
        found.append(Cue(begin, begin + size, str(match.lastgroup)))
    return found
