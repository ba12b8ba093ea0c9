"""``petsvet connectors``: the clinic's phone systems from the shell."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import click
import msgspec

from appliance import phones, pipeline
from appliance.chores import backfill as backfilling
from appliance.chores import look_up, probe
from appliance.commands.box import (
    Box,
    ask_secret,
    command,
    json_option,
    mask_number,
    print_rows,
    safe_text,
)
from appliance.db import Database, writing
from appliance.errors import Misconfigured, NotFound, Refused
from appliance.facts.phones import Backfill, KindFacts, Probed, ProbedCall
from appliance.store import alarms, audit, backlog
from appliance.store import connectors as store
from appliance.store.connectors import ConnectorRow
from appliance.tools import utc_now

HOUR_MS = 3_600_000


@click.group()
def connectors() -> None:
    """Add, test, list and remove phone systems."""


@connectors.command()
@json_option
def kinds(as_json: bool) -> None:
    """List the kinds of phone systems and the ways to reach files, and how far each is proven."""
    known = [("phone system", kind) for kind in phones.list_kinds()]
    known += [("transport", place) for place in phones.list_places()]
    items = [_kind(what, kind, as_json) for what, kind in known]
    print_rows(items, ("what", "name", "title", "proof"), as_json)


def _kind(what: str, kind: KindFacts, whole: bool) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(kind)
    return {"what": what, **told} if whole else {"what": what, "name": kind.name,
        "title": kind.title, "proof": kind.proof}  # fmt: skip


@connectors.command("list")
@json_option
@command
def list_(box: Box, as_json: bool) -> None:
    """List the phone systems of this box with what is wrong with each."""
    known = [row for row in store.list_connectors(box.db) if not _is_import(row)]
    holding = alarms.list_alarms(box.db)
    items = [
        {
            "name": row.name,
            "kind": row.kind,
            "state": _state(row),
            "seen": row.seen_at.isoformat(timespec="seconds") if row.seen_at else "never",
            "allowed": ", ".join(row.allowed),
            "secrets": ", ".join(f"{n} set on {at:%Y-%m-%d}" for n, at in row.secrets_set.items()),
            "left_out": row.left_out,
            "backfill": _progress(row.backfill),
            "problem": row.problem,
            "alarms": "; ".join(a.alarm.sentence for a in holding if a.connector_id == row.id),
        }
        for row in known
    ]
    columns = ("name", "kind", "state", "seen", "backfill", "problem", "alarms")
    print_rows(items, columns, as_json)


def _is_import(row: ConnectorRow) -> bool:
    return row.name.startswith(store.IMPORT)


def _state(row: ConnectorRow) -> str:
    return "draft" if row.draft else "on" if row.enabled else "paused"


def _progress(backfill: Backfill | None) -> str:
    if backfill is None:
        return ""
    return f"{backfill.state} from {backfill.since}: {backfill.done} of {backfill.calls}"


@connectors.command()
@click.argument("name")
@click.option("--kind", required=True, help="One of the names that `connectors kinds` lists.")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="A setting.")
@click.option("--secret", "hidden", multiple=True, metavar="FIELD", help="A secret to ask for.")
@click.option("--allow", multiple=True, metavar="ADDRESS", help="An address it may talk to.")
@command
def add(
    box: Box,
    name: str,
    kind: str,
    given: tuple[str, ...],
    hidden: tuple[str, ...],
    allow: tuple[str, ...],
) -> None:
    """Add a phone system, or change the settings of the one of this name.

    Secrets are read from the terminal or line by line from standard input, in the order of the
    --secret options, and are never shown again. Files are reached by settings like place.by=sftp.
    """
    form = _form(given, phones.secret_names(kind))
    secrets = {field: ask_secret(f"Secret for {field}") for field in hidden}
    settings, kept = phones.read_form(kind, form | secrets)
    before = _find(box.db, name)
    if before is not None and before.kind != kind:
        raise Refused("there is a phone system of another kind by this name; choose another name")
    there = {*kept, *(before.secrets_set if before else ())}
    phones.check_settings(kind, settings, there)
    number = _save(box, name, kind, settings, kept, allow)
    click.echo(f"{'Changed' if before else 'Added'}: {safe_text(name)}")
    looked_up = look_up.work(box.db, box.tools, number)
    with writing(box.db):
        look_up.save(box.db, looked_up, utc_now())
    row = store.get_connector(box.db, number)
    for address in phones.addresses_of(settings, row.addresses, row.allowed):
        if reason := address.refused or ("" if address.allowed else "is not allowed yet"):
            told = safe_text(address.address or address.host)
            click.echo(f"It cannot talk to {told}: {reason}. Allow it with --allow.")
    click.echo(f"Test it: petsvet connectors check {safe_text(name)}")


def _form(given: Sequence[str], hidden: Collection[str]) -> dict[str, str]:
    form = {}
    for each in given:
        field, equals, value = each.partition("=")
        if not equals:
            raise Misconfigured("write a setting as FIELD=VALUE")
        if field in hidden:
            raise Misconfigured("a secret is never an argument; name it with --secret instead")
        form[field] = value
    return form


def _save(
    box: Box,
    name: str,
    kind: str,
    settings: dict[str, Any],
    secrets: dict[str, str],
    allow: Sequence[str],
) -> int:
    with writing(box.db):
        number = store.add_connector(box.db, name, kind, settings, now=utc_now())
        phones.save_secrets(box.db, box.keys, number, secrets, now=utc_now())
        for address in allow:
            phones.allow_address(box.db, number, address)
        _note(box.db, "connector_added", name, {"kind": kind})
    return number


def _note(db: Database, action: str, name: str, detail: dict[str, str] | None = None) -> None:
    audit.record(db, "console", "system", action, name, now=utc_now(), detail=detail)


def _find(db: Database, name: str) -> ConnectorRow | None:
    try:
        return store.get_connector_by_name(db, name)
    except NotFound:
        return None


@connectors.command()
@click.argument("name")
@json_option
@command
def check(box: Box, name: str, as_json: bool) -> None:
    """Test a phone system and show its five newest calls; exit status 1 when it does not work."""
    row = store.get_connector_by_name(box.db, name)
    seen = probe.work(box.db, box.tools, row.id)
    with writing(box.db):
        probe.save(box.db, seen, utc_now())
        _note(box.db, "connector_tested", name)
    if as_json:
        click.echo(msgspec.json.encode(seen.probed).decode())
    else:
        _show(seen.probed)
    if not seen.probed.works:
        raise SystemExit(1)


def _show(probed: Probed) -> None:
    for problem in probed.problems:
        click.echo(f"PROBLEM  {safe_text(problem)}")
    facts = {
        "It can": ", ".join(probed.capabilities),
        "Columns": ", ".join(probed.columns),
        "Clock": "" if probed.clock_skew_s is None else f"{probed.clock_skew_s:+.0f} s",
        "Time zone": probed.zone,
        "Room used": "" if probed.quota_used is None else f"{probed.quota_used:.0%}",
        "Not final yet": str(probed.waiting) if probed.waiting else "",
    }
    for title, told in facts.items():
        if told:
            click.echo(f"{title}: {safe_text(told)}")
    print_rows([_call(call) for call in probed.calls], CALL_COLUMNS, False)
    for hint in dict.fromkeys(hint for call in probed.calls for hint in call.hints):
        click.echo(f"Note: {hint}")


CALL_COLUMNS = ("start", "way", "answer", "caller", "staff", "recordings", "rule")


def _call(call: ProbedCall) -> dict[str, str]:
    sides = "; ".join(
        f"{r.length_ms / 1000:.0f} s, {r.channels or '?'} ch"
        + (f" ({', '.join(r.sides.values())})" if r.sides else "")
        + (f" {r.problem}" if r.problem else "")
        for r in call.recordings
    )
    return {
        "start": f"{call.started_at:%Y-%m-%d %H:%M} UTC",
        "way": call.direction,
        "answer": call.answer_state,
        "caller": mask_number(call.caller_number),
        "staff": call.staff_name or call.staff_extension,
        "recordings": sides or "none",
        "rule": call.rule,
    }


@connectors.command()
@click.argument("name")
@command
def pause(box: Box, name: str) -> None:
    """Stop reading a phone system; nothing is forgotten."""
    _switch(box.db, name, "connector_paused", "Paused")


@connectors.command()
@click.argument("name")
@command
def resume(box: Box, name: str) -> None:
    """Read a phone system again from where it stopped."""
    _switch(box.db, name, "connector_resumed", "Resumed")


def _switch(db: Database, name: str, action: str, told: str) -> None:
    row = store.get_connector_by_name(db, name)
    if _is_import(row):
        raise Refused("this is a folder that was imported once; it is not read again")
    with writing(db):
        (store.pause if action == "connector_paused" else store.resume)(db, row.id)
        _note(db, action, name)
    click.echo(f"{told}: {safe_text(name)}")


@connectors.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command
def remove(box: Box, name: str, yes: bool) -> None:
    """Forget a phone system with its secrets; its calls stay, and its name is not used again."""
    row = store.get_connector_by_name(box.db, name)
    if not yes:
        click.confirm(f"Forget {safe_text(name)} and its secrets?", abort=True)
    with writing(box.db):
        store.remove_connector(box.db, row.id)
        _note(box.db, "connector_removed", name)
    click.echo(f"Removed: {safe_text(name)}")


@connectors.command()
@click.argument("name")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day.")
@click.option("--estimate", is_flag=True, help="Only say how much there is to do.")
@click.option("--stop", "stopping", is_flag=True, help="Fetch no more.")
@command
def backfill(box: Box, name: str, since: datetime | None, estimate: bool, stopping: bool) -> None:
    """Fetch the calls from a day on, newest first, beside those that come in."""
    row = store.get_connector_by_name(box.db, name)
    if stopping:
        with writing(box.db):
            backlog.stop(box.db, row.id)
            _note(box.db, "backfill_stopped", name)
        click.echo("Stopped. What was fetched stays.")
        return
    if since is None:
        raise Misconfigured("say from which day on: --from 2026-09-01")
    with writing(box.db):
        asked = backlog.ask(box.db, row.id, since.date(), start=not estimate, now=utc_now())
        _note(box.db, "backfill_asked", name, {"since": asked.since, "start": str(not estimate)})
    _look(box, row.id)


def _look(box: Box, connector_id: int) -> None:
    """Look now rather than at the next tick, and say what there is."""
    step = backfilling.work(box.db, box.tools, connector_id)
    with writing(box.db):
        backfilling.save(box.db, step, utc_now())
        told = store.get_connector(box.db, connector_id).backfill
        if told is not None and told.state == "running":
            pipeline.start_chore(box.db, "backfill", connector_id, now=utc_now())
    assert told is not None
    if told.problem:
        raise click.ClickException(told.problem)
    click.echo(f"{told.calls} calls to fetch, {told.known} known already,"
               f" {told.audio_ms / HOUR_MS:.1f} hours of recordings.")  # fmt: skip
    click.echo(
        "How long this box needs for them is not measured yet."
        if told.work_ms is None
        else f"This box needs about {told.work_ms / HOUR_MS:.1f} hours for them."
    )
    if told.state == "running":
        click.echo("They are fetched newest first while the box runs.")
