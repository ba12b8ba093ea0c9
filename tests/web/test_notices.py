"""Mail, notices and webhooks on their pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response
from litestar.testing import TestClient

from appliance.db import Database, rows, writing
from appliance.facts.notices import Letter, MailServer
from appliance.store import hooks, mail, readers, users
from tests.web.world import PEOPLE, World, browser, form_token, sign_in

SERVER = {"host": "smtp.clinic.example", "port": "587", "security": "starttls", "user": "box",
          "sender": "petsvet@clinic.example", "enabled": "yes"}  # fmt: skip
LETTER = Letter(subject="A day", text="Words of a mail\n", html="<p>Words of a mail</p>")
TIMES = {f"{notice}.{day}": "07:30" for notice in ("brief", "desk") for day in range(7)}
RULES = {**TIMES, "digest": "12:00", "weekly_day": "0", "weekly": "07:00", "alerts_per_hour": "3"}
HOOK = {"url": "https://hooks.clinic.example/in?token=abc", "event.turnaway.opened": "yes"}


@pytest.fixture
def db(clinic: World) -> Iterator[Database]:
    opened = clinic.open_db()
    yield opened
    opened.close()


@pytest.fixture
def people(clinic: World) -> dict[str, TestClient]:
    app = clinic.app()
    clients = {name: browser(app) for name in PEOPLE}
    for name, client in clients.items():
        sign_in(client, name)
    return clients


def send(client: TestClient, page: str, path: str = "", **typed: str) -> Response:
    return client.post(path or page, data={"csrf": form_token(client, page), **typed})


def put(db: Database, world: World, kind: str = "brief") -> int:
    with writing(db):
        return mail.put_mail(db, kind, "maria@clinic.example", LETTER, now=world.now)


def set_server(db: Database, world: World) -> None:
    server = MailServer(host="smtp.clinic.example", sender="petsvet@clinic.example")
    with writing(db):
        mail.save_server(db, world.keys.connectors, server)


def test_a_mail_server_is_set_up_and_its_password_is_never_shown_again(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    maria, page = people["Maria"], "/settings/mail"
    assert "No mail leaves the box" in maria.get(page).text
    assert send(maria, page, **SERVER, password="hunter2hunter2").status_code == 303
    shown = maria.get(f"{page}?saved=1").text
    assert "Saved" in shown and "hunter2" not in shown
    assert mail.read_password(db, clinic.keys.connectors) == "hunter2hunter2"
    found = mail.get_server(db)
    assert found and (found.host, found.set_by) == ("smtp.clinic.example", "Maria")
    send(maria, page, **SERVER)
    assert mail.read_password(db, clinic.keys.connectors) == "hunter2hunter2"
    assert clinic.log("change_settings") == [("Maria", "change_settings", "mail")] * 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"host": ""}, "Enter the name or address of the mail server"),
        ({"port": "x"}, "Enter a port from 1 to 65535"),
        ({"security": "ssl"}, "Choose how the connection is encrypted"),
        ({"sender": "box"}, "This is no mail address"),
        ({"sender": "a@b.example\r\nBcc: c@d.example"}, "This is no mail address"),
        ({"allowed": "mail server"}, "The allowed addresses are IP addresses"),
        ({"allowed": "169.254.169.254"}, "cannot be allowed"),
        ({"allowed": "10.0.0.0/8"}, "too wide"),
        ({"authority": "hello"}, "This is no certificate"),
        ({"authority": "-----BEGIN PRIVATE KEY-----"}, "paste the certificate alone"),
    ],
)
def test_what_is_wrong_with_a_mail_server_is_told_and_nothing_typed_is_lost(
    people: dict[str, TestClient], db: Database, wrong: dict[str, str], told: str
) -> None:
    typed = SERVER | {"user": "typed-user"} | wrong
    answer = send(people["Maria"], "/settings/mail", **typed)
    assert answer.status_code == 400
    assert told in answer.text
    assert 'value="typed-user"' in answer.text
    assert mail.get_server(db) is None


def test_a_test_mail_is_work_for_the_courier_and_its_result_is_told_in_words(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    maria, page = people["Maria"], "/settings/mail"
    set_server(db, clinic)
    answer = send(maria, page, f"{page}/test", address="maria@clinic.example")
    assert answer.status_code == 303
    job = rows(db, "SELECT kind, lane, subject FROM job")
    test = mail.last_test(db)
    assert test and [(j["kind"], j["lane"], j["subject"]) for j in job] == [("send_mail", "courier", test.id)]  # fmt: skip
    assert "Sending to maria@clinic.example" in maria.get(f"{page}/test").text
    from datetime import timedelta

    from appliance.facts.notices import Handed

    with writing(db):
        mail.settle_mail(db, test, Handed(state="away", why="the mail server <b>refused</b>"), timedelta(0), now=clinic.now)  # fmt: skip
    assert "The mail server &lt;b&gt;refused&lt;/b&gt;" in maria.get(f"{page}/test").text
    assert "hx-get" not in maria.get(f"{page}/test").text, "it asks no longer"
    wrong = send(maria, page, f"{page}/test", address="nobody")
    assert wrong.status_code == 400 and "This is no mail address" in wrong.text


def test_mails_that_could_not_go_are_tried_again_or_given_up_without_showing_their_words(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    from datetime import timedelta

    from appliance.facts.notices import Handed

    set_server(db, clinic)
    numbers = [put(db, clinic), put(db, clinic)]
    for number in numbers:
        with writing(db):
            mail.settle_mail(db, mail.get_mail(db, number), Handed(state="refused", why="no such user"), timedelta(0), now=clinic.now)  # fmt: skip
    ingrid, page = people["Ingrid"], "/settings/mail"
    shown = ingrid.get(page).text
    assert "No such user" in shown and "Words of a mail" not in shown and "A day" not in shown
    assert send(ingrid, page, f"{page}/{numbers[0]}", to="retry").status_code == 303
    assert send(ingrid, page, f"{page}/{numbers[1]}", to="drop").status_code == 303
    states = {m.id: m.state for m in mail.list_mail(db, ("waiting", "parked", "dropped"))}
    assert states == {numbers[0]: "waiting", numbers[1]: "dropped"}


def code_in(db: Database) -> str:
    text = rows(db, "SELECT text FROM mail WHERE kind = 'code' ORDER BY id DESC LIMIT 1")[0]["text"]
    found = re.search(r"\b\d{6}\b", text)
    assert found
    return found.group()


def test_everybody_chooses_their_own_notices_and_confirms_the_address_by_a_code(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    set_server(db, clinic)
    finn, page = people["Finn"], "/settings/notices"
    assert "Daily brief" not in finn.get(page).text, "that is the manager's"
    typed = {"address": "finn@clinic.example", "notice.desk": "yes", "notice.brief": "yes"}
    assert send(finn, page, **typed).status_code == 303
    me = users.get_user(db, "Finn").id
    assert readers.get_reader(db, me).choices == ("desk",)
    wrong = send(finn, page, f"{page}/code", code="000000x")
    assert wrong.status_code == 400 and "not the code" in wrong.text
    assert send(finn, page, f"{page}/code", code=code_in(db)).status_code == 303
    assert readers.get_reader(db, me).confirmed
    assert "This address is confirmed" in finn.get(page).text
    send(finn, page, address="", **{"notice.desk": "yes"})
    assert not readers.get_reader(db, me).confirmed
    assert clinic.log("choose_notices", "confirm_address")[0] == ("Finn", "choose_notices", f"user {me}")  # fmt: skip


def test_nobody_can_have_strangers_mailed_over_and_over(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    set_server(db, clinic)
    finn, page = people["Finn"], "/settings/notices"
    for n in range(8):
        send(finn, page, address=f"stranger{n}@x.example", **{"notice.desk": "yes"})
    assert len(rows(db, "SELECT 1 FROM mail WHERE kind = 'code'")) == 5
    answer = send(finn, page, f"{page}/again")
    assert answer.status_code == 400 and "Several codes" in answer.text


def test_without_a_mail_server_choices_are_kept_and_no_code_is_mailed(
    people: dict[str, TestClient], db: Database
) -> None:
    finn, page = people["Finn"], "/settings/notices"
    assert send(finn, page, address="finn@clinic.example").status_code == 303
    assert rows(db, "SELECT 1 FROM mail") == []
    assert "No mail leaves the box yet" in finn.get(page).text
    assert send(finn, page, f"{page}/again").status_code == 400


def test_the_manager_sees_everybodys_choices_and_sets_when_mail_goes_out(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    page = "/settings/notices"
    send(people["Finn"], page, address="finn@clinic.example", **{"notice.desk": "yes"})
    shown = people["Maria"].get(page).text
    assert "finn@clinic.example" in shown and "Not confirmed" in shown
    assert "finn@clinic.example" not in people["Ingrid"].get(page).text
    changed = RULES | {"brief.6": "", "full": "yes", "alerts_per_hour": "5"}
    assert send(people["Maria"], page, f"{page}/rules", **changed).status_code == 303
    rules = readers.get_rules(db)
    assert (rules.brief.get("6"), rules.brief["0"], rules.full, rules.alerts_per_hour) == (None, "07:30", True, 5)  # fmt: skip
    for wrong in ({"brief.0": "7"}, {"digest": ""}, {"weekly_day": "9"}, {"alerts_per_hour": "0"}):
        answer = send(people["Maria"], page, f"{page}/rules", **(RULES | wrong))
        assert answer.status_code == 400, wrong
    assert readers.get_rules(db) == rules


def test_a_webhooks_secret_is_shown_once_and_its_token_nowhere_in_lists(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    maria, page = people["Maria"], "/settings/webhooks"
    added = send(maria, page, **HOOK)
    assert added.status_code == 200
    secret = re.search(r"whsec_[\w+/=]+", added.text)
    assert secret
    (hook,) = hooks.list_hooks(db)
    assert hooks.read_secret(db, clinic.keys.connectors, hook.id) == secret.group()
    one = f"{page}/{hook.id}"
    assert "whsec_" not in maria.get(one).text
    assert "token=abc" not in maria.get(page).text
    renewed = send(maria, one, f"{one}/secret")
    assert "whsec_" in renewed.text and secret.group() not in renewed.text
    assert clinic.log("change_webhook")[0] == ("Maria", "change_webhook", f"webhook {hook.id}")


def test_a_webhook_is_changed_tested_switched_replayed_and_removed(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    maria, page = people["Maria"], "/settings/webhooks"
    send(maria, page, **HOOK)
    one = f"{page}/{hooks.list_hooks(db)[0].id}"
    number = hooks.list_hooks(db)[0].id
    assert send(maria, one, one, url="https://other.clinic.example/", **{"event.call.ready": "yes"}).status_code == 303  # fmt: skip
    assert hooks.get_hook(db, number).events == ("call.ready",)
    assert send(maria, one, f"{one}/switch", to="test").status_code == 303
    (ping,) = hooks.list_deliveries(db, number)
    assert [(j["kind"], j["lane"]) for j in rows(db, "SELECT kind, lane FROM job")] == [("send_hooks", "courier")]  # fmt: skip
    assert send(maria, one, f"{one}/deliveries/{ping.id}").status_code == 303
    send(maria, one, f"{one}/switch", to="off")
    assert not hooks.get_hook(db, number).enabled
    send(maria, one, f"{one}/switch", to="on")
    assert hooks.get_hook(db, number).enabled
    assert send(maria, one, f"{one}/switch", to="explode").status_code == 403
    assert send(maria, one, f"{one}/switch", to="remove").headers["location"] == page
    assert hooks.list_hooks(db) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"url": "ftp://x.example"}, "The address begins with https"),
        ({"url": "https://me:pw@x.example/"}, "neither a user nor a password"),
        ({"url": "https://x.example/" + "a" * 600}, "at most 500"),
        ({"event.turnaway.opened": ""}, "Choose at least one event"),
        ({"allowed": "127.0.0.1"}, "is this box itself"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_told(
    people: dict[str, TestClient], db: Database, wrong: dict[str, str], told: str
) -> None:
    answer = send(people["Maria"], "/settings/webhooks", **(HOOK | wrong))
    assert answer.status_code == 400
    assert told in answer.text
    assert hooks.list_hooks(db) == []


def test_nothing_a_receiver_answers_becomes_markup(
    people: dict[str, TestClient], clinic: World, db: Database, tmp_path: Path
) -> None:
    from datetime import timedelta

    from appliance.facts.notices import Handed

    maria, page = people["Maria"], "/settings/webhooks"
    send(maria, page, **(HOOK | {"url": "https://x.example/'%22><img src=x>"}))
    send(maria, page, **(HOOK | {"url": "https://x.example/'\"><b>"}))
    for hook in hooks.list_hooks(db):
        with writing(db):
            hooks.queue_test(db, hook.id, now=clinic.now)
            due = hooks.next_delivery(db, hook.id, clinic.now)
            assert due
            hooks.settle_delivery(db, due, Handed(state="again", why="<script>alert(1)</script>"), timedelta(0), now=clinic.now)  # fmt: skip
        for path in (page, f"{page}/{hook.id}"):
            text = maria.get(path).text
            assert "<script>alert" not in text and "<img src=x" not in text and '"><b>' not in text
