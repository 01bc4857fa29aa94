"""Protection: what every request passes before its route: who asks, how often, and how much is sent.

One plain ASGI middleware, since each layer of a framework's own costs as much as all of these checks together.
"""

import asyncio
import logging
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import HTTPException
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.errors import error_response
from shared.access.cookie import token_in
from shared.access.keys import KeyRing
from shared.access.roles import LOCAL, Caller
from shared.addresses import Network, client_address, is_loopback
from shared.errors import FettleError
from shared.lake.store import StoreError

if TYPE_CHECKING:
    from shared.access.sessions import Sessions

log = logging.getLogger(__name__)

BODY_LIMIT = 10_000_000
"""Bytes of one body; a webhook's own limit is its route's."""

OPEN = ("/api/health", "/api/ready", "/api/webhooks/github", "/api/dashboard/health", "/api/dashboard/health/")
"""Paths that nobody needs a key for: probes, and what is signed. They are neither counted nor slowed down."""

DOCS = ("/api/docs", "/api/openapi.json", "/api/graphql")
"""Pages for people, which load what is not ours."""

STARTING = ("/api/dispatch", "/api/poll", "/api/refresh", "/api/backfill")
"""Paths that start what takes long and costs others something."""

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-site",
}
_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net https://unpkg.com; "
    "style-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net https://unpkg.com; connect-src 'self'; "
    "img-src 'self' data: https://fastapi.tiangolo.com; font-src data:; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Limits:
    """How many requests are taken of one key, or of one address without a key."""

    usual: RateLimitItem
    dispatch: RateLimitItem
    orchestrator: RateLimitItem

    @classmethod
    def of(cls, usual: str, dispatch: str, orchestrator: str) -> "Limits":
        """From texts such as "120/minute"."""
        return cls(parse(usual), parse(dispatch), parse(orchestrator))

    def of_path(self, path: str, method: str) -> tuple[str, RateLimitItem]:
        """The limit of a request, with its name."""
        if method not in ("GET", "HEAD", "OPTIONS"):
            if path.startswith(STARTING):
                return "dispatch", self.dispatch
            if path.startswith("/api/orchestrator"):
                return "orchestrator", self.orchestrator
        return "usual", self.usual


