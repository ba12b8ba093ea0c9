"""The drop over FTP, only by explicit wish: passwords and recordings cross the network in clear.

Same accounts, jails and quotas as over SFTP. A data connection is taken only from the address that
signed in. Loaded only by the drop's own process.
"""

import asyncio
import io
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aioftp
from aioftp.common import Connection
from aioftp.server import AbstractUserManager, User

from appliance import drop_accounts
from appliance.drop_accounts import Account
from appliance.drop_jail import Jail
from appliance.drop_sftp import IDLE_S, LOGIN_S, MOST_FROM_ONE, Hall
from appliance.errors import PetsvetError
from appliance.logs import get_log

log = get_log(__name__)

SOCKET_S = 60.0


class Visitor(User):
    """Who a connection says to be, and once proven, the account."""

    def __init__(self, name: str) -> None:
        super().__init__(name, base_path="/")
        self.address = ""
        self.account: Account | None = None


class Visitors(AbstractUserManager):
    """Asks everybody for a password and compares it as the SFTP server does."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self.hall = hall

    async def get_user(self, login: str) -> tuple[Any, User | None, str]:
        """The same answer for every name."""
        return self.GetUserResponse.PASSWORD_REQUIRED, Visitor(login), "password required"

    async def authenticate(self, user: User, password: str) -> bool:
        """Whether it is the account's."""
        assert isinstance(user, Visitor)
        tools = self.hall.tools
        try:
            user.account = await asyncio.to_thread(
                drop_accounts.check_password, tools, user.login or "", password, user.address
            )
        except PetsvetError as error:
            log.warning("drop sign-in refused", error=error)
            return False
        await asyncio.to_thread(
            self.hall.visits.note, tools, user.account, user.address, "password over FTP"
        )
        return True


class Upload:
    """An open file and where in it the next bytes go."""

    def __init__(self, file: io.FileIO, at: int) -> None:
        self.file, self.at = file, at


