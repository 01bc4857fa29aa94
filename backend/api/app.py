"""The API's application: `create_app(settings)` wires it, `create` is what a server process calls."""

import sys

from fastapi import FastAPI

from backend.api.routes import health
from backend.terminal import UNUSABLE, complain
from shared.country_file import country_finder
from shared.errors import FettleError
from shared.lake.opening import open_lake
from shared.settings import Settings, load_settings


def create_app(settings: Settings) -> FastAPI:
    """The application over the lake that the settings name. Raises SettingsError or StoreError."""
    app = FastAPI(
        title="Fettle",
        summary="What is unhealthy in many repositories, and how fast it gets put right.",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.lake = open_lake(settings)
    app.state.country_finder = country_finder(settings)
    app.include_router(health.router, prefix="/api")
    return app


def create() -> FastAPI:
    """The application by the environment's settings; with settings of no use the process says so and ends."""
    try:
        return create_app(load_settings())
    except FettleError as error:
        complain(error)
        sys.exit(UNUSABLE)
