"""Erasing: a call goes for good, with the keys to its sound, its words and what was delivered of it.

The only way by which calls are destroyed. Its file in the drop is removed as soon as the chore
``clear_drop`` comes to it, which is asked for in the same transaction; files in the vault, which
nobody can open any more, are swept as orphans.
"""

from collections.abc import Iterable
from datetime import datetime

from appliance import queue
from appliance.db import Database
from appliance.errors import NotFound
from appliance.facts.calls import FoundRecording
from appliance.facts.jobs import ROAD
from appliance.store import backlog, calls, connectors, kept_away, recordings
from appliance.store.connectors import ConnectorRow
from appliance.store.drop_users import drop_user_of


def erase_call(db: Database, call_id: int, *, now: datetime) -> None:
    """Destroy a call and its doubles, which are the same sound; none is ever taken again.

    Belongs inside ``writing()``. Raises NotFound for a call that is not there.
    """
    for number in calls.doubles_first(db, call_id):
        call = calls.get_call(db, number)
        phone = _phone_of(db, call.connector)
        if phone is not None:
            kept_away.mark_erased(db, phone.id, call.native_key)
            backlog.drop(db, phone.id, call.native_key)
        _destroy(db, phone, number, now)


def forget_call(db: Database, call_id: int, *, now: datetime) -> None:
    """Destroy a call that a rule keeps away, as it is known by now.

    Calls that were taken for doubles of it stand for themselves again and are received anew.
    Belongs inside ``writing()``.
    """
    phone = _phone_of(db, calls.get_call(db, call_id).connector)
    for double in _destroy(db, phone, call_id, now):
        queue.enqueue(db, "receive", double, "courier", now=now)


def _destroy(db: Database, phone: ConnectorRow | None, call_id: int, now: datetime) -> list[int]:
    queue.drop_jobs(db, ROAD, call_id)
    files = [recordings.found_recording(db, r.id) for r in recordings.list_recordings(db, call_id)]
    if phone is not None:
        discard_files(db, phone, files, now=now, due=now)
    return calls.forget_call(db, call_id)


def discard_files(
    db: Database,
    phone: ConnectorRow,
    files: Iterable[FoundRecording],
    *,
    now: datetime,
    due: datetime,
) -> None:
    """Have the files of a call removed from the drop, where its phone system delivers to us.

    Nothing is ever removed anywhere else.
    """
    if not drop_user_of(phone.settings):
        return
    kept_away.discard(db, phone.id, map(version_of, files), due=due)
    if due <= now:
        queue.enqueue(db, "clear_drop", 0, "chores", now=now)


def version_of(file: FoundRecording) -> kept_away.Version:
    """A file exactly as it was found: one that changed since is another."""
    return file.locator, file.size, file.modified_ns


def _phone_of(db: Database, name: str) -> ConnectorRow | None:
    try:
        return connectors.get_connector_by_name(db, name)
    except NotFound:
        return None  # it was removed; its calls stay until they are erased
