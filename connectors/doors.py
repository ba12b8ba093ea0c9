"""The one way out: a host is resolved, its address judged, and exactly that address connected to.

A phone system's address comes from a person's form or from its own answers, so the text of it says
nothing: ``2130706433`` and ``0x7f.1`` are this box too. What counts is the address it resolves to,
and since that may differ the next time it is asked for, it is asked for once.
"""

import errno
import ipaddress
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import NamedTuple

from appliance.errors import Misconfigured, Unavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NOT_ALLOWED = "is not among the addresses that were allowed"


class Judged(NamedTuple):
    """What was said of an address that ``host`` led to; ``reason`` is "" where it was let out."""

    host: str
    address: str
    reason: str


Hear = Callable[[Judged], None]
_hearing: ContextVar[Hear | None] = ContextVar("hearing", default=None)

_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")


class Aim(NamedTuple):
    """What kind of outside a connection is for.

    ``who``: what people call it. ``public``: addresses of the internet need no entry of their own.
    ``here``: a service on this box itself may be meant.
    """

    who: str
    public: bool = False
    here: bool = False


PHONES = Aim("the phone system")


def check_host(host: str, port: int, allowed: Iterable[str], aim: Aim = PHONES) -> str:
    """The address to connect to for ``host``: the first it resolves to that is allowed.

    ``allowed``: addresses and networks. Raises Misconfigured when all of its addresses are
    forbidden or not allowed, naming the one to allow; Unavailable when the name is not known now.
    """
    networks = [_network(entry) for entry in allowed]
    if not 0 < port < 65536:
        raise Misconfigured(f"{port} is no port; enter one from 1 to 65535")
    addresses = [_faces(address)[0] for address in _resolve(host, port, aim.who)]
    reasons = [_reason_for(address, aim) for address in addresses]
    for address, reason in zip(addresses, reasons, strict=True):
        if not reason and (_lies_in(address, networks) or _needs_no_entry(address, aim)):
            _tell(host, address, "")
            return str(address)
    for address, reason in zip(addresses, reasons, strict=True):
        _tell(host, address, reason or NOT_ALLOWED)
    for address, reason in zip(addresses, reasons, strict=True):
        if not reason:
            raise Misconfigured(
                f"the box may not talk to {address} yet; add {address} to its allowed"
                f" addresses if that is {aim.who}"
            )
    raise Misconfigured(f"{addresses[0]} {reasons[0]}; enter the address of {aim.who}")


@contextmanager
def overheard(hear: Hear) -> Iterator[None]:
    """Have ``hear`` told of every address that is judged by this thread inside the block.

    The error alone would not do: a phone system's own code may turn it into a sentence, or try
    something else.
    """
    before = _hearing.set(hear)
    try:
        yield
    finally:
        _hearing.reset(before)


def _tell(host: str, address: Address, reason: str) -> None:
    hear = _hearing.get()
    if hear is not None:
        hear(Judged(host, str(address), reason))


def _reason_for(address: Address, aim: Aim) -> str:
    return "" if aim.here and address.is_loopback else reason_against(address)


def _needs_no_entry(address: Address, aim: Aim) -> bool:
    if aim.here and address.is_loopback:
        return True
    return aim.public and all(face.is_global for face in _faces(address))


def connect(
    host: str, port: int, allowed: Iterable[str], timeout_s: float = 10, aim: Aim = PHONES
) -> socket.socket:
    """A connected socket. Raises as ``check_host`` does, and Unavailable when nobody answers."""
    address = check_host(host, port, allowed, aim)
    try:
        return socket.create_connection((address, port), timeout_s)
    except OSError as error:
        raise Unavailable(why_no_answer(error, aim.who)) from error


def why_no_answer(error: OSError, who: str = PHONES.who) -> str:
    """A failed connection in words for people."""
    if isinstance(error, TimeoutError):
        return f"{who} did not answer in time; is it on, and is the port open?"
    if error.errno == errno.ECONNREFUSED:
        return f"{who} refused the connection; is its service on, is the port right?"
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return f"there is no way to {who}; are both in the same network?"
    return f"the connection to {who} failed: {error.strerror or 'no answer'}"


def reason_against(address: Address) -> str:
    """Why nobody may be talked to at this address, whatever is allowed; "" when one may."""
    for face in _faces(address):
        if face.is_loopback or face.is_unspecified or face in _THIS_NETWORK or _is_own(face):
            return "is this box itself"
        if face.is_link_local:
            return "is an address without a network (link-local)"
        if face.is_multicast or face.is_reserved or getattr(face, "is_site_local", False):
            return "is not the address of one device"
    return ""


def _faces(address: Address) -> list[Address]:
    """What is really talked to first, then any IPv4 address that is wrapped in it.

    The ways of wrapping one that are not taken apart here lie in a reserved network.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inner = [address.sixtofour, *(address.teredo or ())]
    return [address, *(face for face in inner if face is not None)]


def _is_own(address: Address) -> bool:
    """Whether a network card of this box has the address: only then can one listen at it."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.bind((str(address), 0))
        return True
    return False


def _resolve(host: str, port: int, who: str) -> list[Address]:
    if not host or not host.isprintable() or any(sign in host for sign in " /\\@?#"):
        raise Misconfigured("enter a plain host name or address, without a path or a user")
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unavailable(
            f"the name of {who} is not known to the network; is it spelled right?"
        ) from error
    except (UnicodeError, ValueError) as error:
        raise Misconfigured("this cannot be the name of a host; enter its address") from error
    addresses = dict.fromkeys(ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found)
    return list(addresses)


def _network(entry: str) -> _Network:
    try:
        return ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError as error:
        raise Misconfigured(
            f"{entry!r} among the allowed addresses is neither an address nor a network;"
            " write it like 192.168.1.10 or 192.168.1.0/24"
        ) from error


def _lies_in(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address.version == net.version and address in net for net in networks)
