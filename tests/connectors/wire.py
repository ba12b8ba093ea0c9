"""The cable between a box and a real server: it is cut in the middle of things, or is slow."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any

NEAR = "127.0.0.2"  # where the cable ends on the box's side; servers listen at 127.0.0.1
FAR = "127.0.0.1"


class Wire:
    """Carries every port of a server, byte for byte, encrypted as it is.

    ``pause_s`` is waited before each piece of an answer. ``cuts`` counts how often it was cut.
    """

    def __init__(self, ports: Iterable[int]) -> None:
        self.pause_s, self.cuts = 0.0, 0
        self._left: int | None = None
        self._gone = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers = [self._do(self._listen(port)) for port in ports]

    async def _listen(self, port: int) -> asyncio.Server:
        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(port, reader, writer)

        return await asyncio.start_server(carry, NEAR, port)

    async def _carry(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._gone:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(FAR, port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._ends |= ends
        with suppress(OSError):
            await asyncio.gather(
                self._pump(reader, far_writer), self._pump(far_reader, writer, answers=True)
            )
        self._ends -= ends
        for end in ends:
            end.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool = False
    ) -> None:
        while data := await reader.read(16384):
            if answers and self.pause_s:
                await asyncio.sleep(self.pause_s)
            if answers and self._left is not None:
                data, left = data[: self._left], self._left - len(data)
                self._left = left
            writer.write(data)
            await writer.drain()
            if self._left is not None and self._left <= 0:
                self._left, self.cuts = None, self.cuts + 1
                self._hang_up()
                return
        with suppress(OSError):
            writer.write_eof()

    def cut_after(self, size: int) -> None:
        """Cut every connection once so many bytes of answers have passed from now on."""
        self._left = size

    def mend(self) -> None:
        """No cut that has not happened yet, no pauses, and whoever calls is let through again."""
        self._left, self._gone, self.pause_s = None, False, 0.0

    def take_away(self) -> None:
        """The phone system is off the network until it is mended."""

        async def away() -> None:
            self._gone = True
            self._hang_up()

        self._do(away())

    @property
    def calls(self) -> int:
        """Connections there are now."""
        return len(self._ends) // 2

    def _hang_up(self) -> None:
        for end in self._ends:
            end.transport.abort()

    def close(self) -> None:
        """End the cable itself."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            self._hang_up()
            await asyncio.sleep(0.05)  # those who carry see that it is over

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
