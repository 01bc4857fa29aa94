"""`POST /api/webhooks/github`: verifies a delivery, keeps it, and only then says so. Its rows are made by fold."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from starlette.types import Receive, Scope, Send

from backend.api.body import Bodies, Busy, Disconnected, Room, TooLarge, TooSlow
from backend.ingest.counts import DeliveryCounts
from backend.ingest.delivery import DELIVERIES, Delivery
from backend.ingest.hook_networks import HookNetworks
from backend.ingest.seen import LatelySeen, Seen
from backend.ingest.signature import flaw, secrets_of, signed_digest
from backend.ingest.webhooks import EVENTS
from shared.addresses import Address, AddressHash, Network, client_address, networks_of
from shared.datasets import THREATS
from shared.lake.inbox import Inbox
from shared.lake.spool import InboxFull
from shared.lake.tables import Lake
from shared.observing.logs import request_id
from shared.settings import Settings, split_list

PATH = "/webhooks/github"

BODY_LIMIT = 25_000_000
"""GitHub sends no more."""

OUTCOME = "x-fettle-delivery"
"""The header that says what became of a delivery: GitHub shows it under Recent Deliveries."""

RETRY_AFTER_S = 10

THREATS_A_MINUTE = 120
"""Rows; what is beyond is counted alone, so that nobody can fill the store without a signature."""

EXCERPT = 300

_TAKEN = frozenset(EVENTS)

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What is answered: a status, an object if there is one, and headers beside those every answer has.

    Without a body an answer is one packet and not two, which is a tenth of the work of a delivery.
    """

    status: int
    content: dict[str, Any] | None
    headers: Mapping[str, str] = MappingProxyType({})


class Asked:
    """A request as its ASGI scope has it: headers by name in lower case, None where there is none."""

    def __init__(self, scope: Scope) -> None:
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._client = scope.get("client")

    def __getitem__(self, name: bytes) -> str | None:
        found = self._headers.get(name)
        return None if found is None else found.decode("latin-1")

    def sender(self, proxies: tuple[Network, ...]) -> Address | None:
        """Whose request it is."""
        return client_address(self._client[0] if self._client else None, self[b"x-forwarded-for"], proxies)


