"""Security: the headers that every answer of the UI carries, and the paths that are not for the public."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
import streamlit.config
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.settings import Settings, split_list

BLOCKED = ("/_stcore/metrics", "/_stcore/agent")
"""Streamlit's own figures and its remote control."""

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _own_scripts() -> list[str]:
    """The hashes of the scripts in Streamlit's page, which are all that may run inline."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


# Streamlit styles its elements inline, compiles WebAssembly and keeps a WebSocket to its own host.
POLICY = "; ".join(
    (
        "default-src 'self'",
        " ".join(("script-src 'self' 'wasm-unsafe-eval'", *_own_scripts())),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none a browser would not say of a form which page sent it
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def own_hosts(settings: Settings) -> list[str]:
    """The names under which the pages may be reached besides this machine's."""
    public = urlsplit(settings.public_url or "").hostname
    return [*split_list(settings.ui_hosts), *([public] if public else [])]


def allow_hosts(names: Iterable[str]) -> None:
    """Lets the pages be opened under these names too; under others Streamlit refuses their connection.

    Streamlit reads environment variables only where its own command starts it.
    """
    allowed: list[str] = streamlit.config.get_option("server.allowedHosts")
    streamlit.config.set_option("server.allowedHosts", [*allowed, *(name for name in names if name not in allowed)])


class SecurityHeaders:
    """ASGI middleware that adds HEADERS to every answer and refuses BLOCKED paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or passes it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        blocked = any(part in scope["path"] for part in BLOCKED)
        answer = PlainTextResponse("Not found", status_code=404) if blocked else self._app
        await answer(scope, receive, send_with_headers)
