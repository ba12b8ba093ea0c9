"""Names of people, pets and staff: found by cues and by lists, then wherever they are said again."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from appliance.facts.analysis import KnownNames
from appliance.reading.plain import words
from appliance.reading.redaction_clinics import pass_clinics
from appliance.reading.redaction_cues import (
    PERSON,
    PET,
    STAFF,
    asked_for,
    asks_staff,
    cues_after,
    cues_before,
    names_relative,
)
from appliance.reading.redaction_names_known import FIRST, LAST, PETS
from appliance.reading.redaction_numbers import Run
from appliance.reading.redaction_odd import NUMBERS, is_bent, is_odd
from appliance.reading.redaction_spelled import mark_spelled, spelled
from appliance.reading.redaction_tokens import FILLERS, Marks, Talk
from appliance.reading.redaction_topics import Topics
from appliance.reading.redaction_words import CALENDAR, CLINIC_WORDS, ORDINARY, PLACES, PROPER

TITLES: Final = words("mr mrs ms miss mister dr doctor doc sir madam professor prof missus mx")
_LISTED: Final = FIRST | LAST | PETS
_LONGEST: Final = 4  # words of one name
_BACK: Final = 8  # words looked at before a name
_ON: Final = 6  # and behind it
_ANSWERS: Final = 3  # lines in which a question for a name may be answered
_PLACE: Final = "PLACE"
_AFTER_GREETING: Final = words(
    "speaking speakin' how here can may good thanks what what's hi hello is are this thank"
)
_GREETINGS: Final = ("for calling", "how can", "how may", "speaking", "help you", "can i help")
# Where case was not written these are taken for names only behind "name is" and the like.
_HARDLY: Final = words(
    "will may can house lane long short hope mark black white brown green red blue gray rush chase "
    "chance price case cash grant love rich wise day weeks wall park page snow little person good "
    "bear bean cookie honey baby sweetie kitty lady king miller fields rivers banks brooks woods "
    "stone wood waters field cook hunter carpenter baker farmer bishop cross church street "
    "english french french west north east hall hill lake glass gold golden silver sugar pepper "
    "salt spot storm shadow midnight prince major captain pancake cricket goose fox wolf lamb bird"
)
_INTRODUCED: Final = ("name is", "name 's", "names", "named", "called", "this is", "i'm", "name")
_MONTH_NAMES: Final = words("april may june august")
Votes = Counter[str]


class Mention(NamedTuple):
    """One place where a name may be said, with what its neighbors say of it."""

    first: int
    last: int
    keys: tuple[str, ...]
    votes: Votes


def mark_names(talk: Talk, marks: Marks, topics: Topics, known: KnownNames) -> None:
    """Mark all names that are left in a call, and spelled names last."""
    pass_clinics(talk, marks, known.clinics)
    letters = spelled(talk, marks)
    mentions = list(_coordinated(talk, list(_mentions(talk, marks, known, letters))))
    totals = _totals(mentions, known)
    taken: dict[str, str] = {}
    for mention in mentions:
        code = _decide(talk, mention, totals)
        if code:
            _put(talk, marks, mention, code, totals)
            taken.update((key, _type_of(key, code, totals)) for key in mention.keys)
    _mark_again(talk, marks, taken)
    mark_spelled(talk, marks, topics, letters, taken)


def _known_words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(w for name in names for w in name.casefold().split() if len(w) > 1)


def _coordinated(talk: Talk, mentions: list[Mention]) -> Iterator[Mention]:
    """A name behind "and" is what the name before it is."""
    for place, mention in enumerate(mentions):
        before = mentions[place - 1] if place else None
        if before and mention.first - before.last == 1 and talk.plain[before.last] in ("and", "or"):
            if talk.joined(mention.first) and talk.tokens[before.last].gap == " ":
                for code in (PERSON, PET):
                    mention.votes[code] += 0.8 * before.votes[code]
        if (
            before
            and len(before.keys) > 1
            and talk.words(mention.first - 2, mention.first) == "it 's"
        ):
            if talk.tokens[before.first].line == talk.tokens[mention.first].line:
                mention.votes[PET] += 2
        yield mention


def _mentions(talk: Talk, marks: Marks, known: KnownNames, letters: list[Run]) -> Iterator[Mention]:
    spoken = {at for run in letters for at in range(run.first, run.last)}
    told = _known_words(known.staff) | _known_words(known.callers)
    plain = _known_words(known.vocabulary) - told
    for line in range(len(talk.ranges)):
        at, last = talk.ranges[line]
        while at < last:
            end = at
            while end < last and end - at < _LONGEST and _goes_on(talk, at, end):
                if not talk.cased and end > at and _begins_anew(talk, at, end):
                    break
                if (
                    marks.types[end]
                    or end in spoken
                    or not _name_like(talk, end, last, told, plain)
                ):
                    break
                end += 1
            if end > at:
                yield _mention(talk, at, end)
            at = max(end, at + 1)


def _begins_anew(talk: Talk, first: int, at: int) -> bool:
    """Where commas were not written: whether a word begins the next name."""
    word, before = talk.plain[at], talk.plain[at - 1]
    if word in ORDINARY or before in ORDINARY:
        return word not in LAST or before not in FIRST
    if word == before:
        return False
    if word in FIRST and word not in LAST:
        return before in FIRST or at - first > 1
    return word in PETS and word not in LAST and word not in FIRST


def _goes_on(talk: Talk, first: int, at: int) -> bool:
    gap = talk.tokens[at].gap
    if at > first and (talk.plain[at] in CALENDAR or talk.plain[at - 1] in CALENDAR):
        return False
    return at == first or (not talk.tokens[at].opens and gap in (" ", "-", ". "))


def _name_like(talk: Talk, at: int, last: int, told: frozenset[str], plain: frozenset[str]) -> bool:
    """Whether a word may be a name by itself."""
    token, word = talk.tokens[at], talk.plain[at]
    if not word[0].isalpha() or len(word) < 2 or word in TITLES or word in FILLERS:
        return False
    if word in CALENDAR and word not in _MONTH_NAMES:
        return False
    if word in told:
        return token.capital or not talk.cased or word not in ORDINARY
    if word in CLINIC_WORDS or word in plain:
        return False
    return _written_so(talk, at, last) if talk.cased else _said_so(word)


def _said_so(word: str) -> bool:
    """Where case was not written: odd words, and words that are names as well."""
    if word in _LISTED:
        return word not in NUMBERS
    if "'" in word:
        return word.startswith(("o'", "d'"))
    return is_odd(word) and word not in PLACES


def _written_so(talk: Talk, at: int, last: int) -> bool:
    token, word = talk.tokens[at], talk.plain[at]
    if not token.capital or (token.raw.isupper() and len(word) <= 5 and word not in _LISTED):
        return False
    if "'" in word and (word in ORDINARY or word.partition("'")[0] in ("i", *ORDINARY)):
        return False
    if not token.opens:
        return True
    if word not in ORDINARY and word not in PROPER and not is_bent(word):
        return True
    return word in _LISTED and _stands_as_name(talk, at, last)


def _stands_as_name(talk: Talk, at: int, last: int) -> bool:
    """Whether a word at the start of a sentence is used as a name: "Will's here", "Bill Baker"."""
    if at + 1 >= last or talk.tokens[at + 1].opens:
        return True
    after = talk.tokens[at + 1]
    return (
        "," in after.gap
        or after.plain in ("'s", "is", "has", "was", "needs")
        or (after.capital and after.plain not in ("i", "i'm", "i'll", "i've", "i'd"))
    )


def _mention(talk: Talk, first: int, last: int) -> Mention:
    speaker = "staff" if _picks_up(talk, first) else talk.speaker(first)
    votes: Votes = Counter()
    before = _text_before(talk, first)
    untitled = before.removesuffix(" miss").removesuffix(" mister").removesuffix(" ms")
    for text in {before, untitled}:
        for code, weight in cues_before(text, speaker):
            votes[code] = max(votes[code], weight)
    for code, weight in cues_after(_text_after(talk, last), speaker):
        votes[code] += weight
    votes += _answering(talk, first)
    if (
        votes[PET]
        and names_relative(talk.words(max(talk.bounds(first)[0], first - 12), first))
        and talk.plain[first - 1] in ("'s", "is", "he's", "she's", "hes", "shes")
    ):
        votes[PERSON] += votes.pop(PET)
    if _greets(talk, first, last):
        votes[STAFF] += 3
    return Mention(first, last, tuple(talk.plain[first:last]), votes)


def _picks_up(talk: Talk, at: int) -> bool:
    """Whether a line is a greeting of the desk, whoever is said to speak it."""
    line = talk.tokens[at].line
    if line > 3:
        return False
    first, last = talk.ranges[line]
    text = talk.words(first, last)
    clinic = any(word in CLINIC_WORDS for word in talk.plain[first:last])
    return clinic and any(said in text for said in _GREETINGS)


def _text_before(talk: Talk, at: int) -> str:
    """The words before a place, with commas and full stops as words of their own."""
    first = max(talk.bounds(at)[0], at - _BACK)
    parts: list[str] = []
    for place in range(first, at + 1):
        token = talk.tokens[place]
        if place > talk.bounds(at)[0]:
            parts += [
                mark for mark in (".", ",") if (token.opens if mark == "." else "," in token.gap)
            ]
        if place < at:
            parts.append(token.plain)
    return " ".join(parts)


def _text_after(talk: Talk, at: int) -> str:
    last = min(talk.bounds(at - 1)[1], at + _ON)
    parts: list[str] = []
    for place in range(at, last):
        token = talk.tokens[place]
        parts += [mark for mark in (".", ",") if (token.opens if mark == "." else "," in token.gap)]
        parts.append(token.plain)
    return " ".join(parts)


def _answering(talk: Talk, at: int) -> Votes:
    """Votes of a question for a name that this line may answer."""
    line, speaker = talk.tokens[at].line, talk.speaker(at)
    first = talk.bounds(at)[0]
    for back in range(line - 1, max(-1, line - 1 - _ANSWERS), -1):
        begin, end = talk.ranges[back]
        codes = asked_for(talk.words(max(begin, end - 40), end))
        if codes and talk.segments[back].speaker != speaker:
            if speaker != "staff":
                return _expected(talk, first, at, codes)
            asked = asks_staff(talk.words(begin, end))
            return Counter({STAFF: 2.5}) if asked and at - first < 6 else Counter()
        if end - begin > 2 and talk.segments[back].speaker != speaker:
            break
    return Counter()


def _expected(talk: Talk, first: int, at: int, codes: tuple[str, ...]) -> Votes:
    """What a name at a place of an answer is; the first name answers the first question."""
    place = sum(
        1 for w in range(first + 1, at)
        if talk.plain[w] in ("and", "for", "with", "it", "he", "she", "he's", "she's", "its", "my")
        and w > first + 2
    )  # fmt: skip
    if place < len(codes):
        return Counter({codes[place]: 2.5 if at - first < 12 else 1.0})
    return Counter({PET: 1.5})


def _greets(talk: Talk, first: int, last: int) -> bool:
    """Whether somebody says who picked up: "Erie Shores Veterinary, Paulette", "Tiff speaking"."""
    line = talk.tokens[first].line
    if line > 6:
        return False
    begin, end = talk.ranges[line]
    before = talk.words(begin, first)
    opening = any(word in CLINIC_WORDS for word in talk.plain[begin:end]) or line <= 1
    told = any(word in CLINIC_WORDS for word in talk.plain[begin:first])
    if talk.speaker(first) == "caller" and line and not (told and line < 3):
        return False
    said = before.endswith(("this is", "you've got", "my name is", "you got", "i'm", "reached"))
    said = said or talk.words(last, end)[:12].startswith(("speaking", "here", "how can", "how may"))
    behind = first > begin and talk.plain[first - 1] in CLINIC_WORDS
    alone = last == end or talk.cased or talk.plain[last] in _AFTER_GREETING
    return opening and (said or (behind and alone))


def _totals(mentions: list[Mention], known: KnownNames) -> dict[str, Votes]:
    totals: dict[str, Votes] = defaultdict(Counter)
    for mention in mentions:
        for key in mention.keys:
            for code, weight in mention.votes.items():
                totals[key][code] += weight
    for names, code in ((known.staff, STAFF), (known.callers, PERSON)):
        for word in _known_words(names):
            totals[word][code] += 4
    return totals


def _prior(key: str) -> Votes:
    votes: Votes = Counter()
    if key in FIRST or key in LAST:
        votes[PERSON] += 0.7
    if key in PETS:
        votes[PET] += 0.5 if key in FIRST else 0.8
    return votes


def _scores(mention: Mention, totals: dict[str, Votes]) -> Votes:
    scores: Votes = Counter()
    for key in mention.keys:
        for code, weight in totals[key].items():
            scores[code] += min(weight, 12) / len(mention.keys)
        for code, weight in _prior(key).items():
            scores[code] += weight / len(mention.keys)
    for code, weight in mention.votes.items():
        scores[code] += weight
    if len(mention.keys) > 1 and mention.keys[0] in FIRST:
        scores[PERSON] += 2.0
    return scores


def _decide(talk: Talk, mention: Mention, totals: dict[str, Votes]) -> str:
    """The type of a name, or "" where it is none."""
    scores = _scores(mention, totals)
    place = max(scores.pop(_PLACE, 0.0), 0.0)
    if not scores:
        scores[PERSON] = 0.0
    code = max((PERSON, PET, STAFF), key=lambda c: scores[c])
    return code if scores[code] - place / 2 >= _least(talk, mention) else ""


def _least(talk: Talk, mention: Mention) -> float:
    """How much must speak for a name: little for rare words, much for words of every day."""
    keys = mention.keys
    listed = any(key in _LISTED for key in keys)
    common = all(key in ORDINARY or key in NUMBERS for key in keys)
    placed = any(key in PLACES or key in PROPER for key in keys)
    if any(key in CALENDAR for key in keys):
        return 5.0 if talk.cased else 6.0
    if talk.cased:
        if common and not listed:
            return 2.5
        if common and talk.tokens[mention.first].opens and len(keys) == 1:
            return 2.0
        return 2.0 if placed else 0.0
    if common:
        hardly = all(key in _HARDLY for key in keys)
        before = talk.words(max(talk.bounds(mention.first)[0], mention.first - 2), mention.first)
        return 9.0 if hardly and not before.endswith(_INTRODUCED) else 4.0
    if placed:
        return 3.0
    return 0.6 if any(key in FIRST or key in PETS for key in keys) else 2.0


def _type_of(key: str, code: str, totals: dict[str, Votes]) -> str:
    votes = totals[key] + _prior(key)
    best = max((PERSON, PET, STAFF), key=lambda c: votes[c])
    return best if votes[best] > votes[code] + 2 else code


def _put(talk: Talk, marks: Marks, mention: Mention, code: str, totals: dict[str, Votes]) -> None:
    """Mark a name; a pet's name before its owner's ("Duchess Whitfield") is taken apart."""
    first, last = mention.first, mention.last
    types = _parts(mention, totals)
    if len(mention.keys) == 2 and set(types) == {PET, PERSON}:
        marks.put(first, last - 1, types[0])
        marks.put(last - 1, last, types[1])
        return
    begin = talk.bounds(first)[0]
    if code == PET and first > begin and talk.plain[first - 1] in TITLES and talk.cased:
        first -= 1
    marks.put(first, last, code)


def _parts(mention: Mention, totals: dict[str, Votes]) -> list[str]:
    """What each word of a name is elsewhere in the call, "" where it is not said elsewhere."""
    types = []
    for key in mention.keys:
        others = Counter(totals[key])
        others.subtract(mention.votes)
        code = max((PERSON, PET, STAFF), key=lambda c: others[c])
        types.append(code if others[code] >= 0.7 else "")
    return types


def _mark_again(talk: Talk, marks: Marks, taken: dict[str, str]) -> None:
    """Mark what was found to be a name wherever else it is said."""
    for at, word in enumerate(talk.plain):
        if marks.types[at]:
            continue
        key = word if word in taken else word.removesuffix("s").removesuffix("'")
        if key not in taken or len(key) < 2 or key in TITLES:
            continue
        everyday = key in ORDINARY or key in PROPER or key in NUMBERS
        token = talk.tokens[at]
        sure = token.capital and (not token.opens or _stands_as_name(talk, at, talk.bounds(at)[1]))
        if not everyday or (talk.cased and sure):
            marks.put(at, at + 1, taken[key])
