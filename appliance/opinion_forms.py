"""The form of the second opinion's server: what a person typed, checked, and as it is shown again."""

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from appliance.errors import Misconfigured
from appliance.facts.opinions import SCOPES, OpinionServer
from appliance.opinion_server import LONGEST_NAME, base_of, check_allowed

SHORTEST_S, LONGEST_S = 5, 300
MOST_A_MINUTE = 60
LONGEST_KEY = 400
_NUMBERS: Final = {
    "timeout_s": ("seconds to wait", SHORTEST_S, LONGEST_S),
    "per_minute": ("calls a minute", 1, MOST_A_MINUTE),
}


def show_server(server: OpinionServer) -> dict[str, str]:
    """The fields of the form as they are in force."""
    names = ("url", "allowed", "certificate", "model", "timeout_s", "per_minute", "scope")
    return {name: str(getattr(server, name)) for name in names}


def read_server(data: Mapping[str, str], set_by: str) -> OpinionServer:
    """The server a person typed. Raises Misconfigured or Refused with what is wrong.

    While it is off, fields may be empty; what stands in them must be right all the same.
    """
    typed = {name: text.strip() for name, text in data.items()}
    scope = typed.get("scope", "off")
    if scope not in SCOPES:
        raise Misconfigured("choose which calls are asked about")
    server = OpinionServer(
        url=typed.get("url", ""),
        allowed=typed.get("allowed", "") or _address_in(typed.get("url", "")),
        certificate=typed.get("certificate", ""),
        model=typed.get("model", ""),
        timeout_s=_number(typed, "timeout_s", OpinionServer().timeout_s),
        per_minute=_number(typed, "per_minute", OpinionServer().per_minute),
        scope=scope,
        set_by=set_by,
    )
    _check(server)
    return server


def _check(server: OpinionServer) -> None:
    wanted = server.scope != "off"
    if wanted or server.url:
        base_of(server.url)
    if wanted or server.allowed:
        check_allowed(server.allowed)
    if len(server.model) > LONGEST_NAME or not server.model.isprintable():
        raise Misconfigured(f"the name of a model has at most {LONGEST_NAME} letters")
    if wanted and not server.model:
        raise Misconfigured("enter the name of the model that the server should use")
    if any(sign not in "0123456789abcdefABCDEF: " for sign in server.certificate):
        raise Misconfigured("the fingerprint of a certificate is made of hexadecimal digits")


def _address_in(url: str) -> str:
    """The address in ``url`` where it is one and not a name: typing it is allowing it."""
    try:
        return str(ipaddress.ip_address(urlsplit(url).hostname or ""))
    except ValueError:
        return ""


def _number(typed: Mapping[str, str], name: str, usual: int) -> int:
    words, least, most = _NUMBERS[name]
    text = typed.get(name, "") or str(usual)
    if not text.isdecimal() or len(text) > 6 or not least <= int(text) <= most:
        raise Misconfigured(f"{words}: enter a number from {least} to {most}")
    return int(text)


def read_new_key(data: Mapping[str, str]) -> str | None:
    """The key a person typed, "" to forget it, None to leave it as it is."""
    if data.get("forget_key"):
        return ""
    key = data.get("key", "").strip()
    if not key:
        return None
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise Misconfigured("the key is made of plain letters and digits, without spaces")
    return key
