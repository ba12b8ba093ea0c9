"""A mail server of the tests: speaks SMTP with STARTTLS and AUTH, and misbehaves on request."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from appliance.facts.notices import MailServer
from tests.connectors.servers import Certificate, serving

PASSWORD = "a very secret password"


@dataclass
class Postbox:
    """``faults`` are taken one a conversation, then it behaves; what came in is in ``mails``."""

    certificate: Certificate
    user: str = "petsvet"
    offers: tuple[str, ...] = ("STARTTLS", "AUTH PLAIN LOGIN", "SIZE 1000000")
    faults: list[str] = field(default_factory=list)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for _, _, raw in self.mails]  # type: ignore[misc]

    def server(self, **other: Any) -> MailServer:
        """The settings with which a box reaches it."""
        usual: dict[str, Any] = {
            "host": "localhost", "port": self.port, "sender": "box@clinic.example",
            "user": self.user, "authority": certificate_text(self.certificate), "set_by": "Maria",
        }  # fmt: skip
        return MailServer(**(usual | other))

    def serve(self, connection: socket.socket) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        _Talk(self, connection, fault).run()


class _Talk:
    """One conversation."""

    def __init__(self, box: Postbox, connection: socket.socket, fault: str) -> None:
        self.box, self.connection, self.fault = box, connection, fault
        self.file = connection.makefile("rb")
        self.encrypted, self.known = hasattr(connection, "cipher"), False
        self.sender = self.recipient = ""

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self) -> None:
        if self.fault == "hang":
            self.box.ending.wait(60)
            return
        if self.fault == "endless":
            while True:
                self.connection.sendall(b"220-" + b"x" * 900 + b"\r\n")
        self.say("421 too busy" if self.fault == "421" else "220 postbox.test ESMTP")
        if self.fault == "421":
            return
        while line := self.file.readline():
            self.box.heard.append(line)
            verb = line.split(None, 1)[0].upper().decode() if line.strip() else ""
            if not getattr(self, f"do_{verb.lower()}", self.do_unknown)(line.decode().strip()):
                return

    def do_unknown(self, line: str) -> bool:
        self.say("502 not known")
        return True

    def do_ehlo(self, line: str) -> bool:
        offers = [o for o in self.box.offers if o != "STARTTLS" or not self.encrypted]
        offers = [o for o in offers if not o.startswith("AUTH") or self.encrypted]
        for offer in ("postbox.test", *offers):
            self.say(f"250-{offer}")
        self.say("250 HELP")
        return True

    def do_starttls(self, line: str) -> bool:
        injected = b"250 injected before TLS\r\n" if self.fault == "inject" else b""
        self.connection.sendall(b"220 go ahead\r\n" + injected)
        self.connection = self.box.certificate.context().wrap_socket(
            self.connection, server_side=True
        )
        self.file, self.encrypted = self.connection.makefile("rb"), True
        return True

    def do_auth(self, line: str) -> bool:
        kind, _, given = line.partition(" ")[2].partition(" ")
        if kind.upper() == "LOGIN":
            self.say("334 UGFzc3dvcmQ6")
            user, password = base64.b64decode(given), base64.b64decode(self.file.readline())
        else:
            _, user, password = base64.b64decode(given).split(b"\0")
        self.known = (user, password) == (self.box.user.encode(), PASSWORD.encode())
        self.say("235 welcome" if self.known else "535 5.7.8 wrong user or password")
        return True

    def do_mail(self, line: str) -> bool:
        self.sender = line.partition("<")[2].partition(">")[0]
        ok = self.known or not self.box.user
        self.say("250 ok" if ok else "530 sign in first")
        return True

    def do_rcpt(self, line: str) -> bool:
        self.recipient = line.partition("<")[2].partition(">")[0]
        replies = {"451": "451 4.7.1 greylisted, come back later", "550": "550 5.1.1 no such user"}
        self.say(replies.get(self.fault, "250 ok"))
        return True

    def do_rset(self, line: str) -> bool:
        self.say("250 ok")
        return True

    def do_data(self, line: str) -> bool:
        self.say("354 go on")
        lines: list[bytes] = []
        while (each := self.file.readline()) not in (b".\r\n", b""):
            lines.append(each[1:] if each.startswith(b"..") else each)
        if self.fault == "554":
            self.say("554 5.7.1 looks like spam <b>to me</b>\x1b[31m")
            return True
        self.box.mails.append((self.sender, self.recipient, b"".join(lines)))
        if self.fault == "cut":  # taken, but the other side never hears of it
            return False
        self.say("250 2.0.0 queued as 12345")
        return True

    def do_quit(self, line: str) -> bool:
        self.say("221 bye")
        return False


def certificate_text(certificate: Certificate) -> str:
    """The certificate alone, without its key, as a person would paste it."""
    text = certificate.path.read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


@contextmanager
def postbox(
    folder: Path, *faults: str, tls: bool = False, name: str = "localhost", **given: Any
) -> Iterator[Postbox]:
    """A running mail server; ``tls``: encrypted from the first byte."""
    certificate = Certificate(folder, name)
    box = Postbox(certificate, faults=list(faults), **given)
    with serving(box.serve, certificate if tls else None) as port:
        box.port = port
        try:
            yield box
        finally:
            box.ending.set()
