"""Receiving: a found call becomes ours, once however often it is found."""

import secrets
from datetime import datetime

import msgspec

from appliance.db import Database, execute, row, rows, value
from appliance.facts import to_ms
from appliance.facts.calls import FoundCall
from appliance.reading.numbers import outside_key
from appliance.store.calls import set_columns


def new_ref() -> str:
    """An identity for addresses and file names that says nothing about the call."""
    return secrets.token_hex(8)


def receive_call(
    db: Database, connector: str, found: FoundCall, *, now: datetime, rule: str = ""
) -> tuple[int, str] | None:
    """Add a found call and its recordings; None when it is already known and unchanged.

    Finding it again with more facts (a late CDR row) updates the facts; with a recording that has
    grown, that recording is taken anew. Returns the call's number and what changed: "recordings",
    "rule" (it came under ``rule``, or out of it) or "facts". Belongs inside ``writing()``.
    """
    known = row(
        db,
        "SELECT * FROM call WHERE connector = ? AND native_key = ?",
        (connector, found.native_key),
    )
    if known is None:
        call_id = _insert_call(db, connector, found, rule, now)
        return call_id, "recordings" if _receive_recordings(db, call_id, found) else "facts"
    call_id, facts = int(known["id"]), _facts_of(found) | {"rule": rule}
    recordings_changed = _receive_recordings(db, call_id, found)
    facts_changed = any(known[name] != fact for name, fact in facts.items())
    if facts_changed:
        set_columns(db, call_id, facts)
    if recordings_changed:
        set_columns(db, call_id, {"state": "found", "duplicate_of": None})
        return call_id, "recordings"
    if known["rule"] != rule:
        return call_id, "rule"
    return (call_id, "facts") if facts_changed else None


def _insert_call(db: Database, connector: str, found: FoundCall, rule: str, now: datetime) -> int:
    facts = _facts_of(found) | {"rule": rule}
    return int(
        value(
            db,
            f"INSERT INTO call (ref, connector, native_key, state, found_at, {', '.join(facts)})"
            f" VALUES (?, ?, ?, 'found', ?{', ?' * len(facts)}) RETURNING id",
            (new_ref(), connector, found.native_key, to_ms(now), *facts.values()),
        )
    )


def _facts_of(found: FoundCall) -> dict[str, str | int | None]:
    return {
        "started_at": to_ms(found.started_at),
        "duration_ms": found.duration_ms,
        "talk_ms": found.talk_ms,
        "ring_ms": found.ring_ms,
        "direction": found.direction,
        "answer_state": found.answer_state,
        "caller_number": found.caller_number,
        "caller_name": found.caller_name,
        "dialed": found.dialed,
        "outside_key": outside_key(found.direction, found.caller_number, found.dialed),
        "staff_extension": found.staff_extension,
        "queue": found.queue,
        "metadata_level": found.metadata_level,
        "warnings": msgspec.json.encode(found.warnings).decode(),
    }


def _receive_recordings(db: Database, call_id: int, found: FoundCall) -> bool:
    """Add what is new, mark what has grown for taking anew; True when anything did."""
    known = {r["leg"]: r for r in rows(db, "SELECT * FROM recording WHERE call_id = ?", (call_id,))}
    changed = False
    for leg, recording in enumerate(found.recordings):
        old = known.get(leg)
        version = (recording.locator, recording.size, recording.modified_ns)
        if old is not None:
            if (old["locator"], old["size"], old["modified_ns"]) == version:
                continue
            # The sealed file of the earlier version is now an orphan; the sweep removes it.
            execute(db, "DELETE FROM recording WHERE id = ?", (old["id"],))
        changed = True
        execute(
            db,
            "INSERT INTO recording (ref, call_id, leg, locator, name, size, modified_ns,"
            " container_hint, rate_hint, channels_hint, channel_map)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new_ref(),
                call_id,
                leg,
                recording.locator,
                recording.name,
                recording.size,
                recording.modified_ns,
                recording.container_hint,
                recording.rate_hint,
                recording.channels_hint,
                msgspec.json.encode(recording.channel_map).decode()
                if recording.channel_map
                else None,
            ),
        )
    return changed
