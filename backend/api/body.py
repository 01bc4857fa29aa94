"""Bodies of requests: read whole, up to a limit for each and for all together, and within a time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

IN_FLIGHT_BYTES = 256_000_000
"""Of all bodies that are being read or kept at a time."""

READ_WITHIN_S = 30.0
"""For a whole body: GitHub itself waits for ten seconds."""


class TooLarge(Exception):
    """The body is longer than its limit."""


class Busy(Exception):
    """More is being sent at once than there is memory for."""


class TooSlow(Exception):
    """The body did not come in time."""


class Bodies:
    """Reads bodies, and knows how much of them is held. For one event loop."""

    def __init__(self, limit: int, in_flight: int = IN_FLIGHT_BYTES, read_within_s: float = READ_WITHIN_S) -> None:
        self.limit, self.in_flight, self.read_within_s = limit, in_flight, read_within_s
        self.held = 0

    @contextmanager
    def room(self) -> Iterator["Room"]:
        """Room for the body of a request, until the end of the block."""
        room = Room(self)
        try:
            yield room
        finally:
            self.held -= room.size


class Room:
    """Where one body is read to. size: what it holds; a length that is only announced takes no room from others."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.size = 0

    async def body(self, request: Request) -> bytes:
        """The whole body. Raises TooLarge, Busy, TooSlow, or starlette's ClientDisconnect."""
        said = request.headers.get("content-length", "")
        if said.isascii() and said.isdigit() and int(said) > self._bodies.limit:
            raise TooLarge
        try:
            async with asyncio.timeout(self._bodies.read_within_s):
                return b"".join([part async for part in request.stream() if self._takes(part)])
        except TimeoutError:
            raise TooSlow from None

    def _takes(self, part: bytes) -> bool:
        self.size += len(part)
        self._bodies.held += len(part)
        if self.size > self._bodies.limit:
            raise TooLarge
        if self._bodies.held > self._bodies.in_flight:
            raise Busy
        return True
