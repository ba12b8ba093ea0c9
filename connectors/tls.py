"""TLS to phone systems: a certificate that is known to the world, or one that a person confirmed.

Phone systems sign their certificates themselves. Looking away would let anyone on the network be
the phone system; so its certificate's SHA-256 is confirmed once and compared every time, before a
single byte of ours is sent.
"""

import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterable
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from connectors import doors

_LEGACY_SERVER = 0x4  # OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT; Python names it from 3.12 on


class _Pinned(ssl.SSLContext):
    """Takes exactly one certificate; every socket is checked as soon as its handshake is over."""

    expected = ""

    def wrap_socket(self, sock: socket.socket, *given: Any, **named: Any) -> ssl.SSLSocket:
        """As any context's. Raises Misconfigured when another certificate is shown."""
        wrapped = super().wrap_socket(sock, *given, **named)
        shown = fingerprint_of(wrapped)
        if not hmac.compare_digest(shown, self.expected):
            wrapped.close()
            raise Misconfigured(
                "the phone system shows another certificate than the one that was confirmed;"
                f" if it was renewed on purpose, confirm the new one: {shown}"
            )
        return wrapped


def context_for(certificate: str) -> ssl.SSLContext:
    """The context for a host: ``certificate`` is its pinned SHA-256 in hex, "" for known CAs."""
    if not certificate:
        return ssl.create_default_context()
    context = _Pinned(ssl.PROTOCOL_TLS_CLIENT)
    context.expected = normal_fingerprint(certificate)
    _accept_anyone(context)
    return context


def context_of(authority: str) -> ssl.SSLContext:
    """The context that trusts the known CAs and, if it is given, one of the clinic's own (PEM)."""
    context = ssl.create_default_context()
    if authority:
        try:
            context.load_verify_locations(cadata=authority)
        except (ssl.SSLError, ValueError) as error:
            raise Misconfigured(
                "this is no certificate; paste the whole text of the file, from"
                " -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
            ) from error
    return context


def _accept_anyone(context: ssl.SSLContext) -> None:
    """Let old phone systems in: the pin says who it is, and old ciphers are better than none."""
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER


def normal_fingerprint(certificate: str) -> str:
    """64 small hex digits, however it was pasted. Raises Misconfigured when it is none."""
    text = certificate.strip().lower().removeprefix("sha256:").replace(":", "").replace(" ", "")
    if len(text) != 64 or any(sign not in "0123456789abcdef" for sign in text):
        raise Misconfigured("a certificate's SHA-256 fingerprint has 64 hexadecimal digits")
    return text


def fingerprint_of(connection: ssl.SSLSocket) -> str:
    """SHA-256 of the certificate the other side showed, in hex."""
    return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def shown_by(connection: socket.socket, host: str) -> str:
    """The fingerprint of whatever certificate is shown; nothing else is sent. Closes the socket."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _accept_anyone(context)
    try:
        with connection, context.wrap_socket(connection, server_hostname=host) as wrapped:
            return fingerprint_of(wrapped)
    except OSError as error:
        raise Unavailable(why_no_tls(error)) from error


def certificate_of(host: str, port: int, allowed: Iterable[str]) -> str:
    """The SHA-256 of the certificate a server shows, in hex, for a person to confirm."""
    return shown_by(doors.connect(host, port, allowed), host)


def why_no_tls(error: OSError, who: str = doors.PHONES.who) -> str:
    """A failed handshake in words for people."""
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return f"{who} does not speak TLS at this port; is the port right?"
    if isinstance(error, ssl.SSLError):
        return f"{who} broke off the encrypted connection; is its TLS set up?"
    return doors.why_no_answer(error, who)


def raise_untrusted(error: BaseException) -> None:
    """Raise Misconfigured if ``error`` comes from a certificate nobody vouches for."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, ssl.SSLCertVerificationError):
            raise Misconfigured(
                "the phone system's certificate is not vouched for"
                f" ({current.verify_message}); confirm its fingerprint in the settings"
            ) from error
        current = current.__cause__ or current.__context__
