"""The server for second opinions: one row with its settings, its sealed key and how it goes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from appliance.db import Database, execute, row
from appliance.facts.opinions import OpinionServer, ServerState, Tested
from appliance.store.sealed import open_text, seal_text

_PURPOSE = "opinion-server"


def get_server(db: Database) -> OpinionServer:
    """The settings in force; off where nothing was set."""
    found = row(db, "SELECT settings FROM opinion_server")
    return msgspec.json.decode(found["settings"], type=OpinionServer) if found else OpinionServer()


def get_state(db: Database) -> ServerState:
    """How it goes with the server."""
    found = row(db, "SELECT state FROM opinion_server")
    return msgspec.json.decode(found["state"], type=ServerState) if found else ServerState()


def save_server(db: Database, server: OpinionServer) -> None:
    """Put other settings in force; what was known of another server or model is forgotten."""
    before, state = get_server(db), get_state(db)
    same = (before.url, before.model) == (server.url, server.model)
    fresh = ServerState(tested=state.tested, tested_at=state.tested_at) if same else ServerState()
    execute(
        db,
        "INSERT INTO opinion_server (id, settings, state) VALUES (1, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, state = excluded.state",
        (_encode(server), _encode(fresh)),
    )


def change_state(db: Database, **changes: Any) -> None:
    """Note how it goes; belongs inside ``writing()``."""
    state = msgspec.structs.replace(get_state(db), **changes)
    execute(db, "UPDATE opinion_server SET state = ?", (_encode(state),))


def save_tested(db: Database, tested: Tested, *, now: datetime) -> None:
    """Keep what a test showed; a good one ends a pause."""
    good: Mapping[str, Any] = (
        {} if tested.problem
        else {"failures": 0, "paused_until": None, "problem": "", "mode": tested.mode}
    )  # fmt: skip
    change_state(db, tested=tested, tested_at=now, **good)


def save_key(db: Database, key: bytes, secret: str) -> None:
    """Seal the server's key under the box's (``keys.connectors``); "" forgets it."""
    blob = seal_text(key, _PURPOSE, secret) if secret else b""
    execute(db, "UPDATE opinion_server SET secret = ?", (blob,))


def has_key(db: Database) -> bool:
    """Whether a key was entered; it is never shown again."""
    return bool(row(db, "SELECT 1 FROM opinion_server WHERE secret <> x''"))


def read_key(db: Database, key: bytes) -> str:
    """The server's key, "" for none. Raises Tampered when it is not what was sealed."""
    found = row(db, "SELECT secret FROM opinion_server")
    return open_text(key, _PURPOSE, bytes(found["secret"]) if found else b"")


def _encode(fact: OpinionServer | ServerState) -> str:
    return msgspec.json.encode(fact).decode()
