"""Relation, urgency and sentiment: who the caller is, how pressing it is and how they sound in words."""

import re
from collections.abc import Mapping
from functools import cache
from re import Pattern
from typing import Final, NamedTuple

from appliance.facts.codes import INTENT_GROUPS, UNKNOWN
from appliance.reading.features import whole
from appliance.reading.grammar import affirmed, phrases
from appliance.reading.intents import Reasons
from appliance.reading.phrases_reasons import SIGNS
from appliance.reading.plain import words
from appliance.reading.scene import NEVER, Scene, Turn, first
from appliance.reading.weighing import spoke_for, weigh_mood


class Label(NamedTuple):
    """A label and the turns it rests on."""

    code: str
    turns: tuple[int, ...] = ()


_KNOWN_BY_REASON: Final = words(
    "refill lab_results recheck postop_question inpatient_update confirm reschedule cancel "
    "running_late grief_followup complaint compliment payment estimate_question pickup "
    "financing_insurance end_of_life"
)
_STRANGERS: Final = words("wrong_number spam job_seeker personal")
_NO_HURRY: Final = words(
    "vendor wrong_number spam job_seeker personal complaint compliment payment hours_directions "
    "grief_followup inpatient_update"
)
_SOON: Final = words(
    "sick_visit triage_question recheck refill lab_results new_pet postop_question diet "
    "outside_pharmacy travel_certificate pickup"
)
SOLEMN: Final = frozenset(("end_of_life", "grief_followup", "complaint"))
_SAME_DAY: Final = frozenset(("urgent_visit", "lost_found"))


@cache
def sign(name: str) -> Pattern[str]:
    """The compiled phrases of one sign."""
    return phrases([SIGNS[name]])


def red_flags(scene: Scene) -> tuple[int, ...]:
    """Turns in which the caller tells of a danger to life, or says yes to the desk asking for it."""
    told = {t.index for t in scene.by("caller") if affirmed(sign("red_flag"), t.text)}
    for turn in scene.by("staff"):
        answer = scene.next_by("caller", turn.index, within=1)
        if answer and sign("red_flag").search(turn.text) and answer.text.startswith(" yes"):
            told.add(answer.index)
    return tuple(sorted(told))


def relation(scene: Scene, reasons: Reasons) -> Label:
    """Whether the clinic knows the caller."""
    if reasons.intent in ("vendor",):
        return Label("vendor", reasons.turns.get("vendor", ()))
    if reasons.intent in _STRANGERS:
        return Label(UNKNOWN)
    if professional := scene.caller("professional", before=8):
        return Label("professional", professional)
    if answer := _answer_been_before(scene):
        return answer
    new, known = scene.caller("new_here"), scene.caller("been_before")
    if scene.context.direction == "out":
        return _relation_called(scene)
    if new:
        return Label("new_client", new)
    if away := scene.caller("been_away", before=12):
        return Label("lapsed_client" if known else UNKNOWN, away)
    if known:
        return Label("existing_client", known)
    if reasons.intent in _KNOWN_BY_REASON:
        return Label("existing_client", reasons.turns.get(reasons.intent, ()))
    if said_who := _introduced(scene, reasons):
        return Label("existing_client", said_who)
    return _relation_from_desk(scene, reasons)


_DESK_KNOWS = """
    let me pull/get/look ~ chart/file/record/records/account/up
    i see you/that/him/her
    <pron> chart
    in the/your/his/her chart/file
    i remember
    good to hear
    last visit/time/seen
    he/she is due
    we saw
    due for
"""
_DESK_ASKS_BEFORE = """
    been [in/here/to_see_us/with_us/a_client/seen/to_us] before
    been with us
    been here before
    have you [ever/guys/two_of_you] been [in/here/to_see]
    been in/here/seen before
    [is/are] <pron> a [new/current/existing] client/patient
    a client/patient [of_ours/here/with_us]
    new client/patient
    stayed with us
    been to see us
    are you [a] new/current/existing
    first time/visit
    seen <pron> before
    in our system
"""
_DESK_SAYS_NEW = """
    [for] new clients/client/patients
    welcome to the
    new client form/forms/paperwork/exam/fee
"""


@cache
def _pattern(rows: str) -> Pattern[str]:
    return phrases([rows])


def _answer_been_before(scene: Scene) -> Label | None:
    for turn in scene.by("staff"):
        if not _pattern(_DESK_ASKS_BEFORE).search(turn.text):
            continue
        answer = scene.next_by("caller", turn.index)
        if answer is None:
            continue
        asks_new = " new " in turn.text or " first time " in turn.text
        no = " no " in answer.text[:30] or " never " in answer.text or " not " in answer.text[:40]
        yes = any(word in answer.text[:40] for word in (" yes ", " we have ", " time ", " yeah "))
        if no or yes or " first time " in answer.text:
            new = (no != asks_new) or " first time " in answer.text
            return Label("new_client" if new else "existing_client", (turn.index, answer.index))
    return None


def _introduced(scene: Scene, reasons: Reasons) -> tuple[int, ...]:
    """Who opens with their full name expects to be known."""
    opening = scene.by("caller")[:1]
    care = reasons.intent in INTENT_GROUPS["bookable"]
    return tuple(t.index for t in opening if care and _NAMED.search(t.raw))


