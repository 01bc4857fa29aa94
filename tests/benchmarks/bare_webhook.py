"""A bare webhook handler: it reads a delivery, checks its signature and does nothing with it."""

import hashlib
import hmac

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.deliveries import SECRET


async def deliver(request: Request) -> Response:
    body = await request.body()
    expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    good = hmac.compare_digest(expected, request.headers.get("x-hub-signature-256", ""))
    return Response(status_code=202 if good else 401)


app = Starlette(routes=[Route("/api/webhooks/github", deliver, methods=["POST"])])
