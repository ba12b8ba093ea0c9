"""The root key of the box, how it is kept, and the sub-keys made from it.

    recovery key, on paper ----wraps---+
                                       +--> root --HKDF--> database, recordings, connectors ...
    systemd credential or root.key ----+

``keyring.json`` (two copies) holds the root wrapped under the recovery key. Without a person it
comes from the systemd credential ``petsvet.root``, else from ``root.key``; see ``describe_mode``.
"""

import base64
import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.errors import Locked, Misconfigured, Refused, Tampered
from appliance.logs import get_log

log = get_log(__name__)

COPIES = ("keyring.json", "keyring.copy.json")
ROOT_FILE = "root.key"
CREDENTIAL = "petsvet.root"
MODES = ("file", "credential")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MISREAD = str.maketrans("018", "OIB")  # signs the alphabet lacks because they look like others
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_GROUP, _GROUPS = 4, 14  # thirteen groups are the key, the last is its checksum
_RING_FIELDS = "created digest mac mode recovery_id root_id version wrapped"

Ring = dict[str, str]


def _derive(key: bytes, label: str) -> bytes:
    info = b"petsvet/keys/1|" + label.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Keys:
    """The root and its sub-keys, 32 bytes each; printing it shows nothing, and it is not pickled."""

    root: bytes
    database: str = field(init=False)  # raw SQLCipher key: 64 lower-case hex digits
    recordings: bytes = field(init=False)  # wraps the data key of every recording
    connectors: bytes = field(init=False)  # wraps passwords of phone systems, mail and the like
    web: bytes = field(init=False)  # HMAC of tokens of the web pages
    audit_seed: bytes = field(init=False)  # Ed25519 seed that signs audit checkpoints
    pseudonyms: bytes = field(init=False)  # HMAC that turns numbers and people into pseudonyms
    tls: bytes = field(init=False)  # makes the passphrase of the private TLS keys

    def __post_init__(self) -> None:
        object.__setattr__(self, "database", _derive(self.root, "database").hex())
        for name in ("recordings", "connectors", "web", "audit_seed", "pseudonyms", "tls"):
            object.__setattr__(self, name, _derive(self.root, name))

    def __repr__(self) -> str:
        return "<Keys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not written anywhere")


def create_keys(data_dir: Path, *, mode: str = "file") -> tuple[Keys, str]:
    """Make the root key of a new box; return it and the recovery key, shown once, never stored.

    Mode ``file`` leaves the root in ``root.key``, readable by this account only: a thief of the
    whole disk can use it. Mode ``credential`` writes no root: seal ``root_credential`` at once.
    Refused where a keyring exists. A root an interrupted set-up left is used again.
    """
    if mode not in MODES:
        raise ValueError("unknown mode of keys")
    if any((data_dir / name).exists() for name in COPIES):
        raise Refused("This box has keys already. Unlock it, or choose an empty data folder.")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    left = _read_root(data_dir / ROOT_FILE)
    if left is None and (data_dir / ROOT_FILE).exists():
        raise Refused("root.key in the data folder is damaged. Move it away before a new set-up.")
    keys = Keys(left or os.urandom(32))
    if mode == "file" and not left:
        reseal_root(data_dir, keys)
    recovery = new_recovery()
    _write_keyring(data_dir, keys, mode, recovery)
    return keys, recovery


def unlock(data_dir: Path, recovery: str | None = None) -> Keys:
    """Open the keys without a person, or with the text of the recovery key. Writes nothing.

    Raises Locked when no fitting key is there (the message says what to do), Tampered when both
    copies of the keyring are damaged, Misconfigured when other accounts can read ``root.key``.
    """
    rings = _read_keyrings(data_dir)
    if recovery is None:
        return _unlock_unattended(data_dir, rings)
    key = parse_recovery(recovery)
    fitting = [ring for ring in rings if ring["recovery_id"] == _key_id(key)]
    if not fitting:
        raise Locked("This recovery key belongs to another box, or a newer one was made since.")
    for ring in fitting:
        keys = _unwrap(ring, key)
        if keys:
            return keys
    raise Tampered("Both copies of the keyring are damaged. Restore keyring.json from a backup.")


def reseal_root(data_dir: Path, keys: Keys) -> None:
    """Write ``root.key`` again after recovery, so that the next start needs no person."""
    write_private(data_dir / ROOT_FILE, root_credential(keys))


def new_recovery() -> str:
    """The text of a fresh recovery key, which opens nothing before ``renew_recovery`` is called."""
    body = base64.b32encode(os.urandom(32)).decode().rstrip("=")
    return "-".join(re.findall("." * _GROUP, body + _checksum(body)))


