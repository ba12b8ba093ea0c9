"""Switchvox: its export of recordings, a WAV with an XML of the same name beside it.

The fields of the XML are known, its layout is not: the reader takes them as elements, as
attributes or as name and value.
"""

from typing import Any

import msgspec

from appliance.facts import Fact
from connectors.gathering import Rules
from connectors.kinds import OWN_FIELDS, Field, Kind, Means
from connectors.places import Place, open_place
from connectors.settling import Patience
from connectors.takes import Ways
from connectors.telling import Site, zone_named
from connectors.watched import Reading, Watched
from connectors.watching import begin_of


class Settings(Fact, frozen=True):
    """Where the export lies. ``wait_minutes``: how long an XML may come after its WAV."""

    place: Place
    zone: str = "UTC"
    wait_minutes: float = 10
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    since: str = ""
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


def _make(given: dict[str, Any], means: Means) -> Watched:
    settings = msgspec.convert(given, Settings)
    site = Site(zone=zone_named(settings.zone), dids=settings.dids, extensions=settings.extensions)
    rules = Rules(
        site=site,
        patience=settings.patience,
        immediate=settings.immediate,
        sweep=settings.sweep or settings.immediate,
    )
    reading = Reading(
        rules=rules,
        ways=Ways(sidecars=True, wait_s=60 * settings.wait_minutes),
        since=begin_of(settings.since, settings.zone),
        max_bytes=settings.max_bytes,
    )
    return Watched(open_place(settings.place, means), reading)


KIND = Kind(
    name="switchvox",
    title="Sangoma Switchvox",
    level="documents",
    make=_make,
    fields=(
        Field(
            name="place",
            label="Where Switchvox exports its recordings to",
            type="place",
            required=True,
            help="Each recording is a WAV with an XML of the same name beside it. Simplest: let"
            " Switchvox deliver to this box.",
        ),
        Field(
            name="zone",
            label="Time zone of the phone system",
            help="As in America/Chicago.",
            default="UTC",
        ),
        *OWN_FIELDS,
        Field(
            name="wait_minutes",
            label="Minutes to wait for the XML",
            type="number",
            default="10",
            advanced=True,
        ),
    ),
    notes="Built from documents: the names of the fields are known, the layout of the XML is read"
    " in any form. Switchvox mixes both sides into one channel. Calls nobody answered are not in"
    " the export.",
)
