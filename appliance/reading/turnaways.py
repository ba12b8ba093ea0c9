"""Turnaways: care was wanted and the caller left without a next step; which reason leads."""

from collections.abc import Callable
from typing import Final, NamedTuple

from appliance.facts.analysis import Turnaway
from appliance.facts.codes import KIND_OF_REASON, OUTCOMES, UNKNOWN
from appliance.reading.endings import OFFERS, Ending, line_lost, may_book, wants_care
from appliance.reading.features import CLOSING, closing
from appliance.reading.hearing import Heard
from appliance.reading.intents import Reasons
from appliance.reading.plain import words
from appliance.reading.scene import Scene, last
from appliance.reading.sensed import ending_opinions, sense_ending, sensed_for
from appliance.reading.weighing import NOT_TURNED_AWAY, spoke_for, weigh_ending

_LEFT_WITHOUT: Final = words(
    "info_only refused caller_declined caller_will_call_back referred_out disconnected"
)
_NEVER_COUNTED: Final = frozenset(("end_of_life", "grief_followup"))
_ADMIN: Final = words(
    "vendor spam wrong_number job_seeker personal compliment complaint hours_directions payment "
    "lab_results inpatient_update pickup lost_found records_request confirm cancel running_late "
    "referral"
)
_FEW_WORDS: Final = 12
_UNBOOKED: Final = frozenset(OUTCOMES) - words("booked booked_alternative waitlisted")


class Verdict(NamedTuple):
    """A turnaway or none; ``told`` is False where the words do not carry an answer."""

    turnaway: Turnaway | None
    told: bool
    turns: tuple[int, ...]


_Rule = Callable[[Scene, Reasons, Ending], tuple[int, ...]]


def judge(scene: Scene, reasons: Reasons, ending: Ending, red: bool) -> Verdict:
    """Turnaway yes or no, and why; abstains where too little was heard."""
    if reasons.intent in _NEVER_COUNTED or reasons.intent in _ADMIN:
        return Verdict(None, True, ())
    if ending.code == UNKNOWN or _too_short(scene):
        return Verdict(None, False, ())
    if ending.code not in _LEFT_WITHOUT or (red and _led_to_emergency(scene, ending)):
        return Verdict(None, True, ending.turns)
    wanted = wants_care(reasons) or scene.caller("asks_to_book", "wonders")
    if not wanted and ending.code != "refused":
        return Verdict(None, reasons.intent != UNKNOWN, ending.turns)
    for reason, rule in _LADDER:
        if turns := rule(scene, reasons, ending):
            return Verdict(_turnaway(reason), True, turns)
    return Verdict(_turnaway(UNKNOWN), True, ending.turns)


def judge_ending(
    scene: Scene, reasons: Reasons, ruled: Ending, red: bool, heard: Heard | None = None
) -> tuple[Ending, Verdict]:
    """How the call ended and whether care was lost, rules and what was learned weighed together."""
    verdict = judge(scene, reasons, ruled, red)
    if _too_short(scene) or (heard is None and (ruled.code == UNKNOWN or not verdict.told)):
        return ruled, verdict
    said = verdict.turnaway.reason if verdict.turnaway else NOT_TURNED_AWAY
    never = reasons.intent in _NEVER_COUNTED
    if heard:
        opinions = ending_opinions(heard, reasons.intent, ruled.code, said)
        code, reason = sense_ending(opinions, never)
    else:
        code, reason = weigh_ending(
            closing(scene, reasons.intent), ruled.code, said,
            endings=None if may_book(scene, reasons) else {ruled.code, *_UNBOOKED},
            reasons=(NOT_TURNED_AWAY,) if never or (red and _led_to_emergency(scene, ruled)) else None,
        )  # fmt: skip
    ending = ruled if code == ruled.code else _ended(scene, ruled, code, heard)
    if reason == said and verdict.told:
        return ending, verdict
    if reason == NOT_TURNED_AWAY:
        return ending, Verdict(None, True, ending.turns)
    turns = _spoke_for(scene, "turnaway", reason, heard)
    return ending, Verdict(_turnaway(reason), True, turns or ending.turns)


