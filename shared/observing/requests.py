"""Requests: gives each an id, logs a line of it, and tells whoever counts them how it was answered."""

import logging
import time
from collections.abc import Callable, Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observing.logs import REQUEST_ID, request_id

HEADER = b"x-request-id"

NO_ROUTE = "(none)"

METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))

Note = Callable[[str, str, int, float], None]
"""Is told method, route, status and seconds of a request."""

log = logging.getLogger("fettle.requests")


class Observed:
    """ASGI middleware around everything else: it sees the answers to what failed, too.

    quiet: paths of probes, which are not logged.  note: see Note.  An id that the sender gives as X-Request-ID is kept
    if it is short and plain. Neither addresses, nor what is asked for in them, are in the log.
    """

    def __init__(self, app: ASGIApp, quiet: Collection[str] = (), note: Note | None = None) -> None:
        self._app, self._quiet, self._note = app, frozenset(quiet), note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = next((value for name, value in scope["headers"] if name == HEADER), b"").decode("latin-1")
        known, began, status = request_id(said), time.perf_counter(), 500
        REQUEST_ID.set(known)  # for this task alone, which ends with the request

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, known.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        if self._note is not None:
            self._note(method, route, status, seconds)
        if scope["path"] not in self._quiet and log.isEnabledFor(logging.INFO):
            fields = {"method": method, "route": route, "status": status, "ms": round(1_000 * seconds, 1)}
            log.info("%s %s %d in %.0f ms", method, route, status, 1_000 * seconds, extra=fields)


def route_of(scope: Scope) -> str:
    """The pattern of a request's address, of which there are few, and which holds no name."""
    return str(getattr(scope.get("route"), "path", None) or NO_ROUTE)