class GitHubWebhook:
    """The route, with what it remembers. For one event loop.

    An ASGI application without a framework: in one, a delivery costs half as much again.
    """

    def __init__(self, settings: Settings, lake: Lake, inbox: Inbox, counts: DeliveryCounts) -> None:
        self._secrets = secrets_of(settings.webhook_secret.get_secret_value() if settings.webhook_secret else "")
        key = settings.address_key.get_secret_value() if settings.address_key else None
        self._hash = AddressHash(key)
        self._proxies = networks_of(split_list(settings.trusted_proxies))
        self._networks = HookNetworks(settings, lake)
        self._networks.refresh_soon()
        self._inbox, self._clock, self._counts = inbox, settings.now, counts
        self._seen, self._bodies = LatelySeen(), Bodies(BODY_LIMIT)
        self._threats: tuple[datetime | None, int] = (None, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a delivery; never with a traceback."""
        try:
            status, content, more = await self._answer(Asked(scope), receive)
        except Disconnected:
            return
        body = b"" if content is None else orjson.dumps(content)
        kind = None if content is None else "application/json"
        raw = _raw_headers(kind, len(body), tuple(more.items()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, asked: Asked, receive: Receive) -> Answer:
        try:
            return await self._allowed(asked, receive)
        except Disconnected:
            raise
        except TooLarge:
            return _error(413, "too_large", f"The body has more than {BODY_LIMIT:,} bytes.")
        except TooSlow:
            return _error(408, "too_slow", "The body did not come in time.")
        except Busy:
            return _later("More is being sent than there is memory for; send it again later.")
        except InboxFull as error:
            return _later(str(error))
        except TimeoutError:
            return _later("The delivery could not be stored in time; send it again later.")
        except Exception:  # GitHub's edge of the API: it is told to send again, and whoever runs this reads why
            log.exception(
                "A delivery could not be taken.", extra={"request_id": request_id(asked[b"x-github-delivery"])}
            )
            return _error(500, "internal", "The delivery could not be taken; the server's log says why.")

    async def _allowed(self, asked: Asked, receive: Receive) -> Answer:
        if not self._secrets:
            return _error(503, "no_secret", "Set GITHUB_WEBHOOK_SECRET: nothing is taken without a signature.")
        if self._networks.limited:
            allowed = self._networks.allows(asked.sender(self._proxies))
            if allowed is None:
                return _later("GitHub's networks are not known yet; send it again later.")
            if not allowed:
                self._counts.add("any", "wrong_network")
                return _error(403, "wrong_network", "Deliveries are not taken from this address.")
        with Room(self._bodies) as room:
            body = await room.body(receive, asked[b"content-length"])
            signature = asked[b"x-hub-signature-256"]
            digest = signed_digest(self._secrets, signature, body)
            if digest is None:
                self._counts.add("any", "bad_signature")
                await self._threat("bad_signature", "medium", flaw(signature), asked, body)
                return _error(401, "bad_signature", flaw(signature))
            return await self._signed(asked, body, digest)

    async def _signed(self, asked: Asked, body: bytes, digest: bytes) -> Answer:
        event = asked[b"x-github-event"] or ""
        delivery_id = asked[b"x-github-delivery"] or digest.hex()
        if event not in _TAKEN:
            outcome = "pong" if event == "ping" else "unknown"
            self._counts.add(event or "none", outcome)
            return _accepted(outcome)
        hook_id = asked[b"x-github-hook-id"]
        if before := self._seen.again(delivery_id, hook_id, digest):
            outcome, first = before
            await asyncio.shield(first.kept)
            self._counts.add(event, outcome)
            if outcome == "replay":
                text = f"The body of {first.delivery_id} was sent again under another delivery id."
                await self._threat("replay", "low", text, asked, body)
            return _accepted(outcome)
        kind = asked[b"content-type"] or "application/json"
        kept = self._inbox.submit_lines_on_loop(
            DELIVERIES, Delivery(event, delivery_id, self._clock(), body, kind).line()
        )
        self._seen.add(Seen(delivery_id, hook_id, kept), digest)
        await kept
        self._counts.add(event, "accepted")
        return _accepted("accepted")

    async def _threat(self, kind: str, severity: str, text: str, asked: Asked, body: bytes) -> None:
        now = self._clock()
        minute = now.replace(second=0, microsecond=0)
        number = self._threats[1] + 1 if self._threats[0] == minute else 1
        self._threats = (minute, number)
        if number > THREATS_A_MINUTE:
            return
        row = {
            "threat_id": uuid.uuid4().hex,
            "at": now,
            "type": kind,
            "severity": severity,
            "ip_hash": self._hash(asked.sender(self._proxies)),
            "request_id": _clean(asked[b"x-github-delivery"]),
            "description": text,
            "raw_excerpt": _clean(body[:EXCERPT].decode("utf-8", "replace")),
            "resolved": False,
            "collected_at": now,
            "source": "api",
        }
        try:
            await self._inbox.submit_on_loop(THREATS.name, [row])
        except (InboxFull, TimeoutError) as error:
            log.warning("A threat (%s) could not be stored: %s", kind, error)


@lru_cache(64)
def _raw_headers(kind: str | None, length: int, more: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Headers as ASGI wants them; most answers have the same."""
    headers = {"content-length": str(length), **dict(more)} | ({"content-type": kind} if kind else {})
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def _accepted(outcome: str) -> Answer:
    return Answer(202, None, {OUTCOME: outcome})


def _later(message: str) -> Answer:
    return _error(503, "unavailable", message)._replace(headers={"retry-after": str(RETRY_AFTER_S)})


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message, "field": None}})


def _clean(text: str | None) -> str | None:
    """A header or an excerpt as a text that any file can hold."""
    return text[:EXCERPT].encode("utf-8", "replace").decode() if text else None
