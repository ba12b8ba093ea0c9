"""Passwords and keys of outside services, sealed and bound to what they are for."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import Tampered

_NONCE = 12


def seal_text(key: bytes, purpose: str, text: str) -> bytes:
    """The sealed text; ``key`` is ``keys.connectors``, ``purpose`` must be told again to open it."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), _bound_to(purpose))


def open_text(key: bytes, purpose: str, blob: bytes) -> str:
    """The text; "" where nothing was sealed. Raises Tampered when it is not what was sealed."""
    if not blob:
        return ""
    try:
        return AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], _bound_to(purpose)).decode()
    except InvalidTag:
        raise Tampered("a stored password or key was changed; enter it again") from None


def _bound_to(purpose: str) -> bytes:
    return b"petsvet/" + purpose.encode()
