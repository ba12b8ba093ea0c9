"""Handing mail to a real SMTP conversation that goes well, and in all the ways in which it does not."""

from pathlib import Path

import pytest

from appliance.facts.notices import Handed, MailServer
from connectors import doors, smtp
from tests.connectors.servers import free_port
from tests.notices.postbox import PASSWORD, postbox

MESSAGE = b"Subject: hello\r\n\r\n.a line with a dot\r\nand another\r\n"


def give(server: MailServer, password: str = PASSWORD) -> Handed:
    return smtp.hand_over(server, password, "maria@clinic.example", MESSAGE)


def test_a_mail_is_handed_over_encrypted_and_signed_in(tmp_path: Path) -> None:
    with postbox(tmp_path) as box:
        handed = give(box.server())
    assert handed == Handed(state="sent", why="250 2.0.0 queued as 12345", left=True, status=250)
    assert box.mails == [("box@clinic.example", "maria@clinic.example", MESSAGE)]
    greeting = next(line for line in box.heard if line.startswith(b"ehlo"))
    assert greeting.strip() == b"ehlo clinic.example", "the name of this machine is not told"


def test_tls_from_the_first_byte_works_too(tmp_path: Path) -> None:
    with postbox(tmp_path, tls=True) as box:
        assert give(box.server(security="tls")).state == "sent"


def test_a_server_on_this_box_may_go_without_encryption_and_password(tmp_path: Path) -> None:
    with postbox(tmp_path, user="", offers=()) as box:
        assert give(box.server(security="none", user=""), "").state == "sent"


def test_no_encryption_is_refused_anywhere_else_before_a_word_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "_is_here", lambda connection: False)
    with postbox(tmp_path, user="") as box:
        handed = give(box.server(security="none", user=""), "")
    assert (handed.state, handed.why) == ("away", smtp.NOT_HERE)
    assert box.heard == []


@pytest.mark.parametrize(
    ("fault", "state", "left", "words"),
    [
        ("421", "away", False, "the mail server is not ready: 421 too busy"),
        ("451", "again", False, "greylisted"),
        ("550", "refused", False, "no such user"),
        ("554", "refused", True, "looks like spam <b>to me</b>"),
        ("cut", "again", True, "broke off"),
        ("endless", "away", False, "broke off"),
    ],
)
def test_each_misbehavior_ends_in_the_right_state_and_in_words(
    tmp_path: Path, fault: str, state: str, left: bool, words: str
) -> None:
    with postbox(tmp_path, fault) as box:
        handed = give(box.server())
        assert (handed.state, handed.left) == (state, left), handed
        assert words in handed.why
        assert "\x1b" not in handed.why, "a server's words are shown on a page and a terminal"
        assert give(box.server()).state == "sent", "and the next conversation is a new one"


def test_what_is_said_before_encryption_does_not_count(tmp_path: Path) -> None:
    with postbox(tmp_path, "inject") as box:
        handed = give(box.server())
        assert handed.state in ("sent", "away")
        assert "injected" not in handed.why


def test_a_server_that_falls_silent_is_left_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SILENCE_S", 0.3)
    with postbox(tmp_path, "hang") as box:
        handed = give(box.server())
    assert handed.state == "away"


def test_a_conversation_as_a_whole_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "WHOLE_S", 0.3)
    with postbox(tmp_path, "hang") as box:
        assert give(box.server()).state == "away"


def test_a_wrong_password_is_told_as_one_and_stops_the_queue(tmp_path: Path) -> None:
    with postbox(tmp_path) as box:
        handed = give(box.server(), "wrong")
    assert handed.state == "away"
    assert "does not take this user and password: 535" in handed.why
    assert box.mails == []


def test_a_certificate_nobody_vouches_for_is_told_as_that(tmp_path: Path) -> None:
    with postbox(tmp_path) as box:
        handed = give(box.server(authority=""))
        assert "certificate is not trusted" in handed.why
        assert not any(b"AUTH" in line for line in box.heard), "no password before it is checked"


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    with postbox(tmp_path, name="other.test") as box:
        assert "certificate is not trusted" in give(box.server()).why


def test_a_server_that_hides_starttls_gets_no_password(tmp_path: Path) -> None:
    with postbox(tmp_path, offers=("AUTH PLAIN",)) as box:
        handed = give(box.server())
        assert "offers no encryption" in handed.why
        assert not any(b"AUTH" in line for line in box.heard)


def test_nobody_listening_is_told_as_a_refusal() -> None:
    server = MailServer(host="127.0.0.1", port=free_port(), sender="box@clinic.example")
    assert "the mail server refused the connection" in give(server).why


def test_an_unknown_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise doors.socket.gaierror

    monkeypatch.setattr(doors.socket, "getaddrinfo", resolve)
    server = MailServer(host="mail.invalid", sender="box@clinic.example")
    assert "the name of the mail server is not known" in give(server).why


def test_an_address_of_the_clinics_network_needs_an_entry_and_one_of_the_internet_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert doors.check_host("8.8.8.8", 587, (), smtp.MAIL) == "8.8.8.8"
    assert doors.check_host("192.168.1.9", 25, ("192.168.1.9",), smtp.MAIL) == "192.168.1.9"
    server = MailServer(host="192.168.1.9", port=25, sender="box@clinic.example")
    assert "add 192.168.1.9 to its allowed addresses if that is the mail server" in give(server).why


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "64:ff9b::7f00:1"])
def test_addresses_that_are_no_mail_servers_are_never_talked_to(host: str) -> None:
    server = MailServer(host=host, sender="box@clinic.example", allowed=("0.0.0.0/0", "::/0"))
    handed = give(server)
    assert (handed.state, handed.left) == ("away", False)


@pytest.mark.parametrize("address", ["a@b.example\r\nRCPT TO:<x@y.example>", "a@b\nDATA"])
def test_an_address_cannot_smuggle_a_command(tmp_path: Path, address: str) -> None:
    with postbox(tmp_path) as box:
        handed = smtp.hand_over(box.server(), PASSWORD, address, MESSAGE)
        assert handed.state != "sent"
        assert box.mails == []