class JailIO(aioftp.AbstractPathIO[Path]):
    """The file system as one account sees it; every failure is aioftp's PathIOError."""

    hall: Hall

    @property
    def _jail(self) -> Jail:
        visitor = self.connection.user if self.connection else None
        if not isinstance(visitor, Visitor) or visitor.account is None:
            raise PermissionError
        return self.hall.jail(visitor.account)

    def _mode(self, path: Path) -> int:
        try:
            return self._jail.look(str(path)).st_mode
        except OSError:
            return 0

    async def exists(self, path: Path) -> bool:
        """Whether anything lies there."""
        return self._mode(path) != 0

    async def is_dir(self, path: Path) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self._mode(path))

    async def is_file(self, path: Path) -> bool:
        """Whether it is a plain file."""
        return stat.S_ISREG(self._mode(path))

    async def stat(self, path: Path) -> os.stat_result:
        """What lies there."""
        with _told():
            return self._jail.look(str(path))

    async def mkdir(self, path: Path, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder, with those above it."""
        with _told():
            above = [p for p in reversed(path.parents) if parents and not self._mode(p)]
            for folder in (*above, path):
                self._jail.make_folder(str(folder))

    async def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        with _told():
            self._jail.remove_folder(str(path))

    async def unlink(self, path: Path) -> None:
        """Remove a file of one's own."""
        with _told():
            self._jail.remove(str(path))

    async def rename(self, source: Path, destination: Path) -> Path:
        """Give a final name."""
        with _told():
            self._jail.rename(str(source), str(destination), replace=False)
        return destination

    async def list(self, path: Path) -> AsyncIterator[Path]:
        """What lies in a folder."""
        with _told():
            found = self._jail.entries(str(path))
        for name, _ in found:
            yield path / name

    async def _open(self, path: Path, mode: str = "rb") -> Any:
        with _told():
            if mode == "rb":
                return Upload(self._jail.open_read(str(path)), 0)
            whole = mode == "wb"
            file = self._jail.open_write(
                str(path), create=mode != "r+b", exclusive=False, truncate=whole
            )
            return Upload(file, os.fstat(file.fileno()).st_size if mode == "ab" else 0)

    async def seek(self, file: Any, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from there: an upload is resumed."""
        file.at = offset
        return offset

    async def write(self, file: Any, data: bytes) -> int:
        """Store some bytes."""
        with _told():
            written = self._jail.write(file.file, file.at, data)
        file.at += written
        return written

    async def read(self, file: Any, block_size: int) -> bytes:
        """Some bytes."""
        with _told():
            data = self._jail.read(file.file, file.at, block_size)
        file.at += len(data)
        return data

    async def close(self, file: Any) -> None:
        """Close; a stored file is on the disk then."""
        with _told():
            await asyncio.to_thread(self._jail.finish, file.file)


@contextmanager
def _told() -> Iterator[None]:
    """Errors as the library expects them; it answers them with 451."""
    try:
        yield
    except OSError as error:
        raise aioftp.PathIOError(reason=sys.exc_info()) from error


class FtpServer(aioftp.Server):
    """The server, with the few commands that archive software asks for and the library lacks."""

    def __init__(self, hall: Hall, most: int, data_ports: tuple[int, int]) -> None:
        self.hall = hall
        inside = type("Inside", (JailIO,), {"hall": hall})
        super().__init__(
            Visitors(hall),
            path_io_factory=inside,
            maximum_connections=most,
            socket_timeout=SOCKET_S,
            idle_timeout=IDLE_S,
            wait_future_timeout=30,
            data_ports=range(data_ports[0], data_ports[1] + 1),
            welcome_message="petsvet",
        )
        self.commands_mapping |= {"size": self.size, "noop": self.noop}

    async def greeting(self, connection: Connection, rest: Any) -> bool:
        """Let a connection in, but not too many from one address."""
        connection.began = time.monotonic()
        others = self.connections.values()
        if sum(one.client_host == connection.client_host for one in others) > MOST_FROM_ONE:
            connection.response("421", "too many connections")
            return False
        going_on: bool = await super().greeting(connection, rest)
        return going_on

    async def user(self, connection: Connection, rest: str) -> bool:
        """Remember where the name came from; who failed too often is sent away."""
        tools = self.hall.tools
        if await asyncio.to_thread(drop_accounts.must_wait, tools, connection.client_host):
            connection.response("421", "too many wrong passwords; wait some minutes")
            return False
        going_on: bool = await super().user(connection, rest)
        if connection.future.user.done():
            connection.user.address = connection.client_host
        return going_on

    async def size(self, connection: Connection, rest: str) -> bool:
        """The bytes of a file: where to resume."""
        if not connection.future.logged.done():
            connection.response("503", "not logged in")
            return True
        path, _ = self.get_paths(connection, rest)
        if await connection.path_io.is_file(path):
            connection.response("213", str((await connection.path_io.stat(path)).st_size))
        else:
            connection.response("550", "there is no such file")
        return True

    async def noop(self, connection: Connection, rest: str) -> bool:
        """Nothing."""
        connection.response("200", "")
        return True

    async def _start_passive_server(
        self, connection: Connection, handler_callback: Callable[..., Awaitable[None]]
    ) -> asyncio.Server:
        """Take data only from the address that signed in."""

        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if writer.get_extra_info("peername")[0] == connection.client_host:
                await handler_callback(reader, writer)
            else:
                writer.close()

        made: asyncio.Server = await super()._start_passive_server(connection, guarded)
        return made

    def close_stale(self, accounts: dict[str, Account]) -> None:
        """End the connections of accounts that have changed, and those nobody signs in on."""
        for connection in list(self.connections.values()):
            user = connection.user if connection.future.user.done() else None
            account = user.account if user else None
            changed = account is not None and accounts.get(account.user) != account
            began = connection.began if connection.future.began.done() else time.monotonic()
            if changed or (account is None and time.monotonic() - began > LOGIN_S):
                connection._dispatcher.cancel()


class Server:
    """The open server."""

    def __init__(self, server: FtpServer) -> None:
        self._server = server

    def close_stale(self, accounts: dict[str, Account]) -> None:
        """End the connections of accounts that have changed."""
        self._server.close_stale(accounts)

    async def close(self) -> None:
        """Let nobody in any more and end all connections."""
        await self._server.close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.address[1])


async def open_server(
    hall: Hall, most: int, host: str, port: int, data_ports: tuple[int, int]
) -> Server:
    """Open the server; raises OSError when the port is taken."""
    server = FtpServer(hall, most, data_ports)
    await server.start(host, port)
    return Server(server)
