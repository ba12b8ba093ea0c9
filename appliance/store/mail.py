"""The clinic's mail server, and the queue of mails on their way to it.

A mail's id, moment and words never change, so a mail that is handed over twice (the box stopped
between the server's yes and our note of it) is the same mail to whoever gets it.
"""

import re
import secrets
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import Misconfigured, NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.notices import SECURITIES, Handed, Letter, Mail, MailServer
from appliance.store.sealed import open_text, seal_text

GIVE_UP = timedelta(days=3)
LONGEST_WAIT = timedelta(hours=2)
KEPT = timedelta(days=90)
_PURPOSE = "mail server"
_WITHOUT_LETTER = (
    "id, recipient, kind, message_id, state, attempts, next_at, created_at, give_up_at, error,"
    " sent_at"
)
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?<!-))(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?<!-))?)*"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_DOMAIN}", re.ASCII)
NO_ADDRESS = "this is no mail address; write it like maria@clinic.example"


def read_address(text: str) -> str:
    """A mail address as it was typed. Raises Misconfigured when it is none that can be mailed to."""
    address = text.strip()
    if len(address) > 254 or not _ADDRESS.fullmatch(address) or ".." in address:
        raise Misconfigured(NO_ADDRESS)
    return address


def get_server(db: Database) -> MailServer | None:
    """The clinic's mail server, None before it is set up."""
    text = value(db, "SELECT value FROM setting WHERE name = 'mail'")
    return msgspec.json.decode(text, type=MailServer) if text else None


def may_send(db: Database) -> bool:
    """Whether the clinic wants mail to leave the box."""
    server = get_server(db)
    return server is not None and server.enabled


def save_server(db: Database, key: bytes, server: MailServer, password: str | None = None) -> None:
    """Put a mail server in force; ``password`` None keeps the one that is there.

    A password is kept only for the host it was entered for. Raises Misconfigured.
    """
    check_server(server)
    known = get_server(db)
    if password is None and known and (known.host, known.user) != (server.host, server.user):
        password = ""
    _put(db, "mail", msgspec.json.encode(server).decode())
    if password is not None:
        _put(db, "mail.password", seal_text(key, _PURPOSE, password).hex() if password else "")


def check_server(server: MailServer) -> None:
    """Raises Misconfigured with what is wrong with the settings of a mail server."""
    if not server.host or not server.host.isprintable() or len(server.host) > 253:
        raise Misconfigured("enter the name or address of the mail server")
    if server.security not in SECURITIES:
        raise Misconfigured("choose how the connection is encrypted")
    if not 0 < server.port < 65536:
        raise Misconfigured("enter a port from 1 to 65535; 587 is usual for STARTTLS, 465 for TLS")
    read_address(server.sender)


def read_password(db: Database, key: bytes) -> str:
    """The password of the mail server, "" where there is none. Raises Tampered."""
    sealed = value(db, "SELECT value FROM setting WHERE name = 'mail.password'") or ""
    return open_text(key, _PURPOSE, bytes.fromhex(sealed))


def has_password(db: Database) -> bool:
    """Whether one was entered."""
    return bool(value(db, "SELECT value FROM setting WHERE name = 'mail.password'"))


