"""Sealed files: encrypted in chunks, bound to one record, readable from any place.

    header   "PVSEAL" | version, 2 bytes | salt, 32 bytes | commitment, 32 bytes
    chunks   16 KiB of plaintext each + 16 bytes of tag; the last is always shorter, maybe empty

HKDF-SHA256(record key, salt, label | record name) gives the AES-256-GCM key, the base nonce and the
commitment: a file opens under exactly one key and one name. The nonce of chunk *n* is the base
nonce XOR *n*. Since only the last chunk may be short, its place and size say how long the file is,
and nobody without the key can cut or lengthen it.
"""

import hashlib
import hmac
import io
import os
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.errors import Tampered

CHUNK = 16 * 1024
TAG = 16
_SEALED_CHUNK = CHUNK + TAG
_MAGIC = b"PVSEAL\x00\x01"
_SALT, _COMMITMENT, _NONCE, _KEY = 32, 32, 12, 32
HEADER = len(_MAGIC) + _SALT + _COMMITMENT
_FILE_LABEL = b"petsvet/seal/1|"
_WRAP_LABEL = b"petsvet/wrap/1|"
_WRAP_VERSION = b"\x01"
_MAX_CHUNKS = 2**32


@dataclass(frozen=True, slots=True)
class SealedInfo:
    """What went into a sealed file: ``size`` in bytes and hex ``sha256``, both of the plaintext."""

    size: int
    sha256: str


class _Chunks:
    """The cipher of one file: encrypts and decrypts its chunks by their index."""

    def __init__(self, key: bytes, salt: bytes, name: str) -> None:
        if len(key) != _KEY or not name:
            raise ValueError("a sealed file needs a key of 32 bytes and the name of its record")
        length = _KEY + _NONCE + _COMMITMENT
        info = _FILE_LABEL + name.encode()
        derived = HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)
        self._cipher = AESGCM(derived[:_KEY])
        self._base = int.from_bytes(derived[_KEY : _KEY + _NONCE], "big")
        self.commitment = derived[_KEY + _NONCE :]

    def _nonce(self, index: int) -> bytes:
        if index >= _MAX_CHUNKS:
            raise ValueError("too long for one sealed file")
        return (self._base ^ index).to_bytes(_NONCE, "big")

    def encrypt(self, index: int, plain: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(index), plain, None)

    def decrypt(self, index: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(index), sealed, None)
        except InvalidTag:
            raise Tampered("A sealed recording was changed or cut; restore it.") from None


class SealedReader(io.RawIOBase):
    """A seekable, read-only binary file over a sealed one; give it to PyAV as it is.

    ``size`` is the authentic length of the plaintext in bytes. Only chunks that are touched are
    decrypted, and nothing is returned before its tag is verified. Not for use by two threads.
    """

    _opened = False  # the file under a reader that did not open stays its caller's

    def __init__(self, file: BinaryIO, key: bytes, name: str) -> None:
        super().__init__()
        total = file.seek(0, os.SEEK_END)
        file.seek(0)
        header = _read_up_to(file, HEADER)
        if len(header) != HEADER or not header.startswith(_MAGIC):
            raise Tampered("A file in the vault is not a sealed recording; restore it.")
        salt = header[len(_MAGIC) : len(_MAGIC) + _SALT]
        self._file, self._chunks = file, _Chunks(key, salt, name)
        if not hmac.compare_digest(self._chunks.commitment, header[-_COMMITMENT:]):
            raise Tampered("A sealed recording belongs to another record or key; restore it.")
        self._last, rest = divmod(total - HEADER, _SEALED_CHUNK)
        if rest < TAG:
            raise Tampered("A sealed recording was cut; restore it.")
        self.size = self._last * CHUNK + rest - TAG
        self._position = 0
        self._held = (-1, b"")
        self._chunk(self._last)  # the last chunk carries the length: nothing is true before this
        self._opened = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._check_open()
        if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
            raise ValueError("unknown whence")
        start = (0, self._position, self.size)[whence]
        if start + offset < 0:
            raise ValueError("a position before the start of the file")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        found = self.read_range(self._position, len(view))
        view[: len(found)] = found
        self._position += len(found)
        return len(found)

    def read_range(self, offset: int, length: int) -> bytes:
        """Bytes ``offset`` up to ``offset + length``, cut at the end; position is not moved.

        Raises Tampered when a touched chunk is not authentic; then no byte is returned.
        """
        self._check_open()
        if offset < 0 or length < 0:
            raise ValueError("offset and length of a range are not negative")
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // CHUNK, (end - 1) // CHUNK
        plain = b"".join(self._chunk(index) for index in range(first, last + 1))
        return plain[offset - first * CHUNK : end - first * CHUNK]

    def close(self) -> None:
        """Close this reader and the file under it; forget the chunk that was held."""
        if self._opened and not self.closed:
            self._held = (-1, b"")
            self._file.close()
        super().close()

    def _chunk(self, index: int) -> bytes:
        """The plaintext of one chunk; the latest is held, as small reads come in a row."""
        if self._held[0] != index:
            wanted = self._sealed_length(index)
            self._file.seek(HEADER + index * _SEALED_CHUNK)
            sealed = _read_up_to(self._file, wanted)
            if len(sealed) != wanted:
                raise Tampered("A sealed recording was cut while it was read; restore it.")
            self._held = (index, self._chunks.decrypt(index, sealed))
        return self._held[1]

    def _sealed_length(self, index: int) -> int:
        return _SEALED_CHUNK if index < self._last else self.size - self._last * CHUNK + TAG

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("the sealed file is closed")


