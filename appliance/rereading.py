"""One call read again by today's rules: what that changes, and putting it in place quietly.

Nobody is told of what is found here as if it had just happened: no alert, no webhook, no brief. A
call that is too old to be called back opens no item of the worklist and none of the safety queue.
What people said holds, and a score that a person settled under the version in force stays.
"""

from collections.abc import Mapping
from datetime import datetime

from appliance.db import Database
from appliance.errors import NotFound
from appliance.facts import Fact
from appliance.facts.analysis import Analysis, KnownNames
from appliance.facts.calls import Call
from appliance.facts.reanalyses import Change
from appliance.facts.rubrics import OWN_QUESTION, Rubric, Score
from appliance.reading import comparing
from appliance.reading.flags import answers_of
from appliance.reading.hearing import Sense
from appliance.reading.scores import score
from appliance.stages import analyze, publish
from appliance.stages.analyze import Analyzed
from appliance.stages.publish import Published
from appliance.store import (
    analyses,
    calls,
    corrections,
    lost,
    opinions,
    reviews,
    rubrics,
    safety,
    scores,
)
from appliance.store.agreement import trial_flags
from appliance.store.reanalysis_calls import is_meant, stamp_of
from appliance.store.scores import LastScore
from appliance.store.settings import ClinicSettings, get_settings, note_encoder

TAKEN = "this call is on its way again, or it was erased"


class Rules(Fact, frozen=True, kw_only=True):
    """What a reading depends on besides the call; the same for all calls of a slice."""

    clinic: ClinicSettings
    known: KnownNames
    rubric: Rubric
    trial: frozenset[str]
    sense: Sense | None


class Reread(Fact, frozen=True, kw_only=True):
    """A call as it is read today, and what that changes.

    ``spared``: a person settled its score under the version in force, so the score stays.
    ``stamp`` tells whether somebody judged the call, or it was read again, in between.
    """

    call_id: int
    stamp: str
    started_at: datetime
    analyzed: Analyzed
    published: Published
    score: Score
    spared: bool
    changes: tuple[Change, ...]


def rules_in_force(db: Database, sense: Sense | None) -> Rules:
    """The rules of today."""
    return Rules(
        clinic=get_settings(db),
        known=analyze.known_names(db),
        rubric=rubrics.get_rubric(db),
        trial=trial_flags(db),
        sense=sense,
    )


def read_again(db: Database, rules: Rules, call_id: int) -> Reread:
    """Read one call by these rules and compare; changes nothing.

    Raises NotFound for a call that is not there any more or is on the road again.
    """
    stamp, before = stamp_of(db, call_id), analyses.get_analysis(db, call_id)
    if before is None or not is_meant(db, call_id):
        raise NotFound(TAKEN)
    call = corrections.with_staff_name(db, calls.get_call(db, call_id))
    segments = corrections.segments_to_hold(db, call_id, rules.clinic.replacements)
    analyzed = analyze.read_call(call, segments, rules.clinic, rules.known, rules.sense)
    summed = publish.sum_up(call, analyzed.analysis, segments, rules.rubric, rules.clinic.zone)
    said = {name: review.value for name, review in reviews.current(db, call_id).items()}
    last, new = scores.last_score(db, call_id), _score(rules, analyzed.analysis, summed, said)
    return Reread(
        call_id=call_id, stamp=stamp, started_at=call.started_at, analyzed=analyzed,
        published=summed, score=new, spared=_is_spared(rules, last),
        changes=(
            *comparing.compare(
                _before(db, call, before, last, said), _after(analyzed, summed), said
            ),
            *comparing.compare_scores(last.value, new.value, kept=_is_spared(rules, last)),
        ),
    )  # fmt: skip


def _score(rules: Rules, analysis: Analysis, summed: Published, said: Mapping[str, str]) -> Score:
    intent = said.get("intent", analysis.intent)
    return score(rules.rubric, summed.answers, said, intent, rules.trial)


def _is_spared(rules: Rules, last: LastScore) -> bool:
    return last.settled and last.version == rules.rubric.number


def _before(
    db: Database, call: Call, analysis: Analysis, last: LastScore, said: Mapping[str, str]
) -> dict[str, str]:
    """What people see of a call now, as software said it."""
    own = {name: a for name, a in last.answers.items() if name.startswith(OWN_QUESTION)}
    name = call.staff_name or analysis.staff_name or ""
    if comparing.STAFF_NAME not in said:
        name = analyses.get_staff_name(db, call.id)
    return comparing.fields_of(analysis, answers_of(analysis) | own, name, call.after_hours)


def _after(analyzed: Analyzed, summed: Published) -> dict[str, str]:
    name = summed.card.staff_name
    return comparing.fields_of(analyzed.analysis, summed.answers, name, analyzed.after_hours)


def is_stale(db: Database, reread: Reread) -> bool:
    """Whether something happened to the call since it was read."""
    return stamp_of(db, reread.call_id) != reread.stamp


def put_again(db: Database, rules: Rules, reread: Reread, *, now: datetime) -> None:
    """Put a reading in place of the one before, quietly; belongs inside ``writing()``."""
    call_id, raised = reread.call_id, safety.names_of(db, reread.call_id)
    corrections.settle_transcript(db, call_id)
    analyses.save_analysis(db, call_id, reread.analyzed.analysis, now=now)
    note_encoder(db, reread.analyzed.analysis.provenance.checksum)
    calls.set_after_hours(db, call_id, reread.analyzed.after_hours)
    publish.keep_card(db, reread.published)
    if reread.published.answers and not reread.spared:
        rubrics.keep_shipped(db, now=now)
        answers = reread.published.answers
        scores.put_score(db, call_id, rules.rubric, answers, reread.score, now=now)
    if reread.started_at < now - lost.WORTH_CALLING:
        safety.lower_others(db, call_id, raised)
    lost.settle_call(db, call_id, now=now)
    opinions.settle(db, call_id)
