"""Watch phones: once an hour, is this phone system too quiet, too full, or telling less?"""

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta

from appliance.db import Database, row
from appliance.errors import PetsvetError
from appliance.facts import Fact, from_ms
from appliance.facts.phones import Alarm
from appliance.silence import HISTORY, Watched, find_alarms, lag_of
from appliance.store import alarms, connectors, settings
from appliance.store.connectors import ConnectorRow
from appliance.store.troubles import list_troubles
from appliance.tools import Tools
from connectors.interface import Probe

LANE = "courier"
DAY, FORTNIGHT = timedelta(days=1), timedelta(days=14)
STUCK = "its reading was stopped after three tries; the page of activity tells why"


class Watch(Fact, frozen=True, kw_only=True):
    """The alarms that hold for a phone system now."""

    connector_id: int
    alarms: tuple[Alarm, ...]


def work(db: Database, tools: Tools, connector_id: int) -> Watch:
    """Look at the counts in the box, and ask the phone system for its clock and its room."""
    known = connectors.get_connector(db, connector_id)
    if not known.live:
        return Watch(connector_id=connector_id, alarms=())
    now = tools.now()
    seen = watched(db, known, _probe(db, tools, known), now)
    return Watch(connector_id=connector_id, alarms=tuple(find_alarms(seen, now)))


def save(db: Database, watch: Watch, now: datetime) -> bool:
    """Raise what is new, clear what is over."""
    connectors.get_connector(db, watch.connector_id)
    alarms.settle_alarms(db, watch.connector_id, watch.alarms, now=now)
    return True


def _probe(db: Database, tools: Tools, known: ConnectorRow) -> Probe:
    """What it tells of its clock and room; nothing where it is away, which polling notices."""
    try:
        return tools.phone(db, known).probe(tools.now())
    except PetsvetError:
        return Probe()


def watched(db: Database, known: ConnectorRow, probe: Probe, now: datetime) -> Watched:
    """All that is known of a phone system at a moment."""
    clinic, name = settings.get_settings(db), known.name
    failing_since, problem = known.failing_since, known.problem
    if failing_since is None and (parked := _parked_at(db, known.id)):
        failing_since, problem = parked, STUCK
    return Watched(
        created_at=known.created_at,
        starts=alarms.starts_of(db, name, now - HISTORY),
        ever=row(db, "SELECT 1 FROM call WHERE connector = ? LIMIT 1", (name,)) is not None,
        lag=lag_of(alarms.last_lags(db, name)),
        hours=clinic.hours,
        zone=clinic.zone,
        day=alarms.count_span(db, name, now - DAY, now),
        before=alarms.count_span(db, name, now - DAY - FORTNIGHT, now - DAY),
        clock_skew_s=probe.clock_skew_s,
        quota_used=probe.quota_used,
        disk_used=_disk_used(known),
        problem=problem,
        failing_since=failing_since,
        trouble=list_troubles(db).get(f"listener.{known.id}", ""),
    )


def _parked_at(db: Database, connector_id: int) -> datetime | None:
    """Since when no look was taken any more because the last one broke three times."""
    found = row(
        db,
        "SELECT created_at FROM job WHERE subject = ? AND kind = 'discover' AND state = 'parked'",
        (connector_id,),
    )
    return from_ms(found["created_at"]) if found else None


def _disk_used(known: ConnectorRow) -> float | None:
    """How full the disk or share is on which a mounted folder lies."""
    places = [p for p in known.settings.values() if isinstance(p, Mapping) and p.get("path")]
    folders = [str(p["path"]) for p in places if p.get("by") == "folder"]
    folders += [str(known.settings["root"])] if isinstance(known.settings.get("root"), str) else []
    try:
        usage = [shutil.disk_usage(folder) for folder in folders]
    except OSError:
        return None  # it is away; polling notices that
    return max((u.used / u.total for u in usage if u.total), default=None)
