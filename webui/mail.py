"""The clinic's mail server: its settings, a test, and the mails that wait or could not go.

Nothing is contacted here; the courier sends. Only kinds and addresses of mails are shown, never
what they say.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from appliance import mail_forms, pipeline
from appliance.chores import notices
from appliance.db import Database, writing
from appliance.errors import Misconfigured, PetsvetError, Refused
from appliance.store import mail, readers
from appliance.store.settings import get_settings, zone_of
from webui.forms import Form
from webui.policy import Person
from webui.security import Box, note

PAGE = "/settings/mail"


@get(PAGE, name="mail_show", opt={"action": "view_settings"}, sync_to_thread=True)
def mail_show(db: Database, now: datetime, person: Person, saved: str = "") -> Template:
    """The mail server, the last test, and the queue."""
    return _page(db, now, person, saved=bool(saved))


@post(PAGE, name="mail_save", opt={"action": "change_settings"}, sync_to_thread=True)
def mail_save(
    data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Put a mail server in force; an empty password keeps the one that is there."""
    try:
        server = mail_forms.read_server(data, person.user.name)
        with writing(db):
            mail.save_server(db, box.keys.connectors, server, data.get("password") or None)
            note(db, person, "change_settings", "mail", now=now)
    except Misconfigured as error:
        return _page(db, now, person, problem=str(error), typed=data)
    return Redirect(f"{PAGE}?saved=1", status_code=303)


@post(f"{PAGE}/test", name="mail_test", opt={"action": "change_settings"}, sync_to_thread=True)
def mail_test(
    data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Have the courier send a test mail; the page shows what came of it as soon as it is known."""
    try:
        with writing(db):
            address = data.get("address", "")
            number = notices.put_test(db, box.config, person.user.id, address, now=now)
            pipeline.start_chore(db, "send_mail", number, now=now)
            note(db, person, "test_mail", f"mail {number}", now=now)
    except (Misconfigured, Refused) as error:
        return _page(db, now, person, test_problem=str(error))
    return Redirect(f"{PAGE}#test", status_code=303)


@get(
    f"{PAGE}/test",
    name="mail_tested",
    opt={"action": "view_settings", "poll": True},
    sync_to_thread=True,
)
def mail_tested(db: Database, now: datetime) -> Template:
    """The part of the page that waits for the result."""
    return Template("_mail_test.html", context={"test": mail.last_test(db), "now": now})


@post(
    f"{PAGE}/{{number:int}}", name="mail_settle", opt={"action": "retry_job"}, sync_to_thread=True
)
def mail_settle(number: int, data: Form, db: Database, now: datetime, person: Person) -> Redirect:
    """Try a parked mail again, or give it up."""
    to = data.get("to", "retry")
    with writing(db):
        if to == "drop":
            mail.drop_mail(db, number)
        else:
            mail.retry_mail(db, number, now=now)
            pipeline.start_chore(db, "send_mail", now=now)
        note(db, person, f"{'drop' if to == 'drop' else 'retry'}_mail", f"mail {number}", now=now)
    return Redirect(f"{PAGE}#queue", status_code=303)


def _page(
    db: Database,
    now: datetime,
    person: Person,
    *,
    saved: bool = False,
    problem: str = "",
    test_problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Template:
    server = mail.get_server(db)
    filled = {} if typed else mail_forms.show_server(server)
    context: dict[str, Any] = {
        "server": server,
        "filled": {**filled, **(typed or {})},
        "has_password": mail.has_password(db),
        "saved": saved,
        "problem": problem,
        "test_problem": test_problem,
        "test": mail.last_test(db),
        "own": _own_address(db, person),
        "parked": mail.list_mail(db, ("parked",)),
        "waiting": mail.list_mail(db, ("waiting",)),
        "sent": mail.list_mail(db, ("sent",), 10),
        "zone": zone_of(get_settings(db).zone),
        "now": now,
    }
    return Template(
        "mail.html", context=context, status_code=400 if problem or test_problem else 200
    )


def _own_address(db: Database, person: Person) -> str:
    try:
        return readers.get_reader(db, person.user.id).address
    except PetsvetError:
        return ""


ROUTES = [mail_show, mail_save, mail_test, mail_tested, mail_settle]
