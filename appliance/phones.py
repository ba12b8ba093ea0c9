"""The window to phone systems for pages and commands: kinds, forms, addresses, secrets, means.

Pages may not know ``connectors``; what they show of them is plain facts from here. Nothing here
opens a connection: names are resolved, and the courier's chores do the rest.
"""

import ipaddress
import re
import socket
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlsplit

import msgspec

from appliance.config import Config
from appliance.db import Database
from appliance.errors import Misconfigured, Refused
from appliance.facts.phones import Address, FieldFacts, KindFacts
from appliance.keys import Keys
from appliance.store import connectors as store
from appliance.store.connectors import ConnectorRow
from connectors import doors
from connectors.interface import Connector
from connectors.kinds import LEVELS, Field, Kind, Means
from connectors.places import Place
from connectors.registry import KINDS, kind_named

PASSWORD = Field(name="place_password", label="Password", secret=True)
PATH = Field(name="path", label="Folder of the recordings")
USER = Field(name="user", label="User", required=True)
HOST = Field(name="host", label="Address", required=True, help="A name or an IP address.")
LONGEST = 20_000  # signs of one setting; a private key is the longest

# By the word in a place's settings; ``tests/test_phones.py`` holds them against connectors.places.
PLACES: dict[str, tuple[str, str, tuple[Field, ...], str]] = {
    "folder": (
        "A folder of this box or a mounted share",
        "real",
        (Field(name="path", label="Folder", required=True),),
        "",
    ),
    "sftp": (
        "SFTP",
        "real",
        (
            HOST,
            USER,
            PASSWORD,
            Field(
                name="place_key",
                label="Private key",
                secret=True,
                help="In OpenSSH's form, instead of a password.",
            ),
            PATH,
            Field(
                name="host_key",
                label="Fingerprint of the server",
                help="SHA256:… as the test shows it; compare it with the server's own.",
            ),
            Field(name="port", label="Port", type="number", default="22", advanced=True),
        ),
        "",
    ),
    "smb": (
        "Windows or Samba share, without mounting it",
        "real",
        (
            HOST,
            Field(name="share", label="Name of the share", required=True),
            USER,
            PASSWORD,
            PATH,
            Field(name="domain", label="Domain", advanced=True),
            Field(name="port", label="Port", type="number", default="445", advanced=True),
        ),
        "",
    ),
    "ftps": (
        "FTP with TLS",
        "real",
        (
            HOST,
            USER,
            PASSWORD,
            PATH,
            Field(
                name="certificate",
                label="Fingerprint of the certificate",
                help="SHA-256, in hex; needed where the certificate is the server's own.",
                advanced=True,
            ),
            Field(name="port", label="Port", type="number", default="21", advanced=True),
            Field(
                name="plain",
                label="Without TLS",
                type="bool",
                help="Password and recordings then travel openly through the network.",
                advanced=True,
            ),
        ),
        "",
    ),
    "drop": (
        "The phone system delivers to this box",
        "real",
        (
            Field(
                name="user",
                label="User",
                required=True,
                help="The name with which the phone system signs in here.",
            ),
            Field(name="path", label="Folder in it", advanced=True),
        ),
        "The phone system sends its recordings to an account on this box and can read nothing.",
    ),
}


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
            proof=LEVELS[level],  # type: ignore[index]
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


