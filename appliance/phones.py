"""The window to phone systems for pages and commands: kinds, forms, addresses, secrets, means.

Pages may not know ``connectors``; what they show of them is plain facts from here. Nothing here
opens a connection or resolves a name, but ``look_up``, which is for the courier's chores.
"""

import hashlib
import ipaddress
import re
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from appliance.config import Config
from appliance.db import Database
from appliance.errors import Misconfigured, Refused
from appliance.facts.phones import Address, FieldFacts, KindFacts, TriedName, TriedPattern
from appliance.keys import Keys
from appliance.phone_forms import (
    PLACES,
    check_settings,
    explain,
    find_problems,
    part_name,
    read_form,
    secret_names,
    show_form,
)
from appliance.store import connectors as store
from appliance.store.connectors import ConnectorRow
from appliance.store.drop_users import drop_place_of, drop_user_of
from appliance.store.pushed import PushedFeed
from connectors import doors, patterns
from connectors.interface import Connector
from connectors.kinds import LEVELS, Field, Kind, Means
from connectors.registry import KINDS, kind_named
from connectors.suggesting import suggest_patterns

UNKNOWN = "this name is not known in the network"

__all__ = (
    "addresses_of",
    "allow_address",
    "check_settings",
    "disallow_address",
    "find_problems",
    "get_kind",
    "is_allowed",
    "list_kinds",
    "list_places",
    "look_up",
    "make_phone",
    "means_of",
    "open_phone",
    "part_name",
    "read_form",
    "read_secrets",
    "save_secrets",
    "secret_names",
    "settings_since",
    "show_form",
    "told_of",
)


def list_kinds() -> list[KindFacts]:
    """Every kind of phone system the box knows, in the order of the registry."""
    return [_kind(kind) for kind in KINDS.values()]


def get_kind(name: str) -> KindFacts:
    """One kind; raises Misconfigured listing the names there are."""
    return _kind(kind_named(name))


def list_places() -> list[KindFacts]:
    """The ways to reach files, for settings of the type ``place``; ``name`` stands in ``by``."""
    return [
        KindFacts(
            name=by,
            title=title,
            level=level,
            proof=LEVELS[level],  # type: ignore[index]  # PLACES holds plain words
            fields=tuple(map(_field, fields)),
            notes=notes,
        )
        for by, (title, level, fields, notes) in PLACES.items()
    ]


def _kind(kind: Kind) -> KindFacts:
    return KindFacts(
        name=kind.name,
        title=kind.title,
        level=kind.level,
        proof=LEVELS[kind.level],
        fields=tuple(map(_field, kind.fields)),
        stereo=kind.stereo,
        notes=kind.notes,
        listens=kind.listen is not None,
    )


def _field(field: Field) -> FieldFacts:
    return FieldFacts(**{name: getattr(field, name) for name in FieldFacts.__struct_fields__})


def try_pattern(pattern: str, names: Sequence[str]) -> TriedPattern:
    """What a person's pattern reads in file names; nothing is raised for one that is none."""
    suggestions = tuple(found.pattern for found in suggest_patterns(names))[:3] if names else ()
    try:
        tried = patterns.try_pattern(pattern, names) if pattern else []
    except Misconfigured as error:
        return TriedPattern(pattern=pattern, problem=str(error), suggestions=suggestions)
    read = tuple(TriedName(name=t.name, fields=t.fields, why=t.why) for t in tried)
    return TriedPattern(pattern=pattern, names=read, suggestions=suggestions)


def addresses_of(
    settings: Mapping[str, Any], known: Sequence[Address] = (), allowed: Collection[str] = ()
) -> list[Address]:
    """The hosts that the settings name, and where they lead by what is ``known`` of them.

    So that a page can ask "let the box talk to 192.168.1.20?" before anything is contacted. Nothing
    is resolved here: a name that was not looked up yet has neither an address nor a refusal.
    """
    found: list[Address] = []
    for host in dict.fromkeys(_hosts(settings)):
        literal = _literal(host)
        led = [literal] if literal else [each for each in known if each.host == host]
        found += led or [Address(host=host)]
    return [structs.replace(a, allowed=is_allowed(a.address, allowed)) for a in found]


def look_up(settings: Mapping[str, Any]) -> tuple[Address, ...]:
    """The hosts that the settings name, and the addresses they lead to now. It asks the network."""
    return tuple(address for host in dict.fromkeys(_hosts(settings)) for address in _resolved(host))