def renew_recovery(data_dir: Path, keys: Keys, recovery: str) -> None:
    """Let this recovery key open the box, and the old one no longer.

    Show the text of ``new_recovery`` and have it confirmed first: whatever fails after that, one of
    the two keys on paper opens the box.
    """
    fitting = [ring for ring in _read_keyrings(data_dir) if _fits(ring, keys.root)]
    if not fitting:
        raise Locked("These keys belong to another box. Unlock this one first.")
    _write_keyring(data_dir, keys, fitting[0]["mode"], recovery)


def root_credential(keys: Keys) -> bytes:
    """What to pipe into ``systemd-creds encrypt --name=petsvet.root``: 64 hex digits, newline."""
    return keys.root.hex().encode() + b"\n"


def describe_mode(data_dir: Path) -> str:
    """Say what the start without a person protects against here, and what not."""
    if (data_dir / ROOT_FILE).exists():
        return (
            "The root key lies in root.key on this disk. Other accounts cannot read it; whoever "
            "takes the disk or the box can read everything unless the disk itself is encrypted."
        )
    rings = _intact(data_dir)
    if _credential_file() or (rings and rings[0]["mode"] == "credential"):
        return (
            "The root key comes from a systemd credential sealed to this machine. A stolen disk "
            "stays closed; a stolen box that starts by itself does not."
        )
    return "No root key is kept on this box: after each start a person types the recovery key."


def damaged_copies(data_dir: Path) -> list[str]:
    """File names of the keyring copies that are missing or damaged (for the health page)."""
    return [name for name in COPIES if _read_keyring(data_dir / name) is None]


def repair_keyring(data_dir: Path) -> list[str]:
    """Write a damaged or missing copy again from the good one; return the names written."""
    good, damaged = _read_keyrings(data_dir)[0], damaged_copies(data_dir)
    for name in damaged:
        write_private(data_dir / name, _encode_keyring(good))
    return damaged


