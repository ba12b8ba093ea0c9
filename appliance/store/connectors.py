"""The clinic's phone systems as rows: kind, settings, and how far each was read.

Secrets lie beside the settings, sealed under the box's key for connectors and bound to the number
of their phone system; nothing here hands them out but ``read_secrets``.
"""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused, Tampered
from appliance.facts import Fact, from_ms, to_ms
from appliance.facts.phones import Address, Backfill, Probed, Rule
from appliance.store import refusals
from appliance.store.drop_users import check_drop_user, drop_user_of

_NONCE = 12
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
LIVE = "enabled = 1 AND draft = 0"
IMPORT = "import:"  # a folder that was taken once, kept so that its recordings can be opened


class ConnectorRow(Fact, frozen=True, kw_only=True):
    """One phone system; ``checkpoint`` is opaque to everyone but its connector.

    ``draft``: the wizard's; it is tested but never polled. ``secrets_set``: when each secret was
    entered, by its name. ``left_out`` counts calls that a rule kept away. ``failing_since`` is
    None while it can be read. ``addresses`` is where the names in its settings led when they were
    looked up last. ``paused_after`` is the last record that was pushed before it was paused.
    """

    id: int
    name: str
    kind: str
    settings: dict[str, Any]
    checkpoint: dict[str, Any]
    enabled: bool
    problem: str
    seen_at: datetime | None
    created_at: datetime
    draft: bool = False
    failing_since: datetime | None = None
    secrets_set: dict[str, datetime] = {}
    allowed: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    tested: Probed | None = None
    tested_at: datetime | None = None
    addresses: tuple[Address, ...] = ()
    backfill: Backfill | None = None
    left_out: int = 0
    paused_after: int = 0

    @property
    def live(self) -> bool:
        """Whether it is polled."""
        return self.enabled and not self.draft

    @property
    def delivers(self) -> bool:
        """Whether it puts its recordings into our drop."""
        return bool(drop_user_of(self.settings))


def add_connector(
    db: Database,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    *,
    now: datetime,
    draft: bool = False,
) -> int:
    """Add a phone system and return its number; an existing name keeps number and checkpoint.

    Of another kind, it starts reading anew. Raises Refused for a name that is none, for the name
    of a phone system that was removed: its calls bear it, and another's would mix with them, and
    for the drop user of another one: each would take the other's recordings for its own.
    """
    if not name.startswith(IMPORT):
        _check_name(db, name)
    check_drop_user(db, settings, name)
    number = int(
        value(
            db,
            "INSERT INTO connector (name, kind, settings, drop_user, draft, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, enabled = 1,"
            " checkpoint = CASE WHEN kind = excluded.kind THEN checkpoint ELSE '{}' END,"
            " drop_user = excluded.drop_user,"
            " kind = excluded.kind, draft = min(draft, excluded.draft) RETURNING id",
            (name, kind, _text(dict(settings)), drop_user_of(settings), int(draft), to_ms(now)),
        )
    )
    refusals.settle(db, number)
    return number


def _check_name(db: Database, name: str) -> None:
    if not _NAME.fullmatch(name) or name != name.strip():
        raise Refused("give the phone system a name of one to sixty characters")
    if row(db, "SELECT 1 FROM connector WHERE name = ?", (name,)):
        return
    if row(db, "SELECT 1 FROM call WHERE connector = ? LIMIT 1", (name,)):
        raise Refused("calls of a phone system that was removed bear this name; choose another one")


def get_connector(db: Database, connector_id: int) -> ConnectorRow:
    """One phone system by its number; raises NotFound."""
    return _one(db, "id = ?", connector_id)


def get_connector_by_name(db: Database, name: str) -> ConnectorRow:
    """One phone system by its name; raises NotFound."""
    return _one(db, "name = ?", name)


def _one(db: Database, where: str, which: int | str) -> ConnectorRow:
    found = row(db, f"SELECT * FROM connector WHERE {where}", (which,))
    if found is None:
        raise NotFound("there is no such phone system; it may have been removed")
    return _connector(found)


