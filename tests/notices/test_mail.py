"""The queue of mails: sent once, tried again with patience, given up in sight, and never forged."""

import hashlib
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import clock, health
from appliance.chores import send_mail
from appliance.db import writing
from appliance.errors import Misconfigured, NotFound, Tampered
from appliance.facts.notices import Letter, Mail, MailServer
from appliance.store import audit, mail
from appliance.store.egress import list_egress
from tests.notices.helpers import LETTER, count, mails, one, put, set_up
from tests.notices.postbox import postbox
from tests.world import BEGIN, World


def send(world: World) -> None:
    """The clock calls the courier, who does what is due."""
    clock.post(world.tools())
    world.work(("courier",))


def test_nothing_is_queued_or_sent_before_the_clinic_set_it_up(world: World) -> None:
    put(world)
    assert clock.post(world.tools()) == 0
    assert world.work(("courier",)) == 0
    assert mails(world)[0]["state"] == "waiting"
    assert list_egress(world.db) == []


def test_a_mail_is_sent_once_and_leaves_rows_in_audit_and_egress(
    world: World, tmp_path: Path
) -> None:
    with postbox(tmp_path) as box:
        set_up(world, box)
        number = put(world)
        send(world)
        send(world)
    (sender, recipient, raw) = box.mails[0]
    assert len(box.mails) == 1
    assert (sender, recipient) == ("box@clinic.example", "maria@clinic.example")
    letter = message_from_bytes(raw, policy=default)
    assert letter["From"] == "Willow Creek <box@clinic.example>"
    assert letter["Subject"] == "A day"
    found = mails(world)[0]
    assert (found["state"], found["text"], found["html"]) == ("sent", "", ""), "words are forgotten"
    gone = list_egress(world.db)[0]
    assert (gone.kind, gone.reason, gone.allowed_by, gone.subject) == ("mail", "brief", "Maria", f"mail {number}")  # fmt: skip
    assert gone.destination == f"maria@clinic.example by localhost:{box.port}"
    assert (gone.bytes, gone.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    last = audit.list_entries(world.db)[0]
    assert (last.action, last.subject, last.detail) == ("send_mail", f"mail {number}", {"kind": "brief"})  # fmt: skip


def test_a_mail_taken_without_our_hearing_of_it_is_sent_again_as_the_same_mail(
    world: World, tmp_path: Path
) -> None:
    with postbox(tmp_path, "cut") as box:
        set_up(world, box)
        put(world)
        send(world)
        assert mails(world)[0]["state"] == "waiting"
        world.wait(minutes=3)
        send(world)
    first, second = box.mails
    assert first == second, "same Message-ID, same bytes: whoever gets both keeps one"
    assert [gone.sha256 for gone in list_egress(world.db)] == [hashlib.sha256(first[2]).hexdigest()] * 2  # fmt: skip


def test_a_crash_between_handing_over_and_noting_it_sends_the_same_mail_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> bool:
        raise RuntimeError("the power went")

    with postbox(tmp_path) as box:
        set_up(world, box)
        put(world)
        with monkeypatch.context() as broken:
            broken.setattr(send_mail, "save", crash)
            send(world)
        assert mails(world)[0]["state"] == "waiting"
        world.wait(minutes=5)
        send(world)
    assert len(box.mails) == 2
    assert box.mails[0] == box.mails[1]
    assert mails(world)[0]["state"] == "sent"


def test_a_greylisted_mail_comes_back_later_and_holds_up_nobody(
    world: World, tmp_path: Path
) -> None:
    with postbox(tmp_path, "451") as box:
        set_up(world, box)
        put(world, "first@clinic.example")
        put(world, "second@clinic.example")
        send(world)
        assert [recipient for _, recipient, _ in box.mails] == ["second@clinic.example"]
        world.wait(minutes=2)
        send(world)
        assert [recipient for _, recipient, _ in box.mails][1:] == ["first@clinic.example"]


def test_a_server_that_is_away_is_asked_once_for_all_of_the_queue(
    world: World, tmp_path: Path
) -> None:
    with postbox(tmp_path, "421") as box:
        set_up(world, box)
        for _ in range(5):
            put(world)
        send(world)
        assert box.faults == [] and box.mails == []
        assert all("421 too busy" in found["error"] for found in mails(world))
        world.wait(minutes=2)
        send(world)
        assert len(box.mails) == 5


def test_waits_grow_to_two_hours_and_after_three_days_it_is_given_up_in_sight(
    world: World,
) -> None:
    set_up(world)
    put(world)
    waits: list[timedelta] = []
    while mails(world)[0]["state"] == "waiting" and len(waits) < 100:
        before = world.now
        send(world)
        while clock.post(world.tools()) == 0 and mails(world)[0]["state"] == "waiting":
            world.wait(minutes=1)
        waits.append(world.now - before)
    found = mails(world)[0]
    assert found["state"] == "parked"
    assert "refused the connection" in found["error"]
    assert timedelta(days=3) <= world.now - BEGIN < timedelta(days=3, hours=3)
    assert waits[0] <= timedelta(minutes=2)
    assert max(waits) <= timedelta(hours=2, minutes=30)
    assert 30 < len(waits) < 60
    assert audit.list_entries(world.db)[0].action == "park_mail"


def test_a_refused_mail_is_parked_at_once_and_a_person_may_try_again_or_drop_it(
    world: World, tmp_path: Path
) -> None:
    with postbox(tmp_path, "550", "554") as box:
        set_up(world, box)
        numbers = [put(world), put(world)]
        send(world)
        assert [found["state"] for found in mails(world)] == ["parked", "parked"]
        assert health.check_mail(world.db, world.tools()).found == "2 mails could not be sent"
        with writing(world.db):
            mail.retry_mail(world.db, numbers[0], now=world.now)
            mail.drop_mail(world.db, numbers[1])
        send(world)
    assert [found["state"] for found in mails(world)] == ["sent", "dropped"]
    assert len(box.mails) == 1
    for act in (lambda: mail.retry_mail(world.db, numbers[1], now=BEGIN), lambda: mail.drop_mail(world.db, numbers[0])):  # fmt: skip
        with pytest.raises(NotFound):
            act()


def test_a_mail_that_cannot_be_written_is_parked_and_the_next_one_goes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = send_mail.make_message

    def stumble(server: MailServer, known: Mail, clinic: str) -> bytes:
        if known.recipient.startswith("first"):
            raise ValueError("no such thing")
        return write(server, known, clinic)

    monkeypatch.setattr(send_mail, "make_message", stumble)
    with postbox(tmp_path) as box:
        set_up(world, box)
        put(world, "first@clinic.example")
        put(world, "second@clinic.example")
        send(world)
    assert [found["state"] for found in mails(world)] == ["parked", "sent"]
    assert len(box.mails) == 1


def test_switching_mail_off_keeps_everything_here(world: World, tmp_path: Path) -> None:
    with postbox(tmp_path) as box:
        set_up(world, box, enabled=False)
        put(world)
        send(world)
        world.work()
    assert box.heard == []
    assert mails(world)[0]["state"] == "waiting"


SERVER = MailServer(host="localhost", sender="box@clinic.example")


def as_mail(letter: Letter) -> Mail:
    return Mail(id=1, recipient="maria@clinic.example", kind="brief", message_id="<0123456789abcdef0123456789abcdef@c.example>",
                state="waiting", attempts=0, next_at=BEGIN, created_at=BEGIN, give_up_at=BEGIN, letter=letter)  # fmt: skip


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=300))
def test_no_text_whatsoever_adds_a_header_or_breaks_the_mail(
    subject: str, clinic: str, body: str
) -> None:
    hostile = "\r\nBcc: thief@x.example\r\n\r\nGotcha"
    surrogates = dict.fromkeys(range(0xD800, 0xE000))
    subject, clinic, body = (text.translate(surrogates) for text in (subject, clinic, body))
    letter = Letter(subject=subject + hostile, text=body + hostile, html=f"<p>{len(body)}</p>")
    raw = send_mail.make_message(SERVER, as_mail(letter), clinic + hostile)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    read = message_from_bytes(raw, policy=default)
    assert sorted(read.keys()) == [
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject",
        "To", "X-Auto-Response-Suppress",
    ]  # fmt: skip
    assert read["To"] == "maria@clinic.example"
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    assert send_mail.make_message(SERVER, as_mail(letter), clinic + hostile) == raw


