"""Asking GraphQL over real HTTP: the API on loopback over a lake of a test, and who asks."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from backend.api.app import create_app
from backend.api.reading import Readers
from shared.lake.tables import Lake
from shared.settings import Settings
from tests.conftest import NOW

KEY = "viewer-key-with-enough-characters"


@dataclass
class Asker:
    """Sends questions to a running server, with a viewer's key unless told otherwise."""

    address: str
    readers: Readers
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
    """Answers questions about a lake until the end of the block, by the application as it is served."""
    app = create_app(_settings(lake))
    listening = socket.create_server(("127.0.0.1", 0))
    # Its beginning and end are a process's: they set how often Python looks for garbage, and fold.
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        with httpx.Client(timeout=30, trust_env=False, headers={"X-API-Key": KEY}) as client:
            asker = Asker(f"http://127.0.0.1:{listening.getsockname()[1]}/api/graphql", app.state.readers, client)
            asker("{__typename}")  # the first request of all reads the keys
            yield asker
    finally:
        server.should_exit = True
        thread.join(15)
        app.state.requests.close()
        app.state.readers.close()
        app.state.inbox.close()
        app.state.lake.close()


def _settings(lake: Lake) -> Settings:
    given = {
        "FETTLE_STORE": lake.store.url,
        "FETTLE_CACHE": lake.cache.with_name("api-cache"),
        "FETTLE_API_KEYS": f"v:viewer:{KEY}",
        "FETTLE_RATE_LIMIT": "100000000/minute",
        "FETTLE_NOW": NOW,
    }
    return Settings(**given)  # type: ignore[arg-type]
