"""Measures how well calls are read against labels: counts first, then rates with honest intervals."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from appliance.errors import Unusable
from appliance.evaluation_spans import Labelled, roughen_row, span_report, spans_of
from appliance.facts.analysis import Analysis, CallContext
from appliance.facts.codes import CANNOT_TELL, CRITICAL_ITEMS, RUBRIC_ITEMS, UNKNOWN
from appliance.facts.speech import Segment
from appliance.reading import read
from appliance.reading.hearing import Sense
from appliance.reading.intervals import wilson

Pair = tuple[str, str]  # what a person says, what we read

_RESAMPLES: Final = 400
_ABSTAINED: Final = frozenset((UNKNOWN, CANNOT_TELL, ""))


class CallRecord(msgspec.Struct, frozen=True):
    """One line of a file of calls: segments, facts of the phone system and, if labelled, labels."""

    segments: list[dict[str, Any]]
    id: str | int | None = None
    direction: str = "in"
    answered: bool = True
    ring_s: float | None = None
    hold_s: float | None = None
    after_hours: bool | None = None
    labels: dict[str, Any] | None = None
    pii: list[dict[str, Any]] | None = None

    def read(self, sense: Sense | None = None) -> Analysis:
        """Read this call, by meaning too where ``sense`` is given; labels are not looked at."""
        return read(segments_of(self.segments), self.context(), sense)

    def _answer_state(self) -> str:
        if self.answered:
            return "answered"
        spoke = any(row.get("speaker") == "caller" for row in self.segments)
        return "voicemail_left" if spoke else "ring_abandon"

    def context(self) -> CallContext:
        """The facts from the phone system as reading wants them."""
        return CallContext(
            direction=self.direction,
            answer_state=self._answer_state(),
            ring_s=self.ring_s, hold_s=self.hold_s, after_hours=self.after_hours,
        )  # fmt: skip


def parse_call(line: str | bytes) -> CallRecord:
    """One line of JSON; raises Unusable with what is wrong in it (never with its words)."""
    try:
        record = msgspec.json.decode(line, type=CallRecord)
        count = len(segments_of(record.segments))
        if any(span.segment not in range(count) for span in spans_of(record.pii or ())):
            raise Unusable("a span lies outside the call", "malformed")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"not a call: {error}", "malformed") from None
    return record


def segments_of(rows: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """Segments from loose rows; only text is needed, positions are counted where missing."""
    segments = []
    for index, row in enumerate(rows):
        text, speaker = row.get("text"), row.get("speaker")
        if not isinstance(text, str):
            raise msgspec.ValidationError(f"segment {index} has no text")
        segments.append(Segment(index=index, speaker=str(speaker or UNKNOWN), text=text))
    return segments


def roughen(call: CallRecord, dice: random.Random) -> CallRecord:
    """The call as a poor recognizer hears it.

    Lower case without punctuation, three words in a hundred lost, doubled or taken for a
    neighbor, and one line in twenty given to the other speaker.
    """
    rows, spans = [], spans_of(call.pii or ())
    moved: list[dict[str, Any]] = []
    for index, row in enumerate(call.segments):
        text, kept = roughen_row(row, (s for s in spans if s.segment == index), dice)
        rows.append(row | {"text": text, "speaker": _rough_speaker(row, dice)})
        moved += [msgspec.structs.asdict(span) for span in kept]
    pii = None if call.pii is None else moved
    return msgspec.structs.replace(call, segments=rows, pii=pii)


_OTHER: Final = {"staff": "caller", "caller": "staff"}


def _rough_speaker(row: Mapping[str, Any], dice: random.Random) -> Any:
    speaker = row.get("speaker")
    return _OTHER.get(str(speaker), speaker) if dice.random() < 0.05 else speaker


def bootstrap(
    rows: Sequence[Any], measure: Callable[[Sequence[Any]], float]
) -> tuple[float, float]:
    """The 95 % interval of a measure over calls drawn again with replacement (fixed seed)."""
    if not rows:
        return 0.0, 1.0
    dice = random.Random(48)
    values = sorted(
        measure([rows[dice.randrange(len(rows))] for _ in rows]) for _ in range(_RESAMPLES)
    )
    return values[int(0.025 * _RESAMPLES)], values[int(0.975 * _RESAMPLES) - 1]


def f1(pairs: Sequence[Pair], code: str) -> dict[str, float]:
    """Precision, recall, F1 and support of one code."""
    hits = sum(1 for gold, said in pairs if gold == said == code)
    said_so = sum(1 for _, said in pairs if said == code)
    support = sum(1 for gold, _ in pairs if gold == code)
    precision = hits / said_so if said_so else 0.0
    recall = hits / support if support else 0.0
    both = 2 * hits / (said_so + support) if said_so + support else 0.0
    return {"precision": precision, "recall": recall, "f1": both, "support": support}


def measure(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Accuracy with interval, coverage, and precision, recall, F1 per code."""
    hits = sum(1 for gold, said in pairs if gold == said)
    told = sum(1 for _, said in pairs if said not in _ABSTAINED)
    codes = sorted({gold for gold, _ in pairs} | {said for _, said in pairs})
    per_code = {code: f1(pairs, code) for code in codes}
    supported = [scores["f1"] for scores in per_code.values() if scores["support"]]
    return {
        "support": len(pairs),
        "accuracy": hits / len(pairs) if pairs else 0.0,
        "interval": wilson(hits, len(pairs)),
        "coverage": told / len(pairs) if pairs else 0.0,
        "macro_f1": sum(supported) / len(supported) if supported else 0.0,
        "codes": per_code,
    }


