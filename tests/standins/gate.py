"""A gate in front of a server: it lets through, refuses, or accepts and never answers, as long as it is told."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Mode = Literal["open", "refusing", "hanging"]

PART = 65_536


class Gate:
    """Passes on what comes to a port of its own. What is on its way when it closes gets stuck or is reset as well."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ended, self._unstuck = asyncio.Event(), asyncio.Event()
        self._server: asyncio.Server | None = None

    def set(self, mode: Mode) -> None:
        """From now on; connections that are open follow."""
        asyncio.run_coroutine_threadsafe(self._set(mode), self._loop).result()

    async def _set(self, mode: Mode) -> None:
        if mode == "hanging":
            self._unstuck.clear()
        else:
            self._unstuck.set()
        if mode != "refusing":
            self._server = self._server or await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        elif self._server:
            self._server.close()
            self._server = None
            for writer in self._writers:
                writer.transport.abort()

    def run(self) -> None:
        """Serves until `stop`."""
        self._loop.run_until_complete(self._ended.wait())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    def stop(self) -> None:
        """Ends all that is under way."""
        self.set("refusing")
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._unstuck.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        except OSError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while part := await source.read(PART):
                await self._unstuck.wait()
                target.write(part)
                await target.drain()
        finally:
            target.close()


@contextmanager
def gate_to(port: int) -> Iterator[Gate]:
    """A gate in front of a port, until the end of the block."""
    gate = Gate(port)
    thread = threading.Thread(target=gate.run, name="gate", daemon=True)
    thread.start()
    gate.set("open")
    try:
        yield gate
    finally:
        gate.stop()
        thread.join(10)
