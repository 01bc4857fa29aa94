"""The gate: lets nobody without a session get to the pages, and nothing of a session that has ended do anything."""

import logging
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from frontend.sign_in.desk import Desk
from frontend.sign_in.opened import SIGN_IN
from shared.access.roles import Caller
from shared.errors import FettleError

OPEN = ("/_stcore/health", "/favicon.png", "/manifest.json")
OPEN_BELOW = ("/static/", "/api/auth/")
"""What holds nothing of anybody's: signs of life, Streamlit's own scripts, and signing in."""

POLICY_VIOLATION = 1008

log = logging.getLogger("fettle.ui")


class Gate:
    """ASGI middleware before everything that Streamlit serves."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what is refused, and hands over the rest."""
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] != "http" or scope["path"] in OPEN or scope["path"].startswith(OPEN_BELOW):
            await self._app(scope, receive, send)
        else:
            try:
                caller = await self._desk.caller(Headers(scope=scope))
            except FettleError as error:
                await _cannot_tell(error)(scope, receive, send)
                return
            await (self._app if caller else _refusal(scope))(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if await self._still(headers) is None:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await self._app(scope, self._watched(headers, receive), send)

    def _watched(self, headers: Headers, receive: Receive) -> Receive:
        """Receives what a page sends; of a session that has ended only the wish to be drawn anew."""

        async def watched() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or await self._still(headers):
                    return message
                if (bare := _bare(message.get("bytes"))) is not None:
                    return {**message, "bytes": bare}

        return watched

    async def _still(self, headers: Headers) -> Caller | None:
        try:
            return await self._desk.caller(headers)
        except FettleError as error:  # who cannot be told to be signed in is not
            log.warning("%s", error)
            return None


def _bare(sent: bytes | None) -> bytes | None:
    """A message without what was typed and pressed, so that nothing is run but the page, which says what is the matter.

    None for one that asks for something else.
    """
    message = BackMsg()
    try:
        message.ParseFromString(sent or b"")
    except Exception:  # noqa: BLE001 - protobuf's errors have no common name, and what cannot be read is not wanted
        return None
    if message.WhichOneof("type") != "rerun_script":
        return None
    bare = BackMsg()
    bare.rerun_script.query_string = message.rerun_script.query_string
    bare.rerun_script.page_script_hash = message.rerun_script.page_script_hash
    return bytes(bare.SerializeToString())


def _refusal(scope: Scope) -> Response:
    """To the sign-in page whoever wants a page; a plain refusal for what pages load."""
    headers = Headers(scope=scope)
    if scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", "text/html"):
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        address = SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"
        return RedirectResponse(address, 303, {"cache-control": "no-store"})
    return PlainTextResponse("Sign in first.", 401, {"cache-control": "no-store"})


def _cannot_tell(error: FettleError) -> Response:
    log.warning("%s", error)
    text = "It cannot be told who you are now; the server's log says why. Try again in a moment."
    return PlainTextResponse(text, 503, {"retry-after": "10", "cache-control": "no-store"})
