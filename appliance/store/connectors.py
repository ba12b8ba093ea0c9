"""The clinic's phone systems as rows: kind, settings, and how far each was read."""

from datetime import datetime
from typing import Any

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound
from appliance.facts import Fact, from_ms, to_ms


class ConnectorRow(Fact, frozen=True, kw_only=True):
    """One phone system; ``checkpoint`` is opaque to everyone but its connector."""

    id: int
    name: str
    kind: str
    settings: dict[str, Any]
    checkpoint: dict[str, Any]
    enabled: bool
    problem: str
    seen_at: datetime | None


def add_connector(
    db: Database, name: str, kind: str, settings: dict[str, Any], *, now: datetime
) -> int:
    """Add a phone system and return its number; an existing name keeps number and checkpoint."""
    return int(
        value(
            db,
            "INSERT INTO connector (name, kind, settings, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, settings = excluded.settings,"
            " enabled = 1 RETURNING id",
            (name, kind, msgspec.json.encode(settings).decode(), to_ms(now)),
        )
    )


def get_connector(db: Database, connector_id: int) -> ConnectorRow:
    """One phone system by its number; raises NotFound."""
    found = row(db, "SELECT * FROM connector WHERE id = ?", (connector_id,))
    if found is None:
        raise NotFound("there is no such phone system; it may have been removed")
    return _connector(found)


def get_connector_by_name(db: Database, name: str) -> ConnectorRow:
    """One phone system by its name; raises NotFound."""
    found = row(db, "SELECT * FROM connector WHERE name = ?", (name,))
    if found is None:
        raise NotFound("there is no such phone system; it may have been removed")
    return _connector(found)


def list_connectors(db: Database) -> list[ConnectorRow]:
    """All phone systems, oldest first."""
    return [_connector(r) for r in rows(db, "SELECT * FROM connector ORDER BY id")]


def save_checkpoint(
    db: Database, connector_id: int, checkpoint: dict[str, Any], *, problem: str, now: datetime
) -> None:
    """Note how far a phone system was read, and what is wrong with it ("" for nothing)."""
    execute(
        db,
        "UPDATE connector SET checkpoint = ?, problem = ?, seen_at = ? WHERE id = ?",
        (msgspec.json.encode(checkpoint).decode(), problem, to_ms(now), connector_id),
    )


def save_problem(db: Database, connector_id: int, problem: str) -> None:
    """Note why a phone system could not be read; its checkpoint stays."""
    execute(db, "UPDATE connector SET problem = ? WHERE id = ?", (problem, connector_id))


def _connector(found: Row) -> ConnectorRow:
    return ConnectorRow(
        id=found["id"],
        name=found["name"],
        kind=found["kind"],
        settings=msgspec.json.decode(found["settings"]),
        checkpoint=msgspec.json.decode(found["checkpoint"]),
        enabled=bool(found["enabled"]),
        problem=found["problem"],
        seen_at=from_ms(found["seen_at"]) if found["seen_at"] else None,
    )
