"""People who sign in, their sessions, and the brake on guessing passwords."""

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

import argon2

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import Fact, to_ms
from appliance.facts.codes import ROLES

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SHORTEST_PASSWORD = 15
FREE_TRIES = 5
TRY_WINDOW = timedelta(minutes=15)

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)


class User(Fact, frozen=True, kw_only=True):
    """Somebody who may sign in; front desk people see the calls of their extension."""

    id: int
    name: str
    role: str
    staff_extension: str = ""
    disabled: bool = False


class Session(Fact, frozen=True, kw_only=True):
    """A signed-in browser; ``csrf`` is the token its forms must carry."""

    user: User
    csrf: str
    id_hash: str


def add_user(
    db: Database, name: str, role: str, password: str, *, now: datetime, staff_extension: str = ""
) -> User:
    """Add a person; raises Refused for a short password, an unknown role or a taken name."""
    if role not in ROLES:
        raise Refused(f"the role must be one of {', '.join(ROLES)}")
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"the password must have at least {SHORTEST_PASSWORD} characters")
    if value(db, "SELECT count(*) FROM user WHERE name = ?", (name,)):
        raise Refused("there is already somebody of this name")
    found = row(
        db,
        "INSERT INTO user (name, role, staff_extension, password_hash, created_at)"
        " VALUES (?, ?, ?, ?, ?) RETURNING *",
        (name, role, staff_extension, _hasher.hash(password), to_ms(now)),
    )
    assert found is not None
    return _user(found)


def check_password(db: Database, name: str, password: str) -> User:
    """The person, when the password fits; raises Refused with the same words for every reason.

    Takes the same time for unknown names. Belongs outside ``writing()``: hashing is slow.
    """
    found = row(db, "SELECT * FROM user WHERE name = ?", (name,))
    with suppress(argon2.exceptions.VerificationError):  # refused below, in the same words
        _hasher.verify(found["password_hash"] if found else _decoy(), password)
        if found and not found["disabled"]:
            return _user(found)
    raise Refused("the name or the password is not right")


_decoys: list[str] = []


def _decoy() -> str:
    if not _decoys:
        _decoys.append(_hasher.hash(secrets.token_hex()))
    return _decoys[0]


def must_wait(db: Database, who: str, *, now: datetime) -> bool:
    """Whether this name or address failed too often lately to be let try again."""
    since = to_ms(now - TRY_WINDOW)
    failed = value(
        db, "SELECT count(*) FROM sign_in_failure WHERE who = ? AND failed_at > ?", (who, since)
    )
    return int(failed) >= FREE_TRIES


def note_failure(db: Database, who: str, *, now: datetime) -> None:
    """Remember a failed sign-in of a name or an address; old ones are forgotten."""
    execute(db, "DELETE FROM sign_in_failure WHERE failed_at <= ?", (to_ms(now - TRY_WINDOW),))
    execute(db, "INSERT INTO sign_in_failure VALUES (?, ?)", (who, to_ms(now)))


def open_session(db: Database, user: User, address: str, *, now: datetime) -> tuple[str, str]:
    """Start a session; returns (cookie value, CSRF token). Only a hash of the cookie is kept."""
    session_id, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    execute(
        db,
        "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)",
        (_digest(session_id), user.id, csrf, address, to_ms(now), to_ms(now)),
    )
    return session_id, csrf


def find_session(db: Database, session_id: str, *, now: datetime) -> Session | None:
    """The session of a cookie if it is alive: seen in 30 minutes, opened within 12 hours."""
    found = row(
        db,
        "SELECT s.id_hash, s.csrf, u.* FROM session s JOIN user u ON u.id = s.user_id"
        " WHERE s.id_hash = ? AND s.seen_at > ? AND s.created_at > ? AND u.disabled = 0",
        (_digest(session_id), to_ms(now - IDLE), to_ms(now - ABSOLUTE)),
    )
    if found is None:
        return None
    return Session(user=_user(found), csrf=found["csrf"], id_hash=found["id_hash"])


def touch_session(db: Database, session: Session, *, now: datetime) -> None:
    """Note that the session is in use."""
    execute(db, "UPDATE session SET seen_at = ? WHERE id_hash = ?", (to_ms(now), session.id_hash))


def close_session(db: Database, session_id: str) -> None:
    """End a session."""
    execute(db, "DELETE FROM session WHERE id_hash = ?", (_digest(session_id),))


def list_users(db: Database) -> list[User]:
    """Everybody, by name."""
    return [_user(r) for r in rows(db, "SELECT * FROM user ORDER BY name")]


def get_user(db: Database, name: str) -> User:
    """One person by name; raises NotFound."""
    found = row(db, "SELECT * FROM user WHERE name = ?", (name,))
    if found is None:
        raise NotFound("there is nobody of this name")
    return _user(found)


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def _user(found: Row) -> User:
    return User(
        id=found["id"],
        name=found["name"],
        role=found["role"],
        staff_extension=found["staff_extension"],
        disabled=bool(found["disabled"]),
    )