def test_a_report_travels_as_an_attachment() -> None:
    letter = Letter(
        subject="Week", text="t\n", html="h", attachment=("week 47.pdf", b"%PDF-1.7 \0")
    )
    raw = send_mail.make_message(SERVER, as_mail(letter), "Willow Creek")
    parts = list(message_from_bytes(raw, policy=default).iter_attachments())
    assert [(p.get_filename(), p.get_content()) for p in parts] == [("week 47.pdf", b"%PDF-1.7 \0")]
    assert send_mail.make_message(SERVER, as_mail(letter), "Willow Creek") == raw


@pytest.mark.parametrize(
    "address",
    ["", "maria", "@x.example", "a@b@c.example", "a b@c.example", "a@c..example", "a@-c.example",
     "a@c.example\r\nBcc: x@y.example", "Maria <a@c.example>", "ä@c.example", "a@[127.0.0.1]", "a" * 65 + "@c.example"],
)  # fmt: skip
def test_what_is_no_mail_address_is_not_queued(world: World, address: str) -> None:
    set_up(world)
    with pytest.raises(Misconfigured), writing(world.db):
        mail.put_mail(world.db, "brief", address, LETTER, now=BEGIN)
    assert count(world, "mail") == 0


def test_the_password_is_sealed_and_stays_with_the_host_it_was_entered_for(world: World) -> None:
    key = world.keys.connectors
    server = MailServer(host="mail.clinic.example", sender="b@clinic.example", user="box")
    with writing(world.db):
        mail.save_server(world.db, key, server, "opensesame")
    stored = " ".join(str(r["text"]) for r in _settings(world))
    assert "opensesame" not in stored
    assert mail.read_password(world.db, key) == "opensesame"
    with writing(world.db):
        mail.save_server(world.db, key, server)
    assert mail.read_password(world.db, key) == "opensesame", "an empty field keeps it"
    other = MailServer(host="thief.example", sender="b@clinic.example", user="box")
    with writing(world.db):
        mail.save_server(world.db, key, other)
    assert not mail.has_password(world.db), "it must not be sent to another host"
    with pytest.raises(Tampered), writing(world.db):
        mail.save_server(world.db, key, server, "opensesame")
        mail.read_password(world.db, bytes(32))


def _settings(world: World) -> list[dict[str, Any]]:
    from appliance.db import rows

    return rows(world.db, "SELECT value AS text FROM setting")


def test_old_mail_is_forgotten_and_waiting_mail_is_not(world: World) -> None:
    set_up(world)
    put(world)
    number = put(world)
    with writing(world.db):
        mail.settle_mail(world.db, mail.get_mail(world.db, number), send_mail.Handed(state="refused"), timedelta(0), now=BEGIN)  # fmt: skip
    world.wait(days=100)
    with writing(world.db):
        mail.prune_mail(world.db, now=world.now)
    assert [found["state"] for found in mails(world)] == ["waiting"]
    assert one(world, "mail")["id"] != number
