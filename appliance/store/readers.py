"""Who gets which notices, where, and since when; and when mail goes out at all.

An address counts only after its owner has typed the code that was mailed to it: a slip of the
finger must not send a clinic's day to a stranger.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import Misconfigured, NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.notices import NOTICES, NoticeRules, Reader
from appliance.store.happenings import newest_id
from appliance.store.mail import read_address
from appliance.store.settings import read_hour

CODE_HOLDS = timedelta(hours=24)
CODE_TRIES = 5
WRONG_CODE = "this is not the code that was mailed; look for the newest mail from the box"
_SELECT = (
    "SELECT u.id, u.name, u.role, u.staff_extension, r.* FROM user u"
    " LEFT JOIN reader r ON r.user_id = u.id WHERE u.disabled = 0"
)


def get_reader(db: Database, user_id: int) -> Reader:
    """Somebody's choices; none where they never chose. Raises NotFound."""
    found = row(db, f"{_SELECT} AND u.id = ?", (user_id,))
    if found is None:
        raise NotFound("there is nobody of this number; they may have left")
    return _reader(found)


def list_readers(db: Database) -> list[Reader]:
    """Everybody who may sign in, by name, with what they chose."""
    return [_reader(r) for r in rows(db, f"{_SELECT} ORDER BY u.name")]


def list_confirmed(db: Database) -> list[Reader]:
    """Those to whom anything may go."""
    found = rows(db, f"{_SELECT} AND r.confirmed_at IS NOT NULL ORDER BY u.id")
    return [_reader(r) for r in found]


def choices_of(role: str) -> tuple[str, ...]:
    """The notices a role may have."""
    return tuple(name for name, roles in NOTICES.items() if role in roles)


def save_choices(db: Database, reader: Reader, address: str, choices: Iterable[str]) -> str:
    """Keep what somebody chose; returns "new" where the address must be confirmed first, else "".

    Raises Misconfigured for an address that is none. An empty one ends all notices.
    """
    wanted = [name for name in choices_of(reader.role) if name in set(choices)]
    address = read_address(address) if address.strip() else ""
    execute(
        db,
        "INSERT INTO reader (user_id, address, choices) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET choices = excluded.choices,"
        " confirmed_at = CASE WHEN address = excluded.address THEN confirmed_at END,"
        " code_hash = CASE WHEN address = excluded.address THEN code_hash ELSE '' END,"
        " address = excluded.address",
        (reader.user_id, address, msgspec.json.encode(wanted).decode()),
    )
    return "new" if address and not get_reader(db, reader.user_id).confirmed else ""


def new_code(db: Database, user_id: int, *, now: datetime) -> str:
    """A code of six digits for somebody's address; the ones before do not count any more."""
    code = f"{secrets.randbelow(10**6):06}"
    execute(
        db,
        "UPDATE reader SET code_hash = ?, code_at = ?, code_tries = 0 WHERE user_id = ?",
        (_hash(user_id, code), to_ms(now), user_id),
    )
    return code


def try_code(db: Database, user_id: int, code: str, *, now: datetime) -> bool:
    """Whether the code fits: then the address counts. Each try is counted, so call it in writing.

    From here on news are told, not what happened before.
    """
    found = row(db, "SELECT * FROM reader WHERE user_id = ? AND code_hash <> ''", (user_id,))
    if found is None or found["code_tries"] >= CODE_TRIES:
        return False
    execute(db, "UPDATE reader SET code_tries = code_tries + 1 WHERE user_id = ?", (user_id,))
    digits = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    fits = hmac.compare_digest(_hash(user_id, digits), found["code_hash"])
    if not fits or to_ms(now - CODE_HOLDS) > found["code_at"]:
        return False
    execute(
        db,
        "UPDATE reader SET confirmed_at = ?, code_hash = '', alerted = ? WHERE user_id = ?",
        (to_ms(now), newest_id(db), user_id),
    )
    return True


def _hash(user_id: int, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{code}".encode()).hexdigest()


def note_sent(db: Database, user_id: int, notice: str, moment: datetime) -> None:
    """The notice of this moment was made (or had nothing to tell); it is not made again."""
    execute(
        db,
        "UPDATE reader SET sent_for = json_set(sent_for, ?, ?) WHERE user_id = ?",
        (f"$.{notice}", to_ms(moment), user_id),
    )


def note_alerted(db: Database, user_id: int, happening: int) -> None:
    """Somebody was told of everything up to this happening."""
    execute(
        db,
        "UPDATE reader SET alerted = ? WHERE user_id = ? AND alerted < ?",
        (happening, user_id, happening),
    )


def get_rules(db: Database) -> NoticeRules:
    """When mail goes out."""
    text = value(db, "SELECT value FROM setting WHERE name = 'notices'")
    return msgspec.json.decode(text, type=NoticeRules) if text else NoticeRules()


def save_rules(db: Database, rules: NoticeRules) -> None:
    """Put other times in force. Raises Misconfigured."""
    check_rules(rules)
    text = msgspec.json.encode(rules).decode()
    execute(db, "INSERT OR REPLACE INTO setting VALUES ('notices', ?)", (text,))


def check_rules(rules: NoticeRules) -> None:
    """Raises Misconfigured for what is no time of day."""
    times = (*rules.brief.values(), *rules.desk.values(), rules.digest, rules.weekly)
    days: Mapping[str, str] = rules.brief | rules.desk
    if not all(read_hour(time) for time in times) or not days.keys() <= set("0123456"):
        raise Misconfigured("write times of day like 07:30")
    if rules.weekly_day not in set("0123456"):
        raise Misconfigured("choose the day of the weekly report")
    if not 1 <= rules.alerts_per_hour <= 60:
        raise Misconfigured("allow between 1 and 60 alerts an hour")


def check_address_set(reader: Reader) -> None:
    """Raises Refused where there is no address to mail a code to."""
    if not reader.address:
        raise Refused("enter your mail address first")


def _reader(found: Row) -> Reader:
    sent_for = msgspec.json.decode(found["sent_for"] or "{}", type=dict[str, int])
    return Reader(
        user_id=found["id"],
        name=found["name"],
        role=found["role"],
        extension=found["staff_extension"],
        address=found["address"] or "",
        choices=tuple(
            name
            for name in msgspec.json.decode(found["choices"] or "[]", type=tuple[str, ...])
            if name in choices_of(found["role"])  # the role may have changed since
        ),
        confirmed=found["confirmed_at"] is not None,
        pending=bool(found["code_hash"]),
        sent_for={name: from_ms(at) for name, at in sent_for.items()},
        alerted=found["alerted"] or 0,
    )
