"""``petsvet calls`` and ``petsvet search``: look at calls from the shell, and redo them."""

from datetime import datetime
from typing import Any

import click

from appliance import pipeline
from appliance.commands import redoing
from appliance.commands.box import (
    Box,
    command,
    json_option,
    local_start,
    mask_number,
    print_rows,
    safe_text,
)
from appliance.db import writing
from appliance.errors import Misconfigured
from appliance.facts.calls import CallFilter, CallRow
from appliance.store import analyses, audit, corrections, transcripts
from appliance.store.calls import get_call_by_ref, list_calls
from appliance.store.search import search_segments
from appliance.store.settings import get_settings
from appliance.tools import utc_now


@click.group()
def calls() -> None:
    """List, show and redo calls."""


COLUMNS = (
    "ref",
    "start",
    "caller",
    "staff",
    "intent",
    "outcome",
    "turnaway",
    "state",
    "first_words",
)


@calls.command("list")
@click.option("--intent", default="", help="Only calls about this.")
@click.option("--outcome", default="", help="Only calls that ended so.")
@click.option("--turnaway", default="", help="any, a kind or a reason.")
@click.option("--staff", default="", help="Only calls of this extension.")
@click.option("--text", default="", help="Only calls in which these words were said.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@command
def list_command(
    box: Box, intent: str, outcome: str, turnaway: str, staff: str, text: str, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Newest calls first."""
    filters = CallFilter(intent=intent, outcome=outcome, turnaway=turnaway, staff=staff, text=text)
    found, _ = list_calls(box.db, filters, limit=limit)
    _note(box, "list_calls")
    zone = get_settings(box.db).zone
    print_rows([describe(r, zone) for r in found], COLUMNS, as_json)


def describe(found: CallRow, zone: str, words: int = 48) -> dict[str, Any]:
    """One line of a table; numbers are masked."""
    call = found.call
    return {
        "ref": call.ref,
        "start": local_start(call, zone),
        "caller": mask_number(call.dialed if call.direction == "out" else call.caller_number),
        "staff": found.staff_name or call.staff_extension,
        "intent": found.intent,
        "outcome": found.outcome,
        "turnaway": found.turnaway_reason,
        "state": "parked" if found.parked else call.state,
        "first_words": found.first_words[:words] or f"({call.answer_state})",
    }


@calls.command("show")
@click.argument("ref")
@json_option
@command
def show(box: Box, ref: str, as_json: bool) -> None:
    """One call: its facts, what it meant and every word."""
    import msgspec

    call = get_call_by_ref(box.db, ref)
    transcript = transcripts.get_transcript(box.db, call.id)
    analysis = analyses.get_analysis(box.db, call.id)
    _note(box, "view_call", ref)
    if as_json:
        made = corrections.list_corrections(box.db, call.id)
        whole = {
            "call": call, "transcript": transcript, "analysis": analysis, "corrections": made,
        }  # fmt: skip
        click.echo(msgspec.json.encode(whole).decode())
        return
    click.echo(f"{local_start(call, get_settings(box.db).zone)}  {call.answer_state}  {call.state}")
    if analysis:
        turnaway = analysis.turnaway
        click.echo(
            f"intent {analysis.intent}, outcome {analysis.outcome}, urgency {analysis.urgency},"
            f" turnaway {turnaway.reason if turnaway else 'none'}"
        )
    for segment in transcript.segments if transcript else ():
        minutes, seconds = divmod(segment.start_ms // 1000, 60)
        click.echo(f"{minutes:3d}:{seconds:02d}  {segment.speaker:7s} {safe_text(segment.text)}")


DAY = click.DateTime(formats=("%Y-%m-%d",))


@calls.command("redo")
@click.argument("ref", required=False)
@click.option(
    "--from",
    "start",
    type=click.Choice(pipeline.NAMES[1:]),
    default="analyze",
    show_default=True,
)
@click.option(
    "--all", "many", is_flag=True, help="Many calls, here and now; from analyze or transcribe."
)
@click.option("--since", type=DAY, help="With --all: only calls from this day on.")
@click.option("--until", type=DAY, help="With --all: only calls up to this day.")
@click.option("--preview", is_flag=True, help="With --all: only tell what would change.")
@click.option("--stop", is_flag=True, help="With --all: end the run that is open.")
@json_option
@command
def redo(
    box: Box, ref: str | None, start: str, many: bool, since: datetime | None,
    until: datetime | None, preview: bool, stop: bool, as_json: bool,
) -> None:  # fmt: skip
    """Walk a call's road again from a stage on; `petsvet work` then does it.

    With --all many calls are read again by today's rules. What people said stays, nobody is told of
    old calls as if they were new, and only counts are printed.
    """
    if many == bool(ref):
        raise Misconfigured("give the reference of one call, or --all for many")
    if ref is None:
        redoing.stop_all(box) if stop else redoing.redo_all(
            box, redoing.read_choice(start, since, until), preview=preview, as_json=as_json
        )
        return
    if since or until or preview or stop:
        raise Misconfigured("--since, --until, --preview and --stop go with --all")
    call = get_call_by_ref(box.db, ref)
    with writing(box.db):
        pipeline.redo(box.db, call.id, start, now=utc_now())
        audit.record(
            box.db, "console", "system", "redo_call", ref, now=utc_now(), detail={"from": start}
        )
    click.echo(f"Call {ref} will be redone from {start}.")


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@json_option
@command
def search(box: Box, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find WORDS in everything that was said, newest first; "a phrase" and begin* work."""
    hits = search_segments(box.db, " ".join(words), limit=limit)
    _note(box, "search")
    zone = get_settings(box.db).zone
    lines = [
        {
            "ref": hit.call.ref,
            "start": local_start(hit.call, zone),
            "at_s": hit.start_ms // 1000,
            "speaker": hit.speaker,
            "text": "".join(f"[{t}]" if found and not as_json else t for t, found in hit.pieces),
        }
        for hit in hits
    ]
    print_rows(lines, ("ref", "start", "at_s", "speaker", "text"), as_json)


def _note(box: Box, action: str, subject: str = "") -> None:
    """The shell is no way around the audit log."""
    with writing(box.db):
        audit.record(box.db, "console", "system", action, subject, now=utc_now())
