"""``petsvet mail``: try the clinic's mail server, and look at what waits."""

import time

import click

from appliance.chores import notices, send_mail
from appliance.commands.box import Box, command, json_option, print_rows
from appliance.db import writing
from appliance.store import audit
from appliance.store import mail as queue

STATES = ("parked", "waiting", "sent", "dropped")


@click.group()
def mail() -> None:
    """The mail the box sends, where the clinic has set that up."""


@mail.command("test")
@click.argument("address")
@command
def test(box: Box, address: str) -> None:
    """Send a test mail to ADDRESS, now and from here; exit status 1 when it was not taken."""
    now = box.tools.now()
    if not queue.may_send(box.db):
        raise click.ClickException(
            "no mail leaves this box: set it up on the page Settings, Mail server"
        )
    with writing(box.db):
        letter = notices.test_letter(box.db, box.config, "somebody at the console")
        # Later than the courier would look for it: this process sends it.
        number = queue.put_mail(
            box.db, "test", address, letter, now=now, not_before=now + send_mail.PATIENCE
        )
        audit.record(box.db, "console", "system", "test_mail", f"mail {number}", now=now)
    began = time.monotonic()
    tried = send_mail.work(box.db, box.tools, number)
    with writing(box.db):
        send_mail.save(box.db, tried, box.tools.now())
    found = queue.get_mail(box.db, number)
    if found.state != "sent":
        raise click.ClickException(found.error or "the mail was not sent")
    click.echo(f"The mail server took it in {time.monotonic() - began:.1f} s: {address}")


@mail.command("queue")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@command
def queue_command(box: Box, limit: int, as_json: bool) -> None:
    """Mails that wait, could not go, or went, newest first; never what they say."""
    shown = [
        {
            "id": each.id,
            "kind": each.kind,
            "to": each.recipient,
            "state": each.state,
            "attempts": each.attempts,
            "next": each.next_at.isoformat(timespec="seconds") if each.state == "waiting" else "",
            "sent": each.sent_at.isoformat(timespec="seconds") if each.sent_at else "",
            "error": each.error,
        }
        for each in queue.list_mail(box.db, STATES, limit)
    ]
    print_rows(shown, ("id", "kind", "to", "state", "attempts", "next", "sent", "error"), as_json)
