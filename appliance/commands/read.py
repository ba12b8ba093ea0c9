"""``petsvet read`` says what transcribed calls meant; ``petsvet eval`` measures it against labels."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
import msgspec

from appliance.errors import Tampered, Unusable
from appliance.evaluation import CallRecord, evaluate, parse_call, roughen
from appliance.facts.analysis import Analysis
from appliance.reading.hearing import Sense
from models.sense import load_sense

_DEV: Final = Path("tests/data/dev.jsonl")


@click.command("read")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per call and line.")
def read_command(file: BinaryIO, as_json: bool) -> None:
    """Read transcribed calls, one JSON object per line of FILE, and say what each call meant.

    A broken line is named on standard error and makes the exit code 2; the others are still read.
    """
    broken = False
    sense = _sense()
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            call = parse_call(line)
        except Unusable as error:
            click.echo(f"line {number}: {error}", err=True)
            broken = True
            continue
        name = call.id if call.id is not None else number
        read = call.read(sense)
        click.echo(_as_json(call.id, read) if as_json else _as_row(name, read))
    if broken:
        sys.exit(2)


@click.command("eval")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--noisy", is_flag=True, help="As a poor recognizer would hear the calls.")
@click.option("--json", "as_json", is_flag=True, help="The whole report as one JSON object.")
def eval_command(files: tuple[Path, ...], noisy: bool, as_json: bool) -> None:
    """Measure how well labelled calls are read (default: the project's own development calls)."""
    if not files and not _DEV.exists():
        raise click.UsageError(
            "name a file of labelled calls; there is no tests/data/dev.jsonl here"
        )
    try:
        calls = [call for path in files or (_DEV,) for call in _labelled(path)]
    except Unusable as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if noisy:
        dice = random.Random(11)
        calls = [roughen(call, dice) for call in calls]
    report = evaluate(calls, _sense())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
        return
    for row in _report_rows(report):
        click.echo(row)


def _sense() -> Sense | None:
    try:
        return load_sense()
    except Tampered as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _labelled(path: Path) -> Iterator[CallRecord]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                yield parse_call(line)
            except Unusable as error:
                raise Unusable(f"{path.name} line {number}: {error}", error.outcome) from None


def as_fields(name: str | int | None, analysis: Analysis) -> dict[str, Any]:
    """The public fields of one reading, in their documented order."""
    turnaway = analysis.turnaway
    return {
        "id": name,
        "intent": analysis.intent,
        "secondary": list(analysis.secondary),
        "caller_relation": analysis.caller_relation,
        "urgency": analysis.urgency,
        "sentiment_start": analysis.sentiment_start,
        "sentiment_end": analysis.sentiment_end,
        "outcome": analysis.outcome,
        "turnaway": {"reason": turnaway.reason, "kind": turnaway.kind} if turnaway else None,
        "staff_name": analysis.staff_name,
        "disclosure_heard": analysis.disclosure_heard,
        "rubric": analysis.rubric,
        "evidence": {
            label: [[found.first_segment, found.last_segment] for found in ranges]
            for label, ranges in analysis.evidence.items()
        },
        "pii": [
            {"segment": span.segment, "start": span.start, "end": span.end, "type": span.type}
            for span in analysis.pii
        ],
    }


def _as_json(name: str | int | None, analysis: Analysis) -> str:
    return msgspec.json.encode(as_fields(name, analysis)).decode()


def _as_row(name: str | int, analysis: Analysis) -> str:
    lost = analysis.turnaway.reason if analysis.turnaway else "-"
    told = lost if analysis.turnaway_told else "cannot tell"
    cells = (
        f"{name!s:12}", f"{analysis.intent:20}", f"{analysis.outcome:22}",
        f"turnaway {told:20}", f"{analysis.urgency or '-':9}", analysis.staff_name or "-",
    )  # fmt: skip
    return " ".join(cells)


_LABELS: Final = (
    ("intent", "intent"), ("outcome", "outcome"), ("turnaway_reason", "turnaway reason"),
    ("urgency", "urgency"), ("caller_relation", "caller relation"),
    ("sentiment_start", "sentiment at start"), ("sentiment_end", "sentiment at end"),
    ("disclosure_heard", "disclosure heard"), ("staff_name", "staff name"),
)  # fmt: skip


def _report_rows(report: dict[str, Any]) -> Iterator[str]:
    yield f"{report['calls']} labelled calls; intervals are 95 %"
    yield f"{'':20} accuracy  interval     coverage macro F1  support"
    for label, title in _LABELS:
        yield _measure_row(title, report[label])
    lost, low_high = report["turnaway"], report["turnaway"]["f1_interval"]
    yield (
        f"{'turnaway yes/no':20} F1 {lost['f1']:.2f} [{low_high[0]:.2f}, {low_high[1]:.2f}]  "
        f"precision {lost['precision']:.2f}  recall {lost['recall']:.2f}  "
        f"coverage {lost['coverage']:.2f}"
    )
    yield from _rubric_rows(report["rubric"])
    for label, title in _LABELS[:3]:
        yield from _code_rows(title, report[label])
    yield from _worst_rows(report["worst"])
    yield from _pii_rows(report["pii"])


def _measure_row(title: str, scores: dict[str, Any]) -> str:
    low, high = scores["interval"]
    return (
        f"{title:20}   {scores['accuracy']:.2f}   [{low:.2f}, {high:.2f}]   "
        f"{scores['coverage']:.2f}     {scores['macro_f1']:.2f}     {scores['support']:5}"
    )


def _rubric_rows(rubric: dict[str, Any]) -> Iterator[str]:
    low, high = rubric["interval"]
    yield (
        f"{'rubric':20} macro F1 {rubric['macro_f1']:.2f} [{low:.2f}, {high:.2f}]  "
        f"accuracy {rubric['accuracy']:.2f}  coverage {rubric['coverage']:.2f}"
    )
    found = rubric["critical"]
    low, high = found["precision_interval"]
    yield (
        f"{'critical, not met':20} precision {found['precision']:.2f} [{low:.2f}, {high:.2f}]  "
        f"recall {found['recall']:.2f}  said {found['said']}  support {found['support']:.0f}"
    )
    for item, scores in rubric["items"].items():
        yield "  " + _measure_row(item, scores)


def _code_rows(title: str, scores: dict[str, Any]) -> Iterator[str]:
    yield f"\n{title:22} precision recall   F1  support"
    for code, found in scores["codes"].items():
        if found["support"] or found["precision"]:
            yield (
                f"  {code:22}   {found['precision']:.2f}   {found['recall']:.2f}   "
                f"{found['f1']:.2f}   {found['support']:4.0f}"
            )


def _worst_rows(worst: list[dict[str, Any]]) -> Iterator[str]:
    yield "\nworst mistakes (label: expected > read)"
    for row in worst:
        wrong = ", ".join(
            f"{label}: {gold} > {said}" for label, (gold, said) in row["wrong"].items()
        )
        yield f"  {row['id']}: {wrong or '-'}; rubric: {', '.join(row['rubric']) or '-'}"


def _pii_rows(report: dict[str, Any]) -> Iterator[str]:
    if not report["all"]["support"]:
        return
    yield "\npersonal data         recall   interval     hidden precision interval     support"
    for code, tally in (report["types"] | {"all": report["all"]}).items():
        if tally["support"] or tally["said"]:
            yield _pii_row(code, tally)
    for title, key in (("missed", "misses"), ("false alarms", "alarms")):
        yield f"\n{title}: {len(report[key])}"
        for row in report[key]:
            told = f"{row['before']}[{row['text']}]{row['after']}"
            yield f"  {row['id']} {row['segment']:3} {row['type']:13} {told}"


def _pii_row(code: str, tally: dict[str, Any]) -> str:
    low, high = tally["recall_interval"]
    least, most = tally["precision_interval"]
    hidden = tally["hidden"] / tally["support"] if tally["support"] else 0.0
    return (
        f"  {code:18}   {tally['recall']:.3f}  [{low:.2f}, {high:.2f}]   {hidden:.3f}   "
        f"{tally['precision']:.3f}  [{least:.2f}, {most:.2f}]   {tally['support']:5}"
    )