def _put(db: Database, name: str, text: str) -> None:
    execute(db, "INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, text))


def put_mail(
    db: Database,
    kind: str,
    recipient: str,
    letter: Letter,
    *,
    now: datetime,
    user_id: int | None = None,
    not_before: datetime | None = None,
) -> int:
    """Queue a mail and return its number; belongs inside ``writing()``."""
    server = get_server(db)
    domain = server.sender.rpartition("@")[2] if server else "localhost"
    name, content = letter.attachment or ("", None)
    return int(
        value(
            db,
            "INSERT INTO mail (user_id, kind, recipient, message_id, subject, text, html,"
            " attachment_name, attachment, state, next_at, created_at, give_up_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?) RETURNING id",
            (
                user_id, kind, read_address(recipient), f"<{secrets.token_hex(16)}@{domain}>",
                letter.subject, letter.text, letter.html, name, content,
                to_ms(not_before or now), to_ms(now), to_ms(now + GIVE_UP),
            ),
        )
    )  # fmt: skip


def next_mail(db: Database, now: datetime) -> Mail | None:
    """The mail that has been due for the longest, None where none is due."""
    found = row(
        db,
        "SELECT * FROM mail WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1",
        (to_ms(now),),
    )
    return _mail(found) if found else None


def get_mail(db: Database, mail_id: int) -> Mail:
    """One mail with its letter. Raises NotFound."""
    found = row(db, "SELECT * FROM mail WHERE id = ?", (mail_id,))
    if found is None:
        raise NotFound("there is no such mail; old ones are forgotten after a while")
    return _mail(found)


def settle_mail(db: Database, mail: Mail, handed: Handed, wait: timedelta, *, now: datetime) -> str:
    """Note what became of a try and return the mail's new state; belongs inside ``writing()``.

    Where the server is away nothing else that is due is tried before ``wait`` is over either.
    """
    state = _state_after(mail, handed, now)
    execute(
        db,
        "UPDATE mail SET state = ?, attempts = attempts + 1, error = ?, next_at = ?, sent_at = ?"
        " WHERE id = ? AND state = 'waiting'",
        (
            state, "" if state == "sent" else handed.why, to_ms(now + wait),
            to_ms(now) if state == "sent" else None, mail.id,
        ),
    )  # fmt: skip
    if handed.state == "away":
        execute(
            db,
            "UPDATE mail SET next_at = ?, error = ? WHERE state = 'waiting' AND next_at <= ?",
            (to_ms(now + wait), handed.why, to_ms(now)),
        )
    if state == "sent":
        _forget_letter(db, "id = ?", mail.id)
    return state


def _state_after(mail: Mail, handed: Handed, now: datetime) -> str:
    if handed.state == "sent":
        return "sent"
    late = now >= mail.give_up_at
    return "parked" if handed.state == "refused" or late or mail.kind == "test" else "waiting"


def _forget_letter(db: Database, where: str, which: int) -> None:
    execute(
        db,
        f"UPDATE mail SET subject = '', text = '', html = '', attachment = NULL WHERE {where}",
        (which,),
    )


def retry_mail(db: Database, mail_id: int, *, now: datetime) -> None:
    """Try a parked mail again, for another three days. Raises NotFound when it is not parked."""
    _move(db, mail_id, "waiting", f"next_at = {to_ms(now)}, give_up_at = {to_ms(now + GIVE_UP)}")


def drop_mail(db: Database, mail_id: int) -> None:
    """Give a parked mail up. Raises NotFound when it is not parked."""
    _move(db, mail_id, "dropped", "next_at = next_at")
    _forget_letter(db, "id = ?", mail_id)


def _move(db: Database, mail_id: int, state: str, also: str) -> None:
    changed = execute(
        db,
        f"UPDATE mail SET state = ?, {also} WHERE id = ? AND state = 'parked' AND text <> ''",
        (state, mail_id),
    )
    if not changed:
        raise NotFound("there is no parked mail of this number; it may have been retried already")


def list_mail(db: Database, states: tuple[str, ...], limit: int = 50) -> list[Mail]:
    """The newest mails in these states, without their letters."""
    marks = ", ".join("?" for _ in states)
    found = rows(
        db,
        f"SELECT {_WITHOUT_LETTER} FROM mail WHERE state IN ({marks}) ORDER BY id DESC LIMIT ?",
        (*states, limit),
    )
    return [_mail(r) for r in found]


def count_mail(db: Database, user_id: int, kinds: tuple[str, ...], since: datetime) -> int:
    """How many mails of these kinds were made for somebody since a moment."""
    marks = ", ".join("?" for _ in kinds)
    return int(
        value(
            db,
            f"SELECT count(*) FROM mail WHERE user_id = ? AND kind IN ({marks}) AND created_at > ?",
            (user_id, *kinds, to_ms(since)),
        )
    )


def last_test(db: Database) -> Mail | None:
    """The newest test mail."""
    found = row(db, "SELECT * FROM mail WHERE kind = 'test' ORDER BY id DESC LIMIT 1")
    return _mail(found) if found else None


def prune_mail(db: Database, *, now: datetime) -> None:
    """Forget mails that are long done."""
    execute(
        db,
        "DELETE FROM mail WHERE created_at < ? AND state <> 'waiting'",
        (to_ms(now - KEPT),),
    )


def _mail(found: Row) -> Mail:
    fields = ("id", "recipient", "kind", "message_id", "state", "attempts", "error")
    return Mail(
        next_at=from_ms(found["next_at"]),
        created_at=from_ms(found["created_at"]),
        give_up_at=from_ms(found["give_up_at"]),
        sent_at=None if found["sent_at"] is None else from_ms(found["sent_at"]),
        letter=_letter(found),
        **{field: found[field] for field in fields},
    )


def _letter(found: Row) -> Letter | None:
    if not found.get("text"):
        return None
    content = found["attachment"]
    return Letter(
        subject=found["subject"],
        text=found["text"],
        html=found["html"],
        attachment=None if content is None else (found["attachment_name"], bytes(content)),
    )
