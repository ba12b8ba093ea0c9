"""What a person enters for an SMDR phone system, and listening by it."""

from collections.abc import Callable
from threading import Event
from typing import Any

import msgspec

from appliance.errors import Misconfigured
from appliance.facts import Fact
from connectors import smdr_listen
from connectors.kinds import OWN_FIELDS, Field, Means, Receive
from connectors.places import Place
from connectors.settling import Patience
from connectors.smdr_records import Dialect


class Settings(Fact, frozen=True):
    """Where lines come from and where recordings lie.

    ``host`` and ``port``: the phone system to call; ``listen_port``: where it calls us. ``place``:
    the recordings, None where there are none; ``pattern``: how their names are made up. ``alone_
    minutes``: how long a recording waits for its line before it is told by itself. ``day_first``:
    the phone system writes the day before the month. See the folder's for the others.
    """

    host: str = ""
    port: int = 0
    listen_port: int = 0
    user: str = ""
    place: Place | None = None
    pattern: str = ""
    zone: str = "UTC"
    day_first: bool = False
    dids: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    since: str = ""
    alone_minutes: float = 60
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


FIELDS = (
    Field(
        name="listen_port",
        label="Port at which this box waits for the records",
        type="number",
        help="Where the phone system calls this box; choose one and enter it there too.",
    ),
    Field(
        name="host",
        label="Address of the phone system",
        help="Where this box calls the phone system.",
    ),
    Field(name="port", label="Its port for SMDR", type="number"),
    Field(
        name="place",
        label="Where the recordings are",
        type="place",
        help="The folder of the recorder; without one, calls are counted and nothing is heard.",
    ),
    Field(
        name="pattern",
        label="How the file names are made up",
        help="With the time and a number or extension, as in"
        " {date:YYYYMMDD}-{time:HHMMSS}_{extension}_{number}.wav; a recording finds its call by"
        " them.",
    ),
    Field(
        name="zone",
        label="Time zone of the phone system",
        help="As in America/Chicago.",
        default="UTC",
    ),
    *OWN_FIELDS,
    Field(
        name="alone_minutes",
        label="Minutes a recording waits for its record",
        type="number",
        default="60",
        advanced=True,
    ),
)


def door_of(settings: Settings, means: Means) -> smdr_listen.Door:
    """Where lines come from. Raises Misconfigured when the settings do not say."""
    if not settings.listen_port and not (settings.host and settings.port):
        raise Misconfigured(
            "enter the phone system's address and port, or the port at which it calls this box"
        )
    if not 0 <= settings.listen_port < 65536 or not 0 <= settings.port < 65536:
        raise Misconfigured("a port is a number from 1 to 65535")
    return smdr_listen.Door(
        host=settings.host,
        port=settings.port,
        listen_port=settings.listen_port,
        allowed=means.allowed,
        user=settings.user,
        password=means.secrets.get("password", ""),
    )


def listen_with(dialect: Dialect) -> Callable[[dict[str, Any], Means, Receive, Event], None]:
    """The listener of a kind: any dialect's lines are handed on as they came."""

    def listen(settings: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
        given = {"user": "SMDR"} if dialect.name == "panasonic" else {}
        door = door_of(msgspec.convert(given | settings, Settings), means)
        smdr_listen.listen(door, receive, stop)

    return listen


def wants_listener(settings: dict[str, Any]) -> bool:
    """Whether these settings say where lines come from."""
    return bool(settings.get("listen_port") or (settings.get("host") and settings.get("port")))
