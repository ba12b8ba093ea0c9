"""Forms for phone systems: what a person types, as settings and secrets, and what is wrong with it.

Pages and commands reach this by ``appliance.phones``.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from appliance.errors import Misconfigured
from appliance.store.drop_users import drop_place_of
from connectors.kinds import Field, Kind, Means
from connectors.places import secret_name
from connectors.registry import kind_named

PASSWORD = Field(name="place_password", label="Password", secret=True)
PATH = Field(name="path", label="Folder there")
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
            PASSWORD,
            Field(
                name="key",
                label="Public key",
                help="In OpenSSH's form (ssh-ed25519 …), beside the password or instead of it.",
                advanced=True,
            ),
            Field(name="path", label="Folder in it", advanced=True),
        ),
        "The phone system sends its recordings to an account on this box and can read nothing.",
    ),
}


def read_form(kind: str, form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings and secrets from what a person typed, by field name.

    The parts of a place are named ``place.by``, ``place.host`` and so on; its secrets are
    ``place_password`` and ``place_key``, those of another place begin with its name.
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
            yield part_name(field.name, part.name, part.secret), part


def part_name(place: str, part: str, secret: bool) -> str:
    """What a part of a place is called in a form."""
    return secret_name(place, part) if secret else f"{place}.{part}"


def secret_names(kind: str) -> set[str]:
    """The fields of a kind that are secrets, those of every way to reach files included."""
    fields = kind_named(kind).fields
    hidden = {f.name for *_, parts, _ in PLACES.values() for f in parts if f.secret}
    own = {field.name for field in fields if field.secret}
    places = [field.name for field in fields if field.type == "place"]
    return own | {secret_name(place, secret) for place in places for secret in hidden}


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
        if field.secret or not field.default
    }
    for field in found.fields:
        wanted = field.required or field.name in settings
        if field.type == "place" and wanted and flat.get(f"{field.name}.by") not in PLACES:
            problems[f"{field.name}.by"] = f"{field.label}: choose how to reach the files"
    problems |= _two_accounts(found, flat)
    return problems or _refusal(found, settings, dict.fromkeys(secrets, "x"))


def _two_accounts(kind: Kind, flat: Mapping[str, Any]) -> dict[str, str]:
    """One phone system has one account of the drop, with a folder in it for each place."""
    places = [field.name for field in kind.fields if field.type == "place"]
    users = [(f"{p}.user", flat.get(f"{p}.user")) for p in places if flat.get(f"{p}.by") == "drop"]
    return {
        path: "Deliver both under the same user; tell the two apart by a folder in it."
        for path, user in users[1:]
        if user != users[0][1]
    }


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
    delivers = drop_place_of(settings) is not None  # any folder will do: nothing is opened
    try:
        kind.make(dict(settings), Means(secrets=secrets, drop="/" if delivers else ""))
    except msgspec.ValidationError as error:
        return explain(kind, str(error))
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


def explain(kind: Kind, problem: str) -> dict[str, str]:
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
