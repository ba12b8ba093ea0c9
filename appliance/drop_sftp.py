"""The drop over SFTP (and the old scp): sign-in, and every request answered by the account's jail.

There is no shell, no command, no forwarding, no link and nothing compressed; owners and modes that
a client asks for are ignored. Loaded only by the drop's own process.
"""

import asyncio
import errno
import io
import os
import posixpath
import stat
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

import asyncssh
from asyncssh import constants
from asyncssh.sftp import SFTPName

from appliance import drop_accounts
from appliance.drop_accounts import Account
from appliance.drop_jail import Jail
from appliance.errors import PetsvetError
from appliance.logs import get_log
from appliance.tools import Tools

log = get_log(__name__)

LOGIN_S = 30.0
KEEPALIVE_S = 30.0
IDLE_S = 900.0
MOST_FROM_ONE = 8  # connections from one address


class Hall(Protocol):
    """What a session needs of the server around it."""

    tools: Tools
    visits: drop_accounts.Visits

    def jail(self, account: Account) -> Jail:
        """The jail of an account."""
        ...


class Doors:
    """The connections that are open now."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open: set[Door] = set()

    def admits(self, address: str) -> bool:
        """Whether one more connection from this address is let in."""
        same = sum(door.address == address for door in self.open)
        return len(self.open) < self.most and same < MOST_FROM_ONE

    def close_stale(self, accounts: dict[str, Account]) -> None:
        """End what has been idle for long, and what belongs to an account that has changed."""
        for door in list(self.open):
            idle = time.monotonic() - door.last > IDLE_S
            known = door.account is None or accounts.get(door.account.user) == door.account
            if idle or not known:
                door.end()

    def close(self) -> None:
        """End all."""
        for door in list(self.open):
            door.end()


class Door(asyncssh.SSHServer):
    """One connection, from its first byte to its end."""

    def __init__(self, hall: Hall, doors: Doors) -> None:
        self.hall, self.doors = hall, doors
        self.address, self.last = "", time.monotonic()
        self.account: Account | None = None
        self._how = "password"
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count it, or end it where there are too many."""
        self._connection = conn
        self.address = str((conn.get_extra_info("peername") or ("",))[0])
        if self.doors.admits(self.address):
            self.doors.open.add(self)
        else:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self.doors.open.discard(self)

    def end(self) -> None:
        """Hang up."""
        self.doors.open.discard(self)
        if self._connection is not None:
            self._connection.abort()

    async def begin_auth(self, username: str) -> bool:
        """Everybody has to prove who they are; who failed too often is not asked."""
        if await asyncio.to_thread(drop_accounts.must_wait, self.hall.tools, self.address):
            raise asyncssh.PermissionDenied("too many wrong passwords; wait some minutes")
        return True

    def password_auth_supported(self) -> bool:
        """Yes."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether it is the account's."""
        try:
            self.account = await asyncio.to_thread(
                drop_accounts.check_password, self.hall.tools, username, password, self.address
            )
        except PetsvetError as error:
            log.warning("drop sign-in refused", error=error)
            return False
        self._how = "password"
        return True

    def public_key_auth_supported(self) -> bool:
        """Yes."""
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether it is the account's authorized key; the signature is checked after this."""
        account = await asyncio.to_thread(drop_accounts.find_account, self.hall.tools, username)
        if account is None or not account.key:
            return False
        try:
            known = asyncssh.import_public_key(account.key)
        except asyncssh.KeyImportError as error:
            log.warning("the key of a drop account cannot be read", error=error)
            return False
        if known.public_data != key.public_data:
            return False
        self.account, self._how = account, "key"
        return True

    async def auth_completed(self) -> None:
        """Signed in: note it."""
        if self.account is not None:
            await asyncio.to_thread(
                self.hall.visits.note, self.hall.tools, self.account, self.address, self._how
            )


