"""Route: GraphQL over HTTP: a JSON body by POST; a page to try it by GET."""

from typing import Any, cast

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from backend.api.asking import caller_of
from backend.api.body import Bodies, Busy, Disconnected, Room, TooLarge, TooSlow, drop
from backend.api.errors import ApiError, error_response
from backend.api.graphql.context import Context
from backend.api.graphql.limits import MOST_BYTES
from backend.api.graphql.schema import make_schema

PATH = "/graphql"


class GraphQLApp(GraphQL[Context, None]):
    """Answers questions. A caller is needed, of any role; a question only reads."""

    def __init__(self) -> None:
        super().__init__(make_schema(), allow_queries_via_get=False, subscription_protocols=())
        self._bodies = Bodies(MOST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request; refusals that are no answers have the shape of all errors."""
        request = Request(scope)
        caller_of(request)
        with Room(self._bodies) as room:
            try:
                body = await room.body(receive, request.headers.get("content-length"))
            except TooLarge:
                await drop(receive)
                message = f"The body has more than {MOST_BYTES:,} bytes; ask for less at a time."
                raise ApiError(413, message, headers={"connection": "close"}) from None
            except Busy:
                message = "More is being sent than there is memory for; send it again later."
                raise ApiError(503, message, headers={"retry-after": "10"}) from None
            except TooSlow:
                raise ApiError(408, "The body did not come in time.") from None
            except Disconnected:
                return

            async def whole() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            try:
                response = await self.run(Request(scope, whole))
            except HTTPException as error:
                response = error_response(error.status_code, f"{error.reason.rstrip('.')}.")
            await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """What resolvers need."""
        return Context(request=cast("Request", request), response=cast("Response", response))

    def decode_json(self, data: str | bytes) -> object:
        """As the parser of all other bodies does, which minds how deep they are."""
        found = orjson.loads(data)
        if not isinstance(found, dict | list):
            raise HTTPException(400, "The body is not a JSON object")
        return found

    def encode_json(self, data: object) -> str | bytes:
        """The answer's text."""
        return orjson.dumps(data)


def graphql_route(prefix: str) -> Route:
    """The route, to be added to those of the application."""
    return Route(f"{prefix}{PATH}", GraphQLApp(), methods=["GET", "POST"])
