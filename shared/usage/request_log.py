"""Request log: an ASGI middleware that tells Fettle of the requests that a service answers.

This file needs nothing but Python: copy it into a service, and two lines make it tell:

    from request_log import RequestLog, to_fettle
    app.add_middleware(RequestLog, keep=to_fettle("https://fettle.example.com/api", KEY), service="shop")

It never slows an answer nor fails one: rows wait in memory, go out every two seconds from a thread, and the oldest are
dropped when Fettle does not answer for long.
"""

import json
import logging
import threading
import time
import urllib.request
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timezone
from typing import Any

EVERY_S = 2.0
AT_ONCE = 500
MOST_WAITING = 20_000
SEND_TIMEOUT_S = 5.0

Row = dict[str, Any]
Keep = Callable[[list[Row]], None]
"""Keeps rows; what it raises is logged, and the rows are tried again."""

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

log = logging.getLogger(__name__)


def to_fettle(url: str, key: str) -> Keep:
    """What sends rows to a Fettle. url: of its API, as `https://fettle.example.com/api`."""
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is no http or https address of Fettle's API")

    def keep(rows: list[Row]) -> None:
        request = urllib.request.Request(  # noqa: S310 - checked above
            f"{url.rstrip('/')}/requests",
            json.dumps(rows).encode(),
            {"Content-Type": "application/json", "X-API-Key": key},
        )
        urllib.request.urlopen(request, timeout=SEND_TIMEOUT_S).close()  # noqa: S310

    return keep


class RequestLog:
    """Tells of each request: when, which, how it was answered and how long that took.

    more: what else a row is to have, of a request's scope, such as user or model.  skip: paths not told of.
    """

    def __init__(
        self,
        app: Callable[[_Scope, _Receive, _Send], Awaitable[None]],
        keep: Keep,
        service: str,
        more: Callable[[_Scope], Row] | None = None,
        skip: tuple[str, ...] = (),
    ) -> None:
        self._app, self._keep, self._service, self._more = app, keep, service, more
        self._skip = frozenset(skip)
        self._waiting: deque[Row] = deque(maxlen=MOST_WAITING)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Hands the request on, and takes its time."""
        if scope["type"] != "http" or scope["path"] in self._skip:
            await self._app(scope, receive, send)
            return
        at, began, status = datetime.now(timezone.utc), time.perf_counter(), 500  # noqa: UP017 - older Pythons too

        async def watched(message: _Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._take(scope, at, 1_000 * (time.perf_counter() - began), status)

    def close(self) -> None:
        """Sends what waits, once, and ends."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2 * SEND_TIMEOUT_S)

    def _take(self, scope: _Scope, at: datetime, took_ms: float, status: int) -> None:
        headers = dict(scope.get("headers") or ())
        # The pattern of the address rather than the address: there are few of them, and no name is in them.
        route = getattr(scope.get("route"), "path", None)
        row = {
            "request_id": uuid.uuid4().hex,
            "at": at.isoformat(),
            "endpoint": str(route or scope["path"])[:500],
            "method": scope["method"][:20],
            "status": status,
            "latency_ms": round(took_ms, 3),
            "user_agent": headers.get(b"user-agent", b"").decode("latin-1")[:300] or None,
            "service": self._service,
        }
        self._waiting.append({**row, **(self._more(scope) if self._more else {})})
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._send_on, name="request-log", daemon=True)
                    self._thread.start()

    def _send_on(self) -> None:
        ended = False
        while not ended:
            ended = self._stop.wait(EVERY_S)
            while self._waiting and self._send():
                pass

    def _send(self) -> bool:
        rows = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        try:
            self._keep(rows)
        except Exception as error:  # noqa: BLE001 - the service is not to end because its log cannot be told
            log.warning("%d requests could not be told and wait: %s", len(rows), type(error).__name__)
            self._waiting.extendleft(reversed(rows))
            return False
        return True
