"""Who may deliver into the drop: one account for each phone system that has a drop place.

The accounts are the phone systems themselves, read anew at every sign-in: a new one works at once,
a removed one no more. A paused one may go on delivering, so that nothing is lost meanwhile.
"""

import hmac
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from appliance import phones
from appliance.config import Config
from appliance.db import Database, rows, writing
from appliance.drop_jail import MARKER
from appliance.errors import PetsvetError, Refused
from appliance.facts import Fact
from appliance.keys import Keys
from appliance.logs import get_log
from appliance.store import audit, users
from appliance.store.connectors import ConnectorRow, list_connectors
from appliance.store.drop_users import drop_place_of
from appliance.tools import Tools
from connectors.mount import locate
from connectors.places import secrets_for

log = get_log(__name__)

FOLDER = "drop"
BESIDE = (".xml", ".json", ".txt", ".csv", ".part", ".filepart", ".tmp")  # no recordings
QUIET = timedelta(hours=1)  # one row of the audit log for each account and address in this time
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


class Account(Fact, frozen=True, kw_only=True):
    """An account of the drop. ``proof`` is a MAC of its password, b"" where there is none.

    ``key`` is an authorized public key in OpenSSH's form; ``path`` the folder that is read.
    """

    user: str
    connector: str
    proof: bytes
    key: str = ""
    path: str = ""


def folder_of(data: Path, user: str) -> Path:
    """Where the files of an account lie. Raises Refused for a name that is none."""
    if not _USER.fullmatch(user):
        raise Refused("the user of a drop folder is letters, digits, point, dash and underscore")
    return data / FOLDER / user


def account_of(config: Config, row: ConnectorRow) -> dict[str, str]:
    """What somebody must enter at a phone system that delivers to us; ftp_port "" where it is off."""
    _, place = drop_place_of(row.settings) or ("", {})
    return {
        "user": str(place.get("user", "")),
        "path": str(place.get("path", "")).strip("/"),
        "port": str(config.drop.port),
        "ftp_port": str(config.drop.ftp_port) if config.drop.ftp else "",
    }


def count_deliveries(db: Database, data: Path, row: ConnectorRow) -> int:
    """How many files lie in the drop of a phone system that no call was made of yet."""
    _, place = drop_place_of(row.settings) or ("", {})
    user = str(place.get("user", ""))
    if not _USER.fullmatch(user):
        return 0
    sql = "SELECT r.locator FROM recording r JOIN call c ON c.id = r.call_id WHERE c.connector = ?"
    known = {r["locator"] for r in rows(db, sql, (row.name,))}
    folder = folder_of(data, user) / str(place.get("path", "")).strip("/")
    files = (
        Path(at, name).relative_to(folder) for at, _, names in os.walk(folder) for name in names
    )
    return sum(
        file.name != MARKER
        and file.suffix.lower() not in BESIDE
        and locate(*file.parts) not in known
        for file in files
    )


def list_accounts(db: Database, keys: Keys) -> dict[str, Account]:
    """All accounts by name; of two phone systems with the same one, the older has it."""
    found: dict[str, Account] = {}
    for row in list_connectors(db):
        field, place = drop_place_of(row.settings) or ("", {})
        user = str(place.get("user", ""))
        if not _USER.fullmatch(user) or user in found:
            continue
        try:
            secrets = secrets_for(field, phones.read_secrets(db, keys, row.id))
            password = secrets.get("place_password", "")
        except PetsvetError as error:
            log.warning("the password of a drop account cannot be read", error=error)
            password = ""
        found[user] = Account(
            user=user,
            connector=row.name,
            proof=_proof(keys, password) if password else b"",
            key=str(place.get("key", "")),
            path=str(place.get("path", "")),
        )
    return found


def _proof(keys: Keys, password: str) -> bytes:
    return hmac.digest(keys.connectors, b"drop|" + password.encode("utf-8", "replace"), "sha256")


def check_password(tools: Tools, user: str, password: str, address: str) -> Account:
    """The account, when the password is right. Raises Refused, in the same words for all reasons.

    Five wrong ones from an address, and it has to wait.
    """
    db = tools.open_db()
    try:
        who = f"{FOLDER} {address}"
        if users.must_wait(db, who, now=tools.now()):
            raise Refused("too many wrong passwords; wait some minutes")
        account = list_accounts(db, tools.keys).get(user)
        known = account.proof if account and account.proof else bytes(32)
        right = hmac.compare_digest(known, _proof(tools.keys, password))
        if account is not None and account.proof and right:
            return account
        with writing(db):
            _note_failure(db, account, who, address, tools.now())
        raise Refused("the name or the password is not right")
    finally:
        db.close()


def _note_failure(
    db: Database, account: Account | None, who: str, address: str, now: datetime
) -> None:
    users.note_failure(db, who, now=now)
    paused = users.must_wait(db, who, now=now)
    audit.record(
        db,
        account.user if account else "unknown",
        "system",
        "drop_sign_in_failed",
        account.connector if account else "",
        now=now,
        detail={"address": address} | ({"paused": "yes"} if paused else {}),
    )


def must_wait(tools: Tools, address: str) -> bool:
    """Whether this address failed too often lately to be let try again."""
    db = tools.open_db()
    try:
        return users.must_wait(db, f"{FOLDER} {address}", now=tools.now())
    finally:
        db.close()


def find_account(tools: Tools, user: str) -> Account | None:
    """The account of this name as it is now."""
    db = tools.open_db()
    try:
        return list_accounts(db, tools.keys).get(user)
    finally:
        db.close()


class Visits:
    """Notes sign-ins in the audit log: a phone system that signs in for every file only hourly."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], datetime] = {}

    def note(self, tools: Tools, account: Account, address: str, how: str) -> None:
        """One successful sign-in."""
        now, key = tools.now(), (account.user, address)
        last = self._last.get(key)
        if last is not None and last <= now < last + QUIET:
            return
        db = tools.open_db()
        try:
            with writing(db):
                detail = {"address": address, "how": how}
                audit.record(
                    db, account.user, "system", "drop_sign_in", account.connector, now=now,
                    detail=detail,
                )  # fmt: skip
        finally:
            db.close()
        self._last[key] = now
