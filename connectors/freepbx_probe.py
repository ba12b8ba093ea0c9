"""Looking around in an Asterisk: what is there, what is wrong, and what to do about it."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from statistics import median
from zoneinfo import ZoneInfo

from appliance.errors import PetsvetError
from connectors.cdr import Row, moment_of
from connectors.files import Files
from connectors.gathering import Rules, newest_of, skew_of
from connectors.interface import Probe
from connectors.looking import Seen
from connectors.names import epoch_of
from connectors.records import Records, Report
from connectors.watching import Memory, Survey, check_root, survey

_SKEW_S = 60
_ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip


def probe_all(
    files: Files, records: Records | None, rules: Rules, manager: Callable[[], None], now: datetime
) -> Probe:
    """Files, call records and manager, each on its own: one that is away hides none of the rest."""
    problems: list[str] = []
    found, told, rows = _files(files, rules, now, problems), Report(), list[Row]()
    if records is not None:
        try:
            told = records.probe(now)
            rows = records.read(now - timedelta(days=4), {}, now, Counter()).rows
        except PetsvetError as error:
            problems.append(str(error))
    problems += told.problems
    problems += zone_problems(rows, rules)
    try:
        manager()
    except PetsvetError as error:
        problems.append(f"Asterisk's manager (AMI): {error}")
    skew = told.clock_skew_s if told.clock_skew_s is not None else found and skew_of(found, now)
    if skew is not None and abs(skew) > _SKEW_S:
        side = "ahead of" if skew > 0 else "behind"
        problems.append(
            f"The phone system's clock is {abs(skew):.0f} seconds {side} this box; set up NTP there"
            " (timedatectl set-ntp true)."
        )
    return Probe(
        problems=tuple(problems),
        capabilities=(*(("recordings", "filename") if found else ()), *told.capabilities,
                      *sound_of(found.seen if found else ())),
        newest=newest_of(found) if found else (),
        clock_skew_s=skew,
        zone=rules.site.zone,
    )  # fmt: skip


def _files(files: Files, rules: Rules, now: datetime, problems: list[str]) -> Survey | None:
    memory = Memory()
    try:
        check_root(memory, files)
        found = survey(memory, files, rules.patience, now, sweep=False)
    except PetsvetError as error:
        problems.append(str(error))
        return None
    if not found.seen:
        problems.append("No recording was written in the last days; is this the right folder?")
    return found


def sound_of(seen: Iterable[Seen]) -> tuple[str, ...]:
    """How the newest recordings hold both sides: stereo, legs or mono; nothing where unknown."""
    latest = sorted(seen, key=lambda item: item.look.modified_ns, reverse=True)[:20]
    whole = [item for item in latest if item.look.channels]
    if any(item.name and item.name.leg for item in whole):
        return ("legs",)
    if any(item.look.channels == 2 for item in whole):
        return ("stereo",)
    return ("mono",) if whole else ()


def zone_problems(rows: Iterable[Row], rules: Rules) -> list[str]:
    """Whether the rows' times fit the seconds in their uniqueids, and which zone would fit."""
    told = [(row.start, epoch) for row in rows if (epoch := epoch_of(row.uniqueid))]
    if not told:
        return []
    off = _hours_off(told, rules.site.row_zone)
    if off == 0:
        return []
    fits = [zone for zone in _ZONES if _hours_off(told, ZoneInfo(zone)) == 0]
    if "UTC" in fits:
        return ["The call records are in UTC; turn on “Call records are in UTC”."]
    if rules.site.rows_in_utc and _hours_off(told, ZoneInfo(rules.site.zone)) == 0:
        return ["The call records are not in UTC; turn off “Call records are in UTC”."]
    hint = f"; {' or '.join(fits)} would fit" if fits else ""
    return [f"The call records are {off:+g} hours off this time zone{hint}; set the right one."]


def _hours_off(told: Iterable[tuple[str, int]], zone: tzinfo) -> float:
    """Half hours by which the wall clock of the rows is ahead of what the zone makes of it."""
    off = [moment_of(start, zone)[0].timestamp() - epoch for start, epoch in told]
    return round(median(off) / 1800) / 2
