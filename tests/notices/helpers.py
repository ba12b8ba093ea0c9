"""Short ways to a clinic that mails: a server, readers, calls with cards and flags."""

from datetime import datetime
from typing import Any

import msgspec

from appliance.chores import notices
from appliance.db import Row, execute, row, rows, value, writing
from appliance.facts.notices import Letter, MailServer
from appliance.facts.reviews import Flag
from appliance.store import analyses, calls, flags, happenings, mail, readers, users
from appliance.store.analyses import Card
from appliance.store.settings import ClinicSettings, save_settings
from tests.notices.postbox import PASSWORD, Postbox
from tests.world import World, found_call, hire

LETTER = Letter(subject="A day", text="Hello there\n", html="<p>Hello there</p>")
ZONE = "America/Chicago"


def set_up(world: World, box: Postbox | None = None, **other: Any) -> None:
    """Hire people and let the box mail; without a postbox to a server that is not there."""
    hire(world.db)
    server = (
        box.server(**other) if box else MailServer(host="localhost", port=1, sender="b@c.example")
    )
    with writing(world.db):
        mail.save_server(world.db, world.keys.connectors, server, PASSWORD if server.user else None)
        save_settings(world.db, ClinicSettings(clinic_name="Willow Creek", zone=ZONE))


def subscribe(world: World, name: str, *choices: str) -> int:
    """Let somebody have notices at an address that is confirmed."""
    user = users.get_user(world.db, name)
    reader = readers.get_reader(world.db, user.id)
    with writing(world.db):
        readers.save_choices(world.db, reader, f"{name.lower()}@clinic.example", choices)
        code = readers.new_code(world.db, user.id, now=world.now)
        assert readers.try_code(world.db, user.id, code, now=world.now)
    return user.id


def put(world: World, recipient: str = "maria@clinic.example", kind: str = "brief") -> int:
    """Queue a mail."""
    with writing(world.db):
        return mail.put_mail(world.db, kind, recipient, LETTER, now=world.now)


def make_notices(world: World) -> None:
    """What the chore does, at once."""
    made = notices.work(world.db, world.tools(), 0)
    with writing(world.db):
        notices.save(world.db, made, world.now)


def ring(
    world: World,
    key: str,
    at: datetime,
    card: Card | None = None,
    *said: str,
    read_at: datetime | None = None,
    **facts: Any,
) -> int:
    """A call that is read at once: its card, and safety flags by their codes."""
    found = found_call(key, recorded=False, started_at=at, **facts)
    received = world.receive(found)[0]
    assert received
    card = card or Card(intent="wellness", outcome="booked")
    marked = tuple(Flag(name=f"safety.{code}", value="yes") for code in said)
    with writing(world.db):
        execute(world.db, "DELETE FROM job WHERE subject = ?", (received,))
        analyses.save_card(world.db, received, card)
        flags.save_flags(world.db, received, marked)
        read_at = read_at or at
        calls.set_state(world.db, received, "ready", now=read_at)
        happenings.note_published(world.db, received, marked, now=read_at)
    return received


def turned_away(reason: str = "no_ask", intent: str = "sick_visit", kind: str = "skill") -> Card:
    return Card(intent=intent, outcome="info_only", turnaway_kind=kind, turnaway_reason=reason)


def mails(world: World, kind: str = "") -> list[Row]:
    """The queue, oldest first."""
    return rows(world.db, "SELECT * FROM mail WHERE kind = ? OR ? = '' ORDER BY id", (kind, kind))


def one(world: World, table: str) -> Row:
    found = row(world.db, f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")
    assert found
    return found


def count(world: World, what: str) -> int:
    return int(value(world.db, f"SELECT count(*) FROM {what}"))


def rules(world: World, **changes: Any) -> None:
    with writing(world.db):
        changed = msgspec.structs.replace(readers.get_rules(world.db), **changes)
        readers.save_rules(world.db, changed)
