"""Send mail: hand the mail that is due to the clinic's mail server, one at a time."""

import hashlib
import random
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from appliance import queue
from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.notices import Egress, Handed, Letter, Mail, MailServer
from appliance.logs import get_log
from appliance.reading.letters import one_line
from appliance.store import audit, egress, mail
from appliance.store.settings import get_settings
from appliance.tools import Tools
from connectors.smtp import hand_over

log = get_log(__name__)

LANE = "courier"
FIRST_WAIT = timedelta(minutes=1)
PATIENCE = timedelta(minutes=5)  # longer than any conversation with a server takes
_POLICY: Final = SMTP.clone(cte_type="7bit", raise_on_defect=True)
UNEXPECTED = "this mail could not be written ({}); the log tells where"


class Tried(Fact, frozen=True, kw_only=True):
    """One mail and what became of handing it over."""

    mail: Mail
    handed: Handed
    server: str
    allowed_by: str
    bytes: int
    sha256: str


def is_due(db: Database, now: datetime) -> bool:
    """Whether there is a mail to hand over, and the clinic wants mail to leave."""
    return mail.may_send(db) and mail.next_mail(db, now) is not None


def work(db: Database, tools: Tools, subject: int) -> Tried | None:
    """Hand over one mail; ``subject`` is its number, 0 for the one that has been due longest."""
    server = mail.get_server(db)
    known = mail.get_mail(db, subject) if subject else mail.next_mail(db, tools.now())
    if server is None or not server.enabled or known is None or known.state != "waiting":
        return None
    password = mail.read_password(db, tools.keys.connectors)
    return _try(server, password, known, get_settings(db).clinic_name)


def _try(server: MailServer, password: str, known: Mail, clinic: str) -> Tried:
    message = b""
    try:
        message = make_message(server, known, clinic)
    except Exception as error:  # noqa: BLE001  (one mail must not stop those behind it)
        log.error("a mail could not be written", mail=known.id, error=error)
        handed = Handed(state="refused", why=UNEXPECTED.format(type(error).__name__))
    else:
        handed = hand_over(server, password, known.recipient, message)
    return Tried(
        mail=known,
        handed=handed,
        server=f"{server.host}:{server.port}",
        allowed_by=server.set_by,
        bytes=len(message),
        sha256=hashlib.sha256(message).hexdigest(),
    )


def make_message(server: MailServer, known: Mail, clinic: str) -> bytes:
    """The mail as it goes out; the same bytes however often it is made."""
    letter = known.letter
    assert letter is not None
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(one_line(clinic) or "PetsVet", addr_spec=server.sender)
    message["To"] = Address(addr_spec=known.recipient)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = known.created_at
    message["Message-ID"] = known.message_id
    message["Auto-Submitted"] = "auto-generated"  # asks for no answer from the holidays
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    _attach(message, letter)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{known.message_id[1:33]}_{number}")
    return message.as_bytes()


def _attach(message: EmailMessage, letter: Letter) -> None:
    if letter.attachment:
        name, content = letter.attachment
        message.add_attachment(
            content, maintype="application", subtype="pdf", filename=one_line(name)
        )


def save(db: Database, tried: Tried | None, now: datetime) -> bool:
    """Note what became of it, and go on with the next."""
    if tried is None:
        return True
    state = mail.settle_mail(db, tried.mail, tried.handed, _wait(tried.mail.attempts), now=now)
    ref = f"mail {tried.mail.id}"
    if tried.handed.left:
        egress.note_egress(db, _gone(tried, ref, now))
    if state != "waiting":
        action = "send_mail" if state == "sent" else "park_mail"
        detail = {"kind": tried.mail.kind}
        audit.record(db, "courier", "system", action, ref, now=now, detail=detail)
    if mail.next_mail(db, now) is not None:
        queue.enqueue(db, "send_mail", 0, LANE, now=now)
    return True


def _gone(tried: Tried, ref: str, now: datetime) -> Egress:
    return Egress(
        at=now,
        kind="mail",
        destination=f"{tried.mail.recipient} by {tried.server}",
        reason=tried.mail.kind,
        allowed_by=tried.allowed_by,
        bytes=tried.bytes,
        sha256=tried.sha256,
        subject=ref,
    )


def _wait(attempts: int) -> timedelta:
    """Twice as long after each try, up to two hours; a little by chance, so that queues part."""
    longer: timedelta = FIRST_WAIT * 2 ** min(attempts, 8)
    return min(longer, mail.LONGEST_WAIT) * random.uniform(0.8, 1.2)
