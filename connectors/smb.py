"""Recordings on a Windows or Samba share, read without mounting it.

The protocol is spoken directly: nothing here follows a link or a referral to another server, and
every file is opened so that the phone system may go on writing, renaming and deleting it.
"""

import contextlib
import errno
import socket
import uuid
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from connectors import doors
from connectors.kinds import Means
from connectors.places import Smb
from connectors.remote import Handle, Kind, Lost, Remote, Thing, not_plain
from connectors.walking import Path

_SILENCE_S = 60
_LOGIN_S = 20
_LARGEST_READ = 1 << 16  # what every server gives for one credit
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ABSENT = frozenset(
    [
        "NoSuchFile",
        "ObjectNameNotFound",
        "ObjectPathNotFound",
        "ObjectNameInvalid",
        "ObjectPathInvalid",
        "ObjectPathSyntaxBad",
        "DeletePending",
        "StatusNotADirectory",
        "NotFound",
    ]
)
_FORBIDDEN = frozenset(["AccessDenied", "SharingViolation", "PrivilegeNotHeld"])
_LINKS = frozenset(["StoppedOnSymlink", "PathNotCovered"])
_SIGN_IN = frozenset(["LogonFailure", "WrongPassword", "PasswordExpired", "AccessDenied"])


def open_smb(place: Smb, means: Means) -> Remote:
    """The tree on a share. Nothing is contacted yet."""
    return Remote(SmbShelf(place, means))


class SmbShelf:
    """See Shelf."""

    def __init__(self, place: Smb, means: Means) -> None:
        self.place, self.means = place, means
        self._link: _Link | None = None

    def identity(self) -> tuple[str, str]:
        """See Shelf."""
        link = self._linked()
        guid = link.connection.server_guid
        return f"smb {guid}", f"{self.place.share}/{self.place.path}".lower().strip("/\\")

    def list(self, parts: Path) -> list[Thing]:
        """See Shelf."""
        from smbprotocol.file_info import FileInformationClass
        from smbprotocol.open import QueryDirectoryFlags

        things: list[Thing] = []
        with _telling(), self._linked().opened(parts, folder=True) as opened:
            flags = QueryDirectoryFlags.SMB2_RESTART_SCANS
            while found := _page(
                opened, FileInformationClass.FILE_ID_FULL_DIRECTORY_INFORMATION, flags
            ):
                things += [_listed(entry) for entry in found]
                flags = 0
        return [thing for thing in things if thing.name not in (".", "..")]

    def look(self, parts: Path) -> Thing:
        """See Shelf."""
        with _telling(), self._linked().opened(parts) as opened:
            return _opened_thing(parts[-1], opened)

    def open(self, parts: Path) -> tuple[Handle, Thing]:
        """See Shelf."""
        with _telling():
            link = self._linked()
            opened = link.open(parts)
            thing = _opened_thing(parts[-1], opened)
        handle = _SmbHandle(link, opened)
        if thing.kind != "file":
            handle.close()
            raise not_plain(thing.kind)
        return handle, thing

    def drop(self) -> None:
        """See Shelf."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _linked(self) -> "_Link":
        if self._link is None:
            self._link = _Link(self.place, self.means)
        return self._link


class _Link:
    """One connection, its session and its share."""

    def __init__(self, place: Smb, means: Means) -> None:
        from smbprotocol.connection import Connection, Dialects
        from smbprotocol.session import Session
        from smbprotocol.tree import TreeConnect

        password = means.secrets.get("place_password")
        if not password:
            raise Misconfigured("enter the password of the account on the share")
        address = doors.check_host(place.host, place.port, means.allowed)
        self.base = place.path.replace("/", "\\").strip("\\")
        self.connection = Connection(uuid.uuid4(), address, place.port, require_signing=True)
        user = f"{place.domain}\\{place.user}" if place.domain else place.user
        try:
            with _signing_in():
                self.connection.connect(timeout=_LOGIN_S)
                _watch(self.connection.transport)
                modern = self.connection.dialect >= Dialects.SMB_3_0_0
                encrypted = bool(modern and self.connection.supports_encryption)
                session = Session(
                    self.connection,
                    user,
                    password,
                    require_encryption=encrypted,
                    auth_protocol="ntlm",
                )
                session.connect()
                self.tree = TreeConnect(session, rf"\\{address}\{place.share}")
                self.tree.connect()
        except BaseException:
            _close(self.connection)
            raise
        self.close = weakref.finalize(self, _close, self.connection)

    def open(self, parts: Path, folder: bool = False) -> Any:
        """An open file or folder, itself and never what a link points to; whatever others do."""
        from smbprotocol.open import (
            CreateDisposition,
            CreateOptions,
            FilePipePrinterAccessMask,
            ImpersonationLevel,
            Open,
            ShareAccess,
        )

        opened = Open(self.tree, "\\".join(filter(None, (self.base, *parts))))
        options = CreateOptions.FILE_OPEN_REPARSE_POINT
        options |= CreateOptions.FILE_DIRECTORY_FILE if folder else 0
        opened.create(
            ImpersonationLevel.Impersonation,
            FilePipePrinterAccessMask.FILE_READ_DATA
            | FilePipePrinterAccessMask.FILE_READ_ATTRIBUTES,
            0,
            ShareAccess.FILE_SHARE_READ
            | ShareAccess.FILE_SHARE_WRITE
            | ShareAccess.FILE_SHARE_DELETE,
            CreateDisposition.FILE_OPEN,
            options,
        )
        return opened

    @contextlib.contextmanager
    def opened(self, parts: Path, folder: bool = False) -> Iterator[Any]:
        """The same, closed again."""
        opened = self.open(parts, folder)
        try:
            yield opened
        finally:
            _close_file(opened)


def _watch(transport: Any) -> None:
    """Notice a server that lost its power: the library waits for an answer without an end."""
    sock = getattr(transport, "_sock", None)
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENCE_S * 1000)


def _close(connection: Any) -> None:
    """Hang up without a farewell, which would wait for a server that is gone."""
    with contextlib.suppress(Exception):
        connection.disconnect(False, timeout=1)


def _close_file(opened: Any) -> None:
    from smbprotocol.exceptions import SMBException

    with contextlib.suppress(SMBException, OSError, ValueError):
        opened.close()


def _page(opened: Any, kind: int, flags: int) -> Any:
    from smbprotocol.exceptions import NoMoreFiles, NoSuchFile

    try:
        return opened.query_directory("*", kind, flags)
    except (NoMoreFiles, NoSuchFile):
        return []


def _listed(entry: Any) -> Thing:
    name = entry["file_name"].get_value().decode("utf-16-le", "surrogatepass")
    return Thing(
        name,
        _kind(entry["file_attributes"].get_value()),
        entry["end_of_file"].get_value(),
        _nanoseconds(entry["last_write_time"].get_value()),
    )


def _opened_thing(name: str, opened: Any) -> Thing:
    modified = _nanoseconds(opened.last_write_time)
    return Thing(name, _kind(opened.file_attributes), opened.end_of_file, modified)


def _kind(attributes: int) -> Kind:
    from smbprotocol.file_info import FileAttributes

    if attributes & FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT:
        return "link"
    folder = attributes & FileAttributes.FILE_ATTRIBUTE_DIRECTORY
    return "folder" if folder else "file"


def _nanoseconds(moment: datetime) -> int:
    since = moment.replace(tzinfo=UTC) - _EPOCH
    return ((since.days * 86400 + since.seconds) * 10**6 + since.microseconds) * 1000


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Failures as Shelf says them."""
    from smbprotocol.exceptions import SMBException, SMBResponseException

    try:
        yield
    except SMBResponseException as error:
        name = type(error).__name__
        if name in _LINKS:
            raise OSError(errno.ELOOP, "a link is on the way") from error
        if name in _FORBIDDEN:
            raise PermissionError from error
        if name in _ABSENT:
            raise FileNotFoundError from error
        raise Lost from error
    except (SMBException, ConnectionError, TimeoutError) as error:
        raise Lost from error