def list_connectors(db: Database) -> list[ConnectorRow]:
    """All phone systems, oldest first."""
    return [_connector(r) for r in rows(db, "SELECT * FROM connector ORDER BY id")]


def list_live(db: Database) -> list[tuple[int, bool]]:
    """The number of every phone system that is polled, and whether a backfill of it runs."""
    found = rows(db, f"SELECT id, backfill FROM connector WHERE {LIVE} ORDER BY id")
    return [(r["id"], _is_busy(r["backfill"])) for r in found]


def _is_busy(text: str) -> bool:
    return bool(text) and _backfill(text).state in ("looking", "running")


def save_settings(
    db: Database, connector_id: int, settings: Mapping[str, Any], *, name: str = ""
) -> None:
    """Put other settings in force; a draft may be renamed, for no call bears its name yet.

    Raises Refused for a name that cannot be given, and for the drop user of another one.
    """
    known = get_connector(db, connector_id)
    check_drop_user(db, settings, known.name)
    _set(db, connector_id, settings=_text(dict(settings)), drop_user=drop_user_of(settings))
    refusals.settle(db, connector_id)
    if not name or name == known.name:
        return
    if not known.draft or row(db, "SELECT 1 FROM connector WHERE name = ?", (name,)):
        raise Refused("this phone system cannot take that name; choose another one")
    _check_name(db, name)
    execute(db, "UPDATE connector SET name = ? WHERE id = ?", (name, connector_id))


def activate(db: Database, connector_id: int) -> None:
    """Make a draft live: from the next tick on it is polled."""
    _set(db, connector_id, draft=0, enabled=1)


def pause(db: Database, connector_id: int) -> None:
    """Stop reading; everything is kept, and nothing is lost when it goes on in time.

    What it sends by itself cannot be asked for again, so that is taken in and waits; see
    ``pushed.count_since_pause``.
    """
    execute(
        db,
        "UPDATE connector SET enabled = 0, failing_since = NULL, paused_after ="
        " (SELECT COALESCE(max(id), 0) FROM pushed WHERE connector_id = ?1)"
        " WHERE id = ?1 AND enabled = 1",
        (connector_id,),
    )


def resume(db: Database, connector_id: int) -> None:
    """Poll again from where it stopped."""
    _set(db, connector_id, enabled=1)


def remove_connector(db: Database, connector_id: int) -> None:
    """Forget a phone system with its secrets and what waits for it; its calls stay.

    To stop for a while, ``pause``: the name of a removed one is not given away again.
    """
    get_connector(db, connector_id)
    kinds = "'discover', 'look_up', 'probe', 'backfill', 'watch_phones'"
    execute(
        db,
        f"DELETE FROM job WHERE subject = ? AND state <> 'done' AND kind IN ({kinds})",
        (connector_id,),
    )
    execute(db, "DELETE FROM connector WHERE id = ?", (connector_id,))


def save_checkpoint(
    db: Database, connector_id: int, checkpoint: dict[str, Any], *, problem: str, now: datetime
) -> None:
    """Note how far a phone system was read, and what is wrong with it ("" for nothing)."""
    _set(
        db,
        connector_id,
        checkpoint=_text(checkpoint),
        problem=problem,
        seen_at=to_ms(now),
        failing_since=None,
    )


def save_problem(
    db: Database, connector_id: int, problem: str, *, now: datetime | None = None
) -> None:
    """Note why a phone system could not be read, and since when; its checkpoint stays."""
    _set(db, connector_id, problem=problem)
    if now is not None:
        execute(
            db,
            "UPDATE connector SET failing_since = COALESCE(failing_since, ?) WHERE id = ?",
            (to_ms(now), connector_id),
        )


def save_rules(db: Database, connector_id: int, rules: Sequence[Rule]) -> None:
    """Put other rules in force for calls that come from now on; see ``reading.rules`` to check."""
    _set(db, connector_id, rules=_text(list(rules)))


def save_allowed(db: Database, connector_id: int, allowed: Sequence[str]) -> None:
    """Let the box talk to these addresses and networks for this phone system, and no others."""
    _set(db, connector_id, allowed=_text(list(allowed)))
    refusals.settle(db, connector_id)