def _literal(host: str) -> Address | None:
    """An address that stands in the settings itself: nobody need be asked where it leads."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return Address(host=host, address=str(address), refused=doors.reason_against(address))


def _hosts(settings: Mapping[str, Any]) -> Iterator[str]:
    """Every host in settings, by what its key is called."""
    for key, given in settings.items():
        if isinstance(given, Mapping):
            yield from _hosts(given)
        elif not isinstance(given, str) or not given.strip():
            continue
        elif key in ("host", "server", "address") or key.endswith("_host"):
            yield given.strip()
        elif key in ("url", "base_url") or key.endswith("_url"):
            host = urlsplit(given if "//" in given else f"//{given}").hostname
            if host:
                yield host


def _resolved(host: str) -> list[Address]:
    if literal := _literal(host):
        return [literal]
    try:
        found = socket.getaddrinfo(host, 1, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [Address(host=host, refused=UNKNOWN)]
    addresses = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    return [
        Address(
            host=host, address=address, refused=doors.reason_against(ipaddress.ip_address(address))
        )
        for address in addresses
    ]


def is_allowed(address: str, allowed: Collection[str]) -> bool:
    """Whether an address lies in one of the allowed addresses and networks; "" lies in none."""
    if not address:
        return False
    there = ipaddress.ip_address(address)
    networks = [ipaddress.ip_network(entry, strict=False) for entry in allowed]
    return any(there.version == network.version and there in network for network in networks)


def allow_address(db: Database, connector_id: int, entry: str) -> None:
    """Let the box talk to an address or network (192.168.1.20, 10.0.0.0/24) for a phone system.

    Raises Misconfigured when it is neither, Refused for one nobody may be talked to at, and for a
    network so wide that allowing it says nothing.
    """
    try:
        network = ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError:
        raise Misconfigured(
            "enter an IP address, or a network in the form 192.168.1.0/24"
        ) from None
    if reason := doors.reason_against(network.network_address):
        raise Refused(f"this cannot be allowed: it {reason}")
    if network.prefixlen < (16 if network.version == 4 else 48):
        raise Refused("this network is too wide; allow the addresses of the phone system")
    written = str(network.network_address) if network.num_addresses == 1 else str(network)
    known = store.get_connector(db, connector_id).allowed
    if written not in known:
        store.save_allowed(db, connector_id, (*known, written))


def disallow_address(db: Database, connector_id: int, entry: str) -> None:
    """Take back what ``allow_address`` allowed."""
    known = store.get_connector(db, connector_id).allowed
    store.save_allowed(db, connector_id, tuple(a for a in known if a != entry))


def save_secrets(
    db: Database, keys: Keys, connector_id: int, secrets: Mapping[str, str], *, now: datetime
) -> None:
    """Seal secrets beside those that are there; they are never shown again, only used.

    ``ConnectorRow.secrets_set`` tells when each was entered. An empty one is forgotten.
    """
    store.save_secrets(db, keys.connectors, connector_id, secrets, now=now)


def read_secrets(db: Database, keys: Keys, connector_id: int) -> dict[str, str]:
    """The secrets for a connector; no page shows them. Raises Tampered when they were changed."""
    return store.read_secrets(db, keys.connectors, connector_id)


def means_of(config: Config, keys: Keys, db: Database, row: ConnectorRow) -> Means:
    """What the connector of a row is handed beside its settings."""
    return Means(
        secrets=read_secrets(db, keys, row.id),
        allowed=row.allowed,
        feed=PushedFeed(db, row.id),
        drop=_drop_of(config, row.settings),
    )


def settings_since(
    kind: str, settings: Mapping[str, Any], since: date, now: datetime
) -> dict[str, Any]:
    """The settings with which a first look reaches back to a day.

    Raises Misconfigured where this kind cannot look back.
    """
    days = (now.date() - since).days + 2
    patience = settings.get("patience")
    patience = dict(patience) if isinstance(patience, Mapping) else {}
    for more in (
        {"since": since.isoformat()},
        {"patience": patience | {"lookback_days": max(days, patience.get("lookback_days", 0))}},
    ):
        reaching = dict(settings) | more
        try:
            kind_named(kind).make(dict(reaching), Means())
        except msgspec.ValidationError:
            continue  # it has no such setting
        except Misconfigured:
            pass  # a password is missing here; the settings themselves were understood
        return reaching
    raise Misconfigured("this kind of phone system cannot tell of earlier days")


_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


def _drop_of(config: Config, settings: Mapping[str, Any]) -> str:
    """The folder into which a phone system delivers, "" where it does not."""
    if drop_place_of(settings) is None:
        return ""
    user = drop_user_of(settings)
    if not _USER.fullmatch(user):
        raise Misconfigured("the user of a drop folder is letters, digits, . - and _")
    return str(config.data / "drop" / user)


def open_phone(config: Config, keys: Keys, db: Database, row: ConnectorRow) -> Connector:
    """The connector of a row, with its secrets and means; raises as ``make_phone``."""
    return make_phone(row, means_of(config, keys, db, row))


def make_phone(row: ConnectorRow, means: Means) -> Connector:
    """The connector of a row; nothing is contacted yet. Raises Misconfigured naming the field."""
    kind = kind_named(row.kind)
    try:
        return kind.make(dict(row.settings), means)
    except msgspec.ValidationError as error:
        raise Misconfigured(next(iter(explain(kind, str(error)).values()))) from error


def told_of(row: ConnectorRow, means: Means) -> bytes:
    """A digest of all that a connector is made from: with another one it must be made anew."""
    told = (row.kind, row.settings, dict(means.secrets), means.allowed, means.drop)
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).digest()
