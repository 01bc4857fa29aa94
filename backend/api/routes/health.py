"""Liveness and readiness."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel

from shared.datasets import COLLECTIONS
from shared.lake.cache import cache_errors
from shared.lake.store import StoreError
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.scope import Scope

router = APIRouter(tags=["health"])

STORE_TIMEOUT_S = 4.0
"""A store that takes longer to list its blobs is not one to send traffic to."""


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether the store answers, and how fresh its data is; `reason` is null unless `status` is unavailable."""

    status: Literal["ready", "unavailable"]
    store: str
    reason: str | None = None
    last_collected_at: datetime | None = None


def lake_of(request: Request) -> Lake:
    """The lake that the application was made with."""
    lake: Lake = request.app.state.lake
    return lake


@router.get("/health")
async def health() -> Health:
    """Says that the process is alive; looks at nothing else, so that an outage of the store restarts nobody."""
    return Health()


@router.get("/ready", responses={503: {"model": Readiness}})
async def ready(lake: Annotated[Lake, Depends(lake_of)], response: Response) -> Readiness:
    """Says whether the store can be read, and when something was last collected well."""
    response.headers["Cache-Control"] = "no-store"
    try:
        last = await asyncio.wait_for(asyncio.to_thread(last_collected_at, lake), STORE_TIMEOUT_S)
    except StoreError as error:
        reason = str(error)
    except TimeoutError:
        reason = f"{lake.store.url} did not answer within {STORE_TIMEOUT_S:.0f} s."
    else:
        return Readiness(status="ready", store=lake.store.url, last_collected_at=last)
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Readiness(status="unavailable", store=lake.store.url, reason=reason)


@router.get("/dashboard/health/")
@router.get("/dashboard/health", include_in_schema=False)
async def dashboard_health() -> dict[str, str]:
    """Says that the process is alive, for those who knew it by this address."""
    return {"status": "ok"}


def last_collected_at(lake: Lake) -> datetime | None:
    """When something was last collected well. Raises StoreError."""
    tables = lake.tables("real", only=[COLLECTIONS])
    with cache_errors(lake.cache):
        rows = metric("coverage").compute(tables, Scope(until=lake.clock())).to_pyarrow()
    times = [time for time in rows["last_good_at"].to_pylist() if time]
    return max(times, default=None)
