"""Reading a call: from segments to what the call meant, pure, without clock, input or output.

The way of a call: plain words (``plain``) → phrases (``grammar`` over the ``phrases_*`` tables) →
turns with dialogue acts (``scene``) → labels by rules over acts in their order (``intents``,
``endings``, ``turnaways``, ``moods``, ``openings``, ``rubric_*``), weighed with what was learned
from labelled calls: by words (``weighing``), and by meaning (``sensed``) where an encoder of
sentences is handed in.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.facts.analysis import Analysis, CallContext, Evidence, KnownNames
from appliance.facts.speech import Provenance, Segment
from appliance.reading.endings import UNHELPED, Ending, settle
from appliance.reading.hearing import Heard, Sense, hear
from appliance.reading.intents import Reasons, weigh
from appliance.reading.missed import end_missed, judge_missed, missed
from appliance.reading.moods import (
    SOLEMN,
    Label,
    is_red,
    relation,
    sentiment_end,
    sentiment_start,
    urgency,
    weighed,
)
from appliance.reading.openings import disclosure, staff_name
from appliance.reading.redaction import find_spans
from appliance.reading.rubric_care import CARE
from appliance.reading.rubric_manners import MANNERS
from appliance.reading.rubric_states import judge_items
from appliance.reading.scene import Scene, stage
from appliance.reading.sensed import knows
from appliance.reading.species import animals
from appliance.reading.turnaways import Verdict, judge_ending

__all__ = ["read", "read_by"]

PROVENANCE: Final = Provenance(engine="reading", model="phrases-2 and words-1", software="0.1.0")


def read(segments: Sequence[Segment], context: CallContext, sense: Sense | None = None) -> Analysis:
    """What the call meant, with evidence for every label; never raises on any text.

    With ``sense`` sentences are compared by their meaning too, without it by their words alone.
    """
    scene = stage(segments, context)
    heard = hear(scene, sense) if sense and scene.turns and knows(scene) else None
    return msgspec.structs.replace(
        _read(scene, heard),
        provenance=read_by(heard.checksum if heard else ""),
        pii=find_spans(segments, known_names(context)),
    )


def read_by(checksum: str = "") -> Provenance:
    """What a reading comes from, with the encoder of this checksum or ("") without one."""
    if not checksum:
        return PROVENANCE
    model = f"{PROVENANCE.model} and sense-1"
    return msgspec.structs.replace(PROVENANCE, model=model, checksum=checksum)


def known_names(context: CallContext) -> KnownNames:
    """The names that the facts around a call tell."""
    return KnownNames(
        clinics=context.clinic_names,
        staff=context.staff_names,
        callers=context.caller_names,
        vocabulary=context.vocabulary,
    )


def _read(scene: Scene, heard: Heard | None) -> Analysis:
    reasons = weigh(scene, heard)
    if missed(scene.context):
        return _read_missed(scene, reasons, heard)
    ruled = settle(scene, reasons)
    ending, verdict = judge_ending(scene, reasons, ruled, is_red(scene, reasons), heard)
    labels = _labels(scene, reasons, ending)
    rubric = judge_items(scene, reasons, ending, MANNERS | CARE, heard)
    name, named_at = staff_name(scene)
    turns = {f"rubric.{item}": found.turns for item, found in rubric.items()}
    turns |= {"turnaway": verdict.turns, "staff_name": named_at}
    analysis = _analysis(scene, reasons, labels, verdict, turns)
    states = {item: found.code for item, found in rubric.items()}
    return msgspec.structs.replace(analysis, staff_name=name, rubric=states)


def _read_missed(scene: Scene, reasons: Reasons, heard: Heard | None) -> Analysis:
    """A call nobody took has no conversation to score."""
    ending = end_missed(scene)
    verdict = judge_missed(scene, reasons, ending)
    if heard and not verdict.told:  # a message: what became of others like it
        ruled = settle(scene, reasons)
        _, verdict = judge_ending(scene, reasons, ruled, is_red(scene, reasons), heard)
    labels = _labels(scene, reasons, ending)
    analysis = _analysis(scene, reasons, labels, verdict, {"turnaway": verdict.turns})
    return msgspec.structs.replace(analysis, rubric=dict.fromkeys(MANNERS | CARE, "na"))


def _analysis(
    scene: Scene,
    reasons: Reasons,
    labels: dict[str, Label],
    verdict: Verdict,
    turns: dict[str, tuple[int, ...]],
) -> Analysis:
    patients = animals(scene)
    found = {label: label_found.turns for label, label_found in labels.items()} | turns
    found["species"] = patients.turns
    return Analysis(
        intent=reasons.intent, secondary=reasons.secondary,
        caller_relation=labels["caller_relation"].code, urgency=labels["urgency"].code,
        sentiment_start=labels["sentiment_start"].code, sentiment_end=labels["sentiment_end"].code,
        outcome=labels["outcome"].code, disclosure_heard=labels["disclosure_heard"].code,
        turnaway=verdict.turnaway, turnaway_told=verdict.told, species=patients.found,
        evidence=_evidence(scene, found), provenance=PROVENANCE,
    )  # fmt: skip


def _labels(scene: Scene, reasons: Reasons, ending: Ending) -> dict[str, Label]:
    solemn = ending.code in UNHELPED or reasons.intent in SOLEMN
    ruled = {
        "caller_relation": relation(scene, reasons),
        "urgency": urgency(scene, reasons),
        "sentiment_start": sentiment_start(scene, reasons),
        "sentiment_end": sentiment_end(scene, solemn),
    }
    return weighed(scene, ruled) | {
        "intent": Label(reasons.intent, reasons.turns.get(reasons.intent, ())),
        "outcome": Label(ending.code, ending.turns),
        "disclosure_heard": disclosure(scene),
    }


def _evidence(scene: Scene, turns: dict[str, tuple[int, ...]]) -> dict[str, tuple[Evidence, ...]]:
    return {label: scene.evidence(found) for label, found in turns.items() if found}
