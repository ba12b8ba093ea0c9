"""What an operator should know of a P-Series before trusting it, in plain words."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from appliance.errors import Misconfigured, PetsvetError
from connectors.http import certificate_of
from connectors.interface import Probe
from connectors.mount import suffix_of
from connectors.wav import HEAD_BYTES, inspect
from connectors.yeastar_api import Answered, Api
from connectors.yeastar_legs import Leg, Take, leg_of_row, take_of

_AHEAD_S = 60
_SHORT_DAYS = 7


def probe_api(
    api: Api, settings: Any, allowed: Iterable[str], zone: ZoneInfo, now: datetime
) -> Probe:
    """Sign in, look at the newest of both lists and at one recording. Raises nothing."""
    try:
        rows = _newest(api, "/cdr/list")
        listed = _newest(api, "/recording/list")
        oldest = api.ask("/recording/list", page=1, page_size=1, sort_by="id", order_by="asc")
    except Answered as answered:
        problem = (
            f"The phone system refuses the list of calls or of recordings (its error"
            f" {answered.code}); allow both to this Client ID under Integrations → API."
        )
        return Probe(problems=(problem,), zone=settings.zone)
    except PetsvetError as error:
        words = _with_certificate(str(error), error, settings, allowed)
        return Probe(problems=(words,), zone=settings.zone)
    legs = [leg for row in rows if (leg := leg_of_row(row, zone))]
    takes = [take for row in listed if (take := take_of(row, zone))]
    skew = skew_of(legs, now)
    channels = _channels(api, takes, settings.max_bytes)
    problems = [*_problems(rows, legs, takes, skew), *_cleanup(oldest, zone, legs, now)]
    if channels == 2 and not (settings.left_in or settings.left_out):
        problems.append(
            "Recordings have two channels. Listen to one and enter who is heard on the left: then"
            " every speaker is exact."
        )
    found = ["cdr", *(["recordings"] if takes else []), *(["stereo"] if channels == 2 else [])]
    return Probe(
        problems=tuple(problems),
        capabilities=(*found, *(("push",) if settings.listen_port else ())),
        newest=tuple(f"recording/{take.id}" for take in takes[:5]),
        clock_skew_s=skew,
        zone=settings.zone,
    )


def _newest(api: Api, path: str) -> list[dict[str, Any]]:
    answer = api.ask(path, page=1, page_size=100, sort_by="id", order_by="desc")
    return [row for row in answer.get("data") or () if isinstance(row, dict)]


def _with_certificate(words: str, error: Exception, settings: Any, allowed: Iterable[str]) -> str:
    """The words, with the fingerprint to confirm where the certificate is the trouble."""
    parts = urlsplit(settings.url)
    if not isinstance(error, Misconfigured) or "certificate" not in words or settings.certificate:
        return words
    with suppress(PetsvetError, ValueError):
        shown = certificate_of(parts.hostname or "", parts.port or 443, allowed)
        return f"{words}. It is now {shown}; confirm it only if the phone system shows the same."
    return words


def skew_of(legs: Iterable[Leg], now: datetime) -> float | None:
    """Seconds the phone system's clock is ahead; only being ahead can be told."""
    latest = max((leg.at + leg.seconds for leg in legs), default=0.0)
    ahead = latest - now.timestamp()
    return ahead if ahead > 0 else None


def _problems(
    rows: list[dict[str, Any]], legs: list[Leg], takes: list[Take], skew: float | None
) -> list[str]:
    found = []
    if not rows:
        found.append("The phone system lists no call at all; may this Client ID read them?")
    elif len(legs) < len(rows):
        found.append("Some calls tell no time that can be trusted; they are left out.")
    if any(leg.time_source != "epoch" for leg in legs):
        found.append("Calls come without a timestamp; check the time zone entered here.")
    answered = any(leg.disposition == "answered" and leg.talk_s for leg in legs)
    if answered and not takes:
        found.append(
            "Calls were answered and none was recorded; turn recording on under Call Features →"
            " Recording, and look whether its storage is full."
        )
    if skew and skew > _AHEAD_S:
        found.append(f"The phone system's clock is {skew:.0f} seconds ahead of this box.")
    return found


def _cleanup(oldest: dict[str, Any], zone: ZoneInfo, legs: list[Leg], now: datetime) -> list[str]:
    """Whether recordings are deleted so soon that some may be gone before we come."""
    first = next((t for row in oldest.get("data") or () if (t := take_of(row, zone))), None)
    if first is None or not legs:
        return []
    days = (now.timestamp() - first.leg.at) / 86400
    before = min(leg.at for leg in legs) < first.leg.at - 3600
    if not before or days >= _SHORT_DAYS:
        return []
    return [
        f"The oldest recording is {max(0, int(days))} days old though calls are older: the phone"
        " system deletes soon or its storage is nearly full. See Maintenance → Auto Cleanup."
    ]


def _channels(api: Api, takes: list[Take], max_bytes: int) -> int:
    """Channels of the newest recording, 0 where that cannot be told."""
    for take in takes[:1]:
        suffix = suffix_of(take.name)
        with suppress(PetsvetError), api.fetch(take.id, suffix, take.size, max_bytes) as stream:
            head = stream.read(HEAD_BYTES)
            return inspect(suffix, max(take.size, len(head)), head, b"").channels
    return 0
