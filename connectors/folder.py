"""Any folder with recordings: told by their names where these say anything, and by sidecars."""

from typing import Any

import msgspec

from appliance.errors import Misconfigured
from appliance.facts import Fact
from connectors.gathering import Rules
from connectors.kinds import OWN_FIELDS, Field, Kind, Means
from connectors.patterns import compile_pattern
from connectors.places import Mounted, Place, open_place
from connectors.settling import Patience
from connectors.takes import Ways
from connectors.telling import Site, zone_named
from connectors.watched import Reading, Watched
from connectors.watching import begin_of


class Settings(Fact, frozen=True):
    """Where the files lie and how to read them.

    ``place``: where they are, or ``root`` for a folder as mounted here. ``pattern``: how their
    names are made up, "" for those of Asterisk. ``zone``: IANA name of the zone in which names and
    sidecars tell the time. ``sidecars``: read the small files beside them, which may come
    ``sidecar_wait_minutes`` late. ``dids`` and ``extensions``: the clinic's own numbers, when
    known. ``since``: take everything from this date on, once. ``immediate``: a one-off import of
    everything, where a valid header alone decides. ``sweep``: look at all files once more, not
    only at the last days. ``max_bytes``: larger files are not opened.
    """

    place: Place | None = None
    root: str = ""
    pattern: str = ""
    zone: str = "UTC"
    sidecars: bool = False
    sidecar_wait_minutes: float = 10
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    since: str = ""
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


def _make(settings: dict[str, Any], means: Means) -> Watched:
    return make_watched(msgspec.convert(settings, Settings), means)


def make_watched(settings: Settings, means: Means) -> Watched:
    """The connector. Raises Misconfigured for a place, a zone, a date or a pattern that is none."""
    place = settings.place or (Mounted(path=settings.root) if settings.root else None)
    if place is None or (settings.place and settings.root):
        raise Misconfigured("say where the recordings are, in one way")
    site = Site(zone=zone_named(settings.zone), dids=settings.dids, extensions=settings.extensions)
    rules = Rules(
        site=site,
        patience=settings.patience,
        immediate=settings.immediate,
        sweep=settings.sweep or settings.immediate,
    )
    if not 0 <= settings.sidecar_wait_minutes <= 24 * 60:
        raise Misconfigured("sidecars may come at most a day late; enter the minutes to wait")
    reading = Reading(
        rules=rules,
        ways=Ways(sidecars=settings.sidecars, wait_s=60 * settings.sidecar_wait_minutes),
        pattern=compile_pattern(settings.pattern) if settings.pattern.strip() else None,
        since=begin_of(settings.since, settings.zone),
        max_bytes=settings.max_bytes,
    )
    return Watched(open_place(place, means), reading)


KIND = Kind(
    name="folder",
    title="Any folder with recordings",
    level="real",
    make=_make,
    fields=(
        Field(
            name="place",
            label="Where the recordings are",
            type="place",
            required=True,
            help="The recorder or phone system writes them there; nothing is changed there.",
        ),
        Field(
            name="pattern",
            label="How the file names are made up",
            help="For example {date:YYYYMMDD}-{time:HHMMSS}_{direction}_{caller}_{extension}.wav;"
            " {*} stands for anything. Empty for the names of FreePBX and Asterisk.",
        ),
        Field(
            name="zone",
            label="Time zone of the file names",
            help="As in America/Chicago; UTC where the recorder writes UTC.",
            default="UTC",
        ),
        Field(
            name="sidecars",
            label="There are small files beside the recordings",
            type="bool",
            help="XML, JSON, CSV or text of the same name, or a list (CSV) of the folder, that"
            " tell who called whom.",
        ),
        *OWN_FIELDS,
        Field(
            name="sidecar_wait_minutes",
            label="Minutes to wait for the small files",
            type="number",
            default="10",
            advanced=True,
        ),
    ),
    stereo="Have the recorder write both sides of a talk apart: in two channels of one file, or in"
    " two files whose names end in -in and -out (or _rx and _tx). Which side is whose follows from"
    " the direction of the call, so the names must tell it. It is a setting of the recorder; note"
    " it down, as replacing the recorder loses it.",
    notes="Without sidecars a call is known by its file name alone; calls nobody answered are not"
    " seen at all.",
)