class Delivery(asyncssh.SFTPServer):
    """One SFTP session: requests with paths as the client writes them, answered by the jail."""

    def __init__(self, chan: asyncssh.SSHServerChannel) -> None:  # type: ignore[type-arg]  # generic in its stubs alone
        super().__init__(chan)
        door = self.connection.get_owner()
        user = self.connection.get_extra_info("username")
        if not isinstance(door, Door) or door.account is None or door.account.user != user:
            raise asyncssh.PermissionDenied("not signed in")
        self._door, self._inside = door, door.hall.jail(door.account)
        self._mine: set[io.FileIO] = set()

    @property
    def _jail(self) -> Jail:
        self._door.last = time.monotonic()
        return self._inside

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> io.FileIO:
        """Open to read, or to write what may be resumed later."""
        if not pflags & (constants.FXF_WRITE | constants.FXF_APPEND):
            file = self._jail.open_read(os.fsdecode(path))
        else:
            flags = os.O_RDWR if pflags & constants.FXF_READ else os.O_WRONLY
            flags |= os.O_APPEND if pflags & constants.FXF_APPEND else 0
            file = self._jail.open_write(
                os.fsdecode(path),
                create=bool(pflags & constants.FXF_CREAT),
                exclusive=bool(pflags & constants.FXF_EXCL),
                truncate=bool(pflags & constants.FXF_TRUNC),
                flags=flags,
            )
        self._mine.add(file)
        return file

    def open56(
        self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs
    ) -> io.FileIO:
        """Version 3 of the protocol is the only one spoken."""
        raise asyncssh.SFTPOpUnsupported("use version 3 of the protocol")

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Some bytes; other sessions get their turn in between."""
        await asyncio.sleep(0)
        return self._jail.read(_file(file_obj), offset, size)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Store some bytes."""
        return self._jail.write(_file(file_obj), offset, data)

    async def close(self, file_obj: object) -> None:
        """Close; the acknowledgement means that the file is on the disk."""
        file = _file(file_obj)
        self._mine.discard(file)
        await asyncio.to_thread(self._jail.finish, file)

    def exit(self) -> None:
        """The session ends, whatever it left open."""
        for file in self._mine:
            with suppress(OSError):  # it was not acknowledged: the client sends it again
                self._inside.finish(file)
        self._mine.clear()

    def fstat(self, file_obj: object) -> os.stat_result:
        """What an open file is."""
        return os.fstat(_file(file_obj).fileno())

    def stat(self, path: bytes) -> os.stat_result:
        """What lies there."""
        return self._jail.look(os.fsdecode(path))

    def lstat(self, path: bytes) -> os.stat_result:
        """The same: there are no links."""
        return self.stat(path)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Take over the time of a file, or its length; the rest is the box's affair."""
        where = os.fsdecode(path)
        is_folder = stat.S_ISDIR(self._jail.look(where).st_mode)
        if attrs.size is not None:
            file = self._jail.open_write(where, create=False, exclusive=False, truncate=False)
            try:
                self._jail.resize(file, attrs.size)
            finally:
                self._jail.finish(file)
        if attrs.mtime is not None and not is_folder:
            self._jail.set_times(where, attrs.mtime)

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """The same: there are no links."""
        self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Take over the time of an open file, or its length."""
        file = _file(file_obj)
        if attrs.size is not None:
            self._jail.resize(file, attrs.size)
        if attrs.mtime is not None:
            moment = min(max(0.0, float(attrs.mtime)), time.time())
            os.utime(file.fileno(), (moment, moment))

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """What lies in a folder."""
        here = self._jail.look(os.fsdecode(path))
        for name in (b".", b".."):
            yield SFTPName(name, attrs=asyncssh.SFTPAttrs.from_local(here))
        for entry, info in self._jail.entries(os.fsdecode(path)):
            yield SFTPName(os.fsencode(entry), attrs=asyncssh.SFTPAttrs.from_local(info))

    def remove(self, path: bytes) -> None:
        """Remove a file of one's own."""
        self._jail.remove(os.fsdecode(path))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Make a folder."""
        self._jail.make_folder(os.fsdecode(path))

    def rmdir(self, path: bytes) -> None:
        """Remove an empty folder."""
        self._jail.remove_folder(os.fsdecode(path))

    def realpath(self, path: bytes) -> bytes:
        """The path from the account's top folder; nothing is resolved, as there are no links."""
        return posixpath.normpath(posixpath.join(b"/", path.lstrip(b"/")))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Give a final name; what has it already is not overwritten."""
        self._jail.rename(os.fsdecode(oldpath), os.fsdecode(newpath), replace=False)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Give a final name; a file that has it already is replaced."""
        self._jail.rename(os.fsdecode(oldpath), os.fsdecode(newpath), replace=True)

    def readlink(self, path: bytes) -> bytes:
        """There are no links."""
        raise OSError(errno.EINVAL, "there are no links here")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed here")

    def statvfs(self, path: bytes) -> os.statvfs_result:
        """How full the box is, is its own affair."""
        raise asyncssh.SFTPOpUnsupported("the size of the disk is not told")

    def fstatvfs(self, file_obj: object) -> os.statvfs_result:
        """How full the box is, is its own affair."""
        raise asyncssh.SFTPOpUnsupported("the size of the disk is not told")

    async def fsync(self, file_obj: object) -> None:
        """Put what was sent so far on the disk."""
        await asyncio.to_thread(os.fsync, _file(file_obj).fileno())


def _file(file_obj: object) -> io.FileIO:
    assert isinstance(file_obj, io.FileIO)
    return file_obj


class Server:
    """The open server and its connections."""

    def __init__(self, acceptor: asyncssh.SSHAcceptor, doors: Doors) -> None:
        self._acceptor, self._doors = acceptor, doors

    def close_stale(self, accounts: dict[str, Account]) -> None:
        """End what has been idle for long, and what belongs to an account that has changed."""
        self._doors.close_stale(accounts)

    async def close(self) -> None:
        """Let nobody in any more and end all connections."""
        self._acceptor.close()
        self._doors.close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._acceptor.get_port())


async def open_server(hall: Hall, most: int, host: str, port: int, key: bytes) -> Server:
    """Open the server; raises OSError when the port is taken."""
    doors = Doors(most)
    acceptor = await asyncssh.listen(
        host,
        port,
        server_factory=lambda: Door(hall, doors),
        server_host_keys=[asyncssh.import_private_key(key)],
        sftp_factory=Delivery,
        allow_scp=True,
        agent_forwarding=False,
        gss_host=None,
        compression_algs=None,
        login_timeout=LOGIN_S,
        keepalive_interval=KEEPALIVE_S,
        keepalive_count_max=4,
        server_version="petsvet",
        backlog=64,
    )
    return Server(acceptor, doors)