def evaluate(calls: Sequence[CallRecord], sense: Sense | None = None) -> dict[str, Any]:
    """The whole report over labelled calls."""
    calls = [call for call in calls if call.labels is not None]
    read_calls = [(call.labels or {}, call.read(sense), call.id) for call in calls]
    judged = [(labels, analysis) for labels, analysis, _ in read_calls]
    report: dict[str, Any] = {"calls": len(judged)}
    for label in _PLAIN_LABELS:
        report[label] = measure([_pair(g, a, label) for g, a in judged if label in g])
    report["staff_name"] = measure([_name_pair(g, a) for g, a in judged if "staff_name" in g])
    report["turnaway"] = _turnaway_report([p for p in judged if "turnaway" in p[0]])
    report["turnaway_reason"] = measure(_reason_pairs(judged))
    report["rubric"] = _rubric_report(judged)
    report["worst"] = _worst(read_calls)
    report["pii"] = _pii_report(calls, read_calls)
    return report


def _pii_report(
    calls: Sequence[CallRecord], read_calls: Sequence[tuple[dict[str, Any], Analysis, Any]]
) -> dict[str, Any]:
    """Personal data found in the calls whose spans a person marked, with rates and intervals."""
    marked = [
        Labelled(
            name=str(call.id),
            texts={s.index: s.text for s in segments_of(call.segments)},
            wanted=spans_of(call.pii),
            found=analysis.pii,
        )
        for call, (_, analysis, _) in zip(calls, read_calls, strict=True)
        if call.pii is not None
    ]
    report = span_report(marked)
    for tally in (*report["types"].values(), report["all"]):
        tally["recall"] = tally["found"] / tally["support"] if tally["support"] else 0.0
        tally["recall_interval"] = wilson(tally["found"], tally["support"])
        tally["precision"] = tally["right"] / tally["said"] if tally["said"] else 0.0
        tally["precision_interval"] = wilson(tally["right"], tally["said"])
    return report


_PLAIN_LABELS: Final[tuple[str, ...]] = (
    "intent", "outcome", "urgency", "caller_relation", "sentiment_start", "sentiment_end",
    "disclosure_heard",
)  # fmt: skip
_Judged = tuple[dict[str, Any], Analysis]


def _pair(gold: Mapping[str, Any], analysis: Analysis, label: str) -> Pair:
    return str(gold[label] or UNKNOWN), str(getattr(analysis, label) or UNKNOWN)


def _name_pair(gold: Mapping[str, Any], analysis: Analysis) -> Pair:
    """Names are compared without case; a call without a name is a right answer too."""
    wanted, said = gold["staff_name"], analysis.staff_name
    right = (wanted or "").lower() == (said or "").lower()
    return ("named" if wanted else "none", ("named" if said else "none") if right else "other")


