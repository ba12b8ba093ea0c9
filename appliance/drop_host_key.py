"""The drop server's own host key: made once, kept under the data folder, told by its fingerprint."""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from appliance.errors import Misconfigured, Tampered
from appliance.keys import write_private

NAME = "drop_host_key"


def host_key(data: Path) -> bytes:
    """The private key in OpenSSH's form, made when there is none.

    Raises Misconfigured when other accounts of this machine can read it, Tampered when it is
    damaged: a new key would make every phone system refuse the box.
    """
    path = data / NAME
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        form = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        write_private(path, made.private_bytes(*form))
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"Other accounts can read {NAME}. Run: chmod 600 {NAME}")
    content = path.read_bytes()
    _load(content)
    return content


def fingerprint(data: Path) -> str:
    """The fingerprint as phone systems and ``ssh`` show it: ``SHA256:…``."""
    public = _load(host_key(data)).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _load(content: bytes) -> Ed25519PrivateKey:
    try:
        key = load_ssh_private_key(content, password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Tampered(f"{NAME} in the data folder is damaged; restore it from a backup")
    return key
