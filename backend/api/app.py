"""The API's application: `create_app(settings)` wires it, `create` is what a server process calls."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.errors import ErrorAnswer, handle_errors
from backend.api.figures import Figures, Pushed, Stored
from backend.api.graphql import graphql_route
from backend.api.guard import protect
from backend.api.openapi import describe_routes
from backend.api.protection import OPEN
from backend.api.reading import Readers
from backend.api.routes import (
    administration,
    collecting,
    customers,
    findings,
    health,
    metrics,
    prometheus,
    remediation,
    repositories,
    usage,
    webhooks,
)
from backend.ingest.counts import DeliveryCounts
from backend.ingest.folding import Folding
from backend.terminal import UNUSABLE, complain
from shared.collecting.runner import Runner
from shared.errors import FettleError
from shared.garbage import spare_the_lasting
from shared.lake.opening import open_inbox, open_lake
from shared.lake.writer_process import WriterProcess
from shared.observing.logs import set_up_logs
from shared.observing.requests import Note, Observed
from shared.settings import Settings, load_settings

ROUTES = (remediation, findings, repositories, metrics, customers, usage, collecting, administration)
"""What is asked of the data and told of it, each resource in a module of its own."""

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer} for status in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


class Api(FastAPI):
    """FastAPI, but for what is posted to a few paths: that goes past it, straight to an application of its own."""

    shortcuts: Mapping[str, ASGIApp] = MappingProxyType({})
    observed: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        posted = scope["type"] == "http" and scope["method"] == "POST"
        shortcut = self.shortcuts.get(scope["path"]) if posted else None
        await (shortcut or self.observed or super().__call__)(scope, receive, send)

    def observe(self, note: Note | None) -> None:
        """Has requests get ids and be logged, also those whose error is answered outermost; and told to somebody."""
        self.observed = Observed(super().__call__, OPEN, note)


def create_app(settings: Settings) -> FastAPI:
    """The application over the lake that the settings name. Raises SettingsError or StoreError.

    While it runs it folds the inbox in the background; when it ends, what was taken is durable.
    """
    lake, inbox, counts = open_lake(settings), open_inbox(settings), DeliveryCounts()
    inbox.elsewhere = WriterProcess(settings, inbox)
    folding = Folding(settings, lake, counts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        inbox.start()
        folding.start()
        spare_the_lasting()
        yield
        await asyncio.to_thread(runner.close)
        await asyncio.to_thread(requests.close)
        await asyncio.to_thread(inbox.close)
        readers.close()
        await asyncio.to_thread(folding.stop)

    app = Api(
        title="Fettle",
        summary="What is unhealthy in many repositories, and how fast it gets put right.",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.lake, app.state.inbox = lake, inbox
    app.state.readers = readers = Readers(settings, lake)
    app.state.runner = runner = Runner(lake.store)
    app.include_router(health.router, prefix="/api")
    for routes in ROUTES:
        app.include_router(routes.router, prefix="/api", responses=_ERRORS)
    app.router.routes.append(graphql_route("/api"))
    handle_errors(app)
    if settings.metrics:
        app.state.figures = Figures(Pushed(counts, inbox, folding.tallies), Stored(lake, runner))
        app.include_router(prometheus.router, prefix="/api", responses=_ERRORS)
    app.observe(app.state.figures.note if settings.metrics else None)
    app.state.requests = requests = protect(app, settings, lake, inbox)
    webhook = webhooks.GitHubWebhook(settings, lake, inbox, counts)
    app.shortcuts = {f"/api{webhooks.PATH}": webhook}
    app.router.routes.append(Route(f"/api{webhooks.PATH}", webhook, methods=["POST"]))
    describe_routes(app)
    return app


def create() -> FastAPI:
    """The application by the environment's settings; with settings of no use the process says so and ends."""
    set_up_logs("api")
    try:
        return create_app(load_settings())
    except FettleError as error:
        complain(error)
        sys.exit(UNUSABLE)
