"""Rubric items of manner: the greeting, names, holding, questions, kindness and the close."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from appliance.facts.codes import CANNOT_TELL
from appliance.reading.endings import Ending
from appliance.reading.grammar import phrases
from appliance.reading.intents import SICK, Reasons
from appliance.reading.moods import SOLEMN, Label
from appliance.reading.openings import clinic_named, desk_openings, staff_name, start_is_cut
from appliance.reading.plain import words
from appliance.reading.scene import Scene

Item = Callable[[Scene, Reasons, Ending], Label]

STRANGERS: Final = words("wrong_number spam personal")
OUTSIDERS: Final = words("wrong_number spam personal vendor job_seeker")
CLINICAL: Final = frozenset(
    (*SICK, "wellness", "new_pet", "recheck", "surgery", "dental", "tech_visit", "refill", "diet",
     "lab_results", "inpatient_update", "end_of_life", "travel_certificate", "price_shop",
     "estimate_question", "financing_insurance", "boarding", "grooming")
)  # fmt: skip
_EXPLORED: Final = frozenset(
    (*SICK, "wellness", "new_pet", "recheck", "surgery", "dental", "refill", "end_of_life",
     "complaint", "price_shop", "estimate_question", "travel_certificate",
     "financing_insurance", "diet")
)  # fmt: skip
_CALLED_ABOUT: Final = re.compile(
    r"\b(?:about|for|confirm|with|on|see|regarding|is)\s+([A-Z][a-z]{2,})\b(?!day)|\b[A-Z][a-z]{2,}'s\b"
)
_TITLE: Final = re.compile(r" (?:mr|mrs|ms|miss|mister|missus) [^\W\d]{2,}")
_SELF: Final = re.compile(
    r" (?:this is|my name is|i am|it is|name is|name) ([^\W\d]{3,})(?: ([^\W\d]{3,}))?"
)
_VOCATIVE: Final = re.compile(
    r" (?:thank you|hi|hello|hey|okay|sorry|bye|right|got it|care|careful|morning|sure) ([^\W\d]{3,})(?= )"
)
_PET_CALLED: Final = re.compile(
    r" (?:named|called|name is|his name|her name|(?:my|our) (?:dog|cat|puppy|kitten|boy|girl|pup)"
    r"|(?:dog|cat|puppy|kitten) is|he is|she is|for|about|on|see|seeing|bring|is due for|see how) "
    r"([^\W\d]{3,})(?= )"
)
_GIVEN_LATE: Final = re.compile(
    r" ([^\W\d]{3,}) (?:is|needs|has|was|got|keeps|did|does|will not|ate|had|threw|started) "
)


def state(met: tuple[int, ...], otherwise: str = "not_met") -> Label:
    """Met with its turns, or another state without."""
    return Label("met", met) if met else Label(otherwise)


@cache
def _pattern(rows: str) -> re.Pattern[str]:
    return phrases([rows])


def _greeting_clinic(scene: Scene, _: Reasons, __: Ending) -> Label:
    if named := clinic_named(scene):
        return Label("met", named) if not start_is_cut(scene) else Label(_cut(scene), named)
    return Label(CANNOT_TELL if start_is_cut(scene) else "not_met")


def _cut(scene: Scene) -> str:
    return "met" if scene.turns[0].speaker == "ivr" else CANNOT_TELL


def _greeting_name(scene: Scene, _: Reasons, __: Ending) -> Label:
    return state(staff_name(scene)[1])


def _offers_help(scene: Scene, _: Reasons, __: Ending) -> Label:
    if scene.context.direction == "out":
        return Label("na")
    until = max((turn.index for turn in desk_openings(scene)[:1]), default=0)
    offered = scene.desk("offers_help", before=until + 1)
    return state(offered, CANNOT_TELL if start_is_cut(scene) and not offered else "not_met")


def _hold_asked(scene: Scene, _: Reasons, __: Ending) -> Label:
    thanked = scene.desk("thanks_hold")
    asked = scene.desk("asks_hold")
    held = scene.context.hold_s
    if held is not None and held <= 0 and not thanked:
        return Label("na")
    if not held and not thanked:
        return Label("na")
    return Label("met", (*asked, *thanked)) if asked and thanked else Label("not_met", asked)


def _caller_name(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    if reasons.intent in STRANGERS:
        return Label("na")
    asked = scene.desk("asks_caller_name")
    named = _names_used(scene, _SELF) + _vocatives(scene)
    titled = tuple(t.index for t in scene.by("staff") if _TITLE.search(t.text))
    return state(tuple(sorted({*asked, *titled, *named})))


def _vocatives(scene: Scene) -> tuple[int, ...]:
    """Turns of the desk that address the caller with a word the caller used before."""
    said = {word for turn in scene.by("caller") for word in turn.text.split()} - _COMMON
    return tuple(
        t.index for t in scene.by("staff") for found in _VOCATIVE.finditer(t.text)
        if found.group(1) in said
    )  # fmt: skip


def _names_used(scene: Scene, pattern: re.Pattern[str]) -> tuple[int, ...]:
    """Turns of the desk that use a name the caller gave before."""
    used = []
    for turn in scene.by("caller"):
        names = {n for found in pattern.finditer(turn.text) for n in found.groups() if n}
        names -= _COMMON
        later = (t for t in scene.turns[turn.index + 1 :] if t.may_be("staff"))
        used += [t.index for t in later if names & set(t.text.split())]
    return tuple(used)


def _pet_name(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    if reasons.intent in OUTSIDERS or reasons.intent in ("lost_found", "hours_directions"):
        return Label("na")
    asked = scene.desk("asks_pet_name")
    used = (
        *_names_used(scene, _PET_CALLED),
        *_names_used(scene, _GIVEN_LATE),
        *_named_first(scene),
    )
    return state(tuple(sorted({*asked, *used, *_shared_names(scene)})))


def _shared_names(scene: Scene) -> tuple[int, ...]:
    """Turns of the desk with a capitalized word inside a sentence that the caller also used so."""
    caller = _capitalized(" ".join(turn.raw for turn in scene.by("caller")))
    own = {word.lower() for turn in desk_openings(scene) for word in turn.raw.split()}
    surnames = {found.group().split()[-1] for t in scene.turns for found in _TITLE.finditer(t.text)}
    selves = {
        n for t in scene.by("caller") for f in _SELF.finditer(t.text) for n in f.groups() if n
    }
    names = {name for name in caller if name.lower() not in own | surnames | selves | _COMMON}
    return tuple(t.index for t in scene.by("staff") if names & _capitalized(t.raw))


def _named_first(scene: Scene) -> tuple[int, ...]:
    """Turns of a desk that calls out and names the pet itself."""
    if scene.context.direction != "out":
        return ()
    return tuple(t.index for t in scene.by("staff")[:4] if _CALLED_ABOUT.search(t.raw))


def _capitalized(raw: str) -> set[str]:
    return {
        found.group(1)
        for found in re.finditer(r"(?<![.?!] )(?<!^)(?<!Dr\. )\b([A-Z][a-z]{2,})\b", raw)
    }


_BRIEF_MATTERS: Final = words(
    "payment reschedule cancel confirm running_late lab_results referral pickup outside_pharmacy "
    "vendor job_seeker wrong_number spam personal hours_directions inpatient_update"
)


def _open_question(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    asked = scene.desk("explores", "asks_urgency", after=0)
    cut_short = ending.code in ("refused", "disconnected") and not asked
    if reasons.intent not in _EXPLORED or cut_short:
        talked = asked and reasons.intent not in _BRIEF_MATTERS and not cut_short
        return Label("met", asked) if talked else Label("na")
    return state(asked)


def _empathy(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    shown = scene.desk("empathizes")
    ill = reasons.intent in SICK or reasons.intent in SOLEMN
    if ill or scene.caller("worries"):
        return state(shown)
    helped = ending.code in ("info_only", "booked", "booked_alternative")
    return Label("met", shown) if shown and not helped else Label("na")


def _more_questions(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    asked = scene.desk("more_questions", after=len(scene.turns) // 2 - 1)
    if asked:
        return Label("met", asked)
    rushed = ending.code == "disconnected" or reasons.intent == "poisoning"
    set_off = reasons.intent == "urgent_visit" and ending.code.startswith("booked")
    if rushed or set_off:
        return Label("na")
    return Label("na") if reasons.intent in OUTSIDERS else Label("not_met")


def _warm_close(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    closing = [turn.index for turn in scene.by("staff")][-2:]
    if ending.code == "disconnected" or reasons.intent == "spam":
        return Label("na")
    if not closing:
        return Label(CANNOT_TELL)
    return state(scene.desk("warm_close", after=closing[0] - 1))


def _grief_manner(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    if reasons.intent not in ("end_of_life", "grief_followup"):
        return Label("na")
    kind, pushed = scene.desk("empathizes"), scene.desk("pushes")
    return state(kind if not pushed else ())


def _complaint_owned(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    if "complaint" not in (reasons.intent, *reasons.secondary):
        return Label("na")
    return state(scene.desk("owns"))


_COMMON: Final = words(
    "the and for you are she him her his has had was not but out can who its let our your mine they "
    "them this that with have from back been were what when will just like well okay yes yeah one "
    "two three four five six seven eight nine ten today tomorrow tonight morning afternoon evening "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june "
    "july august september october november december doctor vet dog dogs cat cats puppy kitten pet "
    "eating drinking acting doing going getting having being coming calling looking trying fine good "
    "great sick hurt old only really still very all about here there then now any some too how why "
    "appointment surgery exam check shots vaccines rabies price refill results records food help "
    "sure please sorry thank bye hello right left little big new first last next time day week "
    "supposed gonna also even kind sort pretty getting limping vomiting throwing dental spay neuter "
    "something anything nothing maybe because might would could should did does do is it he we i a "
    "annual health certificate boarding grooming checkup check-up spayed neutered fixed male female "
    "not's due been him's mom dad oh god jesus lord christmas english spanish germany america"
)

MANNERS: Final[dict[str, Item]] = {
    "greeting_clinic": _greeting_clinic, "greeting_name": _greeting_name,
    "offers_help": _offers_help, "hold_asked": _hold_asked, "caller_name": _caller_name,
    "pet_name": _pet_name, "open_question": _open_question, "empathy": _empathy,
    "more_questions": _more_questions, "warm_close": _warm_close, "grief_manner": _grief_manner,
    "complaint_owned": _complaint_owned,
}  # fmt: skip