def save_tested(db: Database, connector_id: int, tested: Probed, *, now: datetime) -> None:
    """Keep what the last test showed."""
    _set(db, connector_id, tested=_text(tested), tested_at=to_ms(now))


def save_addresses(db: Database, connector_id: int, addresses: Sequence[Address]) -> None:
    """Keep where the names in the settings led."""
    _set(db, connector_id, addresses=_text(list(addresses)))


def save_backfill(db: Database, connector_id: int, backfill: Backfill | None) -> None:
    """Keep how far the fetching of earlier calls is; None: nothing was asked."""
    _set(db, connector_id, backfill=_text(backfill) if backfill else "")


def save_secrets(
    db: Database, key: bytes, connector_id: int, secrets: Mapping[str, str], *, now: datetime
) -> None:
    """Seal secrets beside those that are there; an empty one is forgotten.

    ``key`` is ``keys.connectors``.
    """
    known = read_secrets(db, key, connector_id)
    merged = {n: s for n, s in (known | dict(secrets)).items() if s}
    dates = get_connector(db, connector_id).secrets_set | dict.fromkeys(secrets, now)
    _set(
        db,
        connector_id,
        secrets=_seal(key, connector_id, merged) if merged else b"",
        secrets_set=_text({n: to_ms(at) for n, at in dates.items() if n in merged}),
    )


def read_secrets(db: Database, key: bytes, connector_id: int) -> dict[str, str]:
    """The secrets of a phone system by name. Raises Tampered when they are not what was sealed."""
    found = row(db, "SELECT secrets FROM connector WHERE id = ?", (connector_id,))
    if found is None:
        raise NotFound("there is no such phone system; it may have been removed")
    blob = bytes(found["secrets"])
    if not blob:
        return {}
    try:
        plain = AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], _bound_to(connector_id))
    except InvalidTag:
        raise Tampered("the passwords of a phone system were changed; enter them again") from None
    return msgspec.json.decode(plain, type=dict[str, str])


def _seal(key: bytes, connector_id: int, secrets: dict[str, str]) -> bytes:
    nonce = os.urandom(_NONCE)
    plain = msgspec.json.encode(secrets)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(connector_id))


def _bound_to(connector_id: int) -> bytes:
    return b"petsvet/connector/%d" % connector_id


def _set(db: Database, connector_id: int, **changes: str | int | bytes | None) -> None:
    assignments = ", ".join(f"{name} = ?" for name in changes)
    execute(
        db, f"UPDATE connector SET {assignments} WHERE id = ?", (*changes.values(), connector_id)
    )


def _text(content: Any) -> str:
    return msgspec.json.encode(content).decode()


def _backfill(text: str) -> Backfill:
    return msgspec.json.decode(text, type=Backfill)


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def _connector(found: Row) -> ConnectorRow:
    dates = msgspec.json.decode(found["secrets_set"], type=dict[str, int])
    return ConnectorRow(
        id=found["id"],
        name=found["name"],
        kind=found["kind"],
        settings=msgspec.json.decode(found["settings"]),
        checkpoint=msgspec.json.decode(found["checkpoint"]),
        enabled=bool(found["enabled"]),
        problem=found["problem"],
        seen_at=_moment(found["seen_at"]),
        created_at=from_ms(found["created_at"]),
        draft=bool(found["draft"]),
        failing_since=_moment(found["failing_since"]),
        secrets_set={name: from_ms(at) for name, at in dates.items()},
        allowed=msgspec.json.decode(found["allowed"], type=tuple[str, ...]),
        rules=msgspec.json.decode(found["rules"], type=tuple[Rule, ...]),
        tested=msgspec.json.decode(found["tested"], type=Probed) if found["tested"] else None,
        tested_at=_moment(found["tested_at"]),
        addresses=msgspec.json.decode(found["addresses"], type=tuple[Address, ...]),
        backfill=_backfill(found["backfill"]) if found["backfill"] else None,
        left_out=found["left_out"],
        paused_after=found["paused_after"],
    )
