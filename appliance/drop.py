"""The drop: we are the server into which a phone system archives its recordings.

Files lie unsealed in ``drop/<account>/`` of the data folder, readable by the box's account alone,
until their connector has taken them. After that, and once unchanged for a day, the chore
``clear_drop`` removes them. A file whose call was not received is never removed.

The server opens when the first phone system has a drop place and closes with the last.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from appliance.db import writing
from appliance.drop_accounts import Account, Visits, folder_of, list_accounts
from appliance.drop_host_key import host_key
from appliance.drop_jail import Jail, Limits, make_room, parts_of
from appliance.errors import PetsvetError
from appliance.logs import get_log
from appliance.store.troubles import note_trouble
from appliance.tools import Tools

log = get_log(__name__)

LEAST_FREE = 2 << 30  # bytes; the health check speaks of the same
LOOK_S = 5.0  # how often accounts are looked at
AGAIN_S = 30.0  # how long to wait with a port that is taken
IN_CLEAR = "FTP is switched on: passwords and recordings cross the network readable for everybody"


class Drop:
    """The servers of one box, and the jails of its accounts."""

    def __init__(self, tools: Tools, least_free: int = LEAST_FREE) -> None:
        self.tools, self.visits = tools, Visits()
        drop = tools.config.drop
        self._limits = Limits(
            size=int(drop.account_gb * 2**30), entries=drop.account_files, free=least_free
        )
        self._jails: dict[str, Jail] = {}
        self._servers: dict[str, Any] = {}
        self._due: dict[str, float] = {}
        self._told: dict[str, str] = {}

    def jail(self, account: Account) -> Jail:
        """The jail of an account; all its sessions share it, so that its quota is one."""
        known = self._jails.get(account.user)
        if known is not None and known.is_gone:
            self._jails.pop(account.user).close()
        if account.user not in self._jails:
            folder = folder_of(self.tools.config.data, account.user)
            self._jails[account.user] = Jail(folder, self._limits)
        return self._jails[account.user]

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until told to stop."""
        try:
            while not stopping.is_set():
                await self._look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), LOOK_S)
        finally:
            await self._close_all()

    async def _look(self) -> None:
        """Open or close the servers, and send away whose account has changed."""
        try:
            accounts = await asyncio.to_thread(self._accounts)
        except PetsvetError as error:
            log.warning("the drop cannot read its accounts", error=error)
            return
        config = self.tools.config.drop
        await self._keep("drop", bool(accounts), self._open_sftp)
        await self._keep("ftp", bool(accounts) and config.ftp, self._open_ftp)
        for server in self._servers.values():
            server.close_stale(accounts)
        for user, jail in self._jails.items():
            if jail.trouble != self._told.get(user, ""):
                self._told[user] = jail.trouble
                sentence = f"a delivery was refused: {jail.trouble}" if jail.trouble else ""
                await asyncio.to_thread(self._note, f"drop.{user}", sentence)

    def _accounts(self) -> dict[str, Account]:
        """All accounts, each with its folder made ready to be read."""
        db = self.tools.open_db()
        try:
            accounts = list_accounts(db, self.tools.keys)
        finally:
            db.close()
        for account in accounts.values():
            try:
                prepare(self.tools, account)
            except OSError as error:
                log.warning("a drop folder cannot be made", error=error)
        return accounts

    async def _keep(self, name: str, wanted: bool, opening: Callable[[], Awaitable[Any]]) -> None:
        """Have a server open while it is wanted; a port that is taken is tried again."""
        server = self._servers.get(name)
        if wanted and server is None and time.monotonic() >= self._due.get(name, 0):
            try:
                self._servers[name] = await opening()
            except (OSError, PetsvetError) as error:
                self._due[name] = time.monotonic() + AGAIN_S
                log.error("the drop cannot open", process=name, error=error)
                told = str(error) if isinstance(error, PetsvetError) else "its port is taken"
                await asyncio.to_thread(self._note, name, f"the drop cannot open: {told}")
            else:
                log.info("the drop is open", process=name)
                await asyncio.to_thread(self._note, name, IN_CLEAR if name == "ftp" else "")
        elif not wanted and server is not None:
            await self._servers.pop(name).close()
            await asyncio.to_thread(self._note, name, "")

    def _note(self, name: str, sentence: str) -> None:
        db = self.tools.open_db()
        try:
            with writing(db):
                note_trouble(db, name, sentence)
        except PetsvetError as error:
            log.warning("trouble could not be noted", error=error)
        finally:
            db.close()

    async def _open_sftp(self) -> Any:
        from appliance import drop_sftp  # only this process loads it

        drop = self.tools.config.drop
        key = host_key(self.tools.config.data)
        return await drop_sftp.open_server(self, drop.connections, drop.host, drop.port, key)

    async def _open_ftp(self) -> Any:
        from appliance import drop_ftp  # only this process loads it

        log.warning("FTP is on: passwords and recordings cross the network in clear")
        drop = self.tools.config.drop
        return await drop_ftp.open_server(
            self, drop.connections, drop.host, drop.ftp_port, drop.ftp_data_ports
        )

    async def _close_all(self) -> None:
        for server in self._servers.values():
            await server.close()
        for jail in self._jails.values():
            jail.close()


def prepare(tools: Tools, account: Account) -> None:
    """Make the folder of an account, and the one in it that its connector reads."""
    folder = folder_of(tools.config.data, account.user)
    make_room(folder, parts_of(str(PurePosixPath("/", account.path))))


def run_drop(tools: Tools) -> None:
    """The drop process: until SIGTERM or SIGINT."""
    asyncio.run(_run(tools))


async def _run(tools: Tools) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await Drop(tools).run(stopping)
