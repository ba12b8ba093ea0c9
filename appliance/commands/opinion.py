"""``petsvet opinion``: test the server for second opinions, and ask it about one call."""

from typing import Any

import click
import msgspec

from appliance.chores import ask_opinion, try_opinion
from appliance.commands.box import Box, command, json_option, safe_text
from appliance.db import writing
from appliance.errors import NotFound, Refused
from appliance.facts.opinions import LABELS, Compared, Tested
from appliance.store import audit, opinion_servers, opinions
from appliance.store.calls import get_call_by_ref
from appliance.tools import utc_now


@click.group()
def opinion() -> None:
    """Second opinions of a language model in the clinic's own network."""


@opinion.command("test")
@json_option
@command
def test_command(box: Box, as_json: bool) -> None:
    """Try the server with a made-up call; exit status 1 when it does not work."""
    if not opinion_servers.get_server(box.db).url:
        raise NotFound("no server is set; enter it on the page Settings, Second opinion")
    tried = try_opinion.work(box.db, box.tools, 0)
    with writing(box.db):
        try_opinion.save(box.db, tried, utc_now())
        _note(box, "test_opinion")
    if as_json:
        click.echo(msgspec.json.encode(tried.tested).decode())
    else:
        _show_test(tried.tested)
    if tried.tested.problem:
        raise SystemExit(1)


def _show_test(tested: Tested) -> None:
    if tested.problem:
        click.echo(f"PROBLEM  {safe_text(tested.problem)}")
    else:
        told = f"{tested.believed} of {len(LABELS)} labels could be used"
        click.echo(f"It answers in {tested.took_ms / 1000:.1f} seconds; {told}.")
    for text in tested.notes:
        click.echo(safe_text(text))
    if tested.models:
        click.echo(f"Models: {safe_text(', '.join(tested.models))}")


@opinion.command("run")
@click.argument("ref", metavar="CALL")
@json_option
@command
def run_command(box: Box, ref: str, as_json: bool) -> None:
    """Ask about one CALL now and show both readings; exit status 1 when none could be had."""
    call = get_call_by_ref(box.db, ref)
    with writing(box.db):
        if opinion_servers.get_server(box.db).scope == "off":
            raise Refused("second opinions are off; switch them on in the settings first")
        opinions.wish(box.db, call.id, "console", now=utc_now())
        _note(box, "ask_opinion", ref)
    wished = opinions.get_wish(box.db, call.id)
    assert wished
    asked = ask_opinion.ask(box.db, box.tools, wished)
    with writing(box.db):
        ask_opinion.save(box.db, asked, utc_now())
    if asked.opinion is None:
        raise Refused(f"no second opinion could be had: {asked.problem}")
    for found in opinions.compared(box.db, call.id):
        click.echo(msgspec.json.encode(describe(found)).decode() if as_json else as_row(found))


def describe(found: Compared) -> dict[str, Any]:
    """One label in both readings."""
    lines = [[e.first_segment, e.last_segment] for e in found.evidence]
    return {
        "label": found.label,
        "box": found.ours,
        "second": found.theirs,
        "differs": found.differs,
        "lines": lines,
    }


def as_row(found: Compared) -> str:
    """The same as a line for people."""
    mark = "DIFFERS" if found.differs else ""
    return f"{found.label:<16} {found.ours:<24} {found.theirs:<24} {mark}".rstrip()


def _note(box: Box, action: str, subject: str = "") -> None:
    audit.record(box.db, "console", "system", action, subject, now=utc_now())