def _turnaway_pair(gold: Mapping[str, Any], analysis: Analysis) -> Pair:
    told = "yes" if analysis.turnaway else "no"
    return "yes" if gold["turnaway"] else "no", told if analysis.turnaway_told else UNKNOWN


def _turnaway_report(judged: Sequence[_Judged]) -> dict[str, Any]:
    pairs = [_turnaway_pair(gold, analysis) for gold, analysis in judged]
    interval = bootstrap(pairs, lambda rows: f1(rows, "yes")["f1"])
    return measure(pairs) | f1(pairs, "yes") | {"f1_interval": interval, "support": len(pairs)}


def _reason_pairs(judged: Sequence[_Judged]) -> list[Pair]:
    return [
        (str(gold["turnaway"]["reason"]), analysis.turnaway.reason)
        for gold, analysis in judged
        if gold.get("turnaway") and analysis.turnaway
    ]


def _rubric_report(judged: Sequence[_Judged]) -> dict[str, Any]:
    items = {item: measure(_item_pairs(judged, item)) for item in RUBRIC_ITEMS}
    items = {item: scores for item, scores in items.items() if scores["support"]}
    pairs = [pair for item in items for pair in _item_pairs(judged, item)]
    return {
        "items": items,
        "accuracy": measure(pairs)["accuracy"] if pairs else 0.0,
        "macro_f1": _rubric_f1(judged),
        "interval": bootstrap(judged, _rubric_f1),
        "critical": _critical(judged),
        "coverage": measure(pairs)["coverage"] if pairs else 0.0,
        "states": {state: f1(pairs, state) for state in ("met", "not_met", "na", CANNOT_TELL)},
    }


def _critical(judged: Sequence[_Judged]) -> dict[str, Any]:
    """How often a critical item that was read as not met was not met, over all of them."""
    pairs = [pair for item in CRITICAL_ITEMS for pair in _item_pairs(judged, item)]
    found = f1(pairs, "not_met")
    hits = round(found["recall"] * found["support"])
    said = sum(1 for _, state in pairs if state == "not_met")
    return found | {"said": said, "precision_interval": wilson(hits, said)}


def _item_pairs(judged: Sequence[_Judged], item: str) -> list[Pair]:
    rows = ((gold.get("rubric") or {}, analysis.rubric) for gold, analysis in judged)
    return [(gold[item], said.get(item, CANNOT_TELL)) for gold, said in rows if item in gold]


def _rubric_f1(judged: Sequence[_Judged]) -> float:
    """Mean over items of the mean F1 over the states a person gave."""
    found = [pairs for item in RUBRIC_ITEMS if (pairs := _item_pairs(judged, item))]
    means = [[f1(pairs, code)["f1"] for code in {gold for gold, _ in pairs}] for pairs in found]
    return sum(sum(m) / len(m) for m in means) / len(means) if means else 0.0


_HEAVY: Final = ("intent", "outcome", "turnaway")


def _worst(read_calls: Sequence[tuple[dict[str, Any], Analysis, Any]]) -> list[dict[str, Any]]:
    """The ten calls read worst, with what was expected and what was said."""
    rows = [_mistakes(gold, analysis, name) for gold, analysis, name in read_calls]
    rows = [row for row in rows if row["weight"]]
    return sorted(rows, key=lambda row: -row["weight"])[:10]


def _mistakes(gold: dict[str, Any], analysis: Analysis, name: object) -> dict[str, Any]:
    pairs: dict[str, Pair] = {
        label: _pair(gold, analysis, label) for label in _PLAIN_LABELS if label in gold
    }
    if "turnaway" in gold:
        wanted = gold["turnaway"]["reason"] if gold["turnaway"] else "none"
        said = analysis.turnaway.reason if analysis.turnaway else "none"
        pairs["turnaway"] = wanted, said if analysis.turnaway_told else UNKNOWN
    wrong = {label: pair for label, pair in pairs.items() if pair[0] != pair[1]}
    items = Counter(
        item for item, state in (gold.get("rubric") or {}).items()
        if analysis.rubric.get(item, CANNOT_TELL) != state
    )  # fmt: skip
    weight = sum(3 if label in _HEAVY else 1 for label in wrong) + len(items) / 5
    return {"id": name, "weight": round(weight, 1), "wrong": wrong, "rubric": sorted(items)}
