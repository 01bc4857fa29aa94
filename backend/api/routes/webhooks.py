"""`POST /api/webhooks/github`: verifies a delivery, keeps it, and only then says so. Its rows are made by fold."""

import asyncio
import logging
import uuid
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from backend.api.body import Bodies, Busy, TooLarge, TooSlow
from backend.ingest.counts import DeliveryCounts
from backend.ingest.delivery import DELIVERIES, Delivery
from backend.ingest.hook_networks import HookNetworks
from backend.ingest.seen import LatelySeen, Seen
from backend.ingest.signature import flaw, secrets_of, signed_digest
from backend.ingest.webhooks import EVENTS
from shared.addresses import Address, AddressHash, client_address, networks_of
from shared.datasets import THREATS
from shared.lake.inbox import Inbox
from shared.lake.spool import InboxFull
from shared.lake.tables import Lake
from shared.settings import Settings, split_list

PATH = "/webhooks/github"

BODY_LIMIT = 25_000_000
"""GitHub sends no more."""

RETRY_AFTER_S = 10

THREATS_A_MINUTE = 120
"""Rows; what is beyond is counted alone, so that nobody can fill the store without a signature."""

EXCERPT = 300

log = logging.getLogger(__name__)


class Headers:
    """A request's headers by name in lower case; None where there is none. Starlette's own search through all."""

    def __init__(self, request: Request) -> None:
        self._headers: dict[bytes, bytes] = dict(request.scope["headers"])

    def __getitem__(self, name: str) -> str | None:
        found = self._headers.get(name.encode())
        return None if found is None else found.decode("latin-1")


class GitHubWebhook:
    """The route, with what it remembers. For one event loop."""

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

    async def answer(self, request: Request) -> Response:
        """Answers a delivery; never with a traceback."""
        try:
            return await self._verified(request)
        except TooLarge:
            return _error(413, "too_large", f"The body has more than {BODY_LIMIT:,} bytes.")
        except TooSlow:
            return _error(408, "too_slow", "The body did not come in time.", {"connection": "close"})
        except Busy:
            return _later("More is being sent than there is memory for; send it again later.")
        except InboxFull as error:
            return _later(str(error))
        except TimeoutError:
            return _later("The delivery could not be stored in time; send it again later.")
        except ClientDisconnect:
            return Response(status_code=400)

    async def _verified(self, request: Request) -> Response:
        if not self._secrets:
            return _error(503, "no_secret", "Set GITHUB_WEBHOOK_SECRET: nothing is taken without a signature.")
        headers = Headers(request)
        peer = request.client.host if request.client else None
        address = client_address(peer, headers["x-forwarded-for"], self._proxies)
        allowed = self._networks.allows(address)
        if allowed is None:
            return _later("GitHub's networks are not known yet; send it again later.")
        if not allowed:
            self._counts.add("any", "wrong_network")
            return _error(403, "wrong_network", "Deliveries are not taken from this address.")
        with self._bodies.room() as room:
            body = await room.body(request)
            signature = headers["x-hub-signature-256"]
            digest = signed_digest(self._secrets, signature, body)
            if digest is None:
                self._counts.add("any", "bad_signature")
                await self._threat("bad_signature", "medium", flaw(signature), headers, address, body)
                return _error(401, "bad_signature", flaw(signature))
            return await self._signed(headers, address, body, digest)

    async def _signed(self, headers: Headers, address: Address | None, body: bytes, digest: bytes) -> Response:
        event = headers["x-github-event"] or ""
        delivery_id = headers["x-github-delivery"] or digest.hex()
        if event not in EVENTS:
            outcome = "pong" if event == "ping" else "unknown"
            self._counts.add(event or "none", outcome)
            return _accepted(outcome, delivery_id)
        hook_id = headers["x-github-hook-id"]
        if before := self._seen.again(delivery_id, hook_id, digest):
            outcome, first = before
            await asyncio.shield(first.kept)
            self._counts.add(event, outcome)
            if outcome == "replay":
                text = f"The body of {first.delivery_id} was sent again under another delivery id."
                await self._threat("replay", "low", text, headers, address, body)
            return _accepted(outcome, delivery_id)
        kind = headers["content-type"] or "application/json"
        line = Delivery(event, delivery_id, self._clock(), body, kind).line()
        kept = self._inbox.submit_on_loop(DELIVERIES, [line])
        self._seen.add(Seen(delivery_id, hook_id, kept), digest)
        await kept
        self._counts.add(event, "accepted")
        return _accepted("accepted", delivery_id)

    async def _threat(
        self, kind: str, severity: str, text: str, headers: Headers, address: Address | None, body: bytes
    ) -> None:
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
            "ip_hash": self._hash(address),
            "request_id": _clean(headers["x-github-delivery"]),
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


def _accepted(status: str, delivery_id: str) -> Response:
    return _json(202, {"status": status, "delivery": _clean(delivery_id)})


def _later(message: str) -> Response:
    return _error(503, "unavailable", message, {"retry-after": str(RETRY_AFTER_S)})


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return _json(status, {"error": {"code": code, "message": message, "field": None}}, headers)


def _json(status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def _clean(text: str | None) -> str | None:
    """A header or an excerpt as a text that any file can hold."""
    return text[:EXCERPT].encode("utf-8", "replace").decode() if text else None
