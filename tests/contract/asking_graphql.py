"""Asking GraphQL over real HTTP: a server on loopback with the route and a lake of a test, and who asks."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.errors import handle_errors
from backend.api.graphql import graphql_route
from backend.api.reading import Reader
from shared.access.roles import Caller
from shared.lake.tables import Lake
from shared.settings import Settings

VIEWER = Caller("someone", "viewer")


@dataclass
class Asker:
    """Sends questions to a running server."""

    address: str
    reader: Reader
    client: httpx.Client

    def post(self, **body: Any) -> httpx.Response:
        return self.client.post(self.address, json=body)

    def send(self, content: bytes, **headers: str) -> httpx.Response:
        given = {"content-type": "application/json", **headers}
        return self.client.post(self.address, content=content, headers=given)

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a question that is answered without an error."""
        answer = self.post(query=query, variables=variables).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def errors(self, query: str, **variables: Any) -> list[str]:
        """What a question is told that is not answered."""
        response = self.post(query=query, variables=variables)
        assert response.status_code == 200
        return [error["message"] for error in response.json()["errors"]]


@contextmanager
def answering(lake: Lake) -> Iterator[Asker]:
    """Answers questions about a lake until the end of the block; whoever sends the header `x-nobody` is nobody."""
    app = FastAPI()
    handle_errors(app)
    reader = app.state.reader = Reader(Settings(), lake)
    app.router.routes.append(graphql_route("/api"))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(_known(app), log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        with httpx.Client(timeout=30, trust_env=False) as client:
            yield Asker(f"http://127.0.0.1:{listening.getsockname()[1]}/api/graphql", reader, client)
    finally:
        server.should_exit = True
        thread.join(15)
        reader.close()


def _known(app: ASGIApp) -> ASGIApp:
    async def known(scope: Scope, receive: Receive, send: Send) -> None:
        nobody = any(name == b"x-nobody" for name, _ in scope["headers"])
        scope.setdefault("state", {})["caller"] = None if nobody else VIEWER
        await app(scope, receive, send)

    return known