def read_form(kind: str, form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings and secrets from what a person typed, by field name.

    The parts of a place are named ``place.by``, ``place.host`` and so on; its secrets as they are.
    An empty setting is left out, so that its default holds; empty secrets are left out too. Raises
    Misconfigured for a name that is no field, and for a value that is not of its field's type.
    """
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    fields = dict(_paths(kind_named(kind), form))
    for path, text in form.items():
        if path not in fields:
            raise Misconfigured(f"{path!r} is not a setting of this kind of phone system")
        if len(text) > LONGEST or "\0" in text:
            raise Misconfigured(f"{fields[path].label}: this is too long")
        if fields[path].secret:
            secrets |= {path: text} if text else {}
        elif text.strip():
            _put(settings, path, _typed(fields[path], text.strip()))
    return settings, secrets


def show_form(kind: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings as text for a form, the reverse of ``read_form``; secrets are never in it."""
    shown: dict[str, str] = {}
    for field in kind_named(kind).fields:
        if field.secret:
            continue
        given = settings.get(field.name)
        if field.type == "place" and isinstance(given, Mapping):
            shown |= {f"{field.name}.{part}": _shown(what) for part, what in given.items()}
        else:
            shown[field.name] = field.default if given is None else _shown(given)
    return shown


def _shown(given: Any) -> str:
    if isinstance(given, bool):
        return "yes" if given else ""
    return ", ".join(map(str, given)) if isinstance(given, (list, tuple)) else str(given)


def _paths(kind: Kind, form: Mapping[str, Any]) -> Iterator[tuple[str, Field]]:
    """Every name a form of this kind may have, those of the chosen place included."""
    for field in kind.fields:
        if field.type != "place":
            yield field.name, field
            continue
        yield f"{field.name}.by", Field(name="by", label=field.label)
        by = form.get(f"{field.name}.by", "")
        for part in PLACES[by][2] if by in PLACES else ():
            yield part.name if part.secret else f"{field.name}.{part.name}", part


def _put(settings: dict[str, Any], path: str, given: Any) -> None:
    head, _, tail = path.partition(".")
    if tail:
        settings.setdefault(head, {})[tail] = given
    else:
        settings[head] = given


def _typed(field: Field, text: str) -> Any:
    if field.type == "bool":
        return text.lower() in ("yes", "true", "on", "1")
    if field.type == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if field.type == "number":
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", text, re.ASCII):
            raise Misconfigured(f"{field.label}: enter a number")
        return float(text) if "." in text else int(text)
    if field.type == "choice" and text not in {code for code, _ in field.choices}:
        words = ", ".join(code for code, _ in field.choices)
        raise Misconfigured(f"{field.label}: choose one of {words}")
    return text


def find_problems(
    kind: str, settings: Mapping[str, Any], secrets: Collection[str] = ()
) -> dict[str, str]:
    """What is wrong with settings, by the name of the field in a form; {} when all is well.

    ``secrets`` are the names of those that are there. "" stands for the settings as a whole.
    """
    found = kind_named(kind)
    flat = _flat(found, settings)
    problems = {
        path: f"{field.label}: this is needed"
        for path, field in _paths(found, flat)
        if field.required and not (path in secrets if field.secret else flat.get(path))
    }
    for field in found.fields:
        if field.type == "place" and flat.get(f"{field.name}.by") not in PLACES:
            problems[f"{field.name}.by"] = f"{field.label}: choose how to reach the files"
    return problems or _refusal(found, settings, dict.fromkeys(secrets, "x"))


def check_settings(kind: str, settings: Mapping[str, Any], secrets: Collection[str] = ()) -> None:
    """Raises Misconfigured naming the first field that is wrong; see ``find_problems``."""
    for problem in find_problems(kind, settings, secrets).values():
        raise Misconfigured(problem)


def _flat(kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    flat = dict(settings)
    for field in kind.fields:
        place = settings.get(field.name)
        if field.type == "place" and isinstance(place, Mapping):
            flat |= {f"{field.name}.{part}": given for part, given in place.items()}
    return flat


def _refusal(kind: Kind, settings: Mapping[str, Any], secrets: dict[str, str]) -> dict[str, str]:
    try:
        kind.make(dict(settings), Means(secrets=secrets))
    except msgspec.ValidationError as error:
        return _explained(kind, str(error))
    except Misconfigured as error:
        return {"": str(error)}
    return {}


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "yes or no",
    "array": "a list",
    "object": "several settings",
}


def _explained(kind: Kind, problem: str) -> dict[str, str]:
    """What msgspec found, by field and in words; values are not repeated."""
    what, _, at = problem.partition(" - at `$.")
    named = re.search(r"(?:required|unknown) field `([^`]*)`", what)
    path = ".".join(part for part in (at.strip("`"), named[1] if named else "") if part)
    path = re.sub(r"[^\w.]|\[.*", "", path)
    labels = {name: field.label for name, field in _paths(kind, {})}
    label = labels.get(path, path or "settings")
    expected = re.match(r"Expected `(\w+)", what)
    if named and "required" in what:
        return {path: f"{label}: this is needed"}
    if named:
        return {path: f"{label}: this is not a setting of this kind of phone system"}
    if expected:
        return {path: f"{label}: this must be {_EXPECTED.get(expected[1], expected[1])}"}
    return {path: f"{label}: this value cannot be used"}


def addresses_of(
    kind: str, settings: Mapping[str, Any], allowed: Collection[str] = ()
) -> list[Address]:
    """The hosts that the settings name, and the addresses they lead to now.

    So that a page can ask "let the box talk to 192.168.1.20?" before anything is contacted.
    """
    kind_named(kind)
    return [
        address for host in dict.fromkeys(_hosts(settings)) for address in _resolved(host, allowed)
    ]


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


def _resolved(host: str, allowed: Collection[str]) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, 1, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [Address(host=host, refused="this name is not known in the network")]
    addresses = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    return [
        Address(
            host=host,
            address=address,
            allowed=is_allowed(address, allowed),
            refused=doors.reason_against(ipaddress.ip_address(address)),
        )
        for address in addresses
    ]


def is_allowed(address: str, allowed: Collection[str]) -> bool:
    """Whether an address lies in one of the allowed addresses and networks."""
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
        drop=_drop_of(config, row.settings),
    )


_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


def _drop_of(config: Config, settings: Mapping[str, Any]) -> str:
    """The folder into which a phone system delivers, "" where it does not."""
    for place in settings.values():
        if isinstance(place, Mapping) and place.get("by") == "drop":
            user = str(place.get("user", ""))
            if not _USER.fullmatch(user):
                raise Misconfigured("the user of a drop folder is letters, digits, . - and _")
            return str(config.data / "drop" / user)
    return ""


def open_phone(config: Config, keys: Keys, db: Database, row: ConnectorRow) -> Connector:
    """The connector of a row; nothing is contacted yet. Raises Misconfigured naming the field."""
    kind, means = kind_named(row.kind), means_of(config, keys, db, row)
    try:
        return kind.make(dict(row.settings), means)
    except msgspec.ValidationError as error:
        raise Misconfigured(next(iter(_explained(kind, str(error)).values()))) from error


def places_known() -> set[str]:
    """The words a place's ``by`` may be, as the connectors tell them."""
    return {str(place.__struct_config__.tag) for place in get_args(Place)}
