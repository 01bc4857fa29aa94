"""Asking the API in process, as whoever a test wants to be."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from backend.api.app import create_app
from shared.access.roles import Caller
from shared.settings import Settings
from tests.builders import NOW

EVERYONE = Caller("ann", "admin")
"""Who may see all."""


class Asking:
    """Asks the application as a caller, whom the tests need not sign in."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self.app, self.caller, self._runner = app, EVERYONE, runner
        transport = ASGITransport(app, raise_app_exceptions=False)
        self._client = AsyncClient(transport=transport, base_url="http://localhost", timeout=60)

    def __call__(self, caller: Caller, method: str, path: str, **options: Any) -> Response:
        self.caller = caller
        return self._runner.run(self._client.request(method, path, **options))

    def routes(self) -> set[tuple[str, str]]:
        """Every route of the application as (method, path), those beside FastAPI too."""
        found = {(method, path) for route in self.app.routes for method, path in _of(route)}
        return {(method, path) for method, path in found if method not in ("HEAD", "OPTIONS")}


@contextmanager
def asking(store: Path, cache: Path) -> Iterator[Asking]:
    """The API over the lake in a folder, until the end of the block."""
    given = {
        "FETTLE_STORE": f"file://{store}",
        "FETTLE_CACHE": cache,
        "FETTLE_NOW": NOW,
        "FETTLE_RATE_LIMIT": "1000000/minute",
        "FETTLE_METRICS": "true",
    }
    app = create_app(Settings(**given))  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        ask = Asking(app, runner)

        async def caller(*_: object) -> Caller:
            return ask.caller

        patch.setattr("backend.api.protection.Protection._caller", caller)
        # Not by its lifespan: that is a process's, and sets how often Python looks for garbage.
        app.state.inbox.start()
        try:
            yield ask
        finally:
            app.state.requests.close()
            app.state.inbox.close()
            app.state.readers.close()
            app.state.lake.close()


def _of(route: Any) -> Iterator[tuple[str, str]]:
    if hasattr(route, "effective_route_contexts"):
        for inner in route.effective_route_contexts():
            yield from _of(inner)
        return
    for method in route.methods or ("ANY",):
        yield method, route.path
