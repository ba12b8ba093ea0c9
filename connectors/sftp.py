"""Recordings over SFTP: one host whose key a person confirmed, one account, one folder.

The library speaks asyncio; each question runs its loop until it is answered. Names are bytes here,
as they are on the other side.
"""

import asyncio
import contextlib
import errno
import os
import threading
import weakref
from collections.abc import Coroutine
from typing import Any, TypeVar

from appliance.errors import Misconfigured, Unavailable
from connectors import doors
from connectors.kinds import Means
from connectors.places import Sftp
from connectors.remote import Handle, Kind, Lost, Remote, Thing, not_plain
from connectors.walking import Path

_ANSWER_S = 60.0
_LOGIN_S = 30.0

T = TypeVar("T")


def open_sftp(place: Sftp, means: Means) -> Remote:
    """The tree at an SFTP server. Nothing is contacted yet."""
    return Remote(SftpShelf(place, means))


class SftpShelf:
    """See Shelf. ``place.path`` may be relative to where the account begins."""

    def __init__(self, place: Sftp, means: Means) -> None:
        self.place, self.means = place, means
        self._link: _Link | None = None

    def identity(self) -> tuple[str, str]:
        """See Shelf."""
        link = self._linked()
        return link.host_key, os.fsdecode(link.root)

    def list(self, parts: Path) -> list[Thing]:
        """See Shelf."""
        link = self._linked()
        names = link.run(link.sftp.readdir(link.path(parts)))
        return [
            _thing(os.fsdecode(name.filename), name.attrs, name.longname)
            for name in names
            if name.filename not in (b".", b"..")
        ]

    def look(self, parts: Path) -> Thing:
        """See Shelf."""
        link = self._linked()
        return _thing(parts[-1], link.run(link.sftp.lstat(link.path(parts))))

    def open(self, parts: Path) -> tuple[Handle, Thing]:
        """See Shelf."""
        link = self._linked()
        file, attrs = link.run(_opened(link.sftp, link.path(parts)))
        return _SftpHandle(link, file), _thing(parts[-1], attrs)

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
    """One connection with its loop, from sign-in to close."""

    def __init__(self, place: Sftp, means: Means) -> None:
        options = _credentials(place, means)
        sock = doors.connect(place.host, place.port, means.allowed)
        sock.setblocking(False)
        self.loop = asyncio.new_event_loop()
        keys: list[str] = []
        signing_in = _sign_in(sock, place, options, keys)
        try:
            self.ssh, self.sftp, self.root = self.loop.run_until_complete(
                asyncio.wait_for(signing_in, _LOGIN_S)
            )
        except Exception as error:
            sock.close()
            self.loop.close()
            raise _login_failure(error, place, keys) from error
        (self.host_key,) = keys
        self._asked: set[asyncio.Task[None]] = set()
        self.close = weakref.finalize(self, _close, self.loop, self.ssh)

    def path(self, parts: Path) -> bytes:
        """The full path of names below the root."""
        return b"/".join((self.root.rstrip(b"/"), *map(os.fsencode, parts))) or b"/"

    def run(self, question: Coroutine[Any, Any, T], limit_s: float = _ANSWER_S) -> T:
        """The answer. Raises as Shelf says."""
        import asyncssh

        if self.loop.is_closed():
            question.close()
            raise Lost
        try:
            return self.loop.run_until_complete(asyncio.wait_for(question, limit_s))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise FileNotFoundError from error
        except asyncssh.SFTPPermissionDenied as error:
            raise PermissionError from error
        except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection) as error:
            raise Lost from error
        except asyncssh.SFTPError as error:
            raise FileNotFoundError from error
        except (asyncssh.Error, OSError) as error:
            if getattr(error, "errno", None) in (errno.EISDIR, errno.ELOOP):
                raise
            raise Lost from error

    def later(self, question: Coroutine[Any, Any, Any]) -> None:
        """Ask on the way, without waiting for the answer."""
        if self.loop.is_closed():
            question.close()
            return
        task = self.loop.create_task(_quietly(question))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        self.loop.run_until_complete(asyncio.sleep(0))


async def _quietly(question: Coroutine[Any, Any, Any]) -> None:
    import asyncssh

    with contextlib.suppress(asyncssh.Error, OSError):
        await question


