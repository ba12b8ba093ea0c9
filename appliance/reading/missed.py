"""Calls nobody answered: the phone system says how they ended, a voicemail why they came."""

from typing import Final

from appliance.facts.analysis import CallContext, Turnaway
from appliance.facts.codes import KIND_OF_REASON, UNKNOWN
from appliance.reading.endings import Ending, wants_care
from appliance.reading.intents import Reasons
from appliance.reading.scene import NEVER, Scene
from appliance.reading.turnaways import Verdict

_REASONS: Final = {
    "ring_abandon": "no_connect", "hold_abandon": "hold", "transfer_abandon": "technical",
    "voicemail_empty": "no_connect",
}  # fmt: skip


def missed(context: CallContext) -> bool:
    """Whether no person of the clinic took part in the call."""
    return context.answer_state not in ("answered", "internal")


def end_missed(scene: Scene) -> Ending:
    """A message if one was spoken, else unknown."""
    spoken = tuple(turn.index for turn in scene.by("caller") if turn.text.strip())
    code = "message_taken" if spoken else UNKNOWN
    return Ending(code, spoken, NEVER, NEVER, NEVER, NEVER)


def judge_missed(scene: Scene, reasons: Reasons, ending: Ending) -> Verdict:
    """A missed call is a turnaway unless a voicemail says that no care was wanted.

    Whether a voicemail was returned in time is not in its words: in opening hours we abstain.
    """
    state = scene.context.answer_state
    if state == "voicemail_left" and not (wants_care(reasons) or scene.caller("asks_to_book")):
        return Verdict(None, reasons.intent != UNKNOWN, ending.turns)
    if scene.context.after_hours:
        return Verdict(_turnaway("after_hours"), True, ending.turns)
    reason = _REASONS.get(state)
    return Verdict(_turnaway(reason) if reason else None, reason is not None, ending.turns)


def _turnaway(reason: str) -> Turnaway:
    return Turnaway(reason=reason, kind=KIND_OF_REASON[reason])