def write_private(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old or the new one; mode 0600."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, _NEW_FILE, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def _unlock_unattended(data_dir: Path, rings: list[Ring]) -> Keys:
    """The first root that fits: the systemd credential, else ``root.key``."""
    paths = [path for path in (_credential_file(), data_dir / ROOT_FILE) if path and path.exists()]
    for path in paths:
        root = _read_root(path)
        if root and any(_fits(ring, root) for ring in rings):
            return Keys(root)
        if root and _key_id(root) in {ring["root_id"] for ring in rings}:
            raise Tampered("The keyring was changed by someone. Restore keyring.json.")
    state = "on this box does not fit its keyring" if paths else "of this box is not here"
    raise Locked(f"The root key {state}. Unlock it with the recovery key.")


def _credential_file() -> Path | None:
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent", CREDENTIAL)
    return path if path.exists() else None


def _read_root(path: Path) -> bytes | None:
    """32 bytes of a file that holds 64 hex digits; None where it is missing or something else."""
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError:
        raise Locked("The root key cannot be read by this account. Check owner and mode.") from None
    if path.name == ROOT_FILE and mode & 0o077:
        raise Misconfigured("Other accounts can read root.key. Run: chmod 600 root.key")
    digits = content.strip()
    return bytes.fromhex(digits.decode()) if re.fullmatch(rb"[0-9a-f]{64}", digits) else None


def _key_id(key: bytes) -> str:
    return _derive(key, "id").hex()[:16]  # public: it says nothing about the key


def _fits(ring: Ring, root: bytes) -> bool:  # the MAC covers everything in the keyring
    return hmac.compare_digest(ring["mac"].encode(), _mac(ring, root).encode())


def _canonical(ring: Ring, *without: str) -> bytes:
    content = {name: value for name, value in ring.items() if name not in without}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _mac(ring: Ring, root: bytes) -> str:
    content = _canonical(ring, "mac", "digest")
    return hmac.digest(_derive(root, "keyring"), content, "sha256").hex()


def _write_keyring(data_dir: Path, keys: Keys, mode: str, text: str) -> None:
    """Wrap the root under the recovery key and write both copies."""
    recovery, nonce = parse_recovery(text), os.urandom(12)
    ids = {"root_id": _key_id(keys.root), "recovery_id": _key_id(recovery)}
    sealed = AESGCM(_derive(recovery, "wrap")).encrypt(nonce, keys.root, _canonical(ids))
    wrapped = base64.b64encode(nonce + sealed).decode()
    created = datetime.now(UTC).isoformat(timespec="seconds")
    ring = {"version": "1", "created": created, "mode": mode, **ids, "wrapped": wrapped}
    content = _encode_keyring(ring | {"mac": _mac(ring, keys.root)})
    for name in COPIES:
        write_private(data_dir / name, content)


def _encode_keyring(ring: Ring) -> bytes:
    return json.dumps(ring | {"digest": _digest(ring)}, indent=2).encode() + b"\n"


def _digest(ring: Ring) -> str:  # needs no key: it tells damage from a wrong key
    return hashlib.sha256(_canonical(ring, "digest")).hexdigest()


def _unwrap(ring: Ring, recovery: bytes) -> Keys | None:
    """The keys of a fitting keyring, None where it was changed after it was written."""
    ids = {"root_id": ring["root_id"], "recovery_id": ring["recovery_id"]}
    try:
        blob = base64.b64decode(ring["wrapped"])
        cipher = AESGCM(_derive(recovery, "wrap"))
        root = cipher.decrypt(blob[:12], blob[12:], _canonical(ids))
    except (InvalidTag, ValueError):
        return None
    return Keys(root) if _fits(ring, root) else None


def _read_keyrings(data_dir: Path) -> list[Ring]:
    """The undamaged copies, first copy first; raises Locked or Tampered when there is none."""
    rings = _intact(data_dir)
    if not rings and any((data_dir / name).exists() for name in COPIES):
        raise Tampered("Both copies of the keyring are damaged. Restore keyring.json.")
    if not rings:
        raise Locked("This box has no keyring. Run the set-up, or restore keyring.json.")
    if len(rings) < len(COPIES):
        log.warning("one copy of the keyring is missing or damaged: repair it")
    return rings


def _intact(data_dir: Path) -> list[Ring]:
    return [ring for name in COPIES if (ring := _read_keyring(data_dir / name))]


def _read_keyring(path: Path) -> Ring | None:  # None: missing or damaged
    try:
        ring = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    except OSError:
        raise Locked("The keyring cannot be read by this account. Check owner and mode.") from None
    if (
        not isinstance(ring, dict)
        or " ".join(sorted(ring)) != _RING_FIELDS
        or ring["version"] != "1"
    ):
        return None
    strings = all(isinstance(value, str) for value in ring.values())
    return ring if strings and ring["digest"] == _digest(ring) else None


def _checksum(body: str) -> str:  # 20 bits
    digest = hashlib.sha256(b"petsvet/recovery/1|" + body.encode()).digest()
    return base64.b32encode(digest).decode()[:_GROUP]


def parse_recovery(text: str) -> bytes:
    """The 32 bytes of a typed recovery key; case, spaces, dashes and 0/O, 1/I, 8/B are forgiven.

    Raises Locked and names the wrong group, as far as one wrong sign or two swapped ones explain
    the checksum.
    """
    signs = re.sub(r"[\s-]+", "", text).upper().translate(_MISREAD)
    _check_groups(text, signs)
    body, checksum = signs[:-_GROUP], signs[-_GROUP:]
    if not hmac.compare_digest(_checksum(body), checksum):
        group = _wrong_group(signs)
        where = f"Check group {group}" if group else "More than one sign is wrong: check all groups"
        raise Locked(f"The recovery key has a typing error. {where} of {_GROUPS}.")
    return base64.b32decode(body + "====")


def _check_groups(text: str, signs: str) -> None:
    """Refuse text that is not 14 groups of 4 signs of the alphabet, naming the group at fault."""
    foreign = [at for at, sign in enumerate(signs) if sign not in _ALPHABET]
    if foreign:
        group = min(foreign[0] // _GROUP + 1, _GROUPS)
        raise Locked(f"The recovery key has a foreign sign in group {group} of {_GROUPS}.")
    if len(signs) != _GROUP * _GROUPS:
        lengths = [len(part) for part in re.findall(r"[^\s-]+", text)]
        odd = [at for at, length in enumerate(lengths, 1) if length != _GROUP]
        where = f" Check group {odd[0]}." if odd and len(lengths) == _GROUPS else ""
        raise Locked(f"The recovery key has {_GROUPS} groups of {_GROUP} signs each.{where}")


def _wrong_group(signs: str) -> int | None:
    """The group where one other sign, or two neighbors swapped, would make the checksum right."""
    for at in range(len(signs)):
        before, here, after = signs[:at], signs[at : at + 2], signs[at + 2 :]
        others = [before + sign + here[1:] + after for sign in _ALPHABET]
        for candidate in (*others, before + here[::-1] + after):
            if _checksum(candidate[:-_GROUP]) == candidate[-_GROUP:]:
                return at // _GROUP + 1
    return None
