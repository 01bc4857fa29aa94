"""The API's application: `create_app(settings)` wires it, `create` is what a server process calls."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route

from backend.api.openapi import describe_routes
from backend.api.routes import health, webhooks
from backend.ingest.counts import DeliveryCounts
from backend.ingest.folding import Folding
from backend.terminal import UNUSABLE, complain
from shared.errors import FettleError
from shared.lake.opening import open_inbox, open_lake
from shared.settings import Settings, load_settings


def create_app(settings: Settings) -> FastAPI:
    """The application over the lake that the settings name. Raises SettingsError or StoreError.

    While it runs it folds the inbox in the background; when it ends, what was taken is durable.
    """
    lake, inbox, counts = open_lake(settings), open_inbox(settings), DeliveryCounts()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        folding = Folding(settings, lake, counts)
        inbox.start()
        folding.start()
        yield
        await asyncio.to_thread(inbox.close)
        await asyncio.to_thread(folding.stop)

    app = FastAPI(
        title="Fettle",
        summary="What is unhealthy in many repositories, and how fast it gets put right.",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.lake, app.state.inbox = lake, inbox
    app.include_router(health.router, prefix="/api")
    webhook = webhooks.GitHubWebhook(settings, lake, inbox, counts)
    # First of all routes, and a plain one: it is asked a thousand times as often as the others.
    app.router.routes.insert(0, Route(f"/api{webhooks.PATH}", webhook.answer, methods=["POST"]))
    describe_routes(app)
    return app


def create() -> FastAPI:
    """The application by the environment's settings; with settings of no use the process says so and ends."""
    try:
        return create_app(load_settings())
    except FettleError as error:
        complain(error)
        sys.exit(UNUSABLE)
