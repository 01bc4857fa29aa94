"""Prometheus: the figures of this process, where FETTLE_METRICS is set."""

import asyncio
from typing import cast

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from backend.api.asking import Viewer, who_sees_all
from backend.api.figures import Figures

router = APIRouter(tags=["health"])


@router.get(
    "/prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=[Depends(who_sees_all)],
)
async def prometheus(_who: Viewer, request: Request) -> Response:
    """Figures of this process and of the store, in Prometheus' format; those of the store are up to 30 s old."""
    figures = cast("Figures", request.app.state.figures)
    return Response(await asyncio.to_thread(generate_latest, figures.registry), media_type=CONTENT_TYPE_LATEST)
