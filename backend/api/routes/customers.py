"""Customers: who they are, how they are, what they do; and recording what they do."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
from fastapi import APIRouter, Depends, Path, Request, status
from pydantic import BaseModel

from backend.api.asking import AskedScope, Asks, Pushes, Viewer, needs, who_sees_all
from backend.api.errors import ApiError, Problem
from backend.api.paging import AskedPage, Paged, page_of
from backend.api.pushing import checked, keep, objects_of
from backend.api.reading import Reader, answer
from shared.access.audit import note
from shared.access.roles import Caller
from shared.activity import add_customers, customer_row, event_row, known_customers
from shared.datasets import ACTIVITY_EVENTS, CUSTOMERS
from shared.datasets.activity_events import EVENT_TYPES
from shared.lake.reading import Tables
from shared.metrics import METRICS
from shared.scope import Scope

router = APIRouter(tags=["customers"], dependencies=[Depends(who_sees_all)])

Operator = needs("operator")
CustomerId = Annotated[str, Path(max_length=200)]

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "customer_id": "acme",
                    "event_type": "ticket",
                    "created_at": "2026-11-20T09:30:00Z",
                    "status": "open",
                },
            },
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
        },
    }
}
_CUSTOMER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"customer_id": "acme", "name": "Acme", "segment": "enterprise", "owner": "Kim"},
            },
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
        },
    }
}


class Kept(BaseModel):
    """What was sent is durable, and is seen within seconds. ids: in the order in which it was sent."""

    accepted: int
    ids: list[str]


@router.get("/customers")
async def customers(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    sort_by: Literal["name", "health_score"] = "name",
    order: Literal["asc", "desc"] = "asc",
) -> Paged:
    """Customers with their health score, its tier and their latest events. Those without a score come last."""
    policy = reader.policy()

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = METRICS["customer_health"].compute(given, asked, None, policy)
        column = rows.score if sort_by == "health_score" else rows.name.lower()
        key = column.desc(nulls_first=False) if order == "desc" else column.asc(nulls_first=False)
        return rows.order_by(key, rows.customer_id)

    question = ("customers", sort_by, order, policy.model_dump_json())
    return await reader.read(lambda tables: page_of(tables, question, listed, scope, page))


@router.post("/customers", status_code=status.HTTP_201_CREATED, openapi_extra=_CUSTOMER_BODY)
async def add(who: Operator, request: Request, reader: Asks, inbox: Pushes) -> Kept:  # type: ignore[valid-type]
    """Adds one or several customers; one of an id that is known is replaced."""
    caller: Caller = who
    now = reader.clock()
    objects, _ = await objects_of(request)
    rows = checked(objects, customer_row, now)
    await reader.do(lambda: add_customers(reader.lake, rows, "api"))
    reader.changed()
    ids = [str(row["customer_id"]) for row in rows]
    await note(inbox, caller, "customers.add", ids[0], now, n=len(ids))
    return Kept(accepted=len(ids), ids=ids)


@router.get("/customers/{customer_id}")
async def customer(_who: Viewer, customer_id: CustomerId, scope: AskedScope, reader: Asks) -> dict[str, Any]:
    """One customer with the score and the latest events."""
    return await _one(reader, customer_id, scope)


class CustomerHealth(BaseModel):
    """The score of a customer with its signals, and how it was on past days."""

    customer: dict[str, Any]
    signals: list[dict[str, Any]]
    history: list[dict[str, Any]]


@router.get("/customers/{customer_id}/health")
async def customer_health(_who: Viewer, customer_id: CustomerId, scope: AskedScope, reader: Asks) -> CustomerHealth:
    """The health score of one customer: each signal with the points that it loses, and the history."""
    found, policy = await _one(reader, customer_id, scope), reader.policy()

    def parts(tables: Tables) -> CustomerHealth:
        signals = answer(tables, "customer_signals", scope, None, policy).to_pylist()
        past = tables["health_history"]
        past = past.filter(past.subject == ibis.literal(f"customer:{customer_id}")).order_by("day")
        return CustomerHealth(
            customer=found,
            signals=[one for one in signals if one["customer_id"] == customer_id],
            history=scope.within(past, "day").to_pyarrow().to_pylist()
            if "timestamp" in str(past.day.type())
            else past.to_pyarrow().to_pylist(),
        )

    return await reader.read(parts)


@router.get("/customers/{customer_id}/events")
async def events(
    _who: Viewer,
    customer_id: CustomerId,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    type: Literal[EVENT_TYPES] | None = None,  # type: ignore[valid-type]  # noqa: A002
) -> Paged:
    """What a customer did in the range, the newest first."""
    await _one(reader, customer_id, scope)

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(given["activity_events"], "at")
        rows = rows.filter(rows.customer_id == ibis.literal(customer_id))
        rows = rows.filter(rows.type == type) if type else rows
        return rows.order_by(ibis.desc(rows["at"]), rows.event_id)

    question = ("events", customer_id, type)
    return await reader.read(lambda tables: page_of(tables, question, listed, scope, page))


@router.post("/customers/{customer_id}/events", status_code=status.HTTP_201_CREATED, openapi_extra=_BODY)
async def record(
    who: Operator,  # type: ignore[valid-type]
    customer_id: CustomerId,
    request: Request,
    reader: Asks,
    inbox: Pushes,
) -> Kept:
    """Records what a customer did, as JSON or as a form."""
    objects, _ = await objects_of(request)
    return await _record(who, objects, reader, inbox, customer_id=customer_id)


@router.post("/events", status_code=status.HTTP_201_CREATED, openapi_extra=_BODY)
async def record_batch(who: Operator, request: Request, reader: Asks, inbox: Pushes) -> Kept:  # type: ignore[valid-type]
    """Records what customers did, one event or up to 1,000 as a list; all of them or, if one is wrong, none."""
    objects, _ = await objects_of(request)
    return await _record(who, objects, reader, inbox)


async def _record(caller: Caller, objects: list[Any], reader: Reader, inbox: Pushes, **given: object) -> Kept:
    now = reader.clock()
    rows = checked(objects, event_row, now, **given)
    known = await reader.do(lambda: known_customers(reader.lake))
    unknown = [(place, row["customer_id"]) for place, row in enumerate(rows) if row["customer_id"] not in known]
    if unknown:
        problems = [
            Problem(
                field="customer_id",
                message=f"customer_id is of no customer that is known ({name[:60]!r}); add the customer first.",
                place=place if len(rows) > 1 else None,
            )
            for place, name in unknown[:100]
        ]
        raise ApiError(404, problems[0].message, "customer_id", problems)
    named = [{**row, "event_id": row["event_id"] or str(uuid.uuid4())} for row in rows]
    await keep(inbox, ACTIVITY_EVENTS.name, named, now)
    await note(inbox, caller, "events.record", str(named[0]["customer_id"]), now, n=len(named))
    return Kept(accepted=len(named), ids=[str(row["event_id"]) for row in named])


async def _one(reader: Reader, customer_id: str, scope: Scope) -> dict[str, Any]:
    policy = reader.policy()

    def found(tables: Tables) -> dict[str, Any] | None:
        known = tables[CUSTOMERS.name]
        if not known.filter(known.customer_id == ibis.literal(customer_id)).limit(1).to_pyarrow().num_rows:
            return None
        rows: list[dict[str, Any]] = answer(tables, "customer_health", scope, None, policy).to_pylist()
        return next((row for row in rows if row["customer_id"] == customer_id), {"customer_id": customer_id})

    row = await reader.read(found)
    if row is None:
        raise refused_customer(customer_id)
    return row


def refused_customer(customer_id: str) -> ApiError:
    """404 that names the customer."""
    return ApiError(404, f"There is no customer {customer_id[:80]!r}; GET /api/customers lists them.", "customer_id")
