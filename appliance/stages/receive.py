"""Receive: take the recordings from the phone system and seal them in the vault."""

from datetime import datetime

from appliance.db import Database
from appliance.errors import NotFound, Unusable
from appliance.facts import Fact
from appliance.store import calls, connectors, recordings
from appliance.store.recordings import Sealed
from appliance.tools import Tools

LANE = "courier"


class Received(Fact, frozen=True, kw_only=True):
    """What now lies in the vault."""

    call_id: int
    sealed: tuple[Sealed, ...]


def work(db: Database, tools: Tools, call_id: int) -> Received:
    """Seal every recording of the call that is not sealed yet.

    Raises Unavailable when the phone system or the disk is away; a recording that has vanished or
    is no plain file is noted as such, the call goes on without it.
    """
    call = calls.get_call(db, call_id)
    waiting = [r for r in recordings.list_recordings(db, call_id) if not r.file and not r.problem]
    sealed: list[Sealed] = []
    with tools.vault.removing_on_error() as written:
        for r in waiting:
            sealed.append(_seal(db, tools, call.connector, r.id, r.ref))
            written.append(sealed[-1].file)
    return Received(call_id=call_id, sealed=tuple(sealed))


def _seal(db: Database, tools: Tools, connector: str, recording_id: int, ref: str) -> Sealed:
    key, wrapped = tools.vault.new_key(ref)
    found = recordings.found_recording(db, recording_id)
    try:
        phone = connectors.get_connector_by_name(db, connector)
        with tools.connected(db, phone) as connected, connected.open(found) as source:
            file, info = tools.vault.put(source, key, ref)
    except NotFound:
        return _missing(recording_id, "vanished")
    except Unusable as error:
        return _missing(recording_id, error.outcome)
    return Sealed(
        recording_id=recording_id,
        digest=info.sha256,
        size=info.size,
        file=file,
        wrapped_key=wrapped,
    )


def _missing(recording_id: int, problem: str) -> Sealed:
    return Sealed(
        recording_id=recording_id, digest="", size=0, file="", wrapped_key=b"", problem=problem
    )


SMALLEST_TELLING = 1024  # bytes; the headers of two empty recordings are equal without meaning it


def save(db: Database, received: Received, now: datetime) -> bool:
    """Note where the recordings lie; False ends the road: the same sound is already a call."""
    for sealed in received.sealed:
        recordings.save_sealed(db, sealed)
    calls.set_state(db, received.call_id, "received", now=now)
    original = _original(db, received.call_id)
    if original is None:
        return True
    calls.mark_duplicate(db, received.call_id, original)
    recordings.forget_files(db, received.call_id)
    return False


def _original(db: Database, call_id: int) -> int | None:
    """The call that has all the sound of this one; a call with any sound of its own has none."""
    telling = [
        r.digest
        for r in recordings.list_recordings(db, call_id)
        if r.digest and r.size >= SMALLEST_TELLING
    ]
    originals = {recordings.original_of(db, digest, call_id) for digest in telling}
    return originals.pop() if len(originals) == 1 else None
