"""Names of people, pets and staff: found by cues and by lists, then wherever they are said again."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from appliance.facts.analysis import KnownNames
from appliance.reading.plain import words
from appliance.reading.redaction_clinics import pass_clinics
from appliance.reading.redaction_cues import PERSON, PET, STAFF
from appliance.reading.redaction_names_known import FIRST, LAST, PETS
from appliance.reading.redaction_numbers import Run
from appliance.reading.redaction_odd import NUMBERS, is_bent, is_odd
from appliance.reading.redaction_spelled import mark_spelled, spelled
from appliance.reading.redaction_tokens import FILLERS, Marks, Talk
from appliance.reading.redaction_topics import Topics
from appliance.reading.redaction_types import type_names
from appliance.reading.redaction_votes import Mention, Votes, no_votes, weigh_mention
from appliance.reading.redaction_words import CALENDAR, CLINIC_WORDS, ORDINARY, PLACES, PROPER

TITLES: Final = words("mr mrs ms miss mister dr doctor doc sir madam professor prof missus mx")
_NAMELIKE_TITLES: Final = words("miss mister sir")  # pets are called so
_LISTED: Final = FIRST | LAST | PETS
_LONGEST: Final = 4  # words of one name
_PLACE: Final = "PLACE"
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
_BREEDS: Final = words(
    "chihuahua rottweiler labrador labradoodle lab dachshund beagle poodle doodle goldendoodle husky "
    "corgi chow akita maltese yorkie yorkshire pomeranian bichon frise havanese shih tzu schnauzer "
    "doberman pinscher rottie mastiff weimaraner vizsla retriever spaniel collie terrier pug "
    "siamese persian ragdoll himalayan sphynx westie westies frenchie aussie newfie newfoundland"
)
_MONTH_NAMES: Final = words("april may june august")


def mark_names(talk: Talk, marks: Marks, topics: Topics, known: KnownNames) -> None:
    """Mark all names that are left in a call, and spelled names last."""
    mentions, totals, letters = mentions_in(talk, marks, known)
    typed = zip(mentions, type_names(talk, mentions, totals), strict=True)
    staff = _known_words(known.staff)
    found = [
        (mention, STAFF if staff & set(mention.keys) else code)
        for mention, code in typed
        if _is_name(talk, mention, totals)
    ]
    for mention, code in found:
        _put(talk, marks, mention, code, totals)
    taken = _types_of_keys(found)
    _mark_again(talk, marks, taken)
    mark_spelled(talk, marks, topics, letters, taken)


def mentions_in(
    talk: Talk, marks: Marks, known: KnownNames
) -> tuple[list[Mention], dict[str, Votes], list[Run]]:
    """All places where a name may be said, the votes for each word of them, and spelled letters."""
    pass_clinics(talk, marks, known.clinics)
    letters = spelled(talk, marks)
    mentions = list(_coordinated(talk, list(_mentions(talk, marks, known, letters))))
    return mentions, _totals(mentions, known), letters


def _types_of_keys(found: list[tuple[Mention, str]]) -> dict[str, str]:
    """For every word of a name what it was most often."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for mention, code in found:
        for key in mention.keys:
            counts[key][code] += 1
    return {key: told.most_common(1)[0][0] for key, told in counts.items()}


def _known_words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(w for name in names for w in name.casefold().split() if len(w) > 1)


def _coordinated(talk: Talk, mentions: list[Mention]) -> Iterator[Mention]:
    """A name behind "and" is what the name before it is; "it's" behind a full name is the pet's."""
    for place, mention in enumerate(mentions):
        before = mentions[place - 1] if place else mention
        line = talk.tokens[before.first].line == talk.tokens[mention.first].line
        if line and _is_joined(talk, before, mention):
            for code in (PERSON, PET):
                mention.votes[code] += 0.8 * before.votes[code]
        lead = talk.words(max(0, mention.first - 2), mention.first)
        if line and lead == "it 's" and len(before.keys) > 1 and before is not mention:
            mention.votes[PET] += 2
        yield mention


def _is_joined(talk: Talk, before: Mention, mention: Mention) -> bool:
    """Whether one word, "and" or "or", stands between two names."""
    if mention.first - before.last != 1 or talk.plain[before.last] not in ("and", "or"):
        return False
    return talk.joined(mention.first) and talk.tokens[before.last].gap == " "


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
                yield weigh_mention(talk, at, end)
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
    if word in CLINIC_WORDS or word in plain or word in _BREEDS:
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


def _totals(mentions: list[Mention], known: KnownNames) -> dict[str, Votes]:
    totals: dict[str, Votes] = defaultdict(no_votes)
    for mention in mentions:
        for key in mention.keys:
            for code, weight in mention.votes.items():
                totals[key][code] += weight
    for names, code in ((known.staff, STAFF), (known.callers, PERSON)):
        for word in _known_words(names):
            totals[word][code] += 4
    return totals


def _prior(key: str) -> Votes:
    votes = no_votes()
    if key in FIRST or key in LAST:
        votes[PERSON] += 0.7
    if key in PETS:
        votes[PET] += 0.5 if key in FIRST else 0.8
    return votes


def _scores(mention: Mention, totals: dict[str, Votes]) -> Votes:
    scores = no_votes()
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


def _is_name(talk: Talk, mention: Mention, totals: dict[str, Votes]) -> bool:
    """Whether more speaks for a name than against it."""
    scores = _scores(mention, totals)
    place = max(scores.pop(_PLACE, 0.0), 0.0)
    most = max((scores[code] for code in (PERSON, PET, STAFF)), default=0.0)
    return most - place / 2 >= _least(talk, mention)


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
        if not hardly or before.endswith(_INTRODUCED):
            return 2.4
        return 4.5 if all(key in PETS for key in keys) else 9.0
    if placed:
        return 3.0
    return 0.4 if any(key in FIRST or key in PETS for key in keys) else 0.7


def _put(talk: Talk, marks: Marks, mention: Mention, code: str, totals: dict[str, Votes]) -> None:
    """Mark a name; a pet's name before its owner's ("Duchess Whitfield") is taken apart."""
    first, last = mention.first, mention.last
    types = _parts(mention, totals)
    if len(mention.keys) == 2 and set(types) == {PET, PERSON}:
        marks.put(first, last - 1, types[0])
        marks.put(last - 1, last, types[1])
        return
    begin = talk.bounds(first)[0]
    title = talk.plain[first - 1] if first > begin else ""
    if title in _NAMELIKE_TITLES or (code == PET and title in TITLES and talk.cased):
        first -= 1
    marks.put(first, last, code)


def _parts(mention: Mention, totals: dict[str, Votes]) -> list[str]:
    """What each word of a name is elsewhere in the call, "" where it is not said elsewhere."""
    types = []
    for key in mention.keys:
        total, own = totals[key], mention.votes
        others = {code: total[code] - own[code] for code in (PERSON, PET, STAFF)}
        code = max(others, key=lambda c: others[c])
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