class Protection:
    """Checks each request: its key, its rate, the size of its body; and puts security headers on each answer.

    The caller is in the scope's state as `caller`, the client's address as `address`.
    """

    def __init__(
        self,
        app: ASGIApp,
        ring: KeyRing,
        limits: Limits,
        proxies: Iterable[Network],
        origins: Iterable[str] = (),
        open_to_network: bool = False,
        sessions: "Sessions | None" = None,
    ) -> None:
        self._app, self._ring, self._limits, self._proxies = app, ring, limits, tuple(proxies)
        self._origins, self._open_to_network = frozenset(origins), open_to_network
        self._sessions = sessions
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what is refused, and hands over the rest."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        dressed = _dressed(send, path)
        peer = scope["client"][0] if scope.get("client") else None
        address = client_address(peer, headers.get("x-forwarded-for"), self._proxies)
        caller = await self._caller(headers)
        state = scope.setdefault("state", {})
        state["caller"], state["address"] = caller, address
        refusal = await self._too_many(scope, caller, str(address)) or _too_large(headers)
        if refusal is None:
            refusal = caller if isinstance(caller, Refusal) else self._from_elsewhere(scope, headers, caller)
        if refusal is not None:
            response = error_response(refusal.status, refusal.message, headers=refusal.headers)
            await response(scope, receive, dressed)
            return
        await self._app(scope, _bounded(receive), dressed)

    async def _caller(self, headers: Headers) -> "Caller | Refusal":
        key = key_of(headers)
        try:
            if not self._ring.fresh:
                await asyncio.to_thread(self._ring.refresh)
            if key is not None:
                caller = self._ring.caller(key)
                return caller or Refusal(401, "The API key is not known; it may have been revoked.", _ASK)
            if self._sessions is not None:
                return await self._signed_in(self._sessions, headers)
        except FettleError as error:
            return _cannot_tell(error)
        return Refusal(401, "Send an API key as X-API-Key.", _ASK) if self._ring.any() else LOCAL

    async def _signed_in(self, sessions: "Sessions", headers: Headers) -> "Caller | Refusal":
        token = token_in(headers.get("cookie"))
        found = sessions.caller(token) if sessions.known(token) else await asyncio.to_thread(sessions.caller, token)
        return _Visitor(found.name, found.role, found.repos) if found else Refusal(401, _SIGN_IN, _ASK)

    def _from_elsewhere(self, scope: Scope, headers: Headers, caller: Caller) -> "Refusal | None":
        """Refuses what a page of somebody else has a browser send, where that needs no key or brings the cookie along.

        Such a page cannot read answers, but could write; and where its name is made to mean this machine, read as well.
        """
        if caller is LOCAL:
            host = headers.get("host", "")
            if not self._open_to_network and not _is_this_machine(host):
                return Refusal(403, f"The API is asked as {host[:80]!r}; without a key only as localhost.", {})
        elif not isinstance(caller, _Visitor) or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        return self._of_other_page(headers, isinstance(caller, _Visitor))

    def _of_other_page(self, headers: Headers, must_say: bool) -> "Refusal | None":
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = bool(origin) and (origin in self._origins or urlsplit(origin or "").netloc == headers.get("host", ""))
        if own or site == "same-origin" or (not origin and not must_say):
            return None
        return Refusal(
            403, f"Pages of {(origin or 'nobody knows where')[:80]!r} may not use the API without a key.", {}
        )

    async def _too_many(self, scope: Scope, caller: "Caller | Refusal", address: str) -> "Refusal | None":
        name, limit = self._limits.of_path(scope["path"], scope["method"])
        # Wrong keys count for their address, so that nobody can try one key after another.
        who = f"key {caller.name}" if isinstance(caller, Caller) and caller is not LOCAL else f"address {address}"
        if await self._counts.hit(limit, name, who):
            return None
        reset, _ = await self._counts.get_window_stats(limit, name, who)
        wait_s = max(1, math.ceil(reset - time.time()))
        message = f"More than {limit} requests; send the next in {wait_s} s."
        return Refusal(429, message, {"retry-after": str(wait_s)})


class _Visitor(Caller):
    """Who is known by the cookie, which a browser sends whatever page has it do so."""


@dataclass(frozen=True)
class Refusal:
    """A request that is not handed over."""

    status: int
    message: str
    headers: Mapping[str, str]


def _is_this_machine(host: str) -> bool:
    return is_loopback(urlsplit(f"//{host}").hostname or "")


def _cannot_tell(error: FettleError) -> Refusal:
    """The answer where it cannot be told who asks."""
    what = "as the store does not answer" if isinstance(error, StoreError) else "as the users' file is of no use"
    log.warning("Nobody can be told apart: %s", error)
    return Refusal(503, f"It cannot be told who asks, {what}.", {"retry-after": "10"})


_ASK = {"www-authenticate": "Bearer"}
_SIGN_IN = "Sign in on the pages, or send an API key as X-API-Key."


def key_of(headers: Headers) -> str | None:
    """The API key that a request brings, as X-API-Key or `Authorization: Bearer`; None for none."""
    key = headers.get("x-api-key")
    if key is None:
        kind, _, value = headers.get("authorization", "").partition(" ")
        key = value.strip() if kind.lower() == "bearer" else None
    return key or None


def _too_large(headers: Headers) -> Refusal | None:
    said = headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > BODY_LIMIT:
        return Refusal(413, f"The body has more than {BODY_LIMIT:,} bytes; send it in parts.", {"connection": "close"})
    return None


def _bounded(receive: Receive) -> Receive:
    """Receives as much as is taken of a body whose length was not told."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_LIMIT:
            raise HTTPException(413, f"The body has more than {BODY_LIMIT:,} bytes; send it in parts.")
        return message

    return bounded


def _dressed(send: Send, path: str) -> Send:
    """Sends with security headers; nothing is cached, since every answer is somebody's own."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["content-security-policy"] = _DOCS_POLICY if path in DOCS else _CONTENT_POLICY
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return dressed
