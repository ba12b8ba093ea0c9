"""Handing a mail to the clinic's mail server: verified, bounded in time and in what is read.

The outcome is told as a fact, because what to do next depends on it: a greylisted recipient is
tried again alone, a wrong password stops the whole queue.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any

from appliance.errors import Misconfigured, PetsvetError
from appliance.facts.notices import Handed, MailServer
from connectors import doors, tls

MAIL = doors.Aim("the mail server", public=True, here=True)
SILENCE_S = 20.0  # how long one answer may take
WHOLE_S = 90.0  # and the whole conversation
MOST_SAID = 64 * 1024  # bytes a server may say in one conversation
_SHOWN = 160
NOT_HERE = "a mail server without encryption is taken only on this box itself (localhost)"


def hand_over(server: MailServer, password: str, recipient: str, message: bytes) -> Handed:
    """Give one message to the mail server; never raises for what the server or the network does."""
    left = [False]
    if any(sign.isspace() or sign in "<>" or not sign.isprintable() for sign in recipient):
        return Handed(state="refused", why="this is no mail address; correct it")
    try:
        with _talk(server) as smtp:
            _sign_in(smtp, server, password)
            return _give(smtp, server.sender, recipient, message, left)
    except PetsvetError as error:
        return Handed(state="away", why=str(error), left=left[0])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        state = "again" if left[0] else "away"
        return Handed(state=state, why=_why(error), left=left[0], status=_status(error))


@contextmanager
def _talk(server: MailServer) -> Iterator["_Conversation"]:
    """A conversation that ends in time, whatever the other side does."""
    smtp = _Conversation(server)
    watch = threading.Timer(WHOLE_S, smtp.cut)
    watch.daemon = True
    watch.start()
    try:
        smtp.begin()
        yield smtp
    finally:
        watch.cancel()
        smtp.leave()


class _Bounded:
    """What the server says, as lines, up to a limit for the whole conversation."""

    def __init__(self, file: Any, said: list[int]) -> None:
        self._file, self._said = file, said

    def readline(self, limit: int) -> bytes:
        """As a file's."""
        line: bytes = self._file.readline(limit)
        self._said[0] += len(line)
        if self._said[0] > MOST_SAID:
            raise OSError("endless")
        return line

    def close(self) -> None:
        """As a file's."""
        self._file.close()


class _Conversation(smtplib.SMTP):
    """smtplib's, over a connection to the judged address, with bounded answers."""

    def __init__(self, server: MailServer) -> None:
        # What we call ourselves: the sender's domain tells nobody the name of this machine.
        super().__init__(local_hostname=server.sender.rpartition("@")[2], timeout=SILENCE_S)
        self._server, self._said, self._late = server, [0], False
        self._host = server.host  # whose certificate STARTTLS wants to see
        self._context = tls.context_of(server.authority)

    def begin(self) -> None:
        """Connect, hear the greeting and have the line encrypted."""
        code, said = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            self.starttls(context=self._context)
            self.ehlo()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = doors.connect(host, port, self._server.allowed, timeout, MAIL)
        if self._server.security == "none" and not _is_here(connection):
            connection.close()
            raise Misconfigured(NOT_HERE)
        if self._late:  # finding the server alone took all of the time
            connection.close()
            raise TimeoutError
        if self._server.security == "tls":
            return self._context.wrap_socket(connection, server_hostname=host)
        return connection

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, which would read on and on."""
        if self.file is None:
            assert self.sock is not None
            self.file = _Bounded(self.sock.makefile("rb"), self._said)
        return super().getreply()

    def cut(self) -> None:
        """End a conversation that takes too long, from another thread."""
        self._late = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def leave(self) -> None:
        """Say goodbye where the line still stands; the mail's fate is known by now."""
        if self.sock is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.sock.settimeout(2)
                self.quit()
        self.close()


def _is_here(connection: socket.socket) -> bool:
    address = connection.getpeername()[0]
    return ip_address(address.partition("%")[0]).is_loopback


def _sign_in(smtp: _Conversation, server: MailServer, password: str) -> None:
    if server.user:
        smtp.login(server.user, password)


def _give(
    smtp: _Conversation, sender: str, recipient: str, message: bytes, left: list[bool]
) -> Handed:
    code, said = smtp.mail(sender)
    if code != 250:
        why = f"the mail server does not take mail from {sender}: {_text(code, said)}"
        return Handed(state="away", why=why, status=code)
    code, said = smtp.rcpt(recipient)
    if code in (250, 251):
        left[0] = True
        try:
            code, said = smtp.data(message)
        except smtplib.SMTPDataError as error:  # it does not want to hear the message at all
            left[0] = False
            code, said = error.smtp_code, _bytes(error.smtp_error)
        if code == 250:
            return Handed(state="sent", why=_text(code, said), left=True, status=code)
    state = "away" if code == 421 else "refused" if 500 <= code < 600 else "again"
    why = f"the mail server did not take the mail: {_text(code, said)}"
    return Handed(state=state, why=why, left=left[0], status=code)


def _why(error: Exception) -> str:
    """What went wrong, in words that say what to do."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        told = _text(error.smtp_code, _bytes(error.smtp_error))
        return f"the mail server does not take this user and password: {told}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the mail server's certificate is not trusted ({error.verify_message}); if the clinic"
            " has a certificate authority of its own, paste its certificate in the settings"
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _not_offered(str(error))
    if isinstance(error, smtplib.SMTPServerDisconnected) or str(error) == "endless":
        return "the mail server broke off the conversation"
    if isinstance(error, smtplib.SMTPResponseException):
        told = _text(error.smtp_code, _bytes(error.smtp_error))
        return f"the mail server is not ready: {told}"
    if isinstance(error, OSError):
        return tls.why_no_tls(error, MAIL.who)
    return "the mail server said something this version does not understand"


def _not_offered(said: str) -> str:
    if "STARTTLS" in said:
        return "the mail server offers no encryption (STARTTLS) at this port; try TLS at port 465"
    return "the mail server wants no user and password here; leave both empty"


def _status(error: Exception) -> int:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode(errors="replace")


def _text(code: int, said: bytes) -> str:
    """A server's answer as one short printable line: it comes from outside."""
    line = " ".join(said.decode("utf-8", "replace").split())
    shown = "".join(sign for sign in line if sign.isprintable())[:_SHOWN]
    return f"{code} {shown}".strip()
