"""What an operator should know of a Grandstream UCM before trusting it, in plain words."""

from datetime import datetime
from typing import Any

from appliance.errors import Misconfigured, PetsvetError
from connectors.files import Files
from connectors.grandstream_api import Answered, Api
from connectors.grandstream_records import Record, read_pushed, record_of
from connectors.grandstream_telling import zone_off_s
from connectors.http import BadAnswer, certificate_of
from connectors.interface import Probe
from connectors.telling import Site

_DAYS_S = 3 * 86400.0
_NEWEST = 5


def probe_api(
    api: Api, host: str, port: int, allowed: tuple[str, ...], site: Site, now: datetime
) -> Probe:
    """A login and the records of the last days."""
    records: list[Record] = []

    def is_recent(told: dict[str, str]) -> bool:
        record = record_of(told, site.row_zone)
        if record is None or record.at < now.timestamp() - _DAYS_S:
            return False
        records.append(record)
        return True

    try:
        api.read_back({}, is_recent)
    except PetsvetError as error:
        return Probe(problems=(_explain(error, host, port, allowed),), zone=site.zone)
    return _probe_of(records, site, now, ("api",))


def _explain(error: PetsvetError, host: str, port: int, allowed: tuple[str, ...]) -> str:
    if isinstance(error, Misconfigured) and "fingerprint" in str(error):
        try:
            shown = certificate_of(host, port, allowed)
        except PetsvetError:
            return str(error)
        return (
            "The phone system signed its certificate itself, as they all do. Its fingerprint is"
            f" {shown}: compare it with what a browser shows, then enter it in the settings."
        )
    if isinstance(error, BadAnswer):
        return (
            "A web page came in place of the API's answer. Turn on the HTTPS API under Integrations"
            " → API Configuration; very old firmware has none and must be updated."
        )
    if isinstance(error, Answered):
        return (
            f"The phone system let us in, but answered with its error {error.status} when asked for"
            " call records; may its API user read them (cdrapi)?"
        )
    return str(error)


def probe_feed(feed: Any, files: Files | None, site: Site, now: datetime) -> Probe:
    """Whether anything was pushed yet."""
    records: list[Record] = []
    try:
        if files is not None:
            files.look()
        for line in feed.lines(0, 1000) if feed is not None else ():
            records += read_pushed(line.data, site.row_zone, line.id)[0]
    except PetsvetError as error:
        return Probe(problems=(str(error),), zone=site.zone)
    found = _probe_of(records, site, now, ("push",))
    if records:
        return found
    return Probe(
        problems=(
            "Nothing was pushed yet. On the phone system turn on CDR Real-Time Output to this box"
            " and port, then make a call: the record comes when it has ended.",
        ),
        zone=site.zone,
    )


def _probe_of(
    records: list[Record], site: Site, now: datetime, capabilities: tuple[str, ...]
) -> Probe:
    problems = []
    if not records:
        problems.append("No call of the last days was found; has anybody called?")
    elif not any(record.files for record in records):
        problems.append(
            "No call of the last days has a recording; turn on Auto Record for the trunks or the"
            " extensions, and see that the storage for recordings is not full."
        )
    if off := zone_off_s(records, site):
        problems.append(
            f"The phone system's clock is {abs(off) / 3600:g} hours off the time zone entered here"
            f" ({site.zone}); enter the zone that is set on the phone system."
        )
    newest = max((record.at for record in records), default=0.0)
    skew = max(0.0, newest - now.timestamp()) or None
    if skew and skew > 60:
        problems.append(f"The phone system's clock is {skew:.0f} seconds ahead of this box.")
    names = [f"api:{file.path}" for record in records for file in record.files]
    return Probe(
        problems=tuple(problems),
        capabilities=(
            *capabilities,
            *(("cdr",) if records else ()),
            *(("recordings",) if names else ()),
        ),
        newest=tuple(names[-_NEWEST:][::-1]),
        clock_skew_s=skew,
        zone=site.zone,
    )
