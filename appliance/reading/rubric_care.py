"""Rubric items of substance: safety, price, offers, numbers, preparation and identity."""

import re
from functools import cache
from typing import Final

from appliance.reading.callbacks import callbacks, timed
from appliance.reading.cards import cards_said
from appliance.reading.endings import BLOCKS, Ending
from appliance.reading.grammar import phrases
from appliance.reading.intents import SICK, Reasons
from appliance.reading.moods import Label, red_flags
from appliance.reading.plain import words
from appliance.reading.rubric_manners import CLINICAL, OUTSIDERS, Item, state
from appliance.reading.scene import NEVER, Scene, first

_CLOCK: Final = phrases(["<time> <clock>\nat <time>"])
_OWNER_OF_CALL: Final = """
    doctor *
    she/he/they will/does/calls
    manager/technician/nurse/tech
    i will
    i am going
    will have
    will call
"""
_TWO: Final = """
    or
    either
    and then
    mornings or afternoons
"""


@cache
def _pattern(rows: str) -> re.Pattern[str]:
    return phrases([rows])


def _answered_fast(scene: Scene, _: Reasons, __: Ending) -> Label:
    rang = scene.context.ring_s
    if rang is None or scene.context.direction == "out":
        return Label("na" if scene.context.direction == "out" else "cannot_tell")
    return Label("met" if rang <= 15 else "not_met")


