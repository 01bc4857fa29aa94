"""Bodies of requests: read whole, up to a limit for each and for all together, and within a time."""

import asyncio
from contextlib import suppress

from starlette.types import Message, Receive

IN_FLIGHT_BYTES = 256_000_000
"""Of all bodies that are being read or kept at a time."""

READ_WITHIN_S = 30.0
"""For a whole body: GitHub itself waits for ten seconds."""


DROPPED_BYTES = 1_000_000
DROPPED_WITHIN_S = 2.0
"""Of a body that is too large, what is read all the same, so that the client comes to reading the answer."""


class TooLarge(Exception):
    """The body is longer than its limit."""


class Busy(Exception):
    """More is being sent at once than there is memory for."""


class TooSlow(Exception):
    """The body did not come in time."""


class Disconnected(Exception):
    """The client is gone."""


class Bodies:
    """Reads bodies, and knows how much of them is held. For one event loop."""

    def __init__(self, limit: int, in_flight: int = IN_FLIGHT_BYTES, read_within_s: float = READ_WITHIN_S) -> None:
        self.limit, self.in_flight, self.read_within_s = limit, in_flight, read_within_s
        self.held = 0


class Room:
    """Where one body is read to, until the end of a `with` block.

    size: what it holds; a length that is only announced takes no room from others.
    """

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.size = 0

    def __enter__(self) -> "Room":
        """Nothing is held yet."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Gives the room back."""
        self._bodies.held -= self.size

    async def body(self, receive: Receive, length: str | None) -> bytes:
        """The whole body. length: as the header says. Raises TooLarge, Busy, TooSlow or Disconnected."""
        if length and length.isascii() and length.isdigit() and int(length) > self._bodies.limit:
            raise TooLarge
        first, more = self._part(await receive())  # nothing is held until it comes, so it may take its time
        if not more:
            return first
        parts = [first]
        try:
            async with asyncio.timeout(self._bodies.read_within_s):
                while more:
                    part, more = self._part(await receive())
                    parts.append(part)
        except TimeoutError:
            raise TooSlow from None
        return b"".join(parts)

    def _part(self, message: Message) -> tuple[bytes, bool]:
        """What came, and whether more is to come."""
        if message["type"] == "http.disconnect":
            raise Disconnected
        part: bytes = message.get("body", b"")
        self.size += len(part)
        self._bodies.held += len(part)
        if self.size > self._bodies.limit:
            raise TooLarge
        if self._bodies.held > self._bodies.in_flight:
            raise Busy
        return part, message.get("more_body", False)


async def drop(receive: Receive) -> None:
    """Reads what is left of a body that is a little too large.

    Closed in the middle of it, the connection would be reset, and the client told of that instead of the reason.
    """
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DROPPED_WITHIN_S):
            while dropped < DROPPED_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