def _close(loop: asyncio.AbstractEventLoop, ssh: Any) -> None:
    """Hang up; in a thread where this one is inside another loop (garbage may go at any time)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _hang_up(loop, ssh)
    else:
        threading.Thread(target=_hang_up, args=(loop, ssh)).start()


def _hang_up(loop: asyncio.AbstractEventLoop, ssh: Any) -> None:
    ssh.abort()
    loop.run_until_complete(asyncio.sleep(0))
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


async def _sign_in(sock: Any, place: Sftp, options: dict[str, Any], keys: list[str]) -> Any:
    """Connection, client and root folder; the fingerprint of the host's key goes to ``keys``."""
    import asyncssh

    class Client(asyncssh.SSHClient):
        """Compares the host's key with the pinned one."""

        def validate_host_public_key(self, *given: Any) -> bool:
            """As asyncssh calls it, the key last."""
            keys[:] = [given[-1].get_fingerprint()]
            return keys[0] == place.host_key.strip()

    ssh = await asyncssh.connect(
        place.host,
        sock=sock,
        config=None,
        known_hosts=([], [], []),
        client_factory=Client,
        username=place.user,
        agent_path=None,
        gss_host=None,
        **options,
    )
    try:
        sftp = await ssh.start_sftp_client(path_encoding=None)
        return ssh, sftp, await sftp.realpath(os.fsencode(place.path or "."))
    except BaseException:
        ssh.abort()
        raise


def _credentials(place: Sftp, means: Means) -> dict[str, Any]:
    """The password or the key, as asyncssh wants them. Raises Misconfigured."""
    import asyncssh

    password, key = means.secrets.get("place_password"), means.secrets.get("place_key")
    if not key:
        if not password:
            raise Misconfigured("enter the password or the private key of the SFTP account")
        return {"password": password, "client_keys": None}
    try:
        return {"client_keys": [asyncssh.import_private_key(key)], "password": password}
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError) as error:
        raise Misconfigured(
            "the private key cannot be read; paste it whole, in OpenSSH's form, without passphrase"
        ) from error


def _login_failure(error: Exception, place: Sftp, keys: list[str]) -> Exception:
    """Why there is no connection, in words; ``keys`` holds the host's fingerprint once shown."""
    import asyncssh

    if keys and keys[0] != place.host_key.strip():
        if not place.host_key:
            return Misconfigured(
                f"the SFTP server shows the host key {keys[0]}; compare it with the phone system's"
                " and enter it in the settings"
            )
        return Misconfigured(
            f"the SFTP server shows another host key than the confirmed one: {keys[0]}; if it was"
            " renewed on purpose, confirm the new one"
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return Misconfigured("the SFTP server refuses the user, the password or the key")
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPPermissionDenied):
        return Unavailable("there is no such folder at the phone system; is the path right?")
    if isinstance(error, asyncssh.ChannelOpenError | asyncssh.SFTPError):
        return Misconfigured("the server lets us in but offers no SFTP; turn its SFTP service on")
    if isinstance(error, asyncssh.KeyExchangeFailed | asyncssh.ProtocolNotSupported):
        return Misconfigured("the SFTP server and this box know no encryption in common")
    return Unavailable("the SFTP server broke off before it let us in; is the port right?")


async def _opened(sftp: Any, path: bytes) -> tuple[Any, Any]:
    """The file and what it is; its path must be its real one, without any link on the way.

    All is asked at once, since every answer takes a way through the network; what should not have
    been opened is closed unread.
    """
    answers: tuple[Any, Any, Any] = await asyncio.gather(
        sftp.lstat(path),
        sftp.realpath(path),
        sftp.open(path, "rb", block_size=1 << 15),
        return_exceptions=True,
    )
    attrs, real, file = answers
    try:
        for found in answers:
            if isinstance(found, BaseException) and not _is_unsupported(found):
                raise found
        kind = _kind(attrs, b"")
        if kind != "file" or (isinstance(real, bytes) and real != path):
            raise not_plain(kind)
        return file, await file.stat()
    except BaseException:
        if not isinstance(file, BaseException):
            await file.close()
        raise


def _is_unsupported(error: object) -> bool:
    """A server without real paths: it alone knows where its links lead."""
    import asyncssh

    return isinstance(error, asyncssh.SFTPOpUnsupported)


def _thing(name: str, attrs: Any, longname: bytes = b"") -> Thing:
    nanoseconds = (attrs.mtime or 0) * 10**9 + (getattr(attrs, "mtime_ns", 0) or 0)
    return Thing(name, _kind(attrs, longname), attrs.size or 0, nanoseconds)


def _kind(attrs: Any, longname: bytes) -> Kind:
    """By the type the server tells; by the first letter of its ``ls`` line where it tells none."""
    import asyncssh

    types: dict[int, Kind] = {
        asyncssh.FILEXFER_TYPE_REGULAR: "file",
        asyncssh.FILEXFER_TYPE_DIRECTORY: "folder",
        asyncssh.FILEXFER_TYPE_SYMLINK: "link",
    }
    letters: dict[bytes, Kind] = {b"-": "file", b"d": "folder", b"l": "link"}
    return types.get(attrs.type) or letters.get(bytes(longname or b"")[:1], "other")


class _SftpHandle:
    """See Handle."""

    def __init__(self, link: _Link, file: Any) -> None:
        self._link, self._file = link, file

    def read_at(self, offset: int, size: int) -> bytes:
        """See Handle."""
        data: bytes = self._link.run(self._file.read(size, offset))
        return data

    def close(self) -> None:
        """See Handle."""
        self._link.later(self._file.close())