def _signalment(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    asked = scene.desk("asks_signalment")
    if asked and reasons.intent not in OUTSIDERS:
        return Label("met", asked)
    new = reasons.intent in ("new_pet", "price_shop")
    ill = reasons.intent in SICK and reasons.intent != "postop_question"
    return Label("not_met") if new or ill else Label("na")


def _urgency_asked(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    asked = scene.desk("asks_urgency")
    if reasons.intent in SICK or (asked and "sick_visit" in reasons.secondary):
        return state(asked)
    return Label("na")


def _red_flag_escalated(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    if reasons.intent not in SICK or not (red_flags(scene) or reasons.intent == "poisoning"):
        return Label("na")
    helped = scene.desk("tells_come_now", "sends_elsewhere")
    return state(helped or scene.desk("pages_doctor", "transfers") or callbacks(scene))


_UNCLINICAL: Final = frozenset(("boarding", "grooming", "tech_visit", "travel_certificate"))
_BRIEF: Final = frozenset(("wellness", "new_pet", "price_shop"))


def _no_medical_advice(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    brief = reasons.intent in _BRIEF and ending.code == "refused"
    if reasons.intent not in CLINICAL - _UNCLINICAL or brief:
        return Label("na")
    given = scene.desk("advises")
    refused = set(scene.desk("refuses_advice", "tells_come_now", "offers_slot"))
    bad = tuple(index for index in given if index not in refused)
    harmful = bad and reasons.intent in (*SICK, "refill", "diet")
    return Label("not_met", bad) if harmful else Label("met")


def _price_asked(scene: Scene, reasons: Reasons) -> bool:
    money = ("price_shop", "estimate_question", "financing_insurance")
    return bool(scene.caller("asks_price")) or reasons.intent in money


def _value_before_price(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    quoted = scene.desk("quotes_price")
    if not quoted or not _price_asked(scene, reasons):
        return Label("na")
    return state(scene.desk("gives_value", before=quoted[-1] + 2))


def _price_clear(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    quoted = scene.desk("quotes_price")
    if reasons.intent in OUTSIDERS:
        return Label("na")
    if quoted and reasons.intent == "price_shop" and scene.desk("dodges_price"):
        return Label("not_met", quoted)
    if quoted:
        return Label("met", quoted)
    return Label("not_met") if reasons.intent == "price_shop" else Label("na")


def _closed_to_them(scene: Scene) -> bool:
    return bool(scene.desk("no_new_clients", "no_species", "no_service"))


def _offers_appointment(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    offered = scene.desk("offers_slot", "offers_visit")
    bookable = reasons.intent in CLINICAL - {"refill", "lab_results", "inpatient_update", "diet"}
    if _closed_to_them(scene) or ending.code == "referred_out":
        return Label("na")
    if offered and reasons.intent not in OUTSIDERS:
        return Label("met", offered)
    return Label("not_met") if bookable else Label("na")


def _two_choices(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    offers = scene.desk("offers_slot")
    if not offers or reasons.intent in OUTSIDERS or _closed_to_them(scene):
        return Label("na")
    two = tuple(i for i in offers if _pattern(_TWO).search(scene.turns[i].text))
    times = {found.group() for i in offers for found in _CLOCK.finditer(scene.turns[i].text)}
    return state(two or (offers if len(times) > 1 else ()))


def _offers_alternative(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    blocks = scene.desk(*BLOCKS)
    unmet = ending.code in _UNMET
    put_off = scene.desk("says_full", "doctor_away")
    if not (unmet or put_off) or reasons.intent in OUTSIDERS:
        return Label("na")
    since = first(blocks) - 1 if blocks else NEVER
    other = scene.desk(
        "offers_slot", "offers_waitlist", "sends_elsewhere", "names_others", after=since
    )
    mended = ending.code in ("booked_alternative", "referred_out", "waitlisted")
    return state(other or (ending.turns if mended else ()))


_UNMET: Final = words("refused booked_alternative referred_out caller_declined waitlisted")


def _numbers_said(scene: Scene) -> tuple[int, ...]:
    return tuple(t.index for t in scene.turns if t.speaker != "ivr" and " numberrun " in t.text)


_CALLS_BACK: Final = words(
    "callback_timed callback_untimed message_taken waitlisted transferred_unresolved"
)


def _callback_number(scene: Scene, _: Reasons, ending: Ending) -> Label:
    asked = scene.desk("asks_number")
    owed = ending.code in _CALLS_BACK or bool(scene.desk("busy") and scene.desk("excuses"))
    in_play = owed or ending.code.startswith("booked") or bool(red_flags(scene))
    asked = asked or tuple(i for i in _numbers_said(scene) if in_play)
    if asked and in_play and ending.code not in ("transferred_unresolved", "disconnected"):
        return Label("met", asked)
    return state(_numbers_said(scene)) if owed else Label("na")


def _callback_promise(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    promised = callbacks(scene)
    owned = any(_pattern(_OWNER_OF_CALL).search(scene.turns[i].text) for i in promised)
    kept = promised if promised and owned and timed(scene, promised) else ()
    owed = ending.code in ("callback_timed", "callback_untimed", "message_taken")
    if reasons.intent in OUTSIDERS or not (owed or kept):
        return Label("na")
    return state(kept)


def _prep_instructions(scene: Scene, reasons: Reasons, ending: Ending) -> Label:
    given = scene.desk("preps")
    useful = ending.code.startswith(_PREPARED)
    if not given or not useful or reasons.intent in OUTSIDERS:
        return Label("na")
    return Label("met", given)


_PREPARED: Final = ("booked", "callback_timed", "referred_out", "waitlisted")


def _confirms_details(scene: Scene, _: Reasons, ending: Ending) -> Label:
    if not ending.code.startswith("booked"):
        return Label("na")
    since = ending.booked if ending.booked != NEVER else len(scene.turns) // 2
    return state(scene.desk("confirms", "offers_slot", after=since - 1))


def _identity_check(scene: Scene, reasons: Reasons, _: Ending) -> Label:
    releasing = {"lab_results", "records_request", "inpatient_update"} & {
        reasons.intent,
        *reasons.secondary,
    }
    checked = scene.desk("verifies_identity")
    released = releasing or scene.desk("releases")
    return Label("met", checked) if released and checked else Label("na")


def _no_card_aloud(scene: Scene, _: Reasons, __: Ending) -> Label:
    if said := cards_said(scene):
        return Label("not_met", said)
    return state(scene.desk("spares_card"), "na")


CARE: Final[dict[str, Item]] = {
    "answered_fast": _answered_fast, "signalment": _signalment, "urgency_asked": _urgency_asked,
    "red_flag_escalated": _red_flag_escalated, "no_medical_advice": _no_medical_advice,
    "value_before_price": _value_before_price, "price_clear": _price_clear,
    "offers_appointment": _offers_appointment, "two_choices": _two_choices,
    "offers_alternative": _offers_alternative, "callback_number": _callback_number,
    "callback_promise": _callback_promise, "prep_instructions": _prep_instructions,
    "confirms_details": _confirms_details, "identity_check": _identity_check,
    "no_card_aloud": _no_card_aloud,
}  # fmt: skip
