"""The UI's ASGI app: `python -m uvicorn frontend.server:app`, from any working directory."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from frontend.security import SecurityHeaders, allow_hosts, own_hosts
from frontend.sign_in.opened import desk
from shared.errors import FettleError
from shared.garbage import spare_the_lasting
from shared.observing.logs import set_up_logs
from shared.observing.requests import Observed
from shared.settings import load_settings, split_list

if TYPE_CHECKING:
    from frontend.sign_in.desk import Desk

log = logging.getLogger("fettle.ui")

WARM_EVERY_S = 60.0
SWEEP_EVERY_S = 900.0

WARM_PAUSE_S = 1.0
"""Between two ranges, so that visitors who come meanwhile are not kept waiting by those who may come."""


def tell_script_error(error: Exception) -> bool:
    """Logs an unexpected error of a page and shows one sentence in place of a traceback."""
    log.error("A page failed", exc_info=error)
    st.error("This page could not be drawn. The server's log says why.", icon=":material/error:")
    return True


@asynccontextmanager
async def _warm(_app: st.App) -> AsyncIterator[None]:
    """Keeps the answers to the usual questions at hand, so that a visitor need not wait, and the sessions in order."""
    tasks = [asyncio.create_task(_keep_warm(_warm_ranges()))]
    if _DESK:
        tasks.append(asyncio.create_task(_sweep(_DESK)))
    yield
    for task in tasks:
        task.cancel()
    await asyncio.to_thread(_end_collections)
    if _DESK:
        await asyncio.to_thread(_DESK.close)


async def _sweep(desk: "Desk") -> None:
    """Removes sessions that have ended by themselves, now and then."""
    while True:
        await asyncio.sleep(SWEEP_EVERY_S)
        try:
            await asyncio.to_thread(desk.sessions.sweep)
        except FettleError as error:
            log.warning("%s", error)


def _warm_ranges() -> list[str]:
    try:
        return split_list(load_settings().warm_ranges)
    except FettleError as error:  # each page says it too
        log.warning("%s", error)
        return []


async def _keep_warm(ranges: list[str]) -> None:
    spared = False
    while True:
        for range_ in ranges:
            await asyncio.to_thread(_warm_up, range_)
            await asyncio.sleep(WARM_PAUSE_S)
        if not spared:
            spare_the_lasting()
            spared = True
        await asyncio.sleep(WARM_EVERY_S)


def _warm_up(range_: str) -> None:
    from frontend.warm_up import warm_up

    try:
        warm_up(range_)
    except FettleError as error:
        log.warning("%s", error)


def _end_collections() -> None:
    from frontend.collecting import end_collections

    end_collections()


def _opened() -> "Desk | None":
    """What signs people in; without it, or with settings of no use, each page asks again and lets nobody in."""
    try:
        return desk()
    except FettleError as error:  # each page says it too
        log.warning("%s", error)
        return None


def _guards(opened: "Desk | None") -> tuple[list[Mount], list[Middleware]]:
    """The routes of signing in, and what lets nobody past them; none where nobody signs in."""
    if opened is None:
        return [], []
    from frontend.sign_in.gate import Gate  # only now: what asks providers takes a second to import
    from frontend.sign_in.routes import sign_in_routes

    return sign_in_routes(opened), [Middleware(Gate, desk=opened)]


set_up_logs("ui")
_DESK = _opened()
_ROUTES, _GATE = _guards(_DESK)

app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=_warm,
    routes=_ROUTES,
    middleware=[Middleware(Observed, quiet=("/_stcore/health",)), Middleware(SecurityHeaders), *_GATE],
    on_script_error=tell_script_error,
)

try:  # after the app, by which Streamlit finds its settings: whoever asks for one before has it read none
    allow_hosts(own_hosts(load_settings()))
except FettleError as error:
    log.warning("%s", error)
