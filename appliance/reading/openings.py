"""The first seconds: who picked up, whether the clinic was named and the recording was announced."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from appliance.facts.codes import CANNOT_TELL
from appliance.reading.grammar import phrases
from appliance.reading.lexicon import CLASSES
from appliance.reading.moods import Label
from appliance.reading.plain import plain, words
from appliance.reading.scene import Scene, Turn

_NOTICE: Final = """
    call/calls/conversation/line ~ recorded/monitored/recording
    recorded/recording/monitored ~ line/call/calls/purposes
    [is/are/be] being recorded
    may/will be ~ recorded/monitored
    recorded for
    on a recorded
    we record
    grabada/grabado
"""
_BEGINNING: Final = """
    thank_you for calling
    you have_reached/reached
    you are_calling/reaching
    hello/hi/welcome
    good morning/afternoon/evening/day
    this is
    speaking
    how can/may/could
    is closed/open
"""
_NAME_AFTER: Final = re.compile(
    r" (?:this is|my name is|i am|it is|you have got|you have reached|you are speaking (?:with|to)"
    r"|you got|here is|name is) (?:doctor )?([^\W\d]+)(?= |$)"
)
_NAME_BEFORE: Final = re.compile(r" ([^\W\d]+) (?:speaking|here|at the front desk)(?= )")
_CLINIC_END: Final = re.compile(
    r" (?:hospital|clinic|vet|veterinary|veterinarians?|associates|center|care|group|resort|practice"
    r"|service|office|companion|animal|pet|wellness|surgery|medical) ([^\W\d]+)"
    r"(?: (?:how|what|can|may|good|are|is)\b.*)? $"
)
_ADDRESSED: Final = re.compile(
    r" (?:hi|hey|hello|thank you|morning|afternoon|bye|okay) ([^\W\d]+)(?= )"
)
_NOT_NAMES: Final = words(
    "the a an how what can may i you your my it is this that there for to at in on of and or so we "
    "our he she they good morning afternoon evening thank thanks hi hello hey yes no okay please "
    "sorry speaking calling help just not going one here line front desk reception recorded all "
    "still right fine very much sure well oh now back from over with about doing glad happy like "
    "who when where why then again him her them his hers it's have had has do does did was were "
    "be been am are would could will should might really actually also maybe only too guys "
    "everybody everyone there's look let me checking looking showing seeing returning afraid "
    "standing number after hours nurse technician receptionist manager day day's bye mom dad honey dear "
    "maam sir hon hun sweetie everything nothing anything something so's today tomorrow tonight"
)
_CLINICAL: Final = frozenset(CLASSES["clinicword"].replace("_", " ").split())


@cache
def _pattern(rows: str) -> re.Pattern[str]:
    return phrases([rows])


def disclosure(scene: Scene) -> Label:
    """Whether a recording notice was played or said."""
    early = [turn for turn in scene.turns[:6] if turn.speaker != "caller"]
    heard = tuple(turn.index for turn in early if _pattern(_NOTICE).search(turn.text))
    if heard:
        return Label("yes", heard)
    if start_is_cut(scene):
        return Label(CANNOT_TELL)
    return Label("no", (scene.turns[0].index,))


def start_is_cut(scene: Scene) -> bool:
    """Whether the transcript begins in the middle of the greeting."""
    if not scene.turns:
        return True
    opening = scene.turns[0]
    if opening.speaker == "ivr":
        return not _pattern(_BEGINNING).search(" ".join(opening.text.split(" ")[:9]) + " ")
    cased = any(letter.isupper() for turn in scene.turns for letter in turn.raw)
    begins_low = opening.raw.lstrip()[:1].islower()
    return cased and begins_low


def desk_openings(scene: Scene, count: int = 2) -> list[Turn]:
    """The first turns of the desk; one more where the caller had to speak first."""
    return [turn for turn in scene.turns[:6] if turn.may_be("staff")][:count]


def clinic_named(scene: Scene) -> tuple[int, ...]:
    """Turns of the opening that name the clinic."""
    names = [plain(name).strip() for name in scene.context.clinic_names]
    named = []
    for turn in desk_openings(scene):
        words = turn.text.split()
        told = any(name and name in turn.text for name in names)
        place = (
            any(w in _PLACES for w in words) and " vet office " not in turn.text
        ) or " line for " in turn.text
        reached = " you have reached " in turn.text or " thank you for calling " in turn.text
        if told or place or reached or _shares_ivr_name(scene, words):
            named.append(turn.index)
    return tuple(named[:1])


_PLACES: Final = words(
    "hospital clinic vet veterinary veterinarian veterinarians vets animal associates center cat "
    "cats feline exotics paws companion resort pet pets"
)


def _shares_ivr_name(scene: Scene, words: list[str]) -> bool:
    spoken = " ".join(turn.text for turn in scene.turns[:2] if turn.speaker == "ivr").split()
    rare = {word for word in spoken if word not in _NOT_NAMES and len(word) > 3}
    return any(word in rare for word in words[:6]) if rare else False


def staff_name(scene: Scene) -> tuple[str | None, tuple[int, ...]]:
    """The first name of who picked up, as written in the transcript, and where it was said."""
    known = {plain(name).strip(): name for name in scene.context.staff_names}
    for turn in desk_openings(scene, 3):
        if listed := next((w for w in turn.text.split() if w in known), None):
            return known[listed], (turn.index,)
        for word in _candidates(turn, scene):
            if _could_be_name(word, turn):
                return _as_written(word, turn.raw), (turn.index,)
    return None, ()


def _candidates(turn: Turn, scene: Scene) -> Iterator[str]:
    text = turn.text
    for pattern in (_NAME_BEFORE, _NAME_AFTER, _CLINIC_END):
        for found in pattern.finditer(text):
            yield found.group(1)
    addressed = {
        found.group(1) for t in scene.by("caller") for found in _ADDRESSED.finditer(t.text)
    }
    yield from (word for word in text.split() if word in addressed)


def _could_be_name(word: str, turn: Turn) -> bool:
    if word in _NOT_NAMES or word in _CLINICAL or len(word) < 2:
        return False
    if _starts_clinic(word, turn.text):
        return False
    cased = any(letter.isupper() for letter in turn.raw)
    return not cased or _as_written(word, turn.raw)[:1].isupper()


def _starts_clinic(word: str, text: str) -> bool:
    """Whether the word begins a clinic's name: "this is Harbor Cat and Dog"."""
    after = text.split(f" {word} ", 1)[-1].split()[:3]
    greeted = after[:1] and after[0] in (
        "how",
        "speaking",
        "here",
        "what",
        "can",
        "may",
        "i",
        "with",
    )
    return not greeted and any(w in _PLACES for w in after)


def _as_written(word: str, raw: str) -> str:
    for found in re.finditer(r"[^\W\d]+(?:['’-][^\W\d]+)*", raw):
        if plain(found.group()).strip() == word:
            return found.group()
    return word
