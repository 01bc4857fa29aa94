"""Bodies of requests: read whole, up to a limit for each and for all together."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

IN_FLIGHT_BYTES = 256_000_000
"""Of all bodies that are being read or kept at a time."""


class TooLarge(Exception):
    """The body is longer than its limit."""


class Busy(Exception):
    """More is being sent at once than there is memory for."""


class Bodies:
    """Reads bodies, and knows how much of them is held. For one event loop."""

    def __init__(self, limit: int, in_flight: int = IN_FLIGHT_BYTES) -> None:
        self._limit, self._in_flight = limit, in_flight
        self._held = 0

    @contextmanager
    def room(self, request: Request) -> Iterator["Room"]:
        """Room for the body of a request, until the end of the block. Raises TooLarge or Busy."""
        said = request.headers.get("content-length", "")
        wanted = int(said) if said.isascii() and said.isdigit() else self._limit
        if wanted > self._limit:
            raise TooLarge
        if self._held + wanted > self._in_flight:
            raise Busy
        self._held += wanted
        try:
            yield Room(request, self._limit)
        finally:
            self._held -= wanted


class Room:
    """Where one body is read to."""

    def __init__(self, request: Request, limit: int) -> None:
        self._request, self._limit = request, limit

    async def body(self) -> bytes:
        """The whole body. Raises TooLarge."""
        parts, size = [], 0
        async for part in self._request.stream():
            size += len(part)
            if size > self._limit:
                raise TooLarge
            parts.append(part)
        return b"".join(parts)
