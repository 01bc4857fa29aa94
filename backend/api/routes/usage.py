"""Usage: what services tell of their requests, ratings and threats, and the dashboard made of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
from fastapi import APIRouter, Depends, Query, Request, status
from pydantic import BaseModel, Field

from backend.api.asking import AskedScope, Asks, Pushes, Viewer, needs, who_sees_all
from backend.api.errors import ApiError
from backend.api.paging import AskedPage, Paged, page_of
from backend.api.pushing import checked, keep, objects_of
from backend.api.routes.customers import Kept
from shared.access.audit import note
from shared.access.roles import Caller
from shared.datasets import FEEDBACK, REQUESTS, THREATS
from shared.lake.inbox import Inbox
from shared.scope import Scope, parse_time
from shared.usage.dashboard import RANGES, dashboard
from shared.usage.resolving import resolve_threats
from shared.usage.told import feedback_row, request_row, threat_row

router = APIRouter(tags=["usage"], dependencies=[Depends(who_sees_all)])

Operator = needs("operator")

MOST_RESOLVED = 10_000


def _example(**fields: object) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": fields}}
    return {"requestBody": {"required": True, "content": content}}


@router.get("/dashboard/")
@router.get("/dashboard", include_in_schema=False)
async def usage_dashboard(
    _who: Viewer,
    reader: Asks,
    range: Annotated[str, Query(description=f"{', '.join(RANGES)} or custom", max_length=20)] = "24h",  # noqa: A002
    start: Annotated[str | None, Query(max_length=40)] = None,
    end: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Requests, errors, models, cost, countries, latency, users, ratings and threats of a range."""
    if range not in (*RANGES, "custom"):
        raise ApiError(422, f"range is {range!r}; use one of {', '.join((*RANGES, 'custom'))}.", "range")
    since = parse_time(start, "start") if start else None
    until = parse_time(end, "end") if end else None
    policy = reader.policy()
    return await reader.do(partial(dashboard, reader.lake, range, since, until, policy=policy))


@router.get("/requests")
async def requests(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks) -> Paged:
    """The request log in the range, the newest first."""
    return await reader.read(lambda tables: page_of(tables, ("requests",), partial(_newest, "requests"), scope, page))


@router.post(
    "/requests",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_example(
        request_id="r-1", at="2026-11-20T09:30:00Z", endpoint="/v1/chat", status=200, latency_ms=812.5,
        model="claude-sonnet", prompt_tokens=1200, completion_tokens=300, service="assistant",
    ),
)  # fmt: skip
async def log_requests(who: Operator, request: Request, reader: Asks, inbox: Pushes) -> Kept:  # type: ignore[valid-type]
    """Takes the request log of a service, one or up to 1,000 requests; the same request_id again replaces it."""
    caller: Caller = who
    return await _keep(caller, request, reader.clock(), inbox, REQUESTS.name, request_row, "request_id")


@router.post(
    "/feedback",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_example(request_id="r-1", user="kim", at="2026-11-20T09:31:00Z", rating=5, comment="Just right."),
)
async def give_feedback(who: Operator, request: Request, reader: Asks, inbox: Pushes) -> Kept:  # type: ignore[valid-type]
    """Takes ratings of answers, 1 to 5 stars; one of a user on a request replaces the former."""
    caller: Caller = who
    return await _keep(caller, request, reader.clock(), inbox, FEEDBACK.name, feedback_row, "request_id")


@router.get("/threats")
async def threats(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    resolved: bool | None = None,
    severity_of: Annotated[Literal["low", "medium", "high", "critical"] | None, Query(alias="level")] = None,
) -> Paged:
    """Threats in the range, the newest first."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(given["threats"], "at")
        rows = rows.filter(rows.resolved.fill_null(False) == resolved) if resolved is not None else rows
        rows = rows.filter(rows.severity == severity_of) if severity_of else rows
        return rows.order_by(ibis.desc(rows["at"]), rows.threat_id)

    question = ("threats", resolved, severity_of)
    return await reader.read(lambda tables: page_of(tables, question, listed, scope, page))


@router.post(
    "/threats",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_example(
        at="2026-11-20T09:30:00Z", type="prompt_injection", severity="high", request_id="r-1", description="…"
    ),
)
async def report_threats(who: Operator, request: Request, reader: Asks, inbox: Pushes) -> Kept:  # type: ignore[valid-type]
    """Takes threats that a service has seen."""
    caller: Caller = who
    return await _keep(caller, request, reader.clock(), inbox, THREATS.name, threat_row, "threat_id")


class ToResolve(BaseModel):
    """Threats that somebody has seen to."""

    threat_ids: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=MOST_RESOLVED)


class Resolved(BaseModel):
    """resolved: how many were not resolved before."""

    resolved: int


@router.post("/threats/resolve")
async def resolve(who: Operator, told: ToResolve, reader: Asks, inbox: Pushes) -> Resolved:  # type: ignore[valid-type]
    """Marks threats as resolved, many at a time; those resolved before stay as they were."""
    caller: Caller = who
    changes = await reader.do(lambda: resolve_threats(reader.lake, told.threat_ids, caller.name))
    reader.changed()
    await note(inbox, caller, "threats.resolve", told.threat_ids[0], reader.clock(), n=changes.written)
    return Resolved(resolved=changes.written)


def _newest(dataset: str, given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
    rows = asked.within(given[dataset], "at")
    return rows.order_by(ibis.desc(rows["at"]), rows.request_id)


async def _keep(
    caller: Caller,
    request: Request,
    now: datetime,
    inbox: Inbox,
    dataset: str,
    check: Callable[[Mapping[str, Any], datetime], dict[str, Any]],
    key: str,
) -> Kept:
    objects, _ = await objects_of(request)
    rows = checked(objects, check, now)
    await keep(inbox, dataset, rows, now)
    await note(inbox, caller, f"{dataset}.add", str(rows[0][key]), now, n=len(rows))
    return Kept(accepted=len(rows), ids=[str(row[key]) for row in rows])