def seal(source: BinaryIO, target: BinaryIO, key: bytes, name: str) -> SealedInfo:
    """Copy ``source`` sealed into ``target`` under a 32-byte key, bound to the record ``name``.

    Holds one chunk in memory. Both files block; syncing and renaming the target is the caller's
    work. A target that was not written to the end does not open.
    """
    salt = os.urandom(_SALT)
    chunks, digest, size, index = _Chunks(key, salt, name), hashlib.sha256(), 0, 0
    _write_all(target, _MAGIC + salt + chunks.commitment)
    while True:
        plain = _read_up_to(source, CHUNK)
        digest.update(plain)
        size += len(plain)
        _write_all(target, chunks.encrypt(index, plain))
        if len(plain) < CHUNK:
            return SealedInfo(size, digest.hexdigest())
        index += 1


def open_sealed(file: BinaryIO, key: bytes, name: str) -> SealedReader:
    """Open what ``seal`` wrote; Tampered when it is not exactly that. Closing closes ``file``."""
    return SealedReader(file, key, name)


def wrap_key(kek: bytes, key: bytes, name: str) -> bytes:
    """Encrypt a key or short secret under a 32-byte key, bound to ``name``: 29 bytes longer."""
    nonce = os.urandom(_NONCE)
    return _WRAP_VERSION + nonce + AESGCM(kek).encrypt(nonce, key, _WRAP_LABEL + name.encode())


def unwrap_key(kek: bytes, wrapped: bytes, name: str) -> bytes:
    """The key ``wrap_key`` was given; Tampered for another name, key or content."""
    version, nonce, sealed = wrapped[:1], wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
    if version != _WRAP_VERSION or len(sealed) < TAG:
        raise Tampered("A stored key is not in a known form; restore the database.")
    try:
        return AESGCM(kek).decrypt(nonce, sealed, _WRAP_LABEL + name.encode())
    except InvalidTag:
        raise Tampered("A stored key was changed or belongs to another record.") from None


def _read_up_to(file: BinaryIO, length: int) -> bytes:
    """``length`` bytes, fewer only at the end of the file: pipes and raw files read in pieces."""
    pieces, left = [], length
    while left:
        piece = file.read(left)
        if piece is None:
            raise BlockingIOError("a sealed file needs blocking reads")
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _write_all(file: BinaryIO, content: bytes) -> None:
    """Write everything: a raw file may take less than it is given."""
    view = memoryview(content)
    while view:
        written = file.write(view)
        view = view[written if written is not None else len(view) :]
