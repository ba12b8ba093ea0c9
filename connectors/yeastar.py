"""Yeastar P-Series: its OpenAPI, its pushed call records, or only its archive of recordings."""

from threading import Event
from typing import Any

import msgspec

from appliance.errors import Misconfigured
from connectors.interface import Connector
from connectors.kinds import Field, Kind, Means, Receive
from connectors.places import open_place
from connectors.telling import zone_named
from connectors.yeastar_archive import Archive
from connectors.yeastar_fields import CERTIFICATE, HOUSE_FIELDS, LEFT_FIELDS, PUSH_PATH
from connectors.yeastar_poll import Settings, Yeastar, is_call_record
from connectors.yeastar_push import serve
from connectors.yeastar_telling import House


def _make(given: dict[str, Any], means: Means) -> Connector:
    settings = msgspec.convert(given, Settings)
    if bool(settings.url) == bool(settings.place):
        raise Misconfigured(
            "enter either the address of the phone system or the place of its archive, not both"
        )
    if settings.place is None:
        return Yeastar(settings, means)
    house = House(extensions=settings.extensions, queues=settings.queues, dids=settings.dids)
    return Archive(
        open_place(settings.place, means),
        house,
        zone_named(settings.zone),
        settings.patience,
        settings.max_bytes,
        (settings.left_in, settings.left_out),
    )


def _listen(given: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    settings = msgspec.convert(given, Settings)
    serve(
        settings.listen_port,
        means.secrets.get("push_path", ""),
        means.allowed,
        is_call_record,
        receive,
        stop,
    )


def _wants_listener(given: dict[str, Any]) -> bool:
    return bool(given.get("listen_port")) and bool(given.get("url"))


KIND = Kind(
    name="yeastar",
    title="Yeastar P-Series",
    level="emulated",
    make=_make,
    fields=(
        Field(
            name="url",
            label="Address",
            help="https://…:8088. Leave it empty to read only an archive of recordings.",
        ),
        Field(name="client_id", label="Client ID", help="From Integrations → API."),
        Field(name="client_secret", label="Client Secret", secret=True),
        CERTIFICATE,
        Field(
            name="place",
            label="Archive of recordings",
            type="place",
            help="Where no API is licensed: the phone system copies its recordings here.",
        ),
        Field(
            name="listen_port",
            label="Port for pushed call records",
            type="number",
            help="On the phone system: Integrations → API → Webhook, event 30012, to this box.",
            advanced=True,
        ),
        PUSH_PATH,
        *HOUSE_FIELDS,
        *LEFT_FIELDS,
    ),
    stereo=(
        "On the phone system turn on stereo-separated recording, under PBX Settings → Call"
        " Features → Recording (the maker documents the option as “Enable Stereo-separated"
        " Recording”; where the menu lies differs between versions). Talks of two people then have"
        " the received sound on the left and the sent sound on the right; conferences stay mixed."
        " Which of the two is the caller was not verified on a real unit: listen to one recording"
        " each way and enter who is on the left. It is an ordinary setting and survives updates."
    ),
    notes=(
        "The API needs a plan that includes it and an entry under Integrations → API; if that page"
        " limits addresses, add this box. A voicemail's message is not among the recordings."
        " The phone system deletes its oldest recordings by itself: a recording that is gone before"
        " we come is told as missing. With only the archive, missed calls are not seen at all."
    ),
    listen=_listen,
    wants_listener=_wants_listener,
)