@contextlib.contextmanager
def _signing_in() -> Iterator[None]:
    """Failures to get in, in words for people."""
    from smbprotocol.exceptions import BadNetworkName, SMBAuthenticationError, SMBException
    from spnego.exceptions import SpnegoError

    try:
        yield
    except BadNetworkName as error:
        raise Misconfigured("there is no share of that name; is it spelled right?") from error
    except (SMBAuthenticationError, SpnegoError) as error:
        raise Misconfigured("the share refuses the user or the password") from error
    except SMBException as error:
        if type(error).__name__ in _SIGN_IN:
            raise Misconfigured("the share refuses the user or the password") from error
        if "signing" in str(error).lower() or "guest" in str(error).lower():
            raise Misconfigured(
                "the share lets anyone in as a guest, unprotected; use an account of its own"
            ) from error
        raise Unavailable("the share broke off before it let us in") from error
    except (OSError, ValueError) as error:
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else OSError()
        raise Unavailable(doors.why_no_answer(cause)) from error


class _SmbHandle:
    """See Handle."""

    def __init__(self, link: _Link, opened: Any) -> None:
        self._link, self._opened = link, opened

    def read_at(self, offset: int, size: int) -> bytes:
        """See Handle."""
        from smbprotocol.exceptions import EndOfFile

        with _telling():
            try:
                data: bytes = self._opened.read(offset, min(size, _LARGEST_READ))
            except EndOfFile:
                return b""
            return data

    def close(self) -> None:
        """See Handle."""
        _close_file(self._opened)