_NAMED: Final = re.compile(
    r"\b(?:this is|it's|it is|my name is)(?: \w+,)? (?!my|a|the|about)[^\W\d]+ [^\W\d]+\b",
    re.IGNORECASE,
)


def _relation_called(scene: Scene) -> Label:
    """Whom the clinic calls it mostly knows."""
    if unseen := scene.desk("long_unseen"):
        return Label("lapsed_client", unseen)
    known = any(_pattern(_DESK_KNOWS).search(t.text) for t in scene.by("staff"))
    named = scene.desk("offers_slot", "confirms", "verifies_identity")
    return Label("existing_client", named) if known or named else Label(UNKNOWN)


def _relation_from_desk(scene: Scene, reasons: Reasons) -> Label:
    said = scene.by("staff")
    if new := tuple(t.index for t in said if _pattern(_DESK_SAYS_NEW).search(t.text)):
        return Label("new_client", new)
    if known := tuple(t.index for t in said if _pattern(_DESK_KNOWS).search(t.text)):
        return Label("existing_client", known)
    if reasons.intent == "new_pet":
        return Label("new_client", reasons.turns.get("new_pet", ()))
    return Label(UNKNOWN)


def urgency(scene: Scene, reasons: Reasons) -> Label:
    """How pressing it is, from the reason and the caller's words of danger and time."""
    intent = reasons.intent
    flags = red_flags(scene)
    ill = intent in ("urgent_visit", "poisoning", "sick_visit", "triage_question")
    if intent == "poisoning" or (ill and flags):
        return Label("red", flags or reasons.turns.get(intent, ()))
    if intent == UNKNOWN:
        return Label(UNKNOWN if scene.turns else "none")
    if intent in _NO_HURRY:
        return Label("none", reasons.turns.get(intent, ()))
    today = _signs(scene, "today", 9 if intent == "end_of_life" else 5)
    if intent == "boarding":
        today += tuple(t.index for t in scene.by("caller")[:3] if " tomorrow " in t.text)
    if intent in _SAME_DAY or ((ill or intent in ("end_of_life", "boarding")) and today):
        return Label("same_day", today or reasons.turns.get(intent, ()))
    soon = _signs(scene, "soon")
    if intent in _SOON or (soon and intent in ("dental", "complaint", "records_request")):
        return Label("soon", soon or reasons.turns.get(intent, ()))
    return Label("routine", reasons.turns.get(intent, ()))


def _signs(scene: Scene, name: str, count: int = 5) -> tuple[int, ...]:
    said = [turn for turn in scene.by("caller") if len(turn.text.split()) > 2][:count]
    return tuple(turn.index for turn in said if sign(name).search(turn.text))


def sentiment_start(scene: Scene, reasons: Reasons) -> Label:
    """The mood of the caller's first words."""
    opening = scene.by("caller")[:4]
    if not opening:
        return Label(UNKNOWN)
    until = opening[-1].index + 1
    distress = tuple(t.index for t in opening if sign("distress").search(t.text))
    bad = scene.caller("complains", "worries", before=until) or distress
    if (
        red := tuple(i for i in red_flags(scene) if i <= opening[1:2][0].index)
        if opening[1:]
        else ()
    ):
        bad = (*bad, *red)
    if bad or reasons.intent in ("complaint", "end_of_life", "grief_followup"):
        return Label("negative", bad or (opening[0].index,))
    if good := scene.caller("pleased", before=opening[0].index + 1) or _exclaims(opening[0]):
        return Label("positive", good)
    return Label("neutral", (opening[0].index,))


def _exclaims(turn: Turn) -> tuple[int, ...]:
    return (turn.index,) if "!" in turn.raw else ()


def sentiment_end(scene: Scene, unhelped: bool) -> Label:
    """The mood of the caller's last words; mere thanks of an unhelped caller are courtesy."""
    closing = scene.by("caller")[-3:]
    if not closing:
        return Label(UNKNOWN)
    since = closing[0].index - 1
    good, bad = scene.caller("pleased", after=since), scene.caller("displeased", after=since)
    if bad and first(bad[::-1][:1]) >= (good[-1] if good else NEVER):
        return Label("negative", bad)
    if good:
        return Label("neutral" if unhelped else "positive", good)
    return Label("negative", bad) if bad else Label("neutral", (closing[-1].index,))


def is_red(scene: Scene, reasons: Reasons) -> bool:
    """Whether the rules take the call for an emergency."""
    return urgency(scene, reasons).code == "red"


def weighed(scene: Scene, ruled: Mapping[str, Label]) -> dict[str, Label]:
    """The labels of the rules, or what the words of the whole call speak for instead."""
    if not scene.turns:
        return dict(ruled)
    told = whole(scene)
    return {name: _weighed(scene, name, label, told) for name, label in ruled.items()}


def _weighed(scene: Scene, name: str, label: Label, told: list[str]) -> Label:
    code = weigh_mood(told, name, label.code)
    if code == label.code:
        return label
    return Label(code, spoke_for("wholes", name, code, scene.turns))
