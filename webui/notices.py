"""Notices by mail: everybody's own choices, and for the office manager when mail goes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from appliance import mail_forms
from appliance.chores import notices
from appliance.db import Database, writing
from appliance.errors import Misconfigured, Refused
from appliance.store import mail, readers
from appliance.store.settings import get_settings
from webui.forms import Form
from webui.policy import Person, may
from webui.security import Box, note
from webui.settings import WEEKDAYS

PAGE = "/settings/notices"
ABOUT = {
    "brief": "Each morning: who wanted care and left, what to check for safety, whom to call back.",
    "alerts": "As soon as software marks a call to check for safety.",
    "digest": "At noon: who wanted care and left today, while there is still time.",
    "weekly": "Once a week: the week on the phones, with its report as a PDF.",
    "desk": "Each morning: those of your own callers who may be glad to hear from you.",
    "system": "When a phone system or the box itself needs a look. Never about what was said.",
}


@get(PAGE, name="notices_show", opt={"action": "choose_notices"}, sync_to_thread=True)
def notices_show(db: Database, person: Person, saved: str = "") -> Template:
    """One's own choices; the office manager sees everybody's."""
    return _page(db, person, saved=saved if saved in ("own", "rules", "sent") else "")


@post(PAGE, name="notices_save", opt={"action": "choose_notices"}, sync_to_thread=True)
def notices_save(
    data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Keep one's choices; a new address gets a code first."""
    chosen = [name for name in ABOUT if data.get(f"notice.{name}") == "yes"]
    try:
        with writing(db):
            reader = readers.get_reader(db, person.user.id)
            state = readers.save_choices(db, reader, data.get("address", ""), chosen)
            note(db, person, "choose_notices", f"user {person.user.id}", now=now)
            if state == "new" and mail.may_send(db):
                notices.send_code(db, box.config, person.user.id, now=now)
    except (Misconfigured, Refused) as error:
        return _page(db, person, problem=str(error), typed=data)
    return Redirect(f"{PAGE}?saved=own", status_code=303)


@post(f"{PAGE}/code", name="notices_code", opt={"action": "choose_notices"}, sync_to_thread=True)
def notices_code(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """The code that was mailed: now the address counts. A wrong one is counted, too."""
    with writing(db):
        fits = readers.try_code(db, person.user.id, data.get("code", ""), now=now)
        if fits:
            note(db, person, "confirm_address", f"user {person.user.id}", now=now)
    if not fits:
        return _page(db, person, code_problem=readers.WRONG_CODE)
    return Redirect(f"{PAGE}?saved=own", status_code=303)


@post(f"{PAGE}/again", name="notices_again", opt={"action": "choose_notices"}, sync_to_thread=True)
def notices_again(
    data: Form, box: Box, db: Database, now: datetime, person: Person
) -> Template | Redirect:
    """Mail another code."""
    try:
        with writing(db):
            notices.send_code(db, box.config, person.user.id, now=now)
            note(db, person, "ask_code", f"user {person.user.id}", now=now)
    except Refused as error:
        return _page(db, person, code_problem=str(error))
    return Redirect(f"{PAGE}?saved=sent", status_code=303)


@post(f"{PAGE}/rules", name="notices_rules", opt={"action": "set_notices"}, sync_to_thread=True)
def notices_rules(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """When mail goes out, how many alerts, and whether names are masked."""
    try:
        rules = mail_forms.read_rules(data)
    except Misconfigured as error:
        return _page(db, person, rules_problem=str(error), typed_rules=data)
    with writing(db):
        readers.save_rules(db, rules)
        detail = {"full": "yes" if rules.full else "no"}
        note(db, person, "change_settings", "notices", now=now, detail=detail)
    return Redirect(f"{PAGE}?saved=rules", status_code=303)


def _page(
    db: Database,
    person: Person,
    *,
    saved: str = "",
    problem: str = "",
    code_problem: str = "",
    rules_problem: str = "",
    typed: Mapping[str, str] | None = None,
    typed_rules: Mapping[str, str] | None = None,
) -> Template:
    reader = readers.get_reader(db, person.user.id)
    chosen = {f"notice.{name}": "yes" for name in reader.choices}
    context: dict[str, Any] = {
        "reader": reader,
        "filled": typed or {"address": reader.address, **chosen},
        "offered": [(name, ABOUT[name]) for name in readers.choices_of(reader.role)],
        "mailing": mail.may_send(db),
        "saved": saved,
        "problem": problem,
        "code_problem": code_problem,
        "rules_problem": rules_problem,
        "rules": typed_rules or mail_forms.show_rules(readers.get_rules(db)),
        "people": readers.list_readers(db) if may(person, "set_notices") else [],
        "weekdays": list(enumerate(WEEKDAYS)),
        "zone": get_settings(db).zone,
    }
    wrong = problem or code_problem or rules_problem
    return Template("notices.html", context=context, status_code=400 if wrong else 200)


ROUTES = [notices_show, notices_save, notices_code, notices_again, notices_rules]