def _ended(scene: Scene, ruled: Ending, code: str, heard: Heard | None) -> Ending:
    turns = _spoke_for(scene, "outcome", code, heard)
    return ruled._replace(code=code, turns=turns or ruled.turns)


def _spoke_for(scene: Scene, label: str, code: str, heard: Heard | None) -> tuple[int, ...]:
    sensed = sensed_for(heard, label, code, ("staff", "caller")) if heard else ()
    return sensed or spoke_for("closings", label, code, scene.turns[-CLOSING:])


def _turnaway(reason: str) -> Turnaway:
    return Turnaway(reason=reason, kind=KIND_OF_REASON[reason])


def _too_short(scene: Scene) -> bool:
    return sum(len(turn.text.split()) for turn in scene.turns) < _FEW_WORDS


def _led_to_emergency(scene: Scene, ending: Ending) -> bool:
    """After hours, the emergency hospital is the next step, not the lack of one."""
    return bool(scene.context.after_hours) and ending.code == "referred_out"


def _technical(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    return line_lost(scene) if ending.code == "disconnected" else ()


def _act(*acts: str) -> _Rule:
    return lambda scene, _reasons, _ending: scene.desk(*acts)


def _service(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    not_done = set(scene.desk("no_service")) - set(scene.desk("says_full"))
    sold = scene.desk("quotes_price", "offers_slot")
    return () if sold or ending.code == "booked" else tuple(sorted(not_done))


def _busy(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    helped = scene.desk("offers_slot", "offers_waitlist", "promises_callback")
    return scene.desk("busy") if scene.desk("excuses") and not helped else ()


def _sent(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    return ending.turns if ending.code == "referred_out" else ()


def _objected(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    if ending.code not in ("caller_declined", "caller_will_call_back", "info_only"):
        return ()
    quoted = scene.desk("quotes_price")
    return scene.caller("objects_price", after=quoted[0]) if quoted else ()


def _policy(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    refused = ending.code in ("refused", "caller_will_call_back", "caller_declined")
    offered = last(scene.desk("offers_slot"))
    later = last(scene.desk("says_full", "doctor_away"))
    policy = scene.desk("policy", after=offered)
    return policy if refused and last(policy) >= later else ()


def _doctor(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    away = scene.desk("doctor_away")
    asked = tuple(t.index for t in scene.by("caller") if " doctor " in t.text)
    return away if away and asked else ()


def _no_alternative(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    full = scene.desk("says_full", "doctor_away")
    offered = scene.desk("offers_slot", "offers_waitlist")
    return full if full and not offered else ()


def _undecided(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    offered = scene.desk(*OFFERS)
    left = ending.code in ("caller_will_call_back", "caller_declined", "info_only")
    return scene.caller("will_call_back", "declines", after=offered[0]) if offered and left else ()


def _price_only(scene: Scene, reasons: Reasons, _: Ending) -> tuple[int, ...]:
    asked = "price_shop" in (reasons.intent, *reasons.secondary) or scene.caller("asks_price")
    quoted = scene.desk("quotes_price")
    return quoted if asked and quoted and not scene.desk("offers_slot") else ()


def _no_ask(scene: Scene, _: Reasons, ending: Ending) -> tuple[int, ...]:
    if scene.desk("offers_slot"):
        return ()
    return ending.turns or (last([turn.index for turn in scene.turns]),)


# The first rule that holds names the reason: what no schedule could mend comes first.
_LADDER: Final[tuple[tuple[str, _Rule], ...]] = (
    ("technical", _technical),
    ("cap_new_clients", _act("no_new_clients")),
    ("species_not_seen", _act("no_species")),
    ("sent_elsewhere", _sent),
    ("service_not_offered", _service),
    ("busy", _busy),
    ("price_objection", _objected),
    ("policy_rule", _policy),
    ("cap_doctor", _doctor),
    ("no_alternative", _no_alternative),
    ("cap_day", _act("says_full")),
    ("caller_undecided", _undecided),
    ("price_only", _price_only),
    ("no_ask", _no_ask),
)
